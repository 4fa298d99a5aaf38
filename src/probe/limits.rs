//! Limits on open sockets, in total and for each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::open_files;

/// The sockets of this process.
///
/// A quarter of them, in total and at each address, is reserved for endpoints that did not hang
/// last time, so hanging endpoints do not delay others. On-demand probes together may use a
/// quarter, and half of that at one address, so they do not delay scheduled probes.
#[derive(Debug)]
pub(super) struct Sockets {
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

/// A permit at one address. All permits at an address share its limit while one of them is held.
#[derive(Debug)]
struct PermitAtAddress {
    _permit: OwnedSemaphorePermit,
    _places: Arc<Places>,
}

/// An on-demand probe's right to queue for a socket.
#[derive(Debug)]
struct GuestPermit {
    _overall: OwnedSemaphorePermit,
    _at_address: PermitAtAddress,
}

/// The priority of a request for a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Priority {
    /// The endpoint did not hang last time.
    Normal,
    /// The endpoint hung last time.
    Slow,
    /// The probe is on demand, so nothing is known about the endpoint.
    OnDemand,
}

impl Sockets {
    /// Returns the limits for `concurrency` sockets, but no more than the probes' share of this
    /// process's file descriptors; `per_address` of them at one address.
    pub(super) fn new(concurrency: usize, per_address: usize) -> Self {
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
    pub(super) async fn acquire(&self, address: IpAddr, priority: Priority) -> Option<Permit> {
        let guest = match priority {
            Priority::OnDemand => Some(self.admit(address).await?),
            Priority::Normal | Priority::Slow => None,
        };
        // The address comes first: a probe that waits for a busy address must not hold other
        // permits.
        let at_address = self.addresses.take(address, priority).await?;
        let overall = self.overall.take(priority).await?;
        // There is one for each permit, unless probes of an earlier configuration still run.
        let file = Arc::clone(&self.files).acquire_owned().await.ok()?;
        Some(Permit { _file: file, _overall: overall, _at_address: at_address, _guest: guest })
    }

    /// On-demand probes wait for each other before they queue with the others.
    async fn admit(&self, address: IpAddr) -> Option<GuestPermit> {
        let at_address = self.addresses_of_guests.take(address, Priority::OnDemand).await?;
        let overall = self.guests.take(Priority::OnDemand).await?;
        Some(GuestPermit { _overall: overall, _at_address: at_address })
    }
}

/// A limit on sockets. Some of them are reserved for endpoints that did not hang.
#[derive(Debug)]
struct Places {
    anyone: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
}

impl Places {
    /// Returns `all` permits, `reserve` of them reserved.
    fn new(all: usize, reserve: usize) -> Self {
        Self {
            anyone: Arc::new(Semaphore::new(all - reserve)),
            reserve: Arc::new(Semaphore::new(reserve)),
        }
    }

    async fn take(&self, priority: Priority) -> Option<OwnedSemaphorePermit> {
        let anyone = Arc::clone(&self.anyone);
        match priority {
            Priority::Slow | Priority::OnDemand => anyone.acquire_owned().await.ok(),
            Priority::Normal => {
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

/// A limit for each address, kept while it is in use.
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

    async fn take(&self, address: IpAddr, priority: Priority) -> Option<PermitAtAddress> {
        let places = self.of(address);
        let permit = places.take(priority).await?;
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
    use std::net::{IpAddr, Ipv4Addr};

    use futures_util::FutureExt;

    use super::{Priority, Sockets};

    fn address(last: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
    }

    #[test]
    fn hanging_endpoints_never_take_the_reserve() {
        let sockets = Sockets::new(8, 8);
        let take =
            |last, priority| sockets.acquire(address(last), priority).now_or_never().flatten();
        let hung: Vec<_> = (0..8).filter_map(|last| take(last, Priority::Slow)).collect();
        assert_eq!(hung.len(), 6);
        let healthy: Vec<_> = (0..8).filter_map(|last| take(last, Priority::Normal)).collect();
        assert_eq!(healthy.len(), 2);
    }

    #[test]
    fn one_address_gets_no_more_than_its_share() {
        let sockets = Sockets::new(100, 2);
        let take = |last| sockets.acquire(address(last), Priority::Normal).now_or_never().flatten();
        let first = (take(1), take(1), take(1));
        assert!(first.0.is_some() && first.1.is_some() && first.2.is_none());
        assert!(take(2).is_some());
        drop(first);
        assert!(take(1).is_some());
    }

    #[test]
    fn at_an_address_the_hanging_leave_room_for_the_others() {
        let sockets = Sockets::new(100, 4);
        let take = |priority| sockets.acquire(address(1), priority).now_or_never().flatten();
        let hung: Vec<_> = (0..4).filter_map(|_| take(Priority::Slow)).collect();
        assert_eq!(hung.len(), 3);
        let healthy: Vec<_> = (0..4).filter_map(|_| take(Priority::Normal)).collect();
        assert_eq!(healthy.len(), 1);
        drop(hung);
        assert!(take(Priority::Slow).is_some());
    }

    #[test]
    fn any_number_of_guests_delays_nobody() {
        let sockets = Sockets::new(16, 4);
        let take =
            |last, priority| sockets.acquire(address(last), priority).now_or_never().flatten();
        let of_one: Vec<_> = (0..9).filter_map(|_| take(1, Priority::OnDemand)).collect();
        assert_eq!(of_one.len(), 2);
        let all: Vec<_> = (0..99).filter_map(|last| take(last, Priority::OnDemand)).collect();
        assert_eq!(of_one.len() + all.len(), 4);
        // The others have the rest of the address, and of the total.
        let known = [Priority::Slow, Priority::Slow, Priority::Normal, Priority::Normal]
            .map(|priority| take(1, priority));
        assert_eq!(known.each_ref().map(Option::is_some), [true, false, true, false]);
        let hung: Vec<_> = (100..199).filter_map(|last| take(last, Priority::Slow)).collect();
        assert_eq!(hung.len(), 12 - 4 - 2);
    }
}
