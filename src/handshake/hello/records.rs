//! Reassembles handshake messages and alerts from the byte stream, however they are split into
//! records and packets (RFC 5246 §6.2, RFC 8446 §5.1).

/// The record layer: takes bytes and returns messages.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    /// The bytes of an incomplete record.
    record: Vec<u8>,
    /// The bytes of an incomplete handshake message.
    message: Vec<u8>,
    /// The first byte of an alert whose second byte has not arrived.
    alert: Option<u8>,
    empty: usize,
    /// Whether a complete record has arrived.
    has_begun: bool,
    /// Whether a meaningless ChangeCipherSpec may arrive (RFC 8446 §D.4).
    expects_change_cipher_spec: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A handshake message: its type and its body.
    Message {
        message_type: u8,
        body: Vec<u8>,
    },
    Alert {
        level: u8,
        code: u8,
    },
}

/// Why there are no further events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RecordFault {
    /// The stream does not begin with a record.
    NotTls {
        first: Vec<u8>,
    },
    Broken {
        detail: String,
    },
    /// A Certificate message that is too large to be read to its end.
    TooLarge {
        detail: String,
    },
}

impl Records {
    /// Accepts one ChangeCipherSpec, which servers send after a HelloRetryRequest for compatibility
    /// with old middleboxes (RFC 8446 §D.4).
    pub(super) fn expect_change_cipher_spec(&mut self) {
        self.expects_change_cipher_spec = true;
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.record.extend_from_slice(bytes);
    }

    /// Returns the next event; `None` if more bytes are needed.
    pub(super) fn next(&mut self) -> Result<Option<Event>, RecordFault> {
        loop {
            if let Some(event) = self.next_message()? {
                return Ok(Some(event));
            }
            let Some((content_type, content)) = self.next_record()? else { return Ok(None) };
            match content_type {
                HANDSHAKE if content.is_empty() => self.count_empty()?,
                HANDSHAKE => self.message.extend(content),
                ALERT => {
                    if let Some(event) = self.alert(&content)? {
                        return Ok(Some(event));
                    }
                }
                CHANGE_CIPHER_SPEC if self.expects_change_cipher_spec && content == [1] => {
                    self.expects_change_cipher_spec = false;
                }
                other => {
                    let detail = format!("a record of type {other} during the handshake");
                    return Err(RecordFault::Broken { detail });
                }
            }
        }
    }

    /// Returns what is known once the stream has ended: a stream without a complete record may
    /// still turn out not to be TLS.
    pub(super) fn fault_at_end(&self) -> Option<RecordFault> {
        let is_other = !self.has_begun && !self.record.is_empty() && !begins_record(&self.record);
        is_other.then(|| RecordFault::NotTls { first: self.record.clone() })
    }

    fn next_record(&mut self) -> Result<Option<(u8, Vec<u8>)>, RecordFault> {
        if !begins_record(&self.record) {
            if self.has_begun {
                let detail = "the data after the first record is not a record".to_owned();
                return Err(RecordFault::Broken { detail });
            }
            // Waits for enough bytes to recognize the protocol.
            return match self.record.get(..SHOWN) {
                Some(first) => Err(RecordFault::NotTls { first: first.to_vec() }),
                None => Ok(None),
            };
        }
        let Some([content_type, _, _, high, low]) = self.record.first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let content_type = *content_type;
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if length > MAX_RECORD {
            let detail = format!("a record of {length} bytes; the maximum is 16384");
            return Err(RecordFault::Broken { detail });
        }
        let Some(content) = self.record.get(HEADER..HEADER + length) else { return Ok(None) };
        let content = content.to_vec();
        self.record.drain(..HEADER + length);
        self.has_begun = true;
        Ok(Some((content_type, content)))
    }

    fn next_message(&mut self) -> Result<Option<Event>, RecordFault> {
        let Some([message_type, high, middle, low]) = self.message.first_chunk::<4>() else {
            return Ok(None);
        };
        let message_type = *message_type;
        let length = usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low);
        if length > MAX_MESSAGE {
            let detail = format!("a handshake message of {length} bytes");
            return Err(match message_type {
                CERTIFICATE => RecordFault::TooLarge { detail },
                _ => RecordFault::Broken { detail },
            });
        }
        let Some(body) = self.message.get(4..4 + length) else { return Ok(None) };
        let body = body.to_vec();
        self.message.drain(..4 + length);
        Ok(Some(Event::Message { message_type, body }))
    }

    /// An alert is two bytes, which may be split into two records (RFC 5246 §6.2.1).
    fn alert(&mut self, content: &[u8]) -> Result<Option<Event>, RecordFault> {
        match (self.alert.take(), content) {
            (None, &[level]) => {
                self.alert = Some(level);
                Ok(None)
            }
            (None, &[level, code]) | (Some(level), &[code]) => {
                Ok(Some(Event::Alert { level, code }))
            }
            _ => {
                let detail = format!("an alert record of {} bytes", content.len());
                Err(RecordFault::Broken { detail })
            }
        }
    }

    /// TLS forbids empty records (RFC 5246 §6.2.1); a few are tolerated, as in libraries.
    fn count_empty(&mut self) -> Result<(), RecordFault> {
        self.empty += 1;
        if self.empty > MAX_EMPTY {
            let detail = format!("more than {MAX_EMPTY} empty handshake records");
            return Err(RecordFault::Broken { detail });
        }
        Ok(())
    }
}

/// Returns whether the bytes can begin a record, judging by type and major version.
fn begins_record(bytes: &[u8]) -> bool {
    match bytes {
        [] => true,
        [first] => matches!(first, 20..=23),
        [first, major, ..] => matches!(first, 20..=23) && *major == 3,
    }
}

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const HEADER: usize = 5;
const CERTIFICATE: u8 = 11;
const MAX_RECORD: usize = 1 << 14;
/// Half of what a connection may hold, less a record: for the message and its parsed form. s2n-tls
/// stops at 64 KiB; reading further shows how long the chain is.
const MAX_MESSAGE: usize = 112 * 1024;
const MAX_EMPTY: usize = 16;
/// How many bytes of a stream that is not TLS are shown.
const SHOWN: usize = 24;
