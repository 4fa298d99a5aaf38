//! A served chain as a list for text output: the entries of its picture in the order served, with
//! its breaks and the certificates that should be there.

use std::time::Duration;

use jiff::Timestamp;

use crate::chain::{Certificate, ChainFacts, Order, Served, printable};
use crate::distribution::listed;
use crate::observation::Observation;

use super::chains::ServedChain;
use super::picture::{ChainPicture, EdgeKind, Mark, Node, NodeKind, Place};
use super::relative::relative;
use super::text::day;
use super::{Part, Report, Role, served_chains};

/// One served chain as a list, top down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainListing {
    /// The places where it is served, if others serve another chain: `at 192.0.2.1`.
    pub places: Option<String>,
    pub entries: Vec<ListingEntry>,
}

/// A served certificate, a missing one, or the trust anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingEntry {
    /// Its position in the served list, counted from 1; `None` if it was not served.
    pub number: Option<usize>,
    pub joint: Joint,
    /// The subject, printable.
    pub name: String,
    /// The remarks about it, its validity first.
    pub remarks: Vec<Part>,
}

/// How an entry relates to those above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// There is no entry above it.
    First,
    /// It certifies one of them.
    Certifies,
    /// It should certify one of them but does not.
    Broken,
    /// It is unrelated to them.
    Beside,
    /// It would certify the one above, but is not served.
    Missing,
    /// It is the trust anchor of the path.
    Anchor,
}

impl ChainListing {
    /// Returns whether any entry has a fault.
    pub fn shows_a_fault(&self) -> bool {
        self.entries.iter().any(|entry| {
            matches!(entry.joint, Joint::Broken | Joint::Missing)
                || entry.remarks.iter().any(|r| matches!(r.role, Role::Bad | Role::Doubtful))
        })
    }
}

/// Returns each distinct chain that the origin serves, at most three, failing ones first.
///
/// An origin that will fail at most `within` after `now` is drawn as it will be then.
pub fn chain_listings(
    report: &Report,
    now: Timestamp,
    within: Option<Duration>,
) -> Vec<ChainListing> {
    let Some((verdict, at)) = report.view().described(now, within) else { return Vec::new() };
    let chains = served_chains(report, &verdict);
    let listing = |served: &ServedChain<'_>| {
        let picture = &ChainPicture::new(served.chain, at);
        ChainListing {
            places: (chains.len() > 1).then(|| places(served, &report.observation)),
            entries: Listed { chain: served.chain, picture, at, now }.entries(),
        }
    };
    chains.iter().take(MOST_LISTINGS).map(listing).collect()
}

/// Returns the addresses, and the server names if others get another chain.
fn places(served: &ServedChain<'_>, observation: &Observation) -> String {
    let mut addresses: Vec<String> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for endpoint in served.endpoints.iter().filter_map(|at| observation.endpoints.get(*at)) {
        let address = endpoint.address.to_string();
        let target = observation.target_of(endpoint);
        let name = target.map(|target| target.server_name.to_string()).unwrap_or_default();
        for (text, list) in [(address, &mut addresses), (name, &mut names)] {
            if !list.contains(&text) {
                list.push(text);
            }
        }
    }
    let at = format!("at {}", listed(&addresses));
    match names.len() < observation.origin.targets.len() {
        true => format!("{at} for {}", listed(&names)),
        false => at,
    }
}

/// A chain and its picture as of `at`, with distances relative to `now`.
struct Listed<'a> {
    chain: &'a ChainFacts,
    picture: &'a ChainPicture,
    at: Timestamp,
    now: Timestamp,
}

