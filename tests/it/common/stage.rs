//! The stage of tests that run the whole program: a CA and its servers, DNS, and a folder; or the
//! demo instead of them.
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::demo::Demo;
use origin_probe::demo::dns::{DnsRecord, DnsServer};
use origin_probe::demo::pki::{Authority, EndEntity, Issued, Window};
use origin_probe::demo::script::{Script, ScriptServer};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServer, TlsServerOptions};
use origin_probe::origin::Origin;
use origin_probe::probe::{ProbeOptions, Prober};
use origin_probe::report::Report;
use serde_json::{Value, json};

use super::process::{Folder, Ran};

pub const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[allow(clippy::disallowed_methods)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// A root, and certificates of it for 70 more days.
pub struct Ca {
    pub root: Authority,
    at: Timestamp,
}

impl Ca {
    pub fn new(at: Timestamp) -> Self {
        Self { root: Authority::root("Test Root", Window::days(-1000..3000, at)).unwrap(), at }
    }

    pub fn issue(&self, names: &[&str]) -> Issued {
        self.root.issue(&EndEntity::new(names, Window::days(-20..70, self.at))).unwrap()
    }

    pub fn served(&self, names: &[&str]) -> ServedCertificate {
        let issued = self.issue(names);
        ServedCertificate::new(vec![issued.der], issued.key)
    }

    /// Returns a server's options: a certificate with these names for everyone.
    pub fn options(&self, names: &[&str]) -> TlsServerOptions {
        TlsServerOptions::new(Certificates::for_everyone(self.served(names)))
    }

    /// Starts a server whose certificate has these names.
    pub async fn server(&self, names: &[&str]) -> TlsServer {
        TlsServer::start(LOOPBACK, 0, &self.options(names)).await.unwrap()
    }
}

/// Starts a server that follows a script.
pub async fn scripted(script: Script) -> ScriptServer {
    ScriptServer::start(LOOPBACK, 0, script).await.unwrap()
}

/// Starts a nameserver that finds these domains on loopback.
pub async fn dns(domains: &[&str]) -> DnsServer {
    let dns = DnsServer::start([]).await.unwrap();
    for domain in domains {
        dns.set(domain, DnsRecord::v4([Ipv4Addr::LOCALHOST])).unwrap();
    }
    dns
}

/// A folder for the daemon with the root of a CA, and a nameserver.
pub struct Stage {
    folder: Folder,
    pub ca: Ca,
    pub dns: DnsServer,
}

impl Stage {
    pub async fn new(name: &str, domains: &[&str]) -> Self {
        let (folder, ca) = (Folder::new(name), Ca::new(now()));
        folder.write("root.pem", ca.root.pem());
        Self { folder, ca, dns: dns(domains).await }
    }

    /// Returns what a configuration says of DNS, trust and loopback.
    pub fn head(&self) -> String {
        format!(
            "resolver: {{nameservers: [\"{}\"]}}\nreachability: {{assume_public: [127.0.0.0/8]}}\n\
             trust_anchors: {{extra: [root.pem]}}\n",
            self.dns.address()
        )
    }
}

impl Deref for Stage {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

/// The demo, and a folder with its root.
pub struct DemoStage {
    pub demo: Demo,
    folder: Folder,
}

/// The name of the load balancer of the demo, whose certificate names [`SITE`].
pub const LOAD_BALANCER: &str = "shop-alb-1234567890.eu-west-1.elb.amazonaws.com";
pub const SITE: &str = "www.shop.example";

impl DemoStage {
    pub async fn new(name: &str, at: Timestamp) -> Self {
        let stage = Self { demo: Demo::start(at).await.unwrap(), folder: Folder::new(name) };
        stage.write("root.pem", stage.demo.root_pem());
        stage
    }

    /// Returns the demo's configuration, with its root in that file.
    pub fn yaml(&self, root: &str) -> String {
        self.demo.config_yaml(SocketAddr::from((LOOPBACK, 0)), &self.join(root))
    }

    /// Runs a check of what the arguments name, with the demo's DNS and root.
    pub fn check(&self, what: &[&str], more: &[&str]) -> Ran {
        self.check_input(what, more, "")
    }

    /// Runs a check that reads its standard input.
    pub fn check_input(&self, what: &[&str], more: &[&str], input: &str) -> Ran {
        let nameserver = self.demo.dns().address().to_string();
        let here = ["--nameserver", &nameserver, "--trust-anchors", "root.pem"];
        let public = ["--assume-public", "127.0.0.0/8"];
        let mut command = self.program(&[&["check"], what, &here, &public, more].concat());
        // Whoever logs everything must not find a header's value there either.
        let ran = Ran::of(command.env("RUST_LOG", "trace"), input.as_bytes());
        assert!(!ran.out.contains("s3cr3t") && !ran.err.contains("s3cr3t"), "{ran:?}");
        ran
    }

    /// Checks `shop.json`, and whatever else the arguments name.
    pub fn check_shop(&self, distribution: &Value, more: &[&str]) -> Ran {
        self.write("shop.json", distribution.to_string());
        self.check(&["--distribution-config", "shop.json"], more)
    }

    /// Returns the settings of one of the demo's origins, under the scenario's id.
    pub fn origin(&self, scenario: &str, protocol_policy: &str) -> Value {
        let domain = self.demo.scenarios().find(|s| s.id == scenario).unwrap().domain;
        let port = self.demo.https_port(scenario).unwrap();
        json!({
            "Id": scenario, "DomainName": domain, "OriginPath": "",
            "CustomHeaders": {"Quantity": 1, "Items": [
                {"HeaderName": "X-Origin-Verify", "HeaderValue": "s3cr3t"}
            ]},
            "CustomOriginConfig": {
                "HTTPPort": 80, "HTTPSPort": port, "OriginProtocolPolicy": protocol_policy,
                "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}
            },
            "ConnectionAttempts": 1, "ConnectionTimeout": 2
        })
    }

    /// Returns a prober that trusts the demo's root and asks its nameserver.
    pub fn prober(&self) -> Prober {
        super::prober(self.demo.dns().address(), self.demo.root_pem(), Duration::from_secs(2))
    }
}

impl Deref for DemoStage {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

/// Managed policies.
pub const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";
pub const EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
pub const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
pub const CONSOLE_DEFAULT: &str = "83da9c7e-98b4-4e11-a168-04f0df8e2c65";

/// Returns a behavior with these policies that leads to `target`.
pub fn behavior(target: &str, cache: &str, origin_request: &str) -> Value {
    json!({
        "TargetOriginId": target, "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
        "CachePolicyId": cache, "OriginRequestPolicyId": origin_request
    })
}

/// Returns the configuration of a distribution with one alias, in the form of
/// `get-distribution`.
pub fn distribution(origins: &[Value], default: Value) -> Value {
    json!({"ETag": "E3", "Distribution": {
        "Id": "E1SHOP", "ARN": "arn:aws:cloudfront::123456789012:distribution/E1SHOP",
        "DomainName": "d111.cloudfront.net",
        "DistributionConfig": {
            "Aliases": {"Quantity": 1, "Items": [SITE]},
            "Origins": {"Quantity": origins.len(), "Items": origins},
            "OriginGroups": {"Quantity": 0},
            "DefaultCacheBehavior": default,
            "CacheBehaviors": {"Quantity": 0},
            "Comment": "", "Enabled": true, "Staging": false
        }
    }})
}

/// Returns a place in the configuration to be changed.
pub fn setting<'a>(distribution: &'a mut Value, name: &str) -> &'a mut Value {
    &mut distribution["Distribution"]["DistributionConfig"][name]
}

/// Probes an origin once, and judges what was seen.
pub async fn probed(prober: &Prober, origin: Arc<Origin>, at: Timestamp) -> Report {
    let observation = prober.probe(origin, &ProbeOptions::default(), at).await;
    Report::new(None, Arc::new(observation), at)
}
