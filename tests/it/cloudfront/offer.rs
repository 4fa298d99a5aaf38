use origin_probe::cloudfront::{Offer, Version};
use origin_probe::origin::{SslProtocol, SslProtocols};

#[test]
fn the_range_begins_at_the_lowest_listed_and_includes_tls_1_3() {
    use SslProtocol::{SslV3, TlsV1, TlsV1_1, TlsV1_2};
    use Version::{Ssl3, Tls1, Tls1_1, Tls1_2, Tls1_3};
    let all = vec![Tls1, Tls1_1, Tls1_2, Tls1_3];
    for (listed, range, word_for_word) in [
        (vec![TlsV1_2], vec![Tls1_2, Tls1_3], vec![Tls1_2, Tls1_3]),
        (vec![TlsV1_1, TlsV1_2], vec![Tls1_1, Tls1_2, Tls1_3], vec![Tls1_1, Tls1_2, Tls1_3]),
        (vec![TlsV1], all.clone(), vec![Tls1, Tls1_3]),
        (vec![TlsV1, TlsV1_2], all, vec![Tls1, Tls1_2, Tls1_3]),
        (vec![TlsV1_2, SslV3], vec![Tls1_2, Tls1_3], vec![Tls1_2, Tls1_3]),
        (vec![SslV3], vec![Ssl3], vec![Ssl3]),
    ] {
        let protocols = SslProtocols::new(listed.clone()).unwrap();
        assert_eq!(Offer::of(&protocols).versions, range, "{listed:?}");
        assert_eq!(Offer::word_for_word(&protocols).versions, word_for_word, "{listed:?}");
    }
}

#[test]
fn a_cipher_suite_goes_with_its_versions_only() {
    let offer = Offer::of(&SslProtocols::new(vec![SslProtocol::TlsV1]).unwrap());
    for (code, version, expected) in [
        (0x1301, Version::Tls1_3, true),
        (0x1301, Version::Tls1_2, false),
        (0xc02f, Version::Tls1_3, false),
        (0xc02f, Version::Tls1_2, true),
        (0xc02f, Version::Tls1_1, false),
        (0xc027, Version::Tls1_1, false),
        (0xc013, Version::Tls1, true),
        (0x009e, Version::Tls1_2, false),
    ] {
        assert_eq!(offer.has_cipher_suite(code, version), expected, "{code:#06x} {version}");
    }
}

#[test]
fn sslv3_is_offered_with_what_it_knows() {
    let suites = |listed| {
        let offer = Offer::of(&SslProtocols::new(vec![listed]).unwrap());
        offer.cipher_suites().map(|suite| suite.code).collect::<Vec<u16>>()
    };
    assert_eq!(suites(SslProtocol::SslV3), [0x002f, 0x0035, 0x000a, 0x0004]);
    assert_eq!(suites(SslProtocol::TlsV1).len(), 22);
}
