//! Java's own TLS, OpenJDK 17 in Debian 12: `SSLServerSocket`, `HttpsServer`, Tomcat 10.1 and
//! Jetty 9.4.

use super::compiled::Source;
use super::files::key;
use super::products::{NO_ALERT, Product};
use super::program::Program;
use super::row::{CLOSED, REFUSED, Row};

pub fn rows() -> Vec<Row> {
    [sockets(), https(), tomcat(), jetty()].into_iter().flatten().collect()
}

/// A virtual machine with these options that runs our program with these words.
fn machine(options: &str, source: Source, words: &str) -> Program {
    let (classpath, main) = match source {
        Source::Tomcat => (format!("{}:{{compiled}}", source.classpath()), "TomcatServer"),
        Source::Jetty => (format!("{}:{{compiled}}", source.classpath()), "JettyServer"),
        _ => ("{compiled}".to_owned(), "Server"),
    };
    Program::new(format!(
        "java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData {options} \
         -cp {classpath} {main} {words}"
    ))
    .compiled(source)
}

/// With P-521 as its only group.
const ONLY_P521: &str = "-Djdk.tls.namedGroups=secp521r1";

/// With TLS 1.0, which Java has disabled.
const OLD_VERSIONS: &str = "old-versions";

/// Makes a keystore of a list of `files`.
fn with_keystore(program: Program, list: &str) -> Program {
    program.prepare(format!(
        "openssl pkcs12 -export -in {{folder}}/{list}.both -out {{here}}/keystore \
         -passout pass:password"
    ))
}

/// A server of this kind, `socket` or `https`, in a machine with these options and words.
fn java(machine_options: &str, words: &str, kind: &str, list: &str, options: &str) -> Program {
    let program = machine(machine_options, Source::Java, words)
        .ordered(format!("{kind} {{ip}} {{port}} {{here}}/keystore {options}"));
    with_keystore(program, list)
}

// As regular expressions.
const KNOWS: &str = r"knows=origin\.example\.com";
const KNOWS_ANOTHER: &str = r"knows=other\.example\.org";
const CHACHA20: &str = "versions=TLSv1.2 suites=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
const ECDHE_RSA: &str = "versions=TLSv1.2 suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
const IMPORTED: &str = "imported={folder}/IR.pem";
const REQUIRE: &str = "clients=required authorities={folder}/R.pem ";
const REQUEST: &str = "clients=requested authorities={folder}/R.pem";
const TLS_1_2: &str = "versions=TLSv1.2";
const TLS_1_3: &str = "versions=TLSv1.3";

/// The rows about every server with a keystore; A11: the list does not go out as it is written.
/// A server is given its machine's options and words, a list of `files`, and more settings.
fn common(name: &str, server: fn(&str, &str, &str, &str) -> Program) -> (Product, Vec<Row>) {
    let product = Product::new(name, move |list, settings| server("", "", list, settings));
    let old = || server("", OLD_VERSIONS, "RsaLI", "versions=TLSv1");
    let mut rows = vec![
        product.row("sends_lri_in_order", "LRI", "").sends("LIR"),
        product.row("sends_il_in_order", "IL", "").sends("LI"),
        // C
        product.row("with_its_defaults", "LI", ""),
        product.row("with_tls_1_3_only", "LI", TLS_1_3),
        product.with("with_tls_1_0_only_where_it_is_not_listed", old()),
        product.with("with_tls_1_0_only_where_it_is_listed", old()),
        // D
        product.row("with_chacha20_only_in_tls_1_2", "LI", CHACHA20),
    ];
    rows.extend(product.keys("EcdsaP521", "Ed25519", TLS_1_2));
    (product, rows)
}

fn socket(options: &str, words: &str, list: &str, settings: &str) -> Program {
    java(options, words, "socket", list, settings)
}

