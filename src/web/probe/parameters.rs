//! The parameters of `/probe`.

use crate::config::Shown;
use crate::origin::{
    DomainAndPort, DomainName, IpAddressType, Origin, Reachability, SslProtocol, SslProtocols,
    Target,
};

use super::super::query::{Pair, QueryError, once, one_of, read};

/// The origin to probe, and the output format.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ProbeRequest {
    pub(super) origin: Origin,
    pub(super) shown: OutputFormat,
}

/// The content of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutputFormat {
    Metrics,
    /// Everything about the probe, for people.
    Everything,
}

impl ProbeRequest {
    /// Parses a query; at most `most_hosts` hosts are accepted.
    pub(super) fn read(query: &str, most_hosts: usize) -> Result<Self, QueryError> {
        let pairs = read(query, &NAMES, "/probe?target=www.example.com")?;
        pairs.iter().try_for_each(check)?;
        let target = once(&pairs, "target")?.filter(|target| !target.is_empty());
        let place: DomainAndPort =
            target.ok_or(QueryError::NoTarget)?.parse().map_err(|e| refused("target", &e))?;
        let mut origin = Origin::with_defaults(place.domain);
        origin.https_port = place.port.unwrap_or(origin.https_port);
        let hosts = hosts(&pairs, most_hosts)?;
        if !hosts.is_empty() {
            let targets = hosts.iter().map(|host| Target::forwarded(host, origin.domain()));
            origin.targets = targets.collect();
        }
        if let Some(list) = once(&pairs, "ssl_protocols")? {
            let listed =
                list.split(',').map(|each| valid("ssl_protocols", &SslProtocol::ALL, each));
            let listed: Result<Vec<SslProtocol>, QueryError> = listed.collect();
            origin.ssl_protocols = SslProtocols::new(listed?).unwrap_or_default();
        }
        if let Some(text) = once(&pairs, "ip_address_type")? {
            origin.ip_address_type = valid("ip_address_type", &IpAddressType::ALL, text)?;
        }
        if let Some(text) = once(&pairs, "reachable_from_here")? {
            origin.reachable_from_here = valid("reachable_from_here", &Reachability::ALL, text)?;
        }
        // blackbox_exporter has modules, and the Probe resource sends one. There is only one way to
        // probe here, so the value is ignored.
        once(&pairs, "module")?;
        let shown = match once(&pairs, "debug")? {
            Some(text) => valid("debug", &SHOWN, text)?,
            None => OutputFormat::Metrics,
        };
        Ok(Self { origin, shown })
    }
}

const NAMES: [&str; 8] = [
    "target",
    "host",
    // blackbox_exporter's name for it.
    "hostname",
    "ssl_protocols",
    "ip_address_type",
    "reachable_from_here",
    "module",
    "debug",
];
const SHOWN: [(&str, OutputFormat); 2] =
    [("true", OutputFormat::Everything), ("false", OutputFormat::Metrics)];
/// In bytes. No name has more than 253, but the value may be a URL with a path, which is ignored.
const LONGEST_VALUE: usize = 1024;

fn check(pair: &Pair) -> Result<(), QueryError> {
    let name = || Shown::of(&pair.name);
    if pair.value.len() > LONGEST_VALUE {
        return Err(QueryError::TooLong { name: name(), most: LONGEST_VALUE, unit: "bytes" });
    }
    // The value may be displayed in the client's terminal.
    match pair.value.chars().any(char::is_control) {
        true => Err(QueryError::ControlCharacter { name: name() }),
        false => Ok(()),
    }
}

fn hosts(pairs: &[Pair], most: usize) -> Result<Vec<DomainName>, QueryError> {
    let mut hosts: Vec<DomainName> = Vec::new();
    for pair in pairs.iter().filter(|pair| pair.name == "host" || pair.name == "hostname") {
        let named = |error| refused("host", &format!("{} {error}", Shown::of(&pair.value)));
        let host: DomainName = pair.value.parse().map_err(named)?;
        if hosts.contains(&host) {
            return Err(QueryError::HostTwice { host });
        }
        if hosts.len() >= most {
            let advice = "use fewer hosts";
            return Err(QueryError::TooMany { name: "host", most, advice });
        }
        hosts.push(host);
    }
    Ok(hosts)
}

fn valid<T: Copy>(
    name: &'static str,
    all: &[(&'static str, T)],
    text: &str,
) -> Result<T, QueryError> {
    one_of(name, "a valid value", all, text)
}

fn refused(name: &'static str, reason: &impl ToString) -> QueryError {
    QueryError::Name { name, reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use crate::origin::{IpAddressType, Origin, Reachability, SslProtocol, SslProtocols, Target};

    use super::{OutputFormat, ProbeRequest};

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
            let wanted = ProbeRequest { origin: expected, shown: OutputFormat::Metrics };
            assert_eq!(ProbeRequest::read(query, 2), Ok(wanted), "{query}");
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
        assert_eq!(
            ProbeRequest::read(query, 2),
            Ok(ProbeRequest { origin, shown: OutputFormat::Everything })
        );
    }
}
