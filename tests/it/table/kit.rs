//! What the rows about chains are made of: authorities, end entities, and servers that serve them.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, Issued, Window};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServerOptions};

use super::stage::{DOMAIN, Stage, now};

pub const TOLERANT: &str = "aws's pages ask for the order, its library does not mind it";

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
    stage.root.intermediate("Kit Intermediate", days(valid), &AuthorityOptions::default()).unwrap()
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

/// A server with an intermediate and an end entity of those days below it.
pub fn sound(stage: &Stage, valid: Range<i64>) -> TlsServerOptions {
    let ca = intermediate(stage);
    serve(&ca.issue(&end_entity(valid)).unwrap(), &[&ca])
}
