//! Chains already analysed, shared by everyone who serves the same bytes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::Weak;

use aws_lc_rs::digest;

use crate::chain::ChainFacts;
use crate::chain::TrustAnchors;

/// Analyses chains, each once while anybody holds it.
///
/// A chain's facts depend on nothing but its bytes and the anchors, neither on a name nor on the
/// time: what was verified stays so, and names and instants are compared at each judgement. What
/// nobody holds any more is forgotten, so there are never many more entries than chains in use.
#[derive(Debug)]
pub struct Chains {
    anchors: Arc<TrustAnchors>,
    known: Mutex<HashMap<[u8; 32], Weak<ChainFacts>>>,
}

impl Chains {
    /// Returns an empty collection for one set of anchors; other anchors need another one.
    pub fn new(anchors: Arc<TrustAnchors>) -> Self {
        Self { anchors, known: Mutex::new(HashMap::new()) }
    }

    /// Returns the facts of a served list; `None` when it is empty.
    pub fn facts(&self, served: &[impl AsRef<[u8]>]) -> Option<Arc<ChainFacts>> {
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

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Weak<ChainFacts>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Digests the list with its lengths, so that no two lists give the same input.
fn key(served: &[impl AsRef<[u8]>]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for certificate in served.iter().map(AsRef::as_ref) {
        context.update(&(certificate.len() as u64).to_be_bytes());
        context.update(certificate);
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Chains;
    use crate::chain::ChainFacts;
    use crate::chain::TrustAnchors;

    /// The bytes need not be certificates to be told apart.
    fn list(entries: &[&[u8]]) -> Vec<Vec<u8>> {
        entries.iter().map(|entry| entry.to_vec()).collect()
    }

    fn chains() -> Chains {
        Chains::new(Arc::new(TrustAnchors::none()))
    }

    #[test]
    fn who_serves_the_same_bytes_shares_one_analysis() {
        let chains = chains();
        let first = chains.facts(&list(&[b"a", b"b"])).unwrap();
        let second = chains.facts(&list(&[b"a", b"b"])).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[test]
    fn a_changed_chain_is_seen_at_once() {
        let chains = chains();
        let held = chains.facts(&list(&[b"a", b"b"])).unwrap();
        for changed in
            [&[b"a".as_slice(), b"c"][..], &[b"b", b"a"], &[b"a"], &[b"ab"], &[b"", b"ab"]]
        {
            let facts = chains.facts(&list(changed)).unwrap();
            assert!(!Arc::ptr_eq(&held, &facts), "{changed:?}");
            assert_eq!(facts.served.len(), changed.len());
        }
    }

    #[test]
    fn what_nobody_holds_is_forgotten() {
        let chains = chains();
        let held: Vec<Arc<ChainFacts>> = (0..4_u8).map(|n| chains.facts(&[[n]]).unwrap()).collect();
        for n in 0..10_000_u32 {
            drop(chains.facts(&[n.to_be_bytes()]));
        }
        assert!(chains.lock().len() <= 32, "{} entries", chains.lock().len());
        for (n, facts) in (0..4_u8).zip(&held) {
            assert!(Arc::ptr_eq(facts, &chains.facts(&[[n]]).unwrap()), "chain {n}");
        }
    }

    #[test]
    fn an_empty_list_has_no_facts() {
        assert_eq!(chains().facts(&list(&[])), None);
    }
}
