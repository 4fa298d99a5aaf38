//! Which served certificate is the end entity, and whether the list is in order.

use super::certificate::Certificate;
use super::links::{Links, MAX_LINKED};

/// Whether each served certificate is at the position that a client expects.
///
/// RFC 5246 §7.4.2 requires that each certificate directly certifies the one before it; RFC 8446
/// §4.4.2 is more tolerant. "In order" here is the only possible meaning of CloudFront's
/// documentation: duplicates aside, the end entity comes first, every issuer follows a certificate
/// that it issued, and unrelated certificates come last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    InOrder,
    OutOfOrder {
        /// The first position that violates the order.
        position: usize,
        fault: OrderFault,
    },
}

/// Why a certificate is at the wrong position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderFault {
    /// The list does not begin with the end entity.
    EndEntityNotFirst,
    /// It issued none of those before it, but one after it.
    CertifiesNoneBefore,
    /// An unrelated certificate precedes it.
    AfterUnrelated,
}

/// Returns the position of the end entity.
///
/// That is the first certificate, unless it is a CA and the file is upside down: another
/// certificate is not a CA and issued none of the list, and the first one is an issuer of that
/// certificate, or is an intermediate without any host name.
pub(super) fn end_entity(served: &[Option<&Certificate>], links: &Links) -> Option<usize> {
    let first = (*served.first()?)?;
    if !first.is_ca {
        return Some(0);
    }
    let certifies_nobody = |position: usize| {
        (0..served.len().min(MAX_LINKED)).all(|other| !links.issuers_of(other).contains(&position))
    };
    let others = || {
        let others = served.iter().enumerate().take(MAX_LINKED).skip(1);
        others
            .filter_map(|(position, certificate)| Some((position, (*certificate)?)))
            .filter(|(position, certificate)| !certificate.is_ca && certifies_nobody(*position))
    };
    let below = others().find(|(position, _)| links.reached_from(*position).first() == Some(&true));
    let has_a_name = |certificate: &Certificate| !certificate.dns_names.is_empty();
    let is_an_intermediate = !first.is_self_signed && !has_a_name(first);
    let beside = || others().find(|(_, other)| is_an_intermediate && has_a_name(other));
    Some(below.or_else(beside).map_or(0, |(position, _)| position))
}

/// Checks the order of `served`, whose repetitions are marked in `is_repetition`. Entries that are
/// not certificates are ignored.
pub(super) fn order(
    served: &[Option<&Certificate>],
    end_entity: usize,
    related: &[bool],
    is_repetition: &[bool],
    links: &Links,
) -> Order {
    let mut before: Vec<usize> = Vec::new();
    let mut unrelated_before = false;
    for (position, related) in related.iter().enumerate() {
        let is_certificate = served.get(position).is_some_and(Option::is_some);
        if !is_certificate || is_repetition.get(position) == Some(&true) {
            continue;
        }
        let fault = if before.is_empty() {
            (position != end_entity).then_some(OrderFault::EndEntityNotFirst)
        } else if !related {
            unrelated_before = true;
            None
        } else if !before.iter().any(|earlier| links.issuers_of(*earlier).contains(&position)) {
            Some(OrderFault::CertifiesNoneBefore)
        } else if unrelated_before {
            Some(OrderFault::AfterUnrelated)
        } else {
            None
        };
        if let Some(fault) = fault {
            return Order::OutOfOrder { position, fault };
        }
        before.push(position);
    }
    Order::InOrder
}
