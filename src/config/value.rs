//! The building blocks of settings: single values, lists, and parts that are read later. Each is
//! read, shown and described by its type.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_saphyr::DoubleQuoted;

use crate::config::error_kind::{ErrorKind, Shown};
use crate::config::read::{Place, invalid};

/// A value that the file contains as text.
pub(super) trait Scalar: Sized {
    /// Whether the value must not be quoted, such as a number.
    const PLAIN: bool = false;
    /// The name of the type in the reference.
    const KIND: &'static str = "printable text";
    /// The expected text, for the error if there is a list or a mapping instead.
    const WANTED: &'static str = Self::KIND;

    /// The value that the file has without the key, unless the section around it says otherwise.
    const DEFAULT: Option<Self> = None;
    /// Describes the valid values, for the reference and [`Self::malformed`].
    const VALID: &'static str = "";

    /// Returns the JSON schema of the value; `x-valid` replaces [`Self::VALID`].
    fn schema() -> Schema {
        json_schema!({"type": "string"})
    }

    /// Parses the text.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not valid.
    fn parse(text: &str) -> Result<Self, ErrorKind>;

    /// Returns the text of the value, without secrets.
    fn text(&self) -> String;

    /// Returns the error of a text that is not `wanted`, with the valid values.
    fn malformed(text: &str, wanted: &'static str) -> ErrorKind {
        ErrorKind::Malformed { value: Shown::of(text), wanted, valid: Self::VALID }
    }
}

/// A value with its default; `None` if there is no default or the value was invalid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Given<T>(pub(super) Option<T>);

impl<T: Scalar> Default for Given<T> {
    fn default() -> Self {
        Self(T::DEFAULT)
    }
}

impl<T> From<T> for Given<T> {
    fn from(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T: Scalar> Given<T> {
    /// Returns the text of the value, without secrets.
    pub(super) fn text(&self) -> Option<String> {
        self.0.as_ref().map(Scalar::text)
    }
}

impl<'de, T: Scalar> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let visitor = ScalarVisitor(PhantomData);
        let read = match T::PLAIN {
            true => deserializer.deserialize_u64(visitor),
            false => deserializer.deserialize_str(visitor),
        };
        Ok(Self(read.ok()))
    }
}

impl<T: Scalar> Serialize for Given<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(value) = &self.0 else { return serializer.serialize_none() };
        let text = value.text();
        match text.parse() {
            Ok(number) if T::PLAIN => serializer.serialize_u64(number),
            Err(_) if T::PLAIN => serializer.serialize_bool(text == "true"),
            // In quotes, any character can be escaped.
            _ => DoubleQuoted(text).serialize(serializer),
        }
    }
}

impl<T: Scalar> JsonSchema for Given<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::KIND.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = T::schema();
        schema.insert("x-kind".to_owned(), T::KIND.into());
        if !T::VALID.is_empty() {
            schema.insert("x-valid".to_owned(), T::VALID.into());
        }
        schema
    }
}

/// A file with its defaults, to be shown. It does not count in comparisons, because the settings
/// derived from it do.
#[derive(Clone, Debug, Default)]
pub(super) struct AsWritten<T>(pub(super) T);

impl<T> PartialEq for AsWritten<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Returns settings as YAML in ASCII, without secrets.
pub(super) fn written(settings: &impl Serialize) -> String {
    // Writing to a String cannot fail.
    let text = serde_saphyr::to_string(settings).unwrap_or_default();
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        match character.is_ascii() {
            true => ascii.push(character),
            false => _ = write!(ascii, "\\U{:08X}", u32::from(character)),
        }
    }
    ascii
}

/// Serializes a mapping whose keys may have any characters.
pub(super) fn quoted_keys<V: Serialize, S: Serializer>(
    mapping: &Later<BTreeMap<String, V>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(mapping.0.iter().map(|(key, value)| (DoubleQuoted(key), value)))
}

impl Place<'_> {
    /// Returns the value's text; `None` after an error.
    pub(super) fn scalar<T: Scalar>(self) -> Option<T> {
        Given::deserialize(self).ok().and_then(|given| given.0)
    }
}

struct ScalarVisitor<T>(PhantomData<T>);

impl<T: Scalar> Visitor<'_> for ScalarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WANTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::parse(text).map_err(invalid)
    }
}

/// A list of values.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(transparent, bound = "T: Scalar")]
#[schemars(bound = "T: Scalar")]
pub(super) struct List<T>(Vec<Given<T>>);

impl<T> List<T> {
    /// Returns the valid items.
    pub(super) fn valid(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(|item| item.0.as_ref())
    }

    /// Returns the valid items of the list at `place`, each with its place.
    pub(super) fn placed<'p>(
        &'p self,
        place: &'p Place<'p>,
    ) -> impl Iterator<Item = (Place<'p>, &'p T)> {
        self.each(place).filter_map(|(at, item)| Some((at, item?)))
    }

    /// Returns every item of the list at `place` with its place; `None` for invalid ones.
    pub(super) fn each<'p>(
        &'p self,
        place: &'p Place<'p>,
    ) -> impl Iterator<Item = (Place<'p>, Option<&'p T>)> {
        place.items().zip(self.0.iter().map(|item| item.0.as_ref()))
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().map(Given::from).collect())
    }
}

/// A part of the file that is read from its place, after the settings around it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct Later<T>(pub(super) T);

impl<'de, T: Default> Deserialize<'de> for Later<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_ignored_any(de::IgnoredAny)?;
        Ok(Self::default())
    }
}

/// Returns whether a value is the default, which need not be shown.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads a value that may be empty, which is the same as a missing one.
pub(super) fn unless_empty<'de, D: Deserializer<'de>, T: Scalar>(
    deserializer: D,
) -> Result<Given<T>, D::Error> {
    Option::<Given<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}
