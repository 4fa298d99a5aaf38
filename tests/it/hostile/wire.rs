//! Records and handshake messages of any content, and the ClientHello as far as a server needs it.

/// The parts of a ClientHello that an answer depends on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hello {
    /// The whole handshake message.
    pub(crate) message: Vec<u8>,
    pub(crate) random: Vec<u8>,
    pub(crate) session_id: Vec<u8>,
    /// The group of the first key that is offered for TLS 1.3, and the key.
    pub(crate) group: u16,
    pub(crate) key_share: Vec<u8>,
}

impl Hello {
    pub(crate) fn read(message: &[u8]) -> Self {
        Self::try_read(message).unwrap_or_default()
    }

    fn try_read(message: &[u8]) -> Option<Self> {
        let take = |at: &mut usize, count: usize| {
            let taken = message.get(*at..*at + count)?;
            *at += count;
            Some(taken)
        };
        let number = |bytes: &[u8]| bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b));
        let mut at = 6;
        let random = take(&mut at, 32)?.to_vec();
        let length = number(take(&mut at, 1)?);
        let session_id = take(&mut at, length)?.to_vec();
        for size in [2, 1] {
            let length = number(take(&mut at, size)?);
            take(&mut at, length)?;
        }
        let message_bytes = message.to_vec();
        let mut hello = Self { message: message_bytes, random, session_id, ..Self::default() };
        if take(&mut at, 2).is_none() {
            return Some(hello);
        }
        while at < message.len() {
            let code = number(take(&mut at, 2)?);
            let length = number(take(&mut at, 2)?);
            let content = take(&mut at, length)?;
            if code == 51
                && let [_, _, group, code, high, low, keys @ ..] = content
            {
                hello.group = u16::from_be_bytes([*group, *code]);
                hello.key_share = keys[..number(&[*high, *low])].to_vec();
            }
        }
        Some(hello)
    }

    pub(crate) fn offers_tls13(&self) -> bool {
        !self.key_share.is_empty()
    }
}

/// Content type, version, length (RFC 8446 §5.1).
pub(crate) const RECORD_HEADER: usize = 5;
pub(crate) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(crate) const ALERT: u8 = 21;
pub(crate) const HANDSHAKE: u8 = 22;
pub(crate) const DATA: u8 = 23;

pub(crate) const SERVER_HELLO: u8 = 2;
pub(crate) const CERTIFICATE: u8 = 11;
pub(crate) const SERVER_KEY_EXCHANGE: u8 = 12;
pub(crate) const CERTIFICATE_REQUEST: u8 = 13;
pub(crate) const SERVER_HELLO_DONE: u8 = 14;

/// The CCS record of a server (RFC 8446 §D.4).
pub(crate) const CCS: &[u8] = &[CHANGE_CIPHER_SPEC, 3, 3, 0, 1, 1];

/// A record of any type and version; its length is that of the content.
pub(crate) fn record(content_type: u8, version: u16, content: &[u8]) -> Vec<u8> {
    let [major, minor] = version.to_be_bytes();
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[content_type, major, minor, high, low], content].concat()
}

/// Handshake messages in as many records as they need.
pub(crate) fn handshake(messages: &[u8]) -> Vec<u8> {
    in_records(messages, 1 << 14)
}

pub(crate) fn in_records(messages: &[u8], size: usize) -> Vec<u8> {
    messages.chunks(size).flat_map(|part| record(HANDSHAKE, 0x0303, part)).collect()
}

pub(crate) fn alert(level: u8, code: u8) -> Vec<u8> {
    record(ALERT, 0x0303, &[level, code])
}

/// A handshake message.
pub(crate) fn message(message_type: u8, body: &[u8]) -> Vec<u8> {
    promised(message_type, body.len(), body)
}

/// A handshake message whose length says something else than its body.
pub(crate) fn promised(message_type: u8, length: usize, body: &[u8]) -> Vec<u8> {
    let [_, high, middle, low] = u32::try_from(length).unwrap().to_be_bytes();
    [&[message_type, high, middle, low], body].concat()
}

