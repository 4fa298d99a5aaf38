//! Which chains are shared and kept in memory.

use std::ops::Range;
use std::sync::Arc;

use origin_probe::chain::{ChainFacts, Keeping, TrustAnchors};
use origin_probe::limits::ChainBudget;
use origin_probe::origin::Origin;
use origin_probe::probe::Chains;

/// The bytes that each probe of an origin always keeps.
const ALWAYS_KEPT: usize = 16 << 10;
/// The bytes that are always kept of an origin that is probed in parts.
const MOST_ALWAYS_KEPT: usize = 64 << 10;
/// The bytes that one origin may take beyond that.
const MOST_OF_AN_ORIGIN: usize = 4 << 20;
/// About what a chain that is not kept takes in any case.
const OUTLINE: usize = 4 << 10;

fn chains() -> (Chains, Arc<ChainBudget>) {
    with_budget(128 << 20)
}

fn with_budget(bytes: usize) -> (Chains, Arc<ChainBudget>) {
    let budget = Arc::new(ChainBudget::new(bytes));
    (Chains::new(Arc::new(TrustAnchors::none()), Arc::clone(&budget)), budget)
}

fn origin(name: &str) -> Origin {
    Origin::with_defaults(name.parse().unwrap())
}

fn facts(chains: &Chains, served: &[impl AsRef<[u8]>]) -> Option<Arc<ChainFacts>> {
    chains.of_origin(&origin("a.example"), &[0]).facts(served)
}

/// A list of entries that are not certificates takes about 150 bytes of memory for each.
fn large(number: usize, entries: usize) -> Vec<Vec<u8>> {
    vec![number.to_be_bytes().to_vec(); entries]
}

