//! How late the event loop is: a timeout during which we ourselves were late proves nothing.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

/// Remembers when the event loop was late, and by how much.
#[derive(Debug, Default)]
pub struct Pulse {
    late: Mutex<VecDeque<(Instant, Duration)>>,
}

impl Pulse {
    /// Beats until dropped; run it as a task of the runtime to be watched.
    pub async fn beat(&self) -> Infallible {
        loop {
            let due = Instant::now() + BEAT;
            tokio::time::sleep_until(due).await;
            let now = Instant::now();
            self.note(now, now.saturating_duration_since(due));
        }
    }

    /// Returns by how much the event loop was late at worst since `since`.
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
/// A beat each quarter of a second, all of them late: more than four minutes.
const KEPT: usize = 1024;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Pulse;

    #[test]
    fn only_lateness_since_the_given_instant_counts() {
        let pulse = Pulse::default();
        let start = Instant::now();
        pulse.note(start, Duration::from_secs(5));
        pulse.note(start + Duration::from_secs(10), Duration::from_millis(10));
        pulse.note(start + Duration::from_secs(20), Duration::from_secs(2));
        assert_eq!(pulse.latest_since(start), Duration::from_secs(5));
        assert_eq!(pulse.latest_since(start + Duration::from_secs(15)), Duration::from_secs(2));
        assert_eq!(pulse.latest_since(start + Duration::from_secs(25)), Duration::ZERO);
    }
}
