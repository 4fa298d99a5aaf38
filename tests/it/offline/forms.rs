//! The forms in which a chain may come: PEM, DER, PKCS#7, from a file or standard input.

use origin_probe::chain::Certificate;
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity};
use serde_json::json;

use super::stage::{Stage, certificates, rules, window};
use crate::common::forge::{element, oid, sequence};
use crate::common::process::Ran;
use crate::common::section::assert_section;
use crate::table::pem::pem;

fn subjects(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let chain = json["endpoints"][0]["served_chain"].as_array().unwrap();
    chain.iter().map(|certificate| certificate["subject"].as_str().unwrap().to_owned()).collect()
}

const CHAIN: [&str; 2] = ["CN=www.shop.example", "O=Demo Authority, CN=Test CA"];

#[test]
fn pem_is_read_as_servers_read_it() {
    let stage = Stage::set("pem");
    let chain = stage.chain();
    let parameters = pem("EC PARAMETERS", &[6, 8, 42, 134, 72, 206, 61, 3, 1, 7]);
    for (story, content) in [
        ("plain", chain.clone()),
        ("Windows line ends", chain.replace('\n', "\r\n")),
        ("comments", chain.replace("-----BEGIN", " 0 s:CN = shop\n   i:CN = x\n-----BEGIN")),
        ("other blocks", format!("{parameters}{chain}{}", pem("X509 CRL", b"crl"))),
        ("no last line feed", chain.trim_end().to_owned()),
        ("the old label", chain.replace(" CERTIFICATE", " X509 CERTIFICATE")),
        ("a bundle beside", format!("{}{chain}", pem("PKCS7", b"nothing"))),
        ("a commented certificate", format!("#-----BEGIN CERTIFICATE-----\n#AAAA\n{chain}")),
    ] {
        let ran = stage.judge("chain.pem", content, &["-o", "json"]);
        assert_eq!((ran.code, &*ran.err), (0, ""), "{story}: {ran:?}");
        assert_eq!(subjects(&ran), CHAIN, "{story}");
    }
}

#[test]
fn a_certificate_that_openssl_trusts_is_one() {
    let stage = Stage::set("trusted");
    // Only the first certificate of the file is read.
    if stage.openssl("x509 -in chain.pem -addtrust serverAuth -setalias shop -out trusted.pem") {
        let trusted = stage.read("trusted.pem");
        assert!(trusted.contains("BEGIN TRUSTED CERTIFICATE"), "{trusted}");
        let chain = format!("{trusted}{}", certificates(&[&stage.intermediate.der()]));
        let ran = stage.judge("chain.pem", chain, &["-o", "json"]);
        assert_eq!((ran.code, subjects(&ran)), (0, CHAIN.map(str::to_owned).to_vec()), "{ran:?}");
    }
}

#[test]
fn standard_input_is_a_file_too() {
    let stage = Stage::set("input");
    let check = |more: &[&str], input: &str| {
        stage.check_domain("www.shop.example", "-", more, input.as_bytes())
    };
    let read = check(&[], &stage.chain());
    assert_eq!(read.code, 0, "{read:?}");
    let empty = check(&[], "");
    assert_eq!((empty.code, &*empty.out), (3, ""), "{empty:?}");
    assert_eq!(subjects(&check(&["-o", "json"], &stage.chain())), CHAIN);
    let all = [read, empty].map(|ran| ran.transcript()).concat();
    assert_section("cli", "check --chain: standard input", &all);
}

#[test]
fn der_is_one_certificate() {
    let stage = Stage::set("der");
    let ran = stage.judge("cert.der", &stage.end_entity.der, &["-o", "json"]);
    assert_eq!((ran.code, rules(&ran)), (1, vec!["intermediate-missing".to_owned()]), "{ran:?}");
    let two = [&*stage.end_entity.der, &stage.intermediate.der()].concat();
    let ran = stage.judge("two.der", two, &[]);
    assert_eq!(ran.code, 3);
    let length = stage.intermediate.der().len().to_string();
    assert!(ran.err.contains(&format!(" {length} ")), "{}", ran.err);
    let said = ran.transcript().replace(&length, "LENGTH");
    assert_section("cli", "check --chain: two certificates in DER", &said);
}

#[test]
fn a_bundle_is_judged_from_its_end_entity_upwards_and_says_so() {
    let stage = Stage::set("pkcs7");
    let (end_entity, intermediate) = (&*stage.end_entity.der, &*stage.intermediate.der());
    let root = &*stage.root.der();
    let mut all = String::new();
    let lists = [
        &[end_entity, intermediate][..],
        &[intermediate, end_entity],
        &[root, intermediate, end_entity],
        &[intermediate, root, end_entity],
    ];
    for (number, list) in lists.into_iter().enumerate() {
        stage.write("list.pem", certificates(list));
        for form in ["DER", "PEM"] {
            let file = format!("{number}.{form}.p7b");
            let made = format!("-certfile list.pem -outform {form} -out {file}");
            if !stage.openssl(&format!("crl2pkcs7 -nocrl {made}")) {
                return;
            }
            let ran = stage.check(&file, &["-o", "json"]);
            assert_eq!((ran.code, rules(&ran)), (0, Vec::new()), "{file}: {ran:?}");
            assert_eq!(subjects(&ran)[..2], CHAIN, "{file}");
            assert_eq!(ran.err.lines().count(), 1, "{file}: {}", ran.err);
            all.push_str(&Ran { out: String::new(), ..ran }.transcript());
            let ran = stage.check(&file, &[]);
            assert_eq!((ran.code, &*ran.err), (0, ""), "{file}: {ran:?}");
            all.push_str(&ran.transcript());
        }
    }
    assert_section("cli", "check --chain: PKCS#7 bundles", &all);
    // What streams is BER: lengths are indefinite.
    stage.write("intermediate.pem", certificates(&[intermediate]));
    let sign = "cms -sign -stream -nodetach -outform DER -in root.pem -out streamed.p7b";
    let with = "-signer chain.pem -inkey key.pem -certfile intermediate.pem";
    assert!(stage.openssl(&format!("{sign} {with}")));
    let ran = stage.check("streamed.p7b", &["-o", "json"]);
    assert_eq!((ran.code, subjects(&ran)), (0, CHAIN.map(str::to_owned).to_vec()), "{ran:?}");
}

