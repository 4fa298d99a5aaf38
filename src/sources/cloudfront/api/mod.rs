//! API calls. Each returns complete data or fails.

mod policies;

use std::error::Error as StdError;
use std::sync::Arc;

use aws_sdk_cloudfront::config::http::HttpResponse;
use aws_sdk_cloudfront::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudfront::types::DistributionTenantAssociationFilter;
use aws_sdk_cloudfront::{Client, types as sdk};

use crate::distribution::{Distribution, ParameterDefinition, VpcOrigin};
use crate::telemetry::{Operation, Telemetry};

use super::call::Attempts;
use super::failure::CallFailure;
use super::paging::{Page, Pages, Rest, Wanted};
use super::summary;

pub(super) use policies::Owner;

/// The API of one account.
#[derive(Clone, Debug)]
pub(super) struct Api {
    pub(super) client: Client,
    pub(super) telemetry: Arc<Telemetry>,
}

/// A distribution and its ARN.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) distribution: Distribution,
    pub(super) arn: Box<str>,
}

/// A tenant as in lists: without parameters.
#[derive(Clone, Debug)]
pub(super) struct ListedTenant {
    pub(super) id: Box<str>,
    /// Changes whenever the tenant does.
    pub(super) version: Box<str>,
    pub(super) is_enabled: bool,
    /// The active domains.
    pub(super) domains: Vec<Box<str>>,
}

impl Api {
    /// Lists every distribution of the account. If a page is too large, it switches to smaller
    /// pages: 100 distributions can exceed the limit if quotas for origins, headers and aliases are
    /// raised.
    pub(super) async fn distributions(&self) -> Result<Vec<Listed>, CallFailure> {
        let operation = Operation::ListDistributions;
        let (mut pages, mut size) = (Pages::of(operation, MOST_DISTRIBUTIONS), PAGE);
        while let Wanted::Page(marker) = pages.wanted() {
            let request = self.client.list_distributions().set_marker(marker).max_items(size);
            let request = request.customize().interceptor(self.attempts(operation));
            let answer = request.send().await;
            let answer = match answer.map_err(|error| CallFailure::of(operation, &error)) {
                Err(failure) if failure.is_too_large && size > SMALL_PAGE => {
                    size = SMALL_PAGE;
                    continue;
                }
                answer => self.counted(answer)?,
            };
            let list = self.told(operation, answer.distribution_list)?;
            let items = list.items.unwrap_or_default().into_iter().map(|summary| Listed {
                arn: summary.arn.as_str().into(),
                distribution: summary::distribution(summary),
            });
            let rest = match list.is_truncated {
                true => Rest::From(list.next_marker.filter(|marker| !marker.is_empty())),
                false => Rest::None,
            };
            let page = Page { items: items.collect(), quantity: Some(list.quantity), rest };
            self.counted(pages.add(page))?;
        }
        Ok(pages.into_items())
    }

