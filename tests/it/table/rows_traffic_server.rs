//! Traffic Server, 9.2 in Debian 12.

use super::products::{NAME_REFUSED, REFUSED, REQUIRED, product};
use super::program::Program;
use super::row::Row;
use super::stage::VIEWER_HOST;

pub fn rows() -> Vec<Row> {
    vec![
        // A13
        one("traffic_server_sends_lri_as_written", "LRI", "").sends("LRI"),
        one("traffic_server_sends_liu_as_written", "LIU", "").sends("LIU"),
        product(
            "traffic_server_appends_ssl_ca_name_ri",
            traffic_server(
                "dest_ip=* ssl_cert_name=L.pem ssl_key_name=L.key ssl_ca_name=RI.pem",
                "",
            ),
        )
        .sends("LRI"),
        product(
            "traffic_server_appends_ssl_ca_name_u",
            traffic_server(
                "dest_ip=* ssl_cert_name=LI.pem ssl_key_name=L.key ssl_ca_name=U.pem",
                "",
            ),
        )
        .sends("LIU"),
        one(
            "traffic_server_completes_the_chain_from_the_authorities_of_clients",
            "L",
            "CONFIG proxy.config.ssl.CA.cert.filename STRING IR.pem\n",
        )
        .sends("LIR"),
        // A15: it starts without the certificate.
        one("traffic_server_refuses_everyone_with_the_issuer_first", "IL", "").fails(&[REFUSED]),
        // B12
        product(
            "traffic_server_refuses_every_name",
            traffic_server("ssl_cert_name=OI.pem ssl_key_name=O.key", ""),
        )
        .fails(&[REFUSED]),
        product(
            "traffic_server_refuses_the_forwarded_host",
            traffic_server("ssl_cert_name=LI.pem ssl_key_name=L.key", ""),
        )
        .viewer_hosts(&[VIEWER_HOST])
        .fails(&[NAME_REFUSED]),
        product("traffic_server_without_a_certificate", traffic_server("", "")).fails(&[REFUSED]),
        product(
            "traffic_server_serves_its_default_for_an_unknown_name",
            traffic_server("dest_ip=* ssl_cert_name=OI.pem ssl_key_name=O.key", ""),
        )
        .sends("OI"),
        // C
        one("traffic_server_with_its_defaults", "LI", "").answers(&[]),
        one("traffic_server_with_tls_1_3_only", "LI", "CONFIG proxy.config.ssl.TLSv1_2 INT 0\n")
            .answers(&[]),
        // E
        one("traffic_server_requires_a_client_certificate", "LI", REQUIRE).fails(&[REQUIRED]),
        one(
            "traffic_server_requires_a_client_certificate_in_tls_1_2",
            "LI",
            &(REQUIRE.to_owned() + "CONFIG proxy.config.ssl.TLSv1_3 INT 0\n"),
        )
        .fails(&[REQUIRED]),
    ]
}

const REQUIRE: &str = "CONFIG proxy.config.ssl.client.certification_level INT 2\n\
    CONFIG proxy.config.ssl.CA.cert.filename STRING R.pem\n";

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

fn one(name: &'static str, list: &str, records: &str) -> Row {
    let certificates = format!("dest_ip=* ssl_cert_name={list}.pem ssl_key_name=L.key");
    product(name, traffic_server(&certificates, records))
}
