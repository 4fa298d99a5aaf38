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

use origin_probe::config::{
    Config, ConfigErrors, ErrorKind, FilePattern, MOST_ERRORS, NamePattern, Shown,
};
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

fn file_pattern(written: &str) -> FilePattern {
    let text = format!("discovery: {{files: ['{written}']}}");
    let config = Config::parse(Path::new("/etc/probe/c.yaml"), text.as_bytes()).unwrap();
    config.discovery.files[0].clone()
}

#[test]
fn a_star_stands_for_any_characters_of_a_file_name() {
    for (written, covered, others) in [
        ("*.yaml", &["a.yaml", "a.b.yaml"][..], &["a.yml", "a.yaml~", ".a.yaml", ".yaml"][..]),
        ("a*b*c.json", &["abc.json", "aXbYbZc.json"], &["ac.json", "abcd.json", "xabc.json"]),
        ("ab*ba.json", &["abba.json", "abXba.json"], &["aba.json"]),
        ("a**.json", &["a.json", "ab.json"], &["ba.json"]),
        (".*.yml", &[".a.yml", "..yml"], &["a.yml"]),
        ("a.YAML", &["a.YAML"], &["a.yaml", "aa.YAML"]),
        ("a[1]?.yml", &["a[1]?.yml"], &["a1x.yml"]),
        ("{a,b}!\\*.yml", &["{a,b}!\\c.yml"], &["a!c.yml", "{a,b}!c.yml"]),
    ] {
        let covers = file_pattern(written).matcher();
        for name in covered {
            assert!(covers(name), "{written} covers {name}");
        }
        for name in others {
            assert!(!covers(name), "{written} does not cover {name}");
        }
    }
}

#[test]
fn a_relative_path_counts_from_the_files_folder() {
    for (written, folder, only) in [
        ("*.yaml", "/etc/probe", None),
        ("a.yaml", "/etc/probe", Some("/etc/probe/a.yaml")),
        ("./a.yaml", "/etc/probe/.", Some("/etc/probe/a.yaml")),
        ("t/x/*.yaml", "/etc/probe/t/x", None),
        ("/srv/*.json", "/srv", None),
        ("/a.json", "/", Some("/a.json")),
    ] {
        let pattern = file_pattern(written);
        assert_eq!(pattern.folder(), Path::new(folder), "{written}");
        assert_eq!(pattern.only_file().as_deref(), only.map(Path::new), "{written}");
        assert_eq!(pattern.as_written(), written);
    }
}

#[test]
fn errors_stand_in_the_order_of_the_file_and_those_beyond_the_limit_are_counted() {
    // The origin is read last.
    let errors = parse("origins: [{id: a}]\nlog:\n  level: 7\n").unwrap_err().to_string();
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines[0], "c.yaml:1: origins[0].domain: required key is missing");
    assert!(lines[1].starts_with("c.yaml:3: log.level: "), "{errors}");
    let unknown: String = (0..MOST_ERRORS + 6).map(|n| format!("key{n}: 1\n")).collect();
    let errors = parse(&unknown).unwrap_err();
    assert_eq!((errors.errors().len(), errors.count()), (MOST_ERRORS, MOST_ERRORS + 7));
    let text = errors.to_string();
    assert_eq!(text.lines().count(), MOST_ERRORS + 1);
    assert_eq!(text.lines().last(), Some("c.yaml: and 7 more errors"));
}

#[test]
fn an_excerpt_is_short_and_printable() {
    assert_eq!(Shown::of("a\u{1b}[31m\n").to_string(), "`a\\u{1b}[31m\\u{a}`");
    assert_eq!(Shown::of(&"é".repeat(5_000)).as_str().chars().count(), 81);
}
