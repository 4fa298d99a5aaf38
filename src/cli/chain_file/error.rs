//! Errors of chain files, each with its fix.

use thiserror::Error;

use super::content::{Content, Looks};

/// A chain file that cannot be used.
#[derive(Debug, Error)]
#[error("{place}{}: {fault}", line(fault))]
pub(in crate::cli) struct ChainFileError {
    pub(super) place: String,
    pub(super) fault: Fault,
}

fn line(fault: &Fault) -> String {
    match fault {
        Fault::Pem { line, .. } => format!(":{line}"),
        _ => String::new(),
    }
}

/// The fault in a chain file.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error("cannot be read: {source}; give a PEM, DER or PKCS#7 file, or - for standard input")]
    Unreadable { source: std::io::Error },
    #[error("is a directory; give the file in it that contains the chain, such as fullchain.pem")]
    Directory,
    #[error("is empty; give the end-entity certificate and its intermediates in PEM")]
    Empty,
    #[error("is larger than 1 MiB; give only the end-entity certificate and its intermediates")]
    TooLarge,
    #[error("{fault}")]
    Pem { line: usize, fault: PemFault },
    #[error("contains {content} but no certificate; {}", content.advice())]
    NoCertificate { content: Content },
    #[error("is {}", looks.as_str())]
    Unrecognised { looks: Looks },
    #[error("contains {count} bytes after its first certificate; give several certificates as PEM")]
    TrailingBytes { count: usize },
    #[error("invalid PKCS#7 bundle: {detail}; export it again, or give a PEM file")]
    BrokenBundle { detail: String },
}

impl From<std::io::Error> for Fault {
    fn from(source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::IsADirectory => Self::Directory,
            _ => Self::Unreadable { source },
        }
    }
}

/// A fault in a PEM file that makes a server reject the file or skip a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum PemFault {
    #[error(
        "text before `-----BEGIN`, so servers skip this block; start the line with `-----BEGIN`"
    )]
    BeginNotFirst,
    #[error(
        "byte order mark before `-----BEGIN`, so servers skip this block; save the file without it"
    )]
    ByteOrderMark,
    #[error("text after `-----BEGIN {label}-----`; end the line there")]
    BeginNotAlone { label: String },
    #[error("missing line break after `-----END {label}-----`; add one between the joined files")]
    EndNotAlone { label: String },
    #[error(
        "block without `-----END {label}-----` line; copy the file again, it was truncated or edited"
    )]
    NoEnd { label: String },
    #[error(
        "`-----END` without a `-----BEGIN` line; copy the file again, it was truncated or edited"
    )]
    NoBegin,
    #[error("block is not valid base64; copy the file again")]
    NotBase64,
}
