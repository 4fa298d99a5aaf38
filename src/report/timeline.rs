//! Lays out the certificates of a chain on a time axis: validity periods and events. Drawing is
//! done elsewhere.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::chain::ChainFacts;
use crate::origin::RenewalPolicy;
use crate::rules::renewals;

use super::{ChainPicture, NodeKind};

/// A time window with the bars and events in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The window; anything outside is cut off.
    pub from: Timestamp,
    pub to: Timestamp,
    /// One for each certificate with a known validity, in the order of the picture.
    pub bars: Vec<Bar>,
    /// In chronological order.
    pub events: Vec<Event>,
    /// The starts of months or years within the window.
    pub ticks: Vec<Tick>,
}

/// The validity of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The position of its certificate among the picture's nodes.
    pub node: usize,
    pub name: String,
    /// `None` for an anchor with only a known expiry.
    pub not_before: Option<Timestamp>,
    pub not_after: Timestamp,
    /// Whether it is on the main path.
    pub is_on_the_way: bool,
    /// Whether it is valid now.
    pub is_in_time: bool,
    /// From when its renewal is late; `None` if another certificate ends the chain earlier.
    pub warning: Option<Timestamp>,
    pub critical: Option<Timestamp>,
}

/// A notable instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    RenewalWarning,
    RenewalCritical,
    /// The best path of the chain has expired.
    ChainEnd,
    FirstFailure,
    /// The probe that first saw the failure, which may have begun earlier.
    SeenFailing,
    Today,
}

impl EventKind {
    /// Returns the label of the event.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RenewalWarning => "renewal late",
            Self::RenewalCritical => "renewal critical",
            Self::ChainEnd => "chain ended",
            Self::FirstFailure => "first failure",
            Self::SeenFailing => "first seen failing",
            Self::Today => "today",
        }
    }
}

/// A mark on the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    pub at: Timestamp,
    pub label: String,
}

impl Timeline {
    /// Lays out the validity of everything in `picture`, which shows `chain`; `None` if no
    /// certificate could be read.
    pub fn new(
        chain: &ChainFacts,
        picture: &ChainPicture,
        policy: &RenewalPolicy,
        failure: Option<Event>,
        now: Timestamp,
    ) -> Option<Self> {
        let end_entity = chain.end_entity()?;
        let bars = bars(chain, picture, policy, now);
        let mut events = vec![Event { kind: EventKind::Today, at: now }];
        let earliest =
            |instant: fn(&Bar) -> Option<Timestamp>| bars.iter().filter_map(instant).min();
        let ended = chain.path_not_after().filter(|end| end.as_second() < now.as_second());
        // Once the chain has expired, the renewal dates no longer matter.
        let late = |at: Option<Timestamp>| at.filter(|_| ended.is_none());
        for (kind, at) in [
            (EventKind::RenewalWarning, late(earliest(|bar| bar.warning))),
            (EventKind::RenewalCritical, late(earliest(|bar| bar.critical))),
            (EventKind::ChainEnd, ended),
        ] {
            events.extend(at.map(|at| Event { kind, at }));
        }
        events.extend(failure);
        events.sort_by_key(|event| (event.at, event.kind));
        let ends = bars.iter().filter(|bar| bar.is_on_the_way).map(|bar| bar.not_after);
        let soon = end_entity.not_after.max(now).saturating_add(MONTH).unwrap_or(Timestamp::MAX);
        let points = [end_entity.not_before, end_entity.not_after]
            .into_iter()
            .chain(events.iter().map(|event| event.at))
            .chain(ends.filter(|end| *end <= soon));
        let (from, to) = window(points, now);
        Some(Self { ticks: ticks(from, to), from, to, bars, events })
    }

    /// Returns the position of an instant in the window: from 0 at its start to 1 at its end,
    /// clamped.
    pub fn place(&self, at: Timestamp) -> f64 {
        let whole = (self.to.as_second() - self.from.as_second()).max(1);
        let part = at.as_second().saturating_sub(self.from.as_second());
        (part as f64 / whole as f64).clamp(0.0, 1.0)
    }

