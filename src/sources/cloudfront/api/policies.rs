//! Lists policies, to find out whether they forward Host.

use aws_sdk_cloudfront::types as sdk;
use aws_sdk_cloudfront::types::{CachePolicyType, OriginRequestPolicyType};

use crate::distribution::{HostHeader, Policy, PolicyKind};
use crate::telemetry::Operation;

use super::{Api, CallFailure, PAGE, Page, Pages, Rest, Wanted};

/// The owner of the policies to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sources::cloudfront) enum Owner {
    Account,
    Amazon,
}

/// A policy with its id.
#[derive(Clone, Debug)]
pub(in crate::sources::cloudfront) struct ListedPolicy {
    pub(in crate::sources::cloudfront) id: Box<str>,
    /// `None` if its header behavior is unknown.
    pub(in crate::sources::cloudfront) policy: Option<Policy>,
}

impl Api {
    /// Lists policies of one kind: the account's own or Amazon's managed ones.
    pub(in crate::sources::cloudfront) async fn policies(
        &self,
        kind: PolicyKind,
        owner: Owner,
    ) -> Result<Vec<ListedPolicy>, CallFailure> {
        match kind {
            PolicyKind::OriginRequest => self.origin_request_policies(owner).await,
            PolicyKind::Cache => self.cache_policies(owner).await,
        }
    }

    async fn origin_request_policies(
        &self,
        owner: Owner,
    ) -> Result<Vec<ListedPolicy>, CallFailure> {
        let operation = Operation::ListOriginRequestPolicies;
        let owner = match owner {
            Owner::Account => OriginRequestPolicyType::Custom,
            Owner::Amazon => OriginRequestPolicyType::Managed,
        };
        let mut pages = Pages::of(operation, MOST_POLICIES);
        while let Wanted::Page(marker) = pages.wanted() {
            let request = self.client.list_origin_request_policies().r#type(owner.clone());
            let request = request.set_marker(marker).max_items(PAGE);
            let request = request.customize().interceptor(self.attempts(operation));
            let answer = self.settled(operation, request.send().await)?;
            let list = self.told(operation, answer.origin_request_policy_list)?;
            let policies = list.items.into_iter().flatten();
            let policies = policies.filter_map(|summary| summary.origin_request_policy);
            let page = Page {
                items: policies.map(origin_request_policy).collect(),
                quantity: Some(list.quantity),
                rest: Rest::of_marker(list.next_marker),
            };
            self.counted(pages.add(page))?;
        }
        Ok(pages.into_items())
    }

    async fn cache_policies(&self, owner: Owner) -> Result<Vec<ListedPolicy>, CallFailure> {
        let operation = Operation::ListCachePolicies;
        let owner = match owner {
            Owner::Account => CachePolicyType::Custom,
            Owner::Amazon => CachePolicyType::Managed,
        };
        let mut pages = Pages::of(operation, MOST_POLICIES);
        while let Wanted::Page(marker) = pages.wanted() {
            let request = self.client.list_cache_policies().r#type(owner.clone());
            let request = request.set_marker(marker).max_items(PAGE);
            let request = request.customize().interceptor(self.attempts(operation));
            let answer = self.settled(operation, request.send().await)?;
            let list = self.told(operation, answer.cache_policy_list)?;
            let policies = list.items.into_iter().flatten();
            let policies = policies.filter_map(|summary| summary.cache_policy);
            let page = Page {
                items: policies.map(cache_policy).collect(),
                quantity: Some(list.quantity),
                rest: Rest::of_marker(list.next_marker),
            };
            self.counted(pages.add(page))?;
        }
        Ok(pages.into_items())
    }
}

fn origin_request_policy(policy: sdk::OriginRequestPolicy) -> ListedPolicy {
    let config = policy.origin_request_policy_config;
    let headers = config.as_ref().and_then(|config| config.headers_config.as_ref());
    let behavior = headers.map(|headers| headers.header_behavior.as_str());
    let names = headers.and_then(|headers| headers.headers.as_ref());
    let host = host(PolicyKind::OriginRequest, behavior, names);
    listed(policy.id, config.map(|config| config.name), host)
}

fn cache_policy(policy: sdk::CachePolicy) -> ListedPolicy {
    let config = policy.cache_policy_config;
    let key = config.as_ref();
    let key = key.and_then(|config| config.parameters_in_cache_key_and_forwarded_to_origin());
    let headers = key.and_then(|key| key.headers_config());
    // Without this structure, the policy forwards nothing.
    let behavior = match key {
        None => Some("none"),
        Some(_) => headers.map(|headers| headers.header_behavior.as_str()),
    };
    let host = host(PolicyKind::Cache, behavior, headers.and_then(|one| one.headers.as_ref()));
    listed(policy.id, config.map(|config| config.name), host)
}

fn listed(id: String, name: Option<String>, host: Option<HostHeader>) -> ListedPolicy {
    let name: Box<str> = name.unwrap_or_default().into();
    ListedPolicy { id: id.into(), policy: host.map(|host| Policy { name, host }) }
}

fn host(
    kind: PolicyKind,
    behavior: Option<&str>,
    headers: Option<&sdk::Headers>,
) -> Option<HostHeader> {
    let names = headers.map(sdk::Headers::items).unwrap_or_default();
    HostHeader::of(kind, behavior?, names.iter().map(String::as_str))
}

/// Fifty times the quota of either kind (guide, `cloudfront-limits`).
const MOST_POLICIES: usize = 1_000;
