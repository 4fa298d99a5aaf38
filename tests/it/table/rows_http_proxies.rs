//! Traffic Server, 9.2, and h2o, 2.2, in Debian 12.

use super::files::key;
use super::products::Product;
use super::program::Program;
use super::row::{REFUSED, Row};

pub fn rows() -> Vec<Row> {
    traffic_server_rows().into_iter().chain(h2o()).collect()
}

/// Traffic Server with one line about certificates and more records.
fn traffic_server(certificates: &str, records: &str) -> Program {
    let layout = "prefix: /usr\nexec_prefix: /usr\nbindir: /usr/bin\nsbindir: /usr/bin\n\
        sysconfdir: {here}/etc\ndatadir: {here}\nlibdir: /usr/lib/trafficserver\n\
        libexecdir: /usr/lib/trafficserver/modules\nlocalstatedir: {here}/run\n\
        runtimedir: {here}/run\nlogdir: {here}/log\ncachedir: {here}/run\n";
    let records = format!(
        "CONFIG proxy.config.http.server_ports STRING {{port}}:ssl:ip-in={{ip}}\n\
         CONFIG proxy.config.admin.user_id STRING #-1\n\
         CONFIG proxy.config.crash_log_helper STRING\n\
         CONFIG proxy.config.http.cache.http INT 0\n\
         CONFIG proxy.config.exec_thread.autoconfig INT 0\n\
         CONFIG proxy.config.exec_thread.limit INT 1\n\
         CONFIG proxy.config.ssl.server.cert.path STRING {{folder}}\n\
         CONFIG proxy.config.ssl.server.private_key.path STRING {{folder}}\n\
         CONFIG proxy.config.ssl.CA.cert.path STRING {{folder}}\n{records}"
    );
    Program::new("traffic_server --run-root={here}/runroot.yaml")
        .file("runroot.yaml", layout)
        .file("etc/records.config", records)
        .file("etc/ssl_multicert.config", certificates.to_owned() + "\n")
        .file("etc/storage.config", "")
        .file("etc/remap.config", "")
        .file("etc/plugin.config", "")
        .file("run/empty", "")
        .file("log/empty", "")
}

fn traffic_server_rows() -> Vec<Row> {
    const CLIENTS: &str = "CONFIG proxy.config.ssl.CA.cert.filename STRING IR.pem\n";
    const REQUIRE: &str = "CONFIG proxy.config.ssl.client.certification_level INT 2\n\
        CONFIG proxy.config.ssl.CA.cert.filename STRING R.pem\n";
    let certificate =
        |list: &str| format!("ssl_cert_name={list}.pem ssl_key_name={}.key", key(list));
    let product = Product::new("traffic_server", move |list, records| {
        traffic_server(&format!("dest_ip=* {}", certificate(list)), records)
    });
    let appended = |question, list, authorities: &str| {
        let line = format!("dest_ip=* {} ssl_ca_name={authorities}.pem", certificate(list));
        product.with(question, traffic_server(&line, ""))
    };
    let by_name = |list| traffic_server(&certificate(list), "");
    let mut rows = vec![
        // A13
        product.row("sends_lri_as_written", "LRI", ""),
        product.row("sends_liu_as_written", "LIU", ""),
        appended("appends_ssl_ca_name_ri", "L", "RI").sends("LRI"),
        appended("appends_ssl_ca_name_u", "LI", "U").sends("LIU"),
        product
            .row("completes_the_chain_from_the_authorities_of_clients", "L", CLIENTS)
            .sends("LIR"),
        // A15: it starts without the certificate.
        product.row("refuses_everyone_with_the_issuer_first", "IL", "").fails(&[REFUSED]),
        // B12
        product.with("refuses_every_name", by_name("OI")).fails(&[REFUSED]),
        product.with("refuses_the_forwarded_host", by_name("LI")),
        product.with("without_a_certificate", traffic_server("", "")).fails(&[REFUSED]),
        product.row("serves_its_default_for_an_unknown_name", "OI", ""),
        // C
        product.row("with_its_defaults", "LI", ""),
        product.row("with_tls_1_3_only", "LI", "CONFIG proxy.config.ssl.TLSv1_2 INT 0\n"),
    ];
    // E
    rows.extend(product.requires(REQUIRE, "CONFIG proxy.config.ssl.TLSv1_3 INT 0\n"));
    rows
}

fn h2o() -> Vec<Row> {
    let h2o = Product::new("h2o", |list, more| {
        let key = key(list);
        let text = format!(
            "user: root\npid-file: {{here}}/pid\nerror-log: /dev/stderr\nnum-threads: 1\n\
             hosts:\n  \"other.example.org\":\n    listen:\n      host: {{ip}}\n      port: {{port}}\n      \
             ssl:\n        certificate-file: {{folder}}/{list}.pem\n        \
             key-file: {{folder}}/{key}.key\n        ocsp-update-interval: 0\n{more}    paths:\n      /:\n        \
             file.dir: {{here}}\n"
        );
        Program::new("h2o -c {here}/h2o.conf").file("h2o.conf", text).needs_root()
    });
    vec![
        // A18
        h2o.row("sends_lri_as_written", "LRI", ""),
        h2o.row("sends_liu_as_written", "LIU", ""),
        // B15
        h2o.row("serves_its_default_for_an_unknown_name", "OI", ""),
        // C
        h2o.row("with_its_defaults", "LI", ""),
        h2o.row("with_tls_1_3_only", "LI", "        minimum-version: TLSv1.3\n"),
        // D; its TLS 1.3 cannot be turned off.
        h2o.row("with_a_p521_certificate", "P521LI", ""),
        h2o.row("does_not_start_with_ed25519", "Ed25519LI", "")
            .does_not_start("unsupported private key"),
    ]
}
