//! What a plain client sees of the server.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use jiff::Timestamp;
use rustls::{AlertDescription, CertificateError, Error, ProtocolVersion};

use super::visitor::{Negotiated, Visit, visit};
use origin_probe::demo::DemoError;
use origin_probe::demo::pki::{Authority, EndEntity, Issued, KeyAlgorithm, Window};
use origin_probe::demo::server::{
    Certificates, ClientAuthentication, ServedCertificate, TlsServer, TlsServerOptions, TlsVersions,
};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn window() -> Window {
    Window::days(-20..70, "2026-08-01T00:00:00Z".parse::<Timestamp>().unwrap())
}

fn site(name: &str) -> Issued {
    Authority::root("Demo Root CA", window())
        .unwrap()
        .issue(&EndEntity::new(&[name], window()))
        .unwrap()
}

fn served(issued: &Issued) -> ServedCertificate {
    ServedCertificate::new(vec![issued.der.clone()], issued.key.clone())
}

/// Options of a server that serves the same to everyone.
fn serving(served: ServedCertificate) -> TlsServerOptions {
    TlsServerOptions::new(Certificates::for_everyone(served))
}

async fn start(options: &TlsServerOptions) -> TlsServer {
    TlsServer::start(HERE, 0, options).await.unwrap()
}

/// Visits a new server under a name.
async fn visited(options: &TlsServerOptions, name: &str) -> Visit {
    visit(start(options).await.address(), name).await
}

#[tokio::test]
async fn the_chain_and_the_staple_arrive_exactly_as_given() {
    let (site, other) = (site("www.shop.example"), site("other.example"));
    let server = start(&TlsServerOptions::default()).await;
    for chain in [
        vec![site.der.clone()],
        vec![site.der.clone(), other.der.clone(), other.der.clone(), site.der.clone()],
        vec![site.der.clone(), b"no certificate".to_vec()],
        [vec![site.der.clone()], vec![other.der.clone(); 99]].concat(),
    ] {
        let staple = Some(b"no real response".to_vec());
        let served =
            ServedCertificate { chain: chain.clone(), key: site.key.clone(), ocsp_staple: staple };
        server.present(&Certificates::for_everyone(served)).unwrap();
        let visit = visit(server.address(), "www.shop.example").await;
        assert!(visit.outcome.is_ok(), "{:?}", visit.outcome);
        assert_eq!(visit.shown.chain, chain);
        assert_eq!(visit.shown.staple, b"no real response");
    }
    assert_eq!((server.connections(), server.handshakes()), (4, 4));
}

#[tokio::test]
async fn what_is_no_chain_is_served_all_the_same() {
    let site = site("www.shop.example");
    for (chain, error) in [
        (vec![], Error::NoCertificatesPresented),
        (vec![b"no certificate".to_vec()], CertificateError::BadEncoding.into()),
    ] {
        for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
            let served = ServedCertificate::new(chain.clone(), site.key.clone());
            let options = TlsServerOptions { versions, ..serving(served) };
            let visit = visited(&options, "www.shop.example").await;
            assert_eq!(visit.outcome, Err(error.clone()), "{versions:?}");
        }
    }
}

#[tokio::test]
async fn the_server_name_chooses_the_certificate() {
    let (shop, balancer) = (site("www.shop.example"), site("origin.shop.example"));
    let certificates = Certificates {
        by_name: BTreeMap::from([("origin.shop.example".to_owned(), served(&balancer))]),
        for_others: Some(served(&shop)),
    };
    let server = start(&TlsServerOptions::new(certificates)).await;
    for (name, der) in [
        ("origin.shop.example", &balancer.der),
        ("ORIGIN.shop.example", &balancer.der),
        ("elb.example", &shop.der),
        ("127.0.0.1", &shop.der),
    ] {
        let shown = visit(server.address(), name).await.shown;
        assert_eq!(shown.chain, std::slice::from_ref(der), "{name}");
    }
    let names = BTreeMap::from([
        (None, 1),
        (Some("elb.example".to_owned()), 1),
        (Some("origin.shop.example".to_owned()), 2),
    ]);
    assert_eq!(server.server_names(), names);
}

