//! The types of single values: names, numbers, durations, addresses.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use schemars::{Schema, json_schema};

use crate::config::duration::{format_duration, parse_duration};
use crate::config::error_kind::{ErrorKind, Kind, Shown};
use crate::config::value::Scalar;
use crate::origin::{
    DomainAndPort, DomainAndPortError, DomainName, IpAddressType, Percent, ProtocolPolicy,
    Reachability, ReferenceId, SslProtocol, spelling,
};

impl Scalar for bool {
    const PLAIN: Self = true;
    const KIND: &'static str = "boolean";
    const WANTED: &'static str = "true or false";
    const VALID: &'static str = "`true`, `false`";
    const DEFAULT: Option<Self> = Some(false);

    fn schema() -> Schema {
        json_schema!({"type": "boolean"})
    }

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        match text {
            "true" | "True" | "TRUE" => Ok(true),
            "false" | "False" | "FALSE" => Ok(false),
            other => {
                Err(ErrorKind::NotOneOf { value: Shown::of(other), allowed: vec!["true", "false"] })
            }
        }
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// A whole number from `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number<const LEAST: u32, const MOST: u32>(pub(super) u32);

impl<const LEAST: u32, const MOST: u32> Scalar for Number<LEAST, MOST> {
    const PLAIN: bool = true;
    const KIND: &'static str = "whole number";
    const WANTED: &'static str = "a whole number";

    fn schema() -> Schema {
        let valid = format!("{LEAST} to {MOST}");
        json_schema!({"type": "integer", "minimum": LEAST, "maximum": MOST, "x-valid": valid})
    }

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        if !is_whole_number(text) {
            let (wanted, valid) = ("a whole number", "digits only");
            return Err(ErrorKind::Malformed { value: Shown::of(text), wanted, valid });
        }
        let number = text.parse().ok().filter(|number| (LEAST..=MOST).contains(number));
        number.map(Self).ok_or_else(|| ErrorKind::out_of_range(text, LEAST, MOST))
    }

    fn text(&self) -> String {
        self.0.to_string()
    }
}

/// A number of sockets, first probes or names; more are beyond one process.
pub(super) type Count = Number<1, 1_000_000>;

/// A port that CloudFront connects to (guide, `DownloadDistValuesOrigin`, "HTTPS port").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OriginPort(pub(super) u16);

impl Scalar for OriginPort {
    const PLAIN: bool = true;
    const KIND: &'static str = "port";
    const WANTED: &'static str = "a port (80, 443 or 1024-65535)";
    const VALID: &'static str = "80, 443 or 1024-65535";

    fn schema() -> Schema {
        json_schema!({"type": "integer", "minimum": 1, "maximum": 65535})
    }

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let port = is_whole_number(text).then(|| text.parse().ok()).flatten();
        port.filter(|port| matches!(port, 80 | 443 | 1024..))
            .map(Self)
            .ok_or_else(|| ErrorKind::Port { value: Shown::of(text).as_str().to_owned() })
    }

    fn text(&self) -> String {
        self.0.to_string()
    }
}

/// A duration from `LEAST` to `MOST` milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length<const LEAST: u64, const MOST: u64>(pub(super) Duration);

impl<const LEAST: u64, const MOST: u64> Scalar for Length<LEAST, MOST> {
    const KIND: &'static str = "duration";
    const WANTED: &'static str = "a duration such as 90s, 5m or 1h30m";

    fn schema() -> Schema {
        let [least, most] = [LEAST, MOST].map(Duration::from_millis).map(format_duration);
        let valid = format!("{least} to {most}");
        json_schema!({"type": "string", "pattern": "^([0-9]+(ms|s|m|h|d))+$", "x-valid": valid})
    }

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let duration = parse_duration(text)
            .map_err(|error| ErrorKind::Duration { value: Shown::of(text), error })?;
        let [least, most] = [LEAST, MOST].map(Duration::from_millis);
        if (least..=most).contains(&duration) {
            return Ok(Self(duration));
        }
        Err(ErrorKind::out_of_range(text, format_duration(least), format_duration(most)))
    }

    fn text(&self) -> String {
        format_duration(self.0)
    }
}

/// A percentage such as `25%`, above 0 and at most 100.
impl Scalar for Percent {
    const KIND: &'static str = "percentage";
    const WANTED: &'static str = "a percentage such as 25%";
    const VALID: &'static str = "more than 0% to 100%";

    fn schema() -> Schema {
        json_schema!({"type": "string", "pattern": "^[0-9]+([.][0-9]+)?%$"})
    }

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let (wanted, valid) = ("a percentage", "a number and a percent sign, such as 25%");
        let number = text
            .strip_suffix('%')
            .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
            .and_then(|number| number.parse::<f64>().ok())
            .ok_or_else(|| ErrorKind::Malformed { value: Shown::of(text), wanted, valid })?;
        if number > 0.0 && number <= 100.0 {
            return Ok(Self(number));
        }
        Err(ErrorKind::out_of_range(text, "more than 0%", "100%"))
    }

    fn text(&self) -> String {
        format!("{}%", self.0)
    }
}

impl Scalar for DomainName {
    const KIND: &'static str = "host name";
    const WANTED: &'static str = "a host name such as www.example.com";
    const VALID: &'static str = "such as www.example.com";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        text.parse().map_err(|error| ErrorKind::Name { value: Shown::of(text), error })
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// The location of an origin: a domain with an optional port, or an `https://` URL.
impl Scalar for DomainAndPort {
    const KIND: &'static str = "host name";
    const WANTED: &'static str =
        "a host name such as origin.example.com or origin.example.com:8443";
    const VALID: &'static str = "such as origin.example.com or origin.example.com:8443";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        text.parse().map_err(|error| match error {
            DomainAndPortError::Domain { domain, error } => {
                ErrorKind::Name { value: Shown::of(&domain), error }
            }
            DomainAndPortError::Port { port } => {
                ErrorKind::Port { value: Shown::of(&port).as_str().to_owned() }
            }
            DomainAndPortError::PlainHttp => ErrorKind::PlainHttp { value: Shown::of(text) },
        })
    }

    fn text(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.domain),
            None => self.domain.to_string(),
        }
    }
}