/// Returns what one probe reads of an origin with different chains of `entries` entries.
fn probe(
    chains: &Chains,
    name: &str,
    numbers: Range<usize>,
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
fn who_serves_the_same_bytes_shares_one_analysis_and_a_change_is_seen_at_once() {
    let (chains, _) = chains();
    // The bytes need not be certificates to be distinguished.
    let held = facts(&chains, &["a", "b"]).unwrap();
    assert!(Arc::ptr_eq(&held, &facts(&chains, &["a", "b"]).unwrap()));
    for changed in [&["a", "c"][..], &["b", "a"], &["a"], &["ab"], &["", "ab"]] {
        let facts = facts(&chains, changed).unwrap();
        assert!(!Arc::ptr_eq(&held, &facts), "{changed:?}");
        assert_eq!(facts.served.len(), changed.len());
    }
}

#[test]
fn an_empty_list_has_no_facts() {
    assert_eq!(facts(&chains().0, &[""; 0]), None);
}

#[test]
fn the_first_16_kib_are_kept_without_any_budget() {
    let (chains, _) = with_budget(0);
    let read = probe(&chains, "a.example", 0..64, 20);
    let kept = bytes_kept(&read);
    assert!((ALWAYS_KEPT / 2..=ALWAYS_KEPT).contains(&kept), "{kept} bytes");
    assert!(kept_are_the_first(&read));
    assert_eq!(bytes_kept(&probe(&chains, "b.example", 0..64, 20)), kept, "of another origin");
    // An origin that keeps serving them gets no more over time.
    let mut read = read;
    for _ in 0..3 {
        let origin = origin("a.example");
        let of_origin = chains.of_origin(&origin, &[0]);
        let next = (0..64).rev().map(|n| of_origin.facts(&large(n, 20)).unwrap()).collect();
        // The old chains are in use until now.
        drop(std::mem::replace(&mut read, next));
        assert!(bytes_kept(&read) <= ALWAYS_KEPT, "{} bytes", bytes_kept(&read));
    }
    // A chain that was not kept takes the room of those that are no longer served.
    read.retain(|chain| chain.keeping != Keeping::Kept);
    for _ in 0..2 {
        let next = probe(&chains, "a.example", 40..41, 20);
        drop(std::mem::replace(&mut read, next));
    }
    assert_eq!(read[0].keeping, Keeping::Kept);
}

#[test]
fn an_origin_that_is_probed_in_parts_has_one_bound_for_all_of_them() {
    let (chains, _) = with_budget(0);
    let mut origin = origin("a.example");
    origin.targets = vec![origin.targets[0].clone(); 400];
    let targets: Vec<usize> = (0..400).collect();
    let mut held = Vec::new();
    for (part, targets) in targets.chunks(20).enumerate() {
        let of_origin = chains.of_origin(&origin, targets);
        held.extend((0..20).map(|n| of_origin.facts(&large(part * 20 + n, 20)).unwrap()));
    }
    let kept = bytes_kept(&held);
    assert!((ALWAYS_KEPT..=MOST_ALWAYS_KEPT).contains(&kept), "{kept} bytes");
    drop(held);
    // The released bytes are available to the next chain.
    let held = chains.of_origin(&origin, &[0]).facts(&large(900, 20)).unwrap();
    assert_eq!(held.keeping, Keeping::Kept);
}

fn kept_are_the_first(read: &[Arc<ChainFacts>]) -> bool {
    let is_kept = read.iter().map(|chain| chain.keeping == Keeping::Kept);
    is_kept.is_sorted_by(|one, other| one >= other)
}

#[test]
fn an_origin_has_4_mib_over_all_that_is_held_of_it() {
    let (chains, budget) = chains();
    let mut held = Vec::new();
    for round in 0..4 {
        // Two observations are in use besides each new one.
        if held.len() == 3 {
            held.remove(0);
        }
        held.push(probe(&chains, "a.example", round * 1000..round * 1000 + 80, 500));
        let kept: usize = held.iter().map(|read| bytes_kept(read)).sum();
        assert!(kept <= MOST_OF_AN_ORIGIN + 3 * ALWAYS_KEPT, "{kept} bytes");
        assert!(kept > MOST_OF_AN_ORIGIN / 3, "{kept} bytes");
    }
    assert!(budget.not_kept() > 100);
    drop(held);
    assert_eq!((budget.used(), budget.not_kept()), (0, 0));
}

#[test]
fn chains_that_stay_the_same_are_kept_up_to_the_limit() {
    let (chains, _) = chains();
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
    let (chains, budget) = with_budget(2 << 20);
    let names: Vec<String> = (0..12).map(|n| format!("large{n}.example")).collect();
    let mut held: Vec<_> = names.iter().map(|_| Vec::new()).collect();
    for round in 0..4 {
        for (name, held) in names.iter().zip(&mut held) {
            *held = probe(&chains, name, round * 100..round * 100 + 20, 500);
        }
    }
    let used = budget.used();
    assert!(used <= budget.limit(), "{used} bytes");
    // There is room for an origin that needs little.
    let small = probe(&chains, "small.example", 90_000..90_001, 300);
    assert_eq!(small[0].keeping, Keeping::Kept, "{used} bytes in use");
}

#[test]
fn large_users_lose_what_they_have_to_small_ones() {
    let (chains, budget) = with_budget(2 << 20);
    let large: Vec<String> = (0..4).map(|n| format!("large{n}.example")).collect();
    let small: Vec<String> = (0..10).map(|n| format!("small{n}.example")).collect();
    let number = |n: usize| n * 100..n * 100 + if n < 4 { 20 } else { 1 };
    let mut held = vec![Vec::new(); large.len() + small.len()];
    for round in 0..10 {
        // The first origins have all of it for a while.
        let all = large.iter().chain(small.iter().filter(|_| round > 1));
        for (n, name) in all.enumerate() {
            held[n] = probe(&chains, name, number(n), 500);
        }
    }
    let (used, limit) = (budget.used(), budget.limit());
    assert!(used <= limit, "{used} bytes of {limit}");
    let shares: Vec<usize> = held.iter().map(|read| bytes_kept(read)).collect();
    assert!(held[4..].iter().all(|read| read[0].keeping == Keeping::Kept), "{shares:?}");
    assert!(shares[..4].iter().all(|share| *share >= shares[4]), "{shares:?}");
    // Nothing changes any more.
    let again = probe(&chains, &large[0], number(0), 500);
    assert!(again.iter().zip(&held[0]).all(|(one, other)| Arc::ptr_eq(one, other)));
}

#[test]
fn a_lower_limit_takes_chains_away_that_stay_the_same() {
    let (chains, budget) = with_budget(4 << 20);
    let mut held = probe(&chains, "a.example", 0..10, 500);
    assert_eq!(kept(&held).count(), 10);
    budget.set_limit(Some(1 << 20));
    for _ in 0..3 {
        held = probe(&chains, "a.example", 0..10, 500);
    }
    let used = budget.used();
    assert!((256 << 10..=1 << 20).contains(&used), "{used} bytes");
    budget.set_limit(Some(0));
    let without = probe(&chains, "a.example", 0..10, 500);
    drop(held);
    assert_eq!(kept(&without).count(), 0);
    assert!(budget.used() <= 10 * OUTLINE, "{} bytes", budget.used());
}

#[test]
fn a_chain_that_was_not_kept_is_kept_once_there_is_room() {
    let (chains, budget) = with_budget(0);
    let held = probe(&chains, "a.example", 0..1, 500);
    assert_eq!(held[0].keeping, Keeping::NotKept { whole: held_size(500) });
    assert!(held[0].size() * 10 < held_size(500), "{} bytes", held[0].size());
    // It is not analysed again as long as nothing changes.
    assert!(Arc::ptr_eq(&held[0], &probe(&chains, "a.example", 0..1, 500)[0]));
    budget.set_limit(Some(4 << 20));
    assert_eq!(probe(&chains, "a.example", 0..1, 500)[0].keeping, Keeping::Kept);
}

fn held_size(entries: usize) -> usize {
    probe(&chains().0, "a.example", 0..1, entries)[0].size()
}

#[test]
fn one_chain_of_many_endpoints_is_counted_once() {
    let (chains, budget) = chains();
    let origin = origin("a.example");
    let of_origin = chains.of_origin(&origin, &[0]);
    let all: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| of_origin.facts(&large(1, 500)))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
    });
    assert_eq!(budget.used(), all[0].size());
}
