//! The complete response to a scrape, generated in pieces.

use std::sync::Arc;

use bytes::Bytes;

use crate::report::{Reports, Snapshot};

use super::labels::KnownLabels;
use super::subject::Subject;
use super::{Selection, lines, per_behavior, per_origin};

/// Returns the text format in pieces of about 8 KiB: first `own`, the daemon's own metrics, then
/// the selected metrics of every origin.
///
/// All pieces show the reports at the time of this call, so the metrics of one scrape are
/// consistent with each other. The exception is a client that reads so slowly that new reports are
/// published in between.
pub fn exposition(reports: &Reports, own: String, selection: &Selection) -> Exposition {
    let origins = per_origin::FAMILIES.iter().filter(|each| selection.has(each.family.name));
    let behaviors = per_behavior::FAMILIES.iter().filter(|each| selection.has(each.family.name));
    Exposition {
        own: own.into(),
        snapshot: reports.snapshot(),
        origins: origins.collect(),
        behaviors: behaviors.collect(),
        labels: KnownLabels::default(),
        composed: String::new(),
        family: 0,
        position: 0,
    }
}

/// The pieces of one response; each is generated on demand.
#[derive(Debug)]
pub struct Exposition {
    own: Bytes,
    snapshot: Arc<Snapshot>,
    /// The selected families.
    origins: Vec<&'static per_origin::Definition>,
    behaviors: Vec<&'static per_behavior::Definition>,
    labels: KnownLabels,
    /// Space to compose labels that are not known.
    composed: String,
    /// The position of the family being written; families of origins come first.
    family: usize,
    /// The position of the next entry or distribution to write.
    position: usize,
}

impl Iterator for Exposition {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if !self.own.is_empty() {
            return Some(self.own.split_to(PIECE.min(self.own.len())));
        }
        let mut text = String::with_capacity(PIECE + SLACK);
        while text.len() < PIECE {
            let is_written = if let Some(definition) = self.origins.get(self.family).copied() {
                self.write_origins(&mut text, definition)
            } else {
                let of_behaviors = self.family - self.origins.len();
                let Some(definition) = self.behaviors.get(of_behaviors).copied() else { break };
                self.write_behaviors(&mut text, definition)
            };
            if is_written {
                self.family += 1;
                self.position = 0;
            }
        }
        if text.is_empty() { None } else { Some(Bytes::from(text)) }
    }
}

impl Exposition {
    /// Continues with a family of origins until the piece is full; returns whether the family is
    /// complete.
    fn write_origins(&mut self, text: &mut String, definition: &per_origin::Definition) -> bool {
        let snapshot = Arc::clone(&self.snapshot);
        let all = snapshot.shown().entries();
        if self.position == 0 {
            lines::write_header(text, &definition.family, definition.family.help);
        }
        // By position: skipping entries already written costs as much as writing them again.
        while self.position < all.len() {
            let batch = self.position..all.len().min(self.position + BATCH);
            let entries = all.get(batch.clone()).unwrap_or_default();
            self.labels.learn(all, batch.end);
            let (known, composed) = (&self.labels, &mut self.composed);
            self.position = snapshot.with_latest(batch.clone(), |latest| {
                let mut subjects: Vec<(usize, Subject<'_>)> = Vec::with_capacity(BATCH);
                for ((entry, latest), position) in entries.iter().zip(latest).zip(batch.clone()) {
                    let latest = latest.as_ref().map(|kept| &kept.brief);
                    match known.of(position) {
                        Some(labels) => {
                            subjects.push((position, Subject::only(entry, latest, labels)));
                        }
                        None => {
                            let all = Subject::of(entry, latest);
                            subjects.extend(all.map(|subject| (position, subject)));
                        }
                    }
                }
                let mut written = batch.start;
                for (position, subject) in &subjects {
                    if *position != written && text.len() >= PIECE {
                        return *position;
                    }
                    written = *position;
                    subject.write(definition, text, composed);
                }
                batch.end
            });
            if text.len() >= PIECE {
                return false;
            }
        }
        true
    }

    /// Continues with a family of behaviors until the piece is full; returns whether the family is
    /// complete.
    fn write_behaviors(
        &mut self,
        text: &mut String,
        definition: &per_behavior::Definition,
    ) -> bool {
        let all = self.snapshot.shown().distributions();
        if self.position == 0 {
            lines::write_header(text, &definition.family, definition.family.help);
        }
        while let Some(distribution) = all.get(self.position) {
            let behaviors = self.snapshot.behaviors(self.position);
            definition.write(text, distribution.id(), behaviors.as_deref().unwrap_or_default());
            self.position += 1;
            if text.len() >= PIECE {
                return false;
            }
        }
        true
    }
}

/// Large enough that the overhead per piece is negligible, small enough that a slow reader does not
/// hold much memory.
const PIECE: usize = 8 * 1024;
/// Room for the last origin's lines, so that a piece is rarely reallocated.
const SLACK: usize = 4 * 1024;
/// How many origins are looked up at once. Each lookup touches a few distant places in memory.
/// Fetching several at a time makes a large scrape a fifth faster.
const BATCH: usize = 32;