/// Returns a ContentInfo with SignedData that holds only certificates (RFC 5652 §5.1).
fn bundle(certificates: &[&[u8]]) -> Vec<u8> {
    let data = sequence(&oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]));
    let certificates = element(0xa0, &certificates.concat());
    let signed = sequence(&[&[2, 1, 1, 0x31, 0][..], &data, &certificates].concat());
    let id = oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2]);
    sequence(&[id, element(0xa0, &signed)].concat())
}

#[test]
fn the_end_entity_of_a_bundle_comes_first_and_strangers_last() {
    let stage = Stage::set("bundle");
    let authority = |issuer: &Authority, name| {
        issuer.intermediate(name, window(-9..90), &AuthorityOptions::default()).unwrap()
    };
    let upper = authority(&stage.root, "Upper");
    let lower = authority(&upper, "Lower");
    let issue = |name| lower.issue(&EndEntity::new(&[name], window(-9..90))).unwrap().der;
    let (shop, other) = (issue("shop.example"), issue("other.example"));
    let stranger = Authority::root("Lower", window(-9..90)).unwrap().der();
    let (root, upper, lower) = (stage.root.der(), upper.der(), lower.der());
    let garbage = (sequence(b"one"), sequence(b"two"));
    let ordered = "from the end entity upwards";
    let (any, many) = ("any.example", vec![&lower; 33]);
    for (domain, found, expected, note) in [
        (any, vec![&root, &lower, &shop, &upper], vec![&shop, &lower, &upper, &root], ordered),
        (any, vec![&stranger, &lower, &shop], vec![&shop, &lower, &stranger], ordered),
        ("other.example", vec![&shop, &lower, &other], vec![&other, &lower, &shop], ordered),
        (any, vec![&root, &upper, &lower], vec![&lower, &upper, &root], ordered),
        (any, vec![&upper], vec![&upper], ""),
        (any, vec![&garbage.0, &garbage.1], vec![&garbage.0, &garbage.1], "in the order found"),
        (any, many.clone(), many, "in the order found"),
    ] {
        let found: Vec<&[u8]> = found.iter().map(|der| &***der).collect();
        stage.write("list.p7b", bundle(&found));
        let ran = stage.check_domain(domain, "list.p7b", &["-o", "json"], b"");
        assert!(ran.err.contains(note) && ran.err.is_empty() == note.is_empty(), "{ran:?}");
        let chain = ran.json()["endpoints"][0]["served_chain"].clone();
        let shown = chain.as_array().unwrap().iter().map(|own| own["sha256"].clone());
        let sha256 = |der: &&Vec<u8>| match Certificate::parse(der) {
            Ok(certificate) => json!(certificate.sha256_hex()),
            Err(_) => json!(null),
        };
        let expected = expected.iter().map(sha256).take(chain.as_array().unwrap().len());
        assert!(shown.eq(expected), "{domain}: {ran:?}");
    }
}

#[test]
fn a_private_key_is_warned_of_and_never_shown() {
    let stage = Stage::set("key");
    let key = pem("PRIVATE KEY", &stage.end_entity.key);
    let old = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n\
               c2VjcmV0c2VjcmV0c2VjcmV0\n-----END EC PRIVATE KEY-----\n";
    let secret = key.lines().chain(old.lines());
    let secret: Vec<&str> = secret.filter(|line| line.len() > 20 && !line.contains('-')).collect();
    assert!(secret.len() >= 3);
    let after = stage.chain().lines().count() + 1;
    let mut all = String::new();
    for (story, content, code, line) in [
        ("after the chain", format!("{}{key}", stage.chain()), 0, Some(after)),
        ("before the chain", format!("{key}{}", stage.chain()), 0, Some(1)),
        ("encrypted", format!("\n{old}{}", stage.chain()), 0, Some(2)),
        ("not even base64", format!("{}{}", key.replace("M", "!"), stage.chain()), 0, Some(1)),
        ("alone", key.clone(), 3, None),
        ("alone and encrypted", old.to_owned(), 3, None),
        ("cut off", key[..key.len() - 40].to_owned(), 3, None),
    ] {
        for more in [&[][..], &["-o", "json"]] {
            let ran = stage.judge("key.pem", &content, more);
            assert_eq!(ran.code, code, "{story}: {ran:?}");
            for line in &secret {
                assert!(!ran.out.contains(line) && !ran.err.contains(line), "{story}");
            }
            if let Some(line) = line {
                let place = format!("key.pem:{line}:");
                assert!(ran.err.contains(&place), "{story}: {}", ran.err);
                assert_eq!(ran.err.lines().count(), 1, "{story}: {}", ran.err);
            }
            let err = ran.err.replace(&format!("key.pem:{after}:"), "key.pem:LINE:");
            let out = String::new();
            all.push_str(&format!("{story}\n{}", Ran { out, err, ..ran }.transcript()));
        }
    }
    assert_section("cli", "check --chain: private keys", &all);
}
