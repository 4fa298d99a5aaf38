//! Classifies errors of rustls and of the socket.

use std::io;
use std::time::Duration;

use rustix::io::Errno;
use rustls::{Error, InvalidMessage};

use crate::chain::printable;
use crate::limits;
use crate::limits::Stage;
use crate::observation::{Ending, Failure, KeyProof, NotProbed};

use super::tls_socket::Seen;

/// Classifies an error of the handshake by the error itself and the data received before it.
pub(super) fn classify(error: &io::Error, seen: &Seen, key_proof: KeyProof) -> Failure {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return classify_tls(error, seen, key_proof);
    }
    let Some(ending) = ending(error) else { return not_probed(error, Stage::Transfer) };
    if seen.received() > 0 && !seen.looks_like_tls() {
        not_tls(seen.first())
    } else if seen.saw_server_hello() {
        Failure::ClosedDuringHandshake { ending }
    } else {
        Failure::ClosedBeforeServerHello { ending }
    }
}

/// Returns how a server ended the connection, if that is the error.
pub(super) fn ending(error: &io::Error) -> Option<Ending> {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Some(Ending::Closed),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::ConnectionAborted => Some(Ending::Reset),
        _ => None,
    }
}

/// Classifies a socket error that a server cannot cause.
///
/// EADDRNOTAVAIL from connect() counts as a lack of ports. Only `probe` knows whether any address
/// of that family can be reached.
pub(super) fn not_probed(error: &io::Error, stage: Stage) -> Failure {
    let network = [
        Errno::NETUNREACH,
        Errno::HOSTUNREACH,
        Errno::ADDRNOTAVAIL,
        Errno::AFNOSUPPORT,
        Errno::ACCESS,
        Errno::PERM,
    ];
    let detail = error.to_string().into();
    let reason = match (limits::own_failure(error, stage), Errno::from_io_error(error)) {
        (None, Some(errno)) if network.contains(&errno) => NotProbed::NoRoute { error: detail },
        (shortage, _) => NotProbed::OwnFailure { shortage, detail },
    };
    Failure::NotProbed { reason }
}

/// Returns a failure of this process's TLS library.
pub(super) fn own_failure(detail: &str) -> Failure {
    let reason = NotProbed::OwnFailure { shortage: None, detail: detail.into() };
    Failure::NotProbed { reason }
}

/// Classifies a handshake that did not complete in time.
pub(super) fn timed_out(seen: &Seen, waited: Duration) -> Failure {
    if seen.received() > 0 && !seen.looks_like_tls() {
        not_tls(seen.first())
    } else {
        Failure::HandshakeTimedOut { waited, received: seen.received() }
    }
}

fn classify_tls(error: &Error, seen: &Seen, key_proof: KeyProof) -> Failure {
    match error {
        Error::AlertReceived(alert) => Failure::Alert { code: u8::from(*alert) },
        Error::NoCertificatesPresented => Failure::NoCertificate,
        Error::InvalidCertificate(_) if key_proof == KeyProof::Wrong => Failure::SignatureWrong,
        _ if seen.received() > 0 && !seen.looks_like_tls() => not_tls(seen.first()),
        Error::InvalidMessage(InvalidMessage::CertificatePayloadTooLarge) => {
            Failure::ChainUnreadable {
                detail: "the certificate message is larger than 64 KiB".into(),
            }
        }
        // Before the signature, it can only be the certificates, unless the server is malicious.
        Error::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge)
            if key_proof == KeyProof::NotReached =>
        {
            Failure::ChainUnreadable { detail: "a handshake message is larger than 64 KiB".into() }
        }
        Error::General(detail) => own_failure(detail.as_str()),
        other => Failure::Unsettled {
            detail: printable(&format!("the prober's TLS library (rustls) reported: {other}"), 200)
                .into(),
        },
    }
}

/// Classifies an answer that is not TLS by its first bytes.
pub(super) fn not_tls(first: &[u8]) -> Failure {
    let first = &first[..first.len().min(SHOWN)];
    let looks_like =
        KNOWN.iter().find(|(prefix, _)| first.starts_with(prefix)).map(|(_, p)| (*p).into());
    let text = printable(&String::from_utf8_lossy(first), 80);
    Failure::NotTls { looks_like, first_bytes: format!("`{text}`").into() }
}

/// How many bytes of an answer that is not TLS are shown.
const SHOWN: usize = 24;

/// The first bytes of the protocols that are most often found on a wrong port.
const KNOWN: [(&[u8], &str); 5] = [
    (b"HTTP/", "plain HTTP"),
    (b"SSH-", "SSH"),
    (b"220", "an SMTP or FTP greeting"),
    (b"<", "markup"),
    (b"* OK", "an IMAP greeting"),
];
