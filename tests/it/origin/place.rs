use origin_probe::origin::{DomainAndPort, DomainAndPortError};

#[test]
fn a_port_may_follow_the_domain_and_a_path_does_not_count() {
    for (text, domain, port) in [
        ("a.example", "a.example", None),
        ("a.example:8443", "a.example", Some(8443)),
        ("https://a.example", "a.example", None),
        ("https://a.example/", "a.example", None),
        ("https://A.example:8443/health?x=1:2#y", "a.example", Some(8443)),
        ("https://a.example?https://b.example", "a.example", None),
    ] {
        let expected = DomainAndPort { domain: domain.parse().unwrap(), port };
        assert_eq!(text.parse(), Ok(expected), "{text}");
    }
}

#[test]
fn anything_else_is_refused() {
    for wrong in [
        "",
        "a.example:0",
        "a.example:22",
        "a.example:70000",
        "a.example:",
        "192.0.2.1:443",
        "[2001:db8::1]:443",
        "a.example/path",
        "ftp://a.example",
        "https://user@a.example",
        "https://a.example\\@b.example",
        "https://",
    ] {
        assert!(wrong.parse::<DomainAndPort>().is_err(), "{wrong}");
    }
    let plain = "http://a.example/".parse::<DomainAndPort>();
    assert_eq!(plain, Err(DomainAndPortError::PlainHttp));
}
