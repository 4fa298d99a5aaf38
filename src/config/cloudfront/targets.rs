//! Server names that edge functions choose; distributions do not contain them.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::error_kind::ErrorKind;
use crate::config::origins::distinct;
use crate::config::read::Place;
use crate::config::scalar::Printable;
use crate::config::value::{Given, List, Scalar};
use crate::origin::{DomainName, Origin, ReferenceId, Target};

use super::DistributionId;

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct EdgeTargetEntry {
    /// ID of the distribution.
    #[schemars(extend("x-required" = true))]
    distribution: Given<DistributionId>,
    /// ID of the origin. The server names listed for it replace those derived from the
    /// distribution.
    #[schemars(extend("x-required" = true))]
    origin: Given<Printable>,
    /// A server name that CloudFront sends to the origin.
    #[schemars(extend("x-required" = true))]
    server_name: Given<DomainName>,
    /// The certificate must contain at least one of these names. Empty: the server name and the
    /// origin domain.
    allowed_names: List<ReferenceId>,
}

/// A server name that an edge function makes CloudFront send to an origin. The targets of an
/// origin replace those derived from its distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeTarget {
    pub distribution: Box<str>,
    /// The ID of the origin in the distribution.
    pub origin: Box<str>,
    pub server_name: DomainName,
    /// Empty: the server name and the origin domain.
    pub allowed_names: Vec<ReferenceId>,
}

impl EdgeTarget {
    /// Returns whether the target belongs to `origin`.
    pub fn is_of(&self, origin: &Origin) -> bool {
        *self.distribution == *origin.key.distribution && *self.origin == *origin.key.id
    }

    /// Returns the target for an origin at `domain`.
    pub fn at(&self, domain: &DomainName) -> Target {
        match self.allowed_names.as_slice() {
            [] => Target::forwarded(&self.server_name, domain),
            names => Target::new(self.server_name.clone(), names.to_vec()),
        }
    }
}

/// Returns the targets of the list at `list`, and the list as written. Reports and leaves out
/// invalid ones.
pub(super) fn edge_targets(list: &Place<'_>) -> (Vec<EdgeTarget>, Vec<EdgeTargetEntry>) {
    let (mut targets, mut entries) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for at in list.sections() {
        let entry: EdgeTargetEntry = at.read();
        ["distribution", "origin", "server_name"].iter().for_each(|key| at.key(key).require());
        if let Some(target) = entry.target() {
            let EdgeTarget { distribution, origin, server_name, .. } = target.clone();
            if seen.insert((distribution, origin, server_name)) {
                targets.push(target);
            } else {
                let name = target.server_name.to_string();
                at.key("server_name").error(ErrorKind::DuplicateServerName { name });
            }
        }
        entries.push(entry);
    }
    (targets, entries)
}

impl EdgeTargetEntry {
    fn target(&self) -> Option<EdgeTarget> {
        Some(EdgeTarget {
            distribution: self.distribution.0.as_ref()?.text().into(),
            origin: self.origin.0.as_ref()?.text().into(),
            server_name: self.server_name.0.clone()?,
            allowed_names: distinct(&self.allowed_names),
        })
    }
}
