//! The web configuration file: who may read the pages, in the format of Prometheus's
//! exporter-toolkit (`docs/web-configuration.md` there).

mod show;
mod tls;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::ConfigErrors;
use crate::config::error::Problems;
use crate::config::fault::Excerpt;
use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::scalar;
use crate::config::section::Section;
use crate::config::tree::Node;

/// What one web configuration file says, checked. The files it names are not read here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebFile {
    /// `None`: plain HTTP.
    pub tls: Option<TlsSettings>,
    /// Added to every answer.
    pub headers: Vec<(&'static str, String)>,
    /// Empty: everybody may read.
    pub users: BTreeMap<String, PasswordHash>,
    /// `None`: requests may come as fast as they will.
    pub rate_limit: Option<RateLimit>,
}

/// How the pages are served over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    pub certificate: Pem,
    pub key: Pem,
    /// Who certifies those who may connect; `None`: nobody needs a certificate.
    pub client_ca: Option<Pem>,
    pub client: ClientPolicy,
    /// A client's certificate must carry one of these subject alternative names; empty: any.
    pub client_allowed_sans: Vec<String>,
    /// Both of TLS 1.2 and TLS 1.3 at most, lowest first; never empty.
    pub versions: Vec<TlsVersion>,
    /// IANA names of TLS 1.2 suites; empty: the library's own choice.
    pub cipher_suites: Vec<&'static str>,
    /// IANA names, most preferred first; empty: the library's own choice.
    pub groups: Vec<&'static str>,
}

/// PEM text, or the file that holds it.
#[derive(Clone, PartialEq, Eq)]
pub enum Pem {
    File(PathBuf),
    Inline(String),
}

/// What is asked of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientPolicy {
    NoCertificate,
    /// A certificate, if it sends one, must be valid.
    VerifyIfGiven,
    RequireAndVerify,
}

/// A version of TLS that can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    Tls12,
    Tls13,
}

/// How fast requests may come, all clients together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The time between two requests.
    pub interval: Duration,
    /// How many may come at once.
    pub burst: u32,
}

/// A password as bcrypt keeps it; never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Returns the hash in bcrypt's own form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Inline(_) => f.write_str("<secret>"),
        }
    }
}

impl WebFile {
    /// Returns the files that it names.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let tls = self.tls.iter();
        let pems =
            tls.flat_map(|tls| [&tls.certificate, &tls.key].into_iter().chain(&tls.client_ca));
        pems.filter_map(|pem| match pem {
            Pem::File(path) => Some(&**path),
            Pem::Inline(_) => None,
        })
    }

    /// Reads and checks a web configuration file.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line.
    pub fn load(place: &Path) -> Result<Self, ConfigErrors> {
        let text = super::text_of(place)?;
        Self::parse(place, &text)
    }

    /// Checks what a web configuration file holds; `place` is its path, for errors and as the
    /// base of relative paths.
    ///
    /// # Errors
    /// As [`WebFile::load`].
    pub fn parse(place: &Path, text: &str) -> Result<Self, ConfigErrors> {
        let root = Node::parse(text).map_err(|error| ConfigErrors::one(place, error))?;
        let problems = Problems::default();
        let file = Section::of_file(&root, FILE_KEYS, &problems);
        let folder = place.parent().unwrap_or(place);
        let web = Self {
            tls: tls::tls(&file, folder),
            headers: headers(&file),
            users: users(&file),
            rate_limit: rate_limit(&file),
        };
        problems.into_errors(place).map_or(Ok(web), Err)
    }
}

const FILE_KEYS: &[Key] = &[
    key("tls_server_config", "How the pages are served over TLS. Left out: plain HTTP."),
    key("http_server_config", "What is added to answers."),
    key(
        "basic_auth_users",
        "Who may read, with bcrypt hashes of their passwords (`htpasswd -nBC 10 USER`). Empty: \
         everybody.",
    ),
    key("rate_limit", "How fast requests may come, all clients together."),
];
const HTTP_KEYS: &[Key] = &[
    key("http2", "Taken for the toolkit's sake, without effect: HTTP/1.1 is served."),
    key("headers", "Headers of every answer."),
];

/// The headers that the toolkit takes.
const HEADER_KEYS: &[Key] = &[
    key("Content-Security-Policy", "Replaces the pages' own policy."),
    key(
        "Strict-Transport-Security",
        "For how long browsers keep to HTTPS, such as `max-age=31536000`.",
    ),
    key("X-Content-Type-Options", "Keeps browsers from guessing types."),
    key("X-Frame-Options", "Who may show the pages in a frame."),
    key("X-XSS-Protection", "Read by old browsers only."),
];

const RATE_LIMIT_KEYS: &[Key] = &[
    key("interval", "The time between two requests; `0s` is no limit."),
    key("burst", "How many may come at once."),
];

fn headers(file: &Section<'_>) -> Vec<(&'static str, String)> {
    let http = file.section("http_server_config", HTTP_KEYS);
    // HTTP/1.1 is what is served; nobody who scrapes needs more.
    http.value("http2", scalar::boolean);
    let mut headers = Vec::new();
    http.each_entry("headers", |name, node| {
        let Some(known) = HEADER_KEYS.iter().find(|known| known.name == name) else {
            let meant = super::nearest::nearest(name, HEADER_KEYS);
            return Err(Fault::UnknownKey { meant, known: HEADER_KEYS });
        };
        let values: &[&str] = match known.name {
            "X-Content-Type-Options" => &["nosniff"],
            "X-Frame-Options" => &["deny", "sameorigin"],
            _ => &[],
        };
        let value = scalar::header_value(node)?;
        if !values.is_empty() && !values.contains(&value) {
            return Err(Fault::NotOneOf { value: Excerpt::of(value), allowed: values.to_vec() });
        }
        headers.push((known.name, value.to_owned()));
        Ok(())
    });
    headers
}

fn users(file: &Section<'_>) -> BTreeMap<String, PasswordHash> {
    let mut users = BTreeMap::new();
    file.each_entry("basic_auth_users", |user, node| {
        let hash = scalar::secret_text(node)?;
        // What is wrong with it is not shown: it may be the password itself.
        let parts: bcrypt::HashParts = hash.parse().map_err(|_| Fault::NoPasswordHash)?;
        let cost = parts.get_cost();
        if cost > DEAREST {
            return Err(Fault::PasswordHashTooDear { cost, limit: DEAREST });
        }
        users.insert(user.to_owned(), PasswordHash(hash.to_owned()));
        Ok(())
    });
    users
}

fn rate_limit(file: &Section<'_>) -> Option<RateLimit> {
    let section = file.section("rate_limit", RATE_LIMIT_KEYS);
    let interval = section.value("interval", |node| scalar::duration(node, INTERVALS));
    let burst = section.value("burst", |node| scalar::whole_number(node, 0..=1_000_000));
    let interval = interval.filter(|interval| !interval.is_zero())?;
    Some(RateLimit { interval, burst: burst.unwrap_or(0).max(1) })
}

/// Some five seconds of one core.
const DEAREST: u32 = 16;
const INTERVALS: std::ops::RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(3600);

#[cfg(test)]
mod tests;
