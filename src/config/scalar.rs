//! What one value of the file means: names, numbers, lengths of time, addresses.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::config::duration::format_duration;
use crate::config::duration::parse_duration;
use crate::config::fault::Excerpt;
use crate::config::fault::Fault;
use crate::config::fault::Kind;
use crate::config::tree::Node;
use crate::config::tree::Value;
use crate::origin::DomainAndPort;
use crate::origin::DomainAndPortError;
use crate::origin::DomainName;
use crate::origin::Percent;
use crate::origin::ReferenceId;

pub(super) fn boolean(node: &Node<'_>) -> Result<bool, Fault> {
    match plain(node, "true or false")? {
        "true" | "True" | "TRUE" => Ok(true),
        "false" | "False" | "FALSE" => Ok(false),
        other => Err(Fault::NotOneOf { value: Excerpt::of(other), allowed: vec!["true", "false"] }),
    }
}

pub(super) fn whole_number(node: &Node<'_>, range: RangeInclusive<u32>) -> Result<u32, Fault> {
    let text = plain(node, "a whole number")?;
    if !is_whole_number(text) {
        let wanted = "whole number; write digits only";
        return Err(Fault::Malformed { value: Excerpt::of(text), wanted });
    }
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| Fault::OutOfRange {
        value: Excerpt::of(text).as_str().to_owned(),
        least: range.start().to_string(),
        most: range.end().to_string(),
    })
}

/// Reads a port that CloudFront connects to (guide, `DownloadDistValuesOrigin`, "HTTPS port").
pub(super) fn origin_port(node: &Node<'_>) -> Result<u16, Fault> {
    let text = plain(node, "a port (80, 443 or 1024-65535)")?;
    let port = is_whole_number(text).then(|| text.parse().ok()).flatten();
    port.filter(|port| matches!(port, 80 | 443 | 1024..))
        .ok_or_else(|| Fault::Port { value: Excerpt::of(text).as_str().to_owned() })
}

pub(super) fn duration(
    node: &Node<'_>,
    range: RangeInclusive<Duration>,
) -> Result<Duration, Fault> {
    let text = text(node, "a length of time such as 90s, 5m or 1h30m")?;
    let duration = parse_duration(text)
        .map_err(|error| Fault::Duration { value: Excerpt::of(text), error })?;
    if range.contains(&duration) {
        return Ok(duration);
    }
    Err(Fault::OutOfRange {
        value: Excerpt::of(text).as_str().to_owned(),
        least: format_duration(*range.start()),
        most: format_duration(*range.end()),
    })
}

/// Reads a share such as `25%`, above 0 and at most 100.
pub(super) fn percent(node: &Node<'_>) -> Result<Percent, Fault> {
    let text = text(node, "a share such as 25%")?;
    let number = text
        .strip_suffix('%')
        .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
        .and_then(|number| number.parse::<f64>().ok())
        .ok_or_else(|| Fault::Malformed {
            value: Excerpt::of(text),
            wanted: "share; write a number and a percent sign, such as 25%",
        })?;
    if number > 0.0 && number <= 100.0 {
        return Ok(Percent(number));
    }
    let value = Excerpt::of(text).as_str().to_owned();
    Err(Fault::OutOfRange { value, least: "more than 0%".to_owned(), most: "100%".to_owned() })
}

pub(super) fn domain_name(node: &Node<'_>) -> Result<DomainName, Fault> {
    let text = text(node, "a host name such as www.example.com")?;
    text.parse().map_err(|error| Fault::Name { value: Excerpt::of(text), error })
}

/// Reads where an origin is: a domain, with or without its port, or an https:// URL.
pub(super) fn domain_and_port(node: &Node<'_>) -> Result<DomainAndPort, Fault> {
    let text = text(node, "a host name such as origin.example.com or origin.example.com:8443")?;
    text.parse().map_err(|error| match error {
        DomainAndPortError::Domain { domain, error } => {
            Fault::Name { value: Excerpt::of(&domain), error }
        }
        DomainAndPortError::Port { port } => {
            Fault::Port { value: Excerpt::of(&port).as_str().to_owned() }
        }
        DomainAndPortError::PlainHttp => Fault::PlainHttp { value: Excerpt::of(text) },
    })
}

/// Reads text that is a name or stands for several.
pub(super) fn name_text<'a>(node: &'a Node<'_>) -> Result<&'a str, Fault> {
    text(node, "a name such as www.example.com or *.example.com")
}

pub(super) fn reference_id(node: &Node<'_>) -> Result<ReferenceId, Fault> {
    let text = text(node, "a name such as www.example.com or *.example.com")?;
    text.parse().map_err(|error| Fault::Name { value: Excerpt::of(text), error })
}

