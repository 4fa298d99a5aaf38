//! The codec with arbitrary input: fragmented flights, malformed messages and noise.

use aws_lc_rs::digest;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::sample::Index;
use proptest::strategy::Strategy;
use proptest::{prop_assert, prop_assert_eq, proptest};

mod written;

use origin_probe::cloudfront::Version;
use origin_probe::handshake::hello::{
    Answer, ClientHello, End, Nonces, Progress, Reader, Retry, ServerHello, SignedParameters,
};
use origin_probe::observation::Ending;
use written::{certificate, message, record, server_hello, written};

/// A TLS 1.2 flight with every message.
fn flight() -> Vec<u8> {
    let mut messages = server_hello([3, 3], 0xc02f, &[]);
    messages.extend(certificate(&[b"end entity", b"intermediate"]));
    messages.extend(message(22, &[1, 0, 0, 4, 1, 2, 3, 4]));
    messages.extend(message(12, &[3, 0, 0x1d, 2, 8, 9, 4, 1, 0, 3, 5, 5, 5]));
    messages.extend(message(13, &[1, 1, 0, 2, 4, 1, 0, 0]));
    messages.extend(message(14, &[]));
    messages
}

fn whole() -> Answer {
    Answer {
        retry: None,
        server_hello: Some(ServerHello {
            version: Version::Tls1_2,
            is_version_selected: false,
            legacy_version: [3, 3],
            session_id: Box::default(),
            cipher_suite: 0xc02f,
            group: None,
            refused_extension: None,
            random: [7; 32],
        }),
        served: Some(vec![b"end entity".to_vec(), b"intermediate".to_vec()]),
        staple: Some(vec![1, 2, 3, 4]),
        signed_parameters: Some(SignedParameters {
            group: Some(0x1d),
            parameters: vec![3, 0, 0x1d, 2, 8, 9],
            scheme: Some(0x0401),
            signature: vec![5, 5, 5],
        }),
        asked_for_client_certificate: true,
        warnings: Vec::new(),
        received: 0,
        end: End::Flight,
    }
}

/// Reads the pieces one after the other. The number of received bytes is not compared, because
/// bytes after the end are not waited for.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Answer {
    let mut reader = Reader::default();
    for piece in pieces {
        if reader.push(piece) == Progress::Done {
            break;
        }
    }
    Answer { received: 0, ..reader.ended(Ending::Closed) }
}

fn at_once(bytes: &[u8]) -> Answer {
    read([bytes])
}

#[test]
fn a_whole_flight_is_read() {
    assert_eq!(at_once(&record(22, &flight())), whole());
}

#[test]
fn tls_1_3_ends_with_the_server_hello() {
    let mut extensions = vec![0, 43, 0, 2, 3, 4, 0, 51, 0, 69, 0, 0x17, 0, 65];
    extensions.extend([4; 65]);
    let answer = at_once(&record(22, &server_hello([3, 3], 0x1301, &extensions)));
    let hello = answer.server_hello.unwrap();
    assert_eq!(answer.end, End::Tls13);
    assert_eq!((hello.version, hello.cipher_suite), (Version::Tls1_3, 0x1301));
    assert_eq!(hello.group, Some(0x17));
}

/// A HelloRetryRequest for a group.
fn retry(group: u16) -> Vec<u8> {
    let mut extensions = vec![0, 43, 0, 2, 3, 4, 0, 51, 0, 2];
    extensions.extend(group.to_be_bytes());
    let mut message = server_hello([3, 3], 0x1301, &extensions);
    // RFC 8446 §4.1.3.
    let random = digest::digest(&digest::SHA256, b"HelloRetryRequest");
    message[6..38].copy_from_slice(random.as_ref());
    message
}

#[test]
fn a_retry_is_answered_and_what_follows_is_read() {
    let mut reader = Reader::default();
    assert_eq!(reader.push(&record(22, &retry(0x19))), Progress::Retry);
    assert_eq!(reader.retry().and_then(|retry| retry.group), Some(0x19));
    // For old middleboxes (RFC 8446 §D.4).
    assert_eq!(reader.push(&record(20, &[1])), Progress::Reading);
    let mut extensions = vec![0, 43, 0, 2, 3, 4, 0, 51, 0, 137, 0, 0x19, 0, 133];
    extensions.extend([4; 133]);
    let hello = record(22, &server_hello([3, 3], 0x1301, &extensions));
    assert_eq!(reader.push(&hello), Progress::Done);
    let answer = reader.ended(Ending::Closed);
    assert_eq!((answer.group(), &answer.end), (Some(0x19), &End::Tls13));
}

