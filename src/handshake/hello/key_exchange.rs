//! How a cipher suite's keys are exchanged, which decides what a ServerKeyExchange looks like.

use rustls::CipherSuite;

/// The key exchange of a cipher suite up to TLS 1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyExchange {
    /// The server's signature under an ephemeral curve point (RFC 8422).
    Ecdhe,
    /// The same over a finite field (RFC 5246 §7.4.3).
    Dhe,
    /// Whatever else: nothing is signed that could be checked here.
    Other,
}

impl KeyExchange {
    /// Returns the key exchange of the suite with this code, going by IANA's name.
    pub fn of(cipher_suite: u16) -> Self {
        match CipherSuite::from(cipher_suite).as_str() {
            Some(name) if name.starts_with("TLS_ECDHE_") => Self::Ecdhe,
            Some(name) if name.starts_with("TLS_DHE_") => Self::Dhe,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KeyExchange;

    #[test]
    fn the_name_tells_the_key_exchange() {
        for (code, expected) in [
            (0xc013, KeyExchange::Ecdhe),
            (0xcca9, KeyExchange::Ecdhe),
            (0x009e, KeyExchange::Dhe),
            (0x002f, KeyExchange::Other),
            (0xc004, KeyExchange::Other),
            (0xfafa, KeyExchange::Other),
        ] {
            assert_eq!(KeyExchange::of(code), expected, "{code:#06x}");
        }
    }
}
