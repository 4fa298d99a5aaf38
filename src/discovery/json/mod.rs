//! What `aws cloudfront get-…` and `list-…` print: distributions, and what they refer to.

mod distribution;
mod error;
mod kinds;
mod reader;
mod surroundings;
mod tree;

use std::collections::HashMap;
use std::collections::HashSet;

use serde_json::Value;

use crate::distribution::Account;
use crate::distribution::Distribution;
use crate::distribution::Tenant;

pub use error::Fault;
pub use error::JsonError;
use error::Problem;
use kinds::BARE;
use kinds::Bare;
use kinds::KINDS;
use kinds::Wrapped;
use reader::Reader;

/// What is read at most: an account with 500 distributions, each with 100 origins and 75
/// behaviors, prints some 60 MB.
pub const LARGEST: usize = 64 << 20;

/// Everything that was read, from one document or many.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// In the order in which they were read.
    pub distributions: Vec<Distribution>,
    pub account: Account,
    /// What could not be read of documents that were; the rest of them stands.
    pub faults: Vec<Fault>,
    tenants: Vec<Tenant>,
}

impl Catalogue {
    /// Reads the documents of one source, one after the other or in a list: each says itself what
    /// it is. `place` is the source's name, for errors.
    ///
    /// # Errors
    ///
    /// When the source as a whole is not what is wanted: no JSON, too large, or a document of
    /// another kind.
    pub fn read(&mut self, place: &str, bytes: &[u8]) -> Result<(), JsonError> {
        let error = |problem| JsonError { place: place.to_owned(), problem };
        let documents = tree::documents(bytes).map_err(error)?;
        let faults = reader::Faults::of(place);
        for (position, document) in documents.iter().enumerate() {
            let path = match documents.len() {
                1 => String::new(),
                _ => format!("document {}", position + 1),
            };
            self.document(&Reader::new(document, path, &faults), 0).map_err(error)?;
        }
        self.faults.extend(faults.into_vec());
        Ok(())
    }

    /// Gives each tenant to its distribution, once everything has been read.
    pub fn settle(&mut self) {
        let places: HashMap<Box<str>, usize> = self
            .distributions
            .iter()
            .enumerate()
            .map(|(place, distribution)| (distribution.id.clone(), place))
            .collect();
        // A configuration does not tell its id; alone, it is the one that is meant.
        let only = match self.distributions.as_slice() {
            [only] => only.id.is_empty().then_some(0),
            _ => None,
        };
        // Of a tenant that was told twice the later telling counts.
        let mut told = HashSet::new();
        let tenants: Vec<Tenant> = self.tenants.drain(..).rev().collect();
        for tenant in tenants {
            // Tenants of distributions that are not asked about come along in lists.
            let place = only.as_ref().or_else(|| places.get(&tenant.distribution_id));
            let Some(own) = place.and_then(|place| self.distributions.get_mut(*place)) else {
                continue;
            };
            if told.insert(tenant.id.clone()) {
                own.tenants.push(tenant);
            }
        }
        for distribution in &mut self.distributions {
            distribution.tenants.reverse();
        }
    }

    fn document(&mut self, document: &Reader<'_>, depth: usize) -> Result<(), Problem> {
        if let Some(items) = document.list() {
            if depth >= DEEPEST {
                return Err(document.unrecognised());
            }
            return items.iter().try_for_each(|item| self.document(item, depth + 1));
        }
        if document.text("NextToken").is_some() {
            document.complain("NextToken", Problem::OnePage);
        }
        let mut is_known = false;
        for Wrapped { key, read } in KINDS {
            if let Some(body) = document.find(key) {
                is_known = true;
                read(self, &body)?;
            }
        }
        for Bare { keys, read } in BARE {
            if !is_known && keys.iter().all(|key| document.find(key).is_some()) {
                is_known = true;
                read(self, document)?;
            }
        }
        if is_known { Ok(()) } else { Err(document.unrecognised()) }
    }

    fn add(&mut self, mut distribution: Distribution) {
        let same = |known: &&mut Distribution| !known.id.is_empty() && known.id == distribution.id;
        match self.distributions.iter_mut().find(same) {
            // A list does not tell the parameters, and a configuration not the domain.
            Some(known) => {
                if distribution.parameters.is_empty() {
                    distribution.parameters = std::mem::take(&mut known.parameters);
                }
                let domain_name = distribution.domain_name.take();
                distribution.domain_name = domain_name.or_else(|| known.domain_name.take());
                *known = distribution;
            }
            None => self.distributions.push(distribution),
        }
    }
}

/// How deep lists of documents may stand in each other: `jq -s` makes two of them.
const DEEPEST: usize = 3;

/// Tells whether a value is there: the command line prints null for what is not.
fn is_there(value: &Value) -> bool {
    !value.is_null()
}

#[cfg(test)]
mod tests;
