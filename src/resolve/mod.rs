//! DNS: the addresses of an origin domain, from which nameserver they are known, or why there are
//! none.
//!
//! Only fully qualified names are queried, without search lists or a hosts file. Answers are cached
//! until their TTL expires, and the caller decides how fresh an answer must be.

mod chain;
mod memory;
mod nameserver;
mod nameservers;
mod question;
mod system;
mod tcp;
mod udp;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, io};

use futures_util::future::join_all;
use thiserror::Error;
use tokio::time::{Instant, timeout_at};

pub use memory::Freshness;
pub use question::read_answer;

use crate::limits::{Stage, open_files, own_failure};
use crate::observation::{Family, FamilyAnswer, Resolution, ResolutionFailure, Transport, View};
use crate::origin::{DomainName, IpAddressType, ProberConfig};

use memory::{Asked, Memory, Question};
use nameservers::Nameservers;

/// The upper limit of the timeout for one nameserver.
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Why no resolver could be created.
#[derive(Debug, Error)]
pub enum ResolverError {
    #[error(
        "{}: cannot read the system's nameservers: {error}; \
         make the file readable, or set `resolver.nameservers`",
        path.display()
    )]
    SystemUnreadable { path: PathBuf, error: io::Error },
    #[error(
        "{}: no usable nameserver: {detail}; \
         add a line `nameserver ADDRESS`, or set `resolver.nameservers`",
        path.display()
    )]
    SystemUnusable { path: PathBuf, detail: String },
}

/// Queries nameservers for the addresses of origin domains.
///
/// The system's nameservers are read once, on creation. The number of concurrent queries is limited
/// for the whole process ([`open_files`]); other queries wait.
pub struct Resolver {
    nameservers: Nameservers,
    confirming: Option<Nameservers>,
    /// The nameservers of the first view, individually; empty unless every one of them must answer.
    alone: Vec<(SocketAddr, Nameservers)>,
    memory: Memory,
}

impl Resolver {
    /// Returns a resolver for this configuration, without sending anything.
    ///
    /// # Errors
    /// If no nameserver is configured and `/etc/resolv.conf` is unreadable or contains none.
    pub fn new(config: &ProberConfig) -> Result<Self, ResolverError> {
        Self::with_resolv_conf(config, Path::new(system::RESOLV_CONF))
    }

    fn with_resolv_conf(config: &ProberConfig, resolv_conf: &Path) -> Result<Self, ResolverError> {
        let files = open_files();
        let (view, addresses) = match config.nameservers.as_slice() {
            [] => (View::System, system::nameservers(resolv_conf)?),
            configured => (View::Configured, configured.to_vec()),
        };
        let nameservers = Nameservers::new(&addresses, view, config, &files.dns);
        let confirming = if config.confirm_with.is_empty() {
            None
        } else {
            let (addresses, view) = (&config.confirm_with, View::Configured);
            Some(Nameservers::new(addresses, view, config, &files.dns))
        };
        let alone = match config.check_all {
            false => Vec::new(),
            true => {
                nameservers.apart(files.shares.each_nameserver, &files.each_nameserver).collect()
            }
        };
        Ok(Self { nameservers, confirming, alone, memory: Memory::default() })
    }

    /// Returns the first view's answer for `domain`: A, AAAA or both, depending on `family`.
    ///
    /// An answer without addresses is data, and so is a timeout. A query that no nameserver answers
    /// takes timeout × attempts × nameservers. To limit the whole, set a deadline and drop the
    /// future.
    pub async fn resolve(
        &self,
        domain: &DomainName,
        family: IpAddressType,
        freshness: Freshness,
    ) -> Resolution {
        self.view_of(&self.nameservers, Asked::FirstView, domain, family, freshness).await
    }

    /// Returns the second view's answer for `domain`; `None` if no second view is configured.
    pub async fn confirm(
        &self,
        domain: &DomainName,
        family: IpAddressType,
        freshness: Freshness,
    ) -> Option<Resolution> {
        let confirming = self.confirming.as_ref()?;
        Some(self.view_of(confirming, Asked::SecondView, domain, family, freshness).await)
    }

