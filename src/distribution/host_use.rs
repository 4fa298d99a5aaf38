//! The server names that CloudFront sends to an origin, and how certain they are.

use std::collections::HashMap;

use crate::origin::{DomainName, Target, Usage};

use super::{HostForwarding, Route, ViewerHost};

/// Whether the behaviors that lead to an origin forward Host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HostUse {
    /// How certain it is that one of them forwards Host; `None` if none does.
    forwarded: Option<Usage>,
    /// How certain it is that one of them does not; `None` if all do.
    unforwarded: Option<Usage>,
}

impl HostUse {
    /// Returns the combined use of some routes. Without routes, Host counts as not forwarded.
    pub(super) fn of<'a>(routes: impl IntoIterator<Item = &'a Route>) -> Self {
        let mut host_use = Self::default();
        for route in routes {
            match route.host {
                HostForwarding::Forwarded => host_use.forwarded = Some(Usage::Certain),
                HostForwarding::NotForwarded => host_use.unforwarded = Some(Usage::Certain),
                HostForwarding::Unknown { .. } => {
                    host_use.forwarded.get_or_insert(Usage::PolicyUnknown);
                    host_use.unforwarded.get_or_insert(Usage::PolicyUnknown);
                }
            }
        }
        if host_use == Self::default() {
            host_use.unforwarded = Some(Usage::Certain);
        }
        host_use
    }

    /// Returns whether the targets depend on viewer hosts.
    pub(super) fn needs_hosts(self) -> bool {
        self.forwarded.is_some()
    }
}

/// Returns a target for each server name, the origin domain first; empty if only viewer hosts are
/// sent and none is known.
pub(super) fn targets(domain: &DomainName, hosts: &[ViewerHost], host_use: HostUse) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let mut positions: HashMap<&DomainName, usize> = HashMap::new();
    if let Some(usage) = host_use.unforwarded {
        positions.insert(domain, 0);
        targets.push(Target { usage, ..Target::unforwarded(domain) });
    }
    for host in host_use.forwarded.iter().flat_map(|_| hosts) {
        let usage = host_use.forwarded.unwrap_or_default().max(host.usage);
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
