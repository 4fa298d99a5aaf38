//! What servers do with a server name that they know, and with one that they do not.

use std::collections::BTreeMap;

use origin_probe::demo::script::{Demand, Flight, FlightPart, Refusal, Script};
use origin_probe::demo::server::{Certificates, TlsServerOptions};

use super::peer::Peer;
use super::row::{Row, openssl, row};
use super::stage::{DOMAIN, Leaf, Stage, VIEWER_HOST};

const REFUSED: &str = "server-name-refused fails";
const WARNED: &str = "server-name-refused may-fail";
const NOT_NAMED: &str = "name-not-in-certificate fails";

pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        row("the_right_name_chooses_the_right_certificate").rustls(chosen).answers(&[]),
        row("an_unknown_name_gets_the_default_certificate")
            .rustls(|stage| stage.options(Leaf::WrongName))
            .fails(&[NOT_NAMED]),
        row("an_unknown_name_gets_the_default_certificate_of_a_cbc_server")
            .openssl(Leaf::WrongName, "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA")
            .hello()
            .fails(&[NOT_NAMED]),
        row("a_forwarded_host_has_its_certificate")
            .rustls(|stage| stage.options(Leaf::ViewerHost))
            .viewer_hosts(&[VIEWER_HOST])
            .answers(&[]),
        row("a_forwarded_host_gets_the_origin_domains_certificate")
            .rustls(|stage| stage.options(Leaf::EcdsaP256))
            .viewer_hosts(&[VIEWER_HOST])
            .answers(&["host-not-in-certificate notice"]),
        row("a_forwarded_host_is_refused")
            .hello()
            .rustls(only_origin_domain)
            .viewer_hosts(&[VIEWER_HOST])
            .fails(&[REFUSED]),
        row("an_unknown_name_is_refused_by_alert_112").hello().rustls(only_other).fails(&[REFUSED]),
        row("an_unknown_name_is_refused_by_openssl_in_tls_1_2")
            .hello()
            .openssl(Leaf::Rsa2048, FATAL_12)
            .fails(&[REFUSED]),
        row("an_unknown_name_is_refused_by_openssl_in_tls_1_3")
            .hello()
            .openssl(Leaf::Rsa2048, FATAL_13)
            .fails(&[REFUSED]),
        // TLS 1.3 knows no warnings, so these are of TLS 1.2.
        row("an_unknown_name_is_warned_of").openssl(Leaf::Rsa2048, WARNING).undecided(&[WARNED]),
        row("an_unknown_name_is_warned_of_by_a_cbc_server")
            .openssl(Leaf::Rsa2048, WARNING_CBC)
            .hello()
            .undecided(&[WARNED]),
        row("an_unknown_name_is_warned_of_in_a_flight_made_by_hand")
            .script(warned)
            .hello()
            .undecided(&[WARNED]),
        row("an_unknown_name_is_rejected_by_nginx")
            .hello()
            .peer(Peer::Nginx(
                "server { listen {address} ssl default_server; ssl_reject_handshake on; }
                 server { listen {address} ssl; server_name other.example.org;
                  ssl_certificate {folder}/WrongName.pem;
                  ssl_certificate_key {folder}/WrongName.key; }",
            ))
            .fails(&[REFUSED]),
        row("an_unknown_name_gets_the_first_certificate_of_nginx")
            .peer(Peer::Nginx(
                "server { listen {address} ssl; server_name other.example.org;
                  ssl_certificate {folder}/WrongName.pem;
                  ssl_certificate_key {folder}/WrongName.key; }",
            ))
            .fails(&[NOT_NAMED]),
        row("an_unknown_name_is_rejected_by_haproxy")
            .hello()
            .peer(Peer::HaProxy("ssl crt {folder}/WrongName.both strict-sni"))
            .fails(&[REFUSED]),
        row("a_known_name_is_served_by_haproxy")
            .peer(Peer::HaProxy("ssl crt {folder}/EcdsaP256.both strict-sni"))
            .answers(&[]),
    ];
    rows.extend(without_a_name());
    rows.extend(under_another_name());
    rows
}

const FATAL_12: &str = "-tls1_2 -servername other.example.org -servername_fatal \
    -cert2 {folder}/WrongName.pem -key2 {folder}/WrongName.key";
const FATAL_13: &str = "-tls1_3 -servername other.example.org -servername_fatal \
    -cert2 {folder}/WrongName.pem -key2 {folder}/WrongName.key";
const WARNING: &str = "-tls1_2 -servername other.example.org \
    -cert2 {folder}/WrongName.pem -key2 {folder}/WrongName.key";
const WARNING_CBC: &str = "-tls1_2 -cipher ECDHE-RSA-AES128-SHA -servername other.example.org \
    -cert2 {folder}/Rsa2048.pem -key2 {folder}/Rsa2048.key";

