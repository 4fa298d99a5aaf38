//! What the certificates say, read back by another library.

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{AccessDescription, GeneralName, ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer;

use origin_probe::demo::DemoError;
use origin_probe::demo::pki::{
    Authority, AuthorityOptions, CaIssuers, EndEntity, KeyAlgorithm, KeyPurpose, SelfSigned, Window,
};

fn now() -> Timestamp {
    "2026-08-01T12:34:56Z".parse().unwrap()
}

fn years() -> Window {
    Window::days(-365..3650, now())
}

fn quarter() -> Window {
    Window::days(-20..70, now())
}

fn root() -> Authority {
    Authority::root("Demo Root CA", years()).unwrap()
}

/// Has the root issue a certificate.
fn issued(end_entity: &EndEntity) -> Vec<u8> {
    root().issue(end_entity).unwrap().der
}

fn shop() -> EndEntity {
    EndEntity::new(&["www.shop.example"], quarter())
}

fn parse(der: &[u8]) -> X509Certificate<'_> {
    let (rest, certificate) = X509Certificate::from_der(der).unwrap();
    assert_eq!(rest, b"");
    certificate
}

/// Returns what `read` finds in the extensions.
fn extensions<'a, T>(
    certificate: &'a X509Certificate<'_>,
    read: impl FnMut(&'a ParsedExtension<'a>) -> Option<T>,
) -> Vec<T> {
    certificate.iter_extensions().map(X509Extension::parsed_extension).filter_map(read).collect()
}

fn subject_key_id<'a>(certificate: &'a X509Certificate<'_>) -> Option<&'a [u8]> {
    let ids = extensions(certificate, |extension| match extension {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0),
        _ => None,
    });
    ids.first().copied()
}

fn authority_key_id<'a>(certificate: &'a X509Certificate<'_>) -> Option<&'a [u8]> {
    let ids = extensions(certificate, |extension| match extension {
        ParsedExtension::AuthorityKeyIdentifier(id) => Some(id.key_identifier.as_ref()?.0),
        _ => None,
    });
    ids.first().copied()
}

fn ca_issuers(certificate: &X509Certificate<'_>) -> Vec<String> {
    let accesses = extensions(certificate, |extension| match extension {
        ParsedExtension::AuthorityInfoAccess(access) => Some(&access.accessdescs),
        _ => None,
    });
    let address = |description: &AccessDescription<'_>| {
        assert_eq!(description.access_method.to_id_string(), "1.3.6.1.5.5.7.48.2");
        let GeneralName::URI(url) = description.access_location else {
            panic!("{description:?} is no address")
        };
        url.to_owned()
    };
    accesses.into_iter().flatten().map(address).collect()
}

fn dns_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Some(names) = certificate.subject_alternative_name().unwrap() else { return Vec::new() };
    names.value.general_names.iter().map(ToString::to_string).collect()
}

fn is_authority(certificate: &X509Certificate<'_>) -> Option<bool> {
    certificate.basic_constraints().unwrap().map(|constraints| constraints.value.ca)
}

#[test]
fn a_chain_takes_three_lines_and_its_links_hold() {
    let root = root();
    let issuing =
        root.intermediate("Demo Issuing CA 1", years(), &AuthorityOptions::default()).unwrap();
    let site = issuing.issue(&shop()).unwrap();

    let (root_der, issuing_der) = (root.der(), issuing.der());
    let chain = [parse(&site.der), parse(&issuing_der), parse(&root_der)];
    for (subject, issuer) in [(0, 1), (1, 2), (2, 2)] {
        let (subject, issuer) = (&chain[subject], &chain[issuer]);
        assert_eq!(subject.issuer().to_string(), issuer.subject().to_string());
        assert!(subject.verify_signature(Some(issuer.public_key())).is_ok());
    }
    assert_eq!(authority_key_id(&chain[0]), subject_key_id(&chain[1]));
    assert_eq!(authority_key_id(&chain[1]), subject_key_id(&chain[2]));
    assert!(subject_key_id(&chain[0]).is_some());
    assert_eq!(authority_key_id(&chain[2]), None);
    assert_eq!(chain.each_ref().map(is_authority), [Some(false), Some(true), Some(true)]);
    assert_eq!(chain[0].subject().to_string(), "CN=www.shop.example");
    assert_eq!(chain[2].subject().to_string(), "O=Demo Authority, CN=Demo Root CA");
    assert_eq!(
        chain.each_ref().map(ca_issuers),
        [
            vec!["http://aia.demo-authority.example/demo-issuing-ca-1.der".to_owned()],
            vec!["http://aia.demo-authority.example/demo-root-ca.der".to_owned()],
            vec![],
        ]
    );
}

