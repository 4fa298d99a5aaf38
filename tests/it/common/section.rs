//! Sentences that users see, in one file per area: `tests/snapshots/AREA.txt`.
//!
//! Several tests share a file, each with a section of its own below `=== TITLE`.
//! `UPDATE_EXPECT=1 cargo test` writes those that differ.
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Asserts that the section `title` of an area says `text`; spaces at the ends of lines do not count.
#[track_caller]
pub fn assert_section(area: &str, title: &str, text: &str) {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = lines.join("\n").trim_end().to_owned();
    for place in [env!("CARGO_MANIFEST_DIR"), env!("CARGO_TARGET_TMPDIR")] {
        assert!(!text.contains(place), "{area}, {title}: {place} differs from machine to machine");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{area}.txt"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .unwrap();
        // Other tests, and other test programs, write other sections.
        file.lock().unwrap();
        let mut sections = sections(&mut file);
        sections.insert(title.to_owned(), text);
        let all = sections.iter().map(|(title, text)| format!("{MARK}{title}\n{text}\n\n"));
        let all: String = all.collect();
        file.rewind().unwrap();
        file.set_len(0).unwrap();
        file.write_all(format!("{}\n", all.trim_end()).as_bytes()).unwrap();
        return;
    }
    let known = sections(&mut File::open(&path).unwrap()).remove(title);
    assert_eq!(Some(text), known, "{area}.txt, section {title}; UPDATE_EXPECT=1 writes it");
}

const MARK: &str = "=== ";

fn sections(file: &mut File) -> BTreeMap<String, String> {
    let mut all = "\n".to_owned();
    file.read_to_string(&mut all).unwrap();
    let mark = format!("\n{MARK}");
    let sections = all.split(&mark).skip(1).map(|section| {
        let (title, text) = section.split_once('\n').unwrap();
        (title.to_owned(), text.trim_end().to_owned())
    });
    sections.collect()
}
