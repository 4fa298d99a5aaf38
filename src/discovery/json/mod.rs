//! What `aws cloudfront get-…` and `list-…` print: distributions, and what they refer to.

mod distribution;
mod error;
mod kinds;
mod node;
mod reader;
mod surroundings;
mod tree;

use std::collections::HashMap;
use std::collections::HashSet;

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
use reader::Faults;
use reader::Reader;
use tree::Tree;

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
    /// How many more there are.
    pub more_faults: usize,
    places: HashMap<Box<str>, usize>,
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
        let tree = Tree::read(bytes).map_err(error)?;
        let faults = Faults::of(place);
        for document in tree.documents() {
            self.document(&Reader::new(document, &faults), 0).map_err(error)?;
        }
        let (faults, more) = faults.into_parts();
        self.faults.extend(faults);
        self.more_faults += more;
        Ok(())
    }

    /// Gives each tenant to its distribution, once everything has been read.
    pub fn settle(&mut self) {
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
            let place = only.as_ref().or_else(|| self.places.get(&tenant.distribution_id));
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
        if let Some(mut items) = document.list() {
            if depth >= DEEPEST {
                return Err(document.unrecognised());
            }
            return items.try_for_each(|item| self.document(&item, depth + 1));
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

    fn add(&mut self, mut distribution: Distribution, body: &Reader<'_>) {
        let is_full = self.distributions.len() >= MOST_DISTRIBUTIONS;
        let place = self.places.get(&distribution.id).filter(|_| !distribution.id.is_empty());
        match place.and_then(|place| self.distributions.get_mut(*place)) {
            // A list does not tell the parameters, and a configuration not the domain.
            Some(known) => {
                if distribution.parameters.is_empty() {
                    distribution.parameters = std::mem::take(&mut known.parameters);
                }
                let domain_name = distribution.domain_name.take();
                distribution.domain_name = domain_name.or_else(|| known.domain_name.take());
                *known = distribution;
            }
            None if is_full => {
                body.refuse(Problem::TooManyDistributions { limit: MOST_DISTRIBUTIONS });
            }
            None => {
                self.places.insert(distribution.id.clone(), self.distributions.len());
                self.distributions.push(distribution);
            }
        }
    }
}

/// How many distributions are read, as many as by the API.
const MOST_DISTRIBUTIONS: usize = 10_000;

/// How deep lists of documents may stand in each other: `jq -s` makes two of them.
const DEEPEST: usize = 3;

#[cfg(test)]
mod tests;
