use origin_probe::origin::PlatformCertificate::None as NoCertificate;
use origin_probe::origin::PlatformCertificate::{OfCustomer, OfPlatform};
use origin_probe::origin::{Platform, Service};

fn of(name: &str) -> Option<Platform> {
    Platform::of(&name.parse().unwrap())
}

#[test]
fn a_customers_server_is_told_from_what_the_platform_serves() {
    for (name, certificate) in [
        ("shop-alb-1234567890.eu-west-1.elb.amazonaws.com", OfCustomer),
        ("shop-1234567890.elb.amazonaws.com", OfCustomer),
        ("net-1a2b3c.elb.us-east-1.amazonaws.com", OfCustomer),
        ("shop-1.cn-north-1.elb.amazonaws.com.cn", OfCustomer),
        ("shop.eba-a1b2c3d4.eu-west-1.elasticbeanstalk.com", OfCustomer),
        ("shop.elasticbeanstalk.com", OfCustomer),
        ("shop.eba-a1b2c3d4.cn-north-1.eb.amazonaws.com.cn", OfCustomer),
        ("ec2-192-0-2-7.compute-1.amazonaws.com", OfCustomer),
        ("ec2-192-0-2-7.eu-west-1.compute.amazonaws.com", OfCustomer),
        ("ec2-192-0-2-7.cn-north-1.compute.amazonaws.com.cn", OfCustomer),
        ("a1234567890abcdef.awsglobalaccelerator.com", OfCustomer),
        ("a1234567890abcdef.dualstack.awsglobalaccelerator.com", OfCustomer),
        ("vpce-0a-1b.vpce-svc-0c.eu-west-1.vpce.amazonaws.com", OfCustomer),
        ("shop.herokudns.com", OfCustomer),
        ("abc123.execute-api.eu-west-1.amazonaws.com", OfPlatform),
        ("abc123.execute-api.cn-north-1.amazonaws.com.cn", OfPlatform),
        ("abc123.eu-west-1.awsapprunner.com", OfPlatform),
        ("abc123.lambda-url.eu-west-1.on.aws", OfPlatform),
        ("abc123.lambda-url.cn-north-1.on.amazonwebservices.com.cn", OfPlatform),
        ("my.bucket.s3.eu-west-1.amazonaws.com", OfPlatform),
        ("bucket.s3.cn-north-1.amazonaws.com.cn", OfPlatform),
        ("shop.abc123.eu-west-1.cs.amazonlightsail.com", OfPlatform),
        ("main.d123.amplifyapp.com", OfPlatform),
        ("d111111abcdef8.cloudfront.net", OfPlatform),
        ("d111111abcdef8.cloudfront.cn", OfPlatform),
        ("search-shop-abc.eu-west-1.es.amazonaws.com", OfPlatform),
        ("shop.azurewebsites.net", OfPlatform),
        ("shop.z6.web.core.windows.net", OfPlatform),
        ("shop-abc-ew.a.run.app", OfPlatform),
        ("shop-1234.herokuapp.com", OfPlatform),
        ("bucket.s3-website-us-east-1.amazonaws.com", NoCertificate),
        ("bucket.s3-website.eu-central-1.amazonaws.com", NoCertificate),
        ("bucket.s3-website.cn-north-1.amazonaws.com.cn", NoCertificate),
    ] {
        assert_eq!(of(name).map(|platform| platform.certificate), Some(certificate), "{name}");
    }
}

#[test]
fn a_name_that_customers_can_have_certified_is_no_platforms() {
    for name in [
        "elb.example.com",
        "elasticbeanstalk.com",
        "shop.elb.amazonaws.com.example.com",
        "elasticbeanstalk.com.example.com",
        "myelasticbeanstalk.com",
        "shop.westeurope.cloudapp.azure.com",
        "shop.fly.dev",
        "www.shop.example",
    ] {
        assert_eq!(of(name), None, "{name}");
    }
}

#[test]
fn only_load_balancers_are_load_balancers() {
    for (name, is) in [
        ("shop-alb-1234567890.eu-west-1.elb.amazonaws.com", true),
        ("net-1a2b3c.elb.us-east-1.amazonaws.com", true),
        ("bucket.s3.amazonaws.com", false),
        ("elb.amazonaws.com", false),
        ("shop.elasticbeanstalk.com", false),
    ] {
        let is_load_balancer =
            of(name).is_some_and(|platform| platform.service == Service::LoadBalancer);
        assert_eq!(is_load_balancer, is, "{name}");
    }
}