fn sockets() -> Vec<Row> {
    let (product, mut rows) = common("java", socket);
    rows.extend([
        // A11
        product.row("sends_liu_without_u", "LIU", "").sends("LI"),
        product.row("sends_lui_without_u", "LUI", "").sends("LI"),
        product.row("sends_l_as_written", "L", ""),
        product.row("completes_the_chain_from_trusted_entries", "L", IMPORTED).sends("LIR"),
        // B10
        product.row("refuses_an_unknown_name", "OI", KNOWS_ANOTHER),
        product.row("refuses_the_forwarded_host", "LI", KNOWS),
        product.row("serves_a_known_name", "LI", KNOWS),
        // D
        product.with("with_p521_only", socket(ONLY_P521, "", "LI", "")),
        product.with("with_p521_only_in_tls_1_2", socket(ONLY_P521, "", "RsaLI", ECDHE_RSA)),
    ]);
    // E6
    rows.extend(product.clients(REQUIRE, REQUEST, TLS_1_2));
    rows
}

fn https_server(options: &str, words: &str, list: &str, settings: &str) -> Program {
    java(options, words, "https", list, settings)
}

fn https() -> Vec<Row> {
    let (product, mut rows) = common("java_https_server", https_server);
    let [required, required_in_tls_1_2] = product.requires(REQUIRE, TLS_1_2);
    rows.extend([
        // A11
        product.row("completes_the_chain_from_trusted_entries", "L", IMPORTED).sends("LIR"),
        // B10
        product.row("closes_on_an_unknown_name", "OI", KNOWS_ANOTHER),
        product.row("closes_on_the_forwarded_host", "LI", KNOWS),
        // C: Java has disabled it, so that no version is left.
        product.row("without_a_version", "RsaLI", "versions=TLSv1").fails(&[CLOSED]),
        // D
        product.with("with_p521_only", https_server(ONLY_P521, "", "LI", "")),
        // E6
        required.differs(NO_ALERT),
        required_in_tls_1_2,
        product.row("requests_a_client_certificate", "LI", REQUEST),
    ]);
    rows
}

/// One connector with these attributes, in a machine with these options and words.
fn connector(options: &str, words: &str, attributes: &str) -> Program {
    machine(options, Source::Tomcat, words)
        .ordered(format!("{{ip}} {{port}} {{here}} {attributes}"))
}

