//! Reads a certificate chain from a file before it is deployed: PEM, DER or PKCS#7.

mod bundle;
mod content;
mod der;
mod error;
mod pem;

use std::path::Path;

use crate::origin::DomainName;

use super::read_input;

use bundle::BundleOrder;
use content::{Content, Looks};
use der::DerObject;
pub(super) use error::ChainFileError;
use error::Fault;
use pem::Block;

/// The certificates in a file, in the order in which a server would send them.
#[derive(Debug)]
pub(super) struct ChainFile {
    /// The name of the file in messages.
    place: String,
    /// DER, not parsed, so that the rules can report faults. Never empty.
    pub(super) certificates: Vec<Vec<u8>>,
    /// How a bundle was ordered; `None` for a file with an order of its own.
    bundle: Option<BundleOrder>,
    /// The lines at which private keys begin.
    private_keys: Vec<usize>,
}

impl ChainFile {
    /// Reads a file, or standard input if the path is `-`. In a file without an order, the
    /// certificate that matches one of `names` is the end entity.
    ///
    /// # Errors
    /// When the file cannot be read or contains no certificate.
    pub(super) fn read(path: &Path, names: &[&DomainName]) -> Result<Self, ChainFileError> {
        let (place, bytes) = read_input(path, LARGEST);
        bytes
            .map_err(Fault::from)
            .and_then(|bytes| Self::parse(&bytes, place.clone(), names))
            .map_err(|fault| ChainFileError { place, fault })
    }

    fn parse(bytes: &[u8], place: String, names: &[&DomainName]) -> Result<Self, Fault> {
        if bytes.len() as u64 > LARGEST {
            return Err(Fault::TooLarge);
        }
        if bytes.trim_ascii().is_empty() {
            return Err(Fault::Empty);
        }
        if content::is_der(bytes) || !pem::is_likely(bytes) {
            let Taken { certificates, bundle } = from_der(bytes, names)?;
            return Ok(Self { place, certificates, bundle, private_keys: Vec::new() });
        }
        let blocks = pem::blocks(bytes)?;
        let private_keys = blocks.iter().filter(|b| b.content().is_key()).map(|b| b.line);
        let private_keys = private_keys.collect();
        let Taken { certificates, bundle } = from_pem(&blocks, names)?;
        Ok(Self { place, certificates, bundle, private_keys })
    }

    /// Returns the number of certificates and the file name.
    pub(super) fn describe(&self) -> String {
        let certificates = match self.certificates.len() {
            1 => "1 certificate".to_owned(),
            count => format!("{count} certificates"),
        };
        format!("{certificates} from {}", self.place)
    }

    /// Returns how the certificates were ordered, if the file has no order.
    pub(super) fn note(&self) -> Option<&'static str> {
        self.bundle.map(BundleOrder::note)
    }

    /// Returns warnings about other content of the file.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        self.private_keys.iter().map(|line| {
            format!(
                "{}:{line}: private key in the chain file; it was not read or shown, but remove it before \
                 you share the file",
                self.place
            )
        })
    }
}

/// Returns the certificates of a PEM file. A bundle counts only if there is no plain certificate,
/// because servers do not read bundles.
fn from_pem(blocks: &[Block<'_>], names: &[&DomainName]) -> Result<Taken, Fault> {
    let of_kind = |kind: &Content| -> Result<Vec<Vec<u8>>, Fault> {
        blocks.iter().filter(|block| block.content() == *kind).map(Block::decode).collect()
    };
    let certificates = of_kind(&Content::Certificate)?;
    if !certificates.is_empty() {
        return Ok(Taken { certificates, bundle: None });
    }
    let bundles = of_kind(&Content::Bundle)?;
    if let Some(bundle) = bundles.first() {
        return from_der(bundle, names);
    }
    // With several blocks, a key is the most likely mistake.
    let keys = blocks.iter().find(|block| block.content().is_key());
    let first = keys.or_else(|| blocks.first());
    Err(match first {
        Some(block) => Fault::NoCertificate { content: block.content() },
        None => Fault::Unrecognised { looks: Looks::Commentary },
    })
}

fn from_der(bytes: &[u8], names: &[&DomainName]) -> Result<Taken, Fault> {
    match der::read(bytes)? {
        DerObject::Certificate(der) => Ok(Taken { certificates: vec![der.to_vec()], bundle: None }),
        DerObject::Bundle(certificates) if certificates.is_empty() => {
            Err(Fault::NoCertificate { content: Content::Bundle })
        }
        DerObject::Bundle(certificates) => {
            let (certificates, order) = bundle::in_order(&certificates, names);
            let bundle = (certificates.len() > 1).then_some(order);
            Ok(Taken { certificates, bundle })
        }
        DerObject::Other(content) => Err(Fault::NoCertificate { content }),
        DerObject::Nothing => Err(Fault::Unrecognised { looks: Looks::of(bytes) }),
    }
}

/// The certificates of a file, and how they were ordered.
struct Taken {
    certificates: Vec<Vec<u8>>,
    bundle: Option<BundleOrder>,
}

/// In bytes. AWS's TLS library reads handshake messages of at most 64 KiB. This limit leaves room
/// for whole lists of roots, which `chain-too-long` reports like any other chain.
const LARGEST: u64 = 1024 * 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any};
    use proptest::proptest;
    use proptest::sample::Index;

    use super::{ChainFile, Fault};

    const PEM: &[u8] = include_bytes!("../../../tests/contract/served_chain.pem");

    fn parse(bytes: &[u8]) -> Result<ChainFile, Fault> {
        ChainFile::parse(bytes, "chain.pem".to_owned(), &[])
    }

    fn is_read_or_refused(bytes: &[u8]) -> bool {
        match parse(bytes) {
            Ok(file) => !file.certificates.is_empty(),
            Err(fault) => fault.to_string().len() < 300,
        }
    }

    fn changed(original: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
        let changes = proptest::collection::vec((any::<Index>(), any::<u8>()), 1..8);
        (Just(original), changes, any::<Index>()).prop_map(|(mut bytes, changes, end)| {
            for (place, byte) in changes {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            bytes.truncate(end.index(bytes.len() * 2).max(1));
            bytes
        })
    }

    proptest! {
        #[test]
        fn whatever_becomes_of_a_pem_file_it_is_read_or_refused(bytes in changed(PEM.to_vec())) {
            assert!(is_read_or_refused(&bytes));
        }

        #[test]
        fn whatever_becomes_of_a_der_file_it_is_read_or_refused(
            bytes in changed(parse(PEM).unwrap().certificates.remove(0))
        ) {
            assert!(is_read_or_refused(&bytes));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            assert!(is_read_or_refused(&bytes));
        }
    }
}
