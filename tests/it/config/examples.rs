//! The files under `config/`.

use super::{MINIMAL, origin, parse};

const EXAMPLE: &str = include_str!("../../../config/origin-probe.yaml");

#[test]
fn the_example_file_shows_the_defaults() {
    let mut expected = parse(MINIMAL).unwrap();
    expected.origins = vec![origin("viewer_hosts: [www.example.com]").into()];
    assert_eq!(parse(EXAMPLE), Ok(expected));
}

#[cfg(feature = "aws")]
#[test]
fn the_example_account_shows_the_defaults() {
    let lines = EXAMPLE.lines().skip_while(|line| !line.starts_with("  #   - name: "));
    let account: Vec<&str> = lines.map_while(|line| line.strip_prefix("  #")).collect();
    let text = format!("discovery:\n  cloudfront:\n{}\n", account.join("\n"));
    assert_eq!(parse(&text), parse("discovery: {cloudfront: [{name: shop}]}"), "{text}");
}
