//! A chain in a file gets the verdict that a server with it would get.

use origin_probe::demo::pki::{Authority, AuthorityOptions, CaIssuers, EndEntity, SelfSigned};
use serde_json::{Value, json};

use super::stage::{DOMAIN, Stage, certificates, rules, window};
use crate::common::section::assert_section;
use crate::table::pem::pem;

#[test]
fn every_chain_gets_its_exit_code_and_its_causes() {
    let stage = Stage::set("verdicts");
    let (end_entity, intermediate) = (&*stage.end_entity.der, &*stage.intermediate.der());
    let root = &*stage.root.der();
    let issue = |names: &[&str], days| {
        stage.intermediate.issue(&EndEntity::new(names, window(days))).unwrap().der
    };
    let expired = &*issue(&[DOMAIN], -100..-1);
    let coming = &*issue(&[DOMAIN], 5..90);
    let private = AuthorityOptions { ca_issuers: CaIssuers::Absent, ..AuthorityOptions::default() };
    let private = Authority::root_with("Private Root", window(-9..900), &private).unwrap();
    stage.write("private.pem", private.pem());
    let by_private =
        EndEntity { ca_issuers: CaIssuers::Absent, ..EndEntity::new(&[DOMAIN], window(-1..90)) };
    let by_private = &*private.issue(&by_private).unwrap().der;
    let self_signed = EndEntity::new(&[DOMAIN], window(-1..90));
    let self_signed = &*self_signed.self_signed(SelfSigned::OpensslRequest).unwrap().der;
    let chain = &[end_entity, intermediate][..];
    let extra = &["--extra-trust-anchors", "root.pem"][..];
    let both = &["--trust-anchors", "root.pem", "--extra-trust-anchors", "private.pem"][..];
    let rows = [
        (chain, &[][..], 0, &[][..]),
        (&[end_entity, intermediate, root], &[], 0, &[]),
        (chain, &["--host", "shop.example"], 0, &[]),
        (chain, &["--host", "shop.example", "--host", "old.example"], 0, &[]),
        (chain, extra, 0, &[]),
        (chain, &["--within", "69d"], 0, &[]),
        (chain, &["--within", "71d"], 1, &[]),
        (chain, &["--at", "2026-07-10T12:00:00Z"], 0, &[]),
        (chain, &["--at", "2026-07-10T12:00:01Z"], 1, &["certificate-expired"]),
        (chain, &["--trust-anchors", "private.pem"], 1, &["intermediate-missing"]),
        (&[intermediate, end_entity], &[], 1, &["chain-out-of-order"]),
        (&[end_entity], &[], 1, &["intermediate-missing"]),
        (&[expired, intermediate], &[], 1, &["certificate-expired"]),
        (&[coming, intermediate], &[], 1, &["certificate-not-yet-valid"]),
        (&[coming, intermediate], &["--at", "2026-05-06T12:00:00Z"], 0, &[]),
        (&[self_signed], &[], 1, &["certificate-self-signed"]),
        (&[by_private], &[], 1, &["issuer-untrusted"]),
        (&[by_private], &["--trust-anchors", "private.pem"], 0, &[]),
        (&[by_private], &["--extra-trust-anchors", "private.pem"], 0, &[]),
        (&[by_private], both, 0, &[]),
        (chain, both, 0, &[]),
        (&[end_entity, intermediate, b"nothing"], &[], 1, &["certificate-malformed"]),
        (&[vec![end_entity], vec![intermediate; 7]].concat(), &[], 2, &["chain-too-long"]),
    ];
    for (number, (list, more, code, violated)) in rows.into_iter().enumerate() {
        let file = format!("{number}.pem");
        let json = [more, &["-o", "json"]].concat();
        let ran = stage.judge(&file, certificates(list), &json);
        let expected: Vec<String> = violated.iter().map(|&rule| rule.to_owned()).collect();
        assert_eq!((ran.code, rules(&ran)), (code, expected), "{number} {more:?}: {ran:?}");
        let text = stage.check(&file, more);
        assert_eq!(text.code, code, "{number} {more:?}: {text:?}");
        assert!(!text.out.contains("100::") && !ran.out.contains("100::"), "{}", text.out);
    }
}

#[test]
fn the_text_is_that_of_a_check_and_says_that_only_the_chain_was_judged() {
    let stage = Stage::set("text");
    let whole = stage.judge("fullchain.pem", stage.chain(), &[]);
    assert_eq!((whole.code, whole.out.lines().count(), &*whole.err), (0, 3, ""));
    let first = stage.judge("cert.pem", certificates(&[&stage.end_entity.der]), &[]);
    let lines: Vec<&str> = first.out.lines().collect();
    assert_eq!((first.code, lines.len()), (1, 4), "{}", first.out);
    assert!(lines[0].starts_with("www.shop.example:443  "), "{}", lines[0]);
    assert!(lines[1].starts_with("  intermediate-missing: "), "{}", lines[1]);
    let two = stage.check_domain("other.example:8443", "fullchain.pem", &[DOMAIN], b"");
    let lines: Vec<&str> = two.out.lines().collect();
    assert_eq!((two.code, lines.len()), (1, 7), "{}", two.out);
    assert!(lines[0].starts_with("other.example:8443  "), "{}", lines[0]);
    assert!(lines[1].starts_with("  name-not-in-certificate: "), "{}", lines[1]);
    assert!(lines[3].starts_with("www.shop.example:443  "), "{}", lines[3]);
    let all = [whole, first, two].map(|ran| ran.transcript()).concat();
    assert_section("cli", "check --chain: verdicts", &all);
}

