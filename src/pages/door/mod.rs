//! The door of the pages: who may come in, how fast, and over what.

mod clients;
mod error;
mod guard;
mod pem;
mod tls;
mod turns;
mod users;

use std::fmt;

use axum::http::HeaderName;
use axum::http::HeaderValue;
use tokio_rustls::TlsAcceptor;

pub use error::DoorError;
pub(super) use guard::Peer;
pub(super) use guard::guard;
pub(super) use guard::refuse_ambiguous;
pub(super) use turns::Client;
pub(super) use users::Gate;

use crate::config::WebFile;

use super::pace::Pace;
use users::Users;

/// What a web configuration file asks for, ready for use: its files are read, its keys fit.
///
/// A door is never changed; another one takes its place.
pub struct Door {
    settings: Option<WebFile>,
    tls: Option<TlsAcceptor>,
    headers: Vec<(HeaderName, HeaderValue)>,
    users: Users,
    pace: Option<Pace>,
}

impl Door {
    /// Returns the door of who has no web configuration file: plain HTTP, for everybody.
    pub fn open() -> Self {
        Self { settings: None, tls: None, headers: Vec::new(), users: Users::default(), pace: None }
    }

    /// Reads the files that `settings` name.
    ///
    /// # Errors
    /// When one of them cannot be read, holds something else, or does not fit the others.
    pub fn new(settings: WebFile) -> Result<Self, DoorError> {
        let tls = settings.tls.as_ref().map(tls::server_config).transpose()?;
        let header = |(name, value): &(&'static str, String)| {
            // The file's reader takes known names and printable values only.
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value).ok()?))
        };
        Ok(Self {
            tls: tls.map(TlsAcceptor::from),
            headers: settings.headers.iter().filter_map(header).collect(),
            users: Users::new(&settings.users),
            pace: settings.rate_limit.map(|limit| Pace::new(limit.interval, limit.burst)),
            settings: Some(settings),
        })
    }

    /// Returns what it was made of; `None` for the open door.
    pub fn settings(&self) -> Option<&WebFile> {
        self.settings.as_ref()
    }

    /// Returns what makes TLS of a connection; `None` for plain HTTP.
    pub(super) fn tls(&self) -> Option<&TlsAcceptor> {
        self.tls.as_ref()
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("settings", &self.settings).finish_non_exhaustive()
    }
}
