//! The web configuration file: TLS and authentication, in the format of Prometheus's
//! exporter-toolkit (see its `docs/web-configuration.md`).

mod tls;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::error::Problems;
use crate::config::error_kind::{ErrorKind, Shown};
use crate::config::read::Place;
use crate::config::scalar::{Choice, Length, Number, REDACTED, Secret};
use crate::config::tree::Node;
use crate::config::value::{AsWritten, Given, Later, Scalar, is_default, quoted_keys, written};
use crate::config::{ConfigErrors, ReferencedFiles};

use tls::Tls;

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(super) struct WebConfigFile {
    /// TLS settings of the HTTP server. Default: plain HTTP.
    #[serde(skip_serializing_if = "is_default")]
    tls_server_config: Tls,
    /// HTTP settings.
    #[serde(skip_serializing_if = "is_default")]
    http_server_config: Http,
    /// User names and bcrypt password hashes (`htpasswd -nBC 10 USER`). Empty: no authentication.
    #[schemars(extend("x-valid" = "values: bcrypt hashes; of cost 16 at most"))]
    #[serde(serialize_with = "quoted_keys", skip_serializing_if = "is_default")]
    basic_auth_users: Later<BTreeMap<String, Given<PasswordHash>>>,
    /// Rate limit for all clients together.
    #[serde(skip_serializing_if = "is_default")]
    rate_limit: RateLimitEntry,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
struct Http {
    /// Ignored: only HTTP/1.1 is served.
    #[schemars(extend("x-default" = "no effect"))]
    #[serde(skip_serializing)]
    http2: Given<bool>,
    /// Headers added to every response.
    headers: Headers,
}

/// The headers that the toolkit accepts.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
struct Headers {
    /// Replaces the default policy of the pages.
    #[serde(rename = "Content-Security-Policy", skip_serializing_if = "is_default")]
    content_security_policy: Given<HeaderValue>,
    /// How long browsers must use HTTPS, such as `max-age=31536000`.
    #[serde(rename = "Strict-Transport-Security", skip_serializing_if = "is_default")]
    strict_transport_security: Given<HeaderValue>,
    /// Prevents MIME type sniffing.
    #[serde(rename = "X-Content-Type-Options", skip_serializing_if = "is_default")]
    x_content_type_options: Given<ContentTypeOptions>,
    /// Sites that may embed the pages in a frame.
    #[serde(rename = "X-Frame-Options", skip_serializing_if = "is_default")]
    x_frame_options: Given<FrameOptions>,
    /// Used by old browsers only.
    #[serde(rename = "X-XSS-Protection", skip_serializing_if = "is_default")]
    x_xss_protection: Given<HeaderValue>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
struct RateLimitEntry {
    /// Time between two requests; `0s` disables the limit.
    interval: Given<Length<0, 3_600_000>>,
    /// Maximum number of requests at once.
    burst: Given<Number<0, 1_000_000>>,
}

/// The settings of one web configuration file, validated. The files that it names are not read
/// here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WebFile {
    /// `None`: plain HTTP.
    pub tls: Option<TlsSettings>,
    /// Added to every response.
    pub headers: Vec<(&'static str, String)>,
    /// Empty: no authentication.
    pub users: BTreeMap<String, PasswordHash>,
    /// `None`: no limit.
    pub rate_limit: Option<RateLimit>,
    file: AsWritten<WebConfigFile>,
}

/// The TLS settings of the HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    pub certificate: Pem,
    pub key: Pem,
    /// The CA for client certificates; `None`: no client certificates.
    pub client_ca: Option<Pem>,
    pub client: ClientPolicy,
    /// A client certificate must contain one of these subject alternative names; empty: any.
    pub client_allowed_sans: Vec<String>,
    /// TLS 1.2, TLS 1.3 or both, lowest first; never empty.
    pub versions: Vec<TlsVersion>,
    /// IANA names of TLS 1.2 suites; empty: the library's default.
    pub cipher_suites: Vec<&'static str>,
    /// IANA names, most preferred first; empty: the library's default.
    pub groups: Vec<&'static str>,
}

/// PEM text, or the path of a PEM file.
#[derive(Clone, PartialEq, Eq)]
pub enum Pem {
    File(PathBuf),
    Inline(String),
}

/// Whether clients need a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientPolicy {
    NoCertificate,
    /// Optional, but verified if sent.
    VerifyIfGiven,
    RequireAndVerify,
}

/// A TLS version that the server supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    Tls12,
    Tls13,
}

/// The rate limit for all clients together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The time between two requests.
    pub interval: Duration,
    /// The maximum number of requests at once.
    pub burst: u32,
}

/// A bcrypt password hash. It is never displayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordHash(Secret);

impl PasswordHash {
    /// Returns the hash in bcrypt's text format.
    pub fn as_str(&self) -> &str {
        &self.0.0
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Inline(_) => f.write_str(REDACTED),
        }
    }
}

