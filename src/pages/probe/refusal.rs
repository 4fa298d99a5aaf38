//! Why nothing was probed, and how the asker is told.

use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Response;
use thiserror::Error;

use crate::origin::DomainName;
use crate::report::printable_lines;

use super::super::plain;
use super::parameters::BadRequest;

/// Why a request is not followed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    #[error(
        "probes on request are turned off; set probe_endpoint.enabled to true, and list under \
         probe_endpoint.allow what may be asked for"
    )]
    TurnedOff,
    #[error(transparent)]
    BadRequest(#[from] BadRequest),
    #[error(
        "X-Prometheus-Scrape-Timeout-Seconds is no number of seconds; leave it out, or send one such as 10"
    )]
    TimeoutMalformed,
    #[error(
        "the scrape timeout leaves no time, for the answer needs 0.5 s to get there; make it longer"
    )]
    TimeoutTooShort,
    #[error("{name} may not be asked for; probe_endpoint.allow.names has to list it")]
    NameNotAllowed { name: DomainName },
    #[error("port {port} may not be asked for; probe_endpoint.allow.ports has to list it")]
    PortNotAllowed { port: u16 },
    #[error("too many probes are asked for in a second; ask again later, or less often")]
    TooOften { wait: Duration },
    #[error("too many probes are under way; ask again later, or for fewer at once")]
    TooManyAtOnce,
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::TurnedOff | Self::NameNotAllowed { .. } | Self::PortNotAllowed { .. } => {
                StatusCode::FORBIDDEN
            }
            Self::BadRequest(_) | Self::TimeoutMalformed | Self::TimeoutTooShort => {
                StatusCode::BAD_REQUEST
            }
            Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TooManyAtOnce => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the seconds after which it is worth to ask again.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooOften { wait } => Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
            Self::TooManyAtOnce => Some(1),
            _ => None,
        }
    }

    /// Returns the answer.
    pub(super) fn into_response(self) -> Response {
        let mut response = plain(self.status(), printable_lines(&format!("{self}\n")).into_owned());
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
