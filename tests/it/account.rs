//! The daemon as a process over distributions of a double of AWS: found, followed, and kept while
//! the API fails.

use std::process::Command;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::common::api_documents::{
    Distribution, SECRET, custom_origin, distribution_list, filled, origin, origin_with,
};
use crate::common::api_double::{Answer, ApiDouble};
use crate::common::moto::Moto;
use crate::common::process::{Folder, NO_DNS, Process, Ran, without_aws};
use crate::common::stage::{
    ALL_VIEWER as ALL, CACHING_DISABLED as NO_CACHE, EXCEPT_HOST as ALL_BUT_HOST, Stage,
};

const LOAD_BALANCER: &str = "shop-1234.elb.example.com";
const SITE: &str = "www.example.com";
const ACCOUNT: &str = "999988887777";
/// Returns a distribution's configuration with one origin, an alias and an origin request policy.
fn config(reference: &str, origin: &str, policy: &str) -> String {
    let document = include_str!("common/documents/distribution_config.xml");
    let document = filled(document, &[("site", SITE), ("no_cache", NO_CACHE), ("policy", policy)]);
    filled(&document, &[("reference", reference), ("origin", origin)])
}

/// Returns the daemon's command, which knows of AWS only what stands here.
fn command(folder: &Folder, url: &str, account: &str, head: &str) -> Command {
    let mut command = folder.serve(&format!(
        "web: {{listen: \"127.0.0.1:0\"}}\n{head}discovery: {{cloudfront: [{{name: shop, \
         endpoint_url: '{url}', {account}}}]}}\n"
    ));
    without_aws(&mut command).envs([
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
        ("AWS_REGION", "us-east-1"),
    ]);
    command
}

/// Starts the daemon in a folder of its own.
async fn daemon(name: &str, url: &str, account: &str, head: &str) -> Process {
    Process::start(command(&Folder::new(name), url, account, head)).await
}

fn of_source(name: &str) -> String {
    format!("origin_probe_discovery_{name}{{source=\"cloudfront:shop\"}}")
}

