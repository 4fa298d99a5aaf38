//! From the facts of one chain to what stands in its picture.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::chain::Certificate;
use crate::chain::ChainFacts;
use crate::chain::Gap;
use crate::chain::Order;
use crate::chain::Path;
use crate::chain::Served;
use crate::chain::printable;

use super::super::Part;
use super::super::Role;
use super::super::chains::path_that_counts;
use super::super::picture::fault_words;
use super::super::relative::relative;
use super::super::text::day;
use super::Joint;
use super::ListingEntry;

/// Returns the entries of a chain as of `at`, in words of `now`; `is_forgotten` tells that what is
/// missing is an intermediate of a public CA.
pub(super) fn entries(
    chain: &ChainFacts,
    is_forgotten: bool,
    at: Timestamp,
    now: Timestamp,
) -> Vec<ListingEntry> {
    let view = View::new(chain, is_forgotten, at, now);
    let mut entries = Vec::new();
    for (position, served) in chain.served.iter().enumerate().take(MOST_ENTRIES) {
        entries.push(view.entry(position, served));
        entries.extend(view.missing_above(position));
    }
    let rest = chain.count.saturating_sub(chain.served.len().min(MOST_ENTRIES));
    if rest > 0 {
        let name = format!("and {rest} more");
        let (number, remarks) = (None, Vec::new());
        entries.push(ListingEntry { number, joint: Joint::Beside, name, remarks });
    }
    if let Some(path) = view.path
        && !view.ends_in_an_anchor()
    {
        entries.push(ListingEntry {
            number: None,
            joint: Joint::Anchor,
            name: printable(&path.anchor, LONGEST_NAME),
            remarks: vec![remark(Role::Good, "trust anchor")],
        });
    }
    entries
}

struct View<'a> {
    chain: &'a ChainFacts,
    /// The path that is drawn: one that holds, if there is one.
    path: Option<&'a Path>,
    /// Whether a path holds at the instant.
    holds: bool,
    is_forgotten: bool,
    at: Timestamp,
    now: Timestamp,
}

impl<'a> View<'a> {
    fn new(chain: &'a ChainFacts, is_forgotten: bool, at: Timestamp, now: Timestamp) -> Self {
        let path = path_that_counts(chain, at);
        let holds = path.is_some_and(|path| path.fault.is_none() && path.is_in_time(at));
        Self { chain, path, holds, is_forgotten, at, now }
    }

    fn entry(&self, position: usize, served: &Served) -> ListingEntry {
        let number = Some(position + 1);
        match served {
            Served::Certificate(certificate) => ListingEntry {
                number,
                joint: self.joint(position),
                name: printable(certificate.subject.as_str(), LONGEST_NAME),
                remarks: self.remarks(position, certificate),
            },
            Served::NotKept { length, .. } => ListingEntry {
                number,
                joint: Joint::Beside,
                name: format!("{length} bytes"),
                remarks: vec![remark(Role::Notice, "not kept")],
            },
            Served::Malformed { error, length } => ListingEntry {
                number,
                joint: if position == 0 { Joint::First } else { Joint::Beside },
                name: format!("{length} bytes"),
                remarks: vec![remark(Role::Bad, format!("NO CERTIFICATE: {error}"))],
            },
        }
    }

