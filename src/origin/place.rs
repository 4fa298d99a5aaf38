//! Where an origin is, as people write it: a domain, a port, or the address line of a browser.

use std::str::FromStr;

use thiserror::Error;

use super::DomainName;
use super::DomainNameError;

/// `DOMAIN`, `DOMAIN:PORT`, or the same as the beginning of an `https://` URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainAndPort {
    pub domain: DomainName,
    /// `None` where it is not said.
    pub port: Option<u16>,
}

impl FromStr for DomainAndPort {
    type Err = DomainAndPortError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // What a browser's address line holds is meant all the same; TLS knows no path.
        let bare = match text.split_once("://") {
            Some(("https", rest)) => rest.split(['/', '?', '#']).next().unwrap_or(rest),
            Some(("http", _)) => return Err(DomainAndPortError::PlainHttp),
            _ => text,
        };
        let (domain, port) = match bare.rsplit_once(':') {
            Some((domain, port)) if !domain.contains(':') => (domain, Some(port)),
            _ => (bare, None),
        };
        let port = port.map(cloudfront_port).transpose()?;
        let domain = domain.parse().map_err(|error| {
            let domain = domain.to_owned();
            DomainAndPortError::Domain { domain, error }
        })?;
        Ok(Self { domain, port })
    }
}

/// Why a text is no place of an origin. What was written stands in the text as it is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DomainAndPortError {
    #[error("`{domain}` {error}")]
    Domain { domain: String, error: DomainNameError },
    #[error("{port} is no port CloudFront takes; use 80, 443 or 1024-65535")]
    Port { port: String },
    #[error("http:// has no TLS to judge; use https://, or the domain alone")]
    PlainHttp,
}

/// The ports that CloudFront takes (guide, `DownloadDistValuesOrigin`, "HTTPS port").
fn cloudfront_port(text: &str) -> Result<u16, DomainAndPortError> {
    match text.parse() {
        Ok(port @ (80 | 443 | 1024..)) => Ok(port),
        _ => Err(DomainAndPortError::Port { port: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::DomainAndPort;
    use super::DomainAndPortError;

    #[test]
    fn a_port_may_follow_the_domain_and_a_path_does_not_count() {
        for (text, domain, port) in [
            ("a.example", "a.example", None),
            ("a.example:8443", "a.example", Some(8443)),
            ("https://a.example", "a.example", None),
            ("https://a.example/", "a.example", None),
            ("https://A.example:8443/health?x=1:2#y", "a.example", Some(8443)),
            ("https://a.example?https://b.example", "a.example", None),
        ] {
            let expected = DomainAndPort { domain: domain.parse().unwrap(), port };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in [
            "",
            "a.example:0",
            "a.example:22",
            "a.example:70000",
            "a.example:",
            "192.0.2.1:443",
            "[2001:db8::1]:443",
            "a.example/path",
            "ftp://a.example",
            "https://user@a.example",
            "https://a.example\\@b.example",
            "https://",
        ] {
            assert!(wrong.parse::<DomainAndPort>().is_err(), "{wrong}");
        }
        let plain = "http://a.example/".parse::<DomainAndPort>();
        assert_eq!(plain, Err(DomainAndPortError::PlainHttp));
    }
}
