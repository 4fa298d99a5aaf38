//! Creates an API client from an account's settings: credentials, region, timeouts.

use std::time::Duration;

use aws_config::meta::region::RegionProviderChain;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::config::SharedCredentialsProvider;
use futures_util::future::BoxFuture;
use tokio::task::spawn_blocking;

use crate::config::CloudFrontAccount;

use super::trust;

/// Returns a client with credentials from the standard chain (environment, profile, SSO, web
/// identity, container, instance) or, if configured, from a role assumed with those.
pub(super) fn connect(account: CloudFrontAccount) -> BoxFuture<'static, Client> {
    // Boxed, because the compiler cannot prove that the SDK's future is `Send`.
    Box::pin(connect_owned(account))
}

async fn connect_owned(account: CloudFrontAccount) -> Client {
    let own = Region::from_static(account.region.as_str());
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        // STS uses the region of the environment; CloudFront's region is set below.
        .region(RegionProviderChain::default_provider().or_else(own.clone()))
        .timeout_config(patience())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    if let Some(profile) = &account.profile {
        loader = loader.profile_name(&**profile);
    }
    // If no thread can be started, the next call fails with an error of its own.
    if let Ok(Some(client)) = spawn_blocking(trust::client_without_system).await {
        loader = loader.http_client(client);
    }
    let shared = loader.load().await;
    let mut config = aws_sdk_cloudfront::config::Builder::from(&shared).region(own);
    if let Some(role) = &account.role {
        let mut provider =
            AssumeRoleProvider::builder(&*role.arn).configure(&shared).session_name("origin-probe");
        if let Some(external_id) = &role.external_id {
            provider = provider.external_id(external_id.expose());
        }
        let provider = SharedCredentialsProvider::new(provider.build().await);
        config = config.credentials_provider(provider);
    }
    if let Some(url) = &account.endpoint_url {
        config = config.endpoint_url(&**url);
    }
    Client::from_conf(config.build())
}

fn patience() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(20))
        .operation_timeout(Duration::from_secs(50))
        .build()
}

/// The SDK's standard retry mode waits between attempts, and longer when throttled.
const ATTEMPTS: u32 = 3;
