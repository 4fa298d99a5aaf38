//! Renders the reports of a check: the same for a live check, a file of distributions, a chain in a
//! file and the demo.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::report;
use crate::report::{ChainListing, Line, Outcome, Report, Text};

use super::super::arguments::{DrawChain, Quietness};
use super::{Glyphs, Screen, drawing};

/// How the reports of a check are evaluated and shown.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Renderer {
    pub(in crate::cli) now: Timestamp,
    pub(in crate::cli) within: Option<Duration>,
    pub(in crate::cli) quietness: Quietness,
    pub(in crate::cli) draw_chain: DrawChain,
    pub(in crate::cli) screen: Screen,
    pub(in crate::cli) glyphs: Glyphs,
}

impl Renderer {
    /// Returns whether an origin is shown.
    pub(in crate::cli) fn covers(self, report: &Report) -> bool {
        match self.quietness {
            Quietness::Talkative => true,
            Quietness::Troubles => self.outcome(report) != Outcome::Answers,
            Quietness::Silent => false,
        }
    }

    pub(in crate::cli) fn outcome(self, report: &Report) -> Outcome {
        Outcome::of(report, self.now, self.within)
    }

    /// Renders one origin: verdict, cause, remedy, and its chain if that helps.
    pub(in crate::cli) fn origin(self, report: &Report) -> Text {
        let mut text = report::text(report, self.now, self.within);
        for picture in self.pictures(report) {
            text.lines.extend(drawing::draw(&picture, self.glyphs, self.screen.width));
        }
        text
    }

    fn pictures(self, report: &Report) -> Vec<ChainListing> {
        let all = || report::chain_listings(report, self.now, self.within);
        match self.draw_chain {
            DrawChain::Always => all(),
            DrawChain::Never => Vec::new(),
            DrawChain::Auto if !self.screen.is_terminal => Vec::new(),
            DrawChain::Auto if self.outcome(report) == Outcome::Answers => Vec::new(),
            DrawChain::Auto => all().into_iter().filter(ChainListing::shows_a_fault).collect(),
        }
    }

    /// Renders the end of the output: what is not covered, a remark, and the summary.
    pub(in crate::cli) fn closing(self, reports: &[Arc<Report>], remark: Option<Line>) -> Text {
        let mut text = Text::default();
        if self.quietness == Quietness::Talkative {
            text.lines.extend(report::not_covered(reports));
            text.lines.extend(remark);
            text.lines.extend(report::summary(reports, self.now, self.within));
        }
        text
    }

    /// Renders several origins, their effect on viewers, and a remark about all of them.
    pub(in crate::cli) fn origins(
        self,
        reports: &[Arc<Report>],
        impact: Text,
        remark: Option<Line>,
    ) -> Text {
        let told = reports.iter().filter(|report| self.covers(report));
        let mut texts: Vec<Text> = told.map(|report| self.origin(report)).collect();
        if self.quietness != Quietness::Silent {
            texts.push(impact);
        }
        texts.push(self.closing(reports, remark));
        if reports.len() < 2 {
            return Text { lines: texts.into_iter().flat_map(|text| text.lines).collect() };
        }
        self.apart(texts)
    }

    /// Joins texts. On a terminal, empty lines separate texts of several lines.
    pub(in crate::cli) fn apart(self, texts: Vec<Text>) -> Text {
        let mut joined = Text::default();
        let mut was_long = false;
        for text in texts.into_iter().filter(|text| !text.lines.is_empty()) {
            let is_long = text.lines.len() > 1;
            if self.screen.is_terminal && !joined.lines.is_empty() && (was_long || is_long) {
                joined.push(Line::new());
            }
            was_long = is_long;
            joined.extend(text);
        }
        joined
    }

    pub(in crate::cli) fn print(self, text: &Text) -> std::io::Result<()> {
        self.screen.print(text)
    }
}
