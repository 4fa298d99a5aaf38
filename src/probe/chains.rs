//! Chains already analysed, shared by everyone who serves the same bytes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::sync::Weak;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use aws_lc_rs::digest;

use crate::chain::ChainFacts;
use crate::chain::Keeping;
use crate::chain::TrustAnchors;
use crate::chain::WantedNames;
use crate::limits::ChainBudget;
use crate::origin::Origin;
use crate::origin::OriginKey;
use crate::origin::ReferenceId;

/// Analyses chains, each once while anybody holds it, and keeps no more of them than there is
/// memory for.
///
/// A chain's facts depend on nothing but its bytes and the anchors, neither on a name nor on the
/// time: what was verified stays so, and names and instants are compared at each judgement. What
/// nobody holds any more is forgotten, so there are never many more entries than chains in use.
///
/// The first 16 KiB of each origin are kept whatever happens. Beyond that an origin
/// has at most 4 MiB, and no more than what is still free of the budget of all: so
/// origins that use much are refused while there is room for those that use little.
#[derive(Debug)]
pub struct Chains {
    anchors: Arc<TrustAnchors>,
    budget: Arc<ChainBudget>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    chains: HashMap<Key, Weak<ChainFacts>>,
    /// The share of each origin in the budget, over all its observations that are still held.
    shares: HashMap<OriginKey, Weak<AtomicUsize>>,
}

type Key = [u8; 32];

impl Chains {
    /// Returns an empty collection for one set of anchors; other anchors need another one.
    pub fn new(anchors: Arc<TrustAnchors>, budget: Arc<ChainBudget>) -> Self {
        Self { anchors, budget, known: Mutex::default() }
    }

