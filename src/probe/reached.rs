//! Whether a connection failed for lack of a local port or of a route. connect() returns the same
//! error for both.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::limits::Shortage;
use crate::observation::{Failure, NotProbed};

/// The latest addresses that were reached, at most two of each family, so that at least one is
/// another address.
#[derive(Debug, Default)]
pub(super) struct Reached {
    addresses: Mutex<Vec<(IpAddr, Instant)>>,
}

impl Reached {
    /// Records an established connection to `address`.
    pub(super) fn note(&self, address: IpAddr, now: Instant) {
        let mut reached = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        reached.retain(|(known, _)| *known != address);
        reached.insert(0, (address, now));
        let mut of_family = 0;
        reached.retain(|(known, _)| {
            of_family += usize::from(known.is_ipv4() == address.is_ipv4());
            known.is_ipv4() != address.is_ipv4() || of_family <= 2
        });
    }

    /// Changes a lack of ports into a missing route if no other address of the family was reached
    /// within `interval`.
    pub(super) fn settle(
        &self,
        address: IpAddr,
        failure: Failure,
        interval: Duration,
        now: Instant,
    ) -> Failure {
        let Failure::NotProbed {
            reason: NotProbed::OwnFailure { shortage: Some(Shortage::Ports), detail },
        } = failure
        else {
            return failure;
        };
        let reached = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let is_family_reached = reached.iter().any(|(known, at)| {
            *known != address
                && known.is_ipv4() == address.is_ipv4()
                && now.saturating_duration_since(*at) <= interval
        });
        let reason = match is_family_reached {
            true => NotProbed::OwnFailure { shortage: Some(Shortage::Ports), detail },
            false => NotProbed::NoRoute { error: detail },
        };
        Failure::NotProbed { reason }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Reached;
    use crate::limits::Shortage;
    use crate::observation::{Failure, NotProbed};

    #[test]
    fn ports_are_missing_only_while_others_of_the_family_are_reached() {
        let (now, interval) = (Instant::now(), Duration::from_secs(60));
        let own = || NotProbed::OwnFailure {
            shortage: Some(Shortage::Ports),
            detail: "Cannot assign requested address".into(),
        };
        let no_route = NotProbed::NoRoute { error: "Cannot assign requested address".into() };
        let no_file =
            NotProbed::OwnFailure { shortage: Some(Shortage::Files), detail: "EMFILE".into() };
        let seconds = Duration::from_secs;
        for (reached, reason, expected) in [
            (vec![], own(), &no_route),
            (vec![("192.0.2.1", 59)], own(), &own()),
            (vec![("192.0.2.1", 61)], own(), &no_route),
            // The same address, or another family.
            (vec![("192.0.2.9", 1)], own(), &no_route),
            (vec![("::1", 1)], own(), &no_route),
            (vec![("192.0.2.1", 9), ("192.0.2.9", 1), ("::1", 1), ("::2", 1)], own(), &own()),
            (vec![], no_file.clone(), &no_file),
        ] {
            let known = Reached::default();
            for (reached, ago) in &reached {
                known.note(reached.parse().unwrap(), now - seconds(*ago));
            }
            let failure = Failure::NotProbed { reason };
            let settled = known.settle("192.0.2.9".parse().unwrap(), failure, interval, now);
            assert_eq!(settled, Failure::NotProbed { reason: expected.clone() }, "{reached:?}");
        }
    }
}
