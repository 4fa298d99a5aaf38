//! How many sockets may be open at once, over all and to one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::Weak;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

use crate::limits::open_files;

/// The sockets of this process.
///
/// A quarter of them is kept for endpoints that did not hang last time, over all and at each
/// address, so that any number of hanging ones delays no other. Guests together have no more than a
/// quarter, and half of those to one address, so that any number of guests delays nobody.
#[derive(Debug)]
pub struct Sockets {
    overall: Places,
    files: Arc<Semaphore>,
    addresses: PerAddress,
    guests: Places,
    addresses_of_guests: PerAddress,
}

/// The right to one socket; ends when dropped.
#[derive(Debug)]
pub(super) struct Permit {
    _file: OwnedSemaphorePermit,
    _overall: OwnedSemaphorePermit,
    _at_address: PermitAtAddress,
    _guest: Option<GuestPermit>,
}

/// A place among those of one address, which are the same for all as long as one of them is taken.
#[derive(Debug)]
struct PermitAtAddress {
    _permit: OwnedSemaphorePermit,
    _places: Arc<Places>,
}

/// A guest's right to stand in line.
#[derive(Debug)]
struct GuestPermit {
    _overall: OwnedSemaphorePermit,
    _at_address: PermitAtAddress,
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
    /// Returns the limits for `concurrency` sockets, and no more than the probes' share of the files
    /// this process may open; `per_address` of them at one address.
    pub fn new(concurrency: usize, per_address: usize) -> Self {
        let files = open_files();
        let concurrency = concurrency.min(files.shares.probes).max(2);
        let quarter = (concurrency / 4).max(1);
        let per_address = per_address.max(1);
        Self {
            overall: Places::new(concurrency, quarter),
            files: Arc::clone(&files.probes),
            addresses: PerAddress::new(per_address, per_address / 4),
            guests: Places::new(quarter, 0),
            addresses_of_guests: PerAddress::new((per_address / 2).max(1), 0),
        }
    }

    /// Waits for a socket to `address`.
    pub(super) async fn acquire(&self, address: IpAddr, standing: Standing) -> Option<Permit> {
        let guest = match standing {
            Standing::Guest => Some(self.admit(address).await?),
            Standing::DidNotHang | Standing::Hung => None,
        };
        // The address first: whoever waits for a busy one must not hold what others could use.
        let at_address = self.addresses.take(address, standing).await?;
        let overall = self.overall.take(standing).await?;
        // There is one for each place, unless the probes of an earlier configuration still run.
        let file = Arc::clone(&self.files).acquire_owned().await.ok()?;
        Some(Permit { _file: file, _overall: overall, _at_address: at_address, _guest: guest })
    }

    /// Guests wait for one another before they stand in line with the others.
    async fn admit(&self, address: IpAddr) -> Option<GuestPermit> {
        let at_address = self.addresses_of_guests.take(address, Standing::Guest).await?;
        let overall = self.guests.take(Standing::Guest).await?;
        Some(GuestPermit { _overall: overall, _at_address: at_address })
    }
}

/// So many sockets at once, some of them for endpoints that did not hang only.
#[derive(Debug)]
struct Places {
    anyone: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
}

impl Places {
    /// Returns `all` places; `reserve` are those of them that not everybody may take.
    fn new(all: usize, reserve: usize) -> Self {
        Self {
            anyone: Arc::new(Semaphore::new(all - reserve)),
            reserve: Arc::new(Semaphore::new(reserve)),
        }
    }

    async fn take(&self, standing: Standing) -> Option<OwnedSemaphorePermit> {
        let anyone = Arc::clone(&self.anyone);
        match standing {
            Standing::Hung | Standing::Guest => anyone.acquire_owned().await.ok(),
            Standing::DidNotHang => {
                let reserve = Arc::clone(&self.reserve);
                tokio::select! {
                    biased;
                    permit = anyone.acquire_owned() => permit.ok(),
                    permit = reserve.acquire_owned() => permit.ok(),
                }
            }
        }
    }
}

/// A bound for each address, remembered while it is in use.
#[derive(Debug)]
struct PerAddress {
    most: usize,
    reserve: usize,
    known: Mutex<HashMap<IpAddr, Weak<Places>>>,
}

impl PerAddress {
    fn new(most: usize, reserve: usize) -> Self {
        Self { most, reserve, known: Mutex::default() }
    }

    async fn take(&self, address: IpAddr, standing: Standing) -> Option<PermitAtAddress> {
        let places = self.of(address);
        let permit = places.take(standing).await?;
        Some(PermitAtAddress { _permit: permit, _places: places })
    }

    fn of(&self, address: IpAddr) -> Arc<Places> {
        let mut addresses = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = addresses.get(&address).and_then(Weak::upgrade) {
            return known;
        }
        if addresses.len() >= addresses.capacity() {
            addresses.retain(|_, places| places.strong_count() > 0);
        }
        let new = Arc::new(Places::new(self.most, self.reserve));
        addresses.insert(address, Arc::downgrade(&new));
        new
    }
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
    fn at_an_address_the_hanging_leave_room_for_the_others() {
        let sockets = Sockets::new(100, 4);
        let take = |standing| sockets.acquire(address(1), standing).now_or_never().flatten();
        let hung: Vec<_> = (0..4).filter_map(|_| take(Standing::Hung)).collect();
        assert_eq!(hung.len(), 3);
        let healthy: Vec<_> = (0..4).filter_map(|_| take(Standing::DidNotHang)).collect();
        assert_eq!(healthy.len(), 1);
        drop(hung);
        assert!(take(Standing::Hung).is_some());
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
        let known = [Standing::Hung, Standing::Hung, Standing::DidNotHang, Standing::DidNotHang]
            .map(|standing| take(1, standing));
        assert_eq!(known.each_ref().map(Option::is_some), [true, false, true, false]);
        let hung: Vec<_> = (100..199).filter_map(|last| take(last, Standing::Hung)).collect();
        assert_eq!(hung.len(), 12 - 4 - 2);
    }
}
