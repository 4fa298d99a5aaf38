//! Derives the impact on viewers of each path pattern from the verdicts of origins.

mod audience;
mod leg;
mod words;

use std::collections::HashMap;

use crate::distribution::{Derivation, Route, ViewerHost, ViewerProtocolPolicy};
use crate::origin::{DomainName, OriginKey, ProtocolPolicy, Usage};
use crate::rules::ViewerError;
use crate::verdict::CompactVerdict;

pub use audience::{Audience, BehaviorOutlook, bearing};
use leg::{Leg, LegFailure, Places};
pub use words::sentences;

/// The impact on requests for one path pattern over one viewer protocol, for all hosts with the
/// same result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Impact {
    pub path_pattern: Box<str>,
    pub viewer_protocol: ViewerProtocol,
    /// The host names that these viewers use; empty if none is known.
    pub hosts: Vec<DomainName>,
    pub outlook: Outlook,
    /// The status that viewers get if it fails, or would get if it is at risk.
    pub status: Option<u16>,
    /// The status of requests without failover (for example `POST`) if failover hides the failure
    /// for other requests.
    pub other_methods_status: Option<u16>,
    /// Why it is undecided; `None` otherwise.
    pub doubt: Option<ImpactDoubt>,
    /// Whether CloudFront fails over to the secondary origin for this failure; `None` without a
    /// failure or a secondary origin.
    pub failover: Option<Coverage>,
    /// The origin that CloudFront tries first.
    pub primary: Place,
    pub secondary: Option<Place>,
    /// Whether an edge function may choose another origin.
    pub is_dynamic: bool,
}

impl Impact {
    /// Returns the role of an origin for these requests; `None` if they do not use it.
    pub fn role_of(&self, key: &OriginKey) -> Option<Role> {
        if self.primary.key.as_ref() == Some(key) {
            return Some(Role::Primary);
        }
        let secondary = self.secondary.as_ref().and_then(|secondary| secondary.key.as_ref());
        (secondary == Some(key)).then_some(Role::Secondary)
    }
}

/// An origin that a request uses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Its id in the distribution.
    pub id: Box<str>,
    /// `None` if it could not be derived.
    pub key: Option<OriginKey>,
}

/// The role of an origin for a request.
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

/// The protocol between viewers and CloudFront.
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

/// The expected result for viewers, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outlook {
    /// Requests use no TLS connection that can be judged.
    NotApplicable,
    Answers,
    /// Viewers are served, but the secondary origin fails.
    AtRisk,
    /// Viewers are served by the secondary origin, because the primary fails.
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

/// Why the outlook is undecided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImpactDoubt {
    /// The primary origin is undecided.
    Primary,
    /// An origin could not be derived from the distribution.
    NotDerived,
    /// AWS does not document whether CloudFront fails over for this kind of failure with these
    /// failover criteria.
    FailoverUndocumented,
    /// The primary origin fails, and the secondary is undecided.
    Secondary,
}

/// Whether CloudFront fails over to the secondary origin of a group for a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coverage {
    Full,
    /// AWS does not document it.
    Undocumented,
    None,
}

impl Coverage {
    /// Returns whether a group with these failover criteria covers an error.
    ///
    /// Guide, `high_availability_origin_failover`: CloudFront fails over when it fails to connect
    /// if 503 is among the criteria, and when the connection times out if 504 is. The guide does
    /// not mention a failed TLS handshake. Viewers get 502 for it, so failover is certain only with
    /// both 502 and 503. (Until 2023 the page had no such conditions.)
    pub fn of(error: ViewerError, statuses: &[u16]) -> Self {
        let has = |status: u16| statuses.contains(&status);
        match error {
            ViewerError::GatewayTimeout if has(504) => Self::Full,
            ViewerError::GatewayTimeout if has(503) => Self::Undocumented,
            ViewerError::GatewayTimeout => Self::None,
            ViewerError::ConnectionRefused if has(503) => Self::Full,
            ViewerError::BadGateway if has(503) && has(502) => Self::Full,
            _ if has(502) || has(503) => Self::Undocumented,
            _ => Self::None,
        }
    }
}

/// Returns the impact on the viewers of each behavior, in the order of precedence. `verdict_of`
/// returns the latest verdict of an origin.
pub fn impacts<'a>(
    derivation: &'a Derivation,
    verdict_of: impl Fn(&OriginKey) -> Option<&'a CompactVerdict>,
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

/// Returns the viewer protocols whose requests reach an origin: CloudFront redirects or refuses
/// others.
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

/// Returns the impact on viewers of one host; the caller adds the host's name.
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
            // Both origins fail.
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

/// Returns whether a group with these failover criteria covers a failure. Every cause must be
/// covered, because any of them may occur.
fn coverage(failure: &LegFailure<'_>, statuses: &[u16]) -> Coverage {
    let causes = failure.causes().map(|error| Coverage::of(error, statuses));
    // A failure without a cause is not documented.
    causes.max().unwrap_or(Coverage::Undocumented)
}
