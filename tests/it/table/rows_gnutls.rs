//! gnutls-serv, GnuTLS 3.7 in Debian 12.

use super::files::key;
use super::products::Product;
use super::program::Program;
use super::row::{NAME_WARNING, NOT_NAMED, Row};

/// Without options, it asks for a client certificate.
fn gnutls(list: &str, options: &str) -> Program {
    let key = key(list);
    Program::new(format!(
        "gnutls-serv --http --port {{port}} --x509certfile {{folder}}/{list}.pem \
         --x509keyfile {{folder}}/{key}.key {options}"
    ))
}

const CAFILE: &str = "--x509cafile {folder}/IR.pem";
const TLS_1_0: &str = "--priority NORMAL:-VERS-ALL:+VERS-TLS1.0";
const TLS_1_2: &str = "--priority NORMAL:-VERS-ALL:+VERS-TLS1.2";
const TLS_1_3: &str = "--priority NORMAL:-VERS-ALL:+VERS-TLS1.3";
const P521: &str = "--priority NORMAL:-GROUP-ALL:+GROUP-SECP521R1";
const KNOWS: &str = "--sni-hostname origin.example.com --sni-hostname-fatal";
const KNOWS_OTHER: &str = "--sni-hostname other.example.org";
const KNOWS_OTHER_ONLY: &str = "--sni-hostname other.example.org --sni-hostname-fatal";

pub fn rows() -> Vec<Row> {
    let product = Product::new("gnutls", |list, options| {
        gnutls(list, &format!("--disable-client-cert {options}"))
    });
    let chacha20 = format!("{TLS_1_2}:-CIPHER-ALL:+CHACHA20-POLY1305");
    let p521_in_tls_1_2 = format!("{TLS_1_2}:-GROUP-ALL:+GROUP-SECP521R1");
    let mut rows = vec![
        // A7: it sorts the list and drops what does not belong there.
        product.row("sends_lri_in_order", "LRI", "").sends("LIR"),
        product.row("sends_liu_without_u", "LIU", "").sends("LI"),
        product.row("sends_nothing_of_x509cafile", "L", CAFILE).sends("L"),
        product.issuer_first("do not match"),
        // B
        product.row("refuses_an_unknown_name", "OI", KNOWS_OTHER_ONLY),
        product.row("refuses_the_forwarded_host", "LI", KNOWS),
        // It warns before.
        product
            .row("serves_its_default_for_an_unknown_name", "OI", KNOWS_OTHER)
            .fails(&[NOT_NAMED, NAME_WARNING]),
        // C
        product.row("with_its_defaults", "LI", ""),
        product.row("with_tls_1_3_only", "LI", TLS_1_3),
        // It answers in TLS 1.0 all the same.
        product.row("with_tls_1_0_only_where_it_is_not_listed", "RsaLI", TLS_1_0),
        product.row("with_tls_1_0_only_where_it_is_listed", "RsaLI", TLS_1_0),
        // D
        product.row("with_chacha20_only_in_tls_1_2", "LI", &chacha20),
        product.row("with_p521_only", "LI", P521),
        product.row("with_p521_only_in_tls_1_2", "LI", &p521_in_tls_1_2),
    ];
    rows.extend(product.keys("EcdsaP521", "Ed25519", TLS_1_2));
    // E7
    let asking = Product::new("gnutls", gnutls);
    let require = "--require-client-cert --x509cafile {folder}/R.pem ";
    rows.extend(asking.clients(require, "", TLS_1_2));
    rows.push(asking.row("requests_a_client_certificate_in_tls_1_2", "LI", TLS_1_2));
    rows
}
