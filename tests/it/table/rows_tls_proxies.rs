//! hitch, 1.7, and stunnel, 5.68, in Debian 12, which end TLS for others.

use super::products::Product;
use super::program::Program;
use super::row::{ANCHOR, MISSING, REQUESTED, Row};

pub fn rows() -> Vec<Row> {
    hitch().into_iter().chain(stunnel()).collect()
}

/// In front of a dead backend.
fn hitch() -> Vec<Row> {
    const ABORT: &str = "sni-nomatch-abort = on\n";
    const CHACHA20: &str = "tls-protos = TLSv1.2\nciphers = \"ECDHE-ECDSA-CHACHA20-POLY1305\"\n";
    const TLS_1_2: &str = "tls-protos = TLSv1.2\n";
    let verify = |mode: &str, list: &str| {
        format!("client-verify = {mode}\nclient-verify-ca = \"{{folder}}/{list}.pem\"\n")
    };
    let hitch = Product::new("hitch", |list, more| {
        let text = format!(
            "frontend = \"[{{ip}}]:{{port}}\"\nbackend = \"[127.0.0.1]:1\"\nworkers = 1\n\
             user = \"_hitch\"\npem-file = \"{{folder}}/{list}.both\"\n{more}"
        );
        let program = Program::new("/usr/sbin/hitch --config={here}/hitch.conf");
        program.file("hitch.conf", text).needs_root()
    });
    let mut rows = vec![
        // A10
        hitch.row("sends_lri_as_written", "LRI", ""),
        hitch.row("sends_liu_as_written", "LIU", ""),
        hitch.row("sends_nothing_of_client_verify_ca", "L", &verify("none", "IR")).sends("L"),
        hitch
            .row("sends_nothing_of_client_verify_ca_where_it_asks", "L", &verify("optional", "IR"))
            .fails(&[MISSING, REQUESTED]),
        // A15
        hitch.issuer_first("key values mismatch"),
        // B13
        hitch.row("rejects_an_unknown_name", "OI", ABORT),
        hitch.row("rejects_the_forwarded_host", "LI", ABORT),
        hitch.row("serves_its_default_for_an_unknown_name", "OI", ""),
        // C
        hitch.row("with_its_defaults", "LI", ""),
        hitch.row("with_tls_1_3_only", "LI", "tls-protos = TLSv1.3\n"),
        // D
        hitch.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
    ];
    rows.extend(hitch.keys("P521LI", "Ed25519LI", TLS_1_2));
    // E10
    rows.extend(hitch.clients(&verify("required", "R"), &verify("optional", "R"), TLS_1_2));
    rows
}

/// In front of an echo.
fn stunnel() -> Vec<Row> {
    const CA_FILE: &str = "CAfile = {folder}/IR.pem\n";
    const CHACHA20: &str = "sslVersionMax = TLSv1.2\nciphers = ECDHE-ECDSA-CHACHA20-POLY1305\n";
    const P521: &str = "curves = P-521\n";
    /// With a service for a third name.
    const ROUTED: &str = "[third]\nsni = origin:third.example.org\nexec = /bin/cat\n\
        execArgs = cat\ncert = {folder}/LI.both\n";
    const TLS_1_2: &str = "sslVersionMax = TLSv1.2\n";
    let verify =
        |level: u8, list: &str| format!("verify = {level}\nCAfile = {{folder}}/{list}.pem\n");
    let stunnel = Product::new("stunnel", |list, more| {
        let text = format!(
            "foreground = yes\npid =\n[origin]\naccept = {{address}}\nexec = /bin/cat\n\
             execArgs = cat\ncert = {{folder}}/{list}.both\n{more}"
        );
        Program::new("stunnel {here}/stunnel.conf").file("stunnel.conf", text)
    });
    let mut rows = vec![
        // A9
        stunnel.row("sends_lri_as_written", "LRI", ""),
        stunnel.row("completes_the_chain_from_ca_file", "L", CA_FILE).sends("LIR"),
        // B14
        stunnel.row("serves_the_certificate_of_its_master_service", "OI", ROUTED).sends("OI"),
        // C
        stunnel.row("with_its_defaults", "LI", ""),
        stunnel.row("with_tls_1_3_only", "LI", "sslVersionMin = TLSv1.3\n"),
        // D
        stunnel.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
        stunnel.row("with_p521_only", "LI", P521),
        stunnel.row("with_p521_only_in_tls_1_2", "LI", &format!("{P521}{TLS_1_2}")),
    ];
    for level in [0, 1] {
        let question = format!("completes_the_chain_from_ca_file_with_verify_{level}");
        let row = stunnel.row(&question, "L", &verify(level, "IR"));
        rows.push(row.undecided(&[REQUESTED, ANCHOR]).aws_connects());
    }
    rows.extend(stunnel.keys("P521LI", "Ed25519LI", TLS_1_2));
    // E9
    rows.extend(stunnel.clients(&verify(2, "R"), &verify(1, "R"), TLS_1_2));
    rows
}
