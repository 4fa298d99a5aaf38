//! Why a file gives no chain, and what would be right.

use thiserror::Error;

use super::content::Content;
use super::content::Looks;

/// Why the file at a place gives no chain.
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

/// What is wrong with it.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error(
        "cannot read the chain: {source}; name a PEM, DER or PKCS#7 file, or - for standard input"
    )]
    Unreadable { source: std::io::Error },
    #[error("is a directory; name the file in it that holds the chain, such as fullchain.pem")]
    Directory,
    #[error("is empty; it must hold the end-entity certificate and its intermediates, PEM")]
    Empty,
    #[error(
        "is larger than 1 MiB, and no chain is; give the end-entity certificate and its intermediates only"
    )]
    TooLarge,
    #[error("{fault}")]
    Pem { line: usize, fault: PemFault },
    #[error("holds {content}, but no certificate; {}", content.advice())]
    NoCertificate { content: Content },
    #[error("this is {}", looks.as_str())]
    Unrecognised { looks: Looks },
    #[error(
        "holds {count} bytes after its first certificate; a DER file holds one, so give several as PEM"
    )]
    TrailingBytes { count: usize },
    #[error("the PKCS#7 bundle cannot be read: {detail}; export it again, or give a PEM file")]
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

/// What is wrong with a PEM file: faults that make a server refuse it, or pass over a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum PemFault {
    #[error(
        "something stands before `-----BEGIN`, so a server does not see this block; the line must begin with it"
    )]
    BeginNotFirst,
    #[error(
        "a byte order mark stands before `-----BEGIN`, so a server does not see this block; save the file without it"
    )]
    ByteOrderMark,
    #[error("the line must end after `-----BEGIN {label}-----`")]
    BeginNotAlone { label: String },
    #[error(
        "a line feed is missing after `-----END {label}-----`: files were joined without one between them"
    )]
    EndNotAlone { label: String },
    #[error(
        "the block that begins here must end with `-----END {label}-----`; the file was cut off or edited"
    )]
    NoEnd { label: String },
    #[error("nothing began that could end here; a `-----BEGIN` line is missing")]
    NoBegin,
    #[error("what stands in the block that begins here is not base64")]
    NotBase64,
}
