//! Alerts of every level and code at several stages, whole and in parts.

use super::super::tls13::Session;
use super::super::wire::{ALERT, alert, handshake, record};
use super::{Found, Kinds, closed, fails, keep, refused, send, timed_out};

/// All codes that a standard has given a name (RFC 8446 §6, RFC 5246 §7.2, RFC 7507, RFC 7301), and
/// some that none has.
const CODES: [u8; 40] = [
    10, 20, 21, 22, 30, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 60, 70, 71, 80, 86,
    90, 100, 109, 110, 111, 112, 113, 114, 115, 116, 120, 121, 1, 200, 254, 255,
];

pub(super) fn add(kinds: &mut Kinds) {
    for code in CODES {
        let name = format!("refuses with the fatal alert {code}");
        kinds.sends(name, to_alert(code), alert(2, code));
    }
    kinds.sends("closes with close_notify", closed(), alert(1, 0));
    kinds.sends("sends close_notify as fatal", refused(), alert(2, 0));
    for level in [0, 3, 255] {
        let name = format!("refuses with an alert of the level {level}");
        kinds.sends(name, refused(), alert(level, 40));
    }
    for (code, expected) in [(112, to_alert(112)), (90, closed()), (100, closed()), (41, closed())]
    {
        kinds.sends(format!("warns with {code} and closes"), expected, alert(1, code));
    }
    kinds.add("warns and hangs", timed_out(), |_, _| keep(alert(1, 112)));
    for (count, expected) in [(4, closed()), (8, closed()), (9, refused()), (1000, refused())] {
        let name = format!("sends {count} warnings and closes");
        kinds.sends(name, expected, alert(1, 100).repeat(count));
    }
    let halves = [record(ALERT, 0x0303, &[2]), record(ALERT, 0x0303, &[40])].concat();
    kinds.sends("cuts an alert into two records", refused(), halves);
    let two = record(ALERT, 0x0303, &[2, 40, 2, 80]);
    kinds.sends("puts two alerts into one record", refused(), two);
    kinds.add("sends an alert and then a flight", refused(), |pki, hello| {
        send(&[alert(2, 40), handshake(&pki.flight12(hello))].concat())
    });
    for (code, level) in [(0, 1), (40, 2), (80, 2), (112, 2)] {
        let stages = ["the ServerHello", "the Certificate", "the ServerKeyExchange"];
        for (last, stage) in stages.into_iter().enumerate() {
            let name = format!("refuses with the alert {code} after {stage} of TLS 1.2");
            let expected = if code == 0 { closed() } else { to_alert(code) };
            kinds.add(name, expected, move |pki, hello| {
                let sent = handshake(&pki.parts12(hello)[..=last].concat());
                send(&[sent, alert(level, code)].concat())
            });
        }
    }
    // Under the keys of TLS 1.3.
    for code in [40, 42, 80, 112, 116, 120] {
        let name = format!("refuses with the encrypted alert {code}");
        kinds.add(name, to_alert(code), move |pki, hello| {
            send(&Session::begin(pki, hello).seal(ALERT, &[2, code]).sent)
        });
        let name = format!("sends the alert {code} as plain text after the ServerHello of TLS 1.3");
        kinds.add(name, to_alert(code), move |pki, hello| {
            send(&Session::begin(pki, hello).raw(&alert(2, code)).sent)
        });
        let name = format!("sends the alert {code} with the end of its flight of TLS 1.3");
        kinds.add(name, to_alert(code), move |pki, hello| {
            keep(Session::begin(pki, hello).flight().seal(ALERT, &[2, code]).sent.clone())
        });
    }
}

fn to_alert(code: u8) -> Found {
    match code {
        70 => fails("no-shared-protocol-version fails"),
        112 => fails("server-name-refused fails"),
        _ => refused(),
    }
}
