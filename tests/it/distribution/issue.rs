use origin_probe::distribution::{listed, printable, shown};

#[test]
fn what_comes_from_outside_is_short_and_printable() {
    assert_eq!(shown("/a\u{1b}[31m"), "`/a\\u{1b}[31m`");
    assert_eq!(printable(&"é".repeat(5_000)).chars().count(), 256);
    assert_eq!(listed(&["a", "b", "c", "d"]), "a, b, c, d");
    assert_eq!(listed(&["a", "b", "c", "d", "e", "f"]), "a, b, c, d and 2 more");
    assert_eq!(listed::<&str>(&[]), "");
}
