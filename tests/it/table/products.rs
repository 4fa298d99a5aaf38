//! What the rows about server products have in common.
//!
//! Each product is asked the same questions, and comments name them: A, which list of certificates
//! goes out; B, a server name without a certificate; C, one protocol version only; D, no common
//! cipher suite, group or signature; E, client certificates. A number is a server's or a setting's.

use super::kit::TOLERANT;
use super::peer::Peer;
use super::program::Program;
use super::row::{Oracle, Row, row};

pub const ANCHOR: &str = "trust-anchor-served notice";
pub const MISSING: &str = "intermediate-missing fails";
pub const OUT_OF_ORDER: &str = "chain-out-of-order fails";
pub const UNRELATED: &str = "unrelated-certificate-served may-fail";
pub const NOT_NAMED: &str = "name-not-in-certificate fails";
pub const NAME_REFUSED: &str = "server-name-refused fails";
pub const NAME_WARNING: &str = "server-name-refused may-fail";
pub const REFUSED: &str = "handshake-refused fails";
pub const CLOSED: &str = "connection-closed fails";
pub const NO_VERSION: &str = "no-shared-protocol-version fails";
pub const NO_SUITE: &str = "no-shared-cipher-suite fails";
pub const NO_GROUP: &str = "no-shared-group fails";
pub const GROUP_UNDOCUMENTED: &str = "no-shared-group may-fail";
pub const KEY: &str = "key-unsupported fails";
pub const KEY_UNDOCUMENTED: &str = "key-unsupported may-fail";
pub const REQUIRED: &str = "client-certificate-required fails";
pub const REQUESTED: &str = "client-certificate-requested may-fail";

/// Begins a row about a server product; which of our engines decides is not compared.
pub fn product(name: &'static str, program: Program) -> Row {
    row(name).peer(Peer::Program(program)).engines(&[])
}

impl Row {
    /// Expects this list of certificates, by the letters of `files`, and what follows from it.
    pub fn sends(mut self, chain: &'static str) -> Self {
        self.chain = Some(chain);
        match chain {
            "LI" => self.answers(&[]),
            "LIR" => self.answers(&[ANCHOR]),
            "L" => self.fails(&[MISSING]),
            "LRI" => self.fails(&[OUT_OF_ORDER, ANCHOR]).differs(TOLERANT),
            "LUI" => self.fails(&[OUT_OF_ORDER, UNRELATED]).differs(TOLERANT),
            "LIU" => self.undecided(&[UNRELATED]).aws_connects(),
            "LU" => self.fails(&[MISSING, UNRELATED]),
            "IL" => self.fails(&[OUT_OF_ORDER]),
            "O" | "OI" => self.fails(&[NOT_NAMED]),
            _ => panic!("no row has sent {chain}"),
        }
    }

    /// Expects a server that ends at once and says these words about it.
    pub fn does_not_start(mut self, complaint: &'static str) -> Self {
        self.complaint = Some(complaint);
        self.not_asked("there is no server")
    }

    /// Of a row that is undecided: AWS's library connects.
    pub fn aws_connects(mut self) -> Self {
        self.oracle = Oracle::Connects;
        self
    }

    /// Of a row that is undecided: AWS's library does not connect.
    pub fn aws_fails(mut self) -> Self {
        self.oracle = Oracle::Fails;
        self
    }
}
