//! A bar while one waits: how many origins are done of how many, how fast, and for which one the
//! rest is waiting. On a terminal's standard error only, and gone when it is done.

use std::sync::Arc;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressState;
use indicatif::ProgressStyle;
use tokio::time::Instant;

use crate::chain::printable;
use crate::origin::Origin;

/// The probes under way. Dropping it takes the bar off the screen.
#[derive(Debug)]
pub(in crate::cli) struct Progress {
    bar: ProgressBar,
    /// In the order in which their probes begin.
    origins: Vec<Arc<Origin>>,
    has_ended: Vec<bool>,
    /// The first that has not ended; it has begun, as they begin in order.
    first_under_way: usize,
    began: Instant,
    is_shown: bool,
}

impl Progress {
    /// Begins with the origins that are to be probed, in their order. The bar does not show before
    /// half a second has passed: what is done by then needs none.
    pub(in crate::cli) fn of(origins: &[Arc<Origin>]) -> Self {
        Self {
            bar: Self::bar(origins.len() as u64),
            origins: origins.to_vec(),
            has_ended: vec![false; origins.len()],
            first_under_way: 0,
            began: Instant::now(),
            is_shown: false,
        }
    }

    /// Returns what shows nothing.
    pub(in crate::cli) fn hidden() -> Self {
        let mut hidden = Self::of(&[]);
        hidden.is_shown = true;
        hidden
    }

    fn bar(count: u64) -> ProgressBar {
        let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // Writing to the line cannot fail.
            let _ = write!(out, "{:.0}/s", state.per_sec());
        };
        let template = ProgressStyle::with_template(TEMPLATE);
        let style = template.unwrap_or_else(|_| ProgressStyle::default_bar());
        let style = style.with_key("rate", rate).progress_chars("=> ");
        ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::hidden()).with_style(style)
    }

    /// Notes the end of a probe by the position of its origin.
    pub(in crate::cli) fn ended(&mut self, position: usize) {
        if let Some(ended) = self.has_ended.get_mut(position) {
            *ended = true;
        }
        while self.has_ended.get(self.first_under_way) == Some(&true) {
            self.first_under_way += 1;
        }
        self.bar.inc(1);
    }

    /// Shows how things stand; to be called every [`Progress::PACE`].
    pub(in crate::cli) fn show(&mut self) {
        if !self.is_shown && self.began.elapsed() >= PATIENCE {
            self.is_shown = true;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        if let Some(origin) = self.origins.get(self.first_under_way) {
            let name = printable(&origin.key.to_string(), LONGEST_NAME);
            self.bar.set_message(format!("waiting for {name}"));
        }
        self.bar.tick();
    }

    /// How often the bar is drawn.
    pub(in crate::cli) const PACE: Duration = Duration::from_millis(100);
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Fits into 60 columns, but for the name, which is cut.
const TEMPLATE: &str = "probing [{bar:16}] {pos}/{len} origins, {rate}, {wide_msg}";

const PATIENCE: Duration = Duration::from_millis(500);

const LONGEST_NAME: usize = 60;
