//! Which fault decides where every path to a trust anchor has one.

use crate::chain::Certificate;
use crate::chain::ChainFacts;
use crate::chain::PathFault;

use super::former_root;

/// A path that does not hold at any time, in a chain without a better one.
pub(super) struct RefusedPath<'a> {
    root: &'a str,
    pub(super) fault: &'a PathFault,
    /// The certificate that the fault lies in, where it is one's.
    culprit: Option<&'a Certificate>,
}

impl<'a> RefusedPath<'a> {
    /// Returns the one that decides; `None` where a path is sound or there are none.
    ///
    /// A fault that is in doubt decides, because any path may be the one that is taken.
    pub(super) fn of(chain: &'a ChainFacts) -> Option<Self> {
        let mut ways: Vec<(&str, Option<&PathFault>, Option<usize>)> = chain
            .paths
            .iter()
            .map(|path| (&*path.anchor, path.fault.as_ref(), path.culprit))
            .collect();
        if ways.is_empty() {
            // A path to a root that has left the list has to hold as well.
            let to_former = former_root::ways(chain);
            ways.extend(
                to_former.map(|(root, way)| (root.subject, way.fault.as_ref(), way.culprit)),
            );
        }
        if ways.iter().any(|(_, fault, _)| fault.is_none()) {
            return None;
        }
        let is_certain = |fault: &Option<&PathFault>| !fault.is_some_and(PathFault::is_in_doubt);
        let (root, fault, culprit) =
            ways.into_iter().min_by_key(|(_, fault, _)| is_certain(fault))?;
        let culprit = culprit.and_then(|position| chain.certificate(position));
        Some(Self { root, fault: fault?, culprit })
    }

    /// Returns the sentence about it.
    pub(super) fn detail(&self, what: &str) -> String {
        let place = self.culprit.map(|certificate| format!(" ({})", certificate.subject.as_str()));
        format!("the path to {} does not hold: {what}{}", self.root, place.unwrap_or_default())
    }
}