#[test]
fn a_retry_by_itself_is_not_a_server_hello() {
    let answer = at_once(&record(22, &retry(0x11ec)));
    assert_eq!((answer.server_hello.is_some(), answer.group()), (false, None));
    let refused = at_once(&[record(22, &retry(0x11ec)), record(21, &[2, 80])].concat());
    assert_eq!(refused.end, End::Alert { code: 80 });
    let twice = at_once(&record(22, &retry(0x19)).repeat(2));
    assert_eq!(twice.end, End::Broken { detail: "a second HelloRetryRequest".to_owned() });
    let bare = at_once(&record(20, &[1]));
    assert!(matches!(bare.end, End::Broken { .. }), "{:?}", bare.end);
}

#[test]
fn the_second_hello_has_the_share_and_the_cookie_that_are_asked_for() {
    let hello = ClientHello {
        versions: vec![Version::Tls1_2, Version::Tls1_3],
        cipher_suites: vec![0x1301],
        groups: vec![0x1d, 0x19],
        signature_schemes: vec![0x0403],
        server_name: None,
        status_request: true,
        nonces: Nonces::default(),
    };
    let ask = |group, cookie: Option<&[u8]>| Retry {
        legacy_version: [3, 3],
        session_id: Box::default(),
        group,
        cookie: cookie.map(<[u8]>::to_vec),
    };
    for (retry, permitted) in [
        (ask(Some(0x19), None), true),
        (ask(Some(0x19), Some(b"c")), true),
        (ask(None, Some(b"c")), true),
        // There is a share for it, or it was not offered, or nothing is requested.
        (ask(Some(0x1d), None), false),
        (ask(Some(0x18), None), false),
        (ask(None, None), false),
    ] {
        assert_eq!(hello.permits(&retry), permitted, "{retry:?}");
    }
    let both = hello.encode_after(&ask(Some(0x19), Some(b"cookie"))).unwrap();
    // Erlang refuses a second hello without this record before it.
    let (change_cipher_spec, second) = both.split_at(6);
    assert_eq!(change_cipher_spec, [20, 3, 3, 0, 1, 1]);
    assert_eq!(second[..3], [22, 3, 3]);
    let at = |bytes: &[u8]| second.windows(bytes.len()).position(|window| window == bytes);
    // One KeyShareEntry of 133 bytes.
    assert!(at(&[0, 51, 0, 139, 0, 137, 0, 0x19, 0, 133, 4]).is_some());
    assert!(at(b"\x00\x2c\x00\x08\x00\x06cookie").is_some());
    let first = hello.encode();
    assert_eq!(first[9..77], second[9..77], "version, random and session id stay");
}

#[test]
fn an_end_is_told_from_every_other() {
    let alert = |level, code| record(21, &[level, code]);
    let hello = record(22, &server_hello([3, 1], 0x002f, &[]));
    let broken = |detail: &str| End::Broken { detail: detail.to_owned() };
    for (bytes, end) in [
        (Vec::new(), End::Ended(Ending::Closed)),
        (alert(2, 40), End::Alert { code: 40 }),
        (alert(1, 0), End::Ended(Ending::Closed)),
        ([alert(1, 112), alert(2, 112)].concat(), End::Alert { code: 112 }),
        ([record(21, &[2]), record(21, &[70])].concat(), End::Alert { code: 70 }),
        (record(21, &[2, 40, 0]), broken("an alert record of 3 bytes")),
        (b"HTTP/1.1 400".to_vec(), End::NotTls { first: b"HTTP/1.1 400".to_vec() }),
        (vec![22, 2, 0], End::NotTls { first: vec![22, 2, 0] }),
        (
            [hello.clone(), b"HTTP".to_vec()].concat(),
            broken("the data after the first record is not a record"),
        ),
        ([hello.clone(), hello.clone()].concat(), broken("a second ServerHello")),
        (record(22, &message(14, &[])), broken("a message of type 14 before the ServerHello")),
        (record(23, &[0]), broken("a record of type 23 during the handshake")),
        (vec![22, 3, 3, 0x40, 1], broken("a record of 16385 bytes; the maximum is 16384")),
        (
            record(22, &[11, 0xff, 0xff, 0xff]),
            End::TooLarge { detail: "a handshake message of 16777215 bytes".to_owned() },
        ),
        (record(22, &[]).repeat(17), broken("more than 16 empty handshake records")),
        (
            record(22, &server_hello([3, 9], 0x002f, &[])),
            End::NotOffered { detail: "it chose version 3.9".to_owned() },
        ),
        (alert(1, 90).repeat(9), broken("more than 8 warnings")),
        (record(22, &message(0, &[])).repeat(9), broken("more than 8 HelloRequests")),
        (
            [hello, record(22, &message(11, &[0, 0, 4, 0]))].concat(),
            broken("a Certificate message with inconsistent lengths"),
        ),
    ] {
        assert_eq!(at_once(&bytes).end, end, "{bytes:02x?}");
    }
}

