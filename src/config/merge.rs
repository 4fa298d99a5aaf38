//! YAML's merge keys, written out.

use std::collections::HashSet;

use crate::config::error::ConfigError;
use crate::config::fault::Fault;
use crate::config::tree::Entry;
use crate::config::tree::Value;
use crate::config::tree::at;

/// Writes out merge keys: what is given beside `<<` wins over what it brings, and what it brings
/// first over what comes later (yaml.org, "Merge Key Language-Independent Type").
pub(super) fn merged(mut entries: Vec<Entry<'_>>) -> Result<Vec<Entry<'_>>, ConfigError> {
    if !entries.iter().any(|entry| entry.key == MERGE) {
        // A large file has many small mappings.
        entries.shrink_to_fit();
        return Ok(entries);
    }
    let sources: Vec<_> = entries.extract_if(.., |entry| entry.key == MERGE).collect();
    let mut given: HashSet<_> = entries.iter().map(|entry| entry.key.clone()).collect();
    for source in sources {
        let line = source.node.line;
        let mappings = match source.node.value {
            Value::List(items) => items,
            _ => vec![source.node],
        };
        for mapping in mappings {
            let Value::Mapping(brought) = mapping.value else {
                return Err(at(line, Fault::MergeOfNoMapping));
            };
            entries.extend(brought.into_iter().filter(|entry| given.insert(entry.key.clone())));
        }
    }
    Ok(entries)
}

const MERGE: &str = "<<";
