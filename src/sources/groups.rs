//! Keeps the last valid content of target groups that have become invalid.
//!
//! A group has no name, and its position in the file can change. It is therefore identified by its
//! targets, or else by the groups next to it.

mod predecessors;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use crate::config::TargetGroup;
use crate::origin::{DomainName, OriginKey};

use super::{Found, FoundOrigin};

use predecessors::predecessors;

impl TargetGroup {
    /// Returns whether the group has no errors at all.
    fn is_whole(&self) -> bool {
        self.is_valid && !self.lacks_labels
    }

    fn positions(&self) -> Range<usize> {
        self.origins.start as usize..self.origins.end as usize
    }

    fn origins<'a>(&self, found: &'a Found) -> &'a [FoundOrigin] {
        found.origins.get(self.positions()).unwrap_or_default()
    }

    /// Returns its origins, unless their last valid form must be kept because labels are missing.
    fn usable<'a>(&self, read: &'a Found) -> &'a [FoundOrigin] {
        match self.lacks_labels && self.was_valid {
            true => &[],
            false => self.origins(read),
        }
    }

    /// Returns the IDs and domains of its origins and of its other targets.
    fn keys<'a>(
        &'a self,
        found: &'a Found,
    ) -> impl Iterator<Item = (Option<&'a str>, Option<&'a DomainName>)> {
        let origins = self.origins(found).iter().map(|found| &found.origin.key);
        let origins = origins.map(|key| (Some(&*key.id), Some(&key.domain)));
        origins.chain(self.named.iter().map(|named| (named.id.as_deref(), named.domain.as_ref())))
    }
}

/// Returns the failure of part `name` if some of its groups are invalid.
pub(super) fn complaint(name: &str, found: &Found) -> Option<String> {
    let is_invalid =
        |group: &&TargetGroup| !group.is_valid || (group.lacks_labels && group.was_valid);
    let invalid = found.groups.iter().filter(is_invalid).count();
    let what = match invalid {
        0 => return None,
        1 => "1 invalid group; its".to_owned(),
        more => format!("{more} invalid groups; their"),
    };
    Some(format!("{name}: {what} last valid content stays in use"))
}

/// Returns the groups as read. Invalid ones also get the origins in `before` from their last valid
/// form.
///
/// A group that has not been valid since the start keeps the origins that it names. If only
/// user-defined labels are invalid, the group is used without them until it has a valid form.
pub(super) fn with_last_good(read: Found, before: &Found) -> Found {
    if before.groups.is_empty() || read.groups.iter().all(TargetGroup::is_whole) {
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
            {
                groups[position].was_valid |= group.was_valid;
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

/// Returns the group of `read` to which each origin of `before` belongs now: a group that names it,
/// or else the invalid group that has replaced its previous group.
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
    for (group, heir) in before.groups.iter().zip(heirs).filter(|(group, _)| group.was_valid) {
        let Some(successors) = successors.get_mut(group.positions()) else { continue };
        let mut named = successors.iter().copied().flatten().peekable();
        // If a valid group names some of its origins, the others were removed on purpose.
        let heir = if named.peek().is_none() { heir } else { None };
        let heir = named.find(|named| !read.groups[*named].is_whole()).or(heir);
        successors.iter_mut().for_each(|successor| *successor = successor.or(heir));
    }
    successors
}

fn in_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
