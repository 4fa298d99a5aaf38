//! Why a request was not probed, and the response for it.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use thiserror::Error;

use crate::chain::printable_lines;
use crate::origin::DomainName;

use super::super::plain;
use super::super::query::QueryError;

/// Why a request is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    #[error(
        "probes on request are disabled; set probe_endpoint.enabled to true and list the allowed \
         origins under probe_endpoint.allow"
    )]
    TurnedOff,
    #[error(transparent)]
    BadRequest(#[from] QueryError),
    #[error(
        "X-Prometheus-Scrape-Timeout-Seconds is not a number of seconds; omit it or send a number \
         like 10"
    )]
    TimeoutMalformed,
    #[error(
        "the scrape timeout is too short, because sending the response needs 0.5 s; increase it"
    )]
    TimeoutTooShort,
    #[error("{name} is not allowed; add it to probe_endpoint.allow.names")]
    NameNotAllowed { name: DomainName },
    #[error("port {port} is not allowed; add it to probe_endpoint.allow.ports")]
    PortNotAllowed { port: u16 },
    #[error("too many probe requests per second; retry later or less often")]
    TooOften { wait: Duration },
    #[error("too many probes are running; retry later or with fewer at once")]
    TooManyAtOnce,
}

impl Refusal {
    pub(super) fn into_response(self) -> Response {
        let (status, retry_after) = match &self {
            Self::TurnedOff | Self::NameNotAllowed { .. } | Self::PortNotAllowed { .. } => {
                (StatusCode::FORBIDDEN, None)
            }
            Self::BadRequest(_) | Self::TimeoutMalformed | Self::TimeoutTooShort => {
                (StatusCode::BAD_REQUEST, None)
            }
            Self::TooOften { wait } => {
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                (StatusCode::TOO_MANY_REQUESTS, Some(seconds))
            }
            Self::TooManyAtOnce => (StatusCode::SERVICE_UNAVAILABLE, Some(1)),
        };
        let mut response = plain(status, printable_lines(&format!("{self}\n")).into_owned());
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
