//! The PEM texts that a web configuration file holds or names.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem;
use rustls_pki_types::pem::PemObject;

use crate::config::Pem;
use crate::limits::FileKinds;
use crate::limits::read_file;

use super::error::DoorError;
use super::error::place;

/// Returns all certificates of a PEM text, never none.
pub(super) fn certificates(
    from: &Pem,
    key: &'static str,
) -> Result<Vec<CertificateDer<'static>>, DoorError> {
    let text = text(from, key)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|error| DoorError::Malformed {
        place: place(from, key),
        reason: error.to_string(),
    })?;
    match found.is_empty() {
        true => Err(DoorError::NoCertificate { place: place(from, key) }),
        false => Ok(found),
    }
}

/// Returns the first private key of a PEM text.
pub(super) fn private_key(
    from: &Pem,
    key: &'static str,
) -> Result<PrivateKeyDer<'static>, DoorError> {
    let text = text(from, key)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        pem::Error::NoItemsFound => DoorError::NoKey { place: place(from, key) },
        error => DoorError::Malformed { place: place(from, key), reason: error.to_string() },
    })
}

fn text(from: &Pem, key: &'static str) -> Result<Vec<u8>, DoorError> {
    let path = match from {
        Pem::Inline(text) => return Ok(text.clone().into_bytes()),
        Pem::File(path) => path,
    };
    read_file(path, MOST_BYTES, FileKinds::Regular)
        .map_err(|error| DoorError::File { place: place(from, key), error })
}

/// Room for every CA there is.
const MOST_BYTES: u64 = 4 << 20;
