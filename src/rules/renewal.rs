//! Which certificates of a chain must be renewed, and when their renewal is overdue.

use crate::chain::{Certificate, ChainFacts};
use crate::origin::{RenewalInstants, RenewalPolicy};

use super::former_root;

/// A certificate that limits how long the chain is valid.
#[derive(Clone, Copy, Debug)]
pub struct Renewal<'a> {
    pub certificate: &'a Certificate,
    pub instants: RenewalInstants,
}

/// Returns the end entity and those intermediates of the best path that expire before it, each with
/// its own instants; nothing if there is no end entity.
pub fn renewals<'a>(
    chain: &'a ChainFacts,
    policy: &RenewalPolicy,
) -> impl Iterator<Item = Renewal<'a>> {
    let end_entity = chain.end_entity();
    let path_not_after = chain.path_not_after();
    let above = chain
        .best_paths()
        .filter(move |path| Some(path.not_after) == path_not_after)
        .flat_map(|path| path.certificates.iter().skip(1))
        .filter_map(|position| chain.certificate(*position));
    let ends_first =
        move |issuer: &&Certificate| end_entity.is_some_and(|own| issuer.not_after < own.not_after);
    let of_former = former_root::issuers(chain).flatten();
    let of_former = of_former.filter_map(|position| chain.certificate(position));
    let above = above.chain(of_former).filter(ends_first);
    let policy = *policy;
    end_entity.into_iter().chain(above).map(move |certificate| Renewal {
        certificate,
        instants: policy.instants(certificate.not_before, certificate.not_after),
    })
}
