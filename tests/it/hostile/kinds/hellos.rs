//! ServerHellos and HelloRetryRequests that choose what was not offered, or whose form is wrong.

use super::super::server::Step;
use super::super::wire::{
    HANDSHAKE, Hello, SERVER_HELLO, ServerHello, extension, handshake, message, promised, record,
    some_key, vector,
};
use super::{Found, Kind, closed, kind, refused, say, timed_out, too_long, unsettled, violated};

/// Changes a ServerHello.
type Change = fn(&mut ServerHello);

pub(super) fn kinds() -> Vec<Kind> {
    let mut kinds = of_tls12();
    kinds.extend(of_tls13());
    kinds.extend(malformed());
    kinds.extend(retries());
    kinds
}

fn of_tls12() -> Vec<Kind> {
    let rows: [(&str, Found, Change); 20] = [
        ("of the version 0x0300", too_old(), |hello| hello.version = 0x0300),
        ("of the version 0x0301", too_old(), |hello| hello.version = 0x0301),
        ("of the version 0x0302", too_old(), |hello| hello.version = 0x0302),
        ("of the version 0x0304", violated(), |hello| hello.version = 0x0304),
        ("of the version 0x0305", violated(), |hello| hello.version = 0x0305),
        ("of the version 0x7f17", violated(), |hello| hello.version = 0x7f17),
        ("of the version 0x0002", violated(), |hello| hello.version = 0x0002),
        ("of the version 0xfefd", violated(), |hello| hello.version = 0xfefd),
        ("with the suite 0x0000", violated(), |hello| hello.cipher_suite = 0x0000),
        ("with the suite 0x0004", closed(), |hello| hello.cipher_suite = 0x0004),
        ("with the suite 0x00ff", violated(), |hello| hello.cipher_suite = 0x00ff),
        ("with the suite 0x5600", violated(), |hello| hello.cipher_suite = 0x5600),
        ("with the suite 0x1301", violated(), |hello| hello.cipher_suite = 0x1301),
        ("with the suite 0xcca9", violated(), |hello| hello.cipher_suite = 0xcca9),
        ("with the suite 0xffff", violated(), |hello| hello.cipher_suite = 0xffff),
        ("with compression", violated(), |hello| hello.compression = 1),
        ("with the compression 255", violated(), |hello| hello.compression = 255),
        ("with a session id of 33 bytes", refused(), |hello| hello.session_id = vec![1; 33]),
        ("with a session id of 255 bytes", refused(), |hello| hello.session_id = vec![1; 255]),
        ("with the sentinel of a downgrade", closed(), |hello| {
            hello.random[24..].copy_from_slice(b"DOWNGRD\x01");
        }),
    ];
    named("TLS 1.2", rows, |_| ServerHello::of_tls12())
}

/// Names an answer below TLS 1.2, which the offer of these origins ends at.
fn too_old() -> Found {
    crate::common::fails(&["no-shared-protocol-version fails"], 502)
}

fn of_tls13() -> Vec<Kind> {
    let rows: [(&str, Found, Change); 28] = [
        ("with the legacy version 0x0301", violated(), |hello| hello.version = 0x0301),
        ("with the legacy version 0x0304", violated(), |hello| hello.version = 0x0304),
        ("with no session id", violated(), |hello| hello.session_id.clear()),
        ("with another session id", violated(), |hello| hello.session_id = vec![9; 32]),
        ("with half of the session id", violated(), |hello| hello.session_id.truncate(16)),
        ("with the suite 0x1300", violated(), |hello| hello.cipher_suite = 0x1300),
        ("with the suite 0x1304", violated(), |hello| hello.cipher_suite = 0x1304),
        ("with the suite 0xc02b", violated(), |hello| hello.cipher_suite = 0xc02b),
        ("with compression", violated(), |hello| hello.compression = 1),
        ("that selects the version 0x0303", violated(), |hello| select(hello, &[3, 3])),
        ("that selects the version 0x0302", violated(), |hello| select(hello, &[3, 2])),
        ("that selects the version 0x0300", violated(), |hello| select(hello, &[3, 0])),
        ("that selects the version 0x0305", violated(), |hello| select(hello, &[3, 5])),
        ("that selects the version 0x7f1c", violated(), |hello| select(hello, &[0x7f, 0x1c])),
        ("that selects half a version", refused(), |hello| select(hello, &[3])),
        ("without a key share", refused(), |hello| {
            hello.extensions.truncate(1);
        }),
        ("with a key share of no group", refused(), |hello| share(hello, &[])),
        ("with a key share of half a group", refused(), |hello| share(hello, &[0])),
        ("with a group and no key", refused(), |hello| key(hello, &[])),
        ("with a key of no bytes", refused(), |hello| key(hello, &[0, 0])),
        ("with a key of 31 bytes", refused(), |hello| key(hello, &vector(2, &[4; 31]))),
        ("with a key of 32 zeros", unsettled(), |hello| key(hello, &vector(2, &[0; 32]))),
        ("with a key of 65 zeros", refused(), |hello| key(hello, &vector(2, &[0; 65]))),
        ("with a key of 60 KB", refused(), |hello| key(hello, &vector(2, &[4; 60_000]))),
        ("with a key whose length is a lie", refused(), |hello| key(hello, &[0xff, 0xff, 4, 9])),
        ("with a key of P-521", violated(), |hello| {
            share(hello, &[&[0, 25, 0, 133, 4][..], &[1; 132]].concat());
        }),
        ("with a point of P-256 that is on no curve", unsettled(), |hello| {
            share(hello, &[&[0, 23, 0, 65, 4][..], &[1; 64]].concat());
        }),
        ("with a key of a group without a number", violated(), |hello| {
            share(hello, &[&[0x7a, 0x7a, 0, 1][..], &[1]].concat());
        }),
    ];
    named("TLS 1.3", rows, |hello| ServerHello::of_tls13(hello, &some_key(hello)))
}

