//! How many sockets may be open at once, over all and to one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::Weak;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

/// The sockets of this process.
///
/// A quarter of them is kept for endpoints that did not hang last time, so that any number of
/// hanging ones delays no other.
#[derive(Debug)]
pub struct Sockets {
    anyone: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    per_address: usize,
    addresses: Mutex<HashMap<IpAddr, Weak<Semaphore>>>,
}

/// The right to one socket; ends when dropped.
#[derive(Debug)]
pub(super) struct Permit {
    _overall: OwnedSemaphorePermit,
    _address: OwnedSemaphorePermit,
}

/// Whether an endpoint kept a socket busy without an answer last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum History {
    /// It did, or it has none that counts.
    Hung,
    DidNotHang,
}

impl Sockets {
    /// Returns the limits for `concurrency` sockets, and no more than 80 % of the files this
    /// process may open.
    pub fn new(concurrency: usize, per_address: usize) -> Self {
        let concurrency = concurrency.min(allowed_by_the_system()).max(2);
        let reserve = (concurrency / 4).max(1);
        Self {
            anyone: Arc::new(Semaphore::new(concurrency - reserve)),
            reserve: Arc::new(Semaphore::new(reserve)),
            per_address: per_address.max(1),
            addresses: Mutex::new(HashMap::new()),
        }
    }

    /// Waits for a socket to `address`.
    pub(super) async fn acquire(&self, address: IpAddr, history: History) -> Option<Permit> {
        // The address first: whoever waits for a busy one must not hold what others could use.
        let address = self.of_address(address).acquire_owned().await.ok()?;
        let anyone = Arc::clone(&self.anyone);
        let overall = match history {
            History::Hung => anyone.acquire_owned().await.ok()?,
            History::DidNotHang => {
                let reserve = Arc::clone(&self.reserve);
                tokio::select! {
                    biased;
                    permit = anyone.acquire_owned() => permit.ok()?,
                    permit = reserve.acquire_owned() => permit.ok()?,
                }
            }
        };
        Some(Permit { _overall: overall, _address: address })
    }

    fn of_address(&self, address: IpAddr) -> Arc<Semaphore> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = addresses.get(&address).and_then(Weak::upgrade) {
            return known;
        }
        if addresses.len() >= addresses.capacity() {
            addresses.retain(|_, semaphore| semaphore.strong_count() > 0);
        }
        let new = Arc::new(Semaphore::new(self.per_address));
        addresses.insert(address, Arc::downgrade(&new));
        new
    }
}

/// Returns 80 % of the process's limit on open files: the rest is for DNS, the listener and those
/// who read the metrics.
fn allowed_by_the_system() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.map_or(usize::MAX, |files| {
        usize::try_from(files.saturating_mul(4) / 5).unwrap_or(usize::MAX)
    })
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::net::Ipv4Addr;

    use futures_util::FutureExt;

    use super::History;
    use super::Sockets;

    fn address(last: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
    }

    #[test]
    fn hanging_endpoints_never_take_the_reserve() {
        let sockets = Sockets::new(8, 8);
        let take = |last, history| sockets.acquire(address(last), history).now_or_never().flatten();
        let hung: Vec<_> = (0..8).filter_map(|last| take(last, History::Hung)).collect();
        assert_eq!(hung.len(), 6);
        let healthy: Vec<_> = (0..8).filter_map(|last| take(last, History::DidNotHang)).collect();
        assert_eq!(healthy.len(), 2);
    }

    #[test]
    fn one_address_gets_no_more_than_its_share() {
        let sockets = Sockets::new(100, 2);
        let take =
            |last| sockets.acquire(address(last), History::DidNotHang).now_or_never().flatten();
        let first = (take(1), take(1), take(1));
        assert!(first.0.is_some() && first.1.is_some() && first.2.is_none());
        assert!(take(2).is_some());
        drop(first);
        assert!(take(1).is_some());
    }
}