pub(super) fn listen_address(node: &Node<'_>) -> Result<SocketAddr, Fault> {
    let wanted = "address and port; write such as 0.0.0.0:10502 or [::]:10502";
    let text = text(node, "an address and a port such as 0.0.0.0:10502")?;
    text.parse().map_err(|_| Fault::Malformed { value: Excerpt::of(text), wanted })
}

/// Reads a nameserver's address, on port 53 unless it says otherwise.
pub(super) fn nameserver(node: &Node<'_>) -> Result<SocketAddr, Fault> {
    let wanted = "nameserver; write an address, such as 192.0.2.53 or [2001:db8::53]:5353";
    let text = text(node, "an address such as 192.0.2.53 or 192.0.2.53:5353")?;
    text.parse()
        .or_else(|_| text.parse().map(|address: IpAddr| SocketAddr::new(address, DNS_PORT)))
        .ok()
        .filter(|address| address.port() != 0)
        .ok_or_else(|| Fault::Malformed { value: Excerpt::of(text), wanted })
}

/// Reads a network, or one address as the network that holds only it.
pub(super) fn network(node: &Node<'_>) -> Result<IpNet, Fault> {
    let wanted = "network; write such as 10.0.0.0/8 or 2001:db8::/32";
    let text = text(node, "a network such as 10.0.0.0/8")?;
    text.parse::<IpNet>()
        .map(|network| network.trunc())
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| Fault::Malformed { value: Excerpt::of(text), wanted })
}

pub(super) fn path(node: &Node<'_>) -> Result<PathBuf, Fault> {
    let wanted = "the path of a PEM file";
    match text(node, wanted)? {
        "" => Err(Fault::WrongKind { found: Kind::Empty, wanted }),
        text => Ok(PathBuf::from(text)),
    }
}

/// Reads one of the spellings and returns what it stands for.
pub(super) fn choice<T: Copy>(
    node: &Node<'_>,
    spellings: &[(&'static str, T)],
) -> Result<T, Fault> {
    let text = text(node, "a single word")?;
    spellings.iter().find(|(spelling, _)| *spelling == text).map(|(_, value)| *value).ok_or_else(
        || Fault::NotOneOf {
            value: Excerpt::of(text),
            allowed: spellings.iter().map(|(spelling, _)| *spelling).collect(),
        },
    )
}

/// Reads text that becomes the value of a metric's label.
pub(super) fn label_value(node: &Node<'_>) -> Result<String, Fault> {
    let wanted = "printable text";
    let text = text(node, wanted)?;
    if text.is_empty() {
        return Err(Fault::WrongKind { found: Kind::Empty, wanted });
    }
    if text.len() > LONGEST_LABEL_VALUE {
        return Err(Fault::TooLong { length: text.len(), limit: LONGEST_LABEL_VALUE });
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::NotPrintable { value: Excerpt::of(text) });
    }
    Ok(text.to_owned())
}

/// Reads the value of a label as a file of target groups has it: always text; `None` where it is
/// empty, which to Prometheus is the same as left out.
pub(super) fn optional_text<'a>(node: &'a Node<'_>) -> Result<Option<&'a str>, Fault> {
    if node.is_empty() {
        return Ok(None);
    }
    let text = text(node, "one text; in lists, put commas between the values")?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// Reads text that no message may repeat.
pub(super) fn secret_text<'a>(node: &'a Node<'_>) -> Result<&'a str, Fault> {
    text(node, "a text")
}

/// Reads what a header of an HTTP answer may hold.
pub(super) fn header_value<'a>(node: &'a Node<'_>) -> Result<&'a str, Fault> {
    let text = text(node, "a header's value")?;
    match text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        true => Ok(text),
        false => Err(Fault::NotPrintable { value: Excerpt::of(text) }),
    }
}

const DNS_PORT: u16 = 53;
/// In bytes; it is repeated on every series of the origin.
const LONGEST_LABEL_VALUE: usize = 128;

fn text<'a>(node: &'a Node<'_>, wanted: &'static str) -> Result<&'a str, Fault> {
    match &node.value {
        Value::Plain(text) | Value::Quoted(text) if !node.is_empty() => Ok(text),
        _ => Err(Fault::WrongKind { found: node.kind(), wanted }),
    }
}

/// Returns the text of a value that quotes would turn into text.
fn plain<'a>(node: &'a Node<'_>, wanted: &'static str) -> Result<&'a str, Fault> {
    let text = text(node, wanted)?;
    match node.value {
        Value::Quoted(_) => Err(Fault::Quoted { value: Excerpt::of(text), wanted }),
        _ => Ok(text),
    }
}

fn is_whole_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