fn named<const N: usize>(
    version: &str,
    rows: [(&str, Found, Change); N],
    base: fn(&Hello) -> ServerHello,
) -> Vec<Kind> {
    rows.into_iter()
        .map(|(what, expected, change)| {
            let name = format!("answers with a ServerHello of {version} {what}");
            kind(name, expected, move |hello, _| {
                let mut answer = base(hello);
                change(&mut answer);
                say(&answer.message())
            })
        })
        .collect()
}

fn select(hello: &mut ServerHello, version: &[u8]) {
    hello.extensions[0] = extension(43, version);
}

fn share(hello: &mut ServerHello, content: &[u8]) {
    hello.extensions[1] = extension(51, content);
}

/// Puts bytes behind the group of the key share, where its key belongs.
fn key(hello: &mut ServerHello, content: &[u8]) {
    let group = hello.extensions[1][4..6].to_vec();
    share(hello, &[group, content.to_vec()].concat());
}

/// ServerHellos whose lengths or extensions are wrong.
fn malformed() -> Vec<Kind> {
    let with = |extensions: Vec<Vec<u8>>| ServerHello { extensions, ..ServerHello::of_tls12() };
    let body = || ServerHello::of_tls12().body();
    let extended = |code: u16, content: &[u8]| with(vec![extension(code, content)]).message();
    let rows: Vec<(&str, Found, Vec<u8>)> = vec![
        ("without a body", refused(), message(SERVER_HELLO, &[])),
        ("of two bytes", refused(), message(SERVER_HELLO, &[3, 3])),
        ("cut before the session id", refused(), message(SERVER_HELLO, &body()[..34])),
        ("cut before the suite", refused(), message(SERVER_HELLO, &body()[..36])),
        ("cut before the compression", refused(), message(SERVER_HELLO, &body()[..37])),
        ("with one byte behind it", refused(), message(SERVER_HELLO, &[body(), vec![0]].concat())),
        ("with a session id longer than the message", refused(), {
            let mut body = body();
            body[34] = 200;
            message(SERVER_HELLO, &body)
        }),
        (
            "with extensions longer than the message",
            refused(),
            message(SERVER_HELLO, &[body(), vec![0xff, 0xff, 0, 0, 0, 0]].concat()),
        ),
        (
            "with an extension longer than the rest",
            refused(),
            message(SERVER_HELLO, &[body(), vec![0, 4, 0, 23, 0xff, 0xff]].concat()),
        ),
        (
            "with half an extension",
            refused(),
            message(SERVER_HELLO, &[body(), vec![0, 3, 0, 23, 0]].concat()),
        ),
        (
            "with bytes behind the extensions",
            refused(),
            ServerHello { trailer: vec![1, 2, 3], ..with(vec![extension(23, &[])]) }.message(),
        ),
        ("whose length is one more than it has", closed(), promised(SERVER_HELLO, 39, &body())),
        ("whose length is one less than it has", refused(), promised(SERVER_HELLO, 37, &body())),
        ("whose length is zero", refused(), promised(SERVER_HELLO, 0, &body())),
        ("whose length is 64 KiB", too_long(), promised(SERVER_HELLO, 1 << 16, &body())),
        ("whose length is 16 MiB", refused(), promised(SERVER_HELLO, (1 << 24) - 1, &body())),
        (
            "with an extension twice",
            violated(),
            with(vec![extension(23, &[]), extension(23, &[])]).message(),
        ),
        (
            "with a thousand extensions",
            closed(),
            with((0..1000).map(|n| extension(0x8000 + n, &[])).collect()).message(),
        ),
        ("with an extension of 60 KB", closed(), extended(0x1234, &[1; 60_000])),
        ("with ALPN that was not asked for", violated(), extended(16, &[0, 3, 2, b'h', b'2'])),
        ("with early data", closed(), extended(42, &[])),
        ("with a cookie", closed(), extended(44, &[0, 1, 1])),
        ("with a pre-shared key", closed(), extended(41, &[0, 0])),
        ("with a server name of its own", closed(), extended(0, &[0, 4, 0, 0, 1, b'x'])),
        ("with renegotiation data", closed(), extended(0xff01, &[5, 1, 2, 3, 4, 5])),
        ("with point formats without uncompressed", closed(), extended(11, &[1, 1])),
        ("with truncated HMAC", closed(), extended(4, &[])),
        ("with a heartbeat", closed(), extended(15, &[1])),
        ("with a session ticket", violated(), extended(35, &[])),
        ("with an empty key share", closed(), extended(51, &[])),
        ("with the groups of a client", closed(), extended(10, &[0, 2, 0, 29])),
    ];
    let mut kinds: Vec<Kind> = rows
        .into_iter()
        .map(|(what, expected, bytes)| {
            let name = format!("answers with a ServerHello {what}");
            kind(name, expected, move |_, _| say(&bytes))
        })
        .collect();
    kinds.push(kind("answers with two ServerHellos", refused(), |_, _| {
        say(&ServerHello::of_tls12().message().repeat(2))
    }));
    kinds.push(kind("answers with ten thousand ServerHellos", refused(), |_, _| {
        say(&ServerHello::of_tls12().message().repeat(10_000))
    }));
    kinds.push(kind("echoes the ClientHello", refused(), |hello, _| say(&hello.message)));
    kinds.push(kind("announces an endless ServerHello", refused(), |_, _| {
        let start = promised(SERVER_HELLO, (1 << 24) - 1, &[3, 3]);
        let zeros = record(HANDSHAKE, 0x0303, &[0; 1 << 14]);
        vec![Step::Send(handshake(&start)), Step::SendForever(zeros)]
    }));
    kinds
}

