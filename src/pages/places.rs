//! The connections that are open at once, and which one ends when another needs its place.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio::time::timeout;

/// All places.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    taken: Mutex<BTreeMap<u64, Arc<Activity>>>,
    given_back: Notify,
}

/// One place; it is given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    pub(super) activity: Arc<Activity>,
}

impl Places {
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), taken: Mutex::default(), given_back: Notify::new() }
    }

    /// Returns a place. If all are taken, the connection that has been idle longest (at least
    /// [`IDLE`]) loses its own, otherwise the one whose client has not read for longest. If there is neither, this waits.
    pub(super) async fn take(self: &Arc<Self>) -> Place {
        loop {
            if let Some(place) = self.take_now(Instant::now()) {
                return place;
            }
            // One that is displaced gives its place back when it is closed, so that there are never
            // more than `most`; one that becomes idle sends no notice.
            let _ = timeout(LOOK_AGAIN, self.given_back.notified()).await;
        }
    }

    fn take_now(self: &Arc<Self>, now: Instant) -> Option<Place> {
        let mut taken = self.lock();
        if taken.len() >= self.most {
            let displaced = taken.iter().filter_map(|(number, activity)| {
                let (order, since) = activity.displaceable(now)?;
                Some((order, since, *number))
            });
            let (_, _, number) = displaced.min()?;
            let activity = taken.get(&number)?;
            *activity.lock() = Phase::Displaced;
            activity.displaced.notify_one();
            return None;
        }
        let number = taken.last_key_value().map_or(0, |(last, _)| last + 1);
        let activity = Arc::new(Activity::new(now));
        taken.insert(number, Arc::clone(&activity));
        Some(Place { places: Arc::clone(self), number, activity })
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

/// The state of one connection, shared by its socket and its responses.
#[derive(Debug)]
pub(super) struct Activity {
    phase: Mutex<Phase>,
    /// Whether more of the response comes.
    is_producing: AtomicBool,
    /// Whether a part of a response has not reached the socket yet.
    is_unwritten: AtomicBool,
    /// Another connection needs the place.
    pub(super) displaced: Notify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No request is in progress: none has come, none has come whole, or the last was answered.
    Idle(Instant),
    /// A request is in progress, or the client reads its response.
    Busy,
    /// The client does not read its response.
    Stalled(Instant),
    /// The connection ends, because another needs its place.
    Displaced,
}

impl Activity {
    fn new(now: Instant) -> Self {
        Self {
            phase: Mutex::new(Phase::Idle(now)),
            is_producing: AtomicBool::new(false),
            is_unwritten: AtomicBool::new(false),
            displaced: Notify::new(),
        }
    }

    /// Returns what decides who loses a place, the least first; `None` for a connection that keeps
    /// it.
    fn displaceable(&self, now: Instant) -> Option<(u8, Instant)> {
        match *self.lock() {
            Phase::Idle(since) if now - since >= IDLE => Some((0, since)),
            Phase::Stalled(since) if now - since >= STALLED => Some((1, since)),
            Phase::Idle(_) | Phase::Busy | Phase::Stalled(_) | Phase::Displaced => None,
        }
    }

    /// Notes that a request has come.
    pub(super) fn begin(&self) {
        self.is_producing.store(true, Ordering::Release);
        *self.lock() = Phase::Busy;
    }

    /// Notes that the whole response has been handed over.
    pub(super) fn end(&self) {
        self.is_producing.store(false, Ordering::Release);
    }

    /// Notes that a part of a response is handed over.
    pub(super) fn hand_over(&self) {
        self.is_unwritten.store(true, Ordering::Release);
    }

    pub(super) fn is_unwritten(&self) -> bool {
        self.is_unwritten.load(Ordering::Acquire)
    }

    /// Notes that the socket takes no more.
    pub(super) fn stall(&self, now: Instant) {
        let mut phase = self.lock();
        if *phase == Phase::Busy {
            *phase = Phase::Stalled(now);
        }
    }

    /// Notes that the socket has taken bytes.
    pub(super) fn advance(&self) {
        let mut phase = self.lock();
        if let Phase::Stalled(_) = *phase {
            *phase = Phase::Busy;
        }
    }

    /// Notes that everything handed over has reached the socket. Returns whether a response has
    /// been written to its end.
    pub(super) fn written(&self, now: Instant) -> bool {
        self.is_unwritten.store(false, Ordering::Release);
        let mut phase = self.lock();
        let ends = !self.is_producing.load(Ordering::Acquire)
            && matches!(*phase, Phase::Busy | Phase::Stalled(_));
        if ends {
            *phase = Phase::Idle(now);
        }
        ends
    }

    fn lock(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that has been idle for so long may lose its place to another; the first request of a
/// new one takes a moment to arrive.
const IDLE: Duration = Duration::from_secs(1);
/// A client that has not read for so long may lose its place to another.
const STALLED: Duration = Duration::from_millis(250);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Phase;
    use super::Places;
    use super::STALLED;

    const SECOND: Duration = Duration::from_secs(1);

    impl super::Activity {
        fn is_displaced(&self) -> bool {
            *self.lock() == Phase::Displaced
        }
    }

    #[test]
    fn the_connection_that_is_idle_for_longest_loses_its_place() {
        let (places, start) = (Arc::new(Places::new(3)), Instant::now());
        let first = places.take_now(start).unwrap();
        let second = places.take_now(start + SECOND).unwrap();
        let third = places.take_now(start + SECOND * 2).unwrap();
        first.activity.begin();
        first.activity.end();
        assert!(first.activity.written(start + SECOND * 3));
        // It keeps the place until it is closed.
        assert!(places.take_now(start + SECOND * 4).is_none());
        let displaced = [&first, &second, &third].map(|each| each.activity.is_displaced());
        assert_eq!(displaced, [false, true, false]);
        drop(second);
        assert!(places.take_now(start + SECOND * 4).is_some());
    }

    #[test]
    fn a_request_in_progress_keeps_its_place_while_its_client_reads() {
        let (places, start) = (Arc::new(Places::new(1)), Instant::now());
        let place = places.take_now(start).unwrap();
        place.activity.begin();
        assert!(!place.activity.written(start), "its body still comes");
        assert!(places.take_now(start + STALLED * 9).is_none());
        place.activity.stall(start);
        assert!(places.take_now(start + STALLED / 2).is_none());
        place.activity.advance();
        assert!(places.take_now(start + STALLED).is_none());
        place.activity.stall(start + STALLED);
        assert!(!place.activity.is_displaced());
        assert!(places.take_now(start + STALLED * 2).is_none());
        assert!(place.activity.is_displaced());
    }
}
