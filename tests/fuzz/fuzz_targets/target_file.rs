//! Reads a file of target groups: never a panic, bounded errors, and the same result twice.
#![no_main]

use std::path::Path;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use origin_probe::config::{MOST_ERRORS, OriginDefaults, TargetFile};
use origin_probe::origin::{Reachability, RenewalPolicy};

fuzz_target!(|text: &str| {
    let defaults = OriginDefaults {
        interval: Duration::from_secs(60),
        reachable_from_here: Reachability::Auto,
        renewal: RenewalPolicy::default(),
    };
    let read = || TargetFile::parse(Path::new("targets.yaml"), text, &defaults);
    let result = read();
    assert_eq!(result, read());
    let errors = match result {
        Ok(file) => {
            // A carriage return by itself ends a line of YAML, too (YAML 1.2.2 §5.4).
            let lines = text.replace("\r\n", "\n").split(['\r', '\n']).count();
            assert!(
                file.origins.iter().all(|listed| (1..=lines).contains(&(listed.line as usize)))
            );
            file.errors
        }
        Err(errors) => Some(errors),
    };
    if let Some(errors) = errors {
        assert!(!errors.errors().is_empty() && errors.errors().len() <= MOST_ERRORS);
        assert!(!errors.to_string().contains(|c: char| c.is_control() && c != '\n'));
    }
});
