//! From an account's settings to a client of the API: credentials, region, patience.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::Region;
use aws_config::meta::region::RegionProviderChain;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::config::SharedCredentialsProvider;
use futures_util::future::BoxFuture;
use tokio::task::spawn_blocking;

use crate::config::CloudFrontAccount;

use super::trust;

/// Returns a client with credentials by the official chain: environment, profile, SSO, web
/// identity, container, instance; then of the role that is to be assumed.
pub(super) fn connect(account: CloudFrontAccount) -> BoxFuture<'static, Client> {
    // Boxed, for the compiler cannot tell of the SDK's future by itself that threads may share it.
    Box::pin(connect_owned(account))
}

async fn connect_owned(account: CloudFrontAccount) -> Client {
    let own = Region::from_static(account.region.as_str());
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        // STS answers in the region of the cluster; CloudFront's own is set below.
        .region(RegionProviderChain::default_provider().or_else(own.clone()))
        .timeout_config(patience())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    if let Some(profile) = &account.profile {
        loader = loader.profile_name(&**profile);
    }
    // Where no thread can start, the next call fails and says so.
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

/// The SDK's standard mode, which waits between attempts, and longer when it is throttled.
const ATTEMPTS: u32 = 3;
