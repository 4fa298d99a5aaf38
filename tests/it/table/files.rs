//! The certificates that server products read from files: every list that is named by its
//! letters, `LRI.pem` for instance.
//!
//! | letter | certificate |
//! |---|---|
//! | L | the end entity for the origin domain, P-256; `RsaL`, `P521L` and `Ed25519L` with other keys |
//! | O | an end entity for another name, P-256 |
//! | I | the intermediate that issued them |
//! | R | the root, which everyone trusts |
//! | U | an authority's that has nothing to do with them |
//!
//! A list that begins with an end entity is also in `LRI.both`, followed by the key, which is
//! in `L.key`, `O.key`, `RsaL.key` and so on by itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use origin_probe::chain::ChainFacts;
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, KeyAlgorithm, Window};

use super::pem::pem;
use super::stage::{DOMAIN, without_public_key};

/// The name that the certificate O is for.
pub const OTHER_NAME: &str = "other.example.org";

/// Which letter each certificate has.
#[derive(Debug)]
pub struct Letters(BTreeMap<Vec<u8>, char>);

impl Letters {
    /// Issues the certificates and writes every file.
    pub fn write(root: &Authority, window: Window, folder: &Path) -> Self {
        let options = AuthorityOptions::default();
        let intermediate = root.intermediate("Product Intermediate", window, &options).unwrap();
        let unrelated = Authority::root("Unrelated Root", window).unwrap();
        let above = [('I', intermediate.der()), ('R', root.der()), ('U', unrelated.der())];
        let mut letters: BTreeMap<_, _> =
            above.iter().map(|(letter, der)| (der.clone(), *letter)).collect();
        let write = |name: String, text: &str| fs::write(folder.join(name), text).unwrap();
        for list in ["I", "R", "U", "IR", "RI"] {
            write(format!("{list}.pem"), &certificates(list, &BTreeMap::from(above.clone())));
        }
        for (kind, letter, name, key_algorithm) in [
            ("", 'L', DOMAIN, KeyAlgorithm::EcdsaP256),
            ("", 'O', OTHER_NAME, KeyAlgorithm::EcdsaP256),
            ("Rsa", 'L', DOMAIN, KeyAlgorithm::Rsa2048),
            ("P521", 'L', DOMAIN, KeyAlgorithm::EcdsaP521),
            ("Ed25519", 'L', DOMAIN, KeyAlgorithm::Ed25519),
        ] {
            let end_entity = EndEntity { key_algorithm, ..EndEntity::new(&[name], window) };
            let issued = intermediate.issue(&end_entity).unwrap();
            let key = pem("PRIVATE KEY", &without_public_key(&issued.key));
            write(format!("{kind}{letter}.key"), &key);
            let mut known = BTreeMap::from(above.clone());
            known.insert(letter, issued.der.clone());
            for list in ["L", "LI", "LIR", "LRI", "LIU", "LUI", "LU", "IL"] {
                let list = list.replace('L', &letter.to_string());
                let text = certificates(&list, &known);
                write(format!("{kind}{list}.pem"), &text);
                write(format!("{kind}{list}.both"), &(text.clone() + &key));
                write(format!("{kind}{list}.key-first"), &(key.clone() + &text));
            }
            letters.insert(issued.der, letter);
        }
        Self(letters)
    }

    /// Returns a served list as letters; certificates without a letter are `?`.
    pub fn of(&self, chain: &ChainFacts) -> String {
        let letter = |der: &[u8]| self.0.get(der).copied().unwrap_or('?');
        let served = chain.served.iter();
        served.map(|one| one.certificate().map_or('?', |one| letter(one.der()))).collect()
    }
}

/// Returns which key belongs to a list: the end entity's, or that of a certificate by itself.
pub fn key(list: &str) -> String {
    let kind_of = |kind: &&str| {
        let letters = list.strip_prefix(kind).unwrap_or_default();
        !letters.is_empty() && letters.chars().all(|letter| "LOIRU".contains(letter))
    };
    match ["Rsa", "P521", "Ed25519", ""].into_iter().find(kind_of) {
        Some(kind) => format!("{kind}{}", if list.contains('O') { 'O' } else { 'L' }),
        None => list.to_owned(),
    }
}

fn certificates(list: &str, known: &BTreeMap<char, Vec<u8>>) -> String {
    list.chars().map(|letter| pem("CERTIFICATE", &known[&letter])).collect()
}
