use super::super::server::Step;
use super::super::wire::{
    HANDSHAKE, Hello, SERVER_HELLO, ServerHello, extension, handshake, message, promised, record,
    some_key, vector,
};
use super::{
    Found, Kinds, closed, converse, fails, refused, say, timed_out, too_long, unsettled, violated,
};

/// Changes a ServerHello.
type Change = fn(&mut ServerHello);

pub(super) fn add(kinds: &mut Kinds) {
    of_tls12(kinds);
    of_tls13(kinds);
    malformed(kinds);
    retries(kinds);
    second_hellos(kinds);
}

fn of_tls12(kinds: &mut Kinds) {
    // The offer of these origins ends at TLS 1.2; the finding names an older version.
    let too_old = || fails("no-shared-protocol-version fails");
    let mut add = |what: String, expected: Found, answer: ServerHello| {
        let name = format!("answers with a ServerHello of TLS 1.2 {what}");
        kinds.add(name, expected, move |_, _| say(&answer.message()));
    };
    for version in [0x0300, 0x0301, 0x0302, 0x0304, 0x0305, 0x7f17, 0x0002, 0xfefd] {
        let expected = if (0x0300..0x0303).contains(&version) { too_old() } else { violated() };
        let answer = ServerHello { version, ..ServerHello::of_tls12() };
        add(format!("of the version {version:#06x}"), expected, answer);
    }
    for cipher_suite in [0x0000, 0x0004, 0x00ff, 0x5600, 0x1301, 0xcca9, 0xffff] {
        let expected = if cipher_suite == 0x0004 { closed() } else { violated() };
        let answer = ServerHello { cipher_suite, ..ServerHello::of_tls12() };
        add(format!("with the suite {cipher_suite:#06x}"), expected, answer);
    }
    for (what, compression) in [("with compression", 1), ("with the compression 255", 255)] {
        let answer = ServerHello { compression, ..ServerHello::of_tls12() };
        add(what.to_owned(), violated(), answer);
    }
    for length in [33, 255] {
        let answer = ServerHello { session_id: vec![1; length], ..ServerHello::of_tls12() };
        add(format!("with a session id of {length} bytes"), refused(), answer);
    }
    let mut answer = ServerHello::of_tls12();
    answer.random[24..].copy_from_slice(b"DOWNGRD\x01");
    add("with the sentinel of a downgrade".to_owned(), closed(), answer);
}

fn of_tls13(kinds: &mut Kinds) {
    let rows: [(&str, Found, Change); 23] = [
        ("with the legacy version 0x0301", violated(), |hello| hello.version = 0x0301),
        ("with the legacy version 0x0304", violated(), |hello| hello.version = 0x0304),
        ("with no session id", violated(), |hello| hello.session_id.clear()),
        ("with another session id", violated(), |hello| hello.session_id = vec![9; 32]),
        ("with half of the session id", violated(), |hello| hello.session_id.truncate(16)),
        ("with the suite 0x1300", violated(), |hello| hello.cipher_suite = 0x1300),
        ("with the suite 0x1304", violated(), |hello| hello.cipher_suite = 0x1304),
        ("with the suite 0xc02b", violated(), |hello| hello.cipher_suite = 0xc02b),
        ("with compression", violated(), |hello| hello.compression = 1),
        ("that selects half a version", refused(), |hello| select(hello, &[3])),
        ("without a key share", refused(), |hello| hello.extensions.truncate(1)),
        ("with a key share of no group", refused(), |hello| share(hello, &[])),
        ("with a key share of half a group", refused(), |hello| share(hello, &[0])),
        ("with a group and no key", refused(), |hello| key(hello, &[])),
        ("with a key of no bytes", refused(), |hello| key(hello, &[0, 0])),
        ("with a key of 31 bytes", refused(), |hello| key(hello, &vector(2, &[4; 31]))),
        ("with a key of 32 zeros", unsettled(), |hello| key(hello, &vector(2, &[0; 32]))),
        ("with a key of 65 zeros", refused(), |hello| key(hello, &vector(2, &[0; 65]))),
        ("with a key of 60 KB", refused(), |hello| key(hello, &vector(2, &[4; 60_000]))),
        ("with a key whose length is a lie", refused(), |hello| key(hello, &[0xff, 0xff, 4, 9])),
        ("with a key of P-521", violated(), |hello| share(hello, &point(25, 132))),
        ("with a point of P-256 that is on no curve", unsettled(), |hello| {
            share(hello, &point(23, 64));
        }),
        ("with a key of a group without a number", violated(), |hello| {
            share(hello, &[0x7a, 0x7a, 0, 1, 1]);
        }),
    ];
    for (what, expected, change) in rows {
        let name = format!("answers with a ServerHello of TLS 1.3 {what}");
        kinds.add(name, expected, move |_, hello| say(&changed(hello, change)));
    }
    for version in [0x0303_u16, 0x0302, 0x0300, 0x0305, 0x7f1c] {
        let name = format!(
            "answers with a ServerHello of TLS 1.3 that selects the version {version:#06x}"
        );
        kinds.add(name, violated(), move |_, hello| {
            let mut answer = ServerHello::of_tls13(hello, &some_key(hello));
            select(&mut answer, &version.to_be_bytes());
            say(&answer.message())
        });
    }
}

