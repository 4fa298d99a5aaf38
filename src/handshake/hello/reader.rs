//! An incremental reader of a server's first flight.

use crate::cloudfront::Version;
use crate::observation::{Ending, Failure};

use super::answer::{Answer, End, Retry};
use super::messages;
use super::messages::Hello;
use super::records::{Event, RecordFault, Records};

/// Reads the answer to a ClientHello. Holds at most 256 KiB, whatever is sent.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    records: Records,
    answer: Answer,
    hello_requests: usize,
    /// The index of the last message in [`ORDER`].
    place: usize,
    is_done: bool,
}

/// Whether there is more to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More bytes may change the answer.
    Reading,
    /// The server asks for another hello, as described by [`Reader::retry`].
    Retry,
    /// Further bytes change nothing.
    Done,
}

impl Reader {
    /// Returns the HelloRetryRequest since the last hello.
    pub fn retry(&self) -> Option<&Retry> {
        self.answer.retry.as_ref()
    }

    /// Returns the answer if no other hello is sent.
    pub fn ended_at_retry(self) -> Answer {
        self.finish(End::Retry)
    }

    /// Processes received bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Progress {
        if self.is_done {
            return Progress::Done;
        }
        let room = MAX_RECEIVED.saturating_sub(self.answer.received);
        let taken = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        let had_retry = self.answer.retry.is_some();
        self.answer.received += taken as u64;
        self.records.push(&bytes[..taken]);
        while !self.is_done {
            match self.records.next() {
                Ok(Some(event)) => self.take(event),
                Ok(None) => break,
                Err(fault) => self.end(fault_end(fault)),
            }
        }
        if !self.is_done && self.answer.received >= MAX_RECEIVED {
            let detail = format!("a first flight of more than {MAX_RECEIVED} bytes");
            self.end(End::Broken { detail });
        }
        if self.is_done {
            Progress::Done
        } else if self.answer.retry.is_some() && !had_retry {
            Progress::Retry
        } else {
            Progress::Reading
        }
    }

    /// Returns the answer once the connection has ended in this way.
    pub fn ended(self, ending: Ending) -> Answer {
        self.finish(End::Ended(ending))
    }

    /// Returns the answer once the time is up.
    pub fn timed_out(self) -> Answer {
        self.finish(End::TimedOut)
    }

    /// Returns the answer after a socket operation of this machine failed.
    pub fn failed(self, failure: Failure) -> Answer {
        self.finish(End::OwnFailure { failure })
    }

    fn finish(mut self, end: End) -> Answer {
        if !self.is_done {
            let end = self.records.fault_at_end().map_or(end, fault_end);
            self.end(end);
        }
        self.answer
    }

    fn end(&mut self, end: End) {
        self.answer.end = end;
        self.is_done = true;
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Alert { level: WARNING, code: CLOSE_NOTIFY } => {
                self.end(End::Ended(Ending::Closed));
            }
            Event::Alert { level: WARNING, .. } if self.answer.warnings.len() == MAX_WARNINGS => {
                let detail = format!("more than {MAX_WARNINGS} warnings");
                self.end(End::Broken { detail });
            }
            Event::Alert { level: WARNING, code } => self.answer.warnings.push(code),
            Event::Alert { code, .. } => self.end(End::Alert { code }),
            Event::Message { message_type, body } => {
                if let Err(detail) = self.message(message_type, &body) {
                    self.end(End::Broken { detail });
                }
            }
        }
    }

    fn message(&mut self, message_type: u8, body: &[u8]) -> Result<(), String> {
        if let Some(place) = ORDER.iter().position(|known| *known == message_type) {
            if place < self.place {
                return Err(format!("a message of type {message_type} out of order"));
            }
            self.place = place;
        }
        let answer = &mut self.answer;
        match (message_type, &answer.server_hello) {
            (SERVER_HELLO, None) => {
                let hello = match messages::server_hello(body)? {
                    Hello::Server(hello) => hello,
                    Hello::NotOffered { detail } => {
                        self.end(End::NotOffered { detail });
                        return Ok(());
                    }
                    Hello::Retry(_) if answer.retry.is_some() => {
                        return Err("a second HelloRetryRequest".to_owned());
                    }
                    Hello::Retry(retry) => {
                        answer.retry = Some(retry);
                        self.records.expect_change_cipher_spec();
                        return Ok(());
                    }
                };
                let is_tls13 = hello.version == Version::Tls1_3;
                answer.server_hello = Some(hello);
                if is_tls13 {
                    self.end(End::Tls13);
                }
            }
            (SERVER_HELLO, Some(_)) => return Err("a second ServerHello".to_owned()),
            // Allowed at any time, and meaningless before the first handshake is complete.
            (HELLO_REQUEST, _) if body.is_empty() => self.hello_request()?,
            (_, None) => {
                return Err(format!("a message of type {message_type} before the ServerHello"));
            }
            (CERTIFICATE, Some(_)) if answer.served.is_none() => {
                answer.served = Some(messages::certificate(body)?);
            }
            (CERTIFICATE_STATUS, Some(_)) if answer.staple.is_none() => {
                answer.staple = messages::certificate_status(body)?;
            }
            (SERVER_KEY_EXCHANGE, Some(hello)) if answer.signed_parameters.is_none() => {
                answer.signed_parameters = messages::server_key_exchange(body, hello)?;
            }
            (CERTIFICATE_REQUEST, Some(_)) if !answer.asked_for_client_certificate => {
                answer.asked_for_client_certificate = true;
            }
            (SERVER_HELLO_DONE, Some(_)) if body.is_empty() => self.end(End::Flight),
            (other, Some(_)) => {
                return Err(format!("an unexpected message of type {other}"));
            }
        }
        Ok(())
    }

    fn hello_request(&mut self) -> Result<(), String> {
        self.hello_requests += 1;
        if self.hello_requests > MAX_HELLO_REQUESTS {
            return Err(format!("more than {MAX_HELLO_REQUESTS} HelloRequests"));
        }
        Ok(())
    }
}

fn fault_end(fault: RecordFault) -> End {
    match fault {
        RecordFault::NotTls { first } => End::NotTls { first },
        RecordFault::Broken { detail } => End::Broken { detail },
        RecordFault::TooLarge { detail } => End::TooLarge { detail },
    }
}

/// The most that is read from one connection.
const MAX_RECEIVED: u64 = 256 * 1024;
const MAX_WARNINGS: usize = 8;
const MAX_HELLO_REQUESTS: usize = 8;
const WARNING: u8 = 1;
const CLOSE_NOTIFY: u8 = 0;

/// The only valid order of a flight (RFC 5246 §7.3, RFC 6066 §8).
const ORDER: [u8; 6] = [
    SERVER_HELLO,
    CERTIFICATE,
    CERTIFICATE_STATUS,
    SERVER_KEY_EXCHANGE,
    CERTIFICATE_REQUEST,
    SERVER_HELLO_DONE,
];

// RFC 5246 §7.4, RFC 6066 §8.
const HELLO_REQUEST: u8 = 0;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SERVER_KEY_EXCHANGE: u8 = 12;
const CERTIFICATE_REQUEST: u8 = 13;
const SERVER_HELLO_DONE: u8 = 14;
const CERTIFICATE_STATUS: u8 = 22;
