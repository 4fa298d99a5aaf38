//! Reads a web configuration: never a panic, bounded errors, and no control character in what is
//! shown of it.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use origin_probe::config::{MOST_ERRORS, WebFile};

fuzz_target!(|text: &str| {
    let shown = match WebFile::parse(Path::new("web.yaml"), text) {
        Ok(web) => web.show(),
        Err(errors) => {
            assert!(!errors.errors().is_empty() && errors.errors().len() <= MOST_ERRORS);
            errors.to_string()
        }
    };
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
});