#[test]
fn an_entry_without_a_byte_keeps_its_place() {
    let mut messages = server_hello([3, 1], 0x002f, &[]);
    messages.extend(certificate(&[b"one", b"", b"three"]));
    messages.extend(message(14, &[]));
    let answer = at_once(&record(22, &messages));
    assert_eq!(answer.served, Some(vec![b"one".to_vec(), Vec::new(), b"three".to_vec()]));
    assert_eq!(answer.end, End::Flight);
}

#[test]
fn no_more_than_a_quarter_of_a_mebibyte_is_ever_read() {
    let mut reader = Reader::default();
    let mut hello = record(22, &server_hello([3, 3], 0xc02f, &[]));
    reader.push(&hello);
    hello = record(22, &message(22, &[9; 16_000]));
    let mut pushes = 0;
    while reader.push(&hello) == Progress::Reading {
        pushes += 1;
        assert!(pushes < 20);
    }
    let answer = reader.timed_out();
    assert!(answer.received <= 256 * 1024, "{}", answer.received);
    assert!(matches!(answer.end, End::Broken { .. }), "{:?}", answer.end);
}

#[test]
fn the_seeds_of_the_fuzz_target_end_the_same_in_pieces() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/hello");
    let mut seeds = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let data = std::fs::read(entry.unwrap().path()).unwrap();
        let (size, bytes) = data.split_first().unwrap();
        let pieces = bytes.chunks(usize::from(*size).max(1));
        assert_eq!(read(pieces), at_once(bytes));
        seeds += 1;
    }
    assert!(seeds >= 16, "{seeds}");
}

/// Splits the bytes at arbitrary places into pieces of at least one byte.
fn cut<'a>(bytes: &'a [u8], places: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

fn any_version() -> impl Strategy<Value = Vec<Version>> {
    proptest::sample::subsequence(Version::ALL.to_vec(), 1..=5)
}

proptest! {
    #[test]
    fn noise_never_panics_and_ends_the_same_in_any_pieces(
        bytes in vec(any::<u8>(), 0..600),
        places in vec(any::<Index>(), 0..8),
    ) {
        prop_assert_eq!(read(cut(&bytes, &places)), at_once(&bytes));
    }

    #[test]
    fn records_of_noise_never_panic_and_end_the_same_in_any_pieces(
        contents in vec((20_u8..=23, vec(any::<u8>(), 0..80)), 0..12),
        places in vec(any::<Index>(), 0..8),
    ) {
        let bytes: Vec<u8> =
            contents.iter().flat_map(|(kind, content)| record(*kind, content)).collect();
        prop_assert_eq!(read(cut(&bytes, &places)), at_once(&bytes));
    }

    #[test]
    fn a_flight_is_read_in_any_records_and_any_pieces(
        fragments in vec(any::<Index>(), 0..8),
        places in vec(any::<Index>(), 0..8),
    ) {
        let flight = flight();
        let bytes: Vec<u8> = cut(&flight, &fragments)
            .into_iter()
            .filter(|fragment| !fragment.is_empty())
            .flat_map(|fragment| record(22, fragment))
            .collect();
        prop_assert_eq!(read(cut(&bytes, &places)), whole());
    }

    #[test]
    fn whatever_is_written_is_read_back((answer, messages) in written()) {
        prop_assert_eq!(at_once(&record(22, &messages)), answer);
    }

    #[test]
    fn a_flight_with_a_wrong_byte_never_panics(place in any::<Index>(), byte in any::<u8>()) {
        let mut bytes = record(22, &flight());
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let answer = at_once(&bytes);
        prop_assert!(answer.served.is_none_or(|served| served.len() <= 1024));
    }

    #[test]
    fn a_flight_cut_short_is_no_acceptance(place in any::<Index>()) {
        let bytes = record(22, &flight());
        let answer = at_once(&bytes[..place.index(bytes.len())]);
        prop_assert!(!answer.is_acceptance());
    }

    #[test]
    fn every_hello_is_one_record_whose_lengths_add_up(
        versions in any_version(),
        cipher_suites in vec(any::<u16>(), 1..400),
        groups in vec(any::<u16>(), 0..40),
        signature_schemes in vec(any::<u16>(), 0..40),
        name in "[a-z]{1,63}(\\.[a-z]{1,60}){1,3}",
    ) {
        let name = name.parse().unwrap();
        let hello = ClientHello {
            versions,
            cipher_suites,
            groups,
            signature_schemes,
            server_name: Some(&name),
            status_request: true,
            nonces: Nonces::default(),
        };
        let bytes = hello.encode();
        let length = |at: usize| usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
        prop_assert_eq!(length(3), bytes.len() - 5);
        prop_assert_eq!(length(7), bytes.len() - 9);
        prop_assert_eq!(bytes[6], 0);
    }
}
