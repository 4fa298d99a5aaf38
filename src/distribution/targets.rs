//! Which server names CloudFront sends to an origin, and how sure that is.

use std::collections::HashMap;

use crate::origin::DomainName;
use crate::origin::Target;
use crate::origin::Usage;

use super::HostForwarding;
use super::Route;
use super::ViewerHost;

/// In which ways the behaviors that lead to an origin treat Host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ways {
    /// How sure it is that one of them forwards Host; `None` where none does.
    forwarded: Option<Usage>,
    /// How sure it is that one of them does not.
    unforwarded: Option<Usage>,
}

impl Ways {
    /// Returns the ways of some routes; an origin that nobody is sent to has the way of one that
    /// Host is not forwarded to.
    pub(super) fn of<'a>(routes: impl IntoIterator<Item = &'a Route>) -> Self {
        let mut ways = Self::default();
        for route in routes {
            match route.host {
                HostForwarding::Forwarded => ways.forwarded = Some(Usage::Certain),
                HostForwarding::NotForwarded => ways.unforwarded = Some(Usage::Certain),
                HostForwarding::Unknown { .. } => {
                    ways.forwarded.get_or_insert(Usage::PolicyUnknown);
                    ways.unforwarded.get_or_insert(Usage::PolicyUnknown);
                }
            }
        }
        if ways == Self::default() {
            ways.unforwarded = Some(Usage::Certain);
        }
        ways
    }

    /// Tells whether viewers' names matter.
    pub(super) fn needs_hosts(self) -> bool {
        self.forwarded.is_some()
    }
}

/// Returns each server name once, the origin domain first; empty where only viewers' names count
/// and none is known.
pub(super) fn targets(domain: &DomainName, hosts: &[ViewerHost], ways: Ways) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let mut positions: HashMap<&DomainName, usize> = HashMap::new();
    if let Some(usage) = ways.unforwarded {
        positions.insert(domain, 0);
        targets.push(Target { usage, ..Target::unforwarded(domain) });
    }
    for host in ways.forwarded.iter().flat_map(|_| hosts) {
        let usage = ways.forwarded.unwrap_or_default().max(host.usage);
        let position = *positions.entry(&host.name).or_insert(targets.len());
        match targets.get_mut(position) {
            Some(target) => target.usage = target.usage.min(usage),
            None => {
                let stands_for = host.stands_for.clone();
                targets.push(Target { usage, stands_for, ..Target::forwarded(&host.name, domain) });
            }
        }
    }
    targets
}
