//! Whether a change of a distribution's settings would make viewers fail who are served today.

use crate::origin::DomainName;
use crate::origin::Origin;
use crate::origin::ReferenceId;
use crate::origin::Target;
use crate::origin::Usage;

use super::Derivation;
use super::DerivedOrigin;
use super::HostForwarding;
use super::Route;

/// What becomes of CloudFront's connections to an origin under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Answers,
    /// At some of its addresses.
    FailsPartly,
    Fails,
    /// The name was not probed, or its verdict is open.
    Unknown,
}

/// What is known of an origin under every name that CloudFront may send to it.
#[derive(Clone, Debug)]
pub struct Standings {
    /// Where Host is not forwarded.
    pub unforwarded: Standing,
    /// For each of [`DerivedOrigin::hosts`], where Host is forwarded.
    pub forwarded: Vec<Standing>,
    /// The same, if the certificate had to carry the viewers' name itself.
    pub forwarded_alone: Vec<Standing>,
}

/// The outcome of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prospect {
    /// It would make a viewer fail who is served today, or repair nothing.
    Bad,
    /// It concerns only viewers who fail today, and needs a name that was not probed.
    Unproven,
    /// Every name that it needs was probed and answers.
    Good,
}

/// The outcome of each advised change.
#[derive(Clone, Copy, Debug)]
pub struct Prospects {
    /// To forward Host in every behavior that leads to the origin.
    pub forwarding: Prospect,
    /// To forward it in none.
    pub not_forwarding: Prospect,
    /// To give the origin another domain, which the certificate carries.
    pub renaming: Prospect,
}

impl DerivedOrigin {
    /// Returns the origin as it would be if CloudFront sent every name to it: the origin domain,
    /// then each of the hosts, then each of them with a certificate that has to carry it.
    pub fn under_every_name(&self) -> Origin {
        let domain = self.origin.domain();
        let name = |host: &DomainName| vec![ReferenceId::Name(host.clone())];
        let hosts = || self.hosts.iter().map(|host| &host.name);
        let mut origin = Origin::clone(&self.origin);
        origin.targets = std::iter::once(Target::unforwarded(domain))
            .chain(hosts().map(|host| Target::forwarded(host, domain)))
            .chain(hosts().map(|host| Target::new(host.clone(), name(host))))
            .collect();
        origin
    }
}

impl Standings {
    /// Takes what became of each target of [`DerivedOrigin::under_every_name`].
    pub fn new(derived: &DerivedOrigin, of_targets: &[Standing]) -> Self {
        let of = |position: usize| of_targets.get(position).copied().unwrap_or(Standing::Unknown);
        let hosts = derived.hosts.len();
        Self {
            unforwarded: of(0),
            forwarded: (0..hosts).map(|host| of(1 + host)).collect(),
            forwarded_alone: (0..hosts).map(|host| of(1 + hosts + host)).collect(),
        }
    }

    fn sent(&self, route: &Route, host: usize) -> Standing {
        let forwarded = self.forwarded.get(host).copied().unwrap_or(Standing::Unknown);
        match route.host {
            HostForwarding::Forwarded => forwarded,
            HostForwarding::NotForwarded => self.unforwarded,
            HostForwarding::Unknown { .. } if forwarded == self.unforwarded => forwarded,
            HostForwarding::Unknown { .. } => Standing::Unknown,
        }
    }
}

impl Prospects {
    /// Returns what would come of the changes to an origin's settings; `standings` judges each
    /// origin of the distribution under other names.
    pub fn of(
        derivation: &Derivation,
        derived: &DerivedOrigin,
        standings: &dyn Fn(&DerivedOrigin) -> Standings,
    ) -> Self {
        let id = &*derived.origin.key.id;
        let unforwarded: Vec<&Route> =
            derivation.routes_to(id).filter(|r| r.host != HostForwarding::Forwarded).collect();
        let forwarded: Vec<&Route> =
            derivation.routes_to(id).filter(|r| r.host != HostForwarding::NotForwarded).collect();
        Self {
            forwarding: change(derivation, &unforwarded, &Change::Forward, standings),
            not_forwarding: change(derivation, &forwarded, &Change::DoNotForward, standings),
            renaming: renaming(derivation, derived, &forwarded, standings),
        }
    }
}

/// The treatment of the Host header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Forward,
    DoNotForward,
}

/// Judges every origin on the routes that change: a route may lead to two.
fn change(
    derivation: &Derivation,
    routes: &[&Route],
    change: &Change,
    standings: &dyn Fn(&DerivedOrigin) -> Standings,
) -> Prospect {
    let mut prospect = Prospect::Good;
    let mut judged = 0;
    for derived in &derivation.origins {
        let id = &*derived.origin.key.id;
        let leading: Vec<&Route> = routes
            .iter()
            .copied()
            .filter(|route| route.origins().any(|origin| origin == id))
            .collect();
        if leading.is_empty() {
            continue;
        }
        judged += 1;
        let used = derived.hosts.iter().enumerate();
        let used = used.filter(|(_, host)| host.usage != Usage::OwnDomain).map(|(at, _)| at);
        let used: Vec<usize> = used.collect();
        // Without a viewer's name the affected viewers are not known.
        if used.is_empty() || judged > MOST_ORIGINS {
            return Prospect::Bad;
        }
        let standings = standings(derived);
        for host in used {
            let after = match change {
                Change::Forward => standings.forwarded.get(host).copied(),
                Change::DoNotForward => Some(standings.unforwarded),
            };
            let after = after.unwrap_or(Standing::Unknown);
            for route in &leading {
                prospect = prospect.min(weigh(standings.sent(route, host), after));
            }
        }
    }
    if judged == 0 { Prospect::Bad } else { prospect }
}

/// The new domain was not probed, so at best it is not proven.
fn renaming(
    derivation: &Derivation,
    derived: &DerivedOrigin,
    forwarded: &[&Route],
    standings: &dyn Fn(&DerivedOrigin) -> Standings,
) -> Prospect {
    let id = &derived.origin.key.id;
    // The settings of tenants' origins are one.
    if derivation.origins.iter().filter(|other| other.origin.key.id == *id).count() > 1 {
        return Prospect::Bad;
    }
    let standings = standings(derived);
    let mut prospect = weigh(standings.unforwarded, Standing::Unknown);
    // Where Host is forwarded the certificate may carry the old domain only.
    if !forwarded.is_empty() {
        for (before, after) in standings.forwarded.iter().zip(&standings.forwarded_alone) {
            let is_kept = *before == *after || *before == Standing::Fails;
            prospect = prospect.min(if is_kept { Prospect::Unproven } else { Prospect::Bad });
        }
    }
    prospect
}

fn weigh(before: Standing, after: Standing) -> Prospect {
    match (before, after) {
        (_, Standing::Answers) => Prospect::Good,
        (Standing::Fails, Standing::Unknown) => Prospect::Unproven,
        _ => Prospect::Bad,
    }
}

/// Tenants may have thousands of origins of one id, and a change concerns them all.
const MOST_ORIGINS: usize = 64;
