//! Progress bar: how many origins are done, the rate, and the origin that has been running longest.
//! It is shown only if standard error is a terminal, and removed at the end.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use terminal_size::Width;
use tokio::time::Instant;
use unicode_width::UnicodeWidthStr;

use crate::chain::printable;
use crate::origin::Origin;

/// The progress of running probes. Dropping it removes the bar from the screen.
#[derive(Debug)]
pub(in crate::cli) struct Progress {
    /// In the order in which their probes begin; empty if no bar is shown.
    origins: Vec<Arc<Origin>>,
    has_ended: Vec<bool>,
    ended: usize,
    /// The first that has not ended. It has begun, because probes begin in order.
    first_under_way: usize,
    began: Instant,
    is_drawn: bool,
}

impl Progress {
    /// Creates a bar for the origins, in the order of their probes. Shows nothing if standard error
    /// is not a terminal, or a terminal that cannot move its cursor.
    pub(in crate::cli) fn of(origins: &[Arc<Origin>]) -> Self {
        let has_cursor = std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let is_seen = std::io::stderr().is_terminal() && has_cursor;
        Self::over(if is_seen { origins.to_vec() } else { Vec::new() })
    }

    /// Creates a bar that is never shown.
    pub(in crate::cli) fn hidden() -> Self {
        Self::over(Vec::new())
    }

    fn over(origins: Vec<Arc<Origin>>) -> Self {
        let has_ended = vec![false; origins.len()];
        let began = Instant::now();
        Self { origins, has_ended, ended: 0, first_under_way: 0, began, is_drawn: false }
    }

    /// Records that the probe of the origin at `position` has ended.
    pub(in crate::cli) fn ended(&mut self, position: usize) {
        if let Some(ended) = self.has_ended.get_mut(position) {
            *ended = true;
            self.ended += 1;
        }
        while self.has_ended.get(self.first_under_way) == Some(&true) {
            self.first_under_way += 1;
        }
    }

    /// Draws the bar; call it every [`Progress::PACE`]. Nothing is drawn in the first half second,
    /// because short checks need no bar.
    pub(in crate::cli) fn show(&mut self) {
        let elapsed = self.began.elapsed();
        if self.origins.is_empty() || elapsed < PATIENCE {
            return;
        }
        let size = terminal_size::terminal_size_of(std::io::stderr());
        let columns = size.map_or(0, |(Width(columns), _)| usize::from(columns));
        self.is_drawn = true;
        draw(&self.line(elapsed, columns.saturating_sub(KEPT_FREE)));
    }

    /// Returns the bar cut to `columns`: without the name if it does not fit, then without the bar.
    fn line(&self, elapsed: Duration, columns: usize) -> String {
        let (ended, all) = (self.ended, self.origins.len());
        let rate = ended as f64 / elapsed.as_secs_f64();
        let counts = format!("{ended}/{all}, {rate:.0}/s");
        let filled = BAR * ended / all.max(1);
        let head = if ended < all { ">" } else { "" };
        let bar = format!("{:=<filled$}{head}", "");
        let line = format!("probing [{bar:BAR$}] {counts}");
        let name = self.origins.get(self.first_under_way).map(|origin| origin.key.to_string());
        let room = columns.saturating_sub(line.width() + ": …".width());
        let name = name.filter(|_| room >= SHORTEST_NAME).map(|name| printable(&name, room));
        match name.filter(|name| name.width() <= room + 1) {
            Some(name) => format!("{line}: {name}"),
            None if line.width() <= columns => line,
            None => counts,
        }
    }

    /// How often the bar is drawn.
    pub(in crate::cli) const PACE: Duration = Duration::from_millis(100);
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_drawn {
            draw("");
        }
    }
}

/// Replaces the cursor's line with `line`. The cursor stays visible and in place, so that nothing
/// needs to be restored however the process ends.
fn draw(line: &str) {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "\r{line}\u{1b}[K").and_then(|()| err.flush());
}

/// In columns.
const BAR: usize = 16;

/// Empty columns at the right edge. If the `^C` that a terminal prints went over the edge, the
/// cursor would move to the next line and the bar would stay on the screen.
const KEPT_FREE: usize = "^C".len() + 1;

/// In columns; a shorter name is useless.
const SHORTEST_NAME: usize = 4;

const PATIENCE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use crate::origin::Origin;

    use super::Progress;

    fn origin(domain: &str) -> Arc<Origin> {
        Arc::new(Origin::with_defaults(domain.parse().unwrap()))
    }

    #[test]
    fn the_bar_tells_counts_rate_and_the_first_that_is_waited_for() {
        let domains = ["a.example", "silent.shop.example", "c.example", "d.example"];
        let mut progress = Progress::over(domains.map(origin).to_vec());
        let line = |progress: &Progress, columns| progress.line(Duration::from_secs(2), columns);
        assert_eq!(line(&progress, 60), "probing [>               ] 0/4, 0/s: a.example");
        for position in [2, 0, 3] {
            progress.ended(position);
        }
        for (columns, expected) in [
            (57, "probing [============>   ] 3/4, 2/s: silent.shop.example"),
            (47, "probing [============>   ] 3/4, 2/s: silent.sh…"),
            (40, "probing [============>   ] 3/4, 2/s"),
            (20, "3/4, 2/s"),
        ] {
            assert_eq!(line(&progress, columns), expected);
        }
        progress.ended(1);
        assert_eq!(line(&progress, 60), "probing [================] 4/4, 2/s");
    }
}
