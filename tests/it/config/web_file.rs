use std::path::Path;
use std::time::Duration;

use origin_probe::config::{ClientPolicy, ConfigErrors, Pem, RateLimit, TlsVersion, WebFile};

use super::{Row, kinds_of, row};

const HASH: &str = "$2b$10$8A5ATkZ6W3hLktVgDJklk.R1lyZ05./Mg2oxRkbQGvxCX1iLc4b2e";

pub(super) fn parse(text: &str) -> Result<WebFile, ConfigErrors> {
    WebFile::parse(Path::new("conf/web.yaml"), text)
}

#[test]
fn the_example_file_is_taken() {
    let place = Path::new("config/web.yaml");
    let web = WebFile::parse(place, include_str!("../../../config/web.yaml")).unwrap();
    let tls = web.tls.unwrap();
    assert_eq!(tls.certificate, Pem::File("config/server.crt".into()));
    assert_eq!(tls.client, ClientPolicy::NoCertificate);
    assert_eq!(web.users.keys().collect::<Vec<_>>(), ["prometheus"]);
}

#[test]
fn files_that_are_missing_are_all_reported_with_their_lines() {
    let folder = std::env::temp_dir().join(format!("origin-probe-{}-web", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let place = folder.join("web.yaml");
    let text = "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\nrate_limit: x\n";
    std::fs::write(&place, text).unwrap();
    let errors = WebFile::load(&place).unwrap_err();
    std::fs::remove_dir_all(&folder).unwrap();
    let found = kinds_of(&errors);
    let places: Vec<(Option<u32>, &str, &str)> =
        found.iter().map(|(line, key, kind)| (*line, key.as_str(), kind.as_str())).collect();
    assert_eq!(
        places[..2],
        [
            (Some(2), "tls_server_config.cert_file", "MissingFile"),
            (Some(3), "tls_server_config.key_file", "MissingFile"),
        ]
    );
    assert_eq!(places[2].0, Some(4), "{places:?}");
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

/// Web configuration files, each with the key and the kind of its error on line 1.
pub(super) const WEB_FILES: &[Row] = &[
    row("tls_server_config:\n  cert_file: a", "tls_server_config.key_file", "Missing"),
    row(
        "tls_server_config: {cert_file: a, cert: A, key: k}",
        "tls_server_config.cert_file",
        "InlineAndFile",
    ),
    row(
        "tls_server_config: {cert: A, key: k, min_version: TLS10}",
        "tls_server_config.min_version",
        "NotOneOf",
    ),
    row(
        "tls_server_config: {cert: A, key: k, min_version: TLS13, max_version: TLS12}",
        "tls_server_config.min_version",
        "AboveMaximum",
    ),
    row(
        "tls_server_config: {cert: A, key: k, client_ca: C}",
        "tls_server_config.client_auth_type",
        "ClientCaUnused",
    ),
    row(
        "tls_server_config: {cert: A, key: k, client_auth_type: RequireAndVerifyClientCert}",
        "tls_server_config.client_ca_file",
        "Missing",
    ),
    row(
        "tls_server_config: {cert: A, key: k, client_auth_type: RequireAnyClientCert}",
        "tls_server_config.client_auth_type",
        "NotOneOf",
    ),
    row(
        "tls_server_config: {cert: A, key: k, client_allowed_sans: [a]}",
        "tls_server_config.client_allowed_sans",
        "NamesOfNobody",
    ),
    row(
        "tls_server_config: {cert: A, key: k, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}",
        "tls_server_config.cipher_suites[0]",
        "NotOneOf",
    ),
    row(
        "tls_server_config: {cert: A, key: k, cert_fle: x}",
        "tls_server_config.cert_fle",
        "UnknownKey",
    ),
    row(
        "http_server_config: {headers: {X-Frame-Options: maybe}}",
        "http_server_config.headers.X-Frame-Options",
        "NotOneOf",
    ),
    row(
        "http_server_config: {headers: {Set-Cookie: a}}",
        "http_server_config.headers.Set-Cookie",
        "UnknownKey",
    ),
    row("basic_auth_users: {alice: hunter2}", "basic_auth_users.alice", "NoPasswordHash"),
    row(
        "basic_auth_users: {a: $2b$17$8A5ATkZ6W3hLktVgDJklk.R1lyZ05./Mg2oxRkbQGvxCX1iLc4b2e}",
        "basic_auth_users.a",
        "PasswordHashTooDear",
    ),
    row("rate_limit: {interval: 1 fortnight}", "rate_limit.interval", "Duration"),
    row("listen: x", "listen", "UnknownKey"),
];

#[test]
fn what_is_wrong_is_refused_with_its_line() {
    for row in WEB_FILES {
        let errors = parse(row.input).unwrap_err();
        assert_eq!(kinds_of(&errors), [row.error(1, "")], "{}", row.input);
        assert!(!errors.to_string().contains("hunter2"), "a password is not repeated: {errors}");
    }
}

#[test]
fn everything_is_shown_but_secrets() {
    let hash = "$2b$10$8A5ATkZ6W3hLktVgDJklk.R1lyZ05./Mg2oxRkbQGvxCX1iLc4b2e";
    let text = format!(
        "tls_server_config: {{cert: C, key: K, client_ca_file: /ca.pem, client_auth_type: \
         RequireAndVerifyClientCert, client_allowed_sans: [a], min_version: TLS13,\n  \
         curve_preferences: [CurveP384, X25519]}}\n\
         http_server_config: {{headers: {{X-Frame-Options: deny}}}}\n\
         basic_auth_users: {{\"b: ü\": \"{hash}\"}}\nrate_limit: {{interval: 1s, burst: 4}}\n"
    );
    let shown = parse(&text).unwrap().show();
    assert_eq!(
        shown,
        "\
tls_server_config:
  cert: \"<secret>\"
  key: \"<secret>\"
  client_auth_type: \"RequireAndVerifyClientCert\"
  client_ca_file: \"/ca.pem\"
  client_allowed_sans:
  - \"a\"
  min_version: \"TLS13\"
  max_version: \"TLS13\"
  cipher_suites: []
  curve_preferences:
  - \"CurveP384\"
  - \"X25519\"
http_server_config:
  headers:
    X-Frame-Options: \"deny\"
basic_auth_users:
  \"b: \\U000000FC\": \"<secret>\"
rate_limit:
  interval: \"1s\"
  burst: 4
"
    );
    assert_eq!(parse("{http_server_config: {}}").unwrap().show(), "");
}
