//! An account through the SDK, against a double of the API.

mod derived;
mod failures;
mod listing;
mod policies;
mod tenants;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudfront::config::retry::RetryConfig;
use aws_sdk_cloudfront::config::timeout::TimeoutConfig;
use aws_sdk_cloudfront::config::{BehaviorVersion, Credentials, Region};

use origin_probe::config::Config;
use origin_probe::origin::{Origin, Shard};
use origin_probe::sources::cloudfront::CloudFront;
use origin_probe::sources::{PartUpdate, SourceUpdate};
use origin_probe::telemetry::Telemetry;

use crate::common::section::assert_section;

use crate::common::api_documents::{self, Distribution, distribution_list, origin};
use crate::common::api_double::{Answer, ApiDouble, Request};

/// An account that asks a double, impatiently and once.
struct Account {
    cloudfront: CloudFront,
    client: aws_sdk_cloudfront::Client,
    telemetry: Arc<Telemetry>,
}

impl Account {
    /// Returns an account with these settings beside its name.
    fn new(url: &str, settings: &str, shard: Shard) -> Self {
        let text = format!("discovery: {{cloudfront: [{{name: shop, {settings}}}]}}");
        let config = Config::parse(Path::new("c.yaml"), text.as_bytes()).unwrap();
        let settings = config.discovery.cloudfront[0].clone();
        let telemetry = Arc::new(Telemetry::new("1").unwrap());
        let timeouts = TimeoutConfig::builder().operation_timeout(Duration::from_secs(2));
        let client = aws_sdk_cloudfront::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("AKIDEXAMPLE", "key", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts.build())
            .endpoint_url(url)
            .build();
        Self {
            client: aws_sdk_cloudfront::Client::from_conf(client),
            cloudfront: CloudFront::new(
                settings,
                config.origin_defaults,
                shard,
                Arc::clone(&telemetry),
            ),
            telemetry,
        }
    }

    async fn read(&mut self) -> SourceUpdate {
        let reading = self.cloudfront.read_through(self.client.clone()).await;
        let shown = format!("{reading:?} {:?}", self.cloudfront);
        assert!(!shown.contains(api_documents::SECRET), "{shown}");
        reading
    }

    /// Returns what the parts of a reading say, each in a few words.
    async fn parts(&mut self) -> Vec<String> {
        match self.read().await {
            SourceUpdate::Failed(reason) => panic!("{reason}"),
            SourceUpdate::Parts(parts) => {
                let words =
                    parts.iter().map(|part| format!("{}: {}", part.name, words(&part.update)));
                words.collect()
            }
        }
    }

    /// Returns every problem of a reading: the name of its place, and what is said.
    async fn problems(&mut self) -> Vec<(String, String)> {
        let SourceUpdate::Parts(parts) = self.read().await else { panic!() };
        let found = parts.into_iter().filter_map(|part| match part.update {
            PartUpdate::Read(found) => Some(found.problems),
            _ => None,
        });
        found
            .flat_map(|found| found.kept().to_vec())
            .map(|one| (one.place.part.to_string(), one.to_string()))
            .collect()
    }

    async fn origins(&mut self) -> Vec<Arc<Origin>> {
        let SourceUpdate::Parts(parts) = self.read().await else { panic!() };
        let found = parts.into_iter().filter_map(|part| match part.update {
            PartUpdate::Read(found) => Some(found.origins),
            _ => None,
        });
        found.flatten().map(|found| found.origin).collect()
    }

    /// Returns why calls failed, by the reasons that are counted.
    fn failures(&self) -> Vec<(String, u32)> {
        let text = self.telemetry.render(jiff::Timestamp::UNIX_EPOCH, |_| true).unwrap();
        let begin = "origin_probe_discovery_api_errors_total{reason=\"";
        let lines = text.lines().filter_map(|line| line.strip_prefix(begin)?.split_once("\"} "));
        let counts = lines.map(|(reason, count)| (reason.to_owned(), count.parse().unwrap()));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    fn metric(&self, series: &str) -> String {
        let text = self.telemetry.render(jiff::Timestamp::UNIX_EPOCH, |_| true).unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        value.unwrap().to_owned()
    }
}

fn words(news: &PartUpdate) -> String {
    match news {
        PartUpdate::Unchanged => "unchanged".to_owned(),
        PartUpdate::Failed(reason) => format!("failed, {reason}"),
        PartUpdate::Read(found) => {
            let origins = found.origins.iter().map(|found| {
                let names = found.origin.targets.iter().map(|target| target.server_name.as_str());
                format!("{} as {}", found.origin.domain(), names.collect::<Vec<_>>().join("+"))
            });
            let problems = found.problems.kept().iter().map(|problem| problem.what.clone());
            origins.chain(problems).collect::<Vec<_>>().join(", ")
        }
    }
}

/// Returns a document with these distributions.
fn list(distributions: &[Distribution]) -> String {
    let summaries: Vec<String> = distributions.iter().map(Distribution::summary).collect();
    distribution_list(&summaries, None)
}

/// Returns a distribution with one origin, which is named after it.
fn simple(id: &str) -> Distribution {
    Distribution::new(id, [origin("app", &format!("{}.example", id.to_lowercase()))])
}

/// Returns a double that lists these, and knows nothing else.
async fn double(distributions: &[Distribution]) -> ApiDouble {
    let list = list(distributions);
    ApiDouble::start(None, move |request| match request.path() {
        "/distribution" => Answer::Xml(list.clone()),
        _ => Answer::Error(403, "AccessDenied"),
    })
    .await
}

fn paths(requests: &[Request]) -> Vec<&str> {
    requests.iter().map(Request::path).collect()
}

/// Returns the places of problems.
fn places(problems: &[(String, String)]) -> Vec<&str> {
    problems.iter().map(|(place, _)| place.as_str()).collect()
}

/// Asserts what is said of problems.
#[track_caller]
fn assert_said(title: &str, problems: &[(String, String)]) {
    let said: String = problems.iter().map(|(_, text)| format!("{text}\n")).collect();
    assert_section("sources", &format!("CloudFront: {title}"), &said);
}
