//! Keys that sign certificates and serve them; each is made once.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING,
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA224_ASN1_SIGNING, ECDSA_P521_SHA256_ASN1_SIGNING,
    ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};

use crate::common::forge::{EC_PUBLIC_KEY, bit_string, element, oid, sequence};

pub(super) type Shared = LazyLock<Key>;

pub(super) static LEAF: Shared = Shared::new(p256);
pub(super) static CA: Shared = Shared::new(p256);
pub(super) static ROOT: Shared = Shared::new(p256);
/// Three that the plain chain does not have.
pub(super) static OTHER: Shared = Shared::new(p256);
pub(super) static SECOND: Shared = Shared::new(p256);
pub(super) static THIRD: Shared = Shared::new(p256);
pub(super) static P384: Shared =
    Shared::new(|| Key::ec(&ECDSA_P384_SHA384_ASN1_SIGNING, P384_CURVE, ECDSA_WITH_SHA384));
pub(super) static P521: Shared =
    Shared::new(|| Key::ec(&ECDSA_P521_SHA512_ASN1_SIGNING, P521_CURVE, ECDSA_WITH_SHA512));
pub(super) static P521_SHA256: Shared =
    Shared::new(|| Key::ec(&ECDSA_P521_SHA256_ASN1_SIGNING, P521_CURVE, ECDSA_WITH_SHA256));
pub(super) static P521_SHA224: Shared =
    Shared::new(|| Key::ec(&ECDSA_P521_SHA224_ASN1_SIGNING, P521_CURVE, ECDSA_WITH_SHA224));
pub(super) static SECP256K1: Shared =
    Shared::new(|| Key::ec(&ECDSA_P256K1_SHA256_ASN1_SIGNING, SECP256K1_CURVE, ECDSA_WITH_SHA256));
pub(super) static ED25519: Shared = Shared::new(|| Key {
    signer: Signer::Ed25519(Ed25519KeyPair::generate().unwrap()),
    algorithm: oid(ID_ED25519),
});
pub(super) static RSA: Shared = Shared::new(|| Key::rsa(KeySize::Rsa2048));
pub(super) static RSA_4096: Shared = Shared::new(|| Key::rsa(KeySize::Rsa4096));

/// A key with the algorithm that it signs with unless it is asked for another.
pub(super) struct Key {
    signer: Signer,
    /// What is inside the algorithm identifier of its signatures.
    algorithm: Vec<u8>,
}

enum Signer {
    Ec { pair: EcdsaKeyPair, curve: &'static [u8] },
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

fn p256() -> Key {
    Key::ec(&ECDSA_P256_SHA256_ASN1_SIGNING, P256_CURVE, ECDSA_WITH_SHA256)
}

impl Key {
    fn ec(
        algorithm: &'static EcdsaSigningAlgorithm,
        curve: &'static [u8],
        signature: &[u8],
    ) -> Self {
        let pair = EcdsaKeyPair::generate(algorithm).unwrap();
        Self { signer: Signer::Ec { pair, curve }, algorithm: oid(signature) }
    }

    fn rsa(size: KeySize) -> Self {
        Self { signer: Signer::Rsa(RsaKeyPair::generate(size).unwrap()), algorithm: pkcs1(11) }
    }

    /// Returns the subject public key info.
    pub(super) fn spki(&self) -> Vec<u8> {
        match &self.signer {
            Signer::Ec { pair, curve } => ec_spki(&oid(curve), pair.public_key().as_ref()),
            Signer::Ed25519(pair) => {
                let key = bit_string(pair.public_key().as_ref());
                sequence(&[sequence(&oid(ID_ED25519)), key].concat())
            }
            Signer::Rsa(pair) => {
                let algorithm = sequence(&[oid(RSA_ENCRYPTION), NULL.to_vec()].concat());
                sequence(&[algorithm, bit_string(pair.public_key().as_ref())].concat())
            }
        }
    }

    /// Returns the uncompressed point of a key on a curve.
    pub(super) fn point(&self) -> Vec<u8> {
        let Signer::Ec { pair, .. } = &self.signer else { panic!("no point") };
        pair.public_key().as_ref().to_vec()
    }

    /// Returns the private key as PKCS #8.
    pub(super) fn pkcs8(&self) -> Vec<u8> {
        let der = |der: Pkcs8V1Der<'_>| der.as_ref().to_vec();
        match &self.signer {
            Signer::Ec { pair, .. } => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            Signer::Ed25519(pair) => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            Signer::Rsa(pair) => der(pair.as_der().unwrap()),
        }
    }

    /// Returns twenty octets that name the key.
    pub(super) fn id(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, &self.spki()).as_ref()[..20].to_vec()
    }

    pub(super) fn algorithm(&self) -> Vec<u8> {
        self.algorithm.clone()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.signer {
            Signer::Ec { pair, .. } => {
                pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
            }
            Signer::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Signer::Rsa(_) => self.sign_as(&RSA_PKCS1_SHA256, message),
        }
    }

    fn sign_as(&self, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let Signer::Rsa(pair) = &self.signer else { panic!("not an RSA key") };
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
        signature
    }
}

/// Returns the subject public key info of a point on the curve that `parameters` describe.
pub(super) fn ec_spki(parameters: &[u8], point: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[&oid(EC_PUBLIC_KEY), parameters].concat());
    sequence(&[algorithm, bit_string(point)].concat())
}

