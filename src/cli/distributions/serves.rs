//! Which requests reach an origin, in one line.

use crate::distribution::Derivation;
use crate::distribution::DerivedOrigin;
use crate::distribution::HostForwarding;
use crate::distribution::Route;
use crate::distribution::ViewerHost;
use crate::origin::Usage;

/// Returns which path patterns an origin serves and to viewers of which hosts; `None` where no
/// behavior leads to it.
pub(super) fn serves(derivation: &Derivation, derived: &DerivedOrigin) -> Option<String> {
    let id = &*derived.origin.key.id;
    let mut paths: Vec<String> = derivation.routes_to(id).map(|route| path(route, id)).collect();
    if paths.is_empty() {
        return None;
    }
    if paths.len() > SHOWN {
        let more = paths.split_off(SHOWN).len();
        paths.push(format!("{more} more"));
    }
    let hosts = hosts(&derived.hosts);
    let whom = if hosts.is_empty() { String::new() } else { format!(" of {hosts}") };
    let may_change = derivation.routes_to(id).any(|route| route.is_dynamic);
    let dynamic = if may_change { "; an edge function may choose another origin" } else { "" };
    Some(format!("serves {}{whom}{dynamic}", paths.join(", ")))
}

fn path(route: &Route, id: &str) -> String {
    let host = match route.host {
        HostForwarding::Forwarded => "Host forwarded",
        HostForwarding::NotForwarded => "Host not forwarded",
        HostForwarding::Unknown { .. } => "Host perhaps forwarded",
    };
    let pattern = printable(&route.path_pattern);
    match &route.failover {
        Some(failover) if *failover.secondary == *id => {
            format!("{pattern} ({host}) when {} fails", printable(&route.primary))
        }
        _ => format!("{pattern} ({host})"),
    }
}

/// Returns the first of some names, and how many more there are.
pub(super) fn hosts(hosts: &[ViewerHost]) -> String {
    let used: Vec<&ViewerHost> =
        hosts.iter().filter(|host| host.usage != Usage::OwnDomain).collect();
    let named: Vec<&str> = used.iter().take(SHOWN).map(|host| host.name.as_str()).collect();
    match used.len().saturating_sub(SHOWN) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn printable(text: &str) -> String {
    text.chars().take(LONGEST).flat_map(char::escape_debug).collect()
}

/// How many patterns or names a line bears.
const SHOWN: usize = 4;

/// A path pattern has at most 255 characters.
const LONGEST: usize = 255;
