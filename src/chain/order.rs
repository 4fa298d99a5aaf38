//! Which served certificate is the end entity, and whether the list is in order.

use super::certificate::Certificate;
use super::links::Links;
use super::links::MAX_LINKED;

/// Whether each served certificate stands where a client expects it.
///
/// RFC 5246 §7.4.2 asks that each certificate directly certifies the one before it; RFC 8446
/// §4.4.2 tolerates more. In order here is what CloudFront's documentation can only mean: leaving
/// duplicates aside, the end entity comes first, every certificate on the way up certifies one
/// that stands before it, and what does not belong stands at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    InOrder,
    OutOfOrder {
        /// The first position that breaks the order.
        position: usize,
        fault: OrderFault,
    },
}

/// How a certificate stands in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderFault {
    /// The list does not begin with the end entity.
    EndEntityNotFirst,
    /// It certifies none of those before it, but one after it.
    CertifiesNoneBefore,
    /// One that does not belong to the chain stands before it.
    AfterUnrelated,
}

/// Returns the position of the end entity.
///
/// That is the first certificate, unless it is a CA that stands above another served certificate
/// which itself certifies nobody: then the file was put together upside down.
pub(super) fn end_entity(served: &[Option<&Certificate>], links: &Links) -> Option<usize> {
    let first = (*served.first()?)?;
    if !first.is_ca {
        return Some(0);
    }
    let certifies_nobody = |position: usize| {
        (0..served.len().min(MAX_LINKED)).all(|other| !links.issuers_of(other).contains(&position))
    };
    let below =
        served.iter().enumerate().take(MAX_LINKED).skip(1).find(|(position, certificate)| {
            certificate.is_some_and(|c| !c.is_ca)
                && certifies_nobody(*position)
                && links.reached_from(*position).first() == Some(&true)
        });
    Some(below.map_or(0, |(position, _)| position))
}

/// Judges the order of `served`, whose repetitions are marked in `is_repetition`.
pub(super) fn order(
    end_entity: usize,
    related: &[bool],
    is_repetition: &[bool],
    links: &Links,
) -> Order {
    let mut before: Vec<usize> = Vec::new();
    let mut unrelated_before = false;
    for (position, related) in related.iter().enumerate() {
        if is_repetition.get(position) == Some(&true) {
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
