//! The handshake messages of a server's first flight (RFC 5246 §7.4, RFC 8446 §4).

use rustls::CipherSuite;

use crate::cloudfront::Version;

use super::answer::{Retry, ServerHello, SignedParameters};
use super::client_hello::wire;
use super::cursor::Cursor;
use super::key_share::key_length;
use super::names::group_name;

/// A message of type ServerHello.
pub(super) enum Hello {
    Server(ServerHello),
    Retry(Retry),
    /// It chooses something that no hello here offers; the rest of it is not read.
    NotOffered {
        detail: String,
    },
}

/// Parses a ServerHello or HelloRetryRequest.
pub(super) fn server_hello(body: &[u8]) -> Result<Hello, String> {
    let lies = || "a ServerHello with inconsistent lengths".to_owned();
    let mut cursor = Cursor::new(body);
    let legacy: [u8; 2] = cursor.array().ok_or_else(lies)?;
    let random: [u8; 32] = cursor.array().ok_or_else(lies)?;
    let session_id: Box<[u8]> = cursor.vector8().ok_or_else(lies)?.into();
    if session_id.len() > MAX_SESSION_ID {
        return Err(format!("a ServerHello with a session id of {} bytes", session_id.len()));
    }
    let cipher_suite = cursor.u16().ok_or_else(lies)?;
    if cursor.u8().ok_or_else(lies)? != NULL_COMPRESSION {
        return Ok(Hello::NotOffered { detail: "it chose a compression method".to_owned() });
    }
    let mut asked_for = Vec::new();
    let mut refused_extension = None;
    let mut selected = None;
    let mut share = None;
    let mut cookie = None;
    // Servers without extensions leave out the length as well.
    if !cursor.is_empty() {
        let mut extensions = Cursor::new(cursor.vector16().ok_or_else(lies)?);
        while !extensions.is_empty() {
            let code = extensions.u16().ok_or_else(lies)?;
            let mut content = Cursor::new(extensions.vector16().ok_or_else(lies)?);
            if NOT_ASKED_FOR.contains(&code) || asked_for.contains(&code) {
                refused_extension = refused_extension.or(Some(code));
            } else if ASKED_FOR.contains(&code) {
                asked_for.push(code);
            }
            match code {
                SUPPORTED_VERSIONS => selected = Some(content.array().ok_or_else(lies)?),
                KEY_SHARE => share = Some(content.rest()),
                COOKIE => cookie = Some(content.vector16().ok_or_else(lies)?.to_vec()),
                _ => {}
            }
        }
        if !cursor.is_empty() {
            return Err(lies());
        }
    }
    let chosen = selected.unwrap_or(legacy);
    let Some(version) = version(chosen) else {
        let [major, minor] = chosen;
        return Ok(Hello::NotOffered { detail: format!("it chose version {major}.{minor}") });
    };
    let mut share = share.map(Cursor::new);
    if random == RETRY_RANDOM {
        let group = share.as_mut().map(|share| share.u16().ok_or_else(lies)).transpose()?;
        return Ok(Hello::Retry(Retry { legacy_version: legacy, session_id, group, cookie }));
    }
    let group = match (version, selected) {
        (Version::Tls1_3, Some(_)) => Some(key_share_group(share)?),
        _ => None,
    };
    Ok(Hello::Server(ServerHello {
        version,
        is_version_selected: selected.is_some(),
        legacy_version: legacy,
        session_id,
        cipher_suite,
        group,
        refused_extension,
        random,
    }))
}

/// Returns the group of a valid key share (RFC 8446 §4.2.8).
fn key_share_group(share: Option<Cursor<'_>>) -> Result<u16, String> {
    let mut share = share.ok_or("a TLS 1.3 ServerHello without a key share")?;
    let mut read = || Some((share.u16()?, share.vector16()?.len()));
    let (group, length) = read().ok_or("a truncated key share")?;
    match key_length(group) {
        Some(expected) if expected != length => {
            Err(format!("a key share of {length} bytes for {}", group_name(group)))
        }
        _ => Ok(group),
    }
}

/// Parses a Certificate message up to TLS 1.2: the certificates in the order served. An empty entry
/// keeps its position.
pub(super) fn certificate(body: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let lies = || "a Certificate message with inconsistent lengths".to_owned();
    let mut cursor = Cursor::new(body);
    let mut list = Cursor::new(cursor.vector24().ok_or_else(lies)?);
    if !cursor.is_empty() {
        return Err(lies());
    }
    let mut served = Vec::new();
    while !list.is_empty() {
        if served.len() == MAX_ENTRIES {
            return Err(format!("a Certificate message with more than {MAX_ENTRIES} entries"));
        }
        served.push(list.vector24().ok_or_else(lies)?.to_vec());
    }
    Ok(served)
}

