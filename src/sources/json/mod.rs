//! Parses the output of `aws cloudfront get-…` and `list-…`: distributions and the resources
//! that they refer to.

mod api;
mod bounded;
mod distribution;
mod error;
mod reader;
mod related;
mod unknown;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::value::RawValue;

use crate::distribution::{Account, Distribution, Tenant};

use bounded::{MOST_LISTED, NULL, members};
pub use error::Fault;
use error::Problem;
use reader::Reader;
use related::{policy, tenant, vpc_origin};

/// The maximum input size in bytes: the output for an account with 500 distributions, each with
/// 100 origins and 75 behaviors, is about 60 MB.
pub const LARGEST: usize = 64 << 20;

/// The maximum number of values in a source: what is read takes up to ten times the memory of the text.
pub const MOST_VALUES: usize = 4_000_000;

/// The content of all documents.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// In input order.
    pub distributions: Vec<Distribution>,
    pub account: Account,
    /// The faults in otherwise valid documents.
    pub faults: Vec<Fault>,
    /// The number of faults beyond those that are kept.
    pub more_faults: usize,
    places: HashMap<Box<str>, usize>,
    tenants: Vec<Tenant>,
}

impl Catalogue {
    /// Reads the documents of one source, concatenated or in a list, and detects the kind of each.
    /// `place` is the name of the source, used in errors.
    ///
    /// # Errors
    ///
    /// Returns an error if the whole source is unusable: it is not JSON, is too large, or contains
    /// a document of an unknown kind.
    pub fn read(&mut self, place: &str, bytes: &[u8]) -> Result<(), Fault> {
        let faults = RefCell::default();
        let (source, step, value) = (place, "", NULL);
        let at = Reader { source, faults: &faults, parent: None, step, value };
        let text = text(bytes).map_err(|problem| at.error(problem))?;
        // Most sources are one object. Its members are parsed at once, because it may be large.
        let mut only = members(text).ok();
        let documents = match only {
            Some(_) => vec![text],
            None => documents(text).map_err(|problem| at.error(problem))?,
        };
        if documents.len() > MOST_LISTED {
            at.fault(Problem::TooManyItems { limit: MOST_LISTED });
        }
        for (document, position) in documents.iter().take(MOST_LISTED).zip(1..) {
            let is_only = documents.len() == 1;
            let step = if is_only { String::new() } else { format!("document {position}") };
            let at = Reader { value: document, ..at.at(&step, None) };
            let members = only.take().or_else(|| members(document).ok());
            self.document(&at, members.unwrap_or_default(), 0)?;
        }
        let mut faults = faults.into_inner();
        self.faults.append(&mut faults.kept);
        self.more_faults += faults.left_out;
        Ok(())
    }

    /// Adds each tenant to its distribution, after all sources have been read.
    pub fn settle(&mut self) {
        // A `DistributionConfig` has no ID. If it is the only distribution, all tenants belong to
        // it.
        let has_one = matches!(&*self.distributions, [only] if only.id.is_empty());
        // If a tenant occurs several times, the last one is used.
        let mut told = HashSet::new();
        let tenants: Vec<Tenant> = self.tenants.drain(..).rev().collect();
        for tenant in tenants {
            // Lists also contain tenants of distributions that were not given.
            let place = self.places.get(&tenant.distribution_id).copied();
            let place = if has_one { Some(0) } else { place };
            if let Some(own) = place.and_then(|place| self.distributions.get_mut(place))
                && told.insert(tenant.id.clone())
            {
                own.tenants.push(tenant);
            }
        }
        for distribution in &mut self.distributions {
            distribution.tenants.reverse();
        }
    }

