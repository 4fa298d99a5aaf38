//! Files that are no chain, and options that make no sense with one: exit code 3, what it is, and
//! what would be right.

use super::stage::{DOMAIN, Stage, openssl};
use crate::common::section::assert_section;
use crate::table::pem::pem;

#[test]
fn a_file_that_is_no_chain_is_refused() {
    let stage = Stage::set("files");
    let chain = stage.chain();
    let joined = chain
        .replace("-----END CERTIFICATE-----\n-----BEGIN", "-----END CERTIFICATE----------BEGIN");
    let utf16: Vec<u8> = std::iter::once(0xfeff_u16)
        .chain(chain.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let bare: String = chain.lines().filter(|line| !line.starts_with('-')).collect();
    let bundle_of_nothing = &[
        0x30, 0x21, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02, 0xa0, 0x14,
        0x30, 0x12, 0x02, 0x01, 0x01, 0x31, 0x00, 0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
        0xf7, 0x0d, 0x01, 0x07, 0x01,
    ];
    let mut files = String::new();
    for (name, content) in [
        ("empty.pem", &b""[..]),
        ("blank.pem", b" \n\n"),
        ("large.pem", &vec![b'x'; 10_000_000]),
        ("large-zeros.der", &vec![0; 10_000_000]),
        ("garbage.pem", b"\x00\x01\x02garbage\xff"),
        ("text.pem", b"this is no certificate\n"),
        ("utf16.pem", &utf16),
        ("bare.pem", bare.as_bytes()),
        ("joined.pem", joined.as_bytes()),
        ("bom.pem", format!("\u{feff}{chain}").as_bytes()),
        ("cut.pem", &chain.as_bytes()[..chain.len() - 30]),
        ("edited.pem", chain.replace("MII", "M!I").as_bytes()),
        ("escaped.pem", chain.replace('\n', "\\n").as_bytes()),
        ("cut.der", &stage.end_entity.der[..200]),
        ("key.der", &stage.end_entity.key),
        ("request.pem", pem("CERTIFICATE REQUEST", b"x").as_bytes()),
        ("encrypted.pem", pem("ENCRYPTED PRIVATE KEY", b"x").as_bytes()),
        ("crl.pem", pem("X509 CRL", b"x").as_bytes()),
        ("public.pem", pem("PUBLIC KEY", b"x").as_bytes()),
        ("dh.pem", pem("DH PARAMETERS", b"x").as_bytes()),
        ("none.p7b", bundle_of_nothing),
        ("data.p7b", &[0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]),
        ("broken.p7b", &[0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2]),
        (
            "commented.pem",
            chain.replace("-----BEGIN", "#-----BEGIN").replace("-----END", "#-----END").as_bytes(),
        ),
        ("java.jks", b"\xfe\xed\xfe\xed\x00\x00\x00\x02"),
        ("chain.zip", b"PK\x03\x04...."),
    ] {
        stage.file(name, content);
        let ran = stage.check(name, &[]);
        assert_eq!((ran.code, &*ran.out), (3, ""), "{name}: {ran:?}");
        assert!(ran.err.starts_with(&format!("origin-probe: {name}:")), "{name}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{name}: {}", ran.err);
        files.push_str(&ran.transcript());
    }
    for path in ["nowhere.pem", ".", "/dev/zero", "/dev/null", ""] {
        let ran = stage.check(path, &[]);
        assert_eq!((ran.code, &*ran.out), (3, ""), "{path}: {ran:?}");
        files.push_str(&ran.transcript());
    }
    assert_section("cli", "check --chain: files that are not a chain", &files);
}

#[test]
fn options_that_make_no_sense_with_a_chain_are_refused() {
    let stage = Stage::set("options");
    let mut all = String::new();
    stage.file("chain.pem", stage.chain().as_bytes());
    for option in [
        &["--address", "192.0.2.1"][..],
        &["--nameserver", "192.0.2.53"],
        &["--ssl-protocols", "TLSv1"],
        &["--ip-address-type", "ipv6"],
        &["--assume-public", "10.0.0.0/8"],
        &["--reachable", "no"],
        &["--origin", "shop"],
    ] {
        let ran = stage.check("chain.pem", option);
        assert_eq!((ran.code, &*ran.out), (3, ""), "{option:?}: {ran:?}");
        all.push_str(&ran.transcript());
    }
    for arguments in [
        &["check", "--chain", "chain.pem"][..],
        &["check", "--config", "a.yaml", "--chain", "chain.pem"],
        &["check", DOMAIN, "--chain"],
        &["check", DOMAIN, "--chain", "chain.pem", "--at", "yesterday"],
        &["check", DOMAIN, "--chain", "chain.pem", "--trust-anchors", "none.pem"],
    ] {
        let ran = stage.run(arguments, b"");
        assert_eq!((ran.code, &*ran.out), (3, ""), "{arguments:?}: {ran:?}");
        all.push_str(&ran.transcript());
    }
    assert_section("cli", "check --chain: arguments that are refused", &all);
}

#[test]
fn what_openssl_makes_besides_chains_is_recognised() {
    let stage = Stage::set("openssl");
    stage.file("key.pem", pem("PRIVATE KEY", &stage.end_entity.key).as_bytes());
    stage.file("chain.pem", stage.chain().as_bytes());
    let mut all = String::new();
    for (file, made) in [
        ("request.der", "req -new -key key.pem -subj /CN=x -outform DER -out request.der"),
        ("ec.der", "ec -in key.pem -outform DER -out ec.der"),
        ("hidden.der", "pkcs8 -topk8 -in key.pem -passout pass:x -outform DER -out hidden.der"),
        ("old.pem", "ec -in key.pem -aes128 -passout pass:x -out old.pem"),
        ("public.der", "pkey -in key.pem -pubout -outform DER -out public.der"),
        ("store.p12", "pkcs12 -export -in chain.pem -inkey key.pem -passout pass:x -out store.p12"),
    ] {
        if !openssl(&stage, made) {
            return;
        }
        let ran = stage.check(file, &[]);
        assert_eq!((ran.code, &*ran.out), (3, ""), "{file}: {ran:?}");
        assert!(ran.err.starts_with(&format!("origin-probe: {file}: ")), "{file}: {}", ran.err);
        all.push_str(&ran.transcript());
    }
    assert_section("cli", "check --chain: files of openssl that are not a chain", &all);
}
