//! Keys and signature algorithms of end entity, intermediate and root.

use std::path::Path;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::case::Case;
use super::certificate::Plan;
use super::key::{
    CA, ED25519, LEAF, P384, P521, P521_SHA224, P521_SHA256, ROOT, RSA, RSA_4096, RSA_SCHEMES,
    SECP256K1, Shared,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, key) in KEYS {
        // Our server cannot sign with this one.
        if name != "secp256k1" {
            cases.push(chain(&format!("{name}/leaf"), key, &CA, &ROOT));
        }
        cases.extend([
            chain(&format!("{name}/intermediate"), &LEAF, key, &ROOT),
            chain(&format!("{name}/root"), &LEAF, &CA, key),
        ]);
    }
    for scheme in &RSA_SCHEMES {
        let root = Plan::root("Root", &RSA);
        let ca = Plan::ca("CA", &RSA, &root);
        let leaf = Plan::leaf(&LEAF, &ca);
        let [plain, plain_ca, anchor] = [&leaf, &ca, &root].map(|plan| plan.signed_by(&RSA));
        let [leaf, ca] = [leaf, ca].map(|plan| {
            let plan = plan.changed(|plan| plan.algorithm = Some(scheme.algorithm()));
            plan.signed_with(&RSA, |message| scheme.sign(&RSA, message))
        });
        cases.extend([
            Case::of(&format!("{}/leaf", scheme.name), &[&leaf, &plain_ca], &[&anchor]),
            Case::of(&format!("{}/intermediate", scheme.name), &[&plain, &ca], &[&anchor]),
        ]);
    }
    cases.extend(made_elsewhere());
    cases
}

/// Chains that only a program can sign (`tests/certificates/signatures/make`): the intermediate has
/// the odd key, the end entity the odd signature.
fn made_elsewhere() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates/signatures");
    let certificates = |file: &Path| -> Vec<Vec<u8>> {
        let read = CertificateDer::pem_file_iter(file).unwrap();
        read.map(|certificate| certificate.unwrap().to_vec()).collect()
    };
    let key = PrivateKeyDer::from_pem_file(folder.join("leaf.key")).unwrap();
    let anchors = certificates(&folder.join("root.pem"));
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let chains = files.filter(|file| {
        file.extension().is_some_and(|extension| extension == "pem") && !file.ends_with("root.pem")
    });
    chains
        .map(|file| Case {
            name: format!("{}/signer", file.file_stem().unwrap().to_str().unwrap()),
            served: certificates(&file),
            key: key.secret_der().to_vec(),
            anchors: anchors.clone(),
        })
        .collect()
}

const KEYS: [(&str, &Shared); 8] = [
    ("p384", &P384),
    ("p521", &P521),
    ("p521-sha256", &P521_SHA256),
    ("p521-sha224", &P521_SHA224),
    ("secp256k1", &SECP256K1),
    ("ed25519", &ED25519),
    ("rsa-2048", &RSA),
    ("rsa-4096", &RSA_4096),
];

/// Three certificates with these keys.
fn chain(name: &str, leaf: &'static Shared, ca: &'static Shared, root: &'static Shared) -> Case {
    let root_plan = Plan::root("Root", root);
    let ca_plan = Plan::ca("CA", ca, &root_plan);
    let leaf_plan = Plan::leaf(leaf, &ca_plan);
    let served = [&leaf_plan.signed_by(ca)[..], &ca_plan.signed_by(root)];
    Case::of(name, &served, &[&root_plan.signed_by(root)]).with_key(leaf)
}
