//! DNS: which addresses an origin domain has, from whom that is known, and why there are none.
//!
//! Every call asks anew, by the fully qualified name only: no cache, no search list, no hosts
//! file. When to ask again is for others to decide, from the TTLs brought home.

mod chain;
mod nameserver;
mod nameservers;
mod question;
mod system;
#[cfg(test)]
mod test_nameserver;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join_all;
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::observation::Family;
use crate::observation::Resolution;
use crate::observation::View;
use crate::origin::DomainName;
use crate::origin::IpAddressType;

use nameservers::Nameservers;

/// Whom to ask, and how patiently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverSettings {
    /// Asked in this order; none stands for those of `/etc/resolv.conf`.
    pub nameservers: Vec<SocketAddr>,
    /// Asked for a second view ([`Resolver::confirm`]); none stands for no second view.
    pub confirm_with: Vec<SocketAddr>,
    /// How long one nameserver is waited for, each time it is asked, by UDP and again by TCP where
    /// its answer was truncated; at most [`LONGEST_TIMEOUT`].
    pub timeout: Duration,
    /// How often every nameserver is asked before a question is given up; 0 counts as 1.
    pub attempts: usize,
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
    #[error("nameserver {nameserver}: cannot be set up: {detail}")]
    NameserverUnusable { nameserver: SocketAddr, detail: String },
}

/// Asks nameservers for the addresses of origin domains.
///
/// The system's nameservers are read once, when it is made. Share it by `Arc`: the bound on
/// concurrent questions is its own.
pub struct Resolver {
    nameservers: Nameservers,
    confirming: Option<Nameservers>,
    questions: Semaphore,
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
        let nameservers = if settings.nameservers.is_empty() {
            Nameservers::new(&system::nameservers(resolv_conf)?, View::System, settings)?
        } else {
            Nameservers::new(&settings.nameservers, View::Configured, settings)?
        };
        let confirming = if settings.confirm_with.is_empty() {
            None
        } else {
            Some(Nameservers::new(&settings.confirm_with, View::Configured, settings)?)
        };
        Ok(Self { nameservers, confirming, questions: Semaphore::new(MAX_CONCURRENT_QUESTIONS) })
    }

    /// Returns what the first view says of `domain`: A, AAAA or both, as `family` asks.
    ///
    /// An answer without an address is data, as is a nameserver's silence. Only a bounded number
    /// of questions is under way at once; the others wait. One that meets silence everywhere takes
    /// timeout × attempts × nameservers; bound the whole by a deadline and drop the future.
    pub async fn resolve(&self, domain: &DomainName, family: IpAddressType) -> Resolution {
        self.view_of(&self.nameservers, domain, family).await
    }

    /// Returns what the second view says of `domain`; none where no second view is configured.
    pub async fn confirm(&self, domain: &DomainName, family: IpAddressType) -> Option<Resolution> {
        Some(self.view_of(self.confirming.as_ref()?, domain, family).await)
    }

    /// Tells whether any nameserver of the first view answers for the root of DNS.
    ///
    /// Where one does, a question that failed is the domain's fault more likely than the
    /// nameserver's. SERVFAIL and REFUSED are no answers.
    pub async fn answers_for_the_root(&self) -> bool {
        let _permit = self.questions.acquire().await;
        self.nameservers.any_answers_for_the_root().await
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
        domain: &DomainName,
        family: IpAddressType,
    ) -> Resolution {
        let questions = families(family).iter().map(|&family| async move {
            // The semaphore is never closed; without a permit the question would only be unbounded.
            let _permit = self.questions.acquire().await;
            question::answer(nameservers, domain, family).await
        });
        let answers = join_all(questions).await;
        Resolution { answers, view: nameservers.view(), confirmation: None }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver")
            .field("view", &self.view())
            .field("nameservers", &self.nameservers().collect::<Vec<_>>())
            .field("confirming", &self.confirming_nameservers().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// How many questions are under way at once. Each holds a socket or two, and a home router's
/// nameserver drops what comes in larger bursts.
const MAX_CONCURRENT_QUESTIONS: usize = 256;

fn families(family: IpAddressType) -> &'static [Family] {
    match family {
        IpAddressType::Ipv4 => &[Family::Ipv4],
        IpAddressType::Ipv6 => &[Family::Ipv6],
        IpAddressType::Dualstack => &[Family::Ipv4, Family::Ipv6],
    }
}
