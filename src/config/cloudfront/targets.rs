//! What edge functions choose, which no distribution tells.

use std::collections::HashSet;

use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::scalar;
use crate::config::section::Section;
use crate::origin::DomainName;
use crate::origin::Origin;
use crate::origin::ReferenceId;
use crate::origin::Target;

use super::distribution_id;

pub(in crate::config) const EDGE_TARGET_KEYS: &[Key] = &[
    key("distribution", "The distribution's id."),
    key(
        "origin",
        "The origin's id in the distribution. What is listed for it replaces its server names.",
    ),
    key("server_name", "A server name that CloudFront sends to it."),
    key(
        "allowed_names",
        "Names of which the certificate must carry one. Empty: the server name and the origin \
         domain.",
    ),
];

/// One server name that edge functions have CloudFront send to an origin. Those of one origin
/// replace what follows from the distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeTarget {
    pub distribution: Box<str>,
    /// The origin's id in the distribution.
    pub origin: Box<str>,
    pub server_name: DomainName,
    /// Empty: the server name and the origin domain.
    pub allowed_names: Vec<ReferenceId>,
}

impl EdgeTarget {
    /// Tells whether it is of this origin.
    pub fn is_of(&self, origin: &Origin) -> bool {
        *self.distribution == *origin.key.distribution && *self.origin == *origin.key.id
    }

    /// Returns it for the origin at this domain.
    pub fn at(&self, domain: &DomainName) -> Target {
        match self.allowed_names.as_slice() {
            [] => Target::forwarded(&self.server_name, domain),
            names => Target::new(self.server_name.clone(), names.to_vec()),
        }
    }
}

pub(super) fn targets(section: &Section<'_>) -> Vec<EdgeTarget> {
    let mut targets = Vec::new();
    let mut seen = HashSet::new();
    section.each_section("targets", EDGE_TARGET_KEYS, |target| {
        let distribution = target.required("distribution", distribution_id);
        let origin = target.required("origin", scalar::label_value);
        let server_name = target.required("server_name", scalar::domain_name);
        let mut allowed_names = target.items("allowed_names", scalar::reference_id);
        let mut known = HashSet::new();
        allowed_names.retain(|name| known.insert(name.clone()));
        let (Some(distribution), Some(origin), Some(server_name)) =
            (distribution, origin, server_name)
        else {
            return;
        };
        let origin: Box<str> = origin.into();
        if !seen.insert((distribution.clone(), origin.clone(), server_name.clone())) {
            let name = server_name.to_string();
            return target.complain("server_name", Fault::DuplicateServerName { name });
        }
        targets.push(EdgeTarget { distribution, origin, server_name, allowed_names });
    });
    targets
}
