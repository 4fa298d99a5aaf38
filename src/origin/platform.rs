//! Domain names assigned by hosting platforms. Customers cannot get certificates for them.

use super::DomainName;

/// A kind of resource that has a name assigned by its platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    pub service: Service,
    /// As part of a sentence: `an EC2 instance`.
    pub what: &'static str,
    pub certificate: PlatformCertificate,
}

/// The services with special rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    LoadBalancer,
    S3Bucket,
    S3Website,
    LambdaFunctionUrl,
    ApiGateway,
    MediaStore,
    MediaPackage,
    CloudFront,
    Other,
}

/// The certificate served for the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlatformCertificate {
    /// The certificate of the customer's server. It can never contain the name: the platform owns
    /// the domain, so public CAs and ACM do not issue certificates for it to customers.
    OfCustomer,
    /// The platform's certificate, which contains the name. The customer cannot replace it.
    OfPlatform,
    /// None: the name supports plain HTTP only.
    None,
}

impl Platform {
    /// Recognizes a platform's name; `None` for a name that may be the customer's own.
    pub fn of(name: &DomainName) -> Option<Self> {
        let name = name.as_str();
        for suffix in [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"] {
            if let Some(rest) = name.strip_suffix(suffix) {
                return Some(of_amazonaws(rest));
            }
        }
        let is_lambda = |rest: &str| rest.rsplit('.').nth(1) == Some("lambda-url");
        let on = name.strip_suffix(".on.aws");
        if on.or_else(|| name.strip_suffix(".on.amazonwebservices.com.cn")).is_some_and(is_lambda) {
            return Some(LAMBDA);
        }
        let is_below = |suffix: &str| {
            name.strip_suffix(suffix).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        };
        SUFFIXES.iter().find(|(suffix, _)| is_below(suffix)).map(|(_, platform)| *platform)
    }
}

/// Returns the service that a name below `amazonaws.com` belongs to, from the labels before that.
fn of_amazonaws(rest: &str) -> Platform {
    use PlatformCertificate::{OfCustomer, OfPlatform};
    // In BUCKET.s3.REGION, the bucket name may contain dots; only the labels after it matter.
    let labels: Vec<&str> = rest.rsplit('.').take(4).collect();
    let label = |position: usize| labels.get(position).copied().unwrap_or_default();
    let (last, service) = (label(0), label(1));
    let is_load_balancer = labels.len() > 1 && (last == "elb" || service == "elb");
    match (service, last) {
        // Guide, `restrict-access-to-load-balancer`.
        _ if is_load_balancer => platform(Service::LoadBalancer, "a load balancer", OfCustomer),
        // EC2 guide, `using-instance-addressing`, "Public hostnames".
        (_, "compute-1" | "compute") if labels.len() > 1 => of_customer("an EC2 instance"),
        (_, "vpce") => of_customer("a VPC endpoint"),
        (_, "eb") if labels.len() > 1 => of_customer("an Elastic Beanstalk environment"),
        // S3 guide, `WebsiteEndpoints`: "website endpoints do not support HTTPS".
        (_, last) if last.starts_with("s3-website-") => WEBSITE,
        ("s3-website", _) => WEBSITE,
        (_, last) if last == "s3" || last.starts_with("s3-") => BUCKET,
        ("s3", _) => BUCKET,
        ("dualstack", _) if label(2) == "s3" => BUCKET,
        ("execute-api", _) => platform(Service::ApiGateway, "an API Gateway API", OfPlatform),
        ("mediastore", _) if label(2) == "data" => {
            platform(Service::MediaStore, "a MediaStore container", OfPlatform)
        }
        ("mediapackage" | "mediapackagev2", _) => {
            platform(Service::MediaPackage, "a MediaPackage endpoint", OfPlatform)
        }
        _ => of_platform("an AWS service"),
    }
}

const WEBSITE: Platform =
    platform(Service::S3Website, "an S3 website endpoint", PlatformCertificate::None);
const BUCKET: Platform =
    platform(Service::S3Bucket, "an S3 bucket", PlatformCertificate::OfPlatform);

const fn platform(
    service: Service,
    what: &'static str,
    certificate: PlatformCertificate,
) -> Platform {
    Platform { service, what, certificate }
}

const fn of_customer(what: &'static str) -> Platform {
    platform(Service::Other, what, PlatformCertificate::OfCustomer)
}

const fn of_platform(what: &'static str) -> Platform {
    platform(Service::Other, what, PlatformCertificate::OfPlatform)
}

/// Parent domains of platform names. A longer domain precedes those that are a suffix of it.
///
/// The list excludes platforms whose customers can get and install a certificate for their name,
/// such as `cloudapp.azure.com` and `fly.dev`.
const SUFFIXES: [(&str, Platform); 36] = [
    ("elasticbeanstalk.com", of_customer("an Elastic Beanstalk environment")),
    ("awsglobalaccelerator.com", of_customer("a Global Accelerator")),
    ("awsapprunner.com", of_platform("an App Runner service")),
    ("amplifyapp.com", of_platform("an Amplify app")),
    ("amazonlightsail.com", of_platform("a Lightsail container service")),
    ("cloudfront.net", CLOUDFRONT),
    ("cloudfront.cn", CLOUDFRONT),
    ("on.aws", of_platform("an AWS service")),
    ("on.amazonwebservices.com.cn", of_platform("an AWS service")),
    ("api.aws", of_platform("an AWS service")),
    // Azure
    ("azurewebsites.net", of_platform("an Azure App Service app")),
    ("azurefd.net", of_platform("an Azure Front Door endpoint")),
    ("azureedge.net", of_platform("an Azure CDN endpoint")),
    ("azurestaticapps.net", of_platform("an Azure static web app")),
    ("azurecontainerapps.io", of_platform("an Azure container app")),
    ("azure-api.net", of_platform("an Azure API Management service")),
    ("core.windows.net", of_platform("an Azure storage account")),
    // Google
    ("run.app", of_platform("a Cloud Run service")),
    ("appspot.com", of_platform("an App Engine app")),
    ("cloudfunctions.net", of_platform("a Cloud Function")),
    ("web.app", of_platform("a Firebase Hosting site")),
    ("firebaseapp.com", of_platform("a Firebase Hosting site")),
    ("googleapis.com", of_platform("a Google API")),
    // Others. DNS targets serve the certificates of the customers' own domains.
    ("herokuapp.com", of_platform("a Heroku app")),
    ("herokudns.com", of_customer("a Heroku DNS target")),
    ("vercel.app", of_platform("a Vercel deployment")),
    ("vercel-dns.com", of_customer("a Vercel DNS target")),
    ("netlify.app", of_platform("a Netlify site")),
    ("pages.dev", of_platform("a Cloudflare Pages site")),
    ("workers.dev", of_platform("a Cloudflare Worker")),
    ("github.io", of_platform("a GitHub Pages site")),
    ("gitlab.io", of_platform("a GitLab Pages site")),
    ("onrender.com", of_platform("a Render service")),
    ("ondigitalocean.app", of_platform("a DigitalOcean app")),
    ("fastly.net", of_platform("a Fastly service")),
    ("akamaized.net", of_platform("an Akamai property")),
];

const LAMBDA: Platform =
    platform(Service::LambdaFunctionUrl, "a Lambda function URL", PlatformCertificate::OfPlatform);
const CLOUDFRONT: Platform =
    platform(Service::CloudFront, "a CloudFront distribution", PlatformCertificate::OfPlatform);
