//! Analysed chains, shared by all origins that serve the same bytes.

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use crate::chain::{Certificate, ChainFacts, Keeping, TrustAnchors, WantedNames, digest_of};
use crate::cloudfront::former_roots;
use crate::limits::ChainBudget;
use crate::origin::{Origin, OriginKey, ReferenceId};

/// Analyses chains, each once while it is in use, and limits how much of them is kept in memory.
///
/// A chain's facts depend only on its bytes and the trust anchors, not on a name or the time.
/// Signatures are verified once; names and instants are compared at each judgement. Chains that are
/// no longer in use are removed, so there are never many more entries than chains in use.
///
/// The first 16 KiB of certificates of each origin are always kept. Beyond that, an origin may use
/// at most 4 MiB, and no more than what is still free in the common budget. So origins that use
/// much are refused, and lose what they have, while there is room for origins that use little.
///
/// Of a chain that is not kept, the facts are kept in a shorter form. That form is charged like a
/// whole chain. If there is no room for it either, an outline is kept, which is charged but never
/// refused.
#[derive(Debug)]
pub struct Chains {
    anchors: Arc<TrustAnchors>,
    budget: Arc<ChainBudget>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    chains: HashMap<Key, Weak<ChainFacts>>,
    accounts: HashMap<OriginKey, Weak<Account>>,
    /// The certificates above the end entities, by digest.
    certificates: HashMap<Key, Weak<Certificate>>,
}

impl Known {
    /// Returns the equal certificate that another chain has, or else `certificate`.
    fn shared(&mut self, certificate: &Arc<Certificate>) -> Arc<Certificate> {
        let same = self.certificates.get(&certificate.sha256).and_then(Weak::upgrade);
        if let Some(same) = same.filter(|same| same == certificate) {
            return same;
        }
        if self.certificates.len() >= self.certificates.capacity() {
            self.certificates.retain(|_, certificate| certificate.strong_count() > 0);
        }
        self.certificates.insert(certificate.sha256, Arc::downgrade(certificate));
        Arc::clone(certificate)
    }
}

type Key = [u8; 32];

/// The bytes held for one origin, over all its observations.
#[derive(Debug, Default)]
struct Account {
    /// Bytes that are always kept, of an origin that is probed in parts.
    always_kept: AtomicUsize,
    /// Bytes that were always kept at the last probe.
    last_always_kept: AtomicUsize,
    /// Bytes taken from the budget.
    share: AtomicUsize,
}

impl Chains {
    /// Returns an empty collection for one set of anchors; other anchors require another
    /// collection.
    pub fn new(anchors: Arc<TrustAnchors>, budget: Arc<ChainBudget>) -> Self {
        Self { anchors, budget, known: Mutex::default() }
    }

