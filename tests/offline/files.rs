//! Files that are no chain, and options that make no sense with one: exit code 3, what it is, and
//! what would be right.

use super::pem::pem;
use super::stage::DOMAIN;
use super::stage::Stage;
use super::stage::openssl;

#[test]
fn a_file_that_is_no_chain_is_told_what_it_is_and_what_would_be_right() {
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
    for (name, content, words) in [
        ("empty.pem", &b""[..], "is empty; it must hold the end-entity certificate"),
        ("blank.pem", b" \n\n", "is empty"),
        ("large.pem", &vec![b'x'; 10_000_000], "is larger than 1 MiB"),
        ("large-zeros.der", &vec![0; 10_000_000], "is larger than 1 MiB"),
        ("garbage.pem", b"\x00\x01\x02garbage\xff", "neither PEM, DER nor PKCS#7"),
        ("text.pem", b"this is no certificate\n", "give the end-entity certificate"),
        ("utf16.pem", &utf16, "UTF-16 text; save it as ASCII"),
        ("bare.pem", bare.as_bytes(), "base64 without its `-----BEGIN"),
        (
            "joined.pem",
            joined.as_bytes(),
            "a line feed is missing after `-----END CERTIFICATE-----`",
        ),
        ("bom.pem", format!("\u{feff}{chain}").as_bytes(), "bom.pem:1: a byte order mark stands"),
        (
            "cut.pem",
            &chain.as_bytes()[..chain.len() - 30],
            "must end with `-----END CERTIFICATE-----`",
        ),
        (
            "edited.pem",
            chain.replace("MII", "M!I").as_bytes(),
            "edited.pem:1: what stands in the block",
        ),
        (
            "escaped.pem",
            chain.replace('\n', "\\n").as_bytes(),
            "escaped.pem:1: the line must end after",
        ),
        ("cut.der", &stage.end_entity.der[..200], "DER that was cut off"),
        (
            "key.der",
            &stage.end_entity.key,
            "holds a private key, but no certificate; nothing of it",
        ),
        (
            "request.pem",
            pem("CERTIFICATE REQUEST", b"x").as_bytes(),
            "a certificate request (CSR), but no certificate; give the certificate that the CA sent back",
        ),
        (
            "encrypted.pem",
            pem("ENCRYPTED PRIVATE KEY", b"x").as_bytes(),
            "an encrypted private key, but no certificate",
        ),
        (
            "crl.pem",
            pem("X509 CRL", b"x").as_bytes(),
            "a certificate revocation list, but no certificate",
        ),
        ("public.pem", pem("PUBLIC KEY", b"x").as_bytes(), "a public key, but no certificate"),
        ("dh.pem", pem("DH PARAMETERS", b"x").as_bytes(), "a block of the kind DH PARAMETERS"),
        ("none.p7b", bundle_of_nothing, "a PKCS#7 bundle, but no certificate"),
        (
            "data.p7b",
            &[0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1],
            "bundle cannot be read: it holds something else than signed data",
        ),
        (
            "broken.p7b",
            &[0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2],
            "bundle cannot be read: its content is missing; export it again",
        ),
        (
            "commented.pem",
            chain.replace("-----BEGIN", "#-----BEGIN").replace("-----END", "#-----END").as_bytes(),
            "every block is commented out; take the `#` away",
        ),
        ("java.jks", b"\xfe\xed\xfe\xed\x00\x00\x00\x02", "a Java key store"),
        ("chain.zip", b"PK\x03\x04....", "a ZIP archive"),
    ] {
        stage.file(name, content);
        let ran = stage.check(name, &[]);
        assert_eq!((ran.code, &*ran.out), (3, ""), "{name}: {ran:?}");
        assert!(ran.err.starts_with(&format!("origin-probe: {name}:")), "{name}: {}", ran.err);
        assert!(ran.err.contains(words), "{name}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{name}: {}", ran.err);
    }
}

#[test]
fn a_path_that_is_no_file_is_told_so() {
    let stage = Stage::set("paths");
    for (path, words) in [
        ("nowhere.pem", "nowhere.pem: cannot read the chain: No such file"),
        (".", ".: is a directory; name the file in it"),
        ("/dev/zero", "/dev/zero: is larger than 1 MiB"),
        ("/dev/null", "/dev/null: is empty"),
        ("", "a value is required for '--chain <FILE>'"),
    ] {
        let ran = stage.check(path, &[]);
        assert_eq!((ran.code, &*ran.out), (3, ""), "{path}: {ran:?}");
        assert!(ran.err.contains(words), "{path}: {}", ran.err);
    }
}

#[test]
fn what_openssl_makes_besides_chains_is_recognised() {
    let stage = Stage::set("openssl");
    stage.file("key.pem", pem("PRIVATE KEY", &stage.end_entity.key).as_bytes());
    stage.file("chain.pem", stage.chain().as_bytes());
    for (file, made, words) in [
        (
            "request.der",
            "req -new -key key.pem -subj /CN=x -outform DER -out request.der",
            "a certificate request (CSR)",
        ),
        ("ec.der", "ec -in key.pem -outform DER -out ec.der", "a private key"),
        (
            "hidden.der",
            "pkcs8 -topk8 -in key.pem -passout pass:x -outform DER -out hidden.der",
            "an encrypted private key",
        ),
        (
            "old.pem",
            "ec -in key.pem -aes128 -passout pass:x -out old.pem",
            "an encrypted private key",
        ),
        ("public.der", "pkey -in key.pem -pubout -outform DER -out public.der", "a public key"),
        (
            "store.p12",
            "pkcs12 -export -in chain.pem -inkey key.pem -passout pass:x -out store.p12",
            "a PKCS#12 key store, but no certificate; take the certificates out",
        ),
    ] {
        if !openssl(&stage, made) {
            return;
        }
        let ran = stage.check(file, &[]);
        assert_eq!((ran.code, &*ran.out), (3, ""), "{file}: {ran:?}");
        assert!(ran.err.contains(&format!("{file}: holds {words}")), "{file}: {}", ran.err);
    }
}

#[test]
fn options_that_need_a_server_are_refused_beside_a_chain() {
    let stage = Stage::set("options");
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
        assert!(ran.err.contains("'--chain <FILE>' cannot be used with '--"), "{}", ran.err);
        assert!(ran.err.contains(option[0]), "{option:?}: {}", ran.err);
    }
    for (arguments, words) in [
        (&["check", "--chain", "chain.pem"][..], "<DOMAIN[:PORT]>"),
        (&["check", "--config", "a.yaml", "--chain", "chain.pem"], "cannot be used with"),
        (&["check", DOMAIN, "--chain"], "a value is required for '--chain <FILE>'"),
        (&["check", DOMAIN, "--chain", "chain.pem", "--at", "yesterday"], "yesterday"),
        (&["check", DOMAIN, "--chain", "chain.pem", "--trust-anchors", "none.pem"], "none.pem"),
    ] {
        let ran = stage.run(arguments, b"");
        assert_eq!((ran.code, &*ran.out), (3, ""), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
}
