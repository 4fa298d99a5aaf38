//! The ClientHello in wire format (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2, RFC 6101 §5.6.1.2).

use crate::cloudfront::Version;
use crate::origin::DomainName;

use super::answer::Retry;
use super::key_share::key_share;

/// A ClientHello to send.
#[derive(Clone, Debug)]
pub struct ClientHello<'a> {
    /// Lowest first; `[Version::Ssl3]` alone makes a hello without extensions.
    pub versions: Vec<Version>,
    /// IANA codes, as in the next two fields.
    pub cipher_suites: Vec<u16>,
    pub groups: Vec<u16>,
    pub signature_schemes: Vec<u16>,
    /// Sent as `server_name`; `None` omits the extension.
    pub server_name: Option<&'a DomainName>,
    /// Whether to request a stapled OCSP response.
    pub status_request: bool,
    pub nonces: Nonces,
}

/// The random parts of a ClientHello.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nonces {
    pub random: [u8; 32],
    /// Sent if TLS 1.3 is offered, which requires it (RFC 8446 §D.4).
    pub session_id: [u8; 32],
    /// A public X25519 key: any 32 bytes are valid (RFC 7748 §5). Its private half is never needed.
    pub key_share: [u8; 32],
}

impl ClientHello<'_> {
    /// Returns the record to send.
    pub fn encode(&self) -> Vec<u8> {
        let mut shares = Vec::new();
        // One share is enough. If the server wants another group, it asks for a share of it
        // (RFC 8446 §4.2.8).
        if self.groups.contains(&X25519) {
            share(&mut shares, X25519, &self.nonces.key_share);
        }
        // Old servers expect the lowest version here (RFC 8446 §5.1).
        let is_ssl3 = self.versions == [Version::Ssl3];
        self.record(if is_ssl3 { Version::Ssl3 } else { Version::Tls1 }, &shares, None)
    }

    /// Returns whether a HelloRetryRequest asks only for what was offered.
    pub fn permits(&self, retry: &Retry) -> bool {
        let is_new = |group| self.groups.contains(&group) && group != X25519;
        retry.group.is_none_or(is_new) && (retry.group.is_some() || retry.cookie.is_some())
    }

    /// Returns the records that answer a HelloRetryRequest: the same hello with the requested share
    /// and cookie (RFC 8446 §4.1.2); `None` for a group whose share cannot be generated.
    pub fn encode_after(&self, retry: &Retry) -> Option<Vec<u8>> {
        let mut shares = Vec::new();
        match retry.group {
            Some(group) => share(&mut shares, group, &key_share(group)?),
            None => share(&mut shares, X25519, &self.nonces.key_share),
        }
        // A client that sends a session id sends this first (RFC 8446 §D.4). Only the first hello
        // may be in a TLS 1.0 record (§5.1): Erlang/OTP 25 answers a second one with
        // bad_record_mac.
        let mut records = CHANGE_CIPHER_SPEC.to_vec();
        records.extend(self.record(Version::Tls1_2, &shares, retry.cookie.as_deref()));
        Some(records)
    }

    fn record(&self, record_version: Version, shares: &[u8], cookie: Option<&[u8]>) -> Vec<u8> {
        let only_ssl3 = self.versions == [Version::Ssl3];
        let has_tls13 = self.versions.contains(&Version::Tls1_3);
        let mut body = Vec::with_capacity(512);
        body.extend(wire(self.legacy_version()));
        body.extend(self.nonces.random);
        let session_id: &[u8] = if has_tls13 { &self.nonces.session_id } else { &[] };
        vector::<1>(&mut body, |body| body.extend(session_id));
        vector::<2>(&mut body, |body| codes(body, &self.cipher_suites));
        vector::<1>(&mut body, |body| body.push(NULL_COMPRESSION));
        if !only_ssl3 {
            vector::<2>(&mut body, |body| self.extensions(body, shares, cookie));
        }
        let mut record = vec![HANDSHAKE];
        record.extend(wire(record_version));
        vector::<2>(&mut record, |record| {
            record.push(CLIENT_HELLO);
            vector::<3>(record, |record| record.extend(&body));
        });
        record
    }

    /// Returns the legacy_version, which never names TLS 1.3.
    fn legacy_version(&self) -> Version {
        let highest = self.versions.iter().copied().max().unwrap_or(Version::Tls1_2);
        highest.min(Version::Tls1_2)
    }

    /// Returns whether legacy_version cannot express the offer.
    fn needs_list_of_versions(&self) -> bool {
        let lowest = self.versions.iter().copied().min();
        let range = Version::ALL
            .into_iter()
            .filter(|version| Some(*version) >= lowest && *version <= self.legacy_version());
        !range.eq(self.versions.iter().copied())
    }

    fn extensions(&self, body: &mut Vec<u8>, shares: &[u8], cookie: Option<&[u8]>) {
        if let Some(name) = self.server_name {
            extension(body, SERVER_NAME, |body| {
                vector::<2>(body, |body| {
                    body.push(HOST_NAME);
                    vector::<2>(body, |body| body.extend(name.as_str().as_bytes()));
                });
            });
        }
        extension(body, EXTENDED_MASTER_SECRET, |_| {});
        extension(body, RENEGOTIATION_INFO, |body| vector::<1>(body, |_| {}));
        extension(body, SUPPORTED_GROUPS, |body| {
            vector::<2>(body, |body| codes(body, &self.groups));
        });
        extension(body, EC_POINT_FORMATS, |body| vector::<1>(body, |body| body.push(UNCOMPRESSED)));
        if self.versions.iter().any(|version| *version >= Version::Tls1_2) {
            extension(body, SIGNATURE_ALGORITHMS, |body| {
                vector::<2>(body, |body| codes(body, &self.signature_schemes));
            });
        }
        if self.status_request {
            extension(body, STATUS_REQUEST, |body| body.extend(OCSP_WITHOUT_RESPONDERS));
        }
        if self.needs_list_of_versions() {
            extension(body, SUPPORTED_VERSIONS, |body| {
                vector::<1>(body, |body| {
                    self.versions.iter().rev().for_each(|version| body.extend(wire(*version)));
                });
            });
        }
        if self.versions.contains(&Version::Tls1_3) {
            extension(body, KEY_SHARE, |body| vector::<2>(body, |body| body.extend(shares)));
        }
        if let Some(cookie) = cookie {
            extension(body, COOKIE, |body| vector::<2>(body, |body| body.extend(cookie)));
        }
    }
}

