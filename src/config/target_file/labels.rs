//! The labels of a target group: settings of origin-probe and user-defined labels.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::config::error::Problems;
use crate::config::error_kind::{ErrorKind, Kind};
use crate::config::origins::{MOST_LABELS, label};
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
        let mut settings = Vec::new();
        for (name, at) in labels.entries() {
            if let Some(setting) = name.strip_prefix(PREFIX) {
                insert_setting(&mut settings, setting, &at);
            }
        }
        let settings = Node { line: labels.line(), value: Value::Mapping(settings) };
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

    /// Returns the ID set for the group's origins.
    pub(super) fn id(&self) -> Option<&str> {
        let Value::Mapping(settings) = &self.settings.value else { return None };
        let id = settings.iter().find(|entry| entry.key == "id")?;
        match &id.node.value {
            Value::Quoted(text) => Some(text),
            _ => None,
        }
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

fn insert_setting(settings: &mut Vec<Entry<'static>>, setting: &str, at: &Place<'_>) {
    let Some((_, form, path)) = SETTINGS.iter().find(|(name, ..)| *name == setting) else {
        return at.unknown_key(setting, &NAMES);
    };
    let Some(text) = text(at) else { return };
    let line = at.line();
    let quoted = |text: &str| Value::Quoted(Cow::Owned(text.to_owned()));
    let value = match form {
        Form::Text => quoted(text),
        Form::Word => Value::Plain(Cow::Owned(text.to_owned())),
        Form::List => {
            // Lists made by Prometheus begin and end with a comma.
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::List(items.map(|item| Node { line, value: quoted(item) }).collect())
        }
    };
    insert(settings, path, Node { line, value });
}

/// How label text is converted to the value of a setting.
#[derive(Clone, Copy, Debug)]
enum Form {
    Text,
    /// A value that is not quoted in the configuration file, such as a number.
    Word,
    /// Values separated by commas.
    List,
}

/// The prefix of settings. Prometheus drops labels that begin with two underscores, so it can read
/// the same file.
const PREFIX: &str = "__origin_probe_";

/// The label of each setting, without the prefix, and its path in an origin of the configuration
/// file.
const SETTINGS: [(&str, Form, &[&str]); 16] = [
    ("id", Form::Text, &["id"]),
    ("protocol_policy", Form::Text, &["protocol_policy"]),
    ("ssl_protocols", Form::List, &["ssl_protocols"]),
    ("ip_address_type", Form::Text, &["ip_address_type"]),
    ("connection_attempts", Form::Word, &["connection_attempts"]),
    ("connection_timeout", Form::Text, &["connection_timeout"]),
    ("viewer_hosts", Form::List, &["viewer_hosts"]),
    ("host_also_unforwarded", Form::Word, &["host_also_unforwarded"]),
    ("origin_mtls", Form::Word, &["origin_mtls"]),
    ("interval", Form::Text, &["interval"]),
    ("enabled", Form::Word, &["enabled"]),
    ("reachable_from_here", Form::Text, &["reachable_from_here"]),
    ("renewal_warning_max", Form::Text, &["renewal", "warning", "max"]),
    ("renewal_warning_lifetime", Form::Text, &["renewal", "warning", "lifetime"]),
    ("renewal_critical_max", Form::Text, &["renewal", "critical", "max"]),
    ("renewal_critical_lifetime", Form::Text, &["renewal", "critical", "lifetime"]),
];

/// Returns the labels that are settings.
pub fn target_labels() -> impl Iterator<Item = String> {
    SETTINGS.iter().map(|(setting, ..)| format!("{PREFIX}{setting}"))
}

static NAMES: [&str; SETTINGS.len()] = {
    let mut names = [""; SETTINGS.len()];
    let mut position = 0;
    while position < names.len() {
        names[position] = SETTINGS[position].0;
        position += 1;
    }
    names
};

/// Inserts a value at a path of keys, and creates missing mappings on the path.
fn insert(entries: &mut Vec<Entry<'static>>, path: &[&'static str], node: Node<'static>) {
    let Some((key, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        return entries.push(Entry { key: Cow::Borrowed(*key), node });
    }
    let line = node.line;
    let position = entries.iter().position(|entry| entry.key == *key).unwrap_or_else(|| {
        let below = Node { line, value: Value::Mapping(Vec::new()) };
        entries.push(Entry { key: Cow::Borrowed(*key), node: below });
        entries.len() - 1
    });
    if let Some(Entry { node: Node { value: Value::Mapping(below), .. }, .. }) =
        entries.get_mut(position)
    {
        insert(below, rest, node);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::SETTINGS;
    use crate::config::origins::OriginEntry;

    #[test]
    fn every_setting_of_an_origin_has_its_label() {
        // The target contains domain and port, all other labels are user-defined, and a label
        // cannot contain a list of mappings.
        let without = ["domain", "https_port", "labels", "targets"];
        let mut keys: Vec<&str> = SETTINGS.iter().map(|(_, _, path)| path[0]).collect();
        keys.dedup();
        let Ok(Value::Object(entry)) = serde_json::to_value(OriginEntry::default()) else {
            panic!("an origin is a mapping");
        };
        let mut expected: Vec<&str> = entry.keys().map(String::as_str).collect();
        expected.retain(|key| !without.contains(key));
        keys.sort_unstable();
        expected.sort_unstable();
        assert_eq!(keys, expected);
    }
}
