//! The parts of rows: authorities, end entities, servers that serve them, and flights by hand.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, Issued, Window};
use origin_probe::demo::script::{Flight, FlightPart, Script};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServerOptions};

use super::row::Row;
use super::stage::{DOMAIN, Leaf, Stage, now};

/// Why AWS's library is not asked about a server that goes no further than its flight.
pub const HAND_MADE: &str = "a flight made by hand cannot end a handshake";

/// The days of an ordinary end entity around [`now`].
pub const SOUND: Range<i64> = -20..70;

/// Days around [`now`].
pub fn days(days: Range<i64>) -> Window {
    Window::days(days, now())
}

/// The instant at which what is valid for `days` more days is over.
pub fn after(days: i64) -> Timestamp {
    now() + SignedDuration::from_secs(days * 86_400 + 1)
}

/// An end entity for the origin domain.
pub fn end_entity(valid: Range<i64>) -> EndEntity {
    EndEntity::new(&[DOMAIN], days(valid))
}

/// An intermediate below the root of the stage.
pub fn intermediate(stage: &Stage) -> Authority {
    limited(stage, -500..900)
}

/// An intermediate with dates of its own.
pub fn limited(stage: &Stage, valid: Range<i64>) -> Authority {
    below(&stage.root, "Kit Intermediate", valid)
}

/// An intermediate of that name below an authority.
pub fn below(issuer: &Authority, name: &str, valid: Range<i64>) -> Authority {
    issuer.intermediate(name, days(valid), &AuthorityOptions::default()).unwrap()
}

/// Another certificate of an authority, from this issuer.
pub fn cross_sign(issuer: &Authority, subject: &Authority, valid: Range<i64>) -> Authority {
    issuer.cross_sign(subject, days(valid), &AuthorityOptions::default()).unwrap()
}

/// A root that nobody trusts.
pub fn stranger() -> Authority {
    Authority::root("Strange Root", days(-500..900)).unwrap()
}

/// A server that serves the end entity and then `above`.
pub fn serve(issued: &Issued, above: &[&Authority]) -> TlsServerOptions {
    let above = above.iter().map(|authority| authority.der());
    serve_list(issued, std::iter::once(issued.der.clone()).chain(above).collect())
}

/// A server that serves just that list, with the key of `issued`.
pub fn serve_list(issued: &Issued, list: Vec<Vec<u8>>) -> TlsServerOptions {
    let served = ServedCertificate::new(list, issued.key.clone());
    TlsServerOptions::new(Certificates::for_everyone(served))
}

/// A server with an ordinary end entity of that issuer, and then `above`.
pub fn serve_sound(issuer: &Authority, above: &[&Authority]) -> TlsServerOptions {
    serve(&issuer.issue(&end_entity(SOUND)).unwrap(), above)
}

/// A server with an end entity, and the intermediate that issued it.
pub fn serve_issued(ca: &Authority, end_entity: &EndEntity) -> TlsServerOptions {
    serve(&ca.issue(end_entity).unwrap(), &[ca])
}

/// A flight of TLS 1.2 that is made by hand.
pub fn hand_made(parts: Vec<FlightPart>) -> Script {
    Script::Flight(Flight::new(0x0303, parts))
}

pub fn server_hello(cipher_suite: u16) -> FlightPart {
    FlightPart::ServerHello { version: 0x0303, cipher_suite }
}

pub fn certificate(stage: &Stage, leaf: Leaf) -> FlightPart {
    FlightPart::Certificate(vec![stage.der(leaf)])
}

impl Row {
    /// A server whose flight chooses this suite and serves this certificate, and then ends; as only
    /// the hello offers such suites.
    pub fn flight(self, cipher_suite: u16, leaf: Leaf) -> Self {
        self.flight_with(cipher_suite, leaf, |_| vec![])
    }

    /// The same with more parts after the certificate.
    pub fn flight_with(
        self,
        cipher_suite: u16,
        leaf: Leaf,
        more: impl Fn(&Stage) -> Vec<FlightPart> + Send + Sync + 'static,
    ) -> Self {
        self.hello().script(move |stage| {
            let mut parts = vec![server_hello(cipher_suite), certificate(stage, leaf)];
            parts.extend(more(stage));
            parts.push(FlightPart::ServerHelloDone);
            hand_made(parts)
        })
    }
}
