//! `handshake` through its public interface.

mod client_hello;
mod hello;

use std::collections::HashSet;

use origin_probe::cloudfront::CIPHER_SUITES;
use origin_probe::handshake::hello::{
    KeyExchange, Registry, cipher_suite_name, group_name, signature_scheme_name,
};

#[test]
fn the_name_tells_the_key_exchange() {
    for (code, expected) in [
        (0xc013, KeyExchange::Ecdhe),
        (0xcca9, KeyExchange::Ecdhe),
        (0x009e, KeyExchange::Dhe),
        (0x002f, KeyExchange::Other),
        (0xc004, KeyExchange::Other),
        (0xfafa, KeyExchange::Other),
    ] {
        assert_eq!(KeyExchange::of(code), expected, "{code:#06x}");
    }
}

#[test]
fn cloudfronts_code_points_come_first_and_each_comes_once() {
    let own: Vec<u16> = CIPHER_SUITES.iter().map(|suite| suite.code).collect();
    let Registry { cipher_suites, cipher_suites_without_certificate, groups, signature_schemes } =
        Registry::all();
    for suites in [&cipher_suites, &cipher_suites_without_certificate] {
        assert_eq!(suites[..22], own);
        // No suite is cut off.
        assert!((90..120).contains(&suites.len()), "{}", suites.len());
    }
    // DHE, ARIA, and an anonymous one.
    assert!(cipher_suites.contains(&0x009e) && cipher_suites.contains(&0xc060));
    assert!(cipher_suites_without_certificate.contains(&0x00a6));
    for list in [cipher_suites, cipher_suites_without_certificate, groups, signature_schemes] {
        assert_eq!(list.iter().collect::<HashSet<_>>().len(), list.len());
    }
}

#[test]
fn names_are_ianas_and_unknown_codes_are_shown() {
    for suite in CIPHER_SUITES {
        assert_eq!(&*cipher_suite_name(suite.code), suite.name);
    }
    assert_eq!(&*cipher_suite_name(0x009e), "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256");
    assert_eq!(&*cipher_suite_name(0xfafa), "0xfafa");
    assert_eq!(&*group_name(0x0019), "secp521r1");
    assert_eq!(&*group_name(0x001d), "x25519");
    assert_eq!(&*signature_scheme_name(0x0807), "ed25519");
    assert_eq!(&*signature_scheme_name(0x0001), "0x0001");
}
