//! The allowlist of `/probe`.

use std::fmt;
use std::str::FromStr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::error_kind::{ErrorKind, Shown};
use crate::config::read::Place;
use crate::config::scalar::OriginPort;
use crate::config::value::{Given, List, Scalar};
use crate::origin::{DomainName, DomainNameError};

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct ProbeEndpointSettings {
    /// Whether `/probe` is served. Requires at least one allowed name.
    enabled: Given<bool>,
    /// The allowlist for targets.
    allow: Allow,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
struct Allow {
    /// Allowed names of targets and of hosts sent as server names.
    names: List<NamePattern>,
    /// Allowed ports.
    ports: List<OriginPort>,
    /// Allowed networks besides the public internet. `reachability.assume_public` does not apply
    /// here.
    networks: List<IpNet>,
}

impl Default for Allow {
    fn default() -> Self {
        let ports = [OriginPort(443)].into_iter().collect();
        Self { names: List::default(), ports, networks: List::default() }
    }
}

impl ProbeEndpointSettings {
    /// Reports an endpoint that allows nothing.
    pub(super) fn validate(&self, at: &Place<'_>) {
        if self.enabled != true.into() {
            return;
        }
        let allow = at.key("allow");
        let (names, ports) = (allow.key("names"), allow.key("ports"));
        // Invalid items have been reported.
        if !names.is_given() {
            names.error(ErrorKind::NoNames);
        }
        if ports.is_empty_list() {
            ports.error(ErrorKind::NoPorts);
        }
    }

    pub(super) fn settings(&self) -> Option<ProbeEndpoint> {
        let Allow { names, ports, networks } = &self.allow;
        let allow = Allowance {
            names: names.valid().cloned().collect(),
            ports: ports.valid().map(|port| port.0).collect(),
            networks: networks.valid().copied().collect(),
        };
        Some(ProbeEndpoint { enabled: self.enabled.0?, allow })
    }
}

impl Scalar for NamePattern {
    const KIND: &'static str = "name";
    const WANTED: &'static str = "a name such as www.example.com or *.example.com";
    const VALID: &'static str = "a name such as www.example.com, *.example.com (one label), \
                                 .example.com (all subdomains) or \"*\" (every name)";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        text.parse().map_err(|error| match error {
            // A wildcard in an unsupported position.
            DomainNameError::Wildcard | DomainNameError::BadCharacter { character: '*' } => {
                Self::malformed(text, "a valid pattern")
            }
            error => ErrorKind::Name { value: Shown::of(text), error },
        })
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// The settings of `/probe`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeEndpoint {
    pub enabled: bool,
    pub allow: Allowance,
}

/// The allowlist for on-demand probes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Names that may be resolved or sent as server names.
    pub names: Vec<NamePattern>,
    pub ports: Vec<u16>,
    /// Networks allowed besides the public internet.
    pub networks: Vec<IpNet>,
}

impl Allowance {
    /// Returns whether `name` may be resolved or sent as a server name.
    pub fn has_name(&self, name: &DomainName) -> bool {
        self.names.iter().any(|pattern| pattern.covers(name))
    }
}

/// A pattern for one or more names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePattern {
    /// `*`
    Every,
    /// `www.example.com`
    Exactly(DomainName),
    /// `*.example.com`: exactly one more label, as in a certificate.
    OneLabelBelow(DomainName),
    /// `.example.com`: one or more additional labels, but not `example.com` itself.
    Below(DomainName),
}

impl NamePattern {
    /// Returns whether `name` matches.
    pub fn covers(&self, name: &DomainName) -> bool {
        let before = |parent: &DomainName| {
            name.as_str().strip_suffix(parent.as_str())?.strip_suffix('.').map(str::to_owned)
        };
        match self {
            Self::Every => true,
            Self::Exactly(only) => only == name,
            Self::OneLabelBelow(parent) => before(parent).is_some_and(|rest| !rest.contains('.')),
            Self::Below(parent) => before(parent).is_some(),
        }
    }
}

impl FromStr for NamePattern {
    type Err = DomainNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::Every);
        }
        if let Some(parent) = text.strip_prefix("*.") {
            return parent.parse().map(Self::OneLabelBelow);
        }
        match text.strip_prefix('.') {
            Some(parent) => parent.parse().map(Self::Below),
            None => text.parse().map(Self::Exactly),
        }
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => f.write_str("*"),
            Self::Exactly(name) => name.fmt(f),
            Self::OneLabelBelow(parent) => write!(f, "*.{parent}"),
            Self::Below(parent) => write!(f, ".{parent}"),
        }
    }
}
