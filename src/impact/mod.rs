//! From origins' verdicts to what viewers of each path pattern get.

mod audience;
mod failover;
mod leg;
mod words;

use std::collections::HashMap;

use crate::distribution::Derivation;
use crate::distribution::DomainName;
use crate::distribution::OriginKey;
use crate::distribution::ProtocolPolicy;
use crate::distribution::Route;
use crate::distribution::Usage;
use crate::distribution::ViewerHost;
use crate::distribution::ViewerProtocolPolicy;
use crate::verdict::Verdict;

pub use audience::Audience;
pub use audience::BehaviorOutlook;
pub use audience::bearing;
pub use failover::Coverage;
use failover::coverage;
use leg::Leg;
use leg::Places;
pub use words::sentences;

pub use crate::distribution::Fault;
pub use crate::distribution::Port;

/// What becomes of the requests to one path pattern by one protocol, for those hosts that have it
/// in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Impact {
    pub path_pattern: Box<str>,
    pub viewer_protocol: ViewerProtocol,
    /// Under which names these viewers come; empty where none is known.
    pub hosts: Vec<DomainName>,
    pub outlook: Outlook,
    /// What viewers get, if it fails, or would get if it is at risk.
    pub status: Option<u16>,
    /// What requests get for which there is no failover, where that hides the failure of others
    /// (`POST`, for one).
    pub other_methods_status: Option<u16>,
    /// Why nobody can tell; `None` unless it is undecided.
    pub doubt: Option<ImpactDoubt>,
    /// Whether CloudFront turns to the other origin for this failure; `None` where there is no
    /// failure or no other origin.
    pub failover: Option<Coverage>,
    /// The origin that is tried first; its id, where it could not be derived.
    pub primary: Place,
    pub secondary: Option<Place>,
    /// Whether an edge function may choose another origin.
    pub is_dynamic: bool,
}

impl Impact {
    /// Returns what an origin is to these requests; `None` where they do not reach it.
    pub fn role_of(&self, key: &OriginKey) -> Option<Role> {
        if self.primary.key.as_ref() == Some(key) {
            return Some(Role::Primary);
        }
        let secondary = self.secondary.as_ref().and_then(|secondary| secondary.key.as_ref());
        (secondary == Some(key)).then_some(Role::Secondary)
    }
}

/// An origin on the way of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Its id in the distribution.
    pub id: Box<str>,
    /// `None` where it could not be derived.
    pub key: Option<OriginKey>,
}

/// What an origin is to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Primary,
    Secondary,
}

impl Role {
    /// Returns the name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }
}

/// How viewers come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ViewerProtocol {
    Http,
    Https,
}

impl ViewerProtocol {
    /// Returns the name used in JSON and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// What viewers are to expect, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outlook {
    /// No TLS connection that can be judged stands between them and the origin.
    NotApplicable,
    Answers,
    /// They are served, but the origin that is to stand in for the other fails.
    AtRisk,
    /// They are served by the origin that stands in for the other, which fails.
    Degraded,
    Undecided,
    Fails,
}

impl Outlook {
    /// Returns the name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Answers => "answers",
            Self::AtRisk => "at-risk",
            Self::Degraded => "degraded",
            Self::Undecided => "undecided",
            Self::Fails => "fails",
        }
    }
}

/// Why nobody can tell what viewers get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImpactDoubt {
    /// The origin itself is undecided.
    Primary,
    /// The origin could not be derived from the distribution.
    NotDerived,
    /// No document says whether CloudFront turns to the other origin for a failure of this kind
    /// with these statuses.
    FailoverUndocumented,
    /// The origin that stands in is undecided itself.
    Secondary,
}

/// Returns what viewers of each behavior get, in the order of precedence; `verdict_of` knows the
/// latest verdict of each origin.
pub fn impacts<'a>(
    derivation: &'a Derivation,
    verdict_of: impl Fn(&OriginKey) -> Option<&'a Verdict>,
) -> Vec<Impact> {
    let places = Places::of(derivation, verdict_of);
    let used = derivation.hosts.iter().filter(|host| host.usage != Usage::OwnDomain);
    let hosts: Vec<&ViewerHost> = used.collect();
    let mut impacts = Vec::new();
    for route in &derivation.routes {
        for protocol in protocols(route) {
            of_route(route, *protocol, &hosts, &places, &mut impacts);
        }
    }
    impacts
}