/// The classic: Origin Domain is the load balancer's own name, the certificate names the site.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_changed_is_followed_and_the_finding_goes() {
    let Some(moto) = Moto::start().await else { return };
    let stage = Stage::new("cloudfront-classic", &[LOAD_BALANCER]).await;
    let server = stage.ca.server(&[SITE]).await;
    let https = custom_origin(server.address().port(), "https-only", "TLSv1.2");
    let origin = origin_with("app", LOAD_BALANCER, &https);
    let id = moto.create(&config("a", &origin, ALL_BUT_HOST)).await;

    let head = stage.head().replace("extra:", "mozilla: false, extra:")
        + "probe: {interval: 1s, reachable_from_here: yes}\n";
    let url = format!("http://{}", moto.address);
    let process = Process::start(command(&stage, &url, "refresh: 1d", &head)).await;

    let series = |name: &str, server_name: &str, more: &str| {
        format!(
            "cloudfront_origin_{name}{{distribution=\"{id}\",origin=\"app\",\
             domain=\"{LOAD_BALANCER}\",server_name=\"{server_name}\"{more}}}"
        )
    };
    let violated = ",rule=\"name-not-in-certificate\",effect=\"fails\",status=\"502\"";
    process.shows(&series("failing", LOAD_BALANCER, ""), "1").await;
    process.shows(&series("violation", LOAD_BALANCER, violated), "1").await;
    let behavior = |name: &str, path: &str, protocol: &str| {
        format!(
            "cloudfront_behavior_{name}{{distribution=\"{id}\",path_pattern=\"{path}\",\
             viewer_protocol=\"{protocol}\"}}"
        )
    };
    for (path, protocol) in [("*", "https"), ("/api/*", "https"), ("/api/*", "http")] {
        process.shows(&behavior("failing", path, protocol), "1").await;
        process.shows(&behavior("undecided", path, protocol), "0").await;
        process.shows(&behavior("degraded", path, protocol), "0").await;
    }
    let (_, body) = process.ask("GET", "/api/v1/origins").await;
    let told: Value = serde_json::from_str(&body).unwrap();
    let seen = &told["origins"][0];
    let mut impact = seen["impact"].as_array().unwrap().clone();
    impact.retain(|one| one["outcome"] == "fails" && one["viewer_hosts"] == json!([SITE]));
    let of = |one: &Value| json!([one["path_pattern"], one["viewer_protocol"], one["status"]]);
    let hit: Vec<Value> = impact.iter().map(of).collect();
    let hits = json!([["/api/*", "https", 502], ["/api/*", "http", 502], ["*", "https", 502]]);
    assert_eq!(json!(hit), hits);
    let remedy = seen["violations"][0]["remedy"].as_str().unwrap();
    let setting = format!("Origin `app` of distribution {id}: its DomainName is {LOAD_BALANCER}");
    assert!(remedy.contains(&setting), "{remedy}");
    let call = format!("See it with: aws cloudfront get-distribution-config --id {id}");
    assert!(remedy.contains(&call), "{remedy}");

    // What is refreshed once a day is refreshed at once with a reload.
    moto.update(&id, &config("a", &origin, ALL)).await;
    assert_eq!(process.ask("POST", "/-/reload").await.0, 200);
    process.shows(&series("failing", SITE, ""), "0").await;
    assert_eq!(process.metric(&series("failing", LOAD_BALANCER, "")).await, None);
    assert_eq!(process.metric(&series("violation", SITE, violated)).await, None);
    process.shows(&behavior("failing", "*", "https"), "0").await;
    process.shows(&behavior("failing", "/api/*", "http"), "0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_good_list_stays_in_use_and_no_secret_is_told() {
    let Some(moto) = Moto::start().await else { return };
    let mut ids = Vec::new();
    for number in 0..160 {
        let origin = origin("app", &format!("o{number}.example.com"));
        ids.push(moto.create(&config(&number.to_string(), &origin, ALL)).await);
    }
    let double = ApiDouble::start(Some(moto.address), |_| Answer::PassOn).await;
    let head = format!("{NO_DNS}log: {{level: trace}}\n");
    let account = "labels: [distribution_arn]";
    let process = daemon("cloudfront-last-good", &double.url(), account, &head).await;
    process.shows("origin_probe_origins", "160").await;
    let pages = double.asked().iter().filter(|request| request.path() == "/distribution").count();
    assert_eq!(pages, 2);
    process.shows(&of_source("last_refresh_successful"), "1").await;

    // The second page is refused, then it does not come, then it is another's.
    for (answer, fault, words) in [
        (Answer::Error(400, "Throttling"), "throttled", "; the next refresh is delayed"),
        (
            Answer::Error(403, "ExpiredToken"),
            "expired-credentials",
            "; renew the credentials or correct the clock",
        ),
        (Answer::Xml("<html>log in</html>".to_owned()), "malformed", " (status 200)"),
    ] {
        let words = format!("ListDistributions: {fault}{words}");
        double.now(move |request| match request.query("Marker") {
            Some(_) => answer.clone(),
            None => Answer::PassOn,
        });
        process.signal(Signal::HUP);
        let errors = "origin_probe_discovery_api_errors_total";
        process.shows(&format!("{errors}{{reason=\"{fault}\"}}"), "1").await;
        process.shows(&of_source("last_refresh_successful"), "0").await;
        process.says(&words).await;
        assert_eq!(process.metric("origin_probe_origins").await.as_deref(), Some("160"));
        let (_, page) = process.ask("GET", "/").await;
        assert!(page.contains(&words), "{page}");
    }

    double.now(|_| Answer::PassOn);
    process.signal(Signal::HUP);
    process.shows(&of_source("last_refresh_successful"), "1").await;
    process.says("source readable again").await;

    let secrets = [SECRET, "wJalrXUtnFEMI", "AKIDEXAMPLE", ACCOUNT];
    for place in ["/", "/metrics", "/api/v1/origins", "/api/v1/sd", "/config", "/rules"] {
        let (status, text) = process.ask("GET", place).await;
        assert_eq!(status, 200, "{place}");
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{place}: {text}");
    }
    let log = process.log();
    for secret in secrets {
        let told: Vec<&str> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(told.is_empty(), "{told:?}");
    }
    // The label was asked for.
    let (_, metrics) = process.ask("GET", "/metrics").await;
    assert!(metrics.contains("distribution_arn=\"arn:aws:cloudfront::123456789012:distribution/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_assumed_and_its_external_id_is_told_to_nobody_else() {
    let Some(moto) = Moto::start().await else { return };
    let double = ApiDouble::start(Some(moto.address), |_| Answer::PassOn).await;
    let account = "role_arn: 'arn:aws:iam::123456789012:role/origin-probe', \
                   external_id: 'open,sesame'";
    let folder = Folder::new("cloudfront-role");
    let mut command = command(&folder, &double.url(), account, NO_DNS);
    command.env("AWS_ENDPOINT_URL_STS", double.url());
    let process = Process::start(command).await;
    process.shows(&of_source("last_refresh_successful"), "1").await;
    let requests = double.asked();
    let of_sts: Vec<_> = requests.iter().filter(|one| one.body.contains("AssumeRole")).collect();
    assert_eq!(of_sts.len(), 1);
    assert!(of_sts[0].body.contains("ExternalId=open%2Csesame"), "{}", of_sts[0].body);
    let list = requests.iter().find(|request| request.path() == "/distribution").unwrap();
    assert!(!list.head.contains("AKIDEXAMPLE"), "{}", list.head);
    for place in ["/", "/config", "/metrics"] {
        let (_, text) = process.ask("GET", place).await;
        assert!(!text.contains("sesame"), "{place}: {text}");
    }
    let (_, shown) = process.ask("GET", "/config").await;
    assert!(shown.contains("external_id: \"<secret>\""), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_credentials_the_daemon_serves_and_says_why_nothing_is_found() {
    let double = ApiDouble::start(None, |_| panic!("nobody asks without credentials")).await;
    let folder = Folder::new("cloudfront-no-credentials");
    let mut command = command(&folder, &double.url(), "", NO_DNS);
    command.env_remove("AWS_ACCESS_KEY_ID");
    let process = Process::start(command).await;
    let errors = "origin_probe_discovery_api_errors_total{reason=\"no-credentials\"}";
    process.shows(errors, "1").await;
    process.shows("origin_probe_origins", "0").await;
    let why = "ListDistributions: no-credentials (none found); provide a role (IRSA, EKS Pod \
               Identity, instance profile), a profile or environment variables";
    process.says(why).await;
    assert_eq!(process.ask("GET", "/-/healthy").await.0, 200);
}

/// `--check-config` runs where there are no credentials; `check` asks.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_asks_the_account_and_a_check_of_the_file_does_not() {
    let list = |one: &Distribution| Answer::Xml(distribution_list(&[one.summary()], None));
    let mut one = Distribution::new("E1", [origin("app", "a.example")]);
    let answer = list(&one);
    let double = ApiDouble::start(None, move |_| answer.clone()).await;
    let folder = Folder::new("cloudfront-check");
    let run = |arguments: &[&str]| {
        let serve = command(&folder, &double.url(), "", NO_DNS);
        let mut program = folder.program(arguments);
        without_aws(&mut program).envs(serve.get_envs().filter_map(|(k, v)| Some((k, v?))));
        let Ran { code, out, err, .. } = Ran::of(&mut program, b"");
        (code, out, err)
    };
    let check = ["check", "--config", "origin-probe.yaml"];
    let (code, out, err) = run(&["serve", "--check-config", "--config", "origin-probe.yaml"]);
    assert_eq!((code, &*err), (0, ""));
    assert!(out.contains("cloudfront:shop: valid; not queried\n"), "{out}");
    assert_eq!(double.asked().len(), 0);

    let (code, out, err) = run(&check);
    assert!(out.starts_with("E1/app  a.example:443  undecided"), "{out}");
    let viewers =
        "\nE1: viewers of * on e1.cloudfront.net may get an error: origin app is undecided\n";
    assert!(out.contains(viewers), "{out}");
    assert_eq!((code, &*err), (2, ""));

    // Something is amiss: told, and the rest is checked all the same.
    one.origins.push(origin("bad", "192.0.2.1"));
    let answer = list(&one);
    double.now(move |_| answer.clone());
    let (code, out, err) = run(&check);
    assert!(out.starts_with("E1/app  a.example:443  undecided"), "{out}");
    assert!(err.contains("note: cloudfront:shop: E1: origin `bad`: domain name"), "{err}");
    assert_eq!(code, 2);

    double.now(|_| Answer::Error(403, "AccessDenied"));
    let (code, _, err) = run(&check);
    let reason = "ListDistributions: access-denied; allow the action cloudfront:ListDistributions";
    assert_eq!((code, err), (3, format!("origin-probe: {reason}\n")));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_have_aws_asked_at_most_once_in_five_minutes() {
    let empty = distribution_list(&[], None);
    let double = ApiDouble::start(None, move |_| Answer::Xml(empty.clone())).await;
    let process = daemon("cloudfront-reloads", &double.url(), "refresh: 1d", NO_DNS).await;
    let refreshes = of_source("refreshes_total");
    process.shows(&refreshes, "1").await;
    assert_eq!(process.ask("POST", "/-/reload").await, (200, "reloaded\n".to_owned()));
    process.shows(&refreshes, "2").await;
    // Requests that nobody waits for are requests.
    for _ in 0..40 {
        process.abandon("POST", "/-/reload").await;
    }
    // The files are read each time.
    let accepted = "origin_probe_config_last_reload_success_timestamp_seconds";
    let mut last = process.metric(accepted).await;
    for _ in 0..10 {
        let (status, answer) = process.ask("POST", "/-/reload").await;
        assert_eq!(status, 200);
        assert!(answer.starts_with("reloaded without AWS"), "{answer}");
        let now = process.metric(accepted).await;
        assert_ne!(now, last);
        last = now;
    }
    process.signal(Signal::HUP);
    process.shows(&refreshes, "3").await;
    assert_eq!(double.asked().len(), 3);
    assert_eq!(process.end().await, Some(0));
}
