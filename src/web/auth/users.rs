//! Authentication: users and their passwords.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rand::RngExt;

use crate::config::PasswordHash;

use super::login_queue::{Client, LoginQueue};

/// The users of a web configuration file; without users, access is open.
#[derive(Debug, Default)]
pub(super) struct Users {
    hashes: BTreeMap<String, PasswordHash>,
    /// The highest cost of a hash.
    dearest: u32,
}

/// The state of logins, which survives a reload.
#[derive(Debug)]
pub(in crate::web) struct Logins {
    /// A tag of the last accepted credentials of each user. A scraper authenticates every few
    /// seconds, and a comparison takes a tenth of a second. The tag includes the hash in use, so
    /// that a changed hash requires a new comparison.
    accepted: Mutex<HashMap<String, [u8; 32]>>,
    /// Protects the credentials if memory leaks.
    secret: hmac::Key,
    /// Comparisons are slow by design; guessing must not take the CPU cores from the probes.
    queue: Arc<LoginQueue>,
}

/// The decision on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Granted,
    /// The credentials are missing or wrong.
    Refused,
    /// Too many logins are waiting for a comparison.
    NotNow,
}

impl Logins {
    /// Returns the state without accepted credentials for a listener with `places` slots; most
    /// slots remain for clients that need not wait.
    pub(in crate::web) fn new(places: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            accepted: Mutex::default(),
            secret: hmac::Key::new(hmac::HMAC_SHA256, &rand::rng().random::<[u8; 32]>()),
            queue: LoginQueue::new((cores / 2).max(1), (places / 4).clamp(1, MOST_WAITING)),
        }
    }

    /// Returns the tag of a user with a password. It includes the lengths, so that two users whose
    /// joined names and passwords are equal have different tags.
    fn tag(&self, user: &str, hash: &str, password: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.secret);
        for part in [user.as_bytes(), hash.as_bytes(), password] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    fn has_accepted(&self, user: &str, tag: &[u8; 32]) -> bool {
        let accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        accepted.get(user) == Some(tag)
    }

    fn accept(&self, user: String, tag: [u8; 32]) {
        let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        if accepted.len() >= MOST_ACCEPTED
            && let Some(other) = accepted.keys().next().cloned()
        {
            accepted.remove(&other);
        }
        accepted.insert(user, tag);
    }
}

impl Users {
    pub(super) fn new(hashes: &BTreeMap<String, PasswordHash>) -> Self {
        let dearest = hashes.values().filter_map(cost).max().unwrap_or_default();
        Self { hashes: hashes.clone(), dearest }
    }

    /// Decides on a request by its Authorization header (RFC 7617).
    pub(super) async fn entry(
        &self,
        logins: &Logins,
        client: Client,
        headers: &HeaderMap,
    ) -> Entry {
        if self.hashes.is_empty() {
            return Entry::Granted;
        }
        let Some((user, password)) = credentials(headers) else { return Entry::Refused };
        let hash = self.hashes.get(&user);
        let (compared, others) = self.comparisons(hash);
        let tag = logins.tag(&user, &compared, &password);
        if logins.has_accepted(&user, &tag) {
            return Entry::Granted;
        }
        let Some(slot) = logins.queue.take(client).await else { return Entry::NotNow };
        let comparing = tokio::task::spawn_blocking(move || {
            // A client that disconnects meanwhile must not make room for another comparison.
            let _slot = slot;
            compare(&password, &compared, &others)
        });
        let fits = comparing.await.unwrap_or(false);
        if hash.is_none() || !fits {
            return Entry::Refused;
        }
        logins.accept(user, tag);
        Entry::Granted
    }

    /// Returns the hash that decides on a password, and those that a wrong password is also
    /// compared with. Together they take 2 to the power of `dearest` rounds, for every user and for
    /// unknown ones: 2ⁿ + 2ⁿ + 2ⁿ⁺¹ + … + 2ᵐ⁻¹ = 2ᵐ.
    fn comparisons(&self, hash: Option<&PasswordHash>) -> (String, Vec<String>) {
        match hash.and_then(|hash| Some((hash.as_str().to_owned(), cost(hash)?))) {
            Some((hash, cost)) => (hash, (cost..self.dearest).map(nobodys).collect()),
            None => (nobodys(self.dearest), Vec::new()),
        }
    }
}

/// Compares a password with the deciding hash, and a wrong password also with the others.
fn compare(password: &[u8], hash: &str, others: &[String]) -> bool {
    let fits = |hash: &str| bcrypt::verify(password, hash).unwrap_or(false);
    if fits(hash) {
        return true;
    }
    for other in others {
        std::hint::black_box(fits(other));
    }
    false
}

/// Returns the user name and password of a request.
fn credentials(headers: &HeaderMap) -> Option<(String, Vec<u8>)> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let user = String::from_utf8(decoded[..colon].to_vec()).ok()?;
    let password = &decoded[colon + 1..];
    Some((user, password[..password.len().min(LONGEST_PASSWORD)].to_vec()))
}

/// Returns the cost of a bcrypt hash: the logarithm to base 2 of its rounds.
fn cost(hash: &PasswordHash) -> Option<u32> {
    hash.as_str().parse::<bcrypt::HashParts>().ok().map(|parts| parts.get_cost())
}

/// Returns a hash that matches no known password.
fn nobodys(cost: u32) -> String {
    format!("$2b${cost:02}${NOBODYS}")
}

/// A salt and a digest of zeros, in bcrypt's alphabet.
const NOBODYS: &str = "nobodynobodynobodynobO...............................";
const MOST_ACCEPTED: usize = 1024;
/// The maximum number of logins that wait for a slot.
const MOST_WAITING: usize = 64;
/// In bytes: bcrypt ignores the rest.
const LONGEST_PASSWORD: usize = 72;

#[cfg(test)]
mod tests;
