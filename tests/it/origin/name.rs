use origin_probe::origin::{DomainName, DomainNameError, ReferenceId};

fn parse(text: &str) -> Result<String, DomainNameError> {
    text.parse::<DomainName>().map(|name| name.to_string())
}

#[test]
fn a_name_is_lower_case_and_without_trailing_dot() {
    assert_eq!(parse("WWW.Example.COM."), Ok("www.example.com".to_owned()));
}

#[test]
fn an_internationalised_name_becomes_its_a_labels() {
    assert_eq!(parse("bücher.example"), Ok("xn--bcher-kva.example".to_owned()));
}

#[test]
fn what_cloudfront_refuses_is_refused() {
    let long_label = "a".repeat(64);
    let long_name = format!("{0}.{0}.{0}.{0}", "a".repeat(63));
    for (text, error) in [
        ("", DomainNameError::Empty),
        (".", DomainNameError::Empty),
        ("192.0.2.1", DomainNameError::IpAddress),
        ("2001:db8::1", DomainNameError::IpAddress),
        ("[2001:db8::1]", DomainNameError::IpAddress),
        ("*.example.com", DomainNameError::Wildcard),
        ("a..example.com", DomainNameError::EmptyLabel),
        (".example.com", DomainNameError::EmptyLabel),
        ("-a.example.com", DomainNameError::HyphenAtEdge),
        ("a b.example.com", DomainNameError::BadCharacter { character: ' ' }),
        ("a:443", DomainNameError::BadCharacter { character: ':' }),
        ("https://a.example", DomainNameError::BadCharacter { character: ':' }),
        ("1.2.3", DomainNameError::NumericTopLabel),
        (&format!("{long_label}.example.com"), DomainNameError::LabelTooLong { length: 64 }),
        (&long_name, DomainNameError::TooLong { length: 255 }),
    ] {
        assert_eq!(parse(text), Err(error), "{text}");
    }
}

#[test]
fn an_underscore_is_let_through() {
    assert_eq!(parse("a_b.example.com"), Ok("a_b.example.com".to_owned()));
}

#[test]
fn a_reference_id_may_be_a_wildcard() {
    let id: ReferenceId = "*.Example.com".parse().unwrap();
    assert_eq!(id.to_string(), "*.example.com");
    assert!("*.*.example.com".parse::<ReferenceId>().is_err());
}
