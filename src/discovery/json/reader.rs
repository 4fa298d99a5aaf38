//! One value of a document, which knows where it stands.

use std::cell::RefCell;

use serde_json::Value;

use super::error::Fault;
use super::error::Kind;
use super::error::Problem;
use super::is_there;

/// Where what is wrong with one source is left.
#[derive(Debug)]
pub(super) struct Faults {
    place: String,
    faults: RefCell<Vec<Fault>>,
}

impl Faults {
    pub(super) fn of(place: &str) -> Self {
        Self { place: place.to_owned(), faults: RefCell::default() }
    }

    pub(super) fn into_vec(self) -> Vec<Fault> {
        self.faults.into_inner()
    }
}

/// One value, and the way to it.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    value: &'a Value,
    path: String,
    faults: &'a Faults,
}

impl<'a> Reader<'a> {
    pub(super) fn new(value: &'a Value, path: String, faults: &'a Faults) -> Self {
        Self { value, path, faults }
    }

    /// Returns what stands under a key; `None` where nothing does, or null.
    pub(super) fn find(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| is_there(value))?;
        Some(Self { value, path: self.path_to(key), faults: self.faults })
    }

    /// Returns the object under a key; anything else is complained about.
    pub(super) fn object(&self, key: &str) -> Option<Self> {
        self.find(key)?.expect(Kind::Object)
    }

    /// Returns the object under a key; that there is none is complained about, too.
    pub(super) fn required_object(&self, key: &str) -> Option<Self> {
        self.required(key)?.expect(Kind::Object)
    }

    /// Returns the text under a key.
    pub(super) fn text(&self, key: &str) -> Option<Box<str>> {
        self.find(key)?.as_text()
    }

    /// Returns the text under a key; that there is none is complained about, too.
    pub(super) fn required_text(&self, key: &str) -> Option<Box<str>> {
        self.required(key)?.as_text()
    }

    /// Returns the text under a key; none where it is empty, as the API writes what is not set.
    pub(super) fn text_unless_empty(&self, key: &str) -> Option<Box<str>> {
        self.text(key).filter(|text| !text.is_empty())
    }

    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.find(key)?.as_number()
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        let found = self.find(key)?;
        let flag = found.value.as_bool();
        if flag.is_none() {
            found.is_not(Kind::Flag);
        }
        flag
    }

    /// Returns the items of the API's list under a key; left out, it is empty.
    pub(super) fn items(&self, key: &str) -> Vec<Self> {
        self.object(key).map(|list| list.items_within()).unwrap_or_default()
    }

    /// Returns the items of the API's list that this is: `{"Quantity": 2, "Items": […]}`.
    pub(super) fn items_within(&self) -> Vec<Self> {
        match self.find("Items") {
            Some(items) => items.list().unwrap_or_else(|| {
                items.is_not(Kind::List);
                Vec::new()
            }),
            None => {
                if let Some(quantity @ 1..) = self.number("Quantity") {
                    self.complain("Items", Problem::NoItems { quantity });
                }
                Vec::new()
            }
        }
    }

    /// Returns the texts of the API's list under a key.
    pub(super) fn texts(&self, key: &str) -> Vec<Box<str>> {
        self.items(key).iter().filter_map(Self::as_text).collect()
    }

    /// Returns the items of the plain list that this is; `None` where it is none.
    pub(super) fn list(&self) -> Option<Vec<Self>> {
        let items = self.value.as_array()?.iter().enumerate();
        let item = |(position, value)| Self {
            value,
            path: format!("{}[{position}]", self.path),
            faults: self.faults,
        };
        Some(items.map(item).collect())
    }

    /// Complains where this list is one page of several.
    pub(super) fn check_whole(&self) {
        if self.flag("IsTruncated") == Some(true) {
            self.complain("IsTruncated", Problem::OnePage);
        }
    }

    pub(super) fn as_text(&self) -> Option<Box<str>> {
        let text = self.value.as_str();
        if text.is_none() {
            self.is_not(Kind::Text);
        }
        text.map(Into::into)
    }

    pub(super) fn as_number(&self) -> Option<i64> {
        let number = self.value.as_i64();
        if number.is_none() {
            self.is_not(Kind::Number);
        }
        number
    }

    /// Says that something is wrong with what stands, or should stand, under a key.
    pub(super) fn complain(&self, key: &str, problem: Problem) {
        self.fault(self.path_to(key), problem);
    }

    /// Returns what to say of a document of which nothing is known.
    pub(super) fn unrecognised(&self) -> Problem {
        let path = if self.path.is_empty() { String::new() } else { format!("{}: ", self.path) };
        Problem::Unrecognised { path }
    }

    fn required(&self, key: &str) -> Option<Self> {
        let found = self.find(key);
        if found.is_none() {
            self.complain(key, Problem::Missing);
        }
        found
    }

    fn expect(self, wanted: Kind) -> Option<Self> {
        if self.kind() == wanted {
            return Some(self);
        }
        self.is_not(wanted);
        None
    }

    fn is_not(&self, wanted: Kind) {
        let problem = Problem::WrongKind { found: self.kind(), wanted };
        self.fault(self.path.clone(), problem);
    }

    fn kind(&self) -> Kind {
        match self.value {
            Value::Null => Kind::Nothing,
            Value::Bool(_) => Kind::Flag,
            Value::Number(_) => Kind::Number,
            Value::String(_) => Kind::Text,
            Value::Array(_) => Kind::List,
            Value::Object(_) => Kind::Object,
        }
    }

    fn path_to(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn fault(&self, path: String, problem: Problem) {
        let place = self.faults.place.clone();
        self.faults.faults.borrow_mut().push(Fault { place, path, problem });
    }
}
