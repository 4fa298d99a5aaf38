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
/// The first [`ALWAYS_KEPT`] bytes of each origin are kept whatever happens. Beyond that an origin
/// has at most [`MOST_OF_AN_ORIGIN`], and no more than what is still free of the budget of all: so
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
    /// What each origin has of the budget, over all its observations that are still held.
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

/// What one probe has read so far.
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

/// What a chain takes of the budget until it is dropped.
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

/// What is kept of each origin in any case, in bytes of [`ChainFacts::size`]: several times the
/// usual chain.
const ALWAYS_KEPT: usize = 16 << 10;

/// What is kept of one origin beyond that, over all its observations that are held.
const MOST_OF_AN_ORIGIN: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::ALWAYS_KEPT;
    use super::Chains;
    use super::MOST_OF_AN_ORIGIN;
    use crate::chain::ChainFacts;
    use crate::chain::Keeping;
    use crate::chain::TrustAnchors;
    use crate::limits::ChainBudget;
    use crate::origin::Origin;

    /// The bytes need not be certificates to be told apart.
    fn list(entries: &[&[u8]]) -> Vec<Vec<u8>> {
        entries.iter().map(|entry| entry.to_vec()).collect()
    }

    fn chains() -> Chains {
        with_budget(128 << 20)
    }

    fn with_budget(bytes: usize) -> Chains {
        Chains::new(Arc::new(TrustAnchors::none()), Arc::new(ChainBudget::new(bytes)))
    }

    fn origin(name: &str) -> Origin {
        Origin::with_defaults(name.parse().unwrap())
    }

    fn facts(chains: &Chains, served: &[impl AsRef<[u8]>]) -> Option<Arc<ChainFacts>> {
        chains.of_origin(&origin("a.example"), &[0]).facts(served)
    }

    /// A list of entries that are no certificates takes about 150 bytes of memory for each.
    fn large(number: usize, entries: usize) -> Vec<Vec<u8>> {
        vec![number.to_be_bytes().to_vec(); entries]
    }

    /// Returns what one probe of an origin reads that serves different chains of `entries` entries.
    fn probe(
        chains: &Chains,
        name: &str,
        numbers: std::ops::Range<usize>,
        entries: usize,
    ) -> Vec<Arc<ChainFacts>> {
        let origin = origin(name);
        let of_origin = chains.of_origin(&origin, &[0]);
        numbers.map(|number| of_origin.facts(&large(number, entries)).unwrap()).collect()
    }

    fn bytes_kept(chains: &[Arc<ChainFacts>]) -> usize {
        kept(chains).map(|chain| chain.size()).sum()
    }

    fn kept(chains: &[Arc<ChainFacts>]) -> impl Iterator<Item = &Arc<ChainFacts>> {
        chains.iter().filter(|chain| chain.keeping == Keeping::Kept)
    }

    #[test]
    fn who_serves_the_same_bytes_shares_one_analysis() {
        let chains = chains();
        let first = facts(&chains, &list(&[b"a", b"b"])).unwrap();
        let second = facts(&chains, &list(&[b"a", b"b"])).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[test]
    fn a_changed_chain_is_seen_at_once() {
        let chains = chains();
        let held = facts(&chains, &list(&[b"a", b"b"])).unwrap();
        for changed in
            [&[b"a".as_slice(), b"c"][..], &[b"b", b"a"], &[b"a"], &[b"ab"], &[b"", b"ab"]]
        {
            let facts = facts(&chains, &list(changed)).unwrap();
            assert!(!Arc::ptr_eq(&held, &facts), "{changed:?}");
            assert_eq!(facts.served.len(), changed.len());
        }
    }

    #[test]
    fn what_nobody_holds_is_forgotten() {
        let chains = chains();
        let held: Vec<Arc<ChainFacts>> =
            (0..4_u8).map(|n| facts(&chains, &[[n]]).unwrap()).collect();
        for n in 0..10_000_u32 {
            drop(facts(&chains, &[n.to_be_bytes()]));
        }
        assert!(chains.lock().chains.len() <= 32, "{} entries", chains.lock().chains.len());
        for (n, held) in (0..4_u8).zip(&held) {
            assert!(Arc::ptr_eq(held, &facts(&chains, &[[n]]).unwrap()), "chain {n}");
        }
    }

    #[test]
    fn an_empty_list_has_no_facts() {
        assert_eq!(facts(&chains(), &list(&[])), None);
    }

    #[test]
    fn the_first_16_kib_are_kept_without_any_budget() {
        let chains = with_budget(0);
        let read = probe(&chains, "a.example", 0..64, 20);
        let kept = bytes_kept(&read);
        assert!((ALWAYS_KEPT / 2..=ALWAYS_KEPT).contains(&kept), "{kept} bytes");
        assert!(kept_are_the_first(&read));
        assert_eq!(bytes_kept(&probe(&chains, "b.example", 0..64, 20)), kept, "of another origin");
        // An origin that goes on serving them gets no more with time.
        let mut read = read;
        for _ in 0..3 {
            let origin = origin("a.example");
            let of_origin = chains.of_origin(&origin, &[0]);
            let next = (0..64).rev().map(|n| of_origin.facts(&large(n, 20)).unwrap()).collect();
            // The old ones are held until now.
            drop(std::mem::replace(&mut read, next));
            assert!(bytes_kept(&read) <= ALWAYS_KEPT, "{} bytes", bytes_kept(&read));
        }
    }

    fn kept_are_the_first(read: &[Arc<ChainFacts>]) -> bool {
        let is_kept = read.iter().map(|chain| chain.keeping == Keeping::Kept);
        is_kept.is_sorted_by(|one, other| one >= other)
    }

    #[test]
    fn an_origin_has_4_mib_over_all_that_is_held_of_it() {
        let chains = chains();
        let mut held = Vec::new();
        for round in 0..4 {
            // Two observations are held beside each new one.
            if held.len() == 3 {
                held.remove(0);
            }
            held.push(probe(&chains, "a.example", round * 1000..round * 1000 + 80, 500));
            let kept: usize = held.iter().map(|read| bytes_kept(read)).sum();
            assert!(kept <= MOST_OF_AN_ORIGIN + 3 * ALWAYS_KEPT, "{kept} bytes");
            assert!(kept > MOST_OF_AN_ORIGIN / 3, "{kept} bytes");
        }
        assert!(chains.budget.not_kept() > 100);
        drop(held);
        assert_eq!((chains.budget.used(), chains.budget.not_kept()), (0, 0));
    }

    #[test]
    fn chains_that_stay_the_same_are_kept_up_to_the_limit() {
        let chains = chains();
        let total: usize = bytes_kept(&probe(&chains, "a.example", 0..10, 500)) * 5;
        let mut held = Vec::new();
        for _ in 0..3 {
            held = vec![held.pop().unwrap_or_default(), probe(&chains, "a.example", 0..50, 500)];
        }
        assert!((MOST_OF_AN_ORIGIN * 2 / 3..MOST_OF_AN_ORIGIN).contains(&total), "{total} bytes");
        assert_eq!(bytes_kept(&held[1]), total);
    }

    #[test]
    fn the_largest_users_lose_first() {
        let chains = with_budget(2 << 20);
        let names: Vec<String> = (0..12).map(|n| format!("large{n}.example")).collect();
        let mut held: Vec<_> = names.iter().map(|_| Vec::new()).collect();
        for round in 0..4 {
            for (name, held) in names.iter().zip(&mut held) {
                *held = probe(&chains, name, round * 100..round * 100 + 20, 500);
            }
        }
        let used = chains.budget.used();
        assert!(used <= chains.budget.limit(), "{used} bytes");
        // There is room for one that asks for little.
        let small = probe(&chains, "small.example", 90_000..90_001, 300);
        assert_eq!(small[0].keeping, Keeping::Kept, "{used} bytes in use");
    }

    #[test]
    fn a_chain_that_was_not_kept_is_kept_once_there_is_room() {
        let chains = with_budget(0);
        let held = probe(&chains, "a.example", 0..1, 500);
        assert_eq!(held[0].keeping, Keeping::NotKept { whole: held_size(500) });
        assert!(held[0].size() * 10 < held_size(500), "{} bytes", held[0].size());
        // It is not analysed anew as long as nothing changes.
        assert!(Arc::ptr_eq(&held[0], &probe(&chains, "a.example", 0..1, 500)[0]));
        chains.budget.set_limit(Some(4 << 20));
        assert_eq!(probe(&chains, "a.example", 0..1, 500)[0].keeping, Keeping::Kept);
    }

    fn held_size(entries: usize) -> usize {
        probe(&chains(), "a.example", 0..1, entries)[0].size()
    }

    #[test]
    fn one_chain_of_many_endpoints_is_counted_once() {
        let chains = chains();
        let origin = origin("a.example");
        let of_origin = chains.of_origin(&origin, &[0]);
        let all: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| of_origin.facts(&large(1, 500)))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
        });
        assert_eq!(chains.budget.used(), all[0].size());
    }
}
