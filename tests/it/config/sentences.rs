//! Everything that the reader of configuration files says, in one snapshot.
//!
//! `UPDATE_EXPECT=1 cargo test --test it config::sentences` writes it.

use std::fmt::{Display, Write};
use std::path::Path;

use expect_test::expect_file;

use super::accounts::{ACCOUNTS, with_accounts};
use super::no_settings::FORBIDDEN;
use super::refused::{SETTINGS, WITHOUT_ORIGINS};
use super::refused_origins::{DOMAINS, ORIGINS, SAME_ORIGIN, with_domain};
use super::{MINIMAL, parse, with_origin};
use super::{target_file as targets, web_file as web};
use origin_probe::config::TargetFile;

/// Each input with the sentences about it.
#[derive(Default)]
struct Sentences(String);

impl Sentences {
    fn refused<T>(&mut self, input: &str, read: Result<T, impl Display>) {
        match read {
            Ok(_) => panic!("taken: {input}"),
            Err(errors) => self.add(input, errors),
        }
    }

    fn add(&mut self, input: &str, errors: impl Display) {
        let input = input.trim_end().replace('\n', "\\n");
        writeln!(self.0, "{input}").unwrap();
        for line in errors.to_string().lines() {
            writeln!(self.0, "    {line}").unwrap();
        }
    }
}

#[test]
fn every_error_says_what_is_wrong_and_what_to_write() {
    let mut all = Sentences::default();
    for row in SETTINGS {
        all.refused(row.input, parse(&format!("{MINIMAL}{}\n", row.input)));
    }
    for (text, ..) in FORBIDDEN {
        all.refused(text, parse(text));
    }
    for (text, ..) in WITHOUT_ORIGINS {
        all.refused(text, parse(text));
    }
    for row in ORIGINS {
        all.refused(row.input, parse(&with_origin(row.input)));
    }
    for (domain, _) in DOMAINS {
        all.refused(domain, parse(&with_domain(domain)));
    }
    all.refused(SAME_ORIGIN, parse(SAME_ORIGIN));
    for row in ACCOUNTS {
        all.refused(row.input, parse(&with_accounts(&format!("[{}]", row.input))));
    }
    for row in web::WEB_FILES {
        all.refused(row.input, web::parse(row.input));
    }
    for (entry, _) in targets::ENTRIES {
        all.add(entry, targets::parse(&targets::with_entry(entry)).errors.unwrap());
    }
    for row in targets::LABELS {
        let file = targets::parse(&targets::with_labels(row.input));
        all.add(row.input, file.errors.unwrap());
    }
    for (text, ..) in targets::UNUSABLE {
        let read = TargetFile::parse(Path::new("t.yaml"), text, &targets::defaults());
        all.refused(text, read);
    }
    expect_file!["../../snapshots/config_errors.txt"].assert_eq(&all.0);
}
