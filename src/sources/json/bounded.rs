//! Lists and objects whose values are not parsed yet: they borrow from the input. The sizes are
//! bounded, so that many small values do not take many times the memory of the file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The first items of a list: up to one more than the largest limit, so that a cut is noticed.
#[derive(Debug, Default)]
pub(super) struct List<'a>(pub(super) Vec<&'a RawValue>);

/// The maximum number of items in a plain list. Lists of tenants are the longest.
pub(super) const MOST_LISTED: usize = 50_000;

impl<'de: 'a, 'a> Deserialize<'de> for List<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut items = Vec::new();
        deserializer.deserialize_seq(Parts("a list", |_, item| {
            if items.len() <= MOST_LISTED {
                items.push(item);
            }
        }))?;
        Ok(Self(items))
    }
}

/// Returns the members of a text that is one object, without those that are null. The last value of
/// a duplicate key counts.
pub(super) fn members<'a>(
    object: &'a str,
) -> Result<BTreeMap<Cow<'a, str>, &'a RawValue>, serde_json::Error> {
    let mut members = BTreeMap::new();
    let mut object = serde_json::Deserializer::from_str(object);
    object.deserialize_map(Parts("an object", |key, value: &'a RawValue| {
        members.remove(&key);
        if members.len() < MOST_MEMBERS && value.get() != NULL {
            members.insert(key, value);
        }
    }))?;
    object.end()?;
    Ok(members)
}

/// The text of a missing value.
pub(super) const NULL: &str = "null";

/// The maximum number of members. The API's objects have at most 30.
const MOST_MEMBERS: usize = 100;

/// Visits the members of an object, or the items of a list, which have no keys. The text says which.
pub(super) struct Parts<F>(pub(super) &'static str, pub(super) F);

impl<'de, F: FnMut(Cow<'de, str>, &'de RawValue)> Visitor<'de> for Parts<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element()? {
            (self.1)(Cow::default(), item);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<(), A::Error> {
        while let Some((Key(key), value)) = object.next_entry()? {
            (self.1)(key, value);
        }
        Ok(())
    }
}

/// A key that borrows from the input if it has no escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