/// Something behind a length of one, two or three bytes.
pub(crate) fn vector(size: usize, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[4 - size..], content].concat()
}

pub(crate) fn extension(code: u16, content: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes(), vector(2, content).as_slice()].concat()
}

/// The fields of a ServerHello; everything may be wrong.
#[derive(Clone, Debug)]
pub(crate) struct ServerHello {
    pub(crate) version: u16,
    pub(crate) random: [u8; 32],
    pub(crate) session_id: Vec<u8>,
    pub(crate) cipher_suite: u16,
    pub(crate) compression: u8,
    pub(crate) extensions: Vec<Vec<u8>>,
    /// Behind the extensions.
    pub(crate) trailer: Vec<u8>,
}

/// A key of the right form in the group of the client's: the client's own.
pub(crate) fn some_key(hello: &Hello) -> Vec<u8> {
    hello.key_share.clone()
}

/// What makes a ServerHello a HelloRetryRequest (RFC 8446 §4.1.3).
pub(crate) const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

impl ServerHello {
    /// TLS 1.2 with ECDHE, ECDSA and AES-128-GCM, which CloudFront offers.
    pub(crate) fn of_tls12() -> Self {
        Self {
            version: 0x0303,
            random: [7; 32],
            session_id: Vec::new(),
            cipher_suite: 0xc02b,
            compression: 0,
            extensions: Vec::new(),
            trailer: Vec::new(),
        }
    }

    /// TLS 1.3 with AES-128-GCM, the session id echoed and this key in the group of the client's.
    pub(crate) fn of_tls13(hello: &Hello, key: &[u8]) -> Self {
        let share = [&hello.group.to_be_bytes(), vector(2, key).as_slice()].concat();
        Self {
            session_id: hello.session_id.clone(),
            cipher_suite: 0x1301,
            extensions: vec![extension(43, &[3, 4]), extension(51, &share)],
            ..Self::of_tls12()
        }
    }

    /// A HelloRetryRequest with these extensions besides the version.
    pub(crate) fn retry(hello: &Hello, extensions: &[Vec<u8>]) -> Self {
        let mut all = vec![extension(43, &[3, 4])];
        all.extend_from_slice(extensions);
        Self { random: RETRY_RANDOM, extensions: all, ..Self::of_tls13(hello, &[]) }
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        let mut body = self.version.to_be_bytes().to_vec();
        body.extend(self.random);
        body.extend(vector(1, &self.session_id));
        body.extend(self.cipher_suite.to_be_bytes());
        body.push(self.compression);
        if !self.extensions.is_empty() {
            body.extend(vector(2, &self.extensions.concat()));
        }
        body.extend(&self.trailer);
        body
    }

    pub(crate) fn message(&self) -> Vec<u8> {
        message(SERVER_HELLO, &self.body())
    }
}

/// The body of a Certificate message up to TLS 1.2.
pub(crate) fn certificates12(list: &[Vec<u8>]) -> Vec<u8> {
    let entries: Vec<u8> = list.iter().flat_map(|der| vector(3, der)).collect();
    vector(3, &entries)
}

/// The body of a Certificate message of TLS 1.3, each entry without extensions.
pub(crate) fn certificates13(list: &[Vec<u8>]) -> Vec<u8> {
    let entry = |der: &Vec<u8>| [vector(3, der), vec![0, 0]].concat();
    let entries: Vec<u8> = list.iter().flat_map(entry).collect();
    [vec![0], vector(3, &entries)].concat()
}

/// The curve and point of a ServerKeyExchange; the point is one of X25519.
pub(crate) fn parameters(point: &[u8]) -> Vec<u8> {
    [&[3, 0, 29], vector(1, point).as_slice()].concat()
}

pub(crate) fn signed(parameters: &[u8], scheme: u16, signature: &[u8]) -> Vec<u8> {
    [parameters, &scheme.to_be_bytes(), &vector(2, signature)].concat()
}
