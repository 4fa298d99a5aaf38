//! Selects the fault to report if every path to a root has one.

use crate::chain::{Certificate, ChainFacts, PathFault};

use super::former_root;

/// A path that is never valid, in a chain without a better one.
pub(super) struct RefusedPath<'a> {
    root: &'a str,
    pub(super) fault: &'a PathFault,
    /// The faulty certificate, if the fault lies in a single one.
    faulty: Option<&'a Certificate>,
}

impl<'a> RefusedPath<'a> {
    /// Returns the path to report; `None` if a path is sound or there are none.
    ///
    /// A fault that is in doubt takes precedence, because CloudFront may take any path.
    pub(super) fn of(chain: &'a ChainFacts) -> Option<Self> {
        let mut ways: Vec<(&str, Option<&PathFault>, Option<usize>)> = chain
            .paths
            .iter()
            .map(|path| (&*path.anchor, path.fault.as_ref(), path.faulty_certificate))
            .collect();
        if ways.is_empty() {
            // A path to a root that has left Mozilla's list must be sound as well.
            let to_former = former_root::dead_ends(chain);
            ways.extend(to_former.map(|(root, dead_end)| {
                (root.subject, dead_end.fault.as_ref(), dead_end.faulty_certificate)
            }));
        }
        if ways.iter().any(|(_, fault, _)| fault.is_none()) {
            return None;
        }
        let is_certain = |fault: &Option<&PathFault>| !fault.is_some_and(PathFault::is_in_doubt);
        let (root, fault, faulty) =
            ways.into_iter().min_by_key(|(_, fault, _)| is_certain(fault))?;
        let faulty = faulty.and_then(|position| chain.certificate(position));
        Some(Self { root, fault: fault?, faulty })
    }

    /// Returns the detail of the finding.
    pub(super) fn detail(&self, what: &str) -> String {
        let place = self.faulty.map(|certificate| format!(" (`{}`)", certificate.subject.as_str()));
        format!("the path to `{}` is invalid: {what}{}", self.root, place.unwrap_or_default())
    }
}