/// How an RSA key can sign: what is inside the algorithm identifier, and the signature.
pub(super) struct RsaScheme {
    pub(super) name: &'static str,
    algorithm: fn() -> Vec<u8>,
    encoding: &'static dyn RsaEncoding,
}

impl RsaScheme {
    pub(super) fn algorithm(&self) -> Vec<u8> {
        (self.algorithm)()
    }

    pub(super) fn sign(&self, key: &Key, message: &[u8]) -> Vec<u8> {
        key.sign_as(self.encoding, message)
    }
}

pub(super) static RSA_SCHEMES: [RsaScheme; 5] = [
    RsaScheme { name: "rsa-sha384", algorithm: || pkcs1(12), encoding: &RSA_PKCS1_SHA384 },
    RsaScheme { name: "rsa-sha512", algorithm: || pkcs1(13), encoding: &RSA_PKCS1_SHA512 },
    RsaScheme { name: "rsa-pss-sha256", algorithm: || pss(1, 32), encoding: &RSA_PSS_SHA256 },
    RsaScheme { name: "rsa-pss-sha384", algorithm: || pss(2, 48), encoding: &RSA_PSS_SHA384 },
    RsaScheme { name: "rsa-pss-sha512", algorithm: || pss(3, 64), encoding: &RSA_PSS_SHA512 },
];

/// RSASSA-PKCS1-v1_5, by its number at RSA (RFC 4055 §5).
pub(super) fn pkcs1(arc: u8) -> Vec<u8> {
    [oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, arc]), NULL.to_vec()].concat()
}

/// RSASSA-PSS with the `arc`th hash of NIST and a salt of that length (RFC 4055 §3.1).
fn pss(arc: u8, salt: u8) -> Vec<u8> {
    let hash = sequence(&[oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, arc]), NULL.to_vec()].concat());
    let mask = sequence(&[oid(MGF1), hash.clone()].concat());
    let parameters = sequence(
        &[element(0xa0, &hash), element(0xa1, &mask), element(0xa2, &element(0x02, &[salt]))]
            .concat(),
    );
    [oid(RSASSA_PSS), parameters].concat()
}

pub(super) const NULL: [u8; 2] = [5, 0];
pub(super) const P256_CURVE: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384_CURVE: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
const P521_CURVE: &[u8] = &[0x2b, 0x81, 4, 0, 0x23];
const SECP256K1_CURVE: &[u8] = &[0x2b, 0x81, 4, 0, 0x0a];
const ECDSA_WITH_SHA224: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1];
pub(super) const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
pub(super) const ECDSA_WITH_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
const ECDSA_WITH_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
const ID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
