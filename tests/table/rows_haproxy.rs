//! HAProxy, 2.6 in Debian 12.

use origin_probe::origin::SslProtocol::TlsV1_1;
use origin_probe::origin::SslProtocol::TlsV1_2;

use super::peer::Peer;
use super::program::Program;
use super::row::Row;
use super::row::row;

pub fn rows() -> Vec<Row> {
    vec![
        row("haproxy_with_its_defaults")
            .peer(Peer::HaProxy("ssl crt {folder}/EcdsaP256.both"))
            .answers(&[]),
        row("haproxy_with_cbc_only")
            .peer(Peer::HaProxy(
                "ssl crt {folder}/Rsa2048.both force-tlsv12 ciphers ECDHE-RSA-AES256-SHA",
            ))
            .hello()
            .answers(&[]),
        row("haproxy_with_tls_1_1_only_where_it_is_listed")
            .peer(Peer::HaProxy(
                "ssl crt {folder}/Rsa2048.both force-tlsv11 ciphers ALL:@SECLEVEL=0",
            ))
            .ssl_protocols(&[TlsV1_1, TlsV1_2])
            .hello()
            .answers(&[]),
        row("haproxy_with_p521_only")
            .hello()
            .peer(Peer::HaProxy(
                "ssl crt {folder}/Rsa2048.both force-tlsv12 curves P-521 ciphers ECDHE",
            ))
            .fails(&["no-shared-group fails"]),
        // HAProxy answers 400 in plain HTTP.
        row("haproxy_without_tls").peer(Peer::HaProxy("")).fails(&["not-tls fails"]),
    ]
}

/// HAProxy with `bind` options; it answers every request with status 200.
pub fn haproxy(bind: &str) -> Program {
    let text = format!(
        "global\n  tune.ssl.default-dh-param 2048\n\
         defaults\n  mode http\n  timeout client 30s\n  timeout server 30s\n  timeout connect 5s\n\
         frontend table\n  bind {{address}} {bind}\n  http-request return status 200\n"
    );
    Program::new("haproxy -db -f {here}/haproxy.cfg").file("haproxy.cfg", text)
}
