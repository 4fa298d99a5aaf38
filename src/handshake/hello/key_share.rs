//! Key shares for every group that a HelloRetryRequest may ask for (RFC 8446 §4.2.8).
//!
//! The private halves are dropped at once, because a hello decrypts nothing. The public halves are
//! valid, because servers check them before they answer.

use aws_lc_rs::kem::DecapsulationKey;
use aws_lc_rs::{agreement, kem};

/// Returns a valid `key_exchange` for `group`; `None` if this module cannot generate one.
pub(super) fn key_share(group: u16) -> Option<Vec<u8>> {
    match group {
        0x0017 => elliptic(&agreement::ECDH_P256),
        0x0018 => elliptic(&agreement::ECDH_P384),
        0x0019 => elliptic(&agreement::ECDH_P521),
        0x001d => elliptic(&agreement::X25519),
        // Any bytes are a valid public key of this curve (RFC 7748 §5).
        0x001e => Some([9].into_iter().chain([0; X448_LENGTH - 1]).collect()),
        0x0100 => Some(finite_field(2048)),
        0x0101 => Some(finite_field(3072)),
        0x0102 => Some(finite_field(4096)),
        0x0103 => Some(finite_field(6144)),
        0x0104 => Some(finite_field(8192)),
        0x0200 => ml_kem(&kem::ML_KEM_512),
        0x0201 => ml_kem(&kem::ML_KEM_768),
        0x0202 => ml_kem(&kem::ML_KEM_1024),
        // The order of the halves differs (draft-ietf-tls-ecdhe-mlkem §4.1).
        0x11eb => joined(elliptic(&agreement::ECDH_P256), ml_kem(&kem::ML_KEM_768)),
        0x11ec => joined(ml_kem(&kem::ML_KEM_768), elliptic(&agreement::X25519)),
        0x11ed => joined(elliptic(&agreement::ECDH_P384), ml_kem(&kem::ML_KEM_1024)),
        _ => None,
    }
}

/// Returns the length of a public key of an elliptic `group` (RFC 8422 §5.4, §5.11; RFC 8446
/// §4.2.8.2).
pub fn key_length(group: u16) -> Option<usize> {
    Some(match group {
        0x0017 => 65,
        0x0018 => 97,
        0x0019 => 133,
        0x001d => 32,
        0x001e => X448_LENGTH,
        _ => return None,
    })
}

fn elliptic(algorithm: &'static agreement::Algorithm) -> Option<Vec<u8>> {
    let private = agreement::PrivateKey::generate(algorithm).ok()?;
    Some(private.compute_public_key().ok()?.as_ref().to_vec())
}

fn ml_kem(algorithm: &'static kem::Algorithm) -> Option<Vec<u8>> {
    let private = DecapsulationKey::generate(algorithm).ok()?;
    Some(private.encapsulation_key().ok()?.key_bytes().ok()?.as_ref().to_vec())
}

/// Returns 2², a quadratic residue as RFC 7919 §5.1 requires, padded to the length of the prime.
fn finite_field(bits: usize) -> Vec<u8> {
    let mut number = vec![0; bits / 8 - 1];
    number.push(4);
    number
}

fn joined(first: Option<Vec<u8>>, second: Option<Vec<u8>>) -> Option<Vec<u8>> {
    Some([first?, second?].concat())
}

const X448_LENGTH: usize = 56;

#[cfg(test)]
mod tests {
    use super::key_share;

    #[test]
    fn a_share_has_the_length_that_its_group_demands() {
        for (group, length) in [
            (0x0017, Some(65)),
            (0x0018, Some(97)),
            (0x0019, Some(133)),
            (0x001d, Some(32)),
            (0x001e, Some(56)),
            (0x0100, Some(256)),
            (0x0104, Some(1024)),
            (0x0200, Some(800)),
            (0x0201, Some(1184)),
            (0x0202, Some(1568)),
            (0x11eb, Some(65 + 1184)),
            (0x11ec, Some(1184 + 32)),
            (0x11ed, Some(97 + 1568)),
            // Not in TLS 1.3, or unknown.
            (0x0016, None),
            (0xfafa, None),
        ] {
            assert_eq!(key_share(group).map(|share| share.len()), length, "{group:#06x}");
        }
    }
}