/// Returns a changed ServerHello of TLS 1.3 with the client's own key.
fn changed(hello: &Hello, change: Change) -> Vec<u8> {
    let mut answer = ServerHello::of_tls13(hello, &some_key(hello));
    change(&mut answer);
    answer.message()
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

/// An uncompressed point on no curve, as a key share of a group.
fn point(group: u8, length: u8) -> Vec<u8> {
    [vec![0, group, 0, length + 1, 4], vec![1; length.into()]].concat()
}

/// ServerHellos whose lengths or extensions are wrong.
fn malformed(kinds: &mut Kinds) {
    let with = |extensions| ServerHello { extensions, ..ServerHello::of_tls12() }.message();
    let body = || ServerHello::of_tls12().body();
    let of = |body: &[u8]| message(SERVER_HELLO, body);
    let ending = |end: &[u8]| of(&[&body(), end].concat());
    let extended = |code: u16, content: &[u8]| with(vec![extension(code, content)]);
    let rows: Vec<(&str, Found, Vec<u8>)> = vec![
        ("without a body", refused(), of(&[])),
        ("of two bytes", refused(), of(&[3, 3])),
        ("cut before the session id", refused(), of(&body()[..34])),
        ("cut before the suite", refused(), of(&body()[..36])),
        ("cut before the compression", refused(), of(&body()[..37])),
        ("with one byte behind it", refused(), ending(&[0])),
        ("with a session id longer than the message", refused(), {
            let mut body = body();
            body[34] = 200;
            of(&body)
        }),
        ("with extensions longer than the message", refused(), ending(&[0xff, 0xff, 0, 0, 0, 0])),
        ("with an extension longer than the rest", refused(), ending(&[0, 4, 0, 23, 0xff, 0xff])),
        ("with half an extension", refused(), ending(&[0, 3, 0, 23, 0])),
        ("with bytes behind the extensions", refused(), ending(&[0, 4, 0, 23, 0, 0, 1, 2, 3])),
        ("whose length is one more than it has", closed(), promised(SERVER_HELLO, 39, &body())),
        ("whose length is one less than it has", refused(), promised(SERVER_HELLO, 37, &body())),
        ("whose length is zero", refused(), promised(SERVER_HELLO, 0, &body())),
        ("whose length is 64 KiB", too_long(), promised(SERVER_HELLO, 1 << 16, &body())),
        ("whose length is 16 MiB", refused(), promised(SERVER_HELLO, (1 << 24) - 1, &body())),
        ("with an extension twice", violated(), with(vec![extension(23, &[]).repeat(2)])),
        (
            "with a thousand extensions",
            closed(),
            with((0..1000).map(|n| extension(0x8000 + n, &[])).collect()),
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
    for (what, expected, bytes) in rows {
        let name = format!("answers with a ServerHello {what}");
        kinds.add(name, expected, move |_, _| say(&bytes));
    }
    for (count, many) in [("two", 2), ("ten thousand", 10_000)] {
        kinds.add(format!("answers with {count} ServerHellos"), refused(), move |_, _| {
            say(&ServerHello::of_tls12().message().repeat(many))
        });
    }
    kinds.add("echoes the ClientHello", refused(), |_, hello| say(&hello.message));
    kinds.add("announces an endless ServerHello", refused(), |_, _| {
        let start = promised(SERVER_HELLO, (1 << 24) - 1, &[3, 3]);
        let zeros = record(HANDSHAKE, 0x0303, &[0; 1 << 14]);
        vec![Step::Send(handshake(&start)), Step::SendForever(zeros)]
    });
}

/// HelloRetryRequests that nothing follows.
fn retries(kinds: &mut Kinds) {
    let group = |code: u16| extension(51, &code.to_be_bytes());
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
    for (what, expected, extensions) in rows {
        let name = format!("asks for another hello {what}");
        kinds.add(name, expected, move |_, hello| {
            say(&ServerHello::retry(hello, &extensions).message())
        });
    }
    kinds.add("asks for the group whose key it has", unsettled(), |_, hello| {
        let group = extension(51, &hello.group.to_be_bytes());
        say(&ServerHello::retry(hello, &[group]).message())
    });
    for length in [1, 32, 1000, 15_000, 60_000] {
        let cookie = extension(44, &vector(2, &vec![7; length]));
        let name = format!("asks for a cookie of {length} bytes to come back and closes");
        kinds.add(name, closed(), move |_, hello| {
            converse(&ServerHello::retry(hello, std::slice::from_ref(&cookie)).message())
        });
    }
}

/// A HelloRetryRequest for P-384, and what comes after it.
fn second_hellos(kinds: &mut Kinds) {
    let asks = |hello: &Hello| {
        let group = extension(51, &24_u16.to_be_bytes());
        handshake(&ServerHello::retry(hello, &[group]).message())
    };
    for (what, expected, steps) in [
        ("closes", closed(), vec![Step::Close]),
        ("resets", closed(), vec![Step::Reset]),
        ("hangs", timed_out(), vec![Step::Wait]),
        ("closes after the second hello", closed(), vec![Step::Read, Step::Close]),
        ("hangs after the second hello", timed_out(), vec![Step::Read, Step::Wait]),
    ] {
        kinds.add(format!("asks for P-384 and {what}"), expected, move |_, hello| {
            [vec![Step::Send(asks(hello))], steps.clone()].concat()
        });
    }
    kinds.add("asks for another hello twice", refused(), move |_, hello| {
        vec![Step::Send(asks(hello)), Step::Read, Step::Send(asks(hello)), Step::Close]
    });
    kinds.add("asks for another hello without an end", refused(), move |_, hello| {
        vec![Step::SendForever(asks(hello))]
    });
    for (what, expected, change) in [
        ("and takes another group", unsettled(), (|_| {}) as Change),
        ("and then takes another suite", unsettled(), |hello| hello.cipher_suite = 0x1302),
        ("and then another version", violated(), |hello| select(hello, &[3, 3])),
    ] {
        kinds.add(format!("asks for P-384 {what}"), expected, move |_, hello| {
            let second = handshake(&changed(hello, change));
            vec![Step::Send(asks(hello)), Step::Read, Step::Send(second), Step::Close]
        });
    }
}
