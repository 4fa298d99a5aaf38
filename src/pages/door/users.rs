//! Who may come in: users and their passwords.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use axum::http::HeaderMap;
use axum::http::header;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::sync::Semaphore;

use crate::config::PasswordHash;

use super::error::DoorError;

/// The users of a web configuration file; without any, everybody may come in.
#[derive(Debug, Default)]
pub(super) struct Users(Option<Arc<Known>>);

#[derive(Debug)]
struct Known {
    hashes: BTreeMap<String, PasswordHash>,
    /// What an unknown user's password is compared with, so that it takes as long as a known
    /// one's. No password is known to have it.
    nobodys: String,
    /// Passwords that were right: a scraper comes back every few seconds, and a comparison takes
    /// a tenth of one.
    right: Mutex<HashSet<[u8; 32]>>,
    /// What hides them, should memory leak.
    secret: hmac::Key,
    /// Comparing is slow by design; who guesses must not take the cores from the probes.
    comparing: Semaphore,
    /// How many may wait for their turn.
    waiting: Semaphore,
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

impl Users {
    /// Takes the users in.
    pub(super) fn new(hashes: &BTreeMap<String, PasswordHash>) -> Result<Self, DoorError> {
        if hashes.is_empty() {
            return Ok(Self(None));
        }
        let secret = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| DoorError::NoRandomness)?;
        let cost = hashes.values().filter_map(|hash| cost(hash.as_str())).max();
        Ok(Self(Some(Arc::new(Known {
            nobodys: format!("$2b${:02}${NOBODYS}", cost.unwrap_or(10)),
            hashes: hashes.clone(),
            right: Mutex::default(),
            secret,
            comparing: Semaphore::new(1),
            waiting: Semaphore::new(MOST_WAITING),
        }))))
    }

    /// Decides on a request by its Authorization header (RFC 7617).
    pub(super) async fn entry(&self, headers: &HeaderMap) -> Entry {
        let Some(known) = &self.0 else { return Entry::Granted };
        let Some((user, password)) = credentials(headers) else { return Entry::Refused };
        let hash = known.hashes.get(&user);
        let tag = hash.map(|hash| known.tag(&user, hash, &password));
        if tag.is_some_and(|tag| known.is_right(&tag)) {
            return Entry::Granted;
        }
        let Ok(_place) = known.waiting.try_acquire() else { return Entry::NotNow };
        let Ok(_turn) = known.comparing.acquire().await else { return Entry::NotNow };
        let against = hash.map_or_else(|| known.nobodys.clone(), |hash| hash.as_str().to_owned());
        let comparison = move || bcrypt::verify(password, &against).unwrap_or(false);
        let fits = tokio::task::spawn_blocking(comparison).await.unwrap_or(false);
        match (tag, fits) {
            (Some(tag), true) => {
                known.note(tag);
                Entry::Granted
            }
            _ => Entry::Refused,
        }
    }
}

impl Known {
    /// Returns what stands for a user with a password; lengths keep two users apart whose names
    /// and passwords read the same when joined.
    fn tag(&self, user: &str, hash: &PasswordHash, password: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.secret);
        for part in [user.as_bytes(), hash.as_str().as_bytes(), password] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    fn is_right(&self, tag: &[u8; 32]) -> bool {
        self.right.lock().unwrap_or_else(PoisonError::into_inner).contains(tag)
    }

    fn note(&self, tag: [u8; 32]) {
        // One for each user: a right password is right for one hash only, but for what bcrypt
        // does not read of it.
        let mut right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if right.len() >= MOST_KEPT {
            right.clear();
        }
        right.insert(tag);
    }
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
    Some((user, decoded[colon + 1..].to_vec()))
}

/// Returns the cost that a bcrypt hash states: it takes 2 to the power of it rounds.
fn cost(hash: &str) -> Option<u32> {
    hash.parse::<bcrypt::HashParts>().ok().map(|parts| parts.get_cost())
}

/// A salt and a digest of zeros, in bcrypt's alphabet.
const NOBODYS: &str = "nobodynobodynobodynobO...............................";
const MOST_WAITING: usize = 16;
const MOST_KEPT: usize = 1024;

#[cfg(test)]
mod tests;
