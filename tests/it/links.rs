//! Every link between the documents leads somewhere, down to the heading.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the repository's files are read; such links, too, lead to files that are here.
const PUBLIC: &str = "https://github.com/origin-probe/origin-probe/blob/main/";

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut offences = Vec::new();
    let mut followed = 0;
    for document in documents(Path::new(".")) {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            if let Some(fault) = fault(&document, &text, &link) {
                offences.push(format!("{}: {link}: {fault}", document.display()));
            }
            followed += 1;
        }
        for label in undefined_labels(&text) {
            offences.push(format!("{}: [{label}] is not defined", document.display()));
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
    assert!(followed > 100, "only {followed} links were found");
}

/// Names of files may be short: the end of a path is enough. Parts in capitals stand for any name.
#[test]
fn every_file_of_the_code_that_a_document_names_is_there() {
    let mut files = Vec::new();
    for folder in ["src", "tests", ".ci", "deploy"] {
        every_path(Path::new(folder), &mut files);
    }
    let mut offences = Vec::new();
    let mut found = 0;
    for document in documents(Path::new(".")) {
        let text = fs::read_to_string(&document).unwrap();
        for name in text.split('`').skip(1).step_by(2).filter(|name| is_of_the_code(name)) {
            let end = format!("/{}", name.trim_end_matches('/'));
            found += 1;
            if !files.iter().any(|file| format!("/{file}").ends_with(&end)) {
                offences.push(format!("{}: {name}", document.display()));
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
    assert!(found > 50, "only {found} files were named");
}

/// Returns whether a text between backticks is the path of a source file or of a folder of the code.
fn is_of_the_code(name: &str) -> bool {
    let is_path = name.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    let is_any = name.split(['/', '.']).any(|part| part.len() > 1 && part == part.to_uppercase());
    let is_file = [".rs", ".py", ".mjs"].iter().any(|end| name.ends_with(end));
    let is_folder =
        ["src/", "tests/", "it/", "benches/"].iter().any(|start| name.starts_with(start));
    is_path && !is_any && name != "src/" && (is_file || is_folder)
}

fn every_path(folder: &Path, paths: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            every_path(&path, paths);
        }
        paths.push(path.to_str().unwrap().to_owned());
    }
}

#[test]
fn every_document_is_in_the_index() {
    let folder = Path::new("deploy/docs");
    let index = fs::read_to_string(folder.join("README.md")).unwrap();
    let listed: BTreeSet<String> = links(&index).into_iter().collect();
    for document in documents(folder) {
        let name = document.file_name().unwrap().to_string_lossy().into_owned();
        assert!(name == "README.md" || listed.contains(&name), "{name} is not in the index");
    }
}

#[test]
fn a_broken_link_would_be_seen() {
    let text = "# A `b`, c\n[here](#a-b-c) and ![a\npicture](x.png \"title\")\n```\n[no](y)\n# D\n```\n\
                - [site](https://example.com/)\n\n[name]: z.md\n";
    assert_eq!(links(text), ["#a-b-c", "x.png", "https://example.com/", "z.md"]);
    assert_eq!(anchors(text), BTreeSet::from(["a-b-c".to_owned()]));
    let document = Path::new("deploy/README.md");
    let fault = |link: &str| fault(document, text, link);
    assert_eq!(fault("#a-b-c"), None);
    assert_eq!(fault("../README.md#license"), None);
    assert_eq!(fault("docs"), None);
    assert_eq!(fault(&format!("{PUBLIC}SECURITY.md")), None);
    assert_eq!(fault("https://example.com/missing"), None);
    assert!(fault("#d").is_some());
    assert!(fault("README.md").is_none() && fault("MISSING.md").is_some());
    assert!(fault("../README.md#no-such-heading").is_some());
    assert!(fault(&format!("{PUBLIC}MISSING.md")).is_some());
}

#[test]
fn a_reference_link_needs_a_definition() {
    let text = "| [`a`][one] | [b][Two]\n| [c][three]\n\n\
                [one]: x.md\n[two]: https://example.com/\n";
    assert_eq!(links(text), ["x.md", "https://example.com/"]);
    assert_eq!(undefined_labels(text), ["three"]);
}

#[test]
fn a_heading_that_comes_twice_has_two_anchors() {
    let expected = ["same", "same-1"].map(str::to_owned);
    assert_eq!(anchors("# Same\n## Same\n"), BTreeSet::from(expected));
}

/// Returns what is wrong with a link of `document`, whose text is `text`.
fn fault(document: &Path, text: &str, link: &str) -> Option<String> {
    let (folder, link) = match link.strip_prefix(PUBLIC) {
        Some(rest) => (Path::new("."), rest),
        None if link.contains("://") || link.starts_with("mailto:") => return None,
        None => (document.parent().unwrap(), link),
    };
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = folder.join(path);
    if !path.is_empty() && !target.exists() {
        return Some(format!("{} does not exist", target.display()));
    }
    let is_markdown = path.is_empty() || path.ends_with(".md");
    if anchor.is_empty() || !is_markdown {
        return None;
    }
    let known = match path {
        "" => anchors(text),
        _ => anchors(&fs::read_to_string(&target).unwrap()),
    };
    (!known.contains(anchor)).then(|| format!("there is no heading #{anchor}"))
}

/// Returns where all links and pictures of a text lead, those by reference last.
fn links(text: &str) -> Vec<String> {
    let prose = without_code(text);
    let inline = prose
        .split("](")
        .skip(1)
        .map(|rest| rest.split(|c: char| c == ')' || c.is_whitespace()).next().unwrap_or_default());
    let by_reference = prose.lines().filter(|line| line.starts_with('[')).filter_map(|line| {
        let (_, target) = line.split_once("]: ")?;
        target.split_whitespace().next()
    });
    inline.chain(by_reference).map(str::to_owned).collect()
}

/// Returns the labels of reference links (`[text][label]`) that a text does not define; case is
/// ignored.
fn undefined_labels(text: &str) -> Vec<String> {
    let prose = without_code(text);
    let defined: BTreeSet<String> = prose
        .lines()
        .filter_map(|line| line.strip_prefix('[')?.split_once("]: "))
        .map(|(label, _)| label.to_lowercase())
        .collect();
    let used = prose.split("][").skip(1).filter_map(|rest| rest.split_once(']'));
    let used = used.map(|(label, _)| label.to_lowercase());
    used.filter(|label| !defined.contains(label)).collect()
}

/// Returns the anchors that GitHub gives a text's headings: letters, digits, `-` and `_` in lower
/// case, with `-` for spaces, and numbers for what comes again.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for line in without_code(text).lines() {
        let heading = line.trim_start_matches('#');
        if heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let anchor: String = heading
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let mut unique = anchor.clone();
        let mut number = 0;
        while !anchors.insert(unique.clone()) {
            number += 1;
            unique = format!("{anchor}-{number}");
        }
    }
    anchors
}

/// Returns a text without its fenced blocks.
fn without_code(text: &str) -> String {
    let mut prose = String::new();
    let mut fence = None;
    for line in text.lines() {
        let marker = ["```", "~~~"].into_iter().find(|m| line.trim_start().starts_with(m));
        match (fence, marker) {
            (None, None) => {
                prose.push_str(line);
                prose.push('\n');
            }
            (None, Some(opened)) => fence = Some(opened),
            (Some(opened), Some(closed)) if opened == closed => fence = None,
            (Some(_), _) => {}
        }
    }
    prose
}

/// Returns all documents below a folder but for what is hidden, built or installed.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_ours = !name.starts_with('.') && !["target", "node_modules"].contains(&&*name);
        if path.is_dir() && is_ours {
            found.extend(documents(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found
}
