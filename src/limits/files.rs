//! The division of the process's file descriptors among its parts.

use std::fs;
use std::sync::{Arc, OnceLock};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::Semaphore;

/// The permits for the sockets of this process. Everything else opens only a few files, so EMFILE
/// does not occur unless the limit is lowered at run time.
#[derive(Debug)]
pub struct OpenFiles {
    pub shares: Shares,
    /// Connections to origins, over all probers: after a reload, the old prober's probes still run.
    pub probes: Arc<Semaphore>,
    /// DNS queries, except those to individual nameservers.
    pub dns: Arc<Semaphore>,
    /// Queries to individual nameservers, over all resolvers.
    pub each_nameserver: Arc<Semaphore>,
}

/// How many file descriptors each part of the process may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    pub probes: usize,
    pub dns: usize,
    /// Queries to individual nameservers (`resolver.check_all`).
    pub each_nameserver: usize,
    /// HTTP connections; two more are open while one connection replaces another.
    pub pages: usize,
}

/// Returns the permits of this process. The limit and the open files are determined on the first
/// call.
pub fn open_files() -> &'static OpenFiles {
    static FILES: OnceLock<OpenFiles> = OnceLock::new();
    FILES.get_or_init(|| {
        let shares = Shares::of(file_limit(), held());
        let places = |count: usize| Arc::new(Semaphore::new(count));
        OpenFiles {
            shares,
            probes: places(shares.probes),
            dns: places(shares.dns),
            each_nameserver: places(shares.each_nameserver),
        }
    })
}

/// Returns how many files this process may open (the soft limit of RLIMIT_NOFILE).
pub fn file_limit() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    limit.and_then(|files| usize::try_from(files).ok()).unwrap_or(Semaphore::MAX_PERMITS)
}

/// Raises the soft limit on open files to the hard limit. The soft limit is low for the sake of
/// programs that use select(), which this one does not.
pub fn raise_file_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // If this fails, the limit stays as it is.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// The fewest file descriptors with which the daemon works: 12 that are always open, 3 for files
/// that it reads (two of them for the process metrics of a scrape) and 9 for the sockets of the
/// smallest shares, including connections that replace others.
pub const FEWEST_FILES: usize = 24;

impl Shares {
    const LEAST: Self = Self { probes: 2, dns: 2, each_nameserver: 1, pages: 2 };
    /// Nameservers drop larger bursts, and there are only a handful of scrapers and readers.
    const MOST: Self = Self {
        probes: Semaphore::MAX_PERMITS,
        dns: MOST_SOCKETS,
        each_nameserver: MOST_SOCKETS,
        pages: MOST_SOCKETS,
    };

    /// Divides what remains of `limit` if `held` files are open. DNS and HTTP come first, because
    /// probes can wait for a permit but a scrape has a timeout.
    fn of(limit: usize, held: usize) -> Self {
        let free = limit.saturating_sub(held);
        // For the configuration, target files, trust anchors, /proc, and connections to AWS.
        let free = free.saturating_sub((free / 8).clamp(3, 64));
        let dns = (free / 8).clamp(Self::LEAST.dns, Self::MOST.dns);
        let each_nameserver =
            (free / 8).clamp(Self::LEAST.each_nameserver, Self::MOST.each_nameserver);
        let pages = (free / 5).saturating_sub(2).clamp(Self::LEAST.pages, Self::MOST.pages);
        let probes = free.saturating_sub(dns + each_nameserver + pages + 2);
        let probes = probes.clamp(Self::LEAST.probes, Self::MOST.probes);
        Self { probes, dns, each_nameserver, pages }
    }
}

/// Nameserver queries and HTTP connections never need more.
const MOST_SOCKETS: usize = 256;

/// Returns how many files this process has open.
fn held() -> usize {
    // Without /proc, the usual number.
    fs::read_dir("/proc/self/fd").map_or(12, |files| files.count().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::{FEWEST_FILES, MOST_SOCKETS, Shares};

    #[test]
    fn all_parts_together_stay_below_the_limit() {
        for limit in (FEWEST_FILES..2_000).chain([4_096, 16_384, 1_048_576]) {
            let Shares { probes, dns, each_nameserver, pages } = Shares::of(limit, 12);
            let all = 12 + 3 + probes + dns + each_nameserver + pages + 2;
            assert!(all <= limit, "{limit}: {all}");
        }
    }

    #[test]
    fn dns_and_pages_come_first_and_probes_take_the_rest() {
        let shares =
            |probes, dns, each_nameserver, pages| Shares { probes, dns, each_nameserver, pages };
        for (limit, expected) in [
            (24, shares(2, 2, 1, 2)),
            (64, shares(27, 5, 5, 7)),
            (256, shares(120, 26, 26, 40)),
            (1_024, shares(523, 118, 118, 187)),
            (16_384, shares(15_538, 256, 256, 256)),
        ] {
            assert_eq!(Shares::of(limit, 12), expected, "{limit}");
        }
        let without_a_limit = Shares::of(Semaphore::MAX_PERMITS, 12);
        assert_eq!(without_a_limit.dns, MOST_SOCKETS);
    }
}