fn share(shares: &mut Vec<u8>, group: u16, key_exchange: &[u8]) {
    shares.extend(group.to_be_bytes());
    vector::<2>(shares, |shares| shares.extend(key_exchange));
}

/// Returns the two bytes of a version.
pub(super) fn wire(version: Version) -> [u8; 2] {
    match version {
        Version::Ssl3 => [3, 0],
        Version::Tls1 => [3, 1],
        Version::Tls1_1 => [3, 2],
        Version::Tls1_2 => [3, 3],
        Version::Tls1_3 => [3, 4],
    }
}

fn codes(body: &mut Vec<u8>, codes: &[u16]) {
    codes.iter().for_each(|code| body.extend(code.to_be_bytes()));
}

fn extension(body: &mut Vec<u8>, code: u16, content: impl FnOnce(&mut Vec<u8>)) {
    body.extend(code.to_be_bytes());
    vector::<2>(body, content);
}

/// Writes a length of `N` bytes and the content. The offers here are a few hundred code points and
/// a name of at most 253 bytes, which fit every length field.
fn vector<const N: usize>(body: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    let start = body.len();
    body.extend([0; N]);
    content(body);
    let length = (body.len() - start - N).to_be_bytes();
    body[start..start + N].copy_from_slice(&length[length.len() - N..]);
}

/// A complete record.
const CHANGE_CIPHER_SPEC: [u8; 6] = [20, 3, 3, 0, 1, 1];
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const NULL_COMPRESSION: u8 = 0;
const HOST_NAME: u8 = 0;
const UNCOMPRESSED: u8 = 0;
/// Status type `ocsp`, no responder ids, no extensions (RFC 6066 §8).
const OCSP_WITHOUT_RESPONDERS: [u8; 5] = [1, 0, 0, 0, 0];
const X25519: u16 = 0x001d;

// IANA, "TLS ExtensionType Values".
const SERVER_NAME: u16 = 0;
const STATUS_REQUEST: u16 = 5;
const SUPPORTED_GROUPS: u16 = 10;
const EC_POINT_FORMATS: u16 = 11;
const SIGNATURE_ALGORITHMS: u16 = 13;
const EXTENDED_MASTER_SECRET: u16 = 23;
const SUPPORTED_VERSIONS: u16 = 43;
const COOKIE: u16 = 44;
const KEY_SHARE: u16 = 51;
const RENEGOTIATION_INFO: u16 = 0xff01;