    /// Returns the answer of each nameserver of the first view, in the configured order; nothing
    /// unless that is configured ([`ProberConfig::check_all`]).
    ///
    /// All of them are queried at once, except those whose answer is in `known`, the result of
    /// [`Resolver::resolve`]. A nameserver that has not finished by `deadline` is left out, because
    /// it might still have answered.
    pub async fn ask_each(
        &self,
        domain: &DomainName,
        known: &Resolution,
        freshness: Freshness,
        deadline: Instant,
    ) -> Vec<FamilyAnswer> {
        let asked = self.alone.iter().flat_map(|(address, alone)| {
            known.answers.iter().map(move |answer| async move {
                if answer.nameserver == Some(*address) {
                    return Some(answer.clone());
                }
                let asked = Asked::Alone(Box::new(*address));
                let question = Question { domain: domain.clone(), family: answer.family, asked };
                let answer = self.answer(&question, freshness, alone);
                timeout_at(deadline, answer).await.ok()
            })
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// Returns whether each of these nameservers of the first view answers for the DNS root over
    /// the given transport; `None` means any nameserver of the view.
    ///
    /// If they do, a failed query is more likely the domain's fault than the nameservers'. SERVFAIL
    /// and REFUSED are not answers.
    pub async fn answer_for_the_root(
        &self,
        asked: impl IntoIterator<Item = (Option<SocketAddr>, Transport)>,
    ) -> bool {
        let asked: HashSet<_> = asked.into_iter().collect();
        let answers = asked
            .into_iter()
            .map(|(address, transport)| self.nameservers.answers_for_the_root(address, transport));
        join_all(answers).await.into_iter().all(|answers| answers)
    }

    /// Returns whose view [`Resolver::resolve`] represents.
    pub fn view(&self) -> View {
        self.nameservers.view()
    }

    /// Returns the nameservers of the first view, in the configured order.
    pub fn nameservers(&self) -> impl Iterator<Item = SocketAddr> {
        self.nameservers.addresses()
    }

    /// Returns the nameservers of the second view; empty if there is no second view.
    pub fn confirming_nameservers(&self) -> impl Iterator<Item = SocketAddr> {
        self.confirming.iter().flat_map(Nameservers::addresses)
    }

    async fn view_of(
        &self,
        nameservers: &Nameservers,
        asked: Asked,
        domain: &DomainName,
        family: IpAddressType,
        freshness: Freshness,
    ) -> Resolution {
        let answers = Family::of_type(family).iter().map(|&family| {
            let question = Question { domain: domain.clone(), family, asked: asked.clone() };
            async move { self.answer(&question, freshness, nameservers).await }
        });
        let answers = join_all(answers).await;
        Resolution {
            answers,
            view: nameservers.view(),
            each_nameserver: Vec::new(),
            confirmation: None,
        }
    }

    async fn answer(
        &self,
        question: &Question,
        freshness: Freshness,
        nameservers: &Nameservers,
    ) -> FamilyAnswer {
        let ask = question::answer(nameservers, &question.domain, question.family);
        self.memory.answer(question, freshness, ask).await
    }

    /// Removes the cached answers for domains that `is_used` does not accept.
    pub fn forget_unless(&self, is_used: impl Fn(&DomainName) -> bool) {
        self.memory.forget_unless(is_used);
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver")
            .field("view", &self.view())
            .field("nameservers", &self.nameservers().collect::<Vec<_>>())
            .field("confirming", &self.confirming_nameservers().collect::<Vec<_>>())
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}

/// Returns the failure of a query that could not be sent, or whose answer could not be received.
fn not_asked(error: &io::Error, stage: Stage) -> ResolutionFailure {
    ResolutionFailure::NotAsked { shortage: own_failure(error, stage), detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::observation::View;
    use crate::origin::ProberConfig;

    use super::{Resolver, ResolverError};

    #[test]
    fn the_system_view_is_that_of_resolv_conf() {
        let settings = |nameservers| ProberConfig { nameservers, ..ProberConfig::default() };
        let nowhere = Path::new("/nonexistent");
        let error = Resolver::with_resolv_conf(&settings(Vec::new()), nowhere).unwrap_err();
        assert!(matches!(error, ResolverError::SystemUnreadable { .. }), "{error}");
        let configured = settings(vec!["192.0.2.53:53".parse().unwrap()]);
        let resolver = Resolver::with_resolv_conf(&configured, nowhere).unwrap();
        assert_eq!(resolver.view(), View::Configured);
    }
}
