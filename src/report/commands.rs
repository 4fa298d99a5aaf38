//! Command lines that ask an origin what a probe asked it, to be pasted into a shell.

use std::borrow::Cow;
use std::net::IpAddr;
use std::net::SocketAddr;

use ipnet::IpNet;

use crate::origin::IpAddressType;
use crate::origin::Origin;
use crate::origin::Reachability;
use crate::origin::ReferenceId;
use crate::origin::SslProtocol;
use crate::origin::SslProtocols;
use crate::origin::Target;

/// What of this process's settings decides the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Empty: those of the system.
    pub nameservers: Vec<SocketAddr>,
    /// Whether Mozilla's roots count.
    pub mozilla: bool,
    /// PEM files of more.
    pub extra_anchors: Vec<String>,
    pub assume_public: Vec<IpNet>,
}

/// The lines of `origin-probe check`, and what they leave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckLines {
    /// One for all server names that are forwarded hosts, another for the origin domain itself.
    pub lines: Vec<String>,
    /// What no option says, a sentence each without a full stop.
    pub notes: Vec<String>,
}

/// Returns the lines that check an origin as it is configured; `address` asks only there.
pub fn check_lines(
    origin: &Origin,
    address: Option<IpAddr>,
    surroundings: &Surroundings,
) -> CheckLines {
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
            "the origin's own `targets` are left out: `check --config FILE --origin ID` has them"
                .to_owned(),
        );
    }
    if hosts.len() > HOSTS {
        notes.push(format!("{} more forwarded hosts are left out", hosts.len() - HOSTS));
    }
    let surrounding = options(origin, address, surroundings, &mut notes);
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

/// Returns the options that no target changes.
fn options(
    origin: &Origin,
    address: Option<IpAddr>,
    surroundings: &Surroundings,
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
        for nameserver in &surroundings.nameservers {
            option("--nameserver", nameserver.to_string());
        }
    }
    let mut files = surroundings.extra_anchors.iter();
    if !surroundings.mozilla
        && let Some(file) = files.next()
    {
        option("--trust-anchors", file.clone());
    }
    if let Some(file) = files.next() {
        option("--extra-trust-anchors", file.clone());
    }
    for network in &surroundings.assume_public {
        option("--assume-public", network.to_string());
    }
    let left_out = files.count();
    if left_out > 0 {
        notes.push(format!("{left_out} more files of trust anchors are left out"));
    }
    words
}

/// Returns the line of OpenSSL's client that makes the handshake of one endpoint: the same
/// address, server name and versions, and the same name to be matched.
pub fn openssl_line(
    origin: &Origin,
    address: IpAddr,
    target: &Target,
    surroundings: &Surroundings,
) -> String {
    let name = target.server_name.to_string();
    let connect = SocketAddr::new(address, origin.https_port).to_string();
    let wanted = target.reference_ids.first().map_or_else(|| name.clone(), |id| id.to_string());
    // OpenSSL compares with host names only: any name below stands for `*.`.
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
        // Without it OpenSSL 3 does not offer what older versions need.
        words.extend(["-cipher".to_owned(), "DEFAULT:@SECLEVEL=0".to_owned()]);
    }
    if let Some(file) = surroundings.extra_anchors.first() {
        words.extend(["-CAfile".to_owned(), file.clone()]);
    }
    words.push("-showcerts".to_owned());
    format!("{} </dev/null", shell(&words))
}

/// SSLv3 beside others is not offered.
fn lowest(protocols: &SslProtocols) -> SslProtocol {
    let listed = protocols.listed();
    let besides = listed.iter().find(|protocol| **protocol != SslProtocol::SslV3);
    besides.or_else(|| listed.first()).copied().unwrap_or(SslProtocol::TlsV1_2)
}

