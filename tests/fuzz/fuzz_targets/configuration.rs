//! Reads a configuration: never a panic, bounded errors, and what `/config` shows of it reads the
//! same and is shown the same again.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use origin_probe::config::{Config, MOST_ERRORS};

fn shown(config: &Config) -> String {
    let origins = (0..).map_while(|position| config.show_origin(position));
    [config.show_settings()].into_iter().chain(origins).collect()
}

fuzz_target!(|data: &[u8]| {
    let place = Path::new("origin-probe.yaml");
    let config = match Config::parse(place, data) {
        Ok(config) => config,
        Err(errors) => {
            assert!(!errors.errors().is_empty() && errors.errors().len() <= MOST_ERRORS);
            assert!(!errors.to_string().contains(|c: char| c.is_control() && c != '\n'));
            return;
        }
    };
    let text = shown(&config);
    // An external id is shown as `<secret>`, and a path with its folder.
    if text.contains("<secret>") {
        return;
    }
    let again = Config::parse(place, text.as_bytes());
    let again = again.unwrap_or_else(|errors| panic!("{text}\n{errors}"));
    assert_eq!(shown(&again), text);
});
