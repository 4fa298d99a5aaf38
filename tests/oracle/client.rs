//! CloudFront's side of a handshake, played by AWS's library.

use std::time::Duration;

use origin_probe::origin::ReferenceId;
use s2n_tls::callbacks::{VerifyHostNameCallback, WallClock};
use s2n_tls::config::{Builder, Config};
use s2n_tls::error::Error;
use s2n_tls::security::Policy;

use super::table::now;

/// The instant of the table.
struct Now;

impl WallClock for Now {
    fn get_time_since_epoch(&self) -> Duration {
        Duration::from_secs(now().as_second().unsigned_abs())
    }
}

/// AWS's name for CloudFront's offer from TLS 1.2 on.
pub(super) const FROM_TLS_1_2: &str = "CloudFront-Upstream-TLS-1-2-2025";

/// Begins the configuration of a client with one of CloudFront's offers and no trust anchors.
pub(super) fn offering(policy: &str) -> Result<Builder, Error> {
    let mut config = Config::builder();
    config
        .with_system_certs(false)?
        .set_security_policy(&Policy::from_version(policy)?)?
        .set_wall_clock(Now)?
        .set_max_blinding_delay(0)?;
    Ok(config)
}

/// The names of which the certificate must carry one.
pub(super) struct Accepted(pub(super) Vec<ReferenceId>);

impl VerifyHostNameCallback for Accepted {
    fn verify_host_name(&self, presented: &str) -> bool {
        // As the library does by itself: a wildcard stands for exactly one left-most label.
        let matches = |accepted: &str| match presented.strip_prefix("*.") {
            Some(parent) => accepted.split_once('.').is_some_and(|(label, rest)| {
                !label.is_empty() && rest.eq_ignore_ascii_case(parent)
            }),
            None => accepted.eq_ignore_ascii_case(presented),
        };
        self.0.iter().any(|accepted| matches(&accepted.to_string()))
    }
}
