//! Ways up from the end entity that end short of a trust anchor.

use std::mem::size_of;

use super::certificate::Certificate;
use super::fault::PathFault;
use super::keeping::ALLOCATION;
use super::name_constraints::NameChecks;

/// One way up from the end entity, by issuer links, as far as it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Positions in the served list, the end entity first. The last one is self-signed, or its
    /// issuer is not served, or leads back to where the way has been.
    pub certificates: Vec<usize>,
    /// What RFC 5280 §6.1 would have against it at any time, whatever stood above.
    pub fault: Option<PathFault>,
    /// The position of the certificate that the fault lies in, where it is one's.
    pub culprit: Option<usize>,
}

impl Way {
    pub(super) fn new(
        served: &[Option<&Certificate>],
        positions: Vec<usize>,
        names: &mut NameChecks,
    ) -> Self {
        let (judged, certificates): (Vec<usize>, Vec<&Certificate>) = positions
            .iter()
            .filter_map(|position| Some((*position, served.get(*position).copied().flatten()?)))
            // A root is trusted or not, but by itself it breaks no rule.
            .enumerate()
            .filter(|(place, (_, certificate))| *place == 0 || !certificate.is_self_signed)
            .map(|(_, of_way)| of_way)
            .unzip();
        let (fault, place) = PathFault::find(&certificates, &judged, None, names).unzip();
        let culprit = place.flatten().and_then(|place| judged.get(place).copied());
        Self { certificates: positions, fault, culprit }
    }

    /// Returns about how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.certificates.len() * size_of::<usize>() + ALLOCATION
    }

    /// Returns the position at which it ends.
    pub fn end(&self) -> Option<usize> {
        self.certificates.last().copied()
    }
}
