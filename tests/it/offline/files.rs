//! Files that are no chain, and options that make no sense with one: exit code 3, what it is, and
//! what would be right.

use super::stage::{DOMAIN, Stage};
use crate::common::section::assert_section;
use crate::table::pem::pem;

#[test]
fn a_file_that_is_no_chain_is_refused() {
    let stage = Stage::set("files");
    let chain = stage.chain();
    let joined = chain.replace("-----\n-----BEGIN", "----------BEGIN");
    let marked = format!("\u{feff}{chain}");
    let utf16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bare: String = chain.lines().filter(|line| !line.starts_with('-')).collect();
    // ContentInfo of RFC 5652: data, and SignedData without certificates.
    let data = &[0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1][..];
    let signed = &[0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2][..];
    let empty =
        [&[0x30, 33][..], &signed[2..], &[0xa0, 20, 0x30, 18, 2, 1, 1, 0x31, 0], data].concat();
    let commented = chain.replace("-----BEGIN", "#-----BEGIN").replace("-----END", "#-----END");
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
        ("bom.pem", marked.as_bytes()),
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
        ("none.p7b", &empty),
        ("data.p7b", data),
        ("broken.p7b", signed),
        ("commented.pem", commented.as_bytes()),
        ("java.jks", b"\xfe\xed\xfe\xed\x00\x00\x00\x02"),
        ("chain.zip", b"PK\x03\x04...."),
    ] {
        let ran = stage.judge(name, content, &[]);
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

/// The content of a file, and the beginning of what is said of it.
fn row(content: impl Into<Vec<u8>>, said: &str) -> (Vec<u8>, &str) {
    (content.into(), said)
}

#[test]
fn each_mistake_is_told_apart() {
    let stage = Stage::set("mistakes");
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    let block = |label: &str| pem(label, b"x");
    let key = "contains a private key";
    for (content, said) in [
        row(block("EC PRIVATE KEY"), key),
        row(block("OPENSSH PRIVATE KEY"), key),
        row(block("NEW CERTIFICATE REQUEST"), "contains a certificate request"),
        row(format!("{begin}\nAAEC\nAw\n{end}\n"), "1: block is not valid base64"),
        row(format!("{begin}\nA\n{end}{begin}\nB\n{end}\n"), "3: missing line break"),
        row(format!("\n  {begin}\n  A\n  {end}\n"), "2: text before"),
        row(format!("{begin}\nA\n"), "1: block without"),
        row(format!("\n{begin}\nA\n{begin}\nB\n{end}\n"), "2: block without"),
        row(format!("{begin}\nA\n-----END X-----\n"), "1: block without"),
        row(format!("A\n{end}\n{begin}\nA\n{end}\n"), "2: `-----END` without"),
        row(format!("{begin}A{end}\n"), "1: text after"),
        row("\nMIIDdzCCAl+g", "is base64 without"),
        row([0x30, 7, 2, 1, 0, 0x30, 0, 4, 0], key),
        row([0x30, 6, 2, 1, 0, 2, 1, 9], key),
        row([0x30, 5, 2, 1, 1, 4, 0], key),
        row([0x30, 4, 0x30, 0, 4, 0], "contains an encrypted private key"),
        row([0x30, 4, 0x30, 0, 3, 0], "contains a public key"),
        row([0x30, 7, 2, 1, 3, 0x30, 0, 0x30, 0], "contains a PKCS#12 keystore"),
        row([0x30, 3, 6, 1, 0x2a], "invalid PKCS#7 bundle"),
        row([0x30, 0x82, 5, 0, 0x30], "is truncated or damaged DER"),
        row([0x30], "is neither PEM"),
        row([0x30, 0], "is neither PEM"),
        row([0x31, 0], "is neither PEM"),
        row(vec![b'x'; 1024 * 1024], "is neither PEM"),
        row(vec![b'x'; 1024 * 1024 + 1], "is larger than 1 MiB"),
    ] {
        let ran = stage.judge("file", &content, &[]);
        let expected = ran.err.strip_prefix("origin-probe: file:").unwrap().trim_start();
        assert!(ran.code == 3 && expected.starts_with(said), "{said}: {ran:?}");
    }
}

#[test]
fn options_that_make_no_sense_with_a_chain_are_refused() {
    let stage = Stage::set("options");
    let mut all = String::new();
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
        let ran = stage.run(arguments);
        assert_eq!((ran.code, &*ran.out), (3, ""), "{arguments:?}: {ran:?}");
        all.push_str(&ran.transcript());
    }
    assert_section("cli", "check --chain: arguments that are refused", &all);
}

#[test]
fn what_openssl_makes_besides_chains_is_recognised() {
    let stage = Stage::set("openssl");
    let mut all = String::new();
    for (file, made) in [
        ("request.der", "req -new -key key.pem -subj /CN=x -outform DER -out request.der"),
        ("ec.der", "ec -in key.pem -outform DER -out ec.der"),
        ("hidden.der", "pkcs8 -topk8 -in key.pem -passout pass:x -outform DER -out hidden.der"),
        ("old.pem", "ec -in key.pem -aes128 -passout pass:x -out old.pem"),
        ("public.der", "pkey -in key.pem -pubout -outform DER -out public.der"),
        ("store.p12", "pkcs12 -export -in chain.pem -inkey key.pem -passout pass:x -out store.p12"),
    ] {
        if !stage.openssl(made) {
            return;
        }
        let ran = stage.check(file, &[]);
        assert_eq!((ran.code, &*ran.out), (3, ""), "{file}: {ran:?}");
        assert!(ran.err.starts_with(&format!("origin-probe: {file}: ")), "{file}: {}", ran.err);
        all.push_str(&ran.transcript());
    }
    assert_section("cli", "check --chain: files of openssl that are not a chain", &all);
}