impl Scalar for ReferenceId {
    const KIND: &'static str = "name";
    const WANTED: &'static str = "a name such as www.example.com or *.example.com";
    const VALID: &'static str = "such as www.example.com or *.example.com";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        text.parse().map_err(|error| ErrorKind::Name { value: Shown::of(text), error })
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// An address to listen on.
impl Scalar for SocketAddr {
    const KIND: &'static str = "address and port";
    const WANTED: &'static str = "an address and a port such as 0.0.0.0:10502";
    const VALID: &'static str = "ADDRESS:PORT, such as 0.0.0.0:10502 or [::]:10502";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        text.parse().map_err(|_| Self::malformed(text, "an address and a port"))
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// A nameserver's address. The default port is 53.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nameserver(pub(super) SocketAddr);

impl Scalar for Nameserver {
    const KIND: &'static str = "address";
    const WANTED: &'static str = "an address such as 192.0.2.53 or 192.0.2.53:5353";
    const VALID: &'static str = "an IP address such as 192.0.2.53 or [2001:db8::53]:5353";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        text.parse()
            .or_else(|_| text.parse().map(|address: IpAddr| SocketAddr::new(address, DNS_PORT)))
            .ok()
            .filter(|address| address.port() != 0)
            .map(Self)
            .ok_or_else(|| Self::malformed(text, "a nameserver"))
    }

    fn text(&self) -> String {
        self.0.to_string()
    }
}

/// A network. A single address is a network of that address only.
impl Scalar for IpNet {
    const KIND: &'static str = "network";
    const WANTED: &'static str = "a network such as 10.0.0.0/8";
    const VALID: &'static str = "a CIDR prefix such as 10.0.0.0/8 or 2001:db8::/32";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        text.parse::<Self>()
            .map(|network| network.trunc())
            .or_else(|_| text.parse::<IpAddr>().map(Self::from))
            .map_err(|_| Self::malformed(text, "a network"))
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// The path of a PEM file, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PemPath(pub(super) String);

impl Scalar for PemPath {
    const KIND: &'static str = "path of a PEM file";
    const WANTED: &'static str = "the path of a PEM file";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let wanted = Self::WANTED.to_owned();
        match text {
            "" => Err(ErrorKind::WrongKind { found: Kind::Empty, wanted }),
            text => Ok(Self(text.to_owned())),
        }
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}

/// Text that becomes the value of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Printable(pub(super) String);

impl Scalar for Printable {
    fn parse(text: &str) -> Result<Self, ErrorKind> {
        printable_text(text).map(|text| Self(text.to_owned()))
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}

/// Validates text that becomes the value of a label.
pub(super) fn printable_text(text: &str) -> Result<&str, ErrorKind> {
    if text.is_empty() {
        let wanted = Printable::WANTED.to_owned();
        return Err(ErrorKind::WrongKind { found: Kind::Empty, wanted });
    }
    if text.len() > LONGEST_LABEL_VALUE {
        return Err(ErrorKind::TooLong { length: text.len(), limit: LONGEST_LABEL_VALUE });
    }
    if text.chars().any(char::is_control) {
        return Err(ErrorKind::NotPrintable { value: Shown::of(text) });
    }
    Ok(text)
}

/// Text that must not be shown, not even in part.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(pub(super) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Scalar for Secret {
    const KIND: &'static str = "string";
    const WANTED: &'static str = "a string";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        Ok(Self(text.to_owned()))
    }

    fn text(&self) -> String {
        REDACTED.to_owned()
    }
}

/// The text shown in place of a secret.
pub(super) const REDACTED: &str = "<secret>";

/// A value with a fixed set of spellings.
pub(super) trait Choice: Copy + PartialEq + 'static {
    /// Every value with its spelling in the file.
    const SPELLINGS: &'static [(&'static str, Self)];

    fn spelling(self) -> &'static str {
        spelling(Self::SPELLINGS, self)
    }
}

impl<T: Choice> Scalar for T {
    const KIND: &'static str = "choice";
    const WANTED: &'static str = "a single word";

    fn schema() -> Schema {
        let names: Vec<&str> = T::SPELLINGS.iter().map(|(name, _)| *name).collect();
        let valid = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        json_schema!({"enum": names, "x-valid": valid})
    }

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let found = T::SPELLINGS.iter().find(|(name, _)| *name == text);
        found.map(|(_, value)| *value).ok_or_else(|| ErrorKind::NotOneOf {
            value: Shown::of(text),
            allowed: T::SPELLINGS.iter().map(|(name, _)| *name).collect(),
        })
    }

    fn text(&self) -> String {
        self.spelling().to_owned()
    }
}

impl Choice for ProtocolPolicy {
    const SPELLINGS: &'static [(&'static str, Self)] = &Self::ALL;
}

impl Choice for IpAddressType {
    const SPELLINGS: &'static [(&'static str, Self)] = &Self::ALL;
}

impl Choice for SslProtocol {
    const SPELLINGS: &'static [(&'static str, Self)] = &Self::ALL;
}

impl Choice for Reachability {
    const SPELLINGS: &'static [(&'static str, Self)] = &Self::ALL;
}

const DNS_PORT: u16 = 53;
/// In bytes. Every series of the origin repeats the value.
const LONGEST_LABEL_VALUE: usize = 128;

fn is_whole_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
