//! The demo's origins, distributions over them, and the program run on these.

use std::path::PathBuf;
use std::process::Stdio;

use jiff::Timestamp;
use origin_probe::demo::Demo;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

pub(super) const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";
pub(super) const EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
pub(super) const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
pub(super) const CONSOLE_DEFAULT: &str = "83da9c7e-98b4-4e11-a168-04f0df8e2c65";

/// The name of the load balancer of the demo, whose certificate names [`SITE`].
pub(super) const LOAD_BALANCER: &str = "shop-alb-1234567890.eu-west-1.elb.amazonaws.com";
pub(super) const SITE: &str = "www.shop.example";

/// What the program said.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl Ran {
    /// Returns the origins printed as JSON.
    pub(super) fn json(&self) -> Vec<Value> {
        let line = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {self:?}"));
        self.out.lines().map(line).collect()
    }
}

pub(super) struct Stage {
    pub(super) demo: Demo,
    folder: PathBuf,
}

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}

impl Stage {
    pub(super) async fn set(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("distributions").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let stage = Self { demo: Demo::start(now()).await.unwrap(), folder };
        stage.file("root.pem", stage.demo.root_pem());
        stage
    }

    pub(super) fn file(&self, name: &str, content: &str) {
        std::fs::write(self.folder.join(name), content).unwrap();
    }

    /// Returns the settings of one of the demo's origins, under the scenario's id.
    pub(super) fn origin(&self, scenario: &str, protocol_policy: &str) -> Value {
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

    /// Checks `shop.json`, and whatever else the arguments name.
    pub(super) async fn check(&self, distributions: &Value, more: &[&str]) -> Ran {
        self.file("shop.json", &distributions.to_string());
        let mut arguments = vec!["--distribution-config", "shop.json"];
        arguments.extend(more);
        self.run(&arguments, "").await
    }

    /// Runs a check in the stage's folder.
    pub(super) async fn run(&self, more: &[&str], input: &str) -> Ran {
        let nameserver = self.demo.dns().address().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_origin-probe"));
        command.args(["check", "--nameserver", &nameserver, "--trust-anchors", "root.pem"]);
        command.args(["--assume-public", "127.0.0.0/8"]).args(more).current_dir(&self.folder);
        // Whoever logs everything must not find a header's value there either.
        command.env("RUST_LOG", "trace");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that has not read to the end is no failure of the writer.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        let ran = Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!ran.err.contains("panicked"), "{ran:?}");
        assert!(!ran.out.contains("s3cr3t") && !ran.err.contains("s3cr3t"), "{ran:?}");
        ran
    }
}

/// Returns a behavior with these policies that leads to `target`.
pub(super) fn behavior(target: &str, cache: &str, origin_request: &str) -> Value {
    json!({
        "TargetOriginId": target, "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
        "CachePolicyId": cache, "OriginRequestPolicyId": origin_request
    })
}

/// Returns the configuration of a distribution with one alias, in the form of
/// `get-distribution`.
pub(super) fn distribution(origins: &[Value], default: Value) -> Value {
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
pub(super) fn setting<'a>(distribution: &'a mut Value, name: &str) -> &'a mut Value {
    &mut distribution["Distribution"]["DistributionConfig"][name]
}
