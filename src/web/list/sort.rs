//! The sort orders of origins.

use std::cmp::Reverse;
use std::fmt;

use jiff::Timestamp;

use crate::config::Shown;
use crate::origin::spelling;

use super::super::query::QueryError;
use super::Row;

/// A sort order and its direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Sort {
    pub(in super::super) order: Order,
    pub(in super::super) is_reversed: bool,
}

/// The sort key; ties, and rows without a value, are ordered by the origin's key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) enum Order {
    /// Failing origins first, newest failure first; then those that fail next, soonest first; then
    /// the others.
    #[default]
    Urgency,
    FirstFailure,
    Origin,
    Domain,
    Distribution,
    /// The share of addresses that fail.
    Addresses,
    Probed,
}

impl Order {
    /// Every order, as it is spelled in URLs.
    pub(in super::super) const ALL: [(&'static str, Self); 7] = [
        ("urgency", Self::Urgency),
        ("first-failure", Self::FirstFailure),
        ("origin", Self::Origin),
        ("domain", Self::Domain),
        ("distribution", Self::Distribution),
        ("addresses", Self::Addresses),
        ("probed", Self::Probed),
    ];
}

impl Sort {
    /// Parses a sort order as it is spelled in URLs.
    pub(super) fn read(text: &str) -> Result<Self, QueryError> {
        let reversed = text.strip_prefix('-');
        let (name, is_reversed) = (reversed.unwrap_or(text), reversed.is_some());
        let order = Order::ALL.into_iter().find(|(spelling, _)| *spelling == name);
        order.map(|(_, order)| Self { order, is_reversed }).ok_or_else(|| {
            let known = Order::ALL.map(|(spelling, _)| spelling).join(", ");
            let known = format!("{known}, or one of these after a `-`");
            let (name, value) = ("sort", Shown::of(text));
            QueryError::Value { name, value, expected: "known", known }
        })
    }

    /// Sorts rows, each with its position among all origins. Rows without a value come last in
    /// either direction.
    pub(super) fn apply(self, rows: &mut [(u32, Row)]) {
        match self.order {
            Order::Urgency => self.by(rows, |row| Some(urgency(row))),
            Order::FirstFailure => self.by(rows, |row| row.view().first_failure),
            Order::Origin => self.by(rows, |row| Some(row.entry.origin.key.id.to_lowercase())),
            Order::Domain => self.by(rows, |row| Some(row.entry.origin.domain().clone())),
            Order::Distribution => self.by(rows, |row| {
                let distribution = &row.entry.origin.key.distribution;
                Some(distribution).filter(|name| !name.is_empty()).cloned()
            }),
            Order::Addresses => self.by(rows, Row::failing_share),
            Order::Probed => self.by(rows, Row::probed_at),
        }
    }

    fn by<K: Ord>(self, rows: &mut [(u32, Row)], key: impl Fn(&Row) -> Option<K>) {
        if self.is_reversed {
            sort(rows, |row| key(row).map(Reverse));
        } else {
            sort(rows, key);
        }
    }
}

fn sort<K: Ord>(rows: &mut [(u32, Row)], key: impl Fn(&Row) -> Option<K>) {
    rows.sort_by_cached_key(|(_, row)| {
        let first = key(row);
        (first.is_none(), first, row.entry.origin.key.clone())
    });
}

/// Within a group, either the newest failure or the soonest one comes first.
fn urgency(row: &Row) -> impl Ord + use<> {
    let view = row.view();
    let since = view.failing.map(|failing| Reverse(failing.at));
    (view.state, since, view.first_failure.unwrap_or(Timestamp::MAX))
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_reversed { "-" } else { "" })?;
        f.write_str(spelling(&Order::ALL, self.order))
    }
}
