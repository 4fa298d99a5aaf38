//! The distributions of an AWS account, by CloudFront's API: listed again and again, each a part of
//! the source.

mod answer;
mod api;
mod call;
mod connect;
mod derived;
mod failure;
mod pace;
mod paging;
mod refresh;
mod summary;
mod trust;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::config::CloudFrontAccount;
use crate::config::OriginDefaults;
use crate::discovery::Found;
use crate::discovery::News;
use crate::discovery::Part;
use crate::discovery::Post;
use crate::discovery::Reading;
use crate::origin::Shard;
use crate::telemetry::ApiFault;
use crate::telemetry::Telemetry;

use api::Api;
use derived::Surroundings;
use failure::CallFailure;
use pace::Pace;
use refresh::Catalogue;
use refresh::Memory;

/// One account, and what is known of it.
#[derive(Debug)]
pub struct CloudFront {
    settings: CloudFrontAccount,
    defaults: OriginDefaults,
    shard: Shard,
    telemetry: Arc<Telemetry>,
    api: Option<Api>,
    memory: Memory,
    /// What was delivered of each part last.
    delivered: HashMap<Arc<str>, Found>,
    pace: Pace,
    /// What was worst in the last refresh.
    worst: Option<ApiFault>,
}

impl CloudFront {
    /// Returns an account of which nothing is known; `shard` is the part of it that counts.
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
            api: None,
            memory: Memory::default(),
            delivered: HashMap::new(),
            pace: Pace::default(),
            worst: None,
        }
    }

    /// Refreshes for ever, at once whenever `hurry` changes, and delivers what that brings.
    pub async fn run(mut self, post: Post, mut hurry: watch::Receiver<u64>) {
        let mut wait = Pace::first(self.shard);
        loop {
            // Where nobody can be in a hurry any longer, time alone counts.
            let hurried = async {
                if hurry.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = hurried => {}
            }
            post.deliver(self.read().await);
            wait = self.next();
        }
    }

    /// Lists everything once.
    pub async fn read(&mut self) -> Reading {
        let api = match &self.api {
            Some(api) => api.clone(),
            None => {
                let client = connect::connect(self.settings.clone()).await;
                Api { client, telemetry: Arc::clone(&self.telemetry) }
            }
        };
        let outcome = tokio::time::timeout(
            LONGEST_REFRESH,
            refresh::refresh(&api, &self.settings, self.shard, &mut self.memory),
        );
        match outcome.await {
            Ok(Ok(catalogue)) => {
                self.api = Some(api);
                self.worst = worst(&catalogue);
                self.reading(catalogue)
            }
            Ok(Err(failure)) => {
                // Files of credentials may have changed: they are read anew.
                self.api = None;
                self.worst = Some(failure.fault);
                Reading::Failed(failure.to_string())
            }
            Err(_) => {
                self.worst = Some(ApiFault::TimedOut);
                let minutes = LONGEST_REFRESH.as_secs() / 60;
                Reading::Failed(format!("the account could not be read within {minutes} minutes"))
            }
        }
    }

    fn next(&mut self) -> Duration {
        self.pace.after(self.settings.refresh, self.worst)
    }

    fn reading(&mut self, catalogue: Catalogue) -> Reading {
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
                Err(failure) => News::Failed(failure.to_string()),
                Ok(found) => {
                    let is_known = known.as_ref() == Some(&found);
                    self.delivered.insert(Arc::clone(&name), found.clone());
                    if is_known { News::Unchanged } else { News::Read(found) }
                }
            };
            parts.push(Part { name, news });
        };
        if let Some((name, found)) = of_account {
            tell(name, Ok(found));
        }
        for whole in distributions {
            let found = whole.outcome.map(|listed| surroundings.derive(&listed, &whole.lacks));
            tell(whole.id, found);
        }
        Reading::Parts(parts)
    }
}

/// Returns what was worst; throttling is, because it says to come less often.
fn worst(catalogue: &Catalogue) -> Option<ApiFault> {
    let failures = catalogue.distributions.iter().filter_map(|whole| whole.outcome.as_ref().err());
    let faults = failures.map(|failure| failure.fault);
    let lacks = catalogue.lacks.iter().map(|lack| lack.failure.fault);
    // What is withheld will be withheld in a minute, too.
    let faults = faults.chain(lacks).filter(|fault| *fault != ApiFault::AccessDenied);
    faults.max_by_key(|fault| *fault == ApiFault::Throttled)
}

/// Tenants by the ten thousand take this long the first time; what has been had is kept.
const LONGEST_REFRESH: Duration = Duration::from_secs(1_200);

#[cfg(test)]
mod tests;
