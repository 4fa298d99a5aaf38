//! One value of a document, which knows where it stands.

use std::cell::Cell;
use std::cell::RefCell;

use super::error::Fault;
use super::error::Kind;
use super::error::Problem;
use super::tree::Value;
use super::tree::push_key;

/// Where what is wrong with one source is left.
#[derive(Debug)]
pub(super) struct Faults {
    place: String,
    faults: RefCell<Vec<Fault>>,
    left_out: Cell<usize>,
}

impl Faults {
    pub(super) fn of(place: &str) -> Self {
        Self { place: place.to_owned(), faults: RefCell::default(), left_out: Cell::default() }
    }

    /// Returns the first faults, and how many more there are.
    pub(super) fn into_parts(self) -> (Vec<Fault>, usize) {
        (self.faults.into_inner(), self.left_out.get())
    }
}

/// How many faults of one source are kept: more than anybody reads at a time.
const MOST_FAULTS: usize = 100;

/// One value; its faults are reported with its path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    value: Value<'a>,
    faults: &'a Faults,
}

/// The items of a list, up to a limit.
pub(super) struct Items<'a> {
    list: Reader<'a>,
    values: Option<Box<dyn Iterator<Item = Value<'a>> + 'a>>,
    limit: usize,
    left: usize,
}

/// How many items one list of the API has at most: far more than CloudFront's quotas allow.
const MOST_ITEMS: usize = 10_000;
/// How many a plain list has, of tenants most of all.
const MOST_LISTED: usize = 50_000;

impl<'a> Reader<'a> {
    pub(super) fn new(value: Value<'a>, faults: &'a Faults) -> Self {
        Self { value, faults }
    }

    /// Returns what stands under a key; `None` where nothing does, or null.
    pub(super) fn find(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| value.kind() != Kind::Nothing)?;
        Some(Self { value, faults: self.faults })
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
    pub(super) fn items(&self, key: &str) -> Items<'a> {
        self.object(key).map_or_else(|| self.no_items(), |list| list.items_within())
    }

    /// Returns the items of the API's list that this is: `{"Quantity": 2, "Items": […]}`.
    pub(super) fn items_within(&self) -> Items<'a> {
        match self.find("Items") {
            Some(items) => match items.list() {
                Some(list) => Items { limit: MOST_ITEMS, left: MOST_ITEMS, ..list },
                None => {
                    items.is_not(Kind::List);
                    self.no_items()
                }
            },
            None => {
                if let Some(quantity @ 1..) = self.number("Quantity") {
                    self.complain("Items", Problem::NoItems { quantity });
                }
                self.no_items()
            }
        }
    }

    /// Returns the texts of the API's list under a key.
    pub(super) fn texts(&self, key: &str) -> Vec<Box<str>> {
        exactly(self.items(key).filter_map(|item| item.as_text()))
    }

    /// Returns the items of the plain list that this is; `None` where it is none.
    pub(super) fn list(&self) -> Option<Items<'a>> {
        let values = self.value.items()?;
        let values = Some(Box::new(values) as _);
        Some(Items { list: *self, values, limit: MOST_LISTED, left: MOST_LISTED })
    }

    fn no_items(&self) -> Items<'a> {
        Items { list: *self, values: None, limit: 0, left: 0 }
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
        self.fault(Some(key), problem);
    }

    /// Says why this value as a whole is left out.
    pub(super) fn refuse(&self, problem: Problem) {
        self.fault(None, problem);
    }

    /// Returns what to say of a document of which nothing is known.
    pub(super) fn unrecognised(&self) -> Problem {
        let path = self.value.path();
        Problem::Unrecognised { path: if path.is_empty() { path } else { format!("{path}: ") } }
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
        self.fault(None, problem);
    }

    fn kind(&self) -> Kind {
        self.value.kind()
    }

    /// Keeps a fault of this value, or of what stands or should stand under a key of it.
    fn fault(&self, key: Option<&str>, problem: Problem) {
        let mut faults = self.faults.faults.borrow_mut();
        if faults.len() >= MOST_FAULTS {
            return self.faults.left_out.set(self.faults.left_out.get() + 1);
        }
        let mut path = self.value.path();
        if let Some(key) = key {
            push_key(&mut path, key);
        }
        faults.push(Fault { place: self.faults.place.clone(), path, problem });
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Reader<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.values.as_mut()?.next()?;
        if self.left == 0 {
            self.values = None;
            self.list.fault(None, Problem::TooManyItems { limit: self.limit });
            return None;
        }
        self.left -= 1;
        Some(Reader { value, faults: self.list.faults })
    }
}

/// Collects without room for more: what is read stays as it is, and there may be much of it.
pub(super) fn exactly<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.shrink_to_fit();
    items
}
