use origin_probe::origin::nearest;

const KEYS: [&str; 5] = ["id", "domain", "https_port", "interval", "labels"];
const RULES: [&str; 5] = [
    "certificate-expired",
    "intermediate-expired",
    "intermediate-missing",
    "origin-domain-unresolvable",
    "not-tls",
];

#[test]
fn a_mistyped_name_is_recognised() {
    let long = "x".repeat(100_000);
    for (names, mistyped, meant) in [
        (KEYS, "https_prot", Some("https_port")),
        (KEYS, "httpsport", Some("https_port")),
        (KEYS, "HTTPS-Port", Some("https_port")),
        (KEYS, "intervall", Some("interval")),
        (KEYS, "label", Some("labels")),
        (KEYS, "domain_name", Some("domain")),
        (KEYS, "di", Some("id")),
        (KEYS, "name", None),
        (KEYS, "", None),
        (KEYS, "colour", None),
        (KEYS, &long, None),
        (RULES, "certificate-expird", Some("certificate-expired")),
        (RULES, "Certificate_Expired", Some("certificate-expired")),
        (RULES, "expired", Some("certificate-expired")),
        (RULES, "missing-intermediate", Some("intermediate-missing")),
        (RULES, "unresolvable", Some("origin-domain-unresolvable")),
        (RULES, "not-tsl", Some("not-tls")),
        (RULES, "elephant", None),
        (RULES, "é", None),
    ] {
        assert_eq!(nearest(mistyped, names), meant, "{mistyped}");
    }
}
