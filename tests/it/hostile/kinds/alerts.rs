//! Alerts of every level and code at several stages, whole and in parts.

use std::sync::Arc;

use super::super::server::Step;
use super::super::tls13::Session;
use super::super::wire::{ALERT, alert, handshake, record};
use super::{Found, Kind, Pki, closed, kind, refused, send, timed_out};
use crate::common::fails;

/// All codes that a standard has given a name (RFC 8446 §6, RFC 5246 §7.2, RFC 7507, RFC 7301), and
/// some that none has.
const CODES: [u8; 40] = [
    10, 20, 21, 22, 30, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 60, 70, 71, 80, 86,
    90, 100, 109, 110, 111, 112, 113, 114, 115, 116, 120, 121, 1, 200, 254, 255,
];

pub(super) fn kinds(pki: &Arc<Pki>) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = CODES
        .into_iter()
        .map(|code| {
            let name = format!("refuses with the fatal alert {code}");
            kind(name, to_alert(code), move |_, _| send(&alert(2, code)))
        })
        .collect();
    kinds.push(kind("closes with close_notify", closed(), |_, _| send(&alert(1, 0))));
    kinds.push(kind("sends close_notify as fatal", refused(), |_, _| send(&alert(2, 0))));
    for level in [0, 3, 255] {
        let name = format!("refuses with an alert of the level {level}");
        kinds.push(kind(name, refused(), move |_, _| send(&alert(level, 40))));
    }
    for (code, expected) in [(112, to_alert(112)), (90, closed()), (100, closed()), (41, closed())]
    {
        let name = format!("warns with {code} and closes");
        kinds.push(kind(name, expected, move |_, _| send(&alert(1, code))));
    }
    kinds.push(kind("warns and hangs", timed_out(), |_, _| {
        vec![Step::Send(alert(1, 112)), Step::Wait]
    }));
    for count in [4, 8, 9, 1000] {
        let name = format!("sends {count} warnings and closes");
        let expected = if count > 8 { refused() } else { closed() };
        kinds.push(kind(name, expected, move |_, _| send(&alert(1, 100).repeat(count))));
    }
    kinds.push(kind("cuts an alert into two records", refused(), |_, _| {
        send(&[record(ALERT, 0x0303, &[2]), record(ALERT, 0x0303, &[40])].concat())
    }));
    kinds.push(kind("puts two alerts into one record", refused(), |_, _| {
        send(&record(ALERT, 0x0303, &[2, 40, 2, 80]))
    }));
    kinds.push(kind("sends an alert and then a flight", refused(), {
        let pki = Arc::clone(pki);
        move |hello, _| send(&[alert(2, 40), handshake(&pki.flight12(hello))].concat())
    }));
    for code in [0, 40, 80, 112] {
        for (stage, count) in
            [("the ServerHello", 1), ("the Certificate", 2), ("the ServerKeyExchange", 3)]
        {
            let pki = Arc::clone(pki);
            let name = format!("refuses with the alert {code} after {stage} of TLS 1.2");
            let expected = match code {
                0 => closed(),
                code => to_alert(code),
            };
            kinds.push(kind(name, expected, move |hello, _| {
                let sent = handshake(&pki.parts12(hello)[..count].concat());
                let level = if code == 0 { 1 } else { 2 };
                send(&[sent, alert(level, code)].concat())
            }));
        }
    }
    kinds.extend(encrypted(pki));
    kinds
}

/// Alerts under the keys of TLS 1.3.
fn encrypted(pki: &Arc<Pki>) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for code in [40, 42, 80, 112, 116, 120] {
        let name = format!("refuses with the encrypted alert {code}");
        kinds.push(kind(name, to_alert(code), move |hello, _| {
            send(&Session::begin(hello).seal(ALERT, &[2, code]).sent)
        }));
        let name = format!("sends the alert {code} as plain text after the ServerHello of TLS 1.3");
        kinds.push(kind(name, to_alert(code), move |hello, _| {
            send(&Session::begin(hello).raw(&alert(2, code)).sent)
        }));
        let pki = Arc::clone(pki);
        let name = format!("sends the alert {code} with the end of its flight of TLS 1.3");
        kinds.push(kind(name, to_alert(code), move |hello, _| {
            let mut session = Session::begin(hello);
            let sent =
                session.whole_flight(&pki.chain, &pki.key).seal(ALERT, &[2, code]).sent.clone();
            vec![Step::Send(sent), Step::Wait]
        }));
    }
    kinds
}

fn to_alert(code: u8) -> Found {
    match code {
        70 => fails(&["no-shared-protocol-version fails"], 502),
        112 => fails(&["server-name-refused fails"], 502),
        _ => refused(),
    }
}