#[tokio::test]
async fn an_unknown_server_name_is_refused_by_alert_112() {
    let site = site("www.shop.example");
    let options = TlsServerOptions::new(Certificates::only_for("www.shop.example", served(&site)));
    let server = start(&options).await;
    assert!(visit(server.address(), "www.shop.example").await.outcome.is_ok());
    assert_eq!(
        visit(server.address(), "other.example").await.outcome,
        Err(Error::AlertReceived(AlertDescription::UnrecognisedName))
    );
    assert_eq!((server.connections(), server.handshakes()), (2, 1));
}

#[tokio::test]
async fn a_key_of_another_certificate_spoils_the_signature() {
    let (site, other) = (site("www.shop.example"), site("www.shop.example"));
    let served = ServedCertificate::new(vec![site.der.clone()], other.key);
    for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        let options = TlsServerOptions { versions, ..serving(served.clone()) };
        let visit = visited(&options, "www.shop.example").await;
        let bad_signature = Error::InvalidCertificate(CertificateError::BadSignature);
        assert_eq!((visit.shown.chain, visit.outcome), (served.chain.clone(), Err(bad_signature)));
    }
}

#[tokio::test]
async fn versions_suites_and_groups_are_those_asked_for() {
    let served = served(&site("www.shop.example"));
    for (versions, version, suite, group) in [
        (TlsVersions::Tls12, ProtocolVersion::TLSv1_2, 0xc02b, 24),
        (TlsVersions::Tls13, ProtocolVersion::TLSv1_3, 0x1302, 23),
    ] {
        let (cipher_suites, groups) = (vec![suite], vec![group]);
        let options =
            TlsServerOptions { versions, cipher_suites, groups, ..serving(served.clone()) };
        let negotiated =
            Negotiated { version: Some(version), cipher_suite: Some(suite), group: Some(group) };
        let visit = visited(&options, "www.shop.example").await;
        assert_eq!(visit.outcome, Ok(negotiated));
    }
}

#[tokio::test]
async fn a_client_certificate_is_asked_for_or_required() {
    use ClientAuthentication::{Asked, NotAsked, Required};
    let authority = Authority::root("Client CA", window()).unwrap().der();
    let asked = Asked { authority: authority.clone() };
    let required = Required { authority };
    let refused = Some(Error::AlertReceived(AlertDescription::CertificateRequired));
    for (client_authentication, versions, error) in [
        (NotAsked, TlsVersions::Tls13, None),
        (asked.clone(), TlsVersions::Tls13, None),
        (asked, TlsVersions::Tls12, None),
        (required.clone(), TlsVersions::Tls13, refused.clone()),
        (required, TlsVersions::Tls12, refused),
    ] {
        let served = served(&site("www.shop.example"));
        let options = TlsServerOptions { versions, client_authentication, ..serving(served) };
        let outcome = visited(&options, "www.shop.example").await.outcome;
        assert_eq!(outcome.err(), error, "{options:?}");
    }
}

#[tokio::test]
async fn every_key_algorithm_can_serve() {
    for key_algorithm in [
        KeyAlgorithm::EcdsaP256,
        KeyAlgorithm::EcdsaP384,
        KeyAlgorithm::EcdsaP521,
        KeyAlgorithm::Ed25519,
        KeyAlgorithm::Rsa2048,
    ] {
        let site = EndEntity { key_algorithm, ..EndEntity::new(&["a.example"], window()) };
        let site = Authority::root("Root", window()).unwrap().issue(&site).unwrap();
        let outcome = visited(&serving(served(&site)), "a.example").await.outcome;
        assert!(outcome.is_ok(), "{key_algorithm:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let no_key = ServedCertificate::new(vec![], b"no key".to_vec());
    for options in [
        serving(no_key),
        TlsServerOptions { cipher_suites: vec![0x002f], ..TlsServerOptions::default() },
        TlsServerOptions {
            client_authentication: ClientAuthentication::Asked { authority: vec![1] },
            ..TlsServerOptions::default()
        },
    ] {
        let error = TlsServer::start(HERE, 0, &options).await.unwrap_err();
        assert!(matches!(error, DemoError::Tls { .. }), "{error}");
    }
}
