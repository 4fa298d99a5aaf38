//! The connection settings of one origin, from the values in its distribution.

use std::time::Duration;

use crate::origin::{
    CONNECTION_ATTEMPTS, CONNECTION_TIMEOUT, IpAddressType, Origin, OriginMtls, ProtocolPolicy,
    SslProtocol, SslProtocols,
};

use super::{CustomOrigin, IssueKind, OriginSettings};

/// Sets how CloudFront connects to `origin`, from the settings of its kind.
///
/// # Errors
/// Returns an error if a value cannot be used. Values that are replaced with an assumption are
/// added to `assumptions` instead.
pub(super) fn connect(
    origin: &mut Origin,
    custom: &CustomOrigin,
    assumptions: &mut Vec<IssueKind>,
) -> Result<(), IssueKind> {
    origin.https_port = match u16::try_from(custom.https_port) {
        Ok(port @ (80 | 443 | 1024..)) => port,
        _ => return Err(IssueKind::Port { value: custom.https_port }),
    };
    let Some(policy) = find(&ProtocolPolicy::ALL, &custom.protocol_policy) else {
        let value = custom.protocol_policy.clone();
        return Err(IssueKind::UnusableValue { setting: "OriginProtocolPolicy", value });
    };
    origin.protocol_policy = policy;
    if let Some(written) = &custom.ip_address_type {
        origin.ip_address_type = find(&IpAddressType::ALL, written).unwrap_or_else(|| {
            assumptions.push(IssueKind::UnknownValue {
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

/// Sets the connection attempts of `origin` and their timeout.
pub(super) fn try_for(
    origin: &mut Origin,
    settings: &OriginSettings,
    assumptions: &mut Vec<IssueKind>,
) {
    let mut out_of_range = |setting, value, assumed| {
        assumptions.push(IssueKind::OutOfRange { setting, value, assumed });
    };
    match settings.connection_attempts {
        None => {}
        Some(attempts @ 1..=3) => origin.connection_attempts = attempts as u8,
        Some(value) => {
            out_of_range("ConnectionAttempts", value, CONNECTION_ATTEMPTS.to_string());
        }
    }
    match settings.connection_timeout {
        None => {}
        Some(seconds @ 1..=10) => {
            origin.connection_timeout = Duration::from_secs(seconds.unsigned_abs());
        }
        Some(value) => {
            let assumed = format!("{} s", CONNECTION_TIMEOUT.as_secs());
            out_of_range("ConnectionTimeout", value, assumed);
        }
    }
}

/// Returns the fixed settings for buckets: CloudFront uses the viewer's protocol (guide,
/// `using-https-cloudfront-to-s3-origin`).
pub(super) fn of_bucket() -> CustomOrigin {
    CustomOrigin {
        https_port: 443,
        protocol_policy: ProtocolPolicy::MatchViewer.as_str().into(),
        ssl_protocols: Vec::new(),
        ip_address_type: None,
        origin_mtls: OriginMtls::NotConfigured,
    }
}

fn ssl_protocols(custom: &CustomOrigin, assumptions: &mut Vec<IssueKind>) -> SslProtocols {
    let mut listed = Vec::new();
    for written in &custom.ssl_protocols {
        match find(&SslProtocol::ALL, written) {
            Some(protocol) => listed.push(protocol),
            None => assumptions.push(IssueKind::UnknownValue {
                setting: "OriginSslProtocols",
                value: written.clone(),
                assumed: "the other listed versions, or TLSv1.2 if there are none",
            }),
        }
    }
    SslProtocols::new(listed).unwrap_or_default()
}

/// Returns the value with this spelling in a table of all values.
pub(super) fn find<T: Copy>(all: &[(&'static str, T)], written: &str) -> Option<T> {
    all.iter().find(|(spelling, _)| *spelling == written).map(|(_, value)| *value)
}
