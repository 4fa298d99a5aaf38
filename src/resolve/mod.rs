//! DNS: which addresses an origin domain has, from whom that is known, and why there are none.
//!
//! Names are asked for by the fully qualified name only: no search list, no hosts file. An answer
//! is kept while its TTL lasts, and who asks says how fresh it has to be.

mod chain;
mod memory;
mod nameserver;
mod nameservers;
mod question;
mod system;
mod tcp;
#[cfg(test)]
mod test_nameserver;
#[cfg(test)]
mod tests;
mod udp;

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join_all;
use thiserror::Error;
use tokio::time::Instant;
use tokio::time::timeout_at;

pub use memory::Freshness;
pub use question::read_answer;

use crate::limits::Stage;
use crate::limits::open_files;
use crate::limits::own_failure;
use crate::observation::Family;
use crate::observation::FamilyAnswer;
use crate::observation::Resolution;
use crate::observation::ResolutionFailure;
use crate::observation::Transport;
use crate::observation::View;
use crate::origin::DomainName;
use crate::origin::IpAddressType;

use memory::Asked;
use memory::Memory;
use memory::Question;
use nameservers::Nameservers;

/// Whom to ask, and how patiently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverSettings {
    /// Asked in this order; none stands for those of `/etc/resolv.conf`.
    pub nameservers: Vec<SocketAddr>,
    /// Asked for a second view ([`Resolver::confirm`]); none stands for no second view.
    pub confirm_with: Vec<SocketAddr>,
    /// How many of the nameservers of the first view have to answer.
    pub breadth: Breadth,
    /// How long one nameserver is waited for, each time it is asked, by UDP and again by TCP where
    /// its answer was truncated; at most [`LONGEST_TIMEOUT`].
    pub timeout: Duration,
    /// How often every nameserver is asked before a question is given up; 0 counts as 1.
    pub attempts: usize,
}

/// How many nameservers of a view have to answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Breadth {
    /// The first answer is the view's.
    #[default]
    UntilOneAnswers,
    /// The same, but what each of them says is brought home too ([`Resolver::ask_each`]).
    EveryNameserver,
}

/// The longest that one nameserver is waited for.
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Why no resolver could be set up.
#[derive(Debug, Error)]
pub enum ResolverError {
    #[error(
        "{}: cannot read the system's nameservers: {source}; \
         make the file readable, or name nameservers in the configuration",
        path.display()
    )]
    SystemUnreadable { path: PathBuf, source: io::Error },
    #[error(
        "{}: gives no usable nameserver: {detail}; \
         add a line `nameserver ADDRESS`, or name nameservers in the configuration",
        path.display()
    )]
    SystemUnusable { path: PathBuf, detail: String },
}

/// Asks nameservers for the addresses of origin domains.
///
/// The system's nameservers are read once, when it is made. How many questions are under way at
/// once is limited for the whole process ([`open_files`]); the others wait.
pub struct Resolver {
    nameservers: Nameservers,
    confirming: Option<Nameservers>,
    /// Those of the first view, each by itself; none unless every one of them has to answer.
    alone: Vec<Alone>,
    memory: Memory,
}

/// A nameserver that is asked by itself.
struct Alone {
    address: SocketAddr,
    nameservers: Nameservers,
}

impl Resolver {
    /// Returns a resolver for these settings; nothing is sent yet.
    ///
    /// # Errors
    /// When no nameserver is configured and `/etc/resolv.conf` cannot be read or names none.
    pub fn new(settings: &ResolverSettings) -> Result<Self, ResolverError> {
        Self::with_resolv_conf(settings, Path::new(system::RESOLV_CONF))
    }