#[test]
fn the_window_is_exact_to_the_second() {
    for (not_before, not_after) in [
        ("2026-08-01T00:00:01Z", "2026-10-30T23:59:59Z"),
        ("1950-01-01T00:00:00Z", "2050-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59Z", "9999-12-30T22:00:00Z"),
        ("2026-08-02T00:00:00Z", "2026-08-01T00:00:00Z"),
    ] {
        let [not_before, not_after] =
            [not_before, not_after].map(|instant| instant.parse::<Timestamp>().unwrap());
        let der = issued(&EndEntity::new(&["a.example"], Window { not_before, not_after }));
        let validity = parse(&der).validity().clone();
        assert_eq!(
            (validity.not_before.timestamp(), validity.not_after.timestamp()),
            (not_before.as_second(), not_after.as_second())
        );
    }
}

#[test]
fn a_window_counts_whole_days_from_now() {
    let window = Window::days(-1..2, now());
    assert_eq!(
        [window.not_before.to_string(), window.not_after.to_string()],
        ["2026-07-31T12:34:56Z", "2026-08-03T12:34:56Z"]
    );
    let endless = Window::days(i64::MIN..i64::MAX, now());
    assert_eq!((endless.not_before, endless.not_after), (Timestamp::MIN, Timestamp::MAX));
}

#[test]
fn an_instant_before_the_year_one_is_refused() {
    let window = Window { not_before: Timestamp::MIN, not_after: now() };
    let error = root().issue(&EndEntity::new(&["a.example"], window)).unwrap_err();
    let is_refused =
        matches!(&error, DemoError::Instant { instant, .. } if *instant == Timestamp::MIN);
    assert!(is_refused, "{error}");
}

#[test]
fn names_stand_where_they_are_asked_for() {
    let both = EndEntity::new(&["www.shop.example", "*.shop.example", "192.0.2.7"], quarter());
    let common_only = EndEntity::common_name_only("www.shop.example", quarter());
    let alternative_only = EndEntity { common_name: None, ..both.clone() };
    let all = vec![
        "DNSName(www.shop.example)".to_owned(),
        "DNSName(*.shop.example)".to_owned(),
        "IPAddress(c0:00:02:07)".to_owned(),
    ];
    for (end_entity, subject, names) in [
        (both, "CN=www.shop.example", all.clone()),
        (common_only, "CN=www.shop.example", vec![]),
        (alternative_only, "", all),
    ] {
        let der = issued(&end_entity);
        let certificate = parse(&der);
        let found = (certificate.subject().to_string(), dns_names(&certificate));
        assert_eq!(found, (subject.to_owned(), names));
    }
}

#[test]
fn a_name_that_no_certificate_can_carry_is_refused() {
    let error = root().issue(&EndEntity::new(&["bücher.example"], quarter())).unwrap_err();
    let is_refused =
        matches!(&error, DemoError::Certificate { name, .. } if name == "bücher.example");
    assert!(is_refused, "{error}");
}

#[test]
fn every_key_algorithm_signs_and_is_signed() {
    for (key_algorithm, key) in [
        (KeyAlgorithm::EcdsaP256, "1.2.840.10045.2.1"),
        (KeyAlgorithm::EcdsaP384, "1.2.840.10045.2.1"),
        (KeyAlgorithm::EcdsaP521, "1.2.840.10045.2.1"),
        (KeyAlgorithm::Ed25519, "1.3.101.112"),
        (KeyAlgorithm::Rsa2048, "1.2.840.113549.1.1.1"),
    ] {
        let options = AuthorityOptions { key_algorithm, ..AuthorityOptions::default() };
        let root = Authority::root_with("Root", years(), &options).unwrap();
        let site = root.issue(&EndEntity { key_algorithm, ..shop() }).unwrap();
        let algorithm = parse(&site.der).public_key().algorithm.algorithm.to_id_string();
        assert_eq!(algorithm, key, "{key_algorithm:?}");
    }
}

