//! Who may come in: users and their passwords.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use axum::http::header;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rand::RngExt;

use crate::config::PasswordHash;

use super::turns::Client;
use super::turns::Turns;

/// The users of a web configuration file; without any, everybody may come in.
#[derive(Debug, Default)]
pub(super) struct Users {
    hashes: BTreeMap<String, PasswordHash>,
    /// The highest cost of a hash.
    dearest: u32,
}

/// State of logins that outlasts a reload.
#[derive(Debug)]
pub(in crate::pages) struct Gate {
    /// A tag of the last accepted credentials of each user: a scraper comes back every few seconds,
    /// and a comparison takes a tenth of one. The tag covers the hash in use, so that another hash
    /// needs another comparison.
    accepted: Mutex<HashMap<String, [u8; 32]>>,
    /// Hides the credentials, should memory leak.
    secret: hmac::Key,
    /// Comparing is slow by design; guessing must not take the cores from the probes.
    turns: Arc<Turns>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Granted,
    /// No name, or no such name with that password.
    Refused,
    /// Too many passwords wait to be compared.
    NotNow,
}

impl Gate {
    /// Returns a gate without accepted credentials for a listener of so many `places`: most of them
    /// remain for those who need not wait.
    pub(in crate::pages) fn new(places: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            accepted: Mutex::default(),
            secret: hmac::Key::new(hmac::HMAC_SHA256, &rand::rng().random::<[u8; 32]>()),
            turns: Turns::new((cores / 2).max(1), (places / 4).clamp(1, MOST_WAITING)),
        }
    }

    /// Returns the tag of a user with a password. It covers the lengths, so that two users whose
    /// names and passwords read the same when joined have different tags.
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
    /// Takes the users in.
    pub(super) fn new(hashes: &BTreeMap<String, PasswordHash>) -> Self {
        let dearest = hashes.values().filter_map(cost).max().unwrap_or_default();
        Self { hashes: hashes.clone(), dearest }
    }

    /// Decides on a request by its Authorization header (RFC 7617).
    pub(super) async fn entry(&self, gate: &Gate, client: Client, headers: &HeaderMap) -> Entry {
        if self.hashes.is_empty() {
            return Entry::Granted;
        }
        let Some((user, password)) = credentials(headers) else { return Entry::Refused };
        let hash = self.hashes.get(&user);
        let (compared, others) = self.comparisons(hash);
        let tag = gate.tag(&user, &compared, &password);
        if gate.has_accepted(&user, &tag) {
            return Entry::Granted;
        }
        let Some(turn) = gate.turns.take(client).await else { return Entry::NotNow };
        let comparing = tokio::task::spawn_blocking(move || {
            // A client that goes away meanwhile must not make room for another comparison.
            let _turn = turn;
            compare(&password, &compared, &others)
        });
        let fits = comparing.await.unwrap_or(false);
        if hash.is_none() || !fits {
            return Entry::Refused;
        }
        gate.accept(user, tag);
        Entry::Granted
    }

    /// Returns the hash that decides on a password, and those that a wrong one is compared with in
    /// addition. They take 2 to the power of `dearest` rounds together, whoever the user is and whether there is
    /// such a user: 2ⁿ + 2ⁿ + 2ⁿ⁺¹ + … + 2ᵐ⁻¹ = 2ᵐ.
    fn comparisons(&self, hash: Option<&PasswordHash>) -> (String, Vec<String>) {
        match hash.and_then(|hash| Some((hash.as_str().to_owned(), cost(hash)?))) {
            Some((hash, cost)) => (hash, (cost..self.dearest).map(nobodys).collect()),
            None => (nobodys(self.dearest), Vec::new()),
        }
    }
}

/// Compares a password with the hash that counts, and a wrong one with the others, too.
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

/// Returns the user and the password of a request.
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

/// Returns the cost that a bcrypt hash states: it takes 2 to the power of it rounds.
fn cost(hash: &PasswordHash) -> Option<u32> {
    hash.as_str().parse::<bcrypt::HashParts>().ok().map(|parts| parts.get_cost())
}

/// Returns a hash that no password is known to have.
fn nobodys(cost: u32) -> String {
    format!("$2b${cost:02}${NOBODYS}")
}

/// A salt and a digest of zeros, in bcrypt's alphabet.
const NOBODYS: &str = "nobodynobodynobodynobO...............................";
const MOST_ACCEPTED: usize = 1024;
/// For a turn.
const MOST_WAITING: usize = 64;
/// In bytes: bcrypt reads no more of it.
const LONGEST_PASSWORD: usize = 72;

#[cfg(test)]
mod tests;
