//! The delay of the event loop. A timeout during which this process was late proves nothing.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Records when the event loop was late, and by how much.
#[derive(Debug, Default)]
pub struct LoopLag {
    late: Mutex<VecDeque<(Instant, Duration)>>,
}

impl LoopLag {
    /// Ticks until dropped. Run it as a task of the runtime to monitor.
    pub async fn beat(&self) -> Infallible {
        loop {
            let due = Instant::now() + BEAT;
            tokio::time::sleep_until(due).await;
            let now = Instant::now();
            self.note(now, now.saturating_duration_since(due));
        }
    }

    /// Returns the worst delay of the event loop since `since`.
    pub fn latest_since(&self, since: Instant) -> Duration {
        let late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        late.iter()
            .rev()
            .take_while(|(at, _)| *at >= since)
            .map(|(_, by)| *by)
            .max()
            .unwrap_or_default()
    }

    fn note(&self, at: Instant, by: Duration) {
        if by < WORTH_NOTING {
            return;
        }
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        late.push_back((at, by));
        if late.len() > KEPT {
            late.pop_front();
        }
    }
}

const BEAT: Duration = Duration::from_millis(250);
/// A quarter of what would change a verdict.
const WORTH_NOTING: Duration = Duration::from_millis(250);
/// With a late tick every quarter of a second, more than four minutes.
const KEPT: usize = 1024;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::LoopLag;

    #[test]
    fn only_lateness_since_the_given_instant_counts() {
        let loop_lag = LoopLag::default();
        let start = Instant::now();
        loop_lag.note(start, Duration::from_secs(5));
        loop_lag.note(start + Duration::from_secs(10), Duration::from_millis(10));
        loop_lag.note(start + Duration::from_secs(20), Duration::from_secs(2));
        assert_eq!(loop_lag.latest_since(start), Duration::from_secs(5));
        assert_eq!(loop_lag.latest_since(start + Duration::from_secs(15)), Duration::from_secs(2));
        assert_eq!(loop_lag.latest_since(start + Duration::from_secs(25)), Duration::ZERO);
    }
}
