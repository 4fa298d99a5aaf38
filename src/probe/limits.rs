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
/// hanging ones delays no other. Guests together have no more than a quarter, and half of those to
/// one address, so that any number of guests delays nobody.
#[derive(Debug)]
pub struct Sockets {
    anyone: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    addresses: PerAddress,
    guests: Arc<Semaphore>,
    addresses_of_guests: PerAddress,
}

/// The right to one socket; ends when dropped.
#[derive(Debug)]
pub(super) struct Permit {
    _overall: OwnedSemaphorePermit,
    _address: OwnedSemaphorePermit,
    _guest: Option<GuestPermit>,
}

/// A guest's right to stand in line.
#[derive(Debug)]
struct GuestPermit {
    _overall: OwnedSemaphorePermit,
    _address: OwnedSemaphorePermit,
}

/// What counts when a socket is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The endpoint did not keep a socket busy without an answer last time.
    DidNotHang,
    /// It did.
    Hung,
    /// Whoever asks is not known, so nothing is known of the endpoint either.
    Guest,
}

impl Sockets {
    /// Returns the limits for `concurrency` sockets, and no more than 80 % of the files this
    /// process may open.
    pub fn new(concurrency: usize, per_address: usize) -> Self {
        let concurrency = concurrency.min(allowed_by_the_system()).max(2);
        let quarter = (concurrency / 4).max(1);
        Self {
            anyone: Arc::new(Semaphore::new(concurrency - quarter)),
            reserve: Arc::new(Semaphore::new(quarter)),
            addresses: PerAddress::new(per_address),
            guests: Arc::new(Semaphore::new(quarter)),
            addresses_of_guests: PerAddress::new(per_address / 2),
        }
    }

    /// Waits for a socket to `address`.
    pub(super) async fn acquire(&self, address: IpAddr, standing: Standing) -> Option<Permit> {
        let guest = match standing {
            Standing::Guest => Some(self.admit(address).await?),
            Standing::DidNotHang | Standing::Hung => None,
        };
        // The address first: whoever waits for a busy one must not hold what others could use.
        let address = self.addresses.of(address).acquire_owned().await.ok()?;
        let anyone = Arc::clone(&self.anyone);
        let overall = match standing {
            Standing::Hung | Standing::Guest => anyone.acquire_owned().await.ok()?,
            Standing::DidNotHang => {
                let reserve = Arc::clone(&self.reserve);
                tokio::select! {
                    biased;
                    permit = anyone.acquire_owned() => permit.ok()?,
                    permit = reserve.acquire_owned() => permit.ok()?,
                }
            }
        };
        Some(Permit { _overall: overall, _address: address, _guest: guest })
    }

    /// Guests wait for one another before they stand in line with the others.
    async fn admit(&self, address: IpAddr) -> Option<GuestPermit> {
        let address = self.addresses_of_guests.of(address).acquire_owned().await.ok()?;
        let overall = Arc::clone(&self.guests).acquire_owned().await.ok()?;
        Some(GuestPermit { _overall: overall, _address: address })
    }
}

/// A bound for each address, remembered while it is in use.
#[derive(Debug)]
struct PerAddress {
    most: usize,
    known: Mutex<HashMap<IpAddr, Weak<Semaphore>>>,
}

impl PerAddress {
    fn new(most: usize) -> Self {
        Self { most: most.max(1), known: Mutex::default() }
    }

    fn of(&self, address: IpAddr) -> Arc<Semaphore> {
        let mut addresses = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = addresses.get(&address).and_then(Weak::upgrade) {
            return known;
        }
        if addresses.len() >= addresses.capacity() {
            addresses.retain(|_, semaphore| semaphore.strong_count() > 0);
        }
        let new = Arc::new(Semaphore::new(self.most));
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

    use super::Sockets;
    use super::Standing;

    fn address(last: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
    }

    #[test]
    fn hanging_endpoints_never_take_the_reserve() {
        let sockets = Sockets::new(8, 8);
        let take =
            |last, standing| sockets.acquire(address(last), standing).now_or_never().flatten();
        let hung: Vec<_> = (0..8).filter_map(|last| take(last, Standing::Hung)).collect();
        assert_eq!(hung.len(), 6);
        let healthy: Vec<_> = (0..8).filter_map(|last| take(last, Standing::DidNotHang)).collect();
        assert_eq!(healthy.len(), 2);
    }

    #[test]
    fn one_address_gets_no_more_than_its_share() {
        let sockets = Sockets::new(100, 2);
        let take =
            |last| sockets.acquire(address(last), Standing::DidNotHang).now_or_never().flatten();
        let first = (take(1), take(1), take(1));
        assert!(first.0.is_some() && first.1.is_some() && first.2.is_none());
        assert!(take(2).is_some());
        drop(first);
        assert!(take(1).is_some());
    }
    #[test]
    fn any_number_of_guests_delays_nobody() {
        let sockets = Sockets::new(16, 4);
        let take =
            |last, standing| sockets.acquire(address(last), standing).now_or_never().flatten();
        let of_one: Vec<_> = (0..9).filter_map(|_| take(1, Standing::Guest)).collect();
        assert_eq!(of_one.len(), 2);
        let all: Vec<_> = (0..99).filter_map(|last| take(last, Standing::Guest)).collect();
        assert_eq!(of_one.len() + all.len(), 4);
        // The others have what is left of the address, and of everything.
        let known: Vec<_> = (0..9).filter_map(|_| take(1, Standing::Hung)).collect();
        assert_eq!(known.len(), 2);
        let hung: Vec<_> = (100..199).filter_map(|last| take(last, Standing::Hung)).collect();
        assert_eq!(hung.len(), 12 - 4 - 2);
    }
}
