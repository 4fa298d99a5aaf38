//! A served chain as PEM text (RFC 7468).

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::chain::{ChainFacts, Keeping, Served};

/// Returns the certificates in the order served, each after a comment with its names. Bytes that
/// are not a certificate appear only as a comment.
pub fn pem(chain: &ChainFacts) -> String {
    let mut text = String::new();
    if chain.keeping != Keeping::Kept {
        text.push_str(
            "# The chain was judged, but not all of its bytes were kept; see limits.chain_bytes.\n",
        );
    }
    for (position, served) in chain.served.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = match served {
            Served::NotKept { length, .. } => {
                writeln!(text, "# {position} {length} bytes, not kept")
            }
            Served::Certificate(certificate) => {
                let (subject, issuer) = (&certificate.subject, &certificate.issuer);
                writeln!(text, "# {position} s:{subject}\n#   i:{issuer}")
            }
            Served::Malformed { error, length } => {
                writeln!(text, "# {position} {length} bytes, not a certificate: {error}")
            }
        };
        if let Some(certificate) = served.certificate().filter(|own| !own.der().is_empty()) {
            write_block(&mut text, certificate.der());
        }
    }
    text
}

fn write_block(text: &mut String, der: &[u8]) {
    text.push_str("-----BEGIN CERTIFICATE-----\n");
    let encoded = STANDARD.encode(der);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END CERTIFICATE-----\n");
}

/// RFC 7468 §2.
const LINE: usize = 64;
