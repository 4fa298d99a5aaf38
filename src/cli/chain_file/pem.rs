//! Splits PEM files into blocks as servers do, and finds the mistakes that hide a block.

use std::io::Cursor;

use x509_parser::pem::Pem;

use crate::chain::printable;

use super::content::Content;
use super::der;
use super::error::{Fault, PemFault};

/// The start of every block (RFC 7468 §3).
const BEGIN: &[u8] = b"-----BEGIN ";

const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// An undecoded block.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Block<'a> {
    /// The line number of the `BEGIN` line, from 1.
    pub(super) line: usize,
    label: String,
    /// From the first line to the last.
    text: &'a [u8],
}

impl Block<'_> {
    pub(super) fn content(&self) -> Content {
        match Content::of_label(&self.label) {
            // Encrypted keys before PKCS #8 (RFC 1421 §4.6.1.1).
            Content::PrivateKey if has(self.text, b"Proc-Type: 4,ENCRYPTED") => {
                Content::EncryptedPrivateKey
            }
            content => content,
        }
    }

    /// Decodes the base64 of the block.
    pub(super) fn decode(&self) -> Result<Vec<u8>, Fault> {
        let (pem, _) = Pem::read(Cursor::new(self.text))
            .map_err(|_| Fault::Pem { line: self.line, fault: PemFault::NotBase64 })?;
        let mut der = pem.contents;
        if self.label == "TRUSTED CERTIFICATE" {
            // OpenSSL appends the trusted uses to the certificate.
            der.truncate(der::first_length(&der));
        }
        Ok(der)
    }
}

/// Returns whether the bytes contain a `BEGIN` marker anywhere.
pub(super) fn is_likely(bytes: &[u8]) -> bool {
    has(bytes, BEGIN)
}

/// Splits a file into its blocks. Text between blocks is a comment.
///
/// # Errors
/// At the first line that makes a server reject the file or skip a block.
pub(super) fn blocks(bytes: &[u8]) -> Result<Vec<Block<'_>>, Fault> {
    let mut blocks = Vec::new();
    let mut open: Option<Open> = None;
    let mut offset = 0;
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let (number, start) = (index + 1, offset);
        offset += line.len();
        let line = line.trim_ascii_end();
        let refused = |fault| Fault::Pem { line: number, fault };
        match open.take() {
            None if line.starts_with(BEGIN) => {
                let label = label(line, BEGIN)
                    .map_err(|label| refused(PemFault::BeginNotAlone { label }))?;
                open = Some(Open { line: number, start, label });
            }
            None if line.starts_with(END) => return Err(refused(PemFault::NoBegin)),
            None if line.strip_prefix(b"\xef\xbb\xbf").is_some_and(|l| l.starts_with(BEGIN)) => {
                return Err(refused(PemFault::ByteOrderMark));
            }
            None if has(line, BEGIN) && !line.starts_with(b"#") => {
                return Err(refused(PemFault::BeginNotFirst));
            }
            None => {}
            Some(begun) if line.starts_with(END) => match label(line, END) {
                Ok(label) if label == begun.label => {
                    let text = &bytes[begun.start..offset];
                    blocks.push(Block { line: begun.line, label, text });
                }
                Ok(_) => return Err(begun.unended()),
                Err(label) => return Err(refused(PemFault::EndNotAlone { label })),
            },
            Some(begun) if has(line, BEGIN) => return Err(begun.unended()),
            Some(begun) => open = Some(begun),
        }
    }
    match open {
        Some(begun) => Err(begun.unended()),
        None => Ok(blocks),
    }
}

/// A block without its end so far.
struct Open {
    line: usize,
    start: usize,
    label: String,
}

impl Open {
    fn unended(self) -> Fault {
        Fault::Pem { line: self.line, fault: PemFault::NoEnd { label: self.label } }
    }
}

/// Returns the label of a `BEGIN` or `END` line, as an error if more text follows it.
fn label(line: &[u8], keyword: &[u8]) -> Result<String, String> {
    let rest = line.get(keyword.len()..).unwrap_or_default();
    let end = rest.windows(DASHES.len()).position(|window| window == DASHES);
    let label = &rest[..end.unwrap_or(rest.len())];
    let label = printable(&String::from_utf8_lossy(label), LONGEST_LABEL);
    if end.map(|end| end + DASHES.len()) == Some(rest.len()) { Ok(label) } else { Err(label) }
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Labels are untrusted input; this length is enough to recognize one.
const LONGEST_LABEL: usize = 40;
