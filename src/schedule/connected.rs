//! Groups origins that need the same connections, so that they are probed together.

use std::collections::HashMap;
use std::sync::Arc;

use crate::origin::{DomainName, IpAddressType, Origin, Reachability, SslProtocols};

/// The parameters that identify a connection: destination, server name and TLS settings.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Connection<'a> {
    domain: &'a DomainName,
    port: u16,
    server_name: &'a DomainName,
    ssl_protocols: &'a SslProtocols,
    family: IpAddressType,
}

/// Returns the positions of `origins` in groups. Origins that share a connection are in the same
/// group, directly or through other origins.
pub(super) fn connected(origins: &[Arc<Origin>]) -> Vec<Vec<usize>> {
    let mut first_with: HashMap<Connection<'_>, usize> = HashMap::with_capacity(origins.len());
    let mut leader: Vec<usize> = (0..origins.len()).collect();
    for (position, origin) in origins.iter().enumerate() {
        for connection in connections(origin) {
            let first = *first_with.entry(connection).or_insert(position);
            join(&mut leader, first, position);
        }
    }
    // For a large fleet this map takes megabytes.
    drop(first_with);
    // The leader of a group is its first origin.
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); origins.len()];
    for position in 0..origins.len() {
        if let Some(group) = groups.get_mut(leader_of(&mut leader, position)) {
            group.push(position);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// Returns the connections that a probe of `origin` makes.
fn connections(origin: &Origin) -> impl Iterator<Item = Connection<'_>> {
    let connects = origin.is_judged() && origin.reachable_from_here != Reachability::Unreachable;
    origin.targets.iter().filter(move |_| connects).map(|target| Connection {
        domain: origin.domain(),
        port: origin.https_port,
        server_name: &target.server_name,
        ssl_protocols: &origin.ssl_protocols,
        family: origin.ip_address_type,
    })
}

/// Merges the groups of `a` and `b`. The smaller position becomes the leader.
fn join(leader: &mut [usize], a: usize, b: usize) {
    let (a, b) = (leader_of(leader, a), leader_of(leader, b));
    if let Some(led) = leader.get_mut(a.max(b)) {
        *led = a.min(b);
    }
}

/// Returns the leader of the group of `position`, and compresses the path to it.
fn leader_of(leader: &mut [usize], position: usize) -> usize {
    let mut at = position;
    while let Some(&next) = leader.get(at)
        && next != at
    {
        let after = leader.get(next).copied().unwrap_or(next);
        if let Some(led) = leader.get_mut(at) {
            *led = after;
        }
        at = after;
    }
    at
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::connected;
    use crate::origin::{
        IpAddressType, Origin, ProtocolPolicy, Reachability, SslProtocol, SslProtocols, Target,
    };

    /// Returns `lb.example` or another origin with server names of one letter.
    fn origin(domain: &str, server_names: &str) -> Origin {
        let mut origin = Origin::with_defaults(format!("{domain}.example").parse().unwrap());
        let domain = origin.domain().clone();
        let target = |name| Target::forwarded(&format!("{name}.example").parse().unwrap(), &domain);
        origin.targets = server_names.chars().map(target).collect();
        origin
    }

    fn groups(origins: impl IntoIterator<Item = Origin>) -> Vec<Vec<usize>> {
        connected(&origins.into_iter().map(Arc::new).collect::<Vec<_>>())
    }

    #[test]
    fn origins_with_a_connection_in_common_are_one_group() {
        let pairs = [("lb", "a"), ("lb", "b"), ("lb", "a"), ("lb", "cb"), ("other", "a")];
        let found = groups(pairs.map(|(domain, names)| origin(domain, names)));
        assert_eq!(found, [vec![0, 2], vec![1, 3], vec![4]]);
        // One that has a connection in common with two groups joins them.
        assert_eq!(groups(["a", "b", "ba"].map(|names| origin("lb", names))), [[0, 1, 2]]);
    }

    #[test]
    fn whatever_the_server_can_tell_apart_makes_another_connection() {
        let plain = || origin("lb", "a");
        let tls_11 = SslProtocols::new(vec![SslProtocol::TlsV1_1]).unwrap();
        let found = groups([
            plain(),
            Origin { https_port: 8443, ..plain() },
            Origin { ip_address_type: IpAddressType::Ipv6, ..plain() },
            Origin { ssl_protocols: tls_11, ..plain() },
            // A difference that does not affect the connection.
            Origin { interval: Duration::from_secs(9), ..plain() },
        ]);
        assert_eq!(found, [vec![0, 4], vec![1], vec![2], vec![3]]);
    }

    #[test]
    fn who_connects_to_nothing_is_alone() {
        let plain = || origin("lb", "a");
        let http = || Origin { protocol_policy: ProtocolPolicy::HttpOnly, ..plain() };
        let hidden = || Origin { reachable_from_here: Reachability::Unreachable, ..plain() };
        assert_eq!(
            groups([http(), http(), hidden(), hidden(), plain()]),
            [[0], [1], [2], [3], [4]]
        );
    }
}