#[test]
fn the_document_shows_what_is_printed() {
    let document = include_str!("../../../deploy/docs/check.md");
    let stage = Stage::set("readme");
    stage.write("root.pem", include_bytes!("../../contract/root.pem"));
    let chain = include_str!("../../contract/served_chain.pem");
    let at = ["--at", "2026-11-24T00:00:00Z"];
    let ran = stage.check_domain(DOMAIN, "-", &at, chain.as_bytes());
    let shown = ran.out.replace("standard input", "tests/contract/served_chain.pem");
    assert!(document.contains(&shown), "deploy/docs/check.md must contain:\n{shown}");
}

#[test]
fn what_speaks_of_an_address_speaks_of_the_server() {
    let stage = Stage::set("address");
    let intermediate = &*stage.intermediate.der();
    let long = [vec![&*stage.end_entity.der], vec![intermediate; 7]].concat();
    let ran = stage.judge("long.pem", certificates(&long), &[]);
    assert_section("cli", "check --chain: a chain that is too long", &ran.transcript());
    let json = stage.check("long.pem", &["-o", "json"]).json();
    let violations = json["violations"].as_array().unwrap();
    let too_long = violations.iter().find(|v| v["rule"] == "chain-too-long").unwrap();
    assert_eq!(too_long["address"], Value::Null, "{json}");
    let detail = too_long["detail"].as_str().unwrap().to_lowercase();
    assert!(ran.out.to_lowercase().contains(&detail), "{json}\n{}", ran.out);
}

#[test]
fn the_json_is_the_contract_without_what_only_a_connection_has() {
    let stage = Stage::set("json");
    let reversed = certificates(&[&stage.intermediate.der(), &stage.end_entity.der]);
    let json = stage.judge("reversed.pem", reversed, &["-o", "json"]).json();
    let contract: Value = serde_json::from_str(include_str!("../../contract/origin.json")).unwrap();
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort_unstable();
        keys
    };
    assert_eq!(keys(&json), keys(&contract));
    assert_eq!(keys(&json["violations"][0]), keys(&contract["violations"][0]));
    let mut of_a_connection = keys(&contract["endpoints"][0]);
    of_a_connection.retain(|key| key != "address" && key != "engine");
    assert_eq!(keys(&json["endpoints"][0]), of_a_connection);
    let of = |value: &Value, fields: &[&str]| -> Value {
        fields.iter().map(|&field| value[field].clone()).collect()
    };
    let verdict = of(&json, &["verdict", "status", "failing_ratio", "first_failure"]);
    assert_eq!(verdict, json!(["fails", 502, 1.0, "2026-05-01T12:00:00Z"]));
    let violation = of(&json["violations"][0], &["rule", "server_name", "address"]);
    assert_eq!(violation, json!(["chain-out-of-order", DOMAIN, null]));
    let endpoint = of(&json["endpoints"][0], &["server_name", "tls", "path_not_after"]);
    assert_eq!(endpoint, json!([DOMAIN, null, "2026-07-10T12:00:00Z"]));
    let served = [0, 1].map(|n| &json["endpoints"][0]["served_chain"][n]["subject"]);
    assert_eq!(served, ["O=Demo Authority, CN=Test CA", "CN=www.shop.example"]);
    assert_eq!(json["endpoints"][0]["served_chain"].as_array().unwrap().len(), 2);
}

#[test]
fn what_only_a_handshake_brings_is_not_missed() {
    let stage = Stage::set("staple");
    let name = "-subj /CN=www.shop.example -addext subjectAltName=DNS:www.shop.example";
    let wish = "-addext tlsfeature=status_request -out must-staple.pem";
    if stage.openssl(&format!("req -x509 -new -key key.pem {name} {wish}")) {
        let ran = stage.check("must-staple.pem", &["-o", "json"]);
        assert!(!ran.out.contains("must-staple-unanswered"), "{}", ran.out);
    }
}

#[test]
fn names_in_the_file_cannot_steer_the_terminal() {
    let stage = Stage::set("names");
    let odd = EndEntity {
        common_name: Some("\u{1b}[31mred\u{202e}\r\n".to_owned()),
        ..EndEntity::new(&[DOMAIN], window(-100..-1))
    };
    let odd = odd.self_signed(SelfSigned::EndEntity).unwrap().der;
    stage.write("odd.pem", pem("CERTIFICATE", &odd));
    for more in [&[][..], &["-o", "json"]] {
        let ran = stage.check("odd.pem", more);
        assert_eq!(ran.code, 1);
        let is_safe = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        assert!(ran.out.chars().all(is_safe), "{}", ran.out);
    }
}