    /// The positions from the end entity upwards, as they should stand.
    fn upwards(&self) -> &'a [usize] {
        let longest = || self.chain.ways.iter().max_by_key(|way| way.certificates.len());
        match self.path {
            Some(path) => &path.certificates,
            None => longest().map(|way| &*way.certificates).unwrap_or_default(),
        }
    }

    fn joint(&self, position: usize) -> Joint {
        if position == 0 {
            return Joint::First;
        }
        let is_related = self.chain.related.get(position) == Some(&true);
        if !is_related || self.chain.repeated.get(position) == Some(&true) {
            return Joint::Beside;
        }
        if position + 1 == self.chain.served.len() && self.ends_in_an_anchor() {
            return Joint::Anchor;
        }
        let paths = self.chain.paths.iter().map(|path| &path.certificates);
        let ways = paths.chain(self.chain.ways.iter().map(|way| &way.certificates));
        let certifies_an_earlier = || {
            let mut pairs = ways.flat_map(|way| way.windows(2));
            pairs.any(|pair| pair[1] == position && pair[0] < position)
        };
        match self.is_in_order() || certifies_an_earlier() {
            true => Joint::Certifies,
            false => Joint::Broken,
        }
    }

    fn remarks(&self, position: usize, certificate: &Certificate) -> Vec<Part> {
        let validity = self.validity(certificate);
        let mut remarks = Vec::new();
        remarks.extend(self.place(position));
        let is_first_anchor = self.is_served_anchor(position) && self.is_in_order();
        if is_first_anchor && self.chain.repeated.get(position) != Some(&true) {
            remarks.push(remark(Role::Good, "trust anchor"));
        }
        remarks.extend(self.distrust(position));
        remarks.extend(self.fault(position));
        // That it is in time is worth saying only where there is nothing else.
        if remarks.is_empty() || validity.role != Role::Aside {
            remarks.insert(0, validity);
        }
        remarks
    }

    fn validity(&self, certificate: &Certificate) -> Part {
        let (from, until) = (certificate.not_before, certificate.not_after);
        let until_words = |word| format!("{word} {} ({})", day(until), self.distance(until));
        if certificate.is_in_time(self.at) {
            return remark(Role::Aside, until_words("until"));
        }
        let words = if self.at < from {
            format!("NOT BEFORE {} ({})", day(from), relative(from, self.now))
        } else {
            until_words(if until < self.now { "EXPIRED" } else { "EXPIRES" })
        };
        // Where another path holds it is no matter.
        match self.holds {
            true => remark(Role::Notice, words.to_lowercase()),
            false => remark(Role::Bad, words),
        }
    }

    /// How far the end of a validity is; its last second belongs to it.
    fn distance(&self, not_after: Timestamp) -> String {
        let end = not_after.checked_add(SignedDuration::from_secs(1)).unwrap_or(not_after);
        relative(if not_after < self.now { not_after } else { end }, self.now)
    }

    /// What is wrong with where it stands.
    fn place(&self, position: usize) -> Option<Part> {
        if self.chain.repeated.get(position) == Some(&true) {
            return Some(remark(Role::Notice, "the same once more"));
        }
        let should = self.upwards().iter().position(|other| *other == position);
        match should {
            Some(place) if !self.is_in_order() => (place != position)
                .then(|| remark(Role::Bad, format!("OUT OF PLACE: belongs at {}", place + 1))),
            Some(_) => None,
            None if self.chain.related.get(position) == Some(&false) => {
                self.chain.end_entity?;
                Some(remark(Role::Doubtful, "does not belong to this chain"))
            }
            None if self.is_served_anchor(position) && !self.is_in_order() => {
                let stands_last = position + 1 == self.chain.served.len();
                (!stands_last).then(|| remark(Role::Bad, "OUT OF PLACE: leave it out"))
            }
            None => None,
        }
    }

    fn distrust(&self, position: usize) -> Option<Part> {
        let words = match &self.chain.gap {
            Some(Gap::EndEntitySelfSigned) if self.chain.end_entity == Some(position) => {
                "SELF-SIGNED, no trust anchor"
            }
            Some(Gap::SelfSignedIssuer { position: root, .. }) if *root == position => {
                "NOT TRUSTED: a root of its own"
            }
            Some(Gap::SignatureInvalid { position: end, .. }) if *end == position => {
                "REFUSED: not signed by its issuer"
            }
            _ => return None,
        };
        Some(remark(Role::Bad, words))
    }

    fn fault(&self, position: usize) -> Option<Part> {
        let path = self.path.filter(|path| path.culprit == Some(position))?;
        Some(remark(Role::Bad, format!("REFUSED: {}", fault_words(path.fault.as_ref()?))))
    }

    /// The issuer of the certificate at `position`, where the chain breaks off there.
    fn missing_above(&self, position: usize) -> Option<ListingEntry> {
        let Some(Gap::IssuerNotServed { position: last, .. }) = &self.chain.gap else {
            return None;
        };
        let certificate = self.chain.certificate(*last).filter(|_| *last == position)?;
        let words = match self.is_forgotten {
            true => "MISSING: it is not served",
            false => "NOT TRUSTED: not served, no trust anchor",
        };
        Some(ListingEntry {
            number: None,
            joint: Joint::Missing,
            name: printable(certificate.issuer.as_str(), LONGEST_NAME),
            remarks: vec![remark(Role::Bad, words)],
        })
    }

    fn is_in_order(&self) -> bool {
        self.chain.order == Order::InOrder
    }

    fn is_served_anchor(&self, position: usize) -> bool {
        self.chain.served_anchors.contains(&position)
    }

    /// Whether the last that is served is the anchor itself, so that it need not be drawn again.
    fn ends_in_an_anchor(&self) -> bool {
        let last = self.chain.served.len().checked_sub(1).filter(|last| *last < MOST_ENTRIES);
        let is_related = |position: usize| self.chain.related.get(position) == Some(&true);
        self.is_in_order()
            && last.is_some_and(|last| {
                let name = self.chain.certificate(last).map(|root| root.subject.as_str());
                let path = self.path.map(|path| &*path.anchor);
                is_related(last) && self.is_served_anchor(last) && name == path
            })
    }
}

fn remark(role: Role, text: impl AsRef<str>) -> Part {
    Part { role, text: printable(text.as_ref(), usize::MAX) }
}

/// CloudFront takes 7 certificates; what comes long after them says nothing more.
const MOST_ENTRIES: usize = 10;

/// In characters: two names side by side with what is said of them fill a wide terminal.
const LONGEST_NAME: usize = 72;
