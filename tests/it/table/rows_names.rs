//! What servers do with a server name that they know, and with one that they do not.

use std::collections::BTreeMap;

use origin_probe::demo::script::Script::{
    self, CloseAfterClientHello as Close, ResetAfterClientHello as Reset, Silence,
};
use origin_probe::demo::script::{Demand, FlightPart};
use origin_probe::demo::server::{Certificates, ServedCertificate, TlsServerOptions};

use super::kit::{certificate, hand_made, server_hello};
use super::peer::Peer;
use super::row::{
    CLOSED, NAME_REFUSED, NAME_WARNING, NOT_NAMED, Row, TIMED_OUT, by_hello, openssl, row,
};
use super::rows_haproxy::haproxy;
use super::rows_nginx::nginx;
use super::stage::Leaf::{EcdsaP256, Rsa2048, ViewerHost, WrongName};
use super::stage::{DOMAIN, Stage};

const NGINX: &str = "server { listen {address} ssl; server_name other.example.org;
                  ssl_certificate {folder}/WrongName.pem;
                  ssl_certificate_key {folder}/WrongName.key; }";
const NGINX_REJECTING: &str =
    "server { listen {address} ssl default_server; ssl_reject_handshake on; }";

const FATAL: &str = "-servername other.example.org -servername_fatal \
    -cert2 {folder}/WrongName.pem -key2 {folder}/WrongName.key";
const WARNING: &str = "-tls1_2 -servername other.example.org \
    -cert2 {folder}/WrongName.pem -key2 {folder}/WrongName.key";
const WARNING_CBC: &str = "-tls1_2 -cipher ECDHE-RSA-AES128-SHA -servername other.example.org \
    -cert2 {folder}/Rsa2048.pem -key2 {folder}/Rsa2048.key";

pub fn rows() -> Vec<Row> {
    let refused = |name, version| {
        by_hello(name).openssl(Rsa2048, format!("{version} {FATAL}")).fails(&[NAME_REFUSED])
    };
    let rejecting = nginx(&format!("{NGINX_REJECTING} {NGINX}"));
    let mut rows = vec![
        row("the_right_name_chooses_the_right_certificate").rustls(chosen),
        row("an_unknown_name_gets_the_default_certificate")
            .certificate(WrongName)
            .fails(&[NOT_NAMED]),
        row("an_unknown_name_gets_the_default_certificate_of_a_cbc_server")
            .openssl_cbc(WrongName)
            .fails(&[NOT_NAMED]),
        row("a_forwarded_host_has_its_certificate").certificate(ViewerHost).forwards_host(),
        row("a_forwarded_host_gets_the_origin_domains_certificate")
            .certificate(EcdsaP256)
            .forwards_host()
            .answers(&["host-not-in-certificate notice"]),
        by_hello("a_forwarded_host_is_refused")
            .rustls(|stage| only_for(DOMAIN, stage.served(EcdsaP256)))
            .forwards_host()
            .fails(&[NAME_REFUSED]),
        by_hello("an_unknown_name_is_refused_by_alert_112")
            .rustls(|stage| only_for("other.example.org", stage.served(WrongName)))
            .fails(&[NAME_REFUSED]),
        refused("an_unknown_name_is_refused_by_openssl_in_tls_1_2", "-tls1_2"),
        refused("an_unknown_name_is_refused_by_openssl_in_tls_1_3", "-tls1_3"),
        // TLS 1.3 knows no warnings, so these are of TLS 1.2.
        row("an_unknown_name_is_warned_of").openssl(Rsa2048, WARNING).undecided(&[NAME_WARNING]),
        by_hello("an_unknown_name_is_warned_of_by_a_cbc_server")
            .openssl(Rsa2048, WARNING_CBC)
            .undecided(&[NAME_WARNING]),
        by_hello("an_unknown_name_is_warned_of_in_a_flight_made_by_hand")
            .script(|stage| {
                hand_made(vec![
                    FlightPart::Warning { code: 112 },
                    server_hello(0x002f),
                    certificate(stage, Rsa2048),
                    FlightPart::ServerHelloDone,
                ])
            })
            .undecided(&[NAME_WARNING]),
        by_hello("an_unknown_name_is_rejected_by_nginx").program(rejecting).fails(&[NAME_REFUSED]),
        row("an_unknown_name_gets_the_first_certificate_of_nginx")
            .program(nginx(NGINX))
            .fails(&[NOT_NAMED]),
        by_hello("an_unknown_name_is_rejected_by_haproxy")
            .program(haproxy("ssl crt {folder}/WrongName.both strict-sni"))
            .fails(&[NAME_REFUSED]),
        row("a_known_name_is_served_by_haproxy")
            .program(haproxy("ssl crt {folder}/EcdsaP256.both strict-sni")),
    ];
    rows.extend(without_a_name());
    rows.extend(under_another_name());
    rows
}

