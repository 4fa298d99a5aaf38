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
type GuestPermit = (PermitAtAddress, OwnedSemaphorePermit);

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
        Some((at_address, self.guests.take(Priority::OnDemand).await?))
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
    use std::net::Ipv4Addr;

    use futures_util::FutureExt;

    use super::{Permit, Priority, Sockets};

    /// Returns the permits that are given at once, one at each of these addresses.
    fn take(
        sockets: &Sockets,
        addresses: impl IntoIterator<Item = u8>,
        priority: Priority,
    ) -> Vec<Permit> {
        let addresses = addresses.into_iter().map(|last| Ipv4Addr::new(192, 0, 2, last).into());
        let taken = addresses.map(|address| sockets.acquire(address, priority).now_or_never());
        taken.flatten().flatten().collect()
    }

    #[test]
    fn hanging_endpoints_never_take_the_reserve() {
        let sockets = Sockets::new(8, 8);
        let hung = take(&sockets, 0..8, Priority::Slow);
        let healthy = take(&sockets, 0..8, Priority::Normal);
        assert_eq!((hung.len(), healthy.len()), (6, 2));
    }

    #[test]
    fn one_address_gets_no_more_than_its_share() {
        let sockets = Sockets::new(100, 2);
        let first = take(&sockets, [1, 1, 1], Priority::Normal);
        assert_eq!(first.len(), 2);
        assert_eq!(take(&sockets, [2], Priority::Normal).len(), 1);
        drop(first);
        assert_eq!(take(&sockets, [1], Priority::Normal).len(), 1);
    }

    #[test]
    fn at_an_address_the_hanging_leave_room_for_the_others() {
        let sockets = Sockets::new(100, 4);
        let hung = take(&sockets, [1; 4], Priority::Slow);
        let healthy = take(&sockets, [1; 4], Priority::Normal);
        assert_eq!((hung.len(), healthy.len()), (3, 1));
        drop(hung);
        assert_eq!(take(&sockets, [1], Priority::Slow).len(), 1);
    }

    #[test]
    fn any_number_of_guests_delays_nobody() {
        let sockets = Sockets::new(16, 4);
        let of_one = take(&sockets, [1; 9], Priority::OnDemand);
        let all = take(&sockets, 0..99, Priority::OnDemand);
        assert_eq!((of_one.len(), all.len()), (2, 2));
        // The others have the rest of the address, and of the total.
        let slow = take(&sockets, [1, 1], Priority::Slow);
        let normal = take(&sockets, [1, 1], Priority::Normal);
        assert_eq!((slow.len(), normal.len()), (1, 1));
        let hung = take(&sockets, 100..199, Priority::Slow);
        assert_eq!(hung.len(), 12 - 4 - 2);
    }
}
