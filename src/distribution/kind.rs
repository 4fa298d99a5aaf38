//! The kind of an origin, recognized by domain names that Amazon assigns.

use crate::origin::{DomainName, Platform, Service};

/// The kind of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginKind {
    /// A customer's server or load balancer.
    Custom,
    S3Bucket,
    /// Supports plain HTTP only (S3 guide, `WebsiteEndpoints`).
    S3Website,
    LambdaFunctionUrl,
    ApiGateway,
    MediaStore,
    MediaPackage,
    /// A private resource of unknown kind.
    Vpc,
}

impl OriginKind {
    /// Returns the kind of the origin at a domain.
    pub fn of(domain: &DomainName) -> Self {
        match Platform::of(domain).map(|platform| platform.service) {
            Some(Service::S3Bucket) => Self::S3Bucket,
            Some(Service::S3Website) => Self::S3Website,
            Some(Service::LambdaFunctionUrl) => Self::LambdaFunctionUrl,
            Some(Service::ApiGateway) => Self::ApiGateway,
            Some(Service::MediaStore) => Self::MediaStore,
            Some(Service::MediaPackage) => Self::MediaPackage,
            Some(Service::LoadBalancer | Service::CloudFront | Service::Other) | None => {
                Self::Custom
            }
        }
    }

    /// Returns whether Amazon renews the certificate.
    pub fn is_managed(self) -> bool {
        match self {
            Self::S3Bucket
            | Self::LambdaFunctionUrl
            | Self::ApiGateway
            | Self::MediaStore
            | Self::MediaPackage => true,
            Self::Custom | Self::S3Website | Self::Vpc => false,
        }
    }

    /// Returns the label value; `None` for custom origins.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Custom => None,
            Self::S3Bucket => Some("s3"),
            Self::S3Website => Some("s3-website"),
            Self::LambdaFunctionUrl => Some("lambda-function-url"),
            Self::ApiGateway => Some("api-gateway"),
            Self::MediaStore => Some("mediastore"),
            Self::MediaPackage => Some("mediapackage"),
            Self::Vpc => Some("vpc"),
        }
    }
}
