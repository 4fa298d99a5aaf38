//! What holds no settings at all: no file, no text, no YAML, too much of it.

use std::fmt::Write;
use std::path::Path;

use super::errors;
use super::parse;
use crate::config::Config;
use crate::config::Fault;
use crate::limits::FileKinds;

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
        assert!(matches!(error.fault, Fault::Syntax { .. }), "{error}");
    }
}

#[test]
fn what_the_file_may_not_do_is_one_error_with_its_line() {
    let deep = format!("a:\n{}", "[".repeat(10_000));
    let deep_block = (0..100).fold(String::new(), |mut text, level| {
        writeln!(text, "{}a:", " ".repeat(level)).unwrap();
        text
    });
    for (text, expected) in [
        ("a: 1\n---\nb: 2\n", "2: begins a second document; write one document to a file"),
        (
            "a: 1\nb: !!str 2\n",
            "2: has the tag `tag:yaml.org,2002:str`; write the value without a tag",
        ),
        (
            "a: 1\n? [b]\n: c\n",
            "2: has a list or a mapping where a key should be; keys are plain words",
        ),
        ("a: &a [*a]\n", "1: is an alias of what it stands in; it can never be written out"),
        (
            "a:\n  <<: 1\n",
            "2: merges what is no mapping; `<<` takes a mapping or a list of mappings",
        ),
        (&deep, "2: nests deeper than 32 levels, which no setting does"),
        (&deep_block, "33: nests deeper than 32 levels, which no setting does"),
    ] {
        assert_eq!(errors(text), [expected]);
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
    let copies = Fault::TooManyCopies { limit: 100_000, times: 20 };
    for (text, expected) in
        [(wide(30), copies.clone()), (anchored, copies), (deep, Fault::TooDeep { limit: 32 })]
    {
        let errors = parse(&text).unwrap_err();
        assert_eq!(errors.errors().iter().map(|e| &e.fault).collect::<Vec<_>>(), [&expected]);
    }
}

#[test]
fn a_file_that_cannot_be_text_is_refused() {
    let place = Path::new("c.yaml");
    for (bytes, expected) in [
        (
            &b"a: 1\nb: \xff\n"[..],
            "c.yaml:2: is not UTF-8 from this line on; save the file as UTF-8",
        ),
        (
            &vec![b'#'; (64 << 20) + 1],
            "c.yaml: is larger than 64 MiB; split the origins over several daemons",
        ),
    ] {
        assert_eq!(Config::parse(place, bytes).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_large_file_of_garbage_is_refused() {
    let mut bytes = vec![b'x'; 50 << 20];
    let errors = Config::parse(Path::new("c.yaml"), &bytes).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "c.yaml:1: is a single value; write a mapping that begins with `origins:`"
    );
    bytes.fill(b'[');
    let errors = Config::parse(Path::new("c.yaml"), &bytes).unwrap_err();
    assert_eq!(errors.to_string(), "c.yaml:1: nests deeper than 32 levels, which no setting does");
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let directory = std::env::temp_dir();
    let missing = directory.join("origin-probe-no-such-file.yaml");
    for (place, expected) in [(directory, Fault::IsDirectory), (missing, Fault::NotFound)] {
        let errors = Config::load(&place, FileKinds::Regular).unwrap_err();
        assert_eq!(errors.place(), place);
        assert_eq!(errors.errors().iter().map(|e| &e.fault).collect::<Vec<_>>(), [&expected]);
    }
}