    /// Begins to read the chains of one probe of `origin`, for some of its targets.
    pub fn of_origin<'a>(&'a self, origin: &'a Origin, targets: &'a [usize]) -> ChainsOfOrigin<'a> {
        ChainsOfOrigin {
            all: self,
            origin,
            targets,
            account: OnceLock::new(),
            wanted: OnceLock::new(),
            read: Mutex::default(),
        }
    }

    fn find(&self, key: &Key) -> Option<Arc<ChainFacts>> {
        self.lock().chains.get(key).and_then(Weak::upgrade)
    }

    fn account(&self, origin: &OriginKey) -> Arc<Account> {
        let mut known = self.lock();
        if let Some(account) = known.accounts.get(origin).and_then(Weak::upgrade) {
            return account;
        }
        if known.accounts.len() >= known.accounts.capacity() {
            known.accounts.retain(|_, account| account.strong_count() > 0);
        }
        let account = Arc::default();
        known.accounts.insert(origin.clone(), Arc::downgrade(&account));
        account
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
pub struct ChainsOfOrigin<'a> {
    all: &'a Chains,
    origin: &'a Origin,
    targets: &'a [usize],
    account: OnceLock<Arc<Account>>,
    /// The names to compare with, and their digest.
    wanted: OnceLock<(WantedNames<'a>, Key)>,
    read: Mutex<Read>,
}

/// The chains that one probe has read so far.
#[derive(Debug, Default)]
struct Read {
    /// A chain that many endpoints serve is analysed, and counted, once.
    chains: HashMap<Key, Arc<OnceLock<Arc<ChainFacts>>>>,
    /// Bytes that are always kept.
    always_kept: usize,
    /// Bytes added to the origin's share.
    added: usize,
    /// Bytes of that share that are released with the previous observation.
    displaced: usize,
}

impl ChainsOfOrigin<'_> {
    /// Returns the facts of a served list; `None` if it is empty.
    pub fn facts(&self, served: &[impl AsRef<[u8]>]) -> Option<Arc<ChainFacts>> {
        if served.is_empty() {
            return None;
        }
        let key = key(served);
        let chain = Arc::clone(self.read().chains.entry(key).or_default());
        let facts = || self.known(&key).unwrap_or_else(|| self.analyse(served, &key));
        Some(Arc::clone(chain.get_or_init(facts)))
    }

    /// Returns a chain that is already in use, if there is room for it here.
    fn known(&self, key: &Key) -> Option<Arc<ChainFacts>> {
        if let Some(whole) = self.all.find(key)
            && whole.lease.get::<Charge>().is_none_or(|charge| self.has_place_for(charge))
        {
            return Some(whole);
        }
        // Once there is room for more of the chain, it is read again.
        let small = self.all.find(&self.key_of_small(key))?;
        let charge = small.lease.get::<Charge>()?;
        let Keeping::NotKept { whole } = small.keeping else { return None };
        let mut read = self.read();
        // Other chains that were always kept are released first, in whatever order they come.
        let others = self.account().last_always_kept.load(Relaxed);
        let others = others.saturating_sub(charge.always_kept);
        let left = self.always_left(&read).min(ALWAYS_KEPT.saturating_sub(others));
        let has_room = whole <= left
            || charge.always_kept < charge.leading && charge.leading <= left
            || self.fits(&read, whole);
        if has_room {
            return None;
        }
        read.always_kept += charge.always_kept;
        drop(read);
        Some(small)
    }

    /// Finds room for a whole chain that is already in use, by this origin or another.
    fn has_place_for(&self, charge: &Charge) -> bool {
        let mut read = self.read();
        let fits_always = read.always_kept + charge.size <= ALWAYS_KEPT;
        let Some(payer) = charge.payer.get() else {
            // The room of a chain that is always kept belongs to the first origin that served it,
            // or is taken by another chain now.
            if fits_always {
                read.always_kept += charge.size;
            }
            return fits_always || self.take(&mut read, charge);
        };
        if !Arc::ptr_eq(payer, self.account()) || !self.is_too_much(&read) {
            return true;
        }
        *(if fits_always { &mut read.always_kept } else { &mut read.displaced }) += charge.size;
        fits_always
    }

    fn analyse(&self, served: &[impl AsRef<[u8]>], key: &Key) -> Arc<ChainFacts> {
        let mut facts = ChainFacts::analyse(served, &self.all.anchors);
        facts.share(|certificate| self.all.lock().shared(certificate));
        let (facts, key) = match self.charge_for(facts.size()) {
            Some(charge) => (facts.leased(charge), *key),
            None => (self.small(&facts), self.key_of_small(key)),
        };
        let facts = Arc::new(facts);
        let mut known = self.all.lock();
        // Another origin may have served it meanwhile.
        let same = known.chains.get(&key).and_then(Weak::upgrade);
        if let Some(same) = same.filter(|same| leading_kept(same) >= leading_kept(&facts)) {
            return same;
        }
        if known.chains.len() >= known.chains.capacity() {
            known.chains.retain(|_, facts| facts.strong_count() > 0);
        }
        known.chains.insert(key, Arc::downgrade(&facts));
        facts
    }

    /// Takes `size` bytes for a whole chain; `None` if there is not enough room.
    fn charge_for(&self, size: usize) -> Option<Charge> {
        let mut read = self.read();
        if size <= self.always_left(&read) {
            read.always_kept += size;
            return Some(Charge::new(self, size, size));
        }
        let charge = Charge::new(self, size, 0);
        self.take(&mut read, &charge).then_some(charge)
    }

    /// Takes a charge's bytes from the budget, if there is enough room.
    fn take(&self, read: &mut Read, charge: &Charge) -> bool {
        let account = self.account();
        // Probes of other origins take from the same budget.
        let _one_at_a_time = self.all.lock();
        let fits = self.fits(read, charge.size);
        if fits {
            read.added += charge.size;
            charge.take(account);
        }
        fits
    }

    /// Returns the short form of a chain that is not kept, or its outline if there is no room.
    fn small(&self, facts: &ChainFacts) -> ChainFacts {
        let mut read = self.read();
        let wanted = &self.wanted().0;
        let (leading, whole) = facts.leading(self.always_left(&read));
        let mut small = facts.without_bulk(wanted, leading);
        if small.size() - whole > OUTLINE && !self.fits(&read, small.size() - whole) {
            small = facts.outlined(wanted, leading);
        }
        let size = small.size() - whole;
        read.always_kept += whole;
        read.added += size;
        let charge = Charge::new(self, size, whole).of_small(facts.leading(ALWAYS_KEPT).1);
        charge.take(self.account());
        small.leased(charge)
    }

    /// Returns how many more bytes are always kept.
    fn always_left(&self, read: &Read) -> usize {
        let left = ALWAYS_KEPT.saturating_sub(read.always_kept);
        if !self.is_in_parts() {
            return left;
        }
        let held = self.account().always_kept.load(Relaxed);
        left.min(MOST_ALWAYS_KEPT.saturating_sub(held))
    }

    /// Returns whether observations of other targets of the origin are held as well.
    fn is_in_parts(&self) -> bool {
        self.targets.len() < self.origin.targets.len()
    }

    fn fits(&self, read: &Read, size: usize) -> bool {
        let budget = &self.all.budget;
        let share = self.account().share.load(Relaxed) + size;
        // The observation that this one replaces is held until then.
        read.added + size <= MOST_OF_AN_ORIGIN / 2
            && share <= MOST_OF_AN_ORIGIN
            && share + budget.used() + size <= budget.limit()
    }

    /// Returns whether the origin holds more than what is free.
    fn is_too_much(&self, read: &Read) -> bool {
        let budget = &self.all.budget;
        let held = self.account().share.load(Relaxed) + budget.used();
        held > budget.limit() + 2 * read.displaced
    }

    fn account(&self) -> &Arc<Account> {
        self.account.get_or_init(|| self.all.account(&self.origin.key))
    }

    fn key_of_small(&self, key: &Key) -> Key {
        digest_of([&key[..], &self.wanted().1])
    }

    /// Returns the names that its certificates are compared with, and their digest.
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
            let digest = digest_of(all.chain([domain]).map(str::as_bytes));
            let wanted = WantedNames::new(domain, server_names.chain(hosts), parents);
            (wanted.with_roots(is_former_root), digest)
        })
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ChainsOfOrigin<'_> {
    fn drop(&mut self) {
        if let Some(account) = self.account.get() {
            account.last_always_kept.store(self.read().always_kept, Relaxed);
        }
    }
}

