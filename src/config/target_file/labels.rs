//! The labels of a target group: settings of origin-probe and user-defined labels.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json};

use crate::config::error::Problems;
use crate::config::error_kind::{ErrorKind, Kind};
use crate::config::origins::{MOST_LABELS, OriginEntry, label};
use crate::config::read::Place;
use crate::config::tree::{Entry, Node, Value};

/// The labels of a group, which apply to each of its targets.
#[derive(Debug)]
pub(super) struct GroupLabels {
    /// The settings, in the structure of the configuration file.
    settings: Node<'static>,
    /// The labels to add to `cloudfront_origin_info`.
    pub(super) own: BTreeMap<String, String>,
}

impl GroupLabels {
    /// Reads the settings among the labels of a group. After any error here, the group is invalid.
    pub(super) fn settings_of(labels: &Place<'_>) -> Self {
        let mut given = BTreeMap::new();
        for (name, at) in labels.entries() {
            match name.strip_prefix(PREFIX) {
                Some(setting) if NAMES.contains(&setting) => _ = given.insert(setting, at),
                Some(setting) => at.unknown_key(setting, &NAMES),
                None => {}
            }
        }
        let value = Value::Mapping(entries("", &SETTINGS, &given));
        let settings = Node { line: labels.line(), value };
        Self { settings, own: BTreeMap::new() }
    }

    /// Reads the user-defined labels. Reports and leaves out invalid ones, or all of them if there
    /// are too many.
    pub(super) fn take_own(&mut self, labels: &Place<'_>) {
        for (name, at) in labels.entries() {
            // Labels for Prometheus only, such as `__meta_…` and `__param_…`.
            if !name.starts_with("__") && text(&at).is_some() {
                self.own.extend(label(name, at));
            }
        }
        if self.own.len() > MOST_LABELS {
            let count = self.own.len();
            labels.error(ErrorKind::TooManyLabels { count, limit: MOST_LABELS });
            self.own.clear();
        }
    }

    /// Returns the place of the settings, with errors going to `problems`.
    pub(super) fn place<'p>(&'p self, group: &'p Place<'p>, problems: &'p Problems) -> Place<'p> {
        group.flattened("labels", PREFIX, &self.settings, problems)
    }
}

/// Returns the text of a label; `None` if it is empty, which Prometheus treats like a missing label.
/// Reports a value that is not text.
fn text<'a>(at: &Place<'a>) -> Option<&'a str> {
    if at.is_list() || at.is_mapping() {
        let found = if at.is_list() { Kind::List } else { Kind::Mapping };
        let wanted = "a string (lists are separated by commas)".to_owned();
        at.error(ErrorKind::WrongKind { found, wanted });
    }
    at.as_text().filter(|text| !text.is_empty())
}

/// Returns the entries of a mapping of settings that are given as labels.
fn entries(
    prefix: &str,
    settings: &'static Map<String, Json>,
    given: &BTreeMap<&str, Place<'_>>,
) -> Vec<Entry<'static>> {
    let entry = |(key, default): (&'static String, &'static Json)| {
        let name = format!("{prefix}{key}");
        let node = match default {
            Json::Object(below) => {
                let entries = entries(&format!("{name}_"), below, given);
                Node { line: entries.first()?.node.line, value: Value::Mapping(entries) }
            }
            default => {
                let at = given.get(&*name)?;
                Node { line: at.line(), value: value(default, text(at)?, at.line()) }
            }
        };
        Some(Entry { key: Cow::Borrowed(&**key), node })
    };
    settings.iter().filter_map(entry).collect()
}

/// Returns the text of a label as the value of a setting, which has the form of its default.
fn value(default: &Json, text: &str, line: u32) -> Value<'static> {
    let quoted = |text: &str| Value::Quoted(Cow::Owned(text.to_owned()));
    match default {
        // Not quoted in the configuration file.
        Json::Bool(_) | Json::Number(_) => Value::Plain(Cow::Owned(text.to_owned())),
        Json::Array(_) => {
            // Lists made by Prometheus begin and end with a comma.
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::List(items.map(|item| Node { line, value: quoted(item) }).collect())
        }
        _ => quoted(text),
    }
}

/// The prefix of settings. Prometheus drops labels that begin with two underscores, so it can read
/// the same file.
const PREFIX: &str = "__origin_probe_";

/// The settings of an origin in the configuration file that labels can hold, with their defaults.
static SETTINGS: LazyLock<Map<String, Json>> = LazyLock::new(|| {
    let origin = serde_json::to_value(OriginEntry::default()).unwrap_or_default();
    let settings = origin.as_object().into_iter().flatten();
    let settings = settings.filter(|(key, _)| !NO_LABELS.contains(&key.as_str()));
    settings.map(|(key, default)| (key.clone(), default.clone())).collect()
});

/// The target contains domain and port, all other labels are user-defined, and a label cannot
/// contain a list of mappings.
const NO_LABELS: [&str; 4] = ["domain", "https_port", "labels", "targets"];

/// The label of each setting, without the prefix.
static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| names("", &SETTINGS));

fn names(prefix: &str, settings: &Map<String, Json>) -> Vec<&'static str> {
    let names = |(key, default): (&String, &Json)| match default {
        Json::Object(below) => names(&format!("{prefix}{key}_"), below),
        _ => vec![&*format!("{prefix}{key}").leak()],
    };
    settings.iter().flat_map(names).collect()
}

/// Returns the labels that are settings.
pub fn target_labels() -> impl Iterator<Item = String> {
    NAMES.iter().map(|setting| format!("{PREFIX}{setting}"))
}
