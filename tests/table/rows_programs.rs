//! nginx and HAProxy as they are set up in the field.

use origin_probe::origin::SslProtocol::TlsV1;
use origin_probe::origin::SslProtocol::TlsV1_1;
use origin_probe::origin::SslProtocol::TlsV1_2;

use super::peer::Peer;
use super::row::Row;
use super::row::row;

pub fn rows() -> Vec<Row> {
    vec![
        row("nginx_with_its_defaults")
            .peer(Peer::Nginx(
                "server { listen {address} ssl;
                  ssl_certificate {folder}/Rsa2048.pem; ssl_certificate_key {folder}/Rsa2048.key; }",
            ))
            .answers(&[]),
        row("nginx_with_tls_1_3_only")
            .peer(Peer::Nginx(
                "server { listen {address} ssl; ssl_protocols TLSv1.3;
                  ssl_certificate {folder}/EcdsaP256.pem;
                  ssl_certificate_key {folder}/EcdsaP256.key; }",
            ))
            .answers(&[]),
        row("nginx_with_static_rsa_only")
            .peer(Peer::Nginx(
                "server { listen {address} ssl; ssl_protocols TLSv1.2; ssl_ciphers AES256-SHA;
                  ssl_certificate {folder}/Rsa2048.pem; ssl_certificate_key {folder}/Rsa2048.key; }",
            ))
            .hello()
            .answers(&[]),
        row("nginx_with_tls_1_0_only_where_it_is_listed")
            .peer(Peer::Nginx(NGINX_1_0))
            .ssl_protocols(&[TlsV1, TlsV1_1, TlsV1_2])
            .hello()
            .answers(&[]),
        row("nginx_with_tls_1_0_only_where_it_is_not_listed").hello()
            .peer(Peer::Nginx(NGINX_1_0))
            .fails(&["no-shared-protocol-version fails"]),
        row("nginx_with_chacha20_only_in_tls_1_2").hello()
            .peer(Peer::Nginx(
                "server { listen {address} ssl; ssl_protocols TLSv1.2;
                  ssl_ciphers ECDHE-RSA-CHACHA20-POLY1305;
                  ssl_certificate {folder}/Rsa2048.pem; ssl_certificate_key {folder}/Rsa2048.key; }",
            ))
            .fails(&["no-shared-cipher-suite fails"]),
        // To a ClientHello on its plain port nginx answers 400 in plain HTTP.
        row("nginx_without_tls")
            .peer(Peer::Nginx("server { listen {address}; }"))
            .fails(&["not-tls fails"]),
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
        row("haproxy_with_p521_only").hello()
            .peer(Peer::HaProxy(
                "ssl crt {folder}/Rsa2048.both force-tlsv12 curves P-521 ciphers ECDHE",
            ))
            .fails(&["no-shared-group fails"]),
        // HAProxy answers 400 in plain HTTP.
        row("haproxy_without_tls").peer(Peer::HaProxy("")).fails(&["not-tls fails"]),
    ]
}

const NGINX_1_0: &str = "server { listen {address} ssl; ssl_protocols TLSv1;
    ssl_ciphers ALL:@SECLEVEL=0;
    ssl_certificate {folder}/Rsa2048.pem; ssl_certificate_key {folder}/Rsa2048.key; }";
