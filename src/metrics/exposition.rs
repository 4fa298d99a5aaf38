//! The whole answer to a scrape, in pieces.

use std::sync::Arc;

use bytes::Bytes;

use crate::report::Entry;
use crate::report::Report;
use crate::report::Reports;

use super::lines;
use super::lines::Lines;
use super::per_origin::FAMILIES;
use super::subject::Subject;

/// Returns the text format in pieces of about 32 KiB: `own`, the daemon's metrics, then those of
/// every origin.
///
/// All of it shows the reports as they are at the time of this call, so that no two metrics of
/// one scrape contradict each other.
pub fn exposition(reports: &Reports, own: String) -> Exposition {
    let entries = reports.entries();
    let latest = entries.iter().map(|entry| entry.latest()).collect();
    Exposition { own, entries, latest, family: 0, entry: 0 }
}

/// The pieces of one answer; each is written when it is asked for.
#[derive(Debug)]
pub struct Exposition {
    own: String,
    entries: Arc<Vec<Arc<Entry>>>,
    /// One for each of the entries.
    latest: Vec<Option<Arc<Report>>>,
    /// The position of the family that is being written.
    family: usize,
    /// The position of the entry whose turn it is.
    entry: usize,
}

impl Iterator for Exposition {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if !self.own.is_empty() {
            return Some(Bytes::from(std::mem::take(&mut self.own)));
        }
        let mut text = String::with_capacity(PIECE + SLACK);
        while text.len() < PIECE {
            let Some(definition) = FAMILIES.get(self.family) else { break };
            if self.entry == 0 {
                lines::write_header(&mut text, &definition.family, definition.family.help);
            }
            // By position: to skip what is written costs as much as to go through it again.
            while self.entry < self.entries.len() {
                let batch = self.entry..self.entries.len().min(self.entry + BATCH);
                let entries = self.entries.get(batch.clone()).unwrap_or_default();
                let latest = self.latest.get(batch.clone()).unwrap_or_default();
                let pairs = entries.iter().zip(latest);
                let subjects: Vec<Subject<'_>> = pairs
                    .flat_map(|(entry, latest)| Subject::of(entry, latest.as_deref()))
                    .collect();
                for subject in &subjects {
                    let lines = &mut Lines::new(&mut text, &definition.family, subject);
                    (definition.write)(subject, lines);
                }
                self.entry = batch.end;
                if text.len() >= PIECE {
                    return Some(Bytes::from(text));
                }
            }
            self.family += 1;
            self.entry = 0;
        }
        if text.is_empty() { None } else { Some(Bytes::from(text)) }
    }
}

/// Large enough that the cost of a piece does not count, small enough that a slow reader does not
/// cost memory.
const PIECE: usize = 32 * 1024;
/// Room for the last origins' lines, so that a piece is seldom moved.
const SLACK: usize = 8 * 1024;
/// So many origins are looked up at once. Each is a handful of places in memory far apart, and to
/// wait for several at a time is a fifth of a large scrape quicker.
const BATCH: usize = 32;
