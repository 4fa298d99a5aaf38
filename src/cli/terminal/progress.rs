//! A bar while one waits: how many origins are done of how many, how fast, and which one is waited
//! for the longest. On a terminal's standard error only, and gone when it is done.

use std::io::IsTerminal;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use terminal_size::Width;
use tokio::time::Instant;
use unicode_width::UnicodeWidthStr;

use crate::chain::printable;
use crate::origin::Origin;

/// The probes under way. Dropping it takes the bar off the screen.
#[derive(Debug)]
pub(in crate::cli) struct Progress {
    /// In the order in which their probes begin; empty where nothing is to be shown.
    origins: Vec<Arc<Origin>>,
    has_ended: Vec<bool>,
    ended: usize,
    /// The first that has not ended; it has begun, as they begin in order.
    first_under_way: usize,
    began: Instant,
    is_drawn: bool,
}

impl Progress {
    /// Begins with the origins that are to be probed, in their order; shows nothing where standard
    /// error is no terminal, or one that cannot move its cursor.
    pub(in crate::cli) fn of(origins: &[Arc<Origin>]) -> Self {
        let has_cursor = std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let is_seen = std::io::stderr().is_terminal() && has_cursor;
        Self::over(if is_seen { origins.to_vec() } else { Vec::new() })
    }

    /// Returns what shows nothing.
    pub(in crate::cli) fn hidden() -> Self {
        Self::over(Vec::new())
    }

    fn over(origins: Vec<Arc<Origin>>) -> Self {
        let has_ended = vec![false; origins.len()];
        let began = Instant::now();
        Self { origins, has_ended, ended: 0, first_under_way: 0, began, is_drawn: false }
    }

    /// Notes the end of a probe by the position of its origin.
    pub(in crate::cli) fn ended(&mut self, position: usize) {
        if let Some(ended) = self.has_ended.get_mut(position) {
            *ended = true;
            self.ended += 1;
        }
        while self.has_ended.get(self.first_under_way) == Some(&true) {
            self.first_under_way += 1;
        }
    }

    /// Shows how things stand; to be called every [`Progress::PACE`]. Nothing is shown before half
    /// a second has passed: what is done by then needs no bar.
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

    /// Returns what fits into `columns`; the name goes first, then the bar.
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

/// Puts `line` in the place of what stands in the cursor's line, and the rest of that out. The
/// cursor stays visible and where it is: whatever ends us, there is nothing to be set right.
fn draw(line: &str) {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "\r{line}\u{1b}[K").and_then(|()| err.flush());
}

/// In columns.
const BAR: usize = 16;

/// Columns at the right edge that stay empty: were the `^C` that a terminal adds to go over the
/// edge, the cursor would stand in the next line, and the bar stay behind.
const KEPT_FREE: usize = "^C".len() + 1;

/// In columns; less says nothing.
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
