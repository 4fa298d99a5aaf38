use std::path::Path;
use std::time::Duration;

use super::ClientPolicy;
use super::Pem;
use super::RateLimit;
use super::TlsVersion;
use super::WebFile;

const HASH: &str = "$2b$10$8A5ATkZ6W3hLktVgDJklk.R1lyZ05./Mg2oxRkbQGvxCX1iLc4b2e";

fn parse(text: &str) -> Result<WebFile, String> {
    WebFile::parse(Path::new("conf/web.yaml"), text).map_err(|errors| errors.to_string())
}

#[test]
fn the_example_file_is_taken() {
    let place = Path::new("config/web.yaml");
    let web = WebFile::load(place).unwrap();
    let tls = web.tls.unwrap();
    assert_eq!(tls.certificate, Pem::File("config/server.crt".into()));
    assert_eq!(tls.client, ClientPolicy::NoCertificate);
    assert_eq!(web.users.keys().collect::<Vec<_>>(), ["prometheus"]);
}

#[test]
fn every_setting_is_taken() {
    let web = parse(&format!(
        "tls_server_config:\n  cert_file: a.crt\n  key_file: /k\n  client_ca_file: ca.pem\n  \
         client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: [prometheus]\n  \
         min_version: TLS13\n  max_version: TLS13\n  prefer_server_cipher_suites: false\n  \
         cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n  \
         curve_preferences: [CurveP256]\nhttp_server_config:\n  http2: true\n  headers:\n    \
         X-Frame-Options: deny\nbasic_auth_users: {{alice: \"{HASH}\"}}\n\
         rate_limit: {{interval: 1s, burst: 20}}\n"
    ))
    .unwrap();
    let tls = web.tls.as_ref().unwrap();
    assert_eq!(tls.certificate, Pem::File("conf/a.crt".into()));
    assert_eq!(tls.key, Pem::File("/k".into()));
    assert_eq!(tls.versions, [TlsVersion::Tls13]);
    assert_eq!(tls.cipher_suites, ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]);
    assert_eq!(tls.groups, ["secp256r1"]);
    assert_eq!(tls.client_allowed_sans, ["prometheus"]);
    assert_eq!(web.headers, [("X-Frame-Options", "deny".to_owned())]);
    assert_eq!(web.users["alice"].as_str(), HASH);
    let limit = RateLimit { interval: Duration::from_secs(1), burst: 20 };
    assert_eq!(web.rate_limit, Some(limit));
    let shown = format!("{web:?}");
    assert!(!shown.contains(HASH), "{shown}");
}

#[test]
fn little_is_enough() {
    let web = parse("tls_server_config: {cert: A, key: B}").unwrap();
    let tls = web.tls.clone().unwrap();
    assert_eq!((tls.certificate, tls.key), (Pem::Inline("A".into()), Pem::Inline("B".into())));
    assert_eq!(tls.versions, [TlsVersion::Tls12, TlsVersion::Tls13]);
    assert!(!format!("{web:?}").contains("\"B\""));
    assert_eq!(parse("{}"), Ok(WebFile::default()));
    assert_eq!(parse("rate_limit: {interval: 0s, burst: 3}"), Ok(WebFile::default()));
}

#[test]
fn what_is_wrong_is_refused_with_its_line() {
    for (text, complaint) in [
        (
            "tls_server_config:\n  cert_file: a",
            "conf/web.yaml:1: tls_server_config.key_file: is missing",
        ),
        ("tls_server_config: {cert_file: a, cert: A, key: k}", "cert_file: stands beside `cert`"),
        ("tls_server_config: {cert: A, key: k, min_version: TLS10}", "use TLS12 or TLS13"),
        (
            "tls_server_config: {cert: A, key: k, min_version: TLS13, max_version: TLS12}",
            "min_version: is above `max_version`",
        ),
        (
            "tls_server_config: {cert: A, key: k, client_ca: C}",
            "client_auth_type: asks no client for a certificate",
        ),
        (
            "tls_server_config: {cert: A, key: k, client_auth_type: RequireAndVerifyClientCert}",
            "client_ca_file: is missing",
        ),
        (
            "tls_server_config: {cert: A, key: k, client_auth_type: RequireAnyClientCert}",
            "use NoClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert",
        ),
        (
            "tls_server_config: {cert: A, key: k, client_allowed_sans: [a]}",
            "client_allowed_sans: needs `client_auth_type: RequireAndVerifyClientCert`",
        ),
        (
            "tls_server_config: {cert: A, key: k, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}",
            "cipher_suites[0]: `TLS_RSA_WITH_RC4_128_SHA` is not taken",
        ),
        ("tls_server_config: {cert: A, key: k, cert_fle: x}", "did you mean `cert_file`?"),
        ("http_server_config: {headers: {X-Frame-Options: maybe}}", "use deny or sameorigin"),
        ("http_server_config: {headers: {Set-Cookie: a}}", "is no key here"),
        ("basic_auth_users: {alice: hunter2}", "basic_auth_users.alice: is no bcrypt hash"),
        (
            "basic_auth_users: {a: $2b$17$8A5ATkZ6W3hLktVgDJklk.R1lyZ05./Mg2oxRkbQGvxCX1iLc4b2e}",
            "basic_auth_users.a: is a bcrypt hash of cost 17; above 16",
        ),
        ("rate_limit: {interval: 1 fortnight}", "rate_limit.interval"),
        ("listen: x", "is no key here"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(complaint), "{text}: {error}");
        assert!(!error.contains("hunter2"), "a password is not repeated: {error}");
    }
}