impl<'a> Listed<'a> {
    fn entries(&self) -> Vec<ListingEntry> {
        let mut entries = Vec::new();
        for (position, served) in self.chain.served.iter().enumerate().take(MOST_ENTRIES) {
            entries.push(self.entry(position, served));
            entries.extend(self.missing_above(position));
        }
        let rest = self.chain.count.saturating_sub(self.chain.served.len().min(MOST_ENTRIES));
        if rest > 0 {
            let name = format!("and {rest} more");
            entries.push(unserved(Joint::Beside, name, Vec::new()));
        }
        let is_way_anchor = |node: &&Node| node.is_on_the_way && node.kind == NodeKind::Anchor;
        if let Some(anchor) = self.picture.nodes.iter().find(is_way_anchor)
            && !self.last().is_some_and(|last| self.is_anchor_in_place(last))
        {
            let remarks = vec![remark(Role::Good, "trust anchor")];
            entries.push(unserved(Joint::Anchor, printable(&anchor.name, LONGEST_NAME), remarks));
        }
        entries
    }

    fn entry(&self, position: usize, served: &Served) -> ListingEntry {
        let bytes = |length: &usize| format!("{length} bytes");
        let (joint, name, remarks) = match served {
            Served::Certificate(certificate) => (
                self.joint(position),
                printable(certificate.subject.as_str(), LONGEST_NAME),
                self.remarks(position, certificate),
            ),
            Served::NotKept { length, .. } => {
                (Joint::Beside, bytes(length), vec![remark(Role::Notice, "not kept")])
            }
            Served::Malformed { error, length } => {
                let joint = if position == 0 { Joint::First } else { Joint::Beside };
                let words = format!("NOT A CERTIFICATE: {error}");
                (joint, bytes(length), vec![remark(Role::Bad, words)])
            }
        };
        ListingEntry { number: Some(position + 1), joint, name, remarks }
    }

    fn node(&self, position: usize) -> Option<(&'a Place, &'a Node)> {
        let place = self.picture.places.iter().find(|place| place.position == position)?;
        Some((place, self.picture.nodes.get(place.node)?))
    }

    fn joint(&self, position: usize) -> Joint {
        let Some((place, _)) = self.node(position).filter(|_| position > 0) else {
            return if position == 0 { Joint::First } else { Joint::Beside };
        };
        if place.is_repetition || !self.is_related(position) {
            return Joint::Beside;
        }
        if self.last() == Some(position) && self.is_anchor_in_place(position) {
            return Joint::Anchor;
        }
        let certifies_an_earlier = || {
            let mut below = self.picture.edges.iter().filter(|edge| edge.to == place.node);
            below.any(|edge| self.picture.places_of(edge.from).any(|p| p.position < position))
        };
        match self.is_in_order() || certifies_an_earlier() {
            true => Joint::Certifies,
            false => Joint::Broken,
        }
    }

    fn remarks(&self, position: usize, certificate: &Certificate) -> Vec<Part> {
        let validity = self.validity(certificate);
        let Some((place, node)) = self.node(position) else { return vec![validity] };
        let mut remarks = Vec::new();
        remarks.extend(self.misplaced(place, node));
        if self.is_served_anchor(position) && self.is_in_order() && !place.is_repetition {
            remarks.push(remark(Role::Good, "trust anchor"));
        }
        let has_no_path = self.chain.paths.is_empty();
        for mark in &node.marks {
            let words = match mark {
                Mark::SelfSigned if !has_no_path => continue,
                Mark::SelfSigned if node.kind == NodeKind::EndEntity => {
                    "SELF-SIGNED, not a trust anchor".to_owned()
                }
                Mark::SelfSigned => "NOT TRUSTED: self-signed, not a trust anchor".to_owned(),
                Mark::SignatureInvalid => "REFUSED: not signed by its issuer".to_owned(),
                Mark::Fault(_) => format!("REFUSED: {}", mark.words()),
                _ => continue,
            };
            remarks.push(remark(Role::Bad, words));
        }
        // A validity without a problem is shown only if there is no other remark.
        if remarks.is_empty() || validity.role != Role::Aside {
            remarks.insert(0, validity);
        }
        remarks
    }

