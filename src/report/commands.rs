//! Command lines that repeat a probe of an origin, for pasting into a shell.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use crate::origin::{
    IpAddressType, Origin, ProberConfig, Reachability, ReferenceId, SslProtocol, SslProtocols,
    Target,
};

/// The lines of `origin-probe check`, and the settings that they leave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckLines {
    /// One line for all server names that are forwarded hosts, another for the origin domain
    /// itself.
    pub lines: Vec<String>,
    /// The settings that no option expresses, one sentence each without a final period.
    pub notes: Vec<String>,
}

/// Returns the lines that check an origin as configured; with `address`, only that address.
pub fn check_lines(origin: &Origin, address: Option<IpAddr>, config: &ProberConfig) -> CheckLines {
    let domain = origin.domain();
    let is_unforwarded = |target: &&Target| target.reference_ids == unforwarded(origin);
    let is_forwarded = |target: &&Target| {
        target.reference_ids == Target::forwarded(&target.server_name, domain).reference_ids
    };
    let (own, others): (Vec<&Target>, Vec<&Target>) = origin
        .targets
        .iter()
        .partition(|target| target.server_name == *domain && is_unforwarded(target));
    let hosts: Vec<&Target> = others.iter().copied().filter(is_forwarded).collect();
    let mut notes = Vec::new();
    if hosts.len() < others.len() {
        notes.push(
            "the origin's own `targets` are left out; use `check --config FILE --origin ID` to \
             include them"
                .to_owned(),
        );
    }
    if hosts.len() > HOSTS {
        notes.push(format!("{} more forwarded hosts are left out", hosts.len() - HOSTS));
    }
    let surrounding = options(origin, address, config, &mut notes);
    let place = match origin.https_port {
        443 => domain.to_string(),
        port => format!("{domain}:{port}"),
    };
    let line = |hosts: &[&Target]| {
        let hosts = hosts.iter().flat_map(|host| ["--host".into(), host.server_name.to_string()]);
        let words = ["origin-probe".to_owned(), "check".to_owned(), place.clone()];
        let words: Vec<String> =
            words.into_iter().chain(hosts).chain(surrounding.iter().cloned()).collect();
        shell(&words)
    };
    let mut lines = Vec::new();
    if !own.is_empty() || hosts.is_empty() {
        lines.push(line(&[]));
    }
    if !hosts.is_empty() {
        lines.push(line(&hosts[..hosts.len().min(HOSTS)]));
    }
    CheckLines { lines, notes }
}

fn unforwarded(origin: &Origin) -> Vec<ReferenceId> {
    Target::unforwarded(origin.domain()).reference_ids
}

/// Returns the options that do not depend on the target.
fn options(
    origin: &Origin,
    address: Option<IpAddr>,
    config: &ProberConfig,
    notes: &mut Vec<String>,
) -> Vec<String> {
    let mut words = Vec::new();
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    if let Some(address) = address {
        option("--address", address.to_string());
    }
    if origin.ssl_protocols != SslProtocols::default() {
        let listed = origin.ssl_protocols.listed().iter().map(|protocol| protocol.as_str());
        option("--ssl-protocols", listed.collect::<Vec<_>>().join(","));
    }
    if origin.ip_address_type != IpAddressType::Ipv4 {
        option("--ip-address-type", origin.ip_address_type.as_str().to_owned());
    }
    match origin.reachable_from_here {
        Reachability::Auto => {}
        Reachability::Reachable => option("--reachable", "yes".to_owned()),
        Reachability::Unreachable => option("--reachable", "no".to_owned()),
    }
    if address.is_none() {
        for nameserver in &config.nameservers {
            option("--nameserver", nameserver.to_string());
        }
    }
    let mut files = config.extra_anchors.iter().map(|path| path.to_string_lossy().into_owned());
    if !config.mozilla
        && let Some(file) = files.next()
    {
        option("--trust-anchors", file);
    }
    if let Some(file) = files.next() {
        option("--extra-trust-anchors", file);
    }
    for network in &config.assume_public {
        option("--assume-public", network.to_string());
    }
    let left_out = files.count();
    if left_out > 0 {
        notes.push(format!("more trust anchor files are left out: {left_out}"));
    }
    words
}

/// Returns the command line of OpenSSL's client that repeats the handshake of one endpoint: with
/// the same address, server name, protocol versions and name to match.
pub fn openssl_line(
    origin: &Origin,
    address: IpAddr,
    target: &Target,
    config: &ProberConfig,
) -> String {
    let name = target.server_name.to_string();
    let connect = SocketAddr::new(address, origin.https_port).to_string();
    let wanted = target.reference_ids.first().map_or_else(|| name.clone(), |id| id.to_string());
    // OpenSSL matches host names only, so any name below the domain represents `*.`.
    let below = wanted.strip_prefix("*.").map(|rest| format!("any.{rest}"));
    let wanted = below.unwrap_or(wanted);
    let lowest = lowest(&origin.ssl_protocols);
    let mut words: Vec<String> =
        ["openssl", "s_client", "-connect", &connect, "-servername", &name]
            .map(str::to_owned)
            .into();
    words.extend(["-verify_hostname".to_owned(), wanted]);
    words.extend(["-min_protocol".to_owned(), lowest.as_str().to_owned()]);
    if lowest < SslProtocol::TlsV1_2 {
        // Without this, OpenSSL 3 does not offer what older versions need.
        words.extend(["-cipher".to_owned(), "DEFAULT:@SECLEVEL=0".to_owned()]);
    }
    if let Some(file) = config.extra_anchors.first() {
        words.extend(["-CAfile".to_owned(), file.to_string_lossy().into_owned()]);
    }
    words.push("-showcerts".to_owned());
    format!("{} </dev/null", shell(&words))
}

/// SSLv3 is not offered together with other versions.
fn lowest(protocols: &SslProtocols) -> SslProtocol {
    let listed = protocols.listed();
    let besides = listed.iter().find(|protocol| **protocol != SslProtocol::SslV3);
    besides.or_else(|| listed.first()).copied().unwrap_or(SslProtocol::TlsV1_2)
}

fn shell(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Returns a word as a POSIX shell reads it back (IEEE Std 1003.1, 2.2.2): in single quotes, unless
/// it contains only characters without a special meaning.
pub fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

/// The maximum number of forwarded hosts on a line.
const HOSTS: usize = 20;