/// HelloRetryRequests, one by one and in a row.
fn retries() -> Vec<Kind> {
    let group = |code: u16| extension(51, &code.to_be_bytes());
    let cookie = |length: usize| extension(44, &vector(2, &vec![7; length]));
    let rows: Vec<(&str, Found, Vec<Vec<u8>>)> = vec![
        ("for a group that was not offered", violated(), vec![group(25)]),
        ("for a group without a number", violated(), vec![group(0x9999)]),
        ("for the group 0", violated(), vec![group(0)]),
        ("for nothing", unsettled(), vec![]),
        ("with an empty cookie", closed(), vec![extension(44, &[0, 0])]),
        ("with a cookie that is cut", refused(), vec![extension(44, &[0, 9, 1])]),
        ("with an unknown extension", closed(), vec![group(24), extension(0x4321, &[])]),
        ("with a group twice", closed(), vec![group(24), group(24)]),
    ];
    let known = kind("asks for the group whose key it has", unsettled(), |hello, _| {
        let group = extension(51, &hello.group.to_be_bytes());
        say(&ServerHello::retry(hello, &[group]).message())
    });
    let mut kinds: Vec<Kind> = rows
        .into_iter()
        .map(|(what, expected, extensions)| {
            let name = format!("asks for another hello {what}");
            kind(name, expected, move |hello, _| {
                say(&ServerHello::retry(hello, &extensions).message())
            })
        })
        .collect();
    kinds.push(known);
    let asks = move |hello: &Hello| handshake(&ServerHello::retry(hello, &[group(24)]).message());
    for (what, expected, steps) in [
        ("closes", closed(), vec![Step::Close]),
        ("resets", closed(), vec![Step::Reset]),
        ("hangs", timed_out(), vec![Step::Wait]),
        ("closes after the second hello", closed(), vec![Step::Read, Step::Close]),
        ("hangs after the second hello", timed_out(), vec![Step::Read, Step::Wait]),
    ] {
        kinds.push(kind(format!("asks for P-384 and {what}"), expected, move |hello, _| {
            [vec![Step::Send(asks(hello))], steps.clone()].concat()
        }));
    }
    kinds.push(kind("asks for another hello twice", refused(), move |hello, _| {
        vec![Step::Send(asks(hello)), Step::Read, Step::Send(asks(hello)), Step::Close]
    }));
    kinds.push(kind("asks for another hello without an end", refused(), move |hello, _| {
        vec![Step::SendForever(asks(hello))]
    }));
    for (what, expected, change) in [
        ("and takes another group", unsettled(), (|_| {}) as Change),
        ("and then takes another suite", unsettled(), |hello| hello.cipher_suite = 0x1302),
        ("and then another version", violated(), |hello| select(hello, &[3, 3])),
    ] {
        let name = format!("asks for P-384 {what}");
        kinds.push(kind(name, expected, move |hello, _| {
            let mut second = ServerHello::of_tls13(hello, &some_key(hello));
            change(&mut second);
            let second = handshake(&second.message());
            vec![Step::Send(asks(hello)), Step::Read, Step::Send(second), Step::Close]
        }));
    }
    for length in [1, 32, 1000, 15_000, 60_000] {
        let cookie = cookie(length);
        let name = format!("asks for a cookie of {length} bytes to come back and closes");
        kinds.push(kind(name, closed(), move |hello, _| {
            let retry = ServerHello::retry(hello, std::slice::from_ref(&cookie)).message();
            vec![Step::Send(handshake(&retry)), Step::Read, Step::Close]
        }));
    }
    kinds
}
