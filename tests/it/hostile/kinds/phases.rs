//! Servers that do something else on each connection.

use super::super::server::Step;
use super::super::wire::{Hello, alert, handshake};
use super::{Found, Kinds, Pki, closed, healthy, keep, not_tls, refused, send, timed_out};

/// What one connection gets.
#[derive(Clone, Copy)]
enum Turn {
    Good,
    Alert,
    Close,
    Reset,
    Hang,
    Http,
    Half,
}

pub(super) fn add(kinds: &mut Kinds) {
    use Turn::{Alert, Close, Good, Half, Hang, Http, Reset};
    let rows: [(&str, Found, &'static [Turn]); 14] = [
        ("answers once and then closes", healthy(), &[Good, Close]),
        ("answers once and then hangs", healthy(), &[Good, Hang]),
        ("closes once and then answers", healthy(), &[Close, Good]),
        ("resets once and then answers", healthy(), &[Reset, Good]),
        ("stops halfway once and then answers", healthy(), &[Half, Good]),
        ("refuses once and then answers", healthy(), &[Alert, Good]),
        ("speaks HTTP once and then answers", not_tls(), &[Http, Good]),
        ("hangs once and then answers", timed_out(), &[Hang, Good]),
        ("closes, refuses, and then answers", healthy(), &[Close, Alert, Good]),
        ("refuses, closes, and then answers", healthy(), &[Alert, Close, Good]),
        ("closes twice and then refuses", closed(), &[Close, Close, Alert]),
        ("refuses twice and then closes", refused(), &[Alert, Alert, Close]),
        ("closes and then hangs", timed_out(), &[Close, Hang]),
        ("refuses and then speaks HTTP", not_tls(), &[Alert, Http]),
    ];
    for (name, expected, turns) in rows {
        kinds.add_numbered(name, expected, move |pki, hello, number| {
            steps(turns[number.min(turns.len() - 1)], pki, hello)
        });
    }
}

fn steps(turn: Turn, pki: &Pki, hello: &Hello) -> Vec<Step> {
    match turn {
        Turn::Good if hello.offers_tls13() => keep(pki.flight13(hello)),
        Turn::Good => keep(handshake(&pki.flight12(hello))),
        Turn::Alert => send(&alert(2, 40)),
        Turn::Close => vec![Step::Close],
        Turn::Reset => vec![Step::Reset],
        Turn::Hang => vec![Step::Wait],
        Turn::Http => send(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        Turn::Half => send(&handshake(&pki.parts12(hello)[0])),
    }
}
