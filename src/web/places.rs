//! Limits the number of open connections, and selects the one to close when another needs its slot.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::activity::{Activity, Claim};
use super::auth::Client;

/// All slots, shared among client addresses.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    taken: Mutex<BTreeMap<u64, Arc<Activity>>>,
    given_back: Notify,
    /// Whether a connection is waiting for a slot.
    is_wanted: Arc<AtomicBool>,
}

/// One slot; it is released when dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    pub(super) activity: Arc<Activity>,
}

/// The result for a new connection.
#[derive(Debug)]
enum Answer {
    Taken(Place),
    /// A connection is being closed for it, or may become idle soon.
    Later,
    /// Every slot that its address may claim is in use.
    Never,
}

impl Places {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            taken: Mutex::default(),
            given_back: Notify::new(),
            is_wanted: Arc::default(),
        }
    }

    /// Returns a slot. If all are in use, another connection is closed: one of the address with the
    /// most slots if the new connection's address has fewer, otherwise one that is idle or whose
    /// client does not read. If there is none, returns `None` for an address that already has
    /// slots.
    pub(super) async fn take(self: &Arc<Self>, client: Client) -> Option<Place> {
        let arrived = Instant::now();
        let place = loop {
            let now = Instant::now();
            match self.take_now(client, now, now - arrived >= LOOK_AGAIN) {
                Answer::Taken(place) => break Some(place),
                Answer::Never => break None,
                Answer::Later => self.is_wanted.store(true, Ordering::Relaxed),
            }
            // A displaced connection releases its slot when it is closed, so there are never more
            // than `most`. A connection that becomes idle sends no notification.
            let _ = timeout(LOOK_AGAIN, self.given_back.notified()).await;
        };
        self.is_wanted.store(false, Ordering::Relaxed);
        place
    }

    fn take_now(self: &Arc<Self>, client: Client, now: Instant, has_waited: bool) -> Answer {
        let mut taken = self.lock();
        if taken.len() < self.most {
            let number = taken.last_key_value().map_or(0, |(last, _)| last + 1);
            let activity = Arc::new(Activity::new(client, Arc::clone(&self.is_wanted), now));
            taken.insert(number, Arc::clone(&activity));
            return Answer::Taken(Place { places: Arc::clone(self), number, activity });
        }
        if taken.values().any(|activity| activity.is_closing(now)) {
            return Answer::Later;
        }
        let mut held: HashMap<Client, usize> = HashMap::new();
        for activity in taken.values() {
            *held.entry(activity.client).or_default() += 1;
        }
        let own = held.get(&client).copied().unwrap_or_default();
        let displaceable = taken.values().filter_map(|activity| {
            let held = held.get(&activity.client).copied().unwrap_or_default();
            let claim = match held {
                held if held > own + 1 => Claim::Stronger,
                held if held <= own && activity.client != client => return None,
                _ if has_waited => Claim::Overdue,
                held => Claim::Equal { holds_several: held >= SEVERAL },
            };
            let (order, since) = activity.displaceable(now, claim)?;
            Some(((Reverse(held), order, since), activity))
        });
        match displaceable.min_by_key(|(order, _)| *order) {
            Some((_, activity)) => activity.displace(now),
            None if has_waited && own > 0 => return Answer::Never,
            None => {}
        }
        Answer::Later
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Activity>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().remove(&self.number);
        self.places.given_back.notify_one();
    }
}

/// From this number on, the slots of one address count as several.
const SEVERAL: usize = 4;
/// The polling interval of a waiting connection.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests;
