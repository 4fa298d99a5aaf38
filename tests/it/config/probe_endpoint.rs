use origin_probe::config::NamePattern;

#[test]
fn a_pattern_covers_what_it_says_and_nothing_else() {
    let names = [
        "example.com",
        "www.example.com",
        "a.www.example.com",
        "badexample.com",
        "example.com.evil.example",
    ];
    for (pattern, covered) in [
        ("*", &names[..]),
        ("Example.com.", &["example.com"]),
        ("*.example.com", &["www.example.com"]),
        (".example.com", &["www.example.com", "a.www.example.com"]),
        ("www.example.com", &["www.example.com"]),
    ] {
        let parsed: NamePattern = pattern.parse().unwrap();
        let found: Vec<&str> =
            names.into_iter().filter(|name| parsed.covers(&name.parse().unwrap())).collect();
        assert_eq!(found, covered, "{pattern}");
        let again = parsed.to_string();
        assert_eq!(again.parse(), Ok(parsed), "{again}");
    }
}

#[test]
fn a_wildcard_stands_in_front_only() {
    for wrong in ["", ".", "*.", "**", "**.example.com", "w*.example.com", "*.*.example.com"] {
        assert!(wrong.parse::<NamePattern>().is_err(), "{wrong}");
    }
}
