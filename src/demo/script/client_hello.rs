//! Parses the parts of a ClientHello that a choosy server needs.

/// The parts of a ClientHello that a server's decision depends on (RFC 8446 §4.1.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ClientHello {
    pub(super) random: Vec<u8>,
    pub(super) session_id: Vec<u8>,
    /// Wire values; without the extension `supported_versions` only the highest version.
    pub(super) versions: Vec<u16>,
    pub(super) cipher_suites: Vec<u16>,
    pub(super) groups: Vec<u16>,
    pub(super) signature_schemes: Vec<u16>,
    pub(super) server_name: Option<String>,
    /// Whether the client requests a stapled OCSP response.
    pub(super) status_request: bool,
}

impl ClientHello {
    /// Parses a ClientHello handshake message; `None` if it is not one.
    pub(super) fn read(message: &[u8]) -> Option<Self> {
        let mut message = Reader(message);
        if message.number(1)? != CLIENT_HELLO {
            return None;
        }
        let mut body = message.vector(3)?;
        let legacy_version = body.u16()?;
        let random = body.take(RANDOM)?.to_vec();
        let session_id = body.vector(1)?.0.to_vec();
        let cipher_suites = body.vector(2)?.all_u16()?;
        body.vector(1)?;
        let mut hello = Self {
            random,
            session_id,
            versions: vec![legacy_version],
            cipher_suites,
            ..Self::default()
        };
        if body.0.is_empty() {
            return Some(hello);
        }
        let mut extensions = body.vector(2)?;
        while !extensions.0.is_empty() {
            let extension = extensions.u16()?;
            hello.read_extension(extension, extensions.vector(2)?)?;
        }
        Some(hello)
    }

    fn read_extension(&mut self, extension: u16, mut data: Reader<'_>) -> Option<()> {
        match extension {
            SERVER_NAME => {
                let mut names = data.vector(2)?;
                if names.number(1)? == HOST_NAME {
                    let name = names.vector(2)?.0.to_vec();
                    self.server_name = String::from_utf8(name).ok();
                }
            }
            STATUS_REQUEST => self.status_request = true,
            SUPPORTED_GROUPS => self.groups = data.vector(2)?.all_u16()?,
            SIGNATURE_ALGORITHMS => self.signature_schemes = data.vector(2)?.all_u16()?,
            SUPPORTED_VERSIONS => self.versions = data.vector(1)?.all_u16()?,
            _ => {}
        }
        Some(())
    }
}

const CLIENT_HELLO: usize = 1;
const RANDOM: usize = 32;
const HOST_NAME: usize = 0;

/// Extensions (RFC 6066, RFC 8422, RFC 8446 §4.2).
const SERVER_NAME: u16 = 0;
const STATUS_REQUEST: u16 = 5;
const SUPPORTED_GROUPS: u16 = 10;
const SIGNATURE_ALGORITHMS: u16 = 13;
const SUPPORTED_VERSIONS: u16 = 43;

/// The unread bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Reads a big-endian number of `length` bytes.
    fn number(&mut self, length: usize) -> Option<usize> {
        Some(self.take(length)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// Reads a vector with a length prefix of `length` bytes.
    fn vector(&mut self, length: usize) -> Option<Self> {
        let length = self.number(length)?;
        self.take(length).map(Self)
    }

    fn all_u16(mut self) -> Option<Vec<u16>> {
        let mut numbers = Vec::new();
        while !self.0.is_empty() {
            numbers.push(self.u16()?);
        }
        Some(numbers)
    }
}
