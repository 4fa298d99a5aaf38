//! The labels of a target group: those that are settings of ours, and the origins' own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::config::error::Problems;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::nearest::nearest;
use crate::config::origins::MOST_LABELS;
use crate::config::origins::label_name;
use crate::config::scalar;
use crate::config::section::Section;
use crate::config::tree::Entry;
use crate::config::tree::Node;
use crate::config::tree::Value;

/// The labels of a group, sorted; they hold for each of its targets.
#[derive(Debug)]
pub(super) struct GroupLabels {
    /// The settings as the configuration file would have them.
    settings: Vec<Entry<'static>>,
    /// What `cloudfront_origin_info` shows.
    pub(super) own: BTreeMap<String, String>,
}

impl GroupLabels {
    /// Takes the settings. Whatever is complained about leaves it open what the group says.
    pub(super) fn settings_of(group: &Section<'_>) -> Self {
        let mut labels = Self { settings: Vec::new(), own: BTreeMap::new() };
        group.each_entry("labels", |name, node| match name.strip_prefix(PREFIX) {
            Some(setting) => labels.take_setting(setting, node),
            None => Ok(()),
        });
        labels
    }

    /// Takes the origins' own labels; one that cannot be used is complained about and left out, and
    /// so are all where there are too many.
    pub(super) fn take_own(&mut self, group: &Section<'_>) {
        group.each_entry("labels", |name, node| {
            // Prometheus's own business, such as `__meta_…` and `__param_…`.
            if name.starts_with("__") || scalar::optional_text(node)?.is_none() {
                return Ok(());
            }
            self.own.insert(label_name(name)?.to_owned(), scalar::label_value(node)?);
            Ok(())
        });
        if self.own.len() > MOST_LABELS {
            let count = self.own.len();
            group.complain("labels", Fault::TooManyLabels { count, limit: MOST_LABELS });
            self.own.clear();
        }
    }

    /// Returns the settings as a mapping to read from; what is wrong with them goes to `problems`.
    pub(super) fn section<'s>(
        &'s self,
        group: &'s Section<'_>,
        problems: &'s Problems,
    ) -> Section<'s> {
        group.flattened("labels", PREFIX, &self.settings, problems)
    }

    /// Returns the id that the group gives its origins.
    pub(super) fn id(&self) -> Option<&str> {
        let id = self.settings.iter().find(|entry| entry.key == "id")?;
        scalar::optional_text(&id.node).ok().flatten()
    }

    fn take_setting(&mut self, setting: &str, node: &Node<'_>) -> Result<(), Fault> {
        let Some((_, form, path)) = SETTINGS.iter().find(|(name, ..)| *name == setting) else {
            return Err(Fault::UnknownKey { meant: nearest(setting, &NAMES), known: &NAMES });
        };
        let Some(text) = scalar::optional_text(node)? else { return Ok(()) };
        let quoted = |text: &str| Value::Quoted(Cow::Owned(text.to_owned()));
        let value = match form {
            Form::Text => quoted(text),
            Form::Word => Value::Plain(Cow::Owned(text.to_owned())),
            Form::List => {
                // Prometheus's own lists begin and end with a comma.
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::List(items.map(|i| Node { line: node.line, value: quoted(i) }).collect())
            }
        };
        insert(&mut self.settings, path, Node { line: node.line, value });
        Ok(())
    }
}

/// How text becomes the value of a setting.
#[derive(Clone, Copy, Debug)]
enum Form {
    Text,
    /// What would stand in the configuration file without quotes.
    Word,
    /// Several values with commas in between.
    List,
}

/// What begins with this is a setting. Prometheus drops labels that begin with two underscores, so
/// that it can read the same file.
const PREFIX: &str = "__origin_probe_";

/// Each setting's label without the prefix, and its place in an origin of the configuration file.
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

static NAMES: [Key; SETTINGS.len()] = {
    let mut names = [key("", "As the key of an origin."); SETTINGS.len()];
    let mut position = 0;
    while position < names.len() {
        names[position].name = SETTINGS[position].0;
        position += 1;
    }
    names
};

/// Puts a value at the end of a way of keys, whose mappings are made where they are missing.
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
    use super::SETTINGS;
    use crate::config::origins::ORIGIN_KEYS;

    #[test]
    fn every_setting_of_an_origin_has_its_label() {
        // The target says where it is, all other labels are its own, and a list of mappings fits
        // into no text.
        let without = ["domain", "https_port", "labels", "targets"];
        let mut keys: Vec<&str> = SETTINGS.iter().map(|(_, _, path)| path[0]).collect();
        keys.dedup();
        let mut expected: Vec<&str> = ORIGIN_KEYS.iter().map(|key| key.name).collect();
        expected.retain(|key| !without.contains(key));
        assert_eq!(keys, expected);
    }
}
