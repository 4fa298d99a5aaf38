//! The location of an origin in user input: a domain with an optional port, or a URL.

use std::str::FromStr;

use thiserror::Error;

use super::{DomainName, DomainNameError};

/// Parsed from `DOMAIN`, `DOMAIN:PORT` or an `https://` URL, whose path is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainAndPort {
    pub domain: DomainName,
    /// `None` if not given.
    pub port: Option<u16>,
}

impl FromStr for DomainAndPort {
    type Err = DomainAndPortError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Accept a URL copied from a browser. The path is ignored: TLS does not depend on it.
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

/// Why a text is not a valid location. The fields contain the input without escaping.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DomainAndPortError {
    #[error("`{domain}` {error}")]
    Domain { domain: String, error: DomainNameError },
    #[error("port {port} is not allowed by CloudFront; use 80, 443 or 1024-65535")]
    Port { port: String },
    #[error("http:// has no TLS to check; use https:// or only the domain")]
    PlainHttp,
}

/// Parses a port that CloudFront allows (guide, `DownloadDistValuesOrigin`, "HTTPS port").
fn cloudfront_port(text: &str) -> Result<u16, DomainAndPortError> {
    match text.parse() {
        Ok(port @ (80 | 443 | 1024..)) => Ok(port),
        _ => Err(DomainAndPortError::Port { port: text.to_owned() }),
    }
}
