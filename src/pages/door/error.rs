//! What is wrong with the files of a door.

use thiserror::Error;

use crate::config::Pem;
use crate::limits::FileError;

/// Why a web configuration file that is well written cannot be used.
#[derive(Debug, Error)]
pub enum DoorError {
    #[error("{place}: {error}")]
    File { place: String, error: FileError },
    #[error("{place}: holds no PEM certificate")]
    NoCertificate { place: String },
    #[error("{place}: holds no PEM private key (PKCS#8, PKCS#1 or SEC1)")]
    NoKey { place: String },
    #[error("{place}: is no PEM: {reason}")]
    Malformed { place: String, reason: String },
    #[error("{certificate}: does not go with the key {key}: {reason}")]
    KeyDoesNotFit { certificate: String, key: String, reason: String },
    #[error("{place}: is no CA certificate: {reason}")]
    NoAnchor { place: String, reason: String },
    #[error("tls_server_config: the settings leave nothing to offer: {reason}")]
    Settings { reason: String },
}

/// Returns what a message calls the place of a PEM text.
pub(super) fn place(pem: &Pem, key: &'static str) -> String {
    match pem {
        Pem::File(path) => path.display().to_string(),
        Pem::Inline(_) => format!("tls_server_config.{key}"),
    }
}
