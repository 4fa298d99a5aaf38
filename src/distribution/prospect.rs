//! Predicts whether a change to a distribution's settings would break viewers that work today.

use crate::origin::{DomainName, Origin, ReferenceId, Target, Usage};

use super::{Derivation, DerivedOrigin, HostForwarding, Route};

/// The result of CloudFront's connections to an origin with one server name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Answers,
    /// Fails at some addresses.
    FailsPartly,
    Fails,
    /// The name was not probed, or its verdict is undecided.
    Unknown,
}

/// The results for every name that CloudFront may send to an origin.
#[derive(Clone, Debug)]
pub struct Standings {
    /// Without Host forwarding.
    pub unforwarded: Standing,
    /// With Host forwarding, for each of [`DerivedOrigin::hosts`].
    pub forwarded: Vec<Standing>,
    /// With Host forwarding, if only the viewer host counted as a name in the certificate.
    pub forwarded_alone: Vec<Standing>,
}

/// The predicted effect of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prospect {
    /// It would break viewers that work today, or repair nothing.
    Bad,
    /// It affects only viewers that fail today, and needs a name that was not probed.
    Unproven,
    /// Every name that it needs was probed and answers.
    Good,
}

/// The predicted effect of each possible change.
#[derive(Clone, Copy, Debug)]
pub struct Prospects {
    /// Forwarding Host in every behavior that leads to the origin.
    pub forwarding: Prospect,
    /// Forwarding Host in none of them.
    pub not_forwarding: Prospect,
    /// Changing the origin domain to a name in the certificate.
    pub renaming: Prospect,
}

impl DerivedOrigin {
    /// Returns the origin with a target for every name: the origin domain, then each host, then
    /// each host as the only name accepted in the certificate.
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
    /// Returns the standings from the results for each target of
    /// [`DerivedOrigin::under_every_name`].
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
    /// Predicts the effect of changes to an origin's settings. `standings` returns the results of
    /// an origin of the distribution with every name.
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

/// A change to the forwarding of the Host header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Forward,
    DoNotForward,
}

/// Evaluates a change for every origin on the changed routes. A route can lead to two origins.
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
        // Without a viewer host, the affected viewers are unknown.
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

/// Evaluates a new origin domain. It was not probed, so the result is at best unproven.
fn renaming(
    derivation: &Derivation,
    derived: &DerivedOrigin,
    forwarded: &[&Route],
    standings: &dyn Fn(&DerivedOrigin) -> Standings,
) -> Prospect {
    let id = &derived.origin.key.id;
    // The origins of several tenants share the same settings.
    if derivation.origins.iter().filter(|other| other.origin.key.id == *id).count() > 1 {
        return Prospect::Bad;
    }
    let standings = standings(derived);
    let mut prospect = weigh(standings.unforwarded, Standing::Unknown);
    // With Host forwarding, the certificate may contain only the old domain.
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

/// Tenants can have thousands of origins with one ID, and a change affects all of them.
const MOST_ORIGINS: usize = 64;
