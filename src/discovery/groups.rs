//! Groups of a file that are invalid: what they said when they were valid stays in use.
//!
//! A group has no name, and the groups before it may come and go. So it is known by what its targets
//! name, or else by the groups next to it.

mod predecessors;

use std::collections::HashMap;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::config::NamedOrigin;
use crate::config::TargetGroup;
use crate::origin::DomainName;
use crate::origin::OriginKey;

use super::Found;
use super::FoundOrigin;

use predecessors::predecessors;

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
    lacks_labels: bool,
    /// Whether an invalid group has anything in use that was valid: then it keeps all of it.
    was_valid: bool,
    named: Vec<NamedOrigin>,
}

impl From<TargetGroup> for FoundGroup {
    fn from(group: TargetGroup) -> Self {
        let TargetGroup { line, origins, is_valid, lacks_labels, named } = group;
        let more = (!is_valid || lacks_labels || !named.is_empty())
            .then(|| Box::new(More { is_valid, lacks_labels, was_valid: false, named }));
        Self { line, origins: in_u32(origins.start)..in_u32(origins.end), more }
    }
}

impl FoundGroup {
    /// Returns whether it has no mistake, except in its own labels.
    fn is_valid(&self) -> bool {
        self.more.as_ref().is_none_or(|more| more.is_valid)
    }

    fn lacks_labels(&self) -> bool {
        self.more.as_ref().is_some_and(|more| more.lacks_labels)
    }

    /// Returns whether it has no mistake at all.
    fn is_whole(&self) -> bool {
        self.is_valid() && !self.lacks_labels()
    }

    fn was_valid(&self) -> bool {
        self.is_whole() || self.more.as_ref().is_some_and(|more| more.was_valid)
    }

    fn named(&self) -> &[NamedOrigin] {
        self.more.as_ref().map_or(&[], |more| &more.named)
    }

    fn positions(&self) -> Range<usize> {
        self.origins.start as usize..self.origins.end as usize
    }

    fn origins<'a>(&self, found: &'a Found) -> &'a [FoundOrigin] {
        found.origins.get(self.positions()).unwrap_or_default()
    }

    /// Returns its origins, unless it is to keep the labels that they lack.
    fn usable<'a>(&self, read: &'a Found) -> &'a [FoundOrigin] {
        match self.lacks_labels() && self.was_valid() {
            true => &[],
            false => self.origins(read),
        }
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
    let is_invalid =
        |group: &&FoundGroup| !group.is_valid() || (group.lacks_labels() && group.was_valid());
    let invalid = found.groups.iter().filter(is_invalid).count();
    let what = match invalid {
        0 => return None,
        1 => "1 group is invalid; what it".to_owned(),
        more => format!("{more} groups are invalid; what they"),
    };
    Some(format!("{name}: {what} said when last valid stays in use"))
}

/// Returns the groups as read; an invalid one also has its origins of `before`, which it had when it
/// was last valid.
///
/// A group that never was valid, or not since the start, keeps what it names. If only its own labels
/// are invalid, it is used without them until there is a valid form to keep.
pub(super) fn with_last_good(read: Found, before: &Found) -> Found {
    if before.groups.is_empty() || read.groups.iter().all(FoundGroup::is_whole) {
        return read;
    }
    let mut groups = read.groups.clone();
    let mut kept = vec![Vec::new(); groups.len()];
    let successors = successors(&read, before);
    for group in &before.groups {
        let successors = successors.get(group.positions()).into_iter().flatten();
        for (found, successor) in group.origins(before).iter().zip(successors) {
            if let Some(position) = *successor
                && !groups[position].is_whole()
                && let Some(more) = &mut groups[position].more
            {
                more.was_valid |= group.was_valid();
                kept[position].push(found);
            }
        }
    }
    let mut taken: HashSet<&OriginKey> = groups
        .iter()
        .flat_map(|group| group.usable(&read))
        .map(|found| &found.origin.key)
        .collect();
    let mut origins = Vec::with_capacity(read.origins.len());
    for (group, kept) in groups.iter_mut().zip(kept) {
        let usable = group.usable(&read);
        let start = in_u32(origins.len());
        origins.extend_from_slice(usable);
        let places: HashSet<_> = usable.iter().map(place).collect();
        for found in kept {
            if !places.contains(&place(found)) && taken.insert(&found.origin.key) {
                let (line, origin) = (Some(group.line), Arc::clone(&found.origin));
                origins.push(FoundOrigin { line, origin, is_last_good: true });
            }
        }
        group.origins = start..in_u32(origins.len());
    }
    Found { origins, groups, distribution: read.distribution, problems: read.problems }
}

fn key(found: &FoundOrigin) -> (&str, &DomainName) {
    (&found.origin.key.id, &found.origin.key.domain)
}

fn place(found: &FoundOrigin) -> (&DomainName, u16) {
    (found.origin.domain(), found.origin.https_port)
}

/// Returns which group of `read` each origin of `before` belongs to now: one that names it, or else
/// the invalid one that its own group has become.
fn successors(read: &Found, before: &Found) -> Vec<Option<usize>> {
    let known: HashSet<(&str, &DomainName)> = before.origins.iter().map(key).collect();
    let (mut by_key, mut by_domain) = (HashMap::new(), HashMap::new());
    let (whole, invalid): (Vec<_>, Vec<_>) =
        read.groups.iter().enumerate().partition(|(_, group)| group.is_whole());
    for (position, group) in whole.into_iter().chain(invalid) {
        for (id, domain) in group.keys(read) {
            let Some(domain) = domain else { continue };
            match id.map(|id| (id, domain)).filter(|key| known.contains(key)) {
                Some(key) => by_key.entry(key).or_insert(position),
                None if group.is_whole() => continue,
                None => by_domain.entry(domain).or_insert(position),
            };
        }
    }
    let named = |(id, domain)| by_key.get(&(id, domain)).or_else(|| by_domain.get(domain)).copied();
    let mut successors: Vec<_> = before.origins.iter().map(key).map(named).collect();
    let mut heirs = vec![None; before.groups.len()];
    for (position, predecessor) in predecessors(read, before).into_iter().enumerate() {
        if let Some(predecessor) = predecessor
            && !read.groups[position].is_whole()
        {
            heirs[predecessor].get_or_insert(position);
        }
    }
    for (group, heir) in before.groups.iter().zip(heirs).filter(|(group, _)| group.was_valid()) {
        let Some(successors) = successors.get_mut(group.positions()) else { continue };
        let mut named = successors.iter().copied().flatten().peekable();
        // A valid group that names some of it says that the rest has gone.
        let heir = if named.peek().is_none() { heir } else { None };
        let heir = named.find(|named| !read.groups[*named].is_whole()).or(heir);
        successors.iter_mut().for_each(|successor| *successor = successor.or(heir));
    }
    successors
}

fn in_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
