//! Matches the groups of a file with those of the previous read, by their targets or else by their
//! positions.

use std::collections::HashMap;
use std::hash::Hash;

use crate::origin::DomainName;

use super::Found;

/// Returns the group of `before` that corresponds to each group of `read`.
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

/// One part of an origin's key, compared if no group has both the same ID and the same domain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Part<'a> {
    Id(&'a str),
    Domain(&'a DomainName),
}

/// Whether a previous group was matched with a new one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    None,
    /// A group with other targets is at its position.
    ByPlace,
    ByName,
}

/// Matches each group without a predecessor to the unclaimed one with the most in common.
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

/// Matches each group without a predecessor by its neighbours: to the group that followed the
/// predecessor of the group before it, or that preceded that of the group after it.
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
        // The ends of the file are weaker evidence than a known neighbour.
        let candidates = [
            last.map(|last| last + 1),
            next.and_then(|next| next.checked_sub(1)),
            last.is_none().then_some(0),
            next.is_none().then(|| claimed.len().saturating_sub(1)),
        ];
        let free = |at_most: Claim| {
            let claim = |place: &usize| claimed.get(*place).is_some_and(|claim| *claim <= at_most);
            let places = || candidates.into_iter().flatten().filter(claim);
            // A previously invalid group is most likely still invalid, so prefer it.
            places().find(|place| !before.groups[*place].is_valid).or_else(|| places().next())
        };
        // A new group can take the place of a removed one, but not that of an invalid one.
        let place = match group.is_valid {
            true => free(Claim::None),
            false => free(Claim::None).or_else(|| free(Claim::ByPlace)),
        };
        if let Some(place) = place {
            let claim = if group.is_valid { Claim::ByPlace } else { Claim::ByName };
            claimed[place] = claim;
            last = Some(place);
            // A valid group matches by name only: all its targets are known, and none was here.
            if !group.is_valid {
                *predecessor = last;
            }
        }
    }
}
