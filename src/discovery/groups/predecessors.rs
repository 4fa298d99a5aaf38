//! Which group of a file was which when the file was read before: the one that names the same, or
//! else the one at its place.

use std::collections::HashMap;
use std::hash::Hash;

use crate::origin::DomainName;

use super::Found;

/// Returns which group of `before` each group of `read` was.
pub(super) fn predecessors(read: &Found, before: &Found) -> Vec<Option<usize>> {
    let mut predecessors = vec![None; read.groups.len()];
    let mut claimed = vec![Claim::None; before.groups.len()];
    assign(&mut predecessors, &mut claimed, read, before, |(id, domain)| [id.zip(domain), None]);
    assign(&mut predecessors, &mut claimed, read, before, |(id, domain)| {
        [id.map(Part::Id), domain.map(Part::Domain)]
    });
    assign_neighbours(&mut predecessors, &mut claimed, read, before);
    predecessors
}

/// One part of an origin's key, compared if no group has both the same id and the same domain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Part<'a> {
    Id(&'a str),
    Domain(&'a DomainName),
}

/// Whether a group that was there before is one that was read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    None,
    /// A group that names nothing of it is at its place.
    ByPlace,
    ByName,
}

/// Gives each group that has no predecessor the unclaimed one with which it has the most in common.
fn assign<'a, C: Eq + Hash>(
    predecessors: &mut [Option<usize>],
    claimed: &mut [Claim],
    read: &'a Found,
    before: &'a Found,
    compared: impl Fn((Option<&'a str>, Option<&'a DomainName>)) -> [Option<C>; 2],
) {
    let mut owners = HashMap::new();
    for (position, group) in before.groups.iter().enumerate() {
        if claimed[position] == Claim::None {
            for common in group.keys(before).flat_map(&compared).flatten() {
                owners.entry(common).or_insert(position);
            }
        }
    }
    for (group, predecessor) in read.groups.iter().zip(predecessors) {
        if predecessor.is_some() {
            continue;
        }
        let mut common: HashMap<usize, usize> = HashMap::new();
        for owner in group.keys(read).flat_map(&compared).flatten().filter_map(|c| owners.get(&c)) {
            *common.entry(*owner).or_default() += 1;
        }
        let best =
            common.into_iter().max_by_key(|(position, count)| (*count, usize::MAX - position));
        if let Some((position, _)) = best {
            claimed[position] = Claim::ByName;
            *predecessor = Some(position);
        }
    }
}

/// Gives each group that has no predecessor what stood after the group before it, or before the
/// group after it.
fn assign_neighbours(
    predecessors: &mut [Option<usize>],
    claimed: &mut [Claim],
    read: &Found,
    before: &Found,
) {
    let mut nexts = predecessors.to_vec();
    for position in (1..nexts.len()).rev() {
        nexts[position - 1] = nexts[position - 1].or(nexts[position]);
    }
    let mut last = None;
    for ((group, predecessor), next) in read.groups.iter().zip(predecessors).zip(nexts) {
        if predecessor.is_some() {
            last = *predecessor;
            continue;
        }
        // The ends of the file say less than a group that is known.
        let candidates = [
            last.map(|last| last + 1),
            next.and_then(|next| next.checked_sub(1)),
            last.is_none().then_some(0),
            next.is_none().then(|| claimed.len().saturating_sub(1)),
        ];
        let free = |at_most: Claim| {
            let claim = |place: &usize| claimed.get(*place).is_some_and(|claim| *claim <= at_most);
            let places = || candidates.into_iter().flatten().filter(claim);
            // One that was invalid before most likely still is.
            places().find(|place| !before.groups[*place].is_valid()).or_else(|| places().next())
        };
        // A group that was added takes the place of one that went, but not from an invalid one.
        let place = match group.is_valid() {
            true => free(Claim::None),
            false => free(Claim::None).or_else(|| free(Claim::ByPlace)),
        };
        if let Some(place) = place {
            let claim = if group.is_valid() { Claim::ByPlace } else { Claim::ByName };
            claimed[place] = claim;
            last = Some(place);
            // All that a valid group names is known, and nothing of that was here.
            if !group.is_valid() {
                *predecessor = last;
            }
        }
    }
}
