//! Whole files, and what they are read as.

mod examples;
mod no_settings;
mod refused;
mod refused_origins;
mod taken;

use std::path::Path;

use crate::config::Config;
use crate::config::ConfigErrors;
use crate::origin::Origin;
use crate::origin::Target;

const MINIMAL: &str = include_str!("../../../config/minimal.yaml");

fn parse(text: &str) -> Result<Config, ConfigErrors> {
    Config::parse(Path::new("c.yaml"), text.as_bytes())
}

/// Returns what is said of a file, without the file's name before each line.
fn errors(text: &str) -> Vec<String> {
    match parse(text) {
        Ok(config) => panic!("taken: {config:?}"),
        Err(errors) => errors
            .to_string()
            .lines()
            .map(|line| line.strip_prefix("c.yaml:").unwrap().trim_start().to_owned())
            .collect(),
    }
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
