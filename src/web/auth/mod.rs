//! Access to the pages: users, logins and the rate limit.

mod authenticate;
mod login_queue;
mod users;

use std::fmt;

use axum::http::{HeaderName, HeaderValue};
use tokio_rustls::TlsAcceptor;

pub(super) use authenticate::{Peer, authenticate, refuse_ambiguous};
pub(super) use login_queue::Client;
pub(super) use users::Logins;

use crate::config::WebFile;

use super::rate_limiter::RateLimiter;
use super::tls;
use super::tls::WebAccessError;
use users::Users;

/// The access rules of a web configuration file, ready for use: its files are read and its keys
/// match.
///
/// It is immutable; a reload replaces it.
#[derive(Default)]
pub struct WebAccess {
    settings: Option<WebFile>,
    tls: Option<TlsAcceptor>,
    headers: Vec<(HeaderName, HeaderValue)>,
    users: Users,
    rate_limiter: Option<RateLimiter>,
}

impl WebAccess {
    /// Returns the access without a web configuration file: plain HTTP without authentication.
    pub fn open() -> Self {
        Self::default()
    }

    /// Reads the files that `settings` names.
    ///
    /// # Errors
    /// If one of them cannot be read, has other content, or does not match the others.
    pub fn new(settings: WebFile) -> Result<Self, WebAccessError> {
        let tls = settings.tls.as_ref().map(tls::server_config).transpose()?;
        let header = |(name, value): &(&'static str, String)| {
            // The file's parser accepts only known names and printable values.
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value).ok()?))
        };
        Ok(Self {
            tls: tls.map(TlsAcceptor::from),
            headers: settings.headers.iter().filter_map(header).collect(),
            users: Users::new(&settings.users),
            rate_limiter: settings
                .rate_limit
                .map(|limit| RateLimiter::new(limit.interval, limit.burst)),
            settings: Some(settings),
        })
    }

    /// Returns the settings it was created from; `None` without a web configuration file.
    pub fn settings(&self) -> Option<&WebFile> {
        self.settings.as_ref()
    }

    /// Returns the TLS acceptor; `None` for plain HTTP.
    pub(super) fn tls(&self) -> Option<&TlsAcceptor> {
        self.tls.as_ref()
    }
}

impl fmt::Debug for WebAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebAccess").field("settings", &self.settings).finish_non_exhaustive()
    }
}
