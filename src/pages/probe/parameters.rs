//! What a request asks for: the parameters of `/probe`.

use thiserror::Error;

use crate::config::Excerpt;
use crate::origin::DomainAndPort;
use crate::origin::DomainName;
use crate::origin::IpAddressType;
use crate::origin::Origin;
use crate::origin::Reachability;
use crate::origin::SslProtocol;
use crate::origin::SslProtocols;
use crate::origin::Target;

use super::super::query;
use super::super::query::Pair;

/// What is to be probed, and what shown of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) origin: Origin,
    pub(super) shown: Shown,
}

/// What the answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Metrics,
    /// What the probe saw, for people.
    Everything,
}

/// What is wrong with the parameters.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum BadRequest {
    #[error("the query is not percent-encoded UTF-8; write it as /probe?target=www.example.com")]
    NotDecodable,
    #[error("the value of {name} is longer than {LONGEST_VALUE} bytes")]
    TooLong { name: Excerpt },
    #[error("the value of {name} holds a control character")]
    ControlCharacter { name: Excerpt },
    #[error(
        "{name} is no parameter; there are target, host, hostname, ssl_protocols, \
         ip_address_type, reachable_from_here, module and debug"
    )]
    Unknown { name: Excerpt },
    #[error("{name} is given twice; give it once")]
    Twice { name: &'static str },
    #[error("target is missing; give the origin's domain, such as /probe?target=www.example.com")]
    NoTarget,
    #[error("{name}: {reason}")]
    Value { name: &'static str, reason: String },
    #[error("host: {host} is given twice; give each host once")]
    HostTwice { host: DomainName },
    #[error("host is given more than {most} times, as often as one probe can take")]
    TooManyHosts { most: usize },
}

impl Wanted {
    /// Reads a query; no more than `most_hosts` hosts are taken.
    pub(super) fn read(query: &str, most_hosts: usize) -> Result<Self, BadRequest> {
        let pairs = query::pairs(query).ok_or(BadRequest::NotDecodable)?;
        pairs.iter().try_for_each(check)?;
        let target = once(&pairs, "target")?.filter(|target| !target.is_empty());
        let place: DomainAndPort =
            target.ok_or(BadRequest::NoTarget)?.parse().map_err(|e| value("target", &e))?;
        let mut origin = Origin::with_defaults(place.domain);
        origin.https_port = place.port.unwrap_or(origin.https_port);
        let hosts = hosts(&pairs, most_hosts)?;
        if !hosts.is_empty() {
            let targets = hosts.iter().map(|host| Target::forwarded(host, origin.domain()));
            origin.targets = targets.collect();
        }
        if let Some(list) = once(&pairs, "ssl_protocols")? {
            let listed: Result<Vec<SslProtocol>, BadRequest> = list
                .split(',')
                .map(|each| one_of("ssl_protocols", &SslProtocol::ALL, each))
                .collect();
            origin.ssl_protocols = SslProtocols::new(listed?).unwrap_or_default();
        }
        if let Some(text) = once(&pairs, "ip_address_type")? {
            origin.ip_address_type = one_of("ip_address_type", &IpAddressType::ALL, text)?;
        }
        if let Some(text) = once(&pairs, "reachable_from_here")? {
            origin.reachable_from_here = one_of("reachable_from_here", &Reachability::ALL, text)?;
        }
        // blackbox_exporter has modules, and the Probe resource sends one: there is one way to
        // probe here, whatever it is called.
        once(&pairs, "module")?;
        let shown = match once(&pairs, "debug")? {
            Some(text) => one_of("debug", &SHOWN, text)?,
            None => Shown::Metrics,
        };
        Ok(Self { origin, shown })
    }
}

/// `hostname` is what blackbox_exporter calls it.
const HOST: [&str; 2] = ["host", "hostname"];
const ONCE: [&str; 6] =
    ["target", "ssl_protocols", "ip_address_type", "reachable_from_here", "module", "debug"];
const SHOWN: [(&str, Shown); 2] = [("true", Shown::Everything), ("false", Shown::Metrics)];
/// In bytes. No name has more than 253; a URL's path does not count, but may be there.
const LONGEST_VALUE: usize = 1024;

fn check(pair: &Pair) -> Result<(), BadRequest> {
    let name = || Excerpt::of(&pair.name);
    if !ONCE.iter().chain(&HOST).any(|known| *known == pair.name) {
        return Err(BadRequest::Unknown { name: name() });
    }
    if pair.value.len() > LONGEST_VALUE {
        return Err(BadRequest::TooLong { name: name() });
    }
    // It may stand in what the asker's terminal shows.
    match pair.value.chars().any(char::is_control) {
        true => Err(BadRequest::ControlCharacter { name: name() }),
        false => Ok(()),
    }
}

fn once<'a>(pairs: &'a [Pair], name: &'static str) -> Result<Option<&'a str>, BadRequest> {
    let mut values = pairs.iter().filter(|pair| pair.name == name).map(|pair| &*pair.value);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(BadRequest::Twice { name }),
    }
}

fn hosts(pairs: &[Pair], most: usize) -> Result<Vec<DomainName>, BadRequest> {
    let mut hosts: Vec<DomainName> = Vec::new();
    for pair in pairs.iter().filter(|pair| HOST.contains(&&*pair.name)) {
        let named = |error| value("host", &format!("{} {error}", Excerpt::of(&pair.value)));
        let host: DomainName = pair.value.parse().map_err(named)?;
        if hosts.contains(&host) {
            return Err(BadRequest::HostTwice { host });
        }
        if hosts.len() >= most {
            return Err(BadRequest::TooManyHosts { most });
        }
        hosts.push(host);
    }
    Ok(hosts)
}

