//! The line of time as an SVG: a bar for each certificate, and lines for today and what is to come.

use jiff::Timestamp;
use maud::Markup;
use maud::html;

use crate::report::Bar;
use crate::report::Event;
use crate::report::EventKind;
use crate::report::Timeline;
use crate::report::relative;

use super::svg::at;
use super::svg::lines;
use super::words::day;

/// Returns the drawing; `number` tells several on one page apart.
pub(super) fn figure(timeline: &Timeline, number: usize, now: Timestamp) -> Markup {
    let shown: Vec<&Event> = timeline.events.iter().filter(|e| timeline.shows(e.at)).collect();
    let bars_top = TOP + shown.len() as f64 * EVENT + 6.0;
    let axis = bars_top + timeline.bars.len() as f64 * BAR;
    let (title, description) = (format!("time-{number}-title"), format!("time-{number}-text"));
    let hatch = format!("time-{number}-hatch");
    html! {
        figure.timeline {
            svg viewBox=(format!("0 0 {WIDTH} {}", at(axis + 24.0)))
                role="img" aria-labelledby=(format!("{title} {description}")) {
                title id=(title) { "When the certificates are valid" }
                desc id=(description) { (in_words(timeline, now)) }
                defs {
                    pattern.hatch id=(hatch) width="6" height="6" patternUnits="userSpaceOnUse"
                        patternTransform="rotate(45)" {
                        rect.ground width="6" height="6" {}
                        rect.stripe width="2.4" height="6" {}
                    }
                }
                @for tick in &timeline.ticks { (tick_mark(timeline, tick.at, &tick.label, bars_top, axis)) }
                @for (row, bar) in timeline.bars.iter().enumerate() {
                    (bar_row(timeline, bar, bars_top + row as f64 * BAR, &hatch))
                }
                line.axis x1=(at(LEFT)) y1=(at(axis)) x2=(at(LEFT + SPAN)) y2=(at(axis)) {}
                @for (row, event) in shown.iter().enumerate() {
                    (event_mark(timeline, event, TOP + row as f64 * EVENT, axis, now))
                }
            }
            figcaption {
                "Validity of each certificate. Hatched: its renewal is late; dark: critical."
            }
        }
    }
}

fn x(timeline: &Timeline, instant: Timestamp) -> f64 {
    LEFT + SPAN * timeline.place(instant)
}

fn tick_mark(timeline: &Timeline, instant: Timestamp, label: &str, top: f64, axis: f64) -> Markup {
    let x = x(timeline, instant);
    let anchor = match x {
        x if x < LEFT + 26.0 => "start",
        x if x > LEFT + SPAN - 26.0 => "end",
        _ => "middle",
    };
    html! {
        g.tick {
            line x1=(at(x)) y1=(at(top)) x2=(at(x)) y2=(at(axis + 4.0)) {}
            text x=(at(x)) y=(at(axis + 17.0)) text-anchor=(anchor) { (label) }
        }
    }
}

