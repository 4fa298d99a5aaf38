use origin_probe::chain::presents_host;

#[test]
fn a_wildcard_stands_for_exactly_one_left_most_label() {
    for (presented, host, matches) in [
        ("www.example.com", "www.example.com", true),
        ("WWW.Example.com", "www.example.com", true),
        ("*.example.com", "www.example.com", true),
        ("*.EXAMPLE.com", "www.example.com", true),
        ("*.example.com", "a.www.example.com", false),
        ("*.example.com", "example.com", false),
        ("w*.example.com", "www.example.com", false),
        ("*w.example.com", "www.example.com", false),
        ("www.*.com", "www.example.com", false),
        ("*.com", "example.com", true),
        ("*", "com", false),
        ("example.com", "www.example.com", false),
        ("www.example.com.", "www.example.com", false),
        ("*.example.com.", "www.example.com", false),
        (".example.com", "www.example.com", false),
        ("", "www.example.com", false),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", true),
        ("XN--Bcher-KVA.example", "xn--bcher-kva.example", true),
        ("*.xn--bcher-kva.example", "www.xn--bcher-kva.example", true),
        ("*.example", "xn--bcher-kva.example", true),
        ("xn--*.example", "xn--bcher-kva.example", false),
        // In a certificate, only the A-label form is a name (RFC 9525 §6.3).
        ("bücher.example", "xn--bcher-kva.example", false),
    ] {
        assert_eq!(presents_host(presented, host), matches, "{presented} for {host}");
    }
}
