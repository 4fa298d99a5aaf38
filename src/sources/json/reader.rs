//! Parses values, and collects what is wrong with them and where.

use std::borrow::Cow;
use std::cell::RefCell;

use serde::de::value::MapDeserializer;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::api::Items;
use super::bounded::{List, NULL, Parts, members};
use super::error::{Fault, Problem, missing_field};

/// The faults of one source.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) kept: Vec<Fault>,
    pub(super) left_out: usize,
}

/// The maximum number of faults kept per source.
const MOST_FAULTS: usize = 100;
/// The maximum number of items in an API list, far above CloudFront's quotas.
const MOST_ITEMS: usize = 10_000;

/// A value that is not parsed yet, and its place in its source.
#[derive(Clone, Copy)]
pub(super) struct Reader<'r, 'a> {
    pub(super) source: &'r str,
    pub(super) faults: &'r RefCell<Faults>,
    pub(super) parent: Option<&'r Self>,
    /// The step from the parent, such as `.Items` or `[3]`.
    pub(super) step: &'r str,
    pub(super) value: &'a str,
}

impl<'a> Reader<'_, 'a> {
    /// Returns the reader of a value at a step from here. A missing value is null.
    pub(super) fn at<'c>(&'c self, step: &'c str, value: Option<&'a RawValue>) -> Reader<'c, 'a> {
        Reader { parent: Some(self), step, value: value.map_or(NULL, RawValue::get), ..*self }
    }

    /// Returns an error at this place.
    pub(super) fn error(&self, problem: Problem) -> Fault {
        let path = self.path();
        let separator = if path.is_empty() { "" } else { ": " };
        Fault { place: [self.source, separator, path.trim_start_matches('.')].concat(), problem }
    }

    fn path(&self) -> String {
        self.parent.map(Reader::path).unwrap_or_default() + self.step
    }

    /// Reports a fault at this place.
    pub(super) fn fault(&self, problem: Problem) {
        let mut faults = self.faults.borrow_mut();
        if faults.kept.len() < MOST_FAULTS {
            faults.kept.push(self.error(problem));
        } else {
            faults.left_out += 1;
        }
    }

    /// Parses the value. Of an object, a member of the wrong kind is reported, and costs the object
    /// only if it is required.
    pub(super) fn read<T: Deserialize<'a>>(&self) -> Option<T> {
        let error = match T::deserialize(&mut serde_json::Deserializer::from_str(self.value)) {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let Ok(mut members) = members(self.value) else {
            self.fault(Problem::of(&error));
            return None;
        };
        loop {
            let object = MapDeserializer::new(members.iter().map(|(key, value)| (&**key, *value)));
            let error = match serde_path_to_error::deserialize(object) {
                Ok(object) => return Some(object),
                Err(error) => error,
            };
            let path = error.path().to_string();
            let Some(member) = members.get_mut(path.split('.').next()?) else {
                let step = missing_field(error.inner()).unwrap_or_default();
                self.at(&step, None).fault(Problem::of(error.inner()));
                return None;
            };
            // It is replaced below.
            if member.get() == NULL {
                return None;
            }
            *member = RawValue::NULL;
            self.at(&format!(".{path}"), None).fault(Problem::of(error.inner()));
        }
    }

    /// Parses the value under nested keys of an object. A missing value is null.
    pub(super) fn find<T: Deserialize<'a>>(&self, keys: &[&str]) -> Option<T> {
        let [key, keys @ ..] = keys else { return self.read() };
        let mut found = None;
        let find = Parts("an object", |name: Cow<'_, str>, value| {
            if name == *key {
                found = Some(value);
            }
        });
        if self.value != NULL {
            let read = serde_json::Deserializer::from_str(self.value).deserialize_map(find);
            read.map_err(|error| self.fault(Problem::of(&error))).ok()?;
        }
        self.at(&format!(".{key}"), found).find(keys)
    }

    /// Parses the items of the API list at a step from here. A missing list is empty.
    pub(super) fn items<T>(
        &self,
        step: &str,
        list: Option<Items<'a>>,
        read: impl FnMut(&Reader<'_, 'a>) -> Option<T>,
    ) -> Vec<T> {
        let Some(list) = list else { return Vec::new() };
        let at = self.at(step, None);
        let is_truncated = at.at(".IsTruncated", list.is_truncated);
        if is_truncated.read() == Some(Some(true)) {
            is_truncated.fault(Problem::OnePage);
        }
        let quantity = at.at(".Quantity", list.quantity);
        if list.items.is_none()
            && let Some(Some(quantity @ 1..)) = quantity.read::<Option<i64>>()
        {
            at.at(".Items", None).fault(Problem::NoItems { quantity });
        }
        at.list(".Items", list.items, MOST_ITEMS, read)
    }

    /// Parses the strings of the API list at a step from here.
    pub(super) fn texts(&self, step: &str, list: Option<Items<'a>>) -> Vec<Box<str>> {
        self.items(step, list, |at| at.read())
    }

    /// Parses the items of the list at a step from here, up to a limit. The result has no spare
    /// capacity, because it is kept.
    pub(super) fn list<T>(
        &self,
        step: &str,
        list: Option<List<'a>>,
        limit: usize,
        mut read: impl FnMut(&Reader<'_, 'a>) -> Option<T>,
    ) -> Vec<T> {
        let (at, List(items)) = (self.at(step, None), list.unwrap_or_default());
        if items.len() > limit {
            at.fault(Problem::TooManyItems { limit });
        }
        let items = items.into_iter().take(limit).enumerate();
        let read = |(position, item)| read(&at.at(&format!("[{position}]"), Some(item)));
        let mut items: Vec<T> = items.filter_map(read).collect();
        items.shrink_to_fit();
        items
    }
}