    /// Returns a distribution's tags as keys and values.
    pub(super) async fn tags(&self, arn: &str) -> Result<Vec<(String, String)>, CallFailure> {
        let operation = Operation::ListTagsForResource;
        let request = self.client.list_tags_for_resource().resource(arn);
        let request = request.customize().interceptor(self.attempts(operation));
        let answer = self.settled(operation, request.send().await)?;
        let tags = answer.tags.and_then(|tags| tags.items).into_iter().flatten();
        Ok(tags.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
    }

    /// Returns a VPC origin's settings, which lists do not contain.
    pub(super) async fn vpc_origin(&self, id: &str) -> Result<VpcOrigin, CallFailure> {
        let operation = Operation::GetVpcOrigin;
        let request = self.client.get_vpc_origin().id(id);
        let request = request.customize().interceptor(self.attempts(operation));
        let answer = self.settled(operation, request.send().await)?;
        self.told(operation, answer.vpc_origin.and_then(summary::vpc_origin))
    }

    /// Lists the tenants of a distribution.
    pub(super) async fn tenants(
        &self,
        distribution: &str,
    ) -> Result<Vec<ListedTenant>, CallFailure> {
        let operation = Operation::ListDistributionTenants;
        let mut pages = Pages::of(operation, MOST_TENANTS);
        while let Wanted::Page(marker) = pages.wanted() {
            let filter = DistributionTenantAssociationFilter::builder();
            let request = self
                .client
                .list_distribution_tenants()
                .association_filter(filter.distribution_id(distribution).build())
                .set_marker(marker)
                .max_items(PAGE);
            let request = request.customize().interceptor(self.attempts(operation));
            let answer = self.settled(operation, request.send().await)?;
            let tenants = answer.distribution_tenant_list.into_iter().flatten();
            let page = Page {
                items: tenants.map(listed_tenant).collect(),
                quantity: None,
                rest: Rest::of_marker(answer.next_marker),
            };
            self.counted(pages.add(page))?;
        }
        Ok(pages.into_items())
    }

    /// Returns a tenant's parameters as names and values.
    pub(super) async fn parameters_of_tenant(
        &self,
        id: &str,
    ) -> Result<Vec<(Box<str>, Box<str>)>, CallFailure> {
        let operation = Operation::GetDistributionTenant;
        let request = self.client.get_distribution_tenant().identifier(id);
        let request = request.customize().interceptor(self.attempts(operation));
        let answer = self.settled(operation, request.send().await)?;
        let tenant = self.told(operation, answer.distribution_tenant)?;
        let parameters = tenant.parameters.into_iter().flatten();
        Ok(parameters.map(|one| (one.name.into(), one.value.into())).collect())
    }

    /// Returns the parameters that a distribution declares, which lists do not contain.
    pub(super) async fn parameters(
        &self,
        distribution: &str,
    ) -> Result<Vec<ParameterDefinition>, CallFailure> {
        let operation = Operation::GetDistributionConfig;
        let request = self.client.get_distribution_config().id(distribution);
        let request = request.customize().interceptor(self.attempts(operation));
        let answer = self.settled(operation, request.send().await)?;
        let config = self.told(operation, answer.distribution_config)?;
        Ok(config.tenant_config.map(summary::parameters).unwrap_or_default())
    }

    fn attempts(&self, operation: Operation) -> Attempts {
        Attempts { operation, telemetry: Arc::clone(&self.telemetry) }
    }

    /// Converts the SDK's error to a [`CallFailure`] and counts it.
    fn settled<T, E>(
        &self,
        operation: Operation,
        answer: Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<T, CallFailure>
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        self.counted(answer.map_err(|error| CallFailure::of(operation, &error)))
    }

    /// Returns the required part of a response.
    fn told<T>(&self, operation: Operation, part: Option<T>) -> Result<T, CallFailure> {
        let empty = || CallFailure::malformed(operation, "empty response".to_owned());
        self.counted(part.ok_or_else(empty))
    }

    fn counted<T>(&self, outcome: Result<T, CallFailure>) -> Result<T, CallFailure> {
        outcome.inspect_err(|failure| self.telemetry.api_failed(failure.fault))
    }
}

fn listed_tenant(tenant: sdk::DistributionTenantSummary) -> ListedTenant {
    let is_active = |domain: &sdk::DomainResult| {
        domain.status.as_ref().is_none_or(|status| status.as_str() == "active")
    };
    let domains = tenant.domains.into_iter().filter(is_active);
    ListedTenant {
        id: tenant.id.into(),
        version: tenant.e_tag.into(),
        is_enabled: tenant.enabled.unwrap_or(true),
        domains: domains.map(|domain| domain.domain.into()).collect(),
    }
}

/// The maximum page size of the API.
const PAGE: i32 = 100;
/// A page of distributions of any size that fits into a response.
const SMALL_PAGE: i32 = 10;
/// Twenty times the quota of an account (guide, `cloudfront-limits`).
const MOST_DISTRIBUTIONS: usize = 10_000;
/// The maximum number of tenants per distribution; the quota of an account is 10,000 (ibid.,
/// "Quotas on multi-tenant distributions").
const MOST_TENANTS: usize = 50_000;