fn one_of<T: Copy>(
    name: &'static str,
    all: &[(&'static str, T)],
    text: &str,
) -> Result<T, BadRequest> {
    let found = all.iter().find(|(spelling, _)| *spelling == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let spellings: Vec<&str> = all.iter().map(|(spelling, _)| *spelling).collect();
        value(name, &format!("{} is not taken; use {}", Excerpt::of(text), spellings.join(", ")))
    })
}

fn value(name: &'static str, reason: &impl ToString) -> BadRequest {
    BadRequest::Value { name, reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use crate::origin::IpAddressType;
    use crate::origin::Origin;
    use crate::origin::Reachability;
    use crate::origin::SslProtocol;
    use crate::origin::SslProtocols;
    use crate::origin::Target;

    use super::Shown;
    use super::Wanted;

    fn refusal(query: &str) -> String {
        Wanted::read(query, 2).unwrap_err().to_string()
    }

    #[test]
    fn a_target_alone_is_an_origin_with_cloudfronts_defaults() {
        let domain = "www.example.com".parse().unwrap();
        let origin = Origin::with_defaults(domain);
        for (query, port) in [
            ("target=www.example.com", 443),
            ("target=www.example.com%3A8443&module=http_2xx", 8443),
            ("target=https%3A%2F%2FWWW.example.com%2Fhealth%3Fx=1&debug=false", 443),
        ] {
            let expected = Origin { https_port: port, ..origin.clone() };
            let wanted = Wanted { origin: expected, shown: Shown::Metrics };
            assert_eq!(Wanted::read(query, 2), Ok(wanted), "{query}");
        }
    }

    #[test]
    fn every_parameter_is_taken() {
        let domain = "origin.example.com".parse().unwrap();
        let mut origin = Origin::with_defaults(domain);
        let targets = ["a.example", "b.example"]
            .map(|host| Target::forwarded(&host.parse().unwrap(), origin.domain()));
        origin.targets = targets.into();
        origin.ssl_protocols =
            SslProtocols::new(vec![SslProtocol::TlsV1_1, SslProtocol::TlsV1_2]).unwrap();
        origin.ip_address_type = IpAddressType::Dualstack;
        origin.reachable_from_here = Reachability::Reachable;
        let query = "target=origin.example.com&host=a.example&hostname=b.example&\
                     ssl_protocols=TLSv1.2,TLSv1.1&ip_address_type=dualstack&\
                     reachable_from_here=yes&module=any&debug=true";
        assert_eq!(Wanted::read(query, 2), Ok(Wanted { origin, shown: Shown::Everything }));
    }

    #[test]
    fn anything_else_is_refused_with_what_would_be_right() {
        let long = format!("target={}", "a".repeat(1025));
        for (query, expected) in [
            (
                "",
                "target is missing; give the origin's domain, such as /probe?target=www.example.com",
            ),
            (
                "target=",
                "target is missing; give the origin's domain, such as /probe?target=www.example.com",
            ),
            (
                "target=%ff",
                "the query is not percent-encoded UTF-8; write it as /probe?target=www.example.com",
            ),
            ("target=a.example%00", "the value of `target` holds a control character"),
            ("target=a.example%0d%0aX:y", "the value of `target` holds a control character"),
            (&long, "the value of `target` is longer than 1024 bytes"),
            (
                "target=a.example&tagret=b%0a",
                "`tagret` is no parameter; there are target, host, hostname, ssl_protocols, ip_address_type, reachable_from_here, module and debug",
            ),
            (
                "%1b=",
                "`\\u{1b}` is no parameter; there are target, host, hostname, ssl_protocols, ip_address_type, reachable_from_here, module and debug",
            ),
            ("target=a.example&target=b.example", "target is given twice; give it once"),
            ("target=a.example&module=a&module=a", "module is given twice; give it once"),
            (
                "target=127.0.0.1",
                "target: `127.0.0.1` is an IP address; CloudFront takes only DNS names as Origin Domain",
            ),
            (
                "target=a.example:22",
                "target: 22 is no port CloudFront takes; use 80, 443 or 1024-65535",
            ),
            (
                "target=http://a.example",
                "target: http:// has no TLS to judge; use https://, or the domain alone",
            ),
            (
                "target=a.example&host=0x7f.1",
                "host: `0x7f.1` ends in a number, which no top-level domain is",
            ),
            (
                "target=a.example&host=b.example&hostname=B.example",
                "host: b.example is given twice; give each host once",
            ),
            (
                "target=a.example&host=b.example&host=c.example&host=d.example",
                "host is given more than 2 times, as often as one probe can take",
            ),
            (
                "target=a.example&ssl_protocols=TLSv1.3",
                "ssl_protocols: `TLSv1.3` is not taken; use SSLv3, TLSv1, TLSv1.1, TLSv1.2",
            ),
            (
                "target=a.example&ssl_protocols=",
                "ssl_protocols: `` is not taken; use SSLv3, TLSv1, TLSv1.1, TLSv1.2",
            ),
            (
                "target=a.example&ip_address_type=ip4",
                "ip_address_type: `ip4` is not taken; use ipv4, ipv6, dualstack",
            ),
            ("target=a.example&debug=1", "debug: `1` is not taken; use true, false"),
        ] {
            assert_eq!(refusal(query), expected, "{query}");
        }
    }
}
