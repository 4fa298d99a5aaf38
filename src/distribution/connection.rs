//! How CloudFront connects to one origin, from its settings as written.

use std::time::Duration;

use crate::origin::CONNECTION_ATTEMPTS;
use crate::origin::CONNECTION_TIMEOUT;
use crate::origin::IpAddressType;
use crate::origin::Origin;
use crate::origin::OriginMtls;
use crate::origin::ProtocolPolicy;
use crate::origin::SslProtocol;
use crate::origin::SslProtocols;

use super::CustomOrigin;
use super::Obstacle;
use super::OriginSettings;

/// Writes into `origin` how CloudFront connects to it, by the settings of its kind. Returns why
/// that cannot be told; what is assumed instead of a value goes to `assumptions`.
pub(super) fn connect(
    origin: &mut Origin,
    custom: &CustomOrigin,
    assumptions: &mut Vec<Obstacle>,
) -> Result<(), Obstacle> {
    origin.https_port = match u16::try_from(custom.https_port) {
        Ok(port @ (80 | 443 | 1024..)) => port,
        _ => return Err(Obstacle::Port { value: custom.https_port }),
    };
    let Some(policy) = find(&ProtocolPolicy::ALL, &custom.protocol_policy) else {
        let value = custom.protocol_policy.clone();
        return Err(Obstacle::UnusableValue { setting: "OriginProtocolPolicy", value });
    };
    origin.protocol_policy = policy;
    if let Some(written) = &custom.ip_address_type {
        origin.ip_address_type = find(&IpAddressType::ALL, written).unwrap_or_else(|| {
            assumptions.push(Obstacle::UnknownValue {
                setting: "IpAddressType",
                value: written.clone(),
                assumed: "ipv4",
            });
            IpAddressType::Ipv4
        });
    }
    origin.ssl_protocols = ssl_protocols(custom, assumptions);
    origin.origin_mtls = custom.origin_mtls;
    Ok(())
}

/// Writes into `origin` how often and how long CloudFront tries.
pub(super) fn try_for(
    origin: &mut Origin,
    settings: &OriginSettings,
    assumptions: &mut Vec<Obstacle>,
) {
    if let Some(attempts) = settings.connection_attempts {
        origin.connection_attempts = match u8::try_from(attempts) {
            Ok(attempts @ 1..=3) => attempts,
            _ => {
                assumptions.push(Obstacle::OutOfRange {
                    setting: "ConnectionAttempts",
                    value: attempts,
                    assumed: CONNECTION_ATTEMPTS.to_string(),
                });
                CONNECTION_ATTEMPTS
            }
        };
    }
    if let Some(seconds) = settings.connection_timeout {
        origin.connection_timeout = match u64::try_from(seconds) {
            Ok(seconds @ 1..=10) => Duration::from_secs(seconds),
            _ => {
                assumptions.push(Obstacle::OutOfRange {
                    setting: "ConnectionTimeout",
                    value: seconds,
                    assumed: format!("{} s", CONNECTION_TIMEOUT.as_secs()),
                });
                CONNECTION_TIMEOUT
            }
        };
    }
}

/// Returns what CloudFront uses towards a bucket: the viewer's protocol, and nothing that can be
/// set (guide, `using-https-cloudfront-to-s3-origin`).
pub(super) fn of_bucket() -> CustomOrigin {
    CustomOrigin {
        https_port: 443,
        protocol_policy: ProtocolPolicy::MatchViewer.as_str().into(),
        ssl_protocols: Vec::new(),
        ip_address_type: None,
        origin_mtls: OriginMtls::NotConfigured,
    }
}

fn ssl_protocols(custom: &CustomOrigin, assumptions: &mut Vec<Obstacle>) -> SslProtocols {
    let mut listed = Vec::new();
    for written in &custom.ssl_protocols {
        match find(&SslProtocol::ALL, written) {
            Some(protocol) => listed.push(protocol),
            None => assumptions.push(Obstacle::UnknownValue {
                setting: "OriginSslProtocols",
                value: written.clone(),
                assumed: "the rest of the list, or else TLSv1.2,",
            }),
        }
    }
    SslProtocols::new(listed).unwrap_or_default()
}

fn find<T: Copy>(all: &[(&'static str, T)], written: &str) -> Option<T> {
    all.iter().find(|(spelling, _)| *spelling == written).map(|(_, value)| *value)
}