/// Servers that refuse with the name what they would take without it, each in its way.
fn without_a_name() -> Vec<Row> {
    let behind = || openssl(Leaf::Rsa2048, "-tls1_2");
    let mut rows = Vec::new();
    for (name, refusal) in [
        ("a_name_is_answered_by_a_close", Refusal::Close),
        ("a_name_is_answered_by_a_reset", Refusal::Reset),
        ("a_name_is_answered_by_alert_40", Refusal::Alert { level: 2, code: 40 }),
        ("a_name_is_answered_by_alert_49", Refusal::Alert { level: 2, code: 49 }),
        ("a_name_is_answered_by_alert_80", Refusal::Alert { level: 2, code: 80 }),
    ] {
        rows.push(
            row(name)
                .choosy(vec![Demand::NoServerName], refusal, behind())
                .hello()
                .fails(&[REFUSED]),
        );
    }
    let other = Demand::ServerName("other.example.org".to_owned());
    // Whether it is the name that displeases cannot be told without knowing a better one.
    rows.push(
        row("only_another_name_is_served")
            .hello()
            .choosy(vec![other], Refusal::Reset, behind())
            .fails(&["connection-closed fails"]),
    );
    rows.push(
        row("a_name_is_answered_by_silence")
            .choosy(vec![Demand::NoServerName], Refusal::Silence, behind())
            .impatient()
            .fails_with_504(&["handshake-timed-out fails"]),
    );
    rows
}

/// The ways in which servers refuse a name that they have no certificate for.
const WAYS: [(&str, &str, Refusal); 7] = [
    ("a_host_is_closed_on", "a_host_is_closed_on_after_a_retry", Refusal::Close),
    ("a_host_is_reset", "a_host_is_reset_after_a_retry", Refusal::Reset),
    ("a_host_gets_alert_40", "a_host_gets_alert_40_after_a_retry", alert(40)),
    ("a_host_gets_alert_49", "a_host_gets_alert_49_after_a_retry", alert(49)),
    ("a_host_gets_alert_71", "a_host_gets_alert_71_after_a_retry", alert(71)),
    ("a_host_gets_alert_80", "a_host_gets_alert_80_after_a_retry", alert(80)),
    ("a_host_gets_alert_112", "a_host_gets_alert_112_after_a_retry", alert(112)),
];

const fn alert(code: u8) -> Refusal {
    Refusal::Alert { level: 2, code }
}

/// Host is forwarded, and the server answers for the origin domain only, not without a name either.
/// Some prefer a group that CloudFront does not offer, and ask for it before they look at the name.
fn under_another_name() -> Vec<Row> {
    let demands = || vec![Demand::ServerName(DOMAIN.to_owned())];
    let behind = || openssl(Leaf::EcdsaP256, "");
    let mut rows = Vec::new();
    for (name, after_retry, refusal) in WAYS {
        rows.push(row(name).choosy(demands(), refusal, behind()));
        let row = row(after_retry);
        rows.push(row.choosy_after_retry(X25519_MLKEM768, demands(), refusal, behind()));
    }
    rows.push(row("a_host_gets_alert_80_after_a_retry_for_p521").choosy_after_retry(
        SECP521R1,
        demands(),
        alert(80),
        behind(),
    ));
    rows.into_iter().map(|row| row.viewer_hosts(&[VIEWER_HOST]).hello().fails(&[REFUSED])).collect()
}

const X25519_MLKEM768: u16 = 0x11ec;
const SECP521R1: u16 = 0x0019;

fn chosen(stage: &Stage) -> TlsServerOptions {
    TlsServerOptions::new(Certificates {
        by_name: BTreeMap::from([(DOMAIN.to_owned(), stage.served(Leaf::EcdsaP256))]),
        for_others: Some(stage.served(Leaf::WrongName)),
    })
}

fn only_origin_domain(stage: &Stage) -> TlsServerOptions {
    TlsServerOptions::new(Certificates::only_for(DOMAIN, stage.served(Leaf::EcdsaP256)))
}

fn only_other(stage: &Stage) -> TlsServerOptions {
    let served = stage.served(Leaf::WrongName);
    TlsServerOptions::new(Certificates::only_for("other.example.org", served))
}

fn warned(stage: &Stage) -> Script {
    let parts = vec![
        FlightPart::Warning { code: 112 },
        FlightPart::ServerHello { version: 0x0303, cipher_suite: 0x002f },
        FlightPart::Certificate(vec![stage.der(Leaf::Rsa2048)]),
        FlightPart::ServerHelloDone,
    ];
    Script::Flight(Flight::new(0x0303, parts))
}
