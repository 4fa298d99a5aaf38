//! Groups of a file that are invalid: what they said when they were valid stays in use.
//!
//! A group has no name, and the groups before it may come and go. So it is known by what its targets
//! name, or else by the groups next to it.

use std::collections::HashMap;
use std::collections::HashSet;
use std::hash::Hash;
use std::ops::Range;

use crate::config::NamedOrigin;
use crate::config::TargetGroup;
use crate::origin::DomainName;
use crate::origin::OriginKey;

use super::Found;
use super::FoundOrigin;

/// One group of a part of a source.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundGroup {
    line: u32,
    /// Where its origins stand among those of the part.
    origins: Range<u32>,
    /// Boxed because few of the many groups have it.
    more: Option<Box<More>>,
}

#[derive(Clone, Debug, PartialEq)]
struct More {
    is_valid: bool,
    named: Vec<NamedOrigin>,
    /// The origins that an invalid group had when it was last valid.
    last_good: Vec<FoundOrigin>,
}

impl From<TargetGroup> for FoundGroup {
    fn from(group: TargetGroup) -> Self {
        let TargetGroup { line, origins, is_valid, named } = group;
        let more = (!is_valid || !named.is_empty())
            .then(|| Box::new(More { is_valid, named, last_good: Vec::new() }));
        Self { line, origins: in_u32(origins.start)..in_u32(origins.end), more }
    }
}

impl FoundGroup {
    fn is_valid(&self) -> bool {
        self.more.as_ref().is_none_or(|more| more.is_valid)
    }

    fn named(&self) -> &[NamedOrigin] {
        self.more.as_ref().map_or(&[], |more| &more.named)
    }

    fn origins<'a>(&self, found: &'a Found) -> &'a [FoundOrigin] {
        let Range { start, end } = self.origins;
        found.origins.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Returns the ids and domains of its origins, and of what else it names.
    fn keys<'a>(
        &'a self,
        found: &'a Found,
    ) -> impl Iterator<Item = (Option<&'a str>, Option<&'a DomainName>)> {
        let origins = self.origins(found).iter().map(|found| &found.origin.key);
        let origins = origins.map(|key| (Some(&*key.id), Some(&key.domain)));
        origins.chain(self.named().iter().map(|named| (named.id.as_deref(), named.domain.as_ref())))
    }
}

/// Says of the part `name` that groups of it are invalid; `None` if none is.
pub(super) fn complaint(name: &str, found: &Found) -> Option<String> {
    let invalid = found.groups.iter().filter(|group| !group.is_valid()).count();
    let what = match invalid {
        0 => return None,
        1 => "1 group is invalid; what it".to_owned(),
        more => format!("{more} groups are invalid; what they"),
    };
    Some(format!("{name}: {what} said when last valid stays in use"))
}

/// Returns what was read, and of each invalid group also what it said when it was last valid,
/// by what was in use before.
///
/// One that never was valid, or not since the start, keeps what can be used of it, as long as it
/// names it.
pub(super) fn with_last_good(read: Found, before: &Found) -> Found {
    if before.groups.is_empty() || read.groups.iter().all(FoundGroup::is_valid) {
        return read;
    }
    let predecessors = predecessors(&read, before);
    let mut taken: HashSet<&OriginKey> = read.origins.iter().map(|at| &at.origin.key).collect();
    let mut origins = Vec::with_capacity(read.origins.len());
    let mut groups = Vec::with_capacity(read.groups.len());
    for (group, predecessor) in read.groups.iter().zip(predecessors) {
        let mut after = group.clone();
        after.origins.start = in_u32(origins.len());
        let usable = group.origins(&read);
        origins.extend_from_slice(usable);
        let predecessor = predecessor.and_then(|position| before.groups.get(position));
        if let (Some(more), Some(predecessor)) = (&mut after.more, predecessor)
            && !more.is_valid
        {
            let in_use = predecessor.origins(before);
            let last_good = match &predecessor.more {
                Some(more) if !more.is_valid => &more.last_good,
                _ => in_use,
            };
            more.last_good = last_good.to_vec();
            let named: HashSet<&DomainName> =
                group.named().iter().filter_map(|named| named.domain.as_ref()).collect();
            let still_named = in_use.iter().filter(|at| named.contains(at.origin.domain()));
            let places: HashSet<_> = usable.iter().map(place).collect();
            for kept in last_good.iter().chain(still_named) {
                if !places.contains(&place(kept)) && taken.insert(&kept.origin.key) {
                    origins.push(FoundOrigin { line: Some(group.line), ..kept.clone() });
                }
            }
        }
        after.origins.end = in_u32(origins.len());
        groups.push(after);
    }
    Found { origins, groups, distribution: read.distribution, problems: read.problems }
}

fn place(found: &FoundOrigin) -> (&DomainName, u16) {
    (found.origin.domain(), found.origin.https_port)
}

/// Returns which group of `before` each group of `read` was.
fn predecessors(read: &Found, before: &Found) -> Vec<Option<usize>> {
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
            *predecessor = Some(place);
            last = *predecessor;
        }
    }
}

fn in_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
