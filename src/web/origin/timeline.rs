//! The timeline: a bar for each certificate, and marks for today and for coming events.
//!
//! Text is HTML beside the bars. The drawings contain no text except the dates of the axis, which
//! are below its ticks, so no line crosses a label, whatever the font and width.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::report::{Bar, Event, EventKind, Tick, Timeline, relative};

use super::super::format::{day, foreign};

/// Returns the timeline; `number` distinguishes several on one page.
pub(super) fn figure(timeline: &Timeline, number: usize, now: Timestamp) -> Markup {
    let shown: Vec<&Event> = timeline.events.iter().filter(|e| timeline.shows(e.at)).collect();
    let hatch = format!("time-{number}-hatch");
    html! {
        figure.timeline {
            ul.events {
                @for event in &timeline.events {
                    li.(class(event.kind)) {
                        svg.sign viewBox="-7 -7 14 14" aria-hidden="true" { (sign(event.kind)) }
                        (words(event, now))
                    }
                }
            }
            svg.track aria-hidden="true" {
                @for event in &shown {
                    svg.(class(event.kind)) x=(place(timeline, event.at)) y="50%" overflow="visible" {
                        (sign(event.kind))
                    }
                }
            }
            @for bar in &timeline.bars {
                div.subject { @if !bar.is_in_time { "✕ " } (foreign(&bar.name)) }
                (track(timeline, bar, &shown, &hatch))
                div.dates {
                    @match bar.not_before {
                        Some(begin) => { (day(begin)) " to " (day(bar.not_after)) }
                        None => { "until " (day(bar.not_after)) }
                    }
                }
            }
            svg.axis aria-hidden="true" {
                defs {
                    pattern.hatch id=(hatch) width="6" height="6" patternUnits="userSpaceOnUse"
                        patternTransform="rotate(45)" {
                        rect.ground width="6" height="6" {}
                        rect.stripe width="2.4" height="6" {}
                    }
                }
                line x1="0" y1="1" x2="100%" y2="1" {}
                @for tick in &timeline.ticks { (tick_mark(timeline, tick)) }
            }
            figcaption {
                "Validity of each certificate. Hatched: renewal late. Dark: renewal critical."
            }
        }
    }
}

/// Returns the position of an instant between the left and the right edge.
fn place(timeline: &Timeline, instant: Timestamp) -> String {
    format!("{:.2}%", 100.0 * timeline.place(instant))
}

fn tick_mark(timeline: &Timeline, tick: &Tick) -> Markup {
    let x = place(timeline, tick.at);
    let anchor = match timeline.place(tick.at) {
        x if x < 0.08 => "start",
        x if x > 0.92 => "end",
        _ => "middle",
    };
    html! {
        line x1=(x) y1="1" x2=(x) y2="6" {}
        text x=(x) y="19" text-anchor=(anchor) { (tick.label) }
    }
}

fn track(timeline: &Timeline, bar: &Bar, shown: &[&Event], hatch: &str) -> Markup {
    let part = |class: &str, from: Timestamp, to: Timestamp, fill: Option<String>| {
        let (left, right) = (timeline.place(from), timeline.place(to));
        let width = format!("{:.2}%", (100.0 * (right - left)).max(0.4));
        html! {
            rect class=(class) x=(place(timeline, from)) y="2" width=(width) height="12" fill=[fill] {}
        }
    };
    let state = match (bar.is_on_the_way, bar.is_in_time) {
        (false, _) => "track bar aside",
        (true, true) => "track bar",
        (true, false) => "track bar over",
    };
    html! {
        svg class=(state) aria-hidden="true" {
            (part("whole", bar.not_before.unwrap_or(timeline.from), bar.not_after, None))
            @if let Some(warning) = bar.warning.filter(|_| bar.is_in_time) {
                @let critical = bar.critical.unwrap_or(bar.not_after);
                (part("late", warning, critical, Some(format!("url(#{hatch})"))))
                (part("critical", critical, bar.not_after, None))
            }
            @for event in shown {
                @let x = place(timeline, event.at);
                line.(class(event.kind)) x1=(x) y1="0" x2=(x) y2="100%" {}
            }
        }
    }
}

fn class(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Today => "today",
        EventKind::ChainEnd | EventKind::FirstFailure | EventKind::SeenFailing => "failure",
        EventKind::RenewalWarning => "warning",
        EventKind::RenewalCritical => "critical",
    }
}

/// Draws the sign of an event; each kind has its own shape.
fn sign(kind: EventKind) -> Markup {
    match kind {
        EventKind::Today => html! { circle r="4.5" {} },
        EventKind::ChainEnd | EventKind::FirstFailure | EventKind::SeenFailing => {
            html! { path.cross d="M-4.5 -4.5 l9 9 m0 -9 l-9 9" {} }
        }
        EventKind::RenewalWarning => html! { path d="M0 -5 l5 9 l-10 0 z" {} },
        EventKind::RenewalCritical => html! { rect x="-4.5" y="-4.5" width="9" height="9" {} },
    }
}

/// Returns an event with its date and its distance from now.
fn words(event: &Event, now: Timestamp) -> String {
    let date = day(event.at);
    match event.kind {
        EventKind::Today => format!("today, {date}"),
        kind => format!("{} {date}, {}", kind.as_str(), relative(event.at, now)),
    }
}
