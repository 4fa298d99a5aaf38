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

#[cfg(test)]
mod tests {
    use super::OriginKind;

    #[test]
    fn amazons_own_names_are_recognised() {
        use OriginKind::{
            ApiGateway, Custom, LambdaFunctionUrl, MediaPackage, MediaStore, S3Bucket, S3Website,
        };
        for (domain, kind) in [
            ("bucket.s3.amazonaws.com", S3Bucket),
            ("my.bucket.s3.eu-west-1.amazonaws.com", S3Bucket),
            ("bucket.s3-eu-west-1.amazonaws.com", S3Bucket),
            ("bucket.s3.dualstack.eu-west-1.amazonaws.com", S3Bucket),
            ("bucket.s3.cn-north-1.amazonaws.com.cn", S3Bucket),
            ("bucket.s3-website-us-east-1.amazonaws.com", S3Website),
            ("bucket.s3-website.eu-central-1.amazonaws.com", S3Website),
            ("s3.shop.example", Custom),
            ("abc123.lambda-url.eu-west-1.on.aws", LambdaFunctionUrl),
            ("abc123.other.eu-west-1.on.aws", Custom),
            ("abc123.execute-api.eu-west-1.amazonaws.com", ApiGateway),
            ("abc.data.mediastore.eu-west-1.amazonaws.com", MediaStore),
            ("abc.mediapackage.eu-west-1.amazonaws.com", MediaPackage),
            ("abc.egress.x1.mediapackagev2.eu-west-1.amazonaws.com", MediaPackage),
            ("shop-alb-1.eu-west-1.elb.amazonaws.com", Custom),
            ("ec2-192-0-2-1.eu-west-1.compute.amazonaws.com", Custom),
            ("www.shop.example", Custom),
            ("abc123.execute-api.eu-west-1.amazonaws.com.shop.example", Custom),
        ] {
            assert_eq!(OriginKind::of(&domain.parse().unwrap()), kind, "{domain}");
        }
    }

    #[test]
    fn only_what_amazon_renews_is_managed() {
        assert!(OriginKind::S3Bucket.is_managed() && OriginKind::ApiGateway.is_managed());
        assert!(!OriginKind::S3Website.is_managed() && !OriginKind::Custom.is_managed());
    }
}
