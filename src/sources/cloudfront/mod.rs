//! Reads the distributions of an AWS account periodically from CloudFront's API. Each distribution
//! is a part of the source.

mod answer;
mod api;
mod backoff;
mod call;
mod connect;
mod derived;
mod failure;
mod paging;
mod refresh;
mod summary;
mod trust;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudfront::Client;
use tokio::sync::watch;

use crate::config::{CloudFrontAccount, OriginDefaults};
use crate::origin::Shard;
use crate::sources::{Found, Part, PartUpdate, SourceHandle, SourceUpdate};
use crate::telemetry::{ApiFault, Telemetry};

use api::Api;
use backoff::Backoff;
use derived::Surroundings;
use failure::CallFailure;
use refresh::{Catalogue, Memory};

/// One account and its state.
#[derive(Debug)]
pub struct CloudFront {
    settings: CloudFrontAccount,
    defaults: OriginDefaults,
    shard: Shard,
    telemetry: Arc<Telemetry>,
    client: Option<Client>,
    memory: Memory,
    /// The content of each part as delivered last.
    delivered: HashMap<Arc<str>, Found>,
    pace: Backoff,
    /// The most severe failure of the last refresh.
    worst: Option<ApiFault>,
}

impl CloudFront {
    /// Returns an account that has not been read yet. Only distributions of `shard` are included.
    pub fn new(
        settings: CloudFrontAccount,
        defaults: OriginDefaults,
        shard: Shard,
        telemetry: Arc<Telemetry>,
    ) -> Self {
        Self {
            settings,
            defaults,
            shard,
            telemetry,
            client: None,
            memory: Memory::default(),
            delivered: HashMap::new(),
            pace: Backoff::default(),
            worst: None,
        }
    }

    /// Refreshes periodically, and at once whenever `hurry` changes. Never returns.
    pub async fn run(mut self, handle: SourceHandle, mut hurry: watch::Receiver<u64>) {
        let mut wait = Backoff::first(self.shard);
        loop {
            // Without a sender, only the timer triggers refreshes.
            let hurried = async {
                if hurry.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = hurried => {}
            }
            handle.deliver(self.read().await);
            wait = self.next();
        }
    }

    /// Refreshes once.
    pub async fn read(&mut self) -> SourceUpdate {
        let client = match self.client.take() {
            Some(client) => client,
            None => connect::connect(self.settings.clone()).await,
        };
        self.read_through(client).await
    }

    /// Refreshes once with `client`, which is kept for the next refresh on success.
    pub async fn read_through(&mut self, client: Client) -> SourceUpdate {
        let api = Api { client, telemetry: Arc::clone(&self.telemetry) };
        let outcome = tokio::time::timeout(
            LONGEST_REFRESH,
            refresh::refresh(&api, &self.settings, self.shard, &mut self.memory),
        );
        match outcome.await {
            Ok(Ok(catalogue)) => {
                self.client = Some(api.client);
                self.worst = worst(&catalogue);
                self.reading(catalogue)
            }
            Ok(Err(failure)) => {
                // Drop the client, so that the next one reads the credential files again.
                self.worst = Some(failure.fault);
                SourceUpdate::Failed(failure.to_string())
            }
            Err(_) => {
                self.client = Some(api.client);
                self.worst = Some(ApiFault::TimedOut);
                let minutes = LONGEST_REFRESH.as_secs() / 60;
                SourceUpdate::Failed(format!("refresh timed out after {minutes} minutes"))
            }
        }
    }

    fn next(&mut self) -> Duration {
        self.pace.after(self.settings.refresh, self.worst)
    }

    fn reading(&mut self, catalogue: Catalogue) -> SourceUpdate {
        let Catalogue { account, distributions, lacks } = catalogue;
        let surroundings =
            Surroundings { settings: &self.settings, defaults: &self.defaults, account: &account };
        let present = distributions.iter().map(|whole| &*whole.id).collect();
        let of_account = derived::of_account(&surroundings, self.shard, &lacks, &present);
        let mut before = std::mem::take(&mut self.delivered);
        let mut parts = Vec::new();
        let mut tell = |name: Arc<str>, found: Result<Found, CallFailure>| {
            let known = before.remove(&name);
            let news = match found {
                Err(failure) => PartUpdate::Failed(failure.to_string()),
                Ok(found) => {
                    let is_known = known.as_ref() == Some(&found);
                    self.delivered.insert(Arc::clone(&name), found.clone());
                    if is_known { PartUpdate::Unchanged } else { PartUpdate::Read(found) }
                }
            };
            parts.push(Part { name, update: news });
        };
        if let Some((name, found)) = of_account {
            tell(name, Ok(found));
        }
        for whole in distributions {
            let found = whole.outcome.map(|listed| surroundings.derive(&listed, &whole.lacks));
            tell(whole.id, found);
        }
        SourceUpdate::Parts(parts)
    }
}

/// Returns the most severe failure. That is throttling, because it requires a longer delay.
fn worst(catalogue: &Catalogue) -> Option<ApiFault> {
    let failures = catalogue.distributions.iter().filter_map(|whole| whole.outcome.as_ref().err());
    let faults = failures.map(|failure| failure.fault);
    let lacks = catalogue.lacks.iter().map(|lack| lack.failure.fault);
    // Ignored, because retrying sooner does not help against missing permissions.
    let faults = faults.chain(lacks).filter(|fault| *fault != ApiFault::AccessDenied);
    faults.max_by_key(|fault| *fault == ApiFault::Throttled)
}

/// The first refresh can take this long with tens of thousands of tenants. Parameters that were
/// read are kept even if it times out.
const LONGEST_REFRESH: Duration = Duration::from_secs(1_200);

#[cfg(test)]
mod tests {
    use crate::distribution::Account;
    use crate::telemetry::{ApiFault, Operation};

    use super::failure::CallFailure;
    use super::refresh::{Catalogue, Lack};
    use super::worst;

    #[test]
    fn throttling_is_the_worst_of_what_fails_and_access_that_is_denied_does_not_count() {
        let lack = |fault| {
            let mut failure = CallFailure::malformed(Operation::ListTagsForResource, String::new());
            failure.fault = fault;
            Lack { failure, consequence: "" }
        };
        for (faults, expected) in [
            (&[][..], None),
            (&[ApiFault::AccessDenied], None),
            (&[ApiFault::AccessDenied, ApiFault::TimedOut], Some(ApiFault::TimedOut)),
            (&[ApiFault::Throttled, ApiFault::TimedOut], Some(ApiFault::Throttled)),
            (&[ApiFault::TimedOut, ApiFault::Throttled], Some(ApiFault::Throttled)),
        ] {
            let lacks = faults.iter().copied().map(lack).collect();
            let catalogue =
                Catalogue { account: Account::default(), distributions: Vec::new(), lacks };
            assert_eq!(worst(&catalogue), expected, "{faults:?}");
        }
    }
}
