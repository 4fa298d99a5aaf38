//! What may be asked for at `/probe`.

use std::fmt;
use std::str::FromStr;

use ipnet::IpNet;

use crate::config::fault::Excerpt;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::scalar;
use crate::config::section::Section;
use crate::config::tree::Node;
use crate::origin::DomainName;
use crate::origin::DomainNameError;

pub(super) const PROBE_ENDPOINT_KEYS: &[Key] = &[
    key("enabled", "Whether `/probe` is served. Enabled without a name is an error."),
    key("allow", "What may be asked for."),
];
pub(super) const ALLOW_KEYS: &[Key] = &[
    key("names", "Names of targets, and of hosts to be sent in their place."),
    key("ports", "Ports that may be connected to."),
    key(
        "networks",
        "Networks that may be connected to besides the public internet, such as those of \
         internal load balancers. Each address that a name resolves to is held against it before \
         anything connects there. `reachability.assume_public` does not count here; link-local \
         addresses and metadata services are never connected to, whatever is listed.",
    ),
];

/// Whether probes are made on request, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeEndpoint {
    pub enabled: bool,
    pub allow: Allowance,
}

/// What may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The names that may be resolved or sent.
    pub names: Vec<NamePattern>,
    /// The ports that may be connected to.
    pub ports: Vec<u16>,
    /// The networks that may be connected to besides the public internet.
    pub networks: Vec<IpNet>,
}

impl Allowance {
    /// Tells whether `name` may be resolved or sent.
    pub fn has_name(&self, name: &DomainName) -> bool {
        self.names.iter().any(|pattern| pattern.covers(name))
    }
}

/// One name or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePattern {
    /// `*`
    Every,
    /// `www.example.com`
    Exactly(DomainName),
    /// `*.example.com`: one label more, as in a certificate.
    OneLabelBelow(DomainName),
    /// `.example.com`: one label more or several, and not `example.com` itself.
    Below(DomainName),
}

impl NamePattern {
    /// Tells whether `name` is meant.
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

pub(super) fn probe_endpoint(file: &Section<'_>) -> ProbeEndpoint {
    let endpoint = file.section("probe_endpoint", PROBE_ENDPOINT_KEYS);
    let enabled = endpoint.value("enabled", scalar::boolean).unwrap_or(false);
    let allow = endpoint.section("allow", ALLOW_KEYS);
    let names = allow.items("names", name_pattern);
    let mut ports = allow.items("ports", scalar::origin_port);
    let networks = allow.items("networks", scalar::network);
    // What was listed and is wrong has been complained about.
    if enabled && !allow.has("names") {
        allow.complain("names", Fault::NoNames);
    }
    if enabled && allow.is_empty_list("ports") {
        allow.complain("ports", Fault::NoPorts);
    }
    if ports.is_empty() && !allow.is_empty_list("ports") {
        ports.push(HTTPS);
    }
    ProbeEndpoint { enabled, allow: Allowance { names, ports, networks } }
}

const HTTPS: u16 = 443;

fn name_pattern(node: &Node<'_>) -> Result<NamePattern, Fault> {
    let text = scalar::name_text(node)?;
    let value = || Excerpt::of(text);
    text.parse().map_err(|error| match error {
        // A wildcard in another place, which no form has.
        DomainNameError::Wildcard | DomainNameError::BadCharacter { character: '*' } => {
            Fault::Malformed { value: value(), wanted: FORMS }
        }
        error => Fault::Name { value: value(), error },
    })
}

const FORMS: &str = "name; write such as www.example.com, *.example.com (one label), .example.com \
                     (every name below) or \"*\" (every name)";

#[cfg(test)]
mod tests {
    use super::NamePattern;

    #[test]
    fn a_pattern_covers_what_it_says_and_nothing_else() {
        let names = [
            "example.com",
            "www.example.com",
            "a.www.example.com",
            "badexample.com",
            "example.com.evil.example",
        ];
        for (pattern, covered) in [
            ("*", &names[..]),
            ("Example.com.", &["example.com"]),
            ("*.example.com", &["www.example.com"]),
            (".example.com", &["www.example.com", "a.www.example.com"]),
            ("www.example.com", &["www.example.com"]),
        ] {
            let parsed: NamePattern = pattern.parse().unwrap();
            let found: Vec<&str> =
                names.into_iter().filter(|name| parsed.covers(&name.parse().unwrap())).collect();
            assert_eq!(found, covered, "{pattern}");
            let again = parsed.to_string();
            assert_eq!(again.parse(), Ok(parsed), "{again}");
        }
    }

    #[test]
    fn a_wildcard_stands_in_front_only() {
        for wrong in ["", ".", "*.", "**", "**.example.com", "w*.example.com", "*.*.example.com"] {
            assert!(wrong.parse::<NamePattern>().is_err(), "{wrong}");
        }
    }
}