/// The bytes that a chain takes until it is dropped.
#[derive(Debug)]
struct Charge {
    budget: Arc<ChainBudget>,
    /// The account of the bytes that are always kept, if they are counted.
    owner: Option<Arc<Account>>,
    always_kept: usize,
    /// Bytes that the payer takes from the budget.
    size: usize,
    /// The origin that pays; none for a whole chain that is always kept.
    payer: OnceLock<Arc<Account>>,
    /// Bytes of a chain that is not kept which may always be kept.
    leading: usize,
    is_whole: bool,
}

impl Charge {
    fn new(origin: &ChainsOfOrigin<'_>, size: usize, always_kept: usize) -> Self {
        let owner = origin.is_in_parts().then(|| Arc::clone(origin.account()));
        if let Some(owner) = &owner {
            owner.always_kept.fetch_add(always_kept, Relaxed);
        }
        let budget = Arc::clone(&origin.all.budget);
        let payer = OnceLock::new();
        Self { budget, owner, always_kept, size, payer, leading: 0, is_whole: true }
    }

    fn of_small(mut self, leading: usize) -> Self {
        self.budget.count_not_kept();
        self.leading = leading;
        self.is_whole = false;
        self
    }

    /// Takes the bytes from the budget, unless they have been taken.
    fn take(&self, payer: &Arc<Account>) {
        if self.payer.set(Arc::clone(payer)).is_ok() {
            payer.share.fetch_add(self.size, Relaxed);
            self.budget.take(self.size);
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if let Some(owner) = &self.owner {
            owner.always_kept.fetch_sub(self.always_kept, Relaxed);
        }
        if let Some(payer) = self.payer.get() {
            payer.share.fetch_sub(self.size, Relaxed);
            self.budget.give_back(self.size);
        }
        if !self.is_whole {
            self.budget.forget_not_kept();
        }
    }
}

/// Returns how many leading bytes of a shortened chain are kept whole.
fn leading_kept(facts: &ChainFacts) -> usize {
    let charge = facts.lease.get::<Charge>().filter(|charge| !charge.is_whole);
    charge.map_or(0, |charge| charge.always_kept)
}

fn is_former_root(name: &str) -> bool {
    former_roots().iter().any(|root| root.has_name(name))
}

fn key(served: &[impl AsRef<[u8]>]) -> Key {
    digest_of(served.iter().map(AsRef::as_ref))
}

/// How much each probe of an origin always keeps, in bytes of [`ChainFacts::size`]: several times
/// the size of a usual chain.
const ALWAYS_KEPT: usize = 16 << 10;

/// How much of an origin is kept in that way, over all observations in use. An origin with many
/// server names has one observation for each part of them.
const MOST_ALWAYS_KEPT: usize = 4 * ALWAYS_KEPT;

/// About how many bytes a chain that is not kept takes in any case.
const OUTLINE: usize = 4 << 10;

/// The limit for one origin beyond that, over all its observations in use.
const MOST_OF_AN_ORIGIN: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Chains;
    use crate::chain::{ChainFacts, TrustAnchors};
    use crate::limits::ChainBudget;
    use crate::origin::Origin;

    #[test]
    fn what_nobody_holds_is_forgotten() {
        let chains =
            Chains::new(Arc::new(TrustAnchors::none()), Arc::new(ChainBudget::new(128 << 20)));
        let origin = Origin::with_defaults("a.example".parse().unwrap());
        let facts = |n: u32| chains.of_origin(&origin, &[0]).facts(&[n.to_be_bytes()]).unwrap();
        let held: Vec<Arc<ChainFacts>> = (0..4).map(facts).collect();
        (4..10_000).for_each(|n| drop(facts(n)));
        assert!(chains.lock().chains.len() <= 32, "{} entries", chains.lock().chains.len());
        for (n, held) in (0..).zip(&held) {
            assert!(Arc::ptr_eq(held, &facts(n)), "chain {n}");
        }
    }
}
