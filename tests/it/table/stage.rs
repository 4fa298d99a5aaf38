//! What all rows share: the roots, the certificates, and a folder for the programs that read
//! them from files.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use origin_probe::demo::pki::{
    Authority, AuthorityOptions, EndEntity, KeyAlgorithm, KeyPurpose, Window,
};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServerOptions};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::compiled::Compiled;
use super::files::Letters;
use super::host::Hosts;
use super::pem::pem;

/// The origin domain of every row.
pub const DOMAIN: &str = "origin.example.com";

/// A viewer's host, where one is forwarded.
pub const VIEWER_HOST: &str = "www.example.net";

/// For what servers check by their own clocks, in days around [`now`].
const LASTING: Range<i64> = -10_000..30_000;

/// The instant of every row; the certificates from files begin in 2026 and last a hundred years.
pub fn now() -> Timestamp {
    "2030-01-01T12:00:00Z".parse().unwrap()
}

/// The certificates that servers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leaf {
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
    Ed25519,
    Rsa2048,
    /// For another name than the origin domain, P-256.
    WrongName,
    /// For the viewer's host only, P-256.
    ViewerHost,
    /// Over since yesterday, P-256.
    Expired,
    /// Valid from tomorrow on, P-256.
    NotYetValid,
    /// Issued by an intermediate that is not served with it, P-256.
    WithoutIntermediate,
    /// What CloudFront would show, where it is asked: for client authentication only.
    Client,
    Rsa1024,
    Rsa8192,
    /// An RSA key that may sign with PSS only.
    RsaPss,
    Ed448,
    Secp256k1,
    BrainpoolP256r1,
    /// X.509 version 1, P-256.
    Version1,
    /// Asks for a stapled status (RFC 7633), P-256.
    MustStaple,
    /// Has the CA flag, P-256.
    CaAsEndEntity,
    /// Signed with SHA-1, P-256.
    Sha1,
}

/// The roots, the certificates and the folder, which goes when this is dropped.
#[derive(Debug)]
pub struct Stage {
    pub root: Authority,
    /// A root that is trusted and ends in a hundred days.
    pub leaving: Authority,
    pub folder: PathBuf,
    pub letters: Letters,
    pub compiled: Compiled,
    pub hosts: Hosts,
    leaves: BTreeMap<Leaf, ServedCertificate>,
}