    /// Begins to read the chains of one probe of `origin`, for some of its targets.
    pub fn of_origin<'a>(&'a self, origin: &'a Origin, targets: &'a [usize]) -> ChainsOfOrigin<'a> {
        ChainsOfOrigin {
            all: self,
            origin,
            targets,
            wanted: OnceLock::new(),
            read: Mutex::default(),
        }
    }

    fn find(&self, key: &Key) -> Option<Arc<ChainFacts>> {
        self.lock().chains.get(key).and_then(Weak::upgrade)
    }

    fn share(&self, origin: &OriginKey) -> Arc<AtomicUsize> {
        let mut known = self.lock();
        if let Some(share) = known.shares.get(origin).and_then(Weak::upgrade) {
            return share;
        }
        if known.shares.len() >= known.shares.capacity() {
            known.shares.retain(|_, share| share.strong_count() > 0);
        }
        let share = Arc::default();
        known.shares.insert(origin.clone(), Arc::downgrade(&share));
        share
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The chains of one probe of one origin.
#[derive(Debug)]
pub struct ChainsOfOrigin<'a> {
    all: &'a Chains,
    origin: &'a Origin,
    targets: &'a [usize],
    /// The names to compare with, and a digest of them.
    wanted: OnceLock<(WantedNames<'a>, Key)>,
    read: Mutex<Read>,
}

/// The chains that one probe has read so far.
#[derive(Debug, Default)]
struct Read {
    /// One that many endpoints serve is analysed, and counted, once.
    chains: HashMap<Key, Arc<OnceLock<Arc<ChainFacts>>>>,
    /// Bytes that are kept in any case.
    always_kept: usize,
    /// Bytes that were added to the origin's share.
    added: usize,
}

/// Where the bytes of a chain that is kept are counted.
enum Place {
    AlwaysKept,
    Share(Arc<AtomicUsize>),
}

impl ChainsOfOrigin<'_> {
    /// Returns the facts of a served list; `None` when it is empty.
    pub fn facts(&self, served: &[impl AsRef<[u8]>]) -> Option<Arc<ChainFacts>> {
        if served.is_empty() {
            return None;
        }
        let key = key(served);
        let chain = Arc::clone(self.read().chains.entry(key).or_default());
        let facts = || self.known(&key).unwrap_or_else(|| self.analyse(served, &key));
        Some(Arc::clone(chain.get_or_init(facts)))
    }

    /// Returns a chain that is held somewhere, if there is a place for it here.
    fn known(&self, key: &Key) -> Option<Arc<ChainFacts>> {
        if let Some(whole) = self.all.find(key) {
            let Some(charge) = whole.lease.get::<Charge>() else { return Some(whole) };
            // The place of one that is always kept is with the origin that was the first to serve
            // it, or is taken by another chain now.
            if charge.share.get().is_none()
                && let Place::Share(share) = self.place_for(charge.size)?
            {
                charge.join(share);
            }
            return Some(whole);
        }
        // Once there is room for the whole chain, it is read again.
        let small = self.all.find(&self.key_of_small(key))?;
        let Keeping::NotKept { whole } = small.keeping else { return None };
        let share = self.all.share(&self.origin.key);
        let has_room = self.fits(&self.read(), &share, whole);
        (!has_room).then_some(small)
    }

    fn analyse(&self, served: &[impl AsRef<[u8]>], key: &Key) -> Arc<ChainFacts> {
        let facts = ChainFacts::analyse(served, &self.all.anchors);
        let size = facts.size();
        let budget = &self.all.budget;
        let (facts, key) = match self.place_for(size) {
            Some(place) => {
                let charge = Charge::of_whole(budget, size);
                if let Place::Share(share) = place {
                    charge.join(share);
                }
                (facts.leased(charge), *key)
            }
            None => {
                let small = facts.without_bulk(&self.wanted().0);
                let charge = Charge::of_small(budget, small.size());
                (small.leased(charge), self.key_of_small(key))
            }
        };
        let facts = Arc::new(facts);
        let mut known = self.all.lock();
        // Another origin may have served it meanwhile.
        if let Some(same) = known.chains.get(&key).and_then(Weak::upgrade) {
            return same;
        }
        if known.chains.len() >= known.chains.capacity() {
            known.chains.retain(|_, facts| facts.strong_count() > 0);
        }
        known.chains.insert(key, Arc::downgrade(&facts));
        facts
    }

    /// Takes `size` bytes where there are so many left; `None` where there are not.
    fn place_for(&self, size: usize) -> Option<Place> {
        let mut read = self.read();
        if read.always_kept + size <= ALWAYS_KEPT {
            read.always_kept += size;
            return Some(Place::AlwaysKept);
        }
        let share = self.all.share(&self.origin.key);
        // Probes of other origins take from the same budget.
        let _one_at_a_time = self.all.lock();
        if !self.fits(&read, &share, size) {
            return None;
        }
        share.fetch_add(size, Relaxed);
        self.all.budget.take(size);
        read.added += size;
        Some(Place::Share(share))
    }

    fn fits(&self, read: &Read, share: &AtomicUsize, size: usize) -> bool {
        let budget = &self.all.budget;
        let share = share.load(Relaxed) + size;
        // The observation that this one replaces is held until then.
        read.added + size <= MOST_OF_AN_ORIGIN / 2
            && share <= MOST_OF_AN_ORIGIN
            && share + budget.used() <= budget.limit()
    }

    fn key_of_small(&self, key: &Key) -> Key {
        digest([&key[..], &self.wanted().1].into_iter())
    }

    /// Returns the names that its certificates are compared with, and a digest of them.
    fn wanted(&self) -> &(WantedNames<'_>, Key) {
        self.wanted.get_or_init(|| {
            let targets = self.targets.iter().filter_map(|target| self.origin.targets.get(*target));
            let ids = || targets.clone().flat_map(|target| &target.reference_ids);
            let server_names = targets.clone().map(|target| target.server_name.as_str());
            let hosts = ids().filter_map(|id| match id {
                ReferenceId::Name(name) => Some(name.as_str()),
                ReferenceId::Wildcard(_) => None,
            });
            let parents = ids().filter_map(|id| match id {
                ReferenceId::Name(_) => None,
                ReferenceId::Wildcard(name) => Some(name.as_str()),
            });
            let domain = self.origin.domain().as_str();
            let all = server_names.clone().chain(hosts.clone()).chain(parents.clone());
            let digest = digest(all.chain([domain]).map(str::as_bytes));
            (WantedNames::new(domain, server_names.chain(hosts), parents), digest)
        })
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A chain's share of the budget until it is dropped.
#[derive(Debug)]
struct Charge {
    budget: Arc<ChainBudget>,
    size: usize,
    is_whole: bool,
    /// The origin's share that a whole chain is counted in; empty for what is always kept.
    share: OnceLock<Arc<AtomicUsize>>,
}

impl Charge {
    fn of_whole(budget: &Arc<ChainBudget>, size: usize) -> Self {
        Self { budget: Arc::clone(budget), size, is_whole: true, share: OnceLock::new() }
    }

    /// Takes what is left of a chain that is not kept: it is needed, and leaves less to others.
    fn of_small(budget: &Arc<ChainBudget>, size: usize) -> Self {
        budget.take(size);
        budget.count_not_kept();
        Self { budget: Arc::clone(budget), size, is_whole: false, share: OnceLock::new() }
    }

    /// Counts the chain in a share that it has been taken from.
    fn join(&self, share: Arc<AtomicUsize>) {
        if let Err(share) = self.share.set(share) {
            share.fetch_sub(self.size, Relaxed);
            self.budget.give_back(self.size);
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if !self.is_whole {
            self.budget.give_back(self.size);
            self.budget.forget_not_kept();
        } else if let Some(share) = self.share.get() {
            share.fetch_sub(self.size, Relaxed);
            self.budget.give_back(self.size);
        }
    }
}

/// Digests the list with its lengths, so that no two lists give the same input.
fn key(served: &[impl AsRef<[u8]>]) -> Key {
    digest(served.iter().map(AsRef::as_ref))
}

fn digest<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Key {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

/// The bytes ([`ChainFacts::size`]) of each origin that are always kept: several times the usual
/// chain.
const ALWAYS_KEPT: usize = 16 << 10;

/// The most bytes that are kept of one origin beyond [`ALWAYS_KEPT`], in all its observations
/// together.
const MOST_OF_AN_ORIGIN: usize = 4 << 20;

#[cfg(test)]
mod tests;
