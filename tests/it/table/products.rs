//! What the rows about server products have in common.
//!
//! Each product is asked the same questions, and comments name them: A, which list of certificates
//! goes out; B, a server name without a certificate; C, one protocol version only; D, no common
//! cipher suite, group or signature; E, client certificates. A number is a server's or a setting's.

use origin_probe::origin::SslProtocol::{TlsV1, TlsV1_2};

use super::program::Program;
use super::row::{
    ANCHOR, CLOSED, KEY, KEY_UNDOCUMENTED, MISSING, NAME_REFUSED, NO_GROUP, NO_SUITE, NO_VERSION,
    NOT_NAMED, NOT_TLS, OUT_OF_ORDER, Oracle, REQUESTED, REQUIRED, Row, UNRELATED, row,
};

/// Why AWS's library connects to a server that requires a client certificate.
pub const NO_ALERT: &str = "its handshake is over when the server closes, without an alert";

/// A server product, by which the names of its rows begin.
pub struct Product {
    name: String,
    server: Server,
}

/// Given a certificate list of `files` and more settings.
type Server = Box<dyn Fn(&str, &str) -> Program>;

impl Product {
    pub fn new(name: impl Into<String>, server: impl Fn(&str, &str) -> Program + 'static) -> Self {
        Self { name: name.into(), server: Box::new(server) }
    }

    /// Begins a row about the product's server with that certificate list and those settings.
    pub fn row(&self, question: &str, list: &str, settings: &str) -> Row {
        self.with(question, (self.server)(list, settings))
    }

    /// A15: a row about a server that does not start with the issuer first, and says so.
    pub fn issuer_first(&self, complaint: &'static str) -> Row {
        self.row("does_not_start_with_the_issuer_first", "IL", "").does_not_start(complaint)
    }

    /// D: rows about keys that CloudFront's pages rule out or do not mention, each with every version
    /// and with these settings for TLS 1.2 alone.
    pub fn keys(&self, p521: &str, ed25519: &str, tls_1_2: &str) -> Vec<Row> {
        vec![
            self.row("with_a_p521_certificate", p521, ""),
            self.row("with_a_p521_certificate_in_tls_1_2", p521, tls_1_2),
            self.row("with_an_ed25519_certificate", ed25519, ""),
            self.row("with_an_ed25519_certificate_in_tls_1_2", ed25519, tls_1_2),
        ]
    }

    /// E: rows about a server that insists on a client certificate, the other in TLS 1.2.
    pub fn requires(&self, require: &str, tls_1_2: &str) -> [Row; 2] {
        let require_in_tls_1_2 = format!("{require}{tls_1_2}");
        [
            self.row("requires_a_client_certificate", "LI", require),
            self.row("requires_a_client_certificate_in_tls_1_2", "LI", &require_in_tls_1_2),
        ]
    }

    /// The same, and one that only asks for it.
    pub fn clients(&self, require: &str, request: &str, tls_1_2: &str) -> Vec<Row> {
        let requested = self.row("requests_a_client_certificate", "LI", request);
        self.requires(require, tls_1_2).into_iter().chain([requested]).collect()
    }

    /// Begins a row about a server of its own; which of our engines decides is not compared.
    ///
    /// Where every product is asked the same, the question says what the row expects.
    pub fn with(&self, question: &str, program: Program) -> Row {
        let row = row(format!("{}_{question}", self.name)).program(program).engines(&[]);
        let in_tls_1_2 = question.strip_suffix("_in_tls_1_2");
        match in_tls_1_2.unwrap_or(question) {
            "sends_l_as_written" => row.sends("L"),
            "sends_lir_as_written" => row.sends("LIR"),
            "sends_liu_as_written" => row.sends("LIU"),
            "sends_lri_as_written" => row.sends("LRI"),
            "sends_lui_as_written" => row.sends("LUI"),
            "with_tls_1_0_only_where_it_is_not_listed" => row.fails(&[NO_VERSION]),
            "with_tls_1_0_only_where_it_is_listed" => row.lists(&[TlsV1, TlsV1_2]),
            "with_chacha20_only" => row.fails(&[NO_SUITE]),
            "with_p521_only" => row.fails(&[NO_GROUP]),
            "with_a_p521_certificate" => {
                let row = row.undecided(&[KEY_UNDOCUMENTED]);
                if in_tls_1_2.is_some() { row.aws_fails() } else { row.aws_connects() }
            }
            "with_an_ed25519_certificate"
            | "with_a_secp256k1_certificate"
            | "with_a_brainpool_certificate" => row.fails(&[KEY]),
            "with_an_rsa_pss_certificate" => row.undecided(&[KEY_UNDOCUMENTED]).aws_connects(),
            "requires_a_client_certificate" => row.fails(&[REQUIRED]),
            "requests_a_client_certificate" => row.undecided(&[REQUESTED]).aws_connects(),
            "expects_the_proxy_protocol" => row.fails(&[CLOSED]),
            "without_tls" => row.fails(&[NOT_TLS]),
            _ if question.starts_with("serves_its_") => row.sends("OI"),
            _ if question.contains("_forwarded_host") => row.forwards_host().fails(&[NAME_REFUSED]),
            _ if question.contains("_an_unknown_name") => row.fails(&[NAME_REFUSED]),
            _ if question.contains("_a_known_name") => row.sends("LI"),
            _ => row,
        }
    }
}

impl Row {
    /// Expects this list of certificates, by the letters of `files`, and what follows from it.
    pub fn sends(mut self, chain: &'static str) -> Self {
        self.chain = Some(chain);
        match chain {
            "LI" => self.answers(&[]),
            "LIR" => self.answers(&[ANCHOR]),
            "L" => self.fails(&[MISSING]),
            "LRI" => self.fails_for_order(&[OUT_OF_ORDER, ANCHOR]),
            "LUI" => self.fails_for_order(&[OUT_OF_ORDER, UNRELATED]),
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
