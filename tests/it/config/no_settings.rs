//! What holds no settings at all: no file, no text, no YAML, too much of it.

use std::fmt::Write;
use std::path::Path;

use super::{kinds, parse};
use origin_probe::config::{Config, ErrorKind};
use origin_probe::limits::FileKinds;

#[test]
fn what_is_no_yaml_is_one_error_with_its_line() {
    for (text, line) in [
        ("a: [1\nb: 2\n", 2),
        ("a: b: c\n", 1),
        ("a:\n\t- b\n", 2),
        ("a: *unknown\n", 1),
        ("%YAML 1.2\n---\na: b\n", 1),
    ] {
        let errors = parse(text).unwrap_err();
        let [error] = errors.errors() else { panic!("{errors}") };
        assert_eq!(error.line, Some(line), "{text:?}: {error}");
        assert!(matches!(error.kind, ErrorKind::Syntax { .. }), "{error}");
    }
}

/// Files that break a rule of the reader, each with the line and the kind of its error.
pub(super) const FORBIDDEN: &[(&str, u32, &str)] = &[
    ("a: 1\n---\nb: 2\n", 2, "SecondDocument"),
    ("a: 1\nb: !!str 2\n", 2, "Tagged"),
    ("a: 1\n? [b]\n: c\n", 2, "KeyIsNoText"),
    ("a: &a [*a]\n", 1, "AliasOfItself"),
    ("a:\n  <<: 1\n", 2, "MergeOfNoMapping"),
];

#[test]
fn what_the_file_may_not_do_is_one_error_with_its_line() {
    let error = |line, kind: &str| (Some(line), String::new(), kind.to_owned());
    for (text, line, kind) in FORBIDDEN {
        assert_eq!(kinds(text), [error(*line, kind)], "{text:?}");
    }
    let deep = format!("a:\n{}", "[".repeat(10_000));
    let deep_block = (0..100).fold(String::new(), |mut text, level| {
        writeln!(text, "{}a:", " ".repeat(level)).unwrap();
        text
    });
    for (text, line) in [(deep, 2), (deep_block, 33)] {
        assert_eq!(kinds(&text), [error(line, "TooDeep")]);
    }
}

#[test]
fn an_alias_bomb_is_refused() {
    let wide = |levels| {
        (1..levels).fold("a0: &a0 [x, x]\n".to_owned(), |mut text, level| {
            let below = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(text, "a{level}: &a{level} [{below}]").unwrap();
            text
        })
    };
    let deep = (1..1000).fold("a0: &a0 [x]\n".to_owned(), |mut text, level| {
        writeln!(text, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
        text
    });
    // Every anchor keeps a copy of what it holds.
    let anchors: String = (0..20).map(|level| format!("&b{level} [")).collect();
    let anchored = format!("{}b: {anchors}*a4{}\n", wide(5), "]".repeat(20));
    let copies = ErrorKind::TooManyCopies { limit: 100_000, times: 20 };
    for (text, expected) in
        [(wide(30), copies.clone()), (anchored, copies), (deep, ErrorKind::TooDeep { limit: 32 })]
    {
        let errors = parse(&text).unwrap_err();
        assert_eq!(errors.errors().iter().map(|e| &e.kind).collect::<Vec<_>>(), [&expected]);
    }
}

#[test]
fn a_file_that_cannot_be_text_is_refused() {
    let place = Path::new("c.yaml");
    let much = vec![b'#'; (64 << 20) + 1];
    for (bytes, line, expected) in [
        (&b"a: 1\nb: \xff\n"[..], Some(2), ErrorKind::NotUtf8),
        (&much, None, ErrorKind::TooLarge { bytes: 64 << 20 }),
    ] {
        let errors = Config::parse(place, bytes).unwrap_err();
        let found: Vec<_> = errors.errors().iter().map(|e| (e.line, &e.kind)).collect();
        assert_eq!(found, [(line, &expected)]);
    }
}

#[test]
fn a_large_file_of_garbage_is_refused() {
    let mut garbage = "x".repeat(50 << 20);
    let error = |kind: &str| (Some(1), String::new(), kind.to_owned());
    assert_eq!(kinds(&garbage), [error("WrongKind")]);
    garbage = "[".repeat(50 << 20);
    assert_eq!(kinds(&garbage), [error("TooDeep")]);
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let directory = std::env::temp_dir();
    let missing = directory.join("origin-probe-no-such-file.yaml");
    for (place, expected) in [(directory, ErrorKind::IsDirectory), (missing, ErrorKind::NotFound)] {
        let errors = Config::load(&place, FileKinds::Regular).unwrap_err();
        assert_eq!(errors.place(), place);
        assert_eq!(errors.errors().iter().map(|e| &e.kind).collect::<Vec<_>>(), [&expected]);
    }
}