    /// Returns whether an instant is within the window.
    pub fn shows(&self, at: Timestamp) -> bool {
        self.from <= at && at <= self.to
    }
}

fn bars(
    chain: &ChainFacts,
    picture: &ChainPicture,
    policy: &RenewalPolicy,
    now: Timestamp,
) -> Vec<Bar> {
    let renewals: Vec<_> = renewals(chain, policy).collect();
    let shown = picture.nodes.iter().enumerate();
    shown
        .filter(|(_, node)| node.kind != NodeKind::Stray)
        .filter_map(|(position, node)| {
            let not_after = node.not_after?;
            let served = picture.places_of(position).next().map(|place| place.position);
            let certificate = served.and_then(|position| chain.certificate(position));
            let renewal = certificate.and_then(|certificate| {
                renewals.iter().find(|renewal| renewal.certificate.sha256 == certificate.sha256)
            });
            let renewal = renewal.filter(|_| node.is_on_the_way);
            Some(Bar {
                node: position,
                name: node.name.clone(),
                not_before: node.not_before,
                not_after,
                is_on_the_way: node.is_on_the_way,
                is_in_time: node.not_before.is_none_or(|begin| begin <= now)
                    && now.as_second() <= not_after.as_second(),
                warning: renewal.map(|renewal| renewal.instants.warning),
                critical: renewal.map(|renewal| renewal.instants.critical),
            })
        })
        .collect()
}

/// Returns a window around the points, with some room on both sides. Its ends are limited to a few
/// years from the present, so that near dates remain distinguishable.
fn window(points: impl Iterator<Item = Timestamp>, now: Timestamp) -> (Timestamp, Timestamp) {
    let seconds = now.as_second();
    let near = |at: Timestamp| at.as_second().clamp(seconds - FAR, seconds + FAR);
    let (mut from, mut to) = (seconds, seconds);
    for point in points.map(near) {
        (from, to) = (from.min(point), to.max(point));
    }
    let room = ((to - from) / 16).max(DAY);
    let instant = |second: i64| {
        let (least, most) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
        Timestamp::from_second(second.clamp(least, most)).unwrap_or(now)
    };
    (instant(from - room), instant(to + room))
}

/// Returns the starts of months, quarters or years, at most [`MOST_TICKS`].
fn ticks(from: Timestamp, to: Timestamp) -> Vec<Tick> {
    let first = Offset::UTC.to_datetime(from).date();
    let last = Offset::UTC.to_datetime(to).date();
    let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
    let (first, last) = (months(first), months(last));
    let step = STEPS.iter().find(|step| (last - first) / **step < MOST_TICKS);
    let Some(step) = step.copied() else { return Vec::new() };
    let mut ticks = Vec::new();
    for month in (first..=last).filter(|month| month.rem_euclid(step) == 0) {
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        let date = i16::try_from(year).ok().zip(i8::try_from(month).ok());
        let date = date.and_then(|(year, month)| Date::new(year, month, 1).ok());
        let midnight = date.map(|date| date.at(0, 0, 0, 0));
        let Some(at) = midnight.and_then(|at| Offset::UTC.to_timestamp(at).ok()) else { continue };
        if from <= at && at <= to {
            let format = if step < 12 { "%b %Y" } else { "%Y" };
            ticks.push(Tick { at, label: at.strftime(format).to_string() });
        }
    }
    ticks
}

/// The maximum distance of the window's ends from the present: three years.
const FAR: i64 = 3 * 366 * DAY;
const DAY: i64 = 86_400;
/// Expiries within this time after the end-entity certificate's are still of interest.
const MONTH: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Months from one tick to the next.
const STEPS: [i32; 5] = [1, 2, 3, 6, 12];
const MOST_TICKS: i32 = 6;