/// Parses a CertificateStatus (RFC 6066 §8): the OCSP response, if it is one.
pub(super) fn certificate_status(body: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let lies = || "a CertificateStatus with inconsistent lengths".to_owned();
    let mut cursor = Cursor::new(body);
    if cursor.u8().ok_or_else(lies)? != OCSP {
        return Ok(None);
    }
    let response = cursor.vector24().ok_or_else(lies)?;
    if cursor.is_empty() { Ok(Some(response.to_vec())) } else { Err(lies()) }
}

/// Parses a ServerKeyExchange of a given suite and version; `None` if it contains no signature of a
/// known kind.
pub(super) fn server_key_exchange(
    body: &[u8],
    hello: &ServerHello,
) -> Result<Option<SignedParameters>, String> {
    let lies = || "a ServerKeyExchange with inconsistent lengths".to_owned();
    let mut cursor = Cursor::new(body);
    let group = match KeyExchange::of(hello.cipher_suite) {
        KeyExchange::Ecdhe => {
            let curve_type = cursor.u8().ok_or_else(lies)?;
            if curve_type != NAMED_CURVE {
                return Err(format!("a ServerKeyExchange with the curve type {curve_type}"));
            }
            let group = cursor.u16().ok_or_else(lies)?;
            cursor.vector8().ok_or_else(lies)?;
            Some(group)
        }
        KeyExchange::Dhe => {
            // Prime, generator, public key.
            for _ in 0..3 {
                cursor.vector16().ok_or_else(lies)?;
            }
            None
        }
        KeyExchange::Other => return Ok(None),
    };
    let signature_part = cursor.rest();
    let parameters = body[..body.len() - signature_part.len()].to_vec();
    let mut cursor = Cursor::new(signature_part);
    let scheme = match hello.version {
        Version::Tls1_2 => Some(cursor.u16().ok_or_else(lies)?),
        _ => None,
    };
    let signature = cursor.vector16().ok_or_else(lies)?.to_vec();
    if !cursor.is_empty() {
        return Err(lies());
    }
    Ok(Some(SignedParameters { group, parameters, scheme, signature }))
}

fn version(bytes: [u8; 2]) -> Option<Version> {
    Version::ALL.into_iter().find(|version| wire(*version) == bytes)
}

/// Extensions of a ServerHello up to TLS 1.2 that s2n-tls processes and no hello here requests:
/// maximum fragment length, ALPN, SCT, session ticket, next protocol. s2n-tls ends the handshake if
/// it receives one of them, as RFC 5246 §7.4.1.4 requires for every extension that was not
/// requested.
const NOT_ASKED_FOR: [u16; 5] = [1, 16, 18, 35, 13172];
/// Extensions that a hello here may request. s2n-tls also ends the handshake if one of them is
/// repeated.
const ASKED_FOR: [u16; 8] = [0, 5, 10, 11, 13, 23, SUPPORTED_VERSIONS, 0xff01];
const NULL_COMPRESSION: u8 = 0;
const SUPPORTED_VERSIONS: u16 = 43;
const COOKIE: u16 = 44;
const KEY_SHARE: u16 = 51;
const MAX_SESSION_ID: usize = 32;
/// The random that identifies a HelloRetryRequest (RFC 8446 §4.1.3): the SHA-256 of that name.
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];
const OCSP: u8 = 1;
const NAMED_CURVE: u8 = 3;
/// More than any chain has. Each entry costs three bytes on the wire, but more in memory.
const MAX_ENTRIES: usize = 1024;

/// The key exchange of a cipher suite up to TLS 1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyExchange {
    /// Signed, with an ephemeral elliptic-curve point (RFC 8422).
    Ecdhe,
    /// Signed, over a finite field (RFC 5246 §7.4.3).
    Dhe,
    /// Any other: it has no signature that could be verified.
    Other,
}

impl KeyExchange {
    /// Returns the key exchange of the suite with this code, derived from its IANA name.
    pub fn of(cipher_suite: u16) -> Self {
        match CipherSuite::from(cipher_suite).as_str() {
            Some(name) if name.starts_with("TLS_ECDHE_") => Self::Ecdhe,
            Some(name) if name.starts_with("TLS_DHE_") => Self::Dhe,
            _ => Self::Other,
        }
    }
}