impl WebFile {
    /// Returns the certificate and key files named in the settings.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let tls = self.tls.iter();
        let pems =
            tls.flat_map(|tls| [&tls.certificate, &tls.key].into_iter().chain(&tls.client_ca));
        pems.filter_map(|pem| match pem {
            Pem::File(path) => Some(&**path),
            Pem::Inline(_) => None,
        })
    }

    /// Reads and validates a web configuration file.
    ///
    /// # Errors
    /// Returns all errors in the file, each with its line.
    pub fn load(place: &Path) -> Result<Self, ConfigErrors> {
        let text = super::text_of(place)?;
        Self::validated(place, &text, ReferencedFiles::MustExist)
    }

    /// Validates the content of a web configuration file. `place` is its path, used in errors and
    /// as the base of relative paths.
    ///
    /// # Errors
    /// As [`WebFile::load`].
    pub fn parse(place: &Path, text: &str) -> Result<Self, ConfigErrors> {
        Self::validated(place, text, ReferencedFiles::Unchecked)
    }

    fn validated(place: &Path, text: &str, files: ReferencedFiles) -> Result<Self, ConfigErrors> {
        let root = Node::parse(text).map_err(|error| ConfigErrors::one(place, error))?;
        let problems = Problems::default();
        let at = Place::top(&root, &problems);
        let mut file: WebConfigFile = at.read();
        let folder = place.parent().unwrap_or(place);
        let tls_at = at.key("tls_server_config");
        let tls = file.tls_server_config.settings(&tls_at, folder, files);
        file.basic_auth_users = Later(users(&at.key("basic_auth_users")));
        if let Some(errors) = problems.into_errors(place) {
            return Err(errors);
        }
        let users = file.basic_auth_users.0.iter();
        Ok(Self {
            tls,
            headers: file.http_server_config.headers.given(),
            users: users.filter_map(|(user, hash)| Some((user.clone(), hash.0.clone()?))).collect(),
            rate_limit: file.rate_limit.limit(),
            file: AsWritten(file),
        })
    }

    /// Returns the settings as YAML, with `<secret>` for PEM texts and password hashes.
    pub fn show(&self) -> String {
        match is_default(&self.file.0) {
            true => String::new(),
            false => written(&self.file.0),
        }
    }
}

impl Headers {
    fn given(&self) -> Vec<(&'static str, String)> {
        let headers = [
            ("Content-Security-Policy", self.content_security_policy.text()),
            ("Strict-Transport-Security", self.strict_transport_security.text()),
            ("X-Content-Type-Options", self.x_content_type_options.text()),
            ("X-Frame-Options", self.x_frame_options.text()),
            ("X-XSS-Protection", self.x_xss_protection.text()),
        ];
        headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

impl Default for RateLimitEntry {
    fn default() -> Self {
        Self { interval: Given::default(), burst: Number(1).into() }
    }
}

impl RateLimitEntry {
    fn limit(&self) -> Option<RateLimit> {
        let interval = self.interval.0?.0;
        let burst = self.burst.0?.0.max(1);
        (!interval.is_zero()).then_some(RateLimit { interval, burst })
    }
}

fn users(mapping: &Place<'_>) -> BTreeMap<String, Given<PasswordHash>> {
    mapping.entries().map(|(user, hash)| (user.to_owned(), Given(hash.scalar()))).collect()
}

impl Scalar for PasswordHash {
    const KIND: &'static str = Secret::KIND;
    const WANTED: &'static str = Secret::WANTED;

    /// Parses the hash. The error omits the text, which may be a plain-text password.
    fn parse(text: &str) -> Result<Self, ErrorKind> {
        let parts: bcrypt::HashParts = text.parse().map_err(|_| ErrorKind::NoPasswordHash)?;
        let cost = parts.get_cost();
        if cost > DEAREST {
            return Err(ErrorKind::PasswordHashTooDear { cost, limit: DEAREST });
        }
        Secret::parse(text).map(Self)
    }

    fn text(&self) -> String {
        self.0.text()
    }
}

/// The value of an HTTP response header.
#[derive(Clone, Debug, PartialEq, Eq)]
struct HeaderValue(String);

impl Scalar for HeaderValue {
    const KIND: &'static str = "header value";
    const WANTED: &'static str = "a header value";

    fn parse(text: &str) -> Result<Self, ErrorKind> {
        match text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            true => Ok(Self(text.to_owned())),
            false => Err(ErrorKind::NotPrintable { value: Shown::of(text) }),
        }
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ContentTypeOptions {
    NoSniff,
}

impl Choice for ContentTypeOptions {
    const SPELLINGS: &'static [(&'static str, Self)] = &[("nosniff", Self::NoSniff)];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FrameOptions {
    Deny,
    SameOrigin,
}

impl Choice for FrameOptions {
    const SPELLINGS: &'static [(&'static str, Self)] =
        &[("deny", Self::Deny), ("sameorigin", Self::SameOrigin)];
}

/// A bcrypt cost that takes about five seconds of one core.
const DEAREST: u32 = 16;