fn bar_row(timeline: &Timeline, bar: &Bar, top: f64, hatch: &str) -> Markup {
    let begin = bar.not_before.unwrap_or(timeline.from);
    let (left, right) = (x(timeline, begin), x(timeline, bar.not_after));
    let (begins_before, ends_after) = (begin <= timeline.from, bar.not_after > timeline.to);
    let dates = match bar.not_before {
        Some(begin) => format!("{} to {}", day(begin), day(bar.not_after)),
        None => format!("until {}", day(bar.not_after)),
    };
    let state = if bar.is_in_time { "" } else { "✕ " };
    let name = lines(&bar.name, NAME, 1).pop().unwrap_or_default();
    let y = top + 20.0;
    let late = bar
        .warning
        .map(|warning| (x(timeline, warning), x(timeline, bar.critical.unwrap_or(bar.not_after))));
    let class = match (bar.is_on_the_way, bar.is_in_time) {
        (false, _) => "bar aside",
        (true, true) => "bar",
        (true, false) => "bar over",
    };
    html! {
        g class=(class) {
            text.subject x=(at(LEFT)) y=(at(top + 14.0)) { (state) (name) }
            rect.whole x=(at(left)) y=(at(y)) width=(at((right - left).max(2.0))) height="12" rx="2" {}
            @if let Some((warning, critical)) = late.filter(|_| bar.is_in_time) {
                rect.late x=(at(warning)) y=(at(y)) width=(at(critical - warning)) height="12"
                    fill=(format!("url(#{hatch})")) {}
                rect.critical x=(at(critical)) y=(at(y)) width=(at(right - critical)) height="12" {}
            }
            // What goes on beyond the window ends in a point.
            @if begins_before {
                path.beyond d=(format!("M{} {} l-6 6 l6 6 z", at(left), at(y))) {}
            }
            @if ends_after {
                path.beyond d=(format!("M{} {} l6 6 l-6 6 z", at(right), at(y))) {}
            }
            text.dates x=(at(LEFT)) y=(at(y + 26.0)) { (dates) }
        }
    }
}

fn event_mark(timeline: &Timeline, event: &Event, top: f64, axis: f64, now: Timestamp) -> Markup {
    let x = x(timeline, event.at);
    let is_left = timeline.place(event.at) < 0.5;
    let (anchor, label) = if is_left { ("start", x + 9.0) } else { ("end", x - 9.0) };
    let class = match event.kind {
        EventKind::Today => "event today",
        EventKind::ChainEnd | EventKind::FirstFailure => "event failure",
        EventKind::RenewalWarning => "event warning",
        EventKind::RenewalCritical => "event critical",
    };
    let (middle, d) = (top + EVENT / 2.0, 4.5);
    html! {
        g class=(class) {
            line x1=(at(x)) y1=(at(middle)) x2=(at(x)) y2=(at(axis)) {}
            // Each kind has a shape of its own.
            @match event.kind {
                EventKind::Today => { circle cx=(at(x)) cy=(at(middle)) r="4.5" {} }
                EventKind::ChainEnd | EventKind::FirstFailure => {
                    path.cross d=(format!(
                        "M{} {} l9 9 m0 -9 l-9 9", at(x - d), at(middle - d)
                    )) {}
                }
                EventKind::RenewalWarning => {
                    path d=(format!("M{} {} l5 9 l-10 0 z", at(x), at(middle - 5.0))) {}
                }
                EventKind::RenewalCritical => {
                    rect x=(at(x - d)) y=(at(middle - d)) width="9" height="9" {}
                }
            }
            text x=(at(label)) y=(at(middle + 4.5)) text-anchor=(anchor) { (words(event, now)) }
        }
    }
}

/// An event with its day, and how far that is.
fn words(event: &Event, now: Timestamp) -> String {
    let date = day(event.at);
    match event.kind {
        EventKind::Today => format!("today, {date}"),
        EventKind::FirstFailure if event.at <= now => format!("failing, seen since {date}"),
        kind => format!("{} {date}, {}", kind.as_str(), relative(event.at, now)),
    }
}

/// The drawing in sentences, for those who do not see it.
fn in_words(timeline: &Timeline, now: Timestamp) -> String {
    let bars = timeline.bars.iter().map(|bar| {
        let begin = bar.not_before.map(|at| format!(" from {}", day(at))).unwrap_or_default();
        format!("{} is valid{begin} until {}. ", bar.name, day(bar.not_after))
    });
    let events = timeline.events.iter().map(|event| format!("{}. ", words(event, now)));
    bars.chain(events).collect()
}

const WIDTH: u32 = 392;
const LEFT: f64 = 10.0;
const SPAN: f64 = 372.0;
const TOP: f64 = 4.0;
const EVENT: f64 = 20.0;
const BAR: f64 = 58.0;
/// How many letters of a name fit.
const NAME: usize = 48;