fn shell(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Returns a word as a POSIX shell reads it back (IEEE Std 1003.1, 2.2.2): in single quotes,
/// unless there is nothing in it that means anything to a shell.
pub fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

/// How many forwarded hosts a line bears.
const HOSTS: usize = 20;

#[cfg(test)]
mod tests {
    use crate::origin::IpAddressType;
    use crate::origin::Origin;
    use crate::origin::Reachability;
    use crate::origin::SslProtocol;
    use crate::origin::SslProtocols;
    use crate::origin::Target;

    use super::Surroundings;
    use super::check_lines;
    use super::openssl_line;
    use super::quoted;

    fn origin() -> Origin {
        Origin::with_defaults("origin.example.com".parse().unwrap())
    }

    fn usual() -> Surroundings {
        Surroundings { mozilla: true, ..Surroundings::default() }
    }

    #[test]
    fn an_origin_with_defaults_needs_no_option() {
        let check = check_lines(&origin(), None, &usual());
        assert_eq!(check.lines, ["origin-probe check origin.example.com"]);
        assert!(check.notes.is_empty());
        assert_eq!(
            openssl_line(&origin(), "192.0.2.1".parse().unwrap(), &origin().targets[0], &usual()),
            "openssl s_client -connect 192.0.2.1:443 -servername origin.example.com \
             -verify_hostname origin.example.com -min_protocol TLSv1.2 -showcerts </dev/null"
        );
    }

    #[test]
    fn every_setting_that_changes_the_answer_is_on_the_line() {
        let mut origin = origin();
        let domain = origin.domain().clone();
        let host = "www.example.com".parse().unwrap();
        origin.targets = vec![Target::forwarded(&host, &domain), Target::unforwarded(&domain)];
        origin.https_port = 8443;
        origin.ssl_protocols =
            SslProtocols::new(vec![SslProtocol::SslV3, SslProtocol::TlsV1]).unwrap();
        origin.ip_address_type = IpAddressType::Dualstack;
        origin.reachable_from_here = Reachability::Reachable;
        let surroundings = Surroundings {
            nameservers: vec!["192.0.2.53:53".parse().unwrap()],
            mozilla: false,
            extra_anchors: vec!["/etc/it's mine.pem".into(), "b.pem".into(), "c.pem".into()],
            assume_public: vec!["10.0.0.0/8".parse().unwrap()],
        };
        let check = check_lines(&origin, None, &surroundings);
        let rest = "--ssl-protocols SSLv3,TLSv1 --ip-address-type dualstack --reachable yes \
                    --nameserver 192.0.2.53:53 --trust-anchors '/etc/it'\\''s mine.pem' \
                    --extra-trust-anchors b.pem --assume-public 10.0.0.0/8";
        assert_eq!(
            check.lines,
            [
                format!("origin-probe check origin.example.com:8443 {rest}"),
                format!("origin-probe check origin.example.com:8443 --host www.example.com {rest}"),
            ]
        );
        assert_eq!(check.notes, ["1 more files of trust anchors are left out"]);
        let address = "2001:db8::1".parse().unwrap();
        assert_eq!(
            openssl_line(&origin, address, &origin.targets[0], &surroundings),
            "openssl s_client -connect '[2001:db8::1]:8443' -servername www.example.com \
             -verify_hostname www.example.com -min_protocol TLSv1 -cipher DEFAULT:@SECLEVEL=0 \
             -CAfile '/etc/it'\\''s mine.pem' -showcerts </dev/null"
        );
        let there = check_lines(&origin, Some(address), &surroundings).lines;
        assert!(there[0].contains(" --address 2001:db8::1 "), "{there:?}");
        assert!(!there[0].contains("--nameserver"), "nothing is looked up: {there:?}");
    }

    #[test]
    fn what_the_command_line_cannot_say_is_noted() {
        let mut origin = origin();
        origin.targets.push(Target::new(
            "edge.example.com".parse().unwrap(),
            vec!["*.example.com".parse().unwrap()],
        ));
        let check = check_lines(&origin, None, &usual());
        assert_eq!(check.lines, ["origin-probe check origin.example.com"]);
        assert_eq!(check.notes.len(), 1);
    }

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        for word in ["", "plain-1.pem", "a b", "it's", "$(id)", "a\nb", "*", "~", "é", "\\"] {
            let script = format!("printf %s {}", quoted(word));
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word, "{script}");
        }
    }
}
