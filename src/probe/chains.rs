//! Chains already analysed, shared by everyone who serves the same bytes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::Weak;

use aws_lc_rs::digest;

use crate::chain::ChainFacts;
use crate::chain::TrustAnchors;

/// Analyses chains, each once while anybody holds it: a chain's facts depend on nothing but its
/// bytes and the anchors.
#[derive(Debug)]
pub(super) struct Chains {
    anchors: Arc<TrustAnchors>,
    known: Mutex<HashMap<[u8; 32], Weak<ChainFacts>>>,
}

impl Chains {
    pub(super) fn new(anchors: Arc<TrustAnchors>) -> Self {
        Self { anchors, known: Mutex::new(HashMap::new()) }
    }

    /// Returns the facts of a served list; `None` when it is empty.
    pub(super) fn facts(&self, served: &[Vec<u8>]) -> Option<Arc<ChainFacts>> {
        if served.is_empty() {
            return None;
        }
        let key = key(served);
        if let Some(known) = self.lock().get(&key).and_then(Weak::upgrade) {
            return Some(known);
        }
        // Not under the lock: an analysis may take milliseconds, and two at once do no harm.
        let facts = Arc::new(ChainFacts::analyse(served, &self.anchors));
        let mut known = self.lock();
        if known.len() >= known.capacity() {
            known.retain(|_, facts| facts.strong_count() > 0);
        }
        known.insert(key, Arc::downgrade(&facts));
        Some(facts)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Weak<ChainFacts>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Digests the list with its lengths, so that no two lists give the same input.
fn key(served: &[Vec<u8>]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for certificate in served {
        context.update(&(certificate.len() as u64).to_be_bytes());
        context.update(certificate);
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}
