//! Which requests reach an origin, in one line.

use crate::distribution::Derivation;
use crate::distribution::DerivedOrigin;
use crate::distribution::HostForwarding;
use crate::distribution::Route;
use crate::distribution::listed;
use crate::origin::Usage;

/// Returns which path patterns an origin serves and to viewers of which hosts; `None` where no
/// behavior leads to it.
pub(super) fn serves(derivation: &Derivation, derived: &DerivedOrigin) -> Option<String> {
    let id = &*derived.origin.key.id;
    let paths: Vec<String> = derivation.routes_to(id).map(|route| path(route, id)).collect();
    if paths.is_empty() {
        return None;
    }
    let used = derived.hosts.iter().filter(|host| host.usage != Usage::OwnDomain);
    let hosts: Vec<&str> = used.map(|host| host.name.as_str()).collect();
    let whom = if hosts.is_empty() { String::new() } else { format!(" of {}", listed(&hosts)) };
    let may_change = derivation.routes_to(id).any(|route| route.is_dynamic);
    let dynamic = if may_change { "; an edge function may choose another origin" } else { "" };
    let managed = match derived.kind.is_managed() {
        true => "; Amazon itself renews its certificate",
        false => "",
    };
    Some(format!("serves {}{whom}{dynamic}{managed}", listed(&paths)))
}

fn path(route: &Route, id: &str) -> String {
    let host = match route.host {
        HostForwarding::Forwarded => "Host forwarded",
        HostForwarding::NotForwarded => "Host not forwarded",
        HostForwarding::Unknown { .. } => "Host perhaps forwarded",
    };
    let pattern = &route.path_pattern;
    match &route.failover {
        Some(failover) if *failover.secondary == *id => {
            format!("{pattern} ({host}; when {} fails)", route.primary)
        }
        _ => format!("{pattern} ({host})"),
    }
}