impl Stage {
    pub fn set(name: &str) -> Self {
        let root = Authority::root("Table Root", Window::days(LASTING, now())).unwrap();
        let folder =
            std::env::temp_dir().join(format!("origin-probe-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let leaving = Authority::root("Leaving Root", Window::days(-10_000..100, now())).unwrap();
        let letters = Letters::write(&root, Window::days(LASTING, now()), &folder);
        let mut stage = Self {
            leaves: issued(&root),
            root,
            leaving,
            folder,
            letters,
            compiled: Compiled::default(),
            hosts: Hosts::default(),
        };
        for (leaf, name) in [
            (Leaf::Rsa1024, "rsa1024"),
            (Leaf::Rsa8192, "rsa8192"),
            (Leaf::RsaPss, "rsa-pss"),
            (Leaf::Ed448, "ed448"),
            (Leaf::Secp256k1, "secp256k1"),
            (Leaf::BrainpoolP256r1, "brainpoolP256r1"),
            (Leaf::Version1, "version1"),
            (Leaf::MustStaple, "must-staple"),
            (Leaf::CaAsEndEntity, "ca-as-end-entity"),
            (Leaf::Sha1, "sha1"),
        ] {
            stage.leaves.insert(leaf, from_files(name));
        }
        for (leaf, served) in &stage.leaves {
            let certificate = pem("CERTIFICATE", &served.chain[0]);
            let key = pem("PRIVATE KEY", &without_public_key(&served.key));
            stage.write(&format!("{leaf:?}.pem"), &certificate);
            stage.write(&format!("{leaf:?}.key"), &key);
            stage.write(&format!("{leaf:?}.both"), &(certificate + &key));
        }
        stage.write("root.pem", &stage.trusted());
        stage
    }

    /// Returns the roots in PEM that everyone trusts.
    pub fn trusted(&self) -> String {
        let made_once = ["root.pem", "curves-root.pem"];
        let made_once = made_once.map(|name| fs::read_to_string(odd(name)).unwrap());
        self.root.pem() + &self.leaving.pem() + &made_once.concat()
    }

    pub fn served(&self, leaf: Leaf) -> ServedCertificate {
        self.leaves[&leaf].clone()
    }

    pub fn der(&self, leaf: Leaf) -> Vec<u8> {
        self.leaves[&leaf].chain[0].clone()
    }

    pub fn key(&self, leaf: Leaf) -> Vec<u8> {
        self.leaves[&leaf].key.clone()
    }

    /// Returns the certificate and the key of a client, in PEM.
    #[allow(dead_code, reason = "for the oracle")]
    pub fn client(&self) -> (String, String) {
        let read = |name| fs::read_to_string(self.folder.join(name)).unwrap();
        (read("Client.pem"), read("Client.key"))
    }

    /// Returns a rustls server with that certificate for everyone.
    pub fn options(&self, leaf: Leaf) -> TlsServerOptions {
        TlsServerOptions::new(Certificates::for_everyone(self.served(leaf)))
    }

    /// Writes a file and returns where it is.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn issued(root: &Authority) -> BTreeMap<Leaf, ServedCertificate> {
    let window = Window::days(LASTING, now());
    let options = AuthorityOptions::default();
    let intermediate = root.intermediate("Unserved Intermediate", window, &options).unwrap();
    [
        (Leaf::EcdsaP256, KeyAlgorithm::EcdsaP256, DOMAIN),
        (Leaf::EcdsaP384, KeyAlgorithm::EcdsaP384, DOMAIN),
        (Leaf::EcdsaP521, KeyAlgorithm::EcdsaP521, DOMAIN),
        (Leaf::Ed25519, KeyAlgorithm::Ed25519, DOMAIN),
        (Leaf::Rsa2048, KeyAlgorithm::Rsa2048, DOMAIN),
        (Leaf::WrongName, KeyAlgorithm::EcdsaP256, "other.example.org"),
        (Leaf::ViewerHost, KeyAlgorithm::EcdsaP256, VIEWER_HOST),
        (Leaf::Expired, KeyAlgorithm::EcdsaP256, DOMAIN),
        (Leaf::NotYetValid, KeyAlgorithm::EcdsaP256, DOMAIN),
        (Leaf::WithoutIntermediate, KeyAlgorithm::EcdsaP256, DOMAIN),
        (Leaf::Client, KeyAlgorithm::EcdsaP256, "client.example.com"),
    ]
    .into_iter()
    .map(|(leaf, key_algorithm, name)| {
        let days = match leaf {
            Leaf::Expired => -90..-1,
            Leaf::NotYetValid => 1..90,
            Leaf::Client => LASTING,
            _ => -20..70,
        };
        let window = Window::days(days, now());
        let mut end_entity = EndEntity { key_algorithm, ..EndEntity::new(&[name], window) };
        if leaf == Leaf::Client {
            end_entity.key_purposes = vec![KeyPurpose::ClientAuthentication];
        }
        let issuer = if leaf == Leaf::WithoutIntermediate { &intermediate } else { root };
        let issued = issuer.issue(&end_entity).unwrap();
        (leaf, ServedCertificate::new(vec![issued.der], issued.key))
    })
    .collect()
}

/// OpenSSL reads no Ed25519 key with its public half (RFC 8410 §7), which is all that rcgen writes.
pub fn without_public_key(key: &[u8]) -> Vec<u8> {
    let ed25519 = [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    match key.windows(ed25519.len()).position(|window| window == ed25519) {
        Some(start) => {
            let rest = &key[start..start + ed25519.len() + 32];
            [&[0x30, 0x2e, 0x02, 0x01, 0x00], rest].concat()
        }
        None => key.to_vec(),
    }
}

/// Kinds that no Rust library makes; made once with OpenSSL 3.0, for a hundred years.
fn from_files(name: &str) -> ServedCertificate {
    let der = CertificateDer::from_pem_file(odd(&format!("{name}.pem"))).unwrap();
    let key = PrivateKeyDer::from_pem_file(odd(&format!("{name}.key"))).unwrap();
    ServedCertificate::new(vec![der.to_vec()], key.secret_der().to_vec())
}

fn odd(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates/odd").join(name)
}