fn tomcat() -> Vec<Row> {
    const AUTHORITY: &str = "caCertificateFile={folder}/R.pem certificateVerification";
    const OTHER: &str = "hostName=other.example.org";
    const TLS_1_2: &str = "protocols=TLSv1.2";
    let pem = |list: &str, more: &str| {
        let key = key(list);
        format!(
            "certificateFile={{folder}}/{list}.pem certificateKeyFile={{folder}}/{key}.key {more}"
        )
    };
    let product = Product::new("tomcat", move |list, more| connector("", "", &pem(list, more)));
    // One that takes its machine with it when it does not start.
    let alone = |attributes: String| {
        machine("", Source::Tomcat, &format!("{{ip}} {{port}} {{here}} {attributes}"))
    };
    let keystore = |question, list| {
        let program = connector("", "", "certificateKeystoreFile={here}/keystore");
        product.with(question, with_keystore(program, list))
    };
    let old = || connector("", OLD_VERSIONS, &pem("RsaLI", "protocols=TLSv1"));
    let p521 = |more| connector(ONLY_P521, "", &pem("RsaLI", more));
    let default_host = format!("{OTHER} defaultSSLHostConfigName=other.example.org");
    let chacha20 = format!("{TLS_1_2} ciphers=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
    let ecdhe_rsa = format!("{TLS_1_2} ciphers=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    let mut rows = vec![
        // A11, A16
        keystore("sends_lri_of_a_keystore_in_order", "LRI").sends("LIR"),
        keystore("sends_liu_of_a_keystore_without_u", "LIU").sends("LI"),
        keystore("sends_lui_of_a_keystore_without_u", "LUI").sends("LI"),
        keystore("sends_il_of_a_keystore_in_order", "IL").sends("LI"),
        product.row("sends_lri_as_written", "LRI", ""),
        product.row("sends_liu_as_written", "LIU", ""),
        product
            .row("appends_its_chain_file_ri", "L", "certificateChainFile={folder}/RI.pem")
            .sends("LRI"),
        product
            .row("appends_its_chain_file_u", "LI", "certificateChainFile={folder}/U.pem")
            .sends("LIU"),
        // A15: it starts.
        product.row("sends_the_issuer_first", "IL", "").sends("IL"),
        // B18
        product
            .with("does_not_start_without_a_default_host", alone(pem("OI", OTHER)))
            .does_not_start("_default_"),
        product.row("serves_its_default_for_an_unknown_name", "OI", &default_host),
        // C
        product.row("with_its_defaults", "LI", ""),
        product.row("with_tls_1_3_only", "LI", "protocols=TLSv1.3"),
        product.with("with_tls_1_0_only_where_it_is_not_listed", old()),
        product.with("with_tls_1_0_only_where_it_is_listed", old()),
        // D
        product.row("with_chacha20_only_in_tls_1_2", "LI", &chacha20),
        product.with("with_p521_only", p521("")),
        product.with("with_p521_only_in_tls_1_2", p521(&ecdhe_rsa)),
        product.row("with_a_p521_certificate", "EcdsaP521", ""),
        product.row("with_a_p521_certificate_in_tls_1_2", "EcdsaP521", TLS_1_2),
        // The message is about ML-DSA, which Java 17 does not have: Tomcat tries each algorithm that
        // it knows and reports the last (`findings/tomcat-key-algorithm.sh`).
        product
            .with("does_not_start_with_ed25519", alone(pem("Ed25519", "")))
            .does_not_start("PEMFile$Part.toPrivateKey"),
    ];
    // E6
    let [require, request] = ["required ", "optional"].map(|mode| format!("{AUTHORITY}={mode}"));
    rows.extend(product.clients(&require, &request, TLS_1_2));
    rows
}

/// One connector with a keystore made of a list of `files`, in a machine with these options and
/// words.
fn jetty_server(machine_options: &str, words: &str, list: &str, options: &str) -> Program {
    let program = machine(machine_options, Source::Jetty, words)
        .ordered(format!("{{ip}} {{port}} {{here}}/keystore {options}"));
    with_keystore(program, list)
}

fn jetty() -> Vec<Row> {
    const AUTHORITY: &str = "authority={folder}/R.pem clients";
    const STRICT: &str = "sniRequired=true";
    let (product, mut rows) = common("jetty", jetty_server);
    let p521 = |options| jetty_server(ONLY_P521, "", "RsaLI", options);
    let strict_in_tls_1_2 = format!("{STRICT} {TLS_1_2}");
    rows.extend([
        // A11
        product.row("sends_liu_without_u", "LIU", "").sends("LI"),
        product.row("sends_lui_without_u", "LUI", "").sends("LI"),
        // B
        product.row("refuses_every_name", "OI", STRICT).fails(&[REFUSED]),
        product.row("refuses_every_name_in_tls_1_2", "OI", &strict_in_tls_1_2).fails(&[REFUSED]),
        product.row("refuses_the_forwarded_host", "LI", STRICT),
        product.row("refuses_the_forwarded_host_in_tls_1_2", "LI", &strict_in_tls_1_2),
        product.row("serves_a_known_name", "LI", STRICT),
        product.row("serves_its_default_for_an_unknown_name", "OI", ""),
        // D
        product.with("with_p521_only", p521("")),
        product.with("with_p521_only_in_tls_1_2", p521(ECDHE_RSA)),
    ]);
    // E6
    let [require, request] = ["required ", "requested"].map(|mode| format!("{AUTHORITY}={mode}"));
    rows.extend(product.clients(&require, &request, TLS_1_2));
    rows
}