/// Returns the protocols by which requests come as far as an origin: the others are redirected or
/// refused before.
fn protocols(route: &Route) -> &'static [ViewerProtocol] {
    match route.viewer_protocol_policy {
        ViewerProtocolPolicy::AllowAll => &[ViewerProtocol::Https, ViewerProtocol::Http],
        ViewerProtocolPolicy::HttpsOnly | ViewerProtocolPolicy::RedirectToHttps => {
            &[ViewerProtocol::Https]
        }
    }
}

fn of_route(
    route: &Route,
    protocol: ViewerProtocol,
    hosts: &[&ViewerHost],
    places: &Places<'_>,
    impacts: &mut Vec<Impact>,
) {
    let mut positions: HashMap<Impact, usize> = HashMap::new();
    let somebody = [None];
    let named: Vec<Option<&ViewerHost>> = hosts.iter().map(|host| Some(*host)).collect();
    for host in if named.is_empty() { &somebody[..] } else { &named } {
        let impact = of_host(route, protocol, *host, places);
        let position = *positions.entry(impact.clone()).or_insert_with(|| {
            impacts.push(impact);
            impacts.len() - 1
        });
        if let (Some(impact), Some(host)) = (impacts.get_mut(position), host) {
            impact.hosts.push(host.name.clone());
        }
    }
}

/// Returns the impact on viewers of one host, of which the name is still to be added.
fn of_host(
    route: &Route,
    protocol: ViewerProtocol,
    host: Option<&ViewerHost>,
    places: &Places<'_>,
) -> Impact {
    let (primary, first) = places.reached(&route.primary, route, protocol, host);
    let second = route.failover.as_ref().map(|failover| {
        let (place, leg) = places.reached(&failover.secondary, route, protocol, host);
        (place, leg, failover.statuses.as_slice())
    });
    let mut impact = Impact {
        path_pattern: route.path_pattern.clone(),
        viewer_protocol: protocol,
        hosts: Vec::new(),
        outlook: Outlook::Answers,
        status: None,
        other_methods_status: None,
        doubt: None,
        failover: None,
        primary,
        secondary: second.as_ref().map(|(place, ..)| place.clone()),
        is_dynamic: route.is_dynamic,
    };
    let stand_in = second.as_ref().map(|(_, leg, statuses)| (leg, *statuses));
    impact.conclude(&first, stand_in, route);
    impact
}

impl Impact {
    fn conclude(&mut self, first: &Leg<'_>, second: Option<(&Leg<'_>, &[u16])>, route: &Route) {
        let failure = match first {
            Leg::NotDerived => return self.doubt(ImpactDoubt::NotDerived),
            Leg::Undecided => return self.doubt(ImpactDoubt::Primary),
            Leg::NotJudged | Leg::Answers => {
                self.outlook = match first {
                    Leg::NotJudged => Outlook::NotApplicable,
                    _ => Outlook::Answers,
                };
                if let Some((Leg::Fails(failure), _)) = second {
                    self.outlook = Outlook::AtRisk;
                    self.status = failure.status;
                }
                return;
            }
            Leg::Fails(failure) => failure,
        };
        self.outlook = Outlook::Fails;
        self.status = failure.status;
        let Some((second, statuses)) = second else { return };
        let coverage = coverage(failure, statuses);
        self.failover = Some(coverage);
        match (coverage, second) {
            (Coverage::None, _) => {}
            (Coverage::Full, Leg::Answers | Leg::NotJudged) => {
                self.outlook = Outlook::Degraded;
                self.other_methods_status = self.status.filter(|_| route.takes_other_methods);
                self.status = None;
            }
            // Whichever of the two is asked, it fails.
            (Coverage::Full, Leg::Fails(other)) => self.status = other.status,
            (Coverage::Undocumented, Leg::Fails(_)) => {}
            (Coverage::Full, Leg::Undecided) => self.doubt(ImpactDoubt::Secondary),
            (Coverage::Full, Leg::NotDerived) => self.doubt(ImpactDoubt::NotDerived),
            (Coverage::Undocumented, _) => self.doubt(ImpactDoubt::FailoverUndocumented),
        }
    }

    fn doubt(&mut self, doubt: ImpactDoubt) {
        self.outlook = Outlook::Undecided;
        self.status = None;
        self.doubt = Some(doubt);
    }
}