    fn validity(&self, certificate: &Certificate) -> Part {
        let (from, until) = (certificate.not_before, certificate.not_after);
        let until_words = |word| format!("{word} {} ({})", day(until), relative(until, self.now));
        if certificate.is_in_time(self.at) {
            return remark(Role::Aside, until_words("until"));
        }
        let words = if self.at < from {
            format!("NOT BEFORE {} ({})", day(from), relative(from, self.now))
        } else {
            until_words(if until < self.now { "EXPIRED" } else { "EXPIRES" })
        };
        // If another path is valid, this date has no effect.
        match self.picture.holds {
            true => remark(Role::Notice, words.to_lowercase()),
            false => remark(Role::Bad, words),
        }
    }

    /// Returns the fault in the entry's position.
    fn misplaced(&self, place: &Place, node: &Node) -> Option<Part> {
        if place.is_repetition {
            return Some(remark(Role::Notice, "duplicate"));
        }
        match node.due {
            Some(due) => (!self.is_in_order() && due != place.position + 1)
                .then(|| remark(Role::Bad, format!("OUT OF PLACE: belongs at {due}"))),
            None if !self.is_related(place.position) => {
                self.chain.end_entity?;
                Some(remark(Role::Doubtful, "does not belong to this chain"))
            }
            None => {
                let stands_last = place.position + 1 == self.chain.served.len();
                let is_in_the_way = self.is_served_anchor(place.position) && !self.is_in_order();
                (is_in_the_way && !stands_last)
                    .then(|| remark(Role::Bad, "OUT OF PLACE: leave it out"))
            }
        }
    }

    /// Returns the missing issuer of the certificate at `position`, if the chain is broken there.
    fn missing_above(&self, position: usize) -> Option<ListingEntry> {
        let (place, _) = self.node(position).filter(|(place, _)| !place.is_repetition)?;
        let mut gaps = self.picture.edges.iter().filter(|edge| edge.kind == EdgeKind::Gap);
        let gap = gaps.find(|edge| edge.from == place.node)?;
        let missing = self.picture.nodes.get(gap.to)?;
        let words = match missing.kind {
            NodeKind::Missing { .. } => "MISSING: it is not served",
            _ => "NOT TRUSTED: not served, not a trust anchor",
        };
        let name = printable(&missing.name, LONGEST_NAME);
        Some(unserved(Joint::Missing, name, vec![remark(Role::Bad, words)]))
    }

    fn is_in_order(&self) -> bool {
        self.chain.order == Order::InOrder
    }

    fn is_related(&self, position: usize) -> bool {
        self.chain.related.get(position) == Some(&true)
    }

    fn is_served_anchor(&self, position: usize) -> bool {
        self.chain.served_anchors.contains(&position)
    }

    /// Returns the last served position, if it is listed.
    fn last(&self) -> Option<usize> {
        self.chain.served.len().checked_sub(1).filter(|last| *last < MOST_ENTRIES)
    }

    /// Returns whether the entry is itself the anchor of the path, so that it need not be drawn
    /// again.
    fn is_anchor_in_place(&self, position: usize) -> bool {
        let node = self.node(position).map(|(_, node)| node);
        self.is_in_order()
            && self.is_related(position)
            && node.is_some_and(|node| node.is_on_the_way && node.kind == NodeKind::Anchor)
    }
}

fn unserved(joint: Joint, name: String, remarks: Vec<Part>) -> ListingEntry {
    ListingEntry { number: None, joint, name, remarks }
}

fn remark(role: Role, text: impl AsRef<str>) -> Part {
    Part { role, text: printable(text.as_ref(), usize::MAX) }
}

/// An origin with many addresses may serve as many chains; this many are enough to compare.
const MOST_LISTINGS: usize = 3;

/// CloudFront accepts 7 certificates; later ones add no information.
const MOST_ENTRIES: usize = 10;

/// In characters: two names side by side, with their remarks, fill a wide terminal.
const LONGEST_NAME: usize = 72;