#[test]
fn ca_issuers_is_as_asked() {
    let internal = "http://pki.corp.internal/root.crt".to_owned();
    let public = "http://aia.demo-authority.example/demo-root-ca.der".to_owned();
    let url = |length| CaIssuers::Url("u".repeat(length));
    for (wanted, urls) in [
        (CaIssuers::AsPublic, vec![public]),
        (CaIssuers::Absent, vec![]),
        (CaIssuers::Url(internal.clone()), vec![internal]),
        // The length of a DER element takes one byte, two or three.
        (url(0), vec![String::new()]),
        (url(127), vec!["u".repeat(127)]),
        (url(128), vec!["u".repeat(128)]),
        (url(256), vec!["u".repeat(256)]),
    ] {
        let der = issued(&EndEntity { ca_issuers: wanted, ..shop() });
        assert_eq!(ca_issuers(&parse(&der)), urls);
    }
}

#[test]
fn a_self_signed_certificate_comes_in_two_shapes() {
    for (shape, authority, has_usages) in
        [(SelfSigned::OpensslRequest, true, false), (SelfSigned::EndEntity, false, true)]
    {
        let issued = shop().self_signed(shape).unwrap();
        let certificate = parse(&issued.der);
        assert!(certificate.verify_signature(None).is_ok());
        assert_eq!(certificate.issuer().to_string(), certificate.subject().to_string());
        assert_eq!(authority_key_id(&certificate), subject_key_id(&certificate));
        assert_eq!(
            (is_authority(&certificate), certificate.key_usage().unwrap().is_some()),
            (Some(authority), has_usages)
        );
        assert_eq!(ca_issuers(&certificate), Vec::<String>::new());
    }
}

#[test]
fn constraints_purposes_and_serial_are_as_asked() {
    let options = AuthorityOptions {
        path_length: Some(0),
        permitted_names: vec!["shop.example".to_owned()],
        excluded_names: vec!["old.shop.example".to_owned()],
        key_purposes: vec![KeyPurpose::ClientAuthentication],
        serial: Some(vec![0x01, 0xff]),
        ..AuthorityOptions::default()
    };
    let der = root().intermediate("Limited CA", years(), &options).unwrap().der();
    let certificate = parse(&der);
    let basic = certificate.basic_constraints().unwrap().unwrap().value;
    assert_eq!((basic.ca, basic.path_len_constraint), (true, Some(0)));
    let names = certificate.name_constraints().unwrap().unwrap().value;
    let texts = |subtrees: &Option<Vec<x509_parser::extensions::GeneralSubtree<'_>>>| {
        let subtrees = subtrees.as_deref().unwrap_or_default();
        subtrees.iter().map(|subtree| subtree.base.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(texts(&names.permitted_subtrees), ["DNSName(shop.example)"]);
    assert_eq!(texts(&names.excluded_subtrees), ["DNSName(old.shop.example)"]);
    let purposes = certificate.extended_key_usage().unwrap().unwrap().value;
    assert_eq!((purposes.client_auth, purposes.server_auth), (true, false));
    assert_eq!(certificate.raw_serial_as_string(), "01:ff");
}

#[test]
fn a_cross_sign_keeps_name_and_key() {
    let (old, new) = (root(), Authority::root("Demo Root CA 2", years()).unwrap());
    let cross = old.cross_sign(&new, quarter(), &AuthorityOptions::default()).unwrap();
    let (new_der, cross_der) = (new.der(), cross.der());
    let (new, cross) = (parse(&new_der), parse(&cross_der));
    assert_eq!(new.subject().as_raw(), cross.subject().as_raw());
    assert_eq!(new.public_key().raw, cross.public_key().raw);
    assert_eq!(cross.issuer().to_string(), "O=Demo Authority, CN=Demo Root CA");
}

#[test]
fn the_pem_of_a_root_is_its_certificate() {
    let root = root();
    let read = CertificateDer::from_pem_slice(root.pem().as_bytes()).unwrap();
    assert_eq!(read.as_ref(), root.der());
    assert!(root.pem().lines().all(|line| line.len() <= 64));
}

#[test]
fn debug_output_holds_no_private_key() {
    let issued = root().issue(&EndEntity::new(&["a.example"], quarter())).unwrap();
    assert!(!format!("{issued:?}").contains("key"));
}