    fn document(
        &mut self,
        at: &Reader<'_, '_>,
        members: BTreeMap<Cow<'_, str>, &RawValue>,
        depth: usize,
    ) -> Result<(), Fault> {
        if at.value.starts_with('[') && depth < DEEPEST {
            let mut result = Ok(());
            at.list("", at.read(), MOST_LISTED, |at| {
                let members = bounded::members(at.value).unwrap_or_default();
                result = result.clone().and_then(|()| self.document(at, members, depth + 1));
                None::<()>
            });
            return result;
        }
        let (document, mut result) = (at, Err(at.error(Problem::Unrecognised)));
        for (key, body) in &members {
            let step = format!(".{key}");
            let at = &at.at(&step, Some(body));
            let (policies, tenants) = (&mut self.account.policies, &mut self.tenants);
            match &**key {
                "Distribution" | "DistributionConfig" => _ = self.add(at),
                "DistributionConfigWithTags" => _ = self.add(at),
                "DefaultCacheBehavior" if members.contains_key("Origins") => _ = self.add(document),
                "DistributionList" => _ = at.items("", at.read(), |at| self.add(at)),
                "DistributionIdList" => return Err(at.error(Problem::OnlyIds)),
                "OriginRequestPolicy" | "CachePolicy" => _ = policy(document, key, policies),
                "OriginRequestPolicyList" | "CachePolicyList" => {
                    let key = key.trim_end_matches("List");
                    at.items("", at.read(), |at| policy(at, key, policies));
                }
                "DistributionTenant" => tenants.extend(tenant(at)),
                "DistributionId" if members.contains_key("Domains") => {
                    tenants.extend(tenant(document));
                }
                "DistributionTenantList" => {
                    tenants.extend(at.list("", at.read(), MOST_LISTED, tenant));
                }
                "VpcOrigin" => self.account.vpc_origins.extend(vpc_origin(at)),
                "VpcOriginList" => return Err(at.error(Problem::OnlySummaries)),
                "NextToken" => {
                    at.fault(Problem::OnePage);
                    continue;
                }
                _ => continue,
            }
            result = Ok(());
        }
        result
    }

    /// Adds a distribution.
    fn add(&mut self, at: &Reader<'_, '_>) -> Option<()> {
        let mut distribution = distribution::distribution(at)?;
        let is_full = self.distributions.len() >= MOST_DISTRIBUTIONS;
        let place = self.places.get(&distribution.id).filter(|_| !distribution.id.is_empty());
        match place.and_then(|place| self.distributions.get_mut(*place)) {
            // A list does not contain the parameters, and a `DistributionConfig` not the domain.
            Some(known) => {
                if distribution.parameters.is_empty() {
                    distribution.parameters = std::mem::take(&mut known.parameters);
                }
                if distribution.domain_name.is_none() {
                    distribution.domain_name = known.domain_name.take();
                }
                *known = distribution;
            }
            None if is_full => {
                at.fault(Problem::TooManyDistributions { limit: MOST_DISTRIBUTIONS });
            }
            None => {
                self.places.insert(distribution.id.clone(), self.distributions.len());
                self.distributions.push(distribution);
            }
        }
        None
    }
}

/// Returns the text of a source within the limits.
fn text(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.len() > LARGEST {
        return Err(Problem::TooLarge);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Problem::Utf16);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (before, _) = bytes.split_at(error.valid_up_to());
        let mut lines = before.split(|byte| *byte == b'\n');
        let column = lines.next_back().map_or(0, <[u8]>::len) + 1;
        let line = lines.count() + 1;
        Problem::Syntax { line, column, detail: "invalid unicode code point".to_owned() }
    })?;
    if values(bytes) > MOST_VALUES { Err(Problem::TooManyValues) } else { Ok(text) }
}

/// Returns the concatenated documents in a text: up to one more than the limit, so that a cut is
/// noticed.
fn documents(text: &str) -> Result<Vec<&str>, Problem> {
    let mut documents = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter() {
        let document: &RawValue = document.map_err(|error| Problem::syntax(&error))?;
        if documents.len() <= MOST_LISTED {
            documents.push(document.get());
        }
    }
    if documents.is_empty() { Err(Problem::Empty) } else { Ok(documents) }
}

/// Returns the number of values in a JSON text, or a number up to the limit that may be too high.
/// Each value follows a comma, or is the first of a list, an object or the text.
fn values(text: &[u8]) -> usize {
    // Counts in strings too, but quickly: the count of a chunk fits into a byte.
    let may_precede = |byte: &u8| u8::from((*byte == b',') | (*byte == b'[') | (*byte == b'{'));
    let in_chunk = |chunk: &[u8]| usize::from(chunk.iter().map(may_precede).sum::<u8>());
    let most = 1 + text.chunks(255).map(in_chunk).sum::<usize>();
    if most <= MOST_VALUES {
        return most;
    }
    let (mut count, mut follows_opening) = (1, false);
    let mut bytes = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    while let Some(byte) = bytes.next() {
        let is_first = follows_opening && !matches!(byte, b']' | b'}');
        count += usize::from(is_first || *byte == b',');
        follows_opening = matches!(byte, b'[' | b'{');
        if *byte == b'"' {
            while let Some(byte) = bytes.next().filter(|byte| **byte != b'"') {
                if *byte == b'\\' {
                    bytes.next();
                }
            }
        }
    }
    count
}

/// The maximum number of distributions, the same as for the API.
const MOST_DISTRIBUTIONS: usize = 10_000;

/// The maximum nesting depth of lists of documents. `jq -s` can produce two levels.
const DEEPEST: usize = 3;
