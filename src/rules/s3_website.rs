//! An S3 website endpoint, which does not speak HTTPS.

use crate::observation::Observation;
use crate::origin::Platform;
use crate::origin::Service;

use super::finding::Violation;
use super::repair;

/// Gives a failure to connect or to speak TLS the remedy for an S3 website, if the origin is one.
pub(super) fn with_remedy(observation: &Observation, violation: Violation) -> Violation {
    let domain = observation.origin.domain();
    if Platform::of(domain).is_none_or(|platform| platform.service != Service::S3Website) {
        return violation;
    }
    violation
        .with_remedy(format!(
            "{domain} is an S3 website endpoint, and these speak plain HTTP only: set the origin protocol policy (OriginProtocolPolicy) to http-only, or use the bucket itself as an S3 origin."
        ))
        .with_repair(&repair::S3_WEBSITE)
}
