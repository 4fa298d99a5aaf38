use origin_probe::cloudfront::Version;
use origin_probe::handshake::hello::{ClientHello, Nonces};
use origin_probe::origin::DomainName;

fn hello(versions: &[Version], server_name: Option<&DomainName>) -> Vec<u8> {
    let nonces = Nonces { random: [0xaa; 32], session_id: [0xbb; 32], key_share: [0xcc; 32] };
    ClientHello {
        versions: versions.to_vec(),
        cipher_suites: vec![0xc02f, 0x002f],
        groups: vec![0x001d],
        signature_schemes: vec![0x0401],
        server_name,
        status_request: true,
        nonces,
    }
    .encode()
}

#[test]
fn an_sslv3_hello_has_no_extensions() {
    let mut expected = vec![22, 3, 0, 0, 47, 1, 0, 0, 43, 3, 0];
    expected.extend([0xaa; 32]);
    expected.extend([0, 0, 4, 0xc0, 0x2f, 0, 0x2f, 1, 0]);
    assert_eq!(hello(&[Version::Ssl3], None), expected);
}

#[test]
fn a_tls_1_2_hello_names_its_version_in_one_place() {
    let name = "a.example".parse().unwrap();
    let mut expected = vec![22, 3, 1, 0, 107, 1, 0, 0, 103, 3, 3];
    expected.extend([0xaa; 32]);
    expected.extend([0, 0, 4, 0xc0, 0x2f, 0, 0x2f, 1, 0, 0, 58]);
    expected.extend([0, 0, 0, 14, 0, 12, 0, 0, 9]);
    expected.extend(b"a.example");
    expected.extend([0, 23, 0, 0, 0xff, 1, 0, 1, 0]);
    expected.extend([0, 10, 0, 4, 0, 2, 0, 0x1d, 0, 11, 0, 2, 1, 0]);
    expected.extend([0, 13, 0, 4, 0, 2, 4, 1, 0, 5, 0, 5, 1, 0, 0, 0, 0]);
    let versions = [Version::Tls1, Version::Tls1_1, Version::Tls1_2];
    assert_eq!(hello(&versions, Some(&name)), expected);
}

#[test]
fn tls_1_3_and_lists_with_a_gap_need_the_list_of_versions() {
    let listing = |versions: &[Version]| {
        let bytes = hello(versions, None);
        let at = bytes.windows(2).position(|pair| pair == [0, 43])?;
        let length = usize::from(bytes[at + 4]);
        Some(bytes[at + 5..at + 5 + length].to_vec())
    };
    use Version::{Tls1, Tls1_1, Tls1_2, Tls1_3};
    for (versions, expected) in [
        (vec![Tls1_2, Tls1_3], Some(vec![3, 4, 3, 3])),
        (vec![Tls1, Tls1_2], Some(vec![3, 3, 3, 1])),
        (vec![Tls1, Tls1_1, Tls1_2], None),
        (vec![Tls1], None),
    ] {
        assert_eq!(listing(&versions), expected, "{versions:?}");
    }
}
