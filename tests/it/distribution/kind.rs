use origin_probe::distribution::OriginKind;

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