    fn with_resolv_conf(
        settings: &ResolverSettings,
        resolv_conf: &Path,
    ) -> Result<Self, ResolverError> {
        let files = open_files();
        let (view, addresses) = match settings.nameservers.as_slice() {
            [] => (View::System, system::nameservers(resolv_conf)?),
            configured => (View::Configured, configured.to_vec()),
        };
        let nameservers = Nameservers::new(&addresses, view, settings, &files.dns);
        let confirming = if settings.confirm_with.is_empty() {
            None
        } else {
            let (addresses, view) = (&settings.confirm_with, View::Configured);
            Some(Nameservers::new(addresses, view, settings, &files.dns))
        };
        let alone = match settings.breadth {
            Breadth::UntilOneAnswers => Vec::new(),
            Breadth::EveryNameserver => nameservers
                .apart(files.shares.each_nameserver, &files.each_nameserver)
                .map(|(address, nameservers)| Alone { address, nameservers })
                .collect(),
        };
        Ok(Self { nameservers, confirming, alone, memory: Memory::default() })
    }

    /// Returns what the first view says of `domain`: A, AAAA or both, as `family` asks.
    ///
    /// An answer without an address is data, as is a nameserver's silence. A question that meets silence everywhere takes
    /// timeout × attempts × nameservers; bound the whole by a deadline and drop the future.
    pub async fn resolve(
        &self,
        domain: &DomainName,
        family: IpAddressType,
        freshness: Freshness,
    ) -> Resolution {
        self.view_of(&self.nameservers, Asked::FirstView, domain, family, freshness).await
    }

    /// Returns what the second view says of `domain`; none where no second view is configured.
    pub async fn confirm(
        &self,
        domain: &DomainName,
        family: IpAddressType,
        freshness: Freshness,
    ) -> Option<Resolution> {
        let confirming = self.confirming.as_ref()?;
        Some(self.view_of(confirming, Asked::SecondView, domain, family, freshness).await)
    }

    /// Returns what each nameserver of the first view says by itself, in the order configured;
    /// nothing unless the settings want it ([`Breadth::EveryNameserver`]).
    ///
    /// All of them are asked at once, but for those whose word is in `known`, which
    /// [`Resolver::resolve`] has brought home. One that has not come to an end by `deadline` is
    /// left out: it may still have been about to answer.
    pub async fn ask_each(
        &self,
        domain: &DomainName,
        known: &Resolution,
        freshness: Freshness,
        deadline: Instant,
    ) -> Vec<FamilyAnswer> {
        let asked = self.alone.iter().flat_map(|alone| {
            known.answers.iter().map(move |answer| async move {
                if answer.nameserver == Some(alone.address) {
                    return Some(answer.clone());
                }
                let asked = Asked::Alone(alone.address);
                let question = Question { domain: domain.clone(), family: answer.family, asked };
                let answer = self.answer(&question, freshness, &alone.nameservers);
                timeout_at(deadline, answer).await.ok()
            })
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// Returns whether each of these nameservers of the first view answers for the root of DNS over
    /// the given transport; `None` means any nameserver of the view.
    ///
    /// Where they do, a question that failed is the domain's fault more likely than the
    /// nameservers'. SERVFAIL and REFUSED are not answers.
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

    /// Returns whose view [`Resolver::resolve`] brings home.
    pub fn view(&self) -> View {
        self.nameservers.view()
    }

    /// Returns the nameservers of the first view, in the order configured.
    pub fn nameservers(&self) -> impl Iterator<Item = SocketAddr> {
        self.nameservers.addresses()
    }

    /// Returns the nameservers of the second view; none where there is no second view.
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
        let answers = families(family).iter().map(|&family| async move {
            let question = Question { domain: domain.clone(), family, asked };
            self.answer(&question, freshness, nameservers).await
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

    /// Forgets the answers about domains that `is_used` does not know.
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

/// Returns the failure of a question that could not be sent, or whose answer could not be received.
fn not_asked(error: &io::Error, stage: Stage) -> ResolutionFailure {
    ResolutionFailure::NotAsked { shortage: own_failure(error, stage), detail: error.to_string() }
}

fn families(family: IpAddressType) -> &'static [Family] {
    match family {
        IpAddressType::Ipv4 => &[Family::Ipv4],
        IpAddressType::Ipv6 => &[Family::Ipv6],
        IpAddressType::Dualstack => &[Family::Ipv4, Family::Ipv6],
    }
}
