//! The labels that all series of a subject have, as text.

use std::sync::Arc;

use crate::report::Entry;

use super::lines::push_labels;
use super::subject::{LABELS, labels_of};

/// The labels of origins with one server name, which is nearly all: composed once per response and
/// not once per family. The names of an origin lie apart in memory, and a family writes little else.
#[derive(Debug, Default)]
pub(super) struct KnownLabels {
    chunks: Vec<Chunk>,
    bytes: usize,
}

/// The labels of [`CHUNK`] origins.
#[derive(Debug)]
struct Chunk {
    text: Box<str>,
    /// Where the labels of each origin end; nothing lies between two ends if they are not known.
    ends: Box<[u32]>,
}

impl KnownLabels {
    /// Composes the labels of the first origins up to the position `end`, as far as there is room.
    pub(super) fn learn(&mut self, entries: &[Arc<Entry>], end: usize) {
        while self.chunks.len() * CHUNK < end {
            let begin = self.chunks.len() * CHUNK;
            let own = entries.get(begin..entries.len().min(begin + CHUNK)).unwrap_or_default();
            let mut text = String::with_capacity(USUAL * CHUNK);
            let ends = own.iter().map(|entry| {
                let targets = &entry.origin.targets;
                if let [target] = &**targets
                    && target.is_used()
                    && self.bytes < MOST_BYTES
                {
                    let server_name = target.server_name.as_str();
                    push_labels(&mut text, &LABELS, &labels_of(entry, server_name));
                }
                u32::try_from(text.len()).unwrap_or_default()
            });
            let ends = ends.collect();
            self.bytes += text.len();
            self.chunks.push(Chunk { text: text.into(), ends });
        }
    }

    /// Returns the labels of the origin at a position; `None` if they are not known.
    pub(super) fn of(&self, position: usize) -> Option<&str> {
        let Chunk { text, ends } = self.chunks.get(position / CHUNK)?;
        let place = position % CHUNK;
        let end = *ends.get(place)? as usize;
        let begin = place.checked_sub(1).and_then(|before| ends.get(before)).copied();
        text.get(begin.unwrap_or_default() as usize..end).filter(|labels| !labels.is_empty())
    }
}

const CHUNK: usize = 32;
/// In bytes, with names of usual length.
const USUAL: usize = 128;
/// For each response; those of 250,000 origins with names of usual length fit.
const MOST_BYTES: usize = 32 << 20;
