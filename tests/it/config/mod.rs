//! Whole files, and what they are read as.

#[cfg(feature = "aws")]
mod accounts;
mod duration;
mod examples;
mod no_settings;
mod refused;
mod refused_origins;
#[cfg(feature = "aws")]
mod sentences;
mod taken;
mod whole;

mod target_file;
mod values;
mod web_file;

use std::path::Path;

use origin_probe::config::{Config, ConfigErrors, ErrorKind, NamePattern};
use origin_probe::origin::{Origin, Target};

const MINIMAL: &str = include_str!("../../../config/minimal.yaml");

pub(super) fn parse(text: &str) -> Result<Config, ConfigErrors> {
    Config::parse(Path::new("c.yaml"), text.as_bytes())
}

/// A text with one mistake, and the key and the kind of its error.
pub(super) struct Row {
    pub(super) input: &'static str,
    key: &'static str,
    kind: &'static str,
}

pub(super) const fn row(input: &'static str, key: &'static str, kind: &'static str) -> Row {
    Row { input, key, kind }
}

impl Row {
    /// Returns the error as [`kinds_of`] does; `prefix` stands before its key.
    pub(super) fn error(&self, line: u32, prefix: &str) -> (Option<u32>, String, String) {
        (Some(line), format!("{prefix}{}", self.key), self.kind.to_owned())
    }
}

/// Returns the line, the key and the kind, by its name, of everything that is wrong with a file.
fn kinds(text: &str) -> Vec<(Option<u32>, String, String)> {
    kinds_of(&parse(text).unwrap_err())
}

/// Returns the line, the key and the kind, by its name, of each error.
pub(super) fn kinds_of(errors: &ConfigErrors) -> Vec<(Option<u32>, String, String)> {
    let name = |kind: &ErrorKind| {
        format!("{kind:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
    };
    errors.errors().iter().map(|e| (e.line, e.key.clone(), name(&e.kind))).collect()
}

/// Returns the only origin of a file with `more` after its id and domain.
fn origin(more: &str) -> Origin {
    let config = parse(&with_origin(more)).unwrap();
    assert_eq!(config.origins.len(), 1);
    Origin::clone(&config.origins[0])
}

/// Returns a file whose line 4 is `more`.
fn with_origin(more: &str) -> String {
    format!("{MINIMAL}    {more}\n")
}

fn names(targets: &[Target]) -> Vec<String> {
    targets
        .iter()
        .map(|target| {
            let ids: Vec<_> = target.reference_ids.iter().map(ToString::to_string).collect();
            format!("{}: {}", target.server_name, ids.join(" "))
        })
        .collect()
}

#[test]
fn a_pattern_covers_what_it_says_and_nothing_else() {
    let names = [
        "example.com",
        "www.example.com",
        "a.www.example.com",
        "badexample.com",
        "example.com.evil.example",
    ];
    for (pattern, covered) in [
        ("*", &names[..]),
        ("Example.com.", &["example.com"]),
        ("*.example.com", &["www.example.com"]),
        (".example.com", &["www.example.com", "a.www.example.com"]),
        ("www.example.com", &["www.example.com"]),
    ] {
        let parsed: NamePattern = pattern.parse().unwrap();
        let found: Vec<&str> =
            names.into_iter().filter(|name| parsed.covers(&name.parse().unwrap())).collect();
        assert_eq!(found, covered, "{pattern}");
        let again = parsed.to_string();
        assert_eq!(again.parse(), Ok(parsed), "{again}");
    }
}

#[test]
fn a_wildcard_stands_in_front_only() {
    for wrong in ["", ".", "*.", "**", "**.example.com", "w*.example.com", "*.*.example.com"] {
        assert!(wrong.parse::<NamePattern>().is_err(), "{wrong}");
    }
}