/// Servers that refuse with the name what they would take without it, each in its way.
fn without_a_name() -> Vec<Row> {
    let choosy =
        |name, demand, refusal| row(name).choosy(demand, refusal, openssl(Rsa2048, "-tls1_2"));
    let other = Demand::ServerName("other.example.org".to_owned());
    let mut rows = vec![
        // Whether it is the name that displeases cannot be told without knowing a better one.
        choosy("only_another_name_is_served", other, Reset).hello().fails(&[CLOSED]),
        choosy("a_name_is_answered_by_silence", Demand::NoServerName, Silence)
            .impatient()
            .fails_with_504(&[TIMED_OUT]),
    ];
    for (name, refusal) in [
        ("a_name_is_answered_by_a_close", Close),
        ("a_name_is_answered_by_a_reset", Reset),
        ("a_name_is_answered_by_alert_40", alert(40)),
        ("a_name_is_answered_by_alert_49", alert(49)),
        ("a_name_is_answered_by_alert_80", alert(80)),
    ] {
        rows.push(choosy(name, Demand::NoServerName, refusal).hello().fails(&[NAME_REFUSED]));
    }
    rows
}

/// The ways in which servers refuse a name that they have no certificate for.
const WAYS: [(&str, Script); 7] = [
    ("a_host_is_closed_on", Close),
    ("a_host_is_reset", Reset),
    ("a_host_gets_alert_40", alert(40)),
    ("a_host_gets_alert_49", alert(49)),
    ("a_host_gets_alert_71", alert(71)),
    ("a_host_gets_alert_80", alert(80)),
    ("a_host_gets_alert_112", alert(112)),
];

const fn alert(code: u8) -> Script {
    Script::Alert { level: 2, code }
}

/// Host is forwarded, and the server answers for the origin domain only, not without a name either.
/// Some prefer a group that CloudFront does not offer, and ask for it before they look at the name.
fn under_another_name() -> Vec<Row> {
    let refusing = |name: String, retry, otherwise| {
        let demand = Demand::ServerName(DOMAIN.to_owned());
        let behind = Box::new(openssl(EcdsaP256, ""));
        let row = row(name).peer(Peer::Choosy { demand, otherwise, retry, behind });
        row.forwards_host().hello().fails(&[NAME_REFUSED])
    };
    let after_p521 = "a_host_gets_alert_80_after_a_retry_for_p521".to_owned();
    let mut rows = vec![refusing(after_p521, Some(SECP521R1), alert(80))];
    for (name, refusal) in WAYS {
        rows.push(refusing(name.to_owned(), None, refusal.clone()));
        rows.push(refusing(format!("{name}_after_a_retry"), Some(X25519_MLKEM768), refusal));
    }
    rows
}

const X25519_MLKEM768: u16 = 0x11ec;
const SECP521R1: u16 = 0x0019;

fn chosen(stage: &Stage) -> TlsServerOptions {
    TlsServerOptions::new(Certificates {
        by_name: BTreeMap::from([(DOMAIN.to_owned(), stage.served(EcdsaP256))]),
        for_others: Some(stage.served(WrongName)),
    })
}

fn only_for(name: &str, served: ServedCertificate) -> TlsServerOptions {
    TlsServerOptions::new(Certificates::only_for(name, served))
}
