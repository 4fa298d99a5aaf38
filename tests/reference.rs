//! `deploy/docs/configuration.md` is what the readers of the files say of themselves: their keys
//! with the meanings that stand beside them, and what they answer when they are asked (`asked`).
#![allow(clippy::unwrap_used)]

mod asked;

use std::fmt;
use std::fmt::Write;
use std::fs;

use asked::Form;
use asked::Reader;
use asked::left_out::left_out;
use asked::taken::WORDS;
use asked::taken::taken;
use origin_probe::config::Key;

#[test]
fn the_configuration_reference_is_that_of_the_readers() {
    let reference = reference();
    if std::env::var_os("ORIGIN_PROBE_WRITE").is_some() {
        return fs::write(PLACE, reference).unwrap();
    }
    let written = fs::read_to_string(PLACE).unwrap_or_default();
    let missing: Vec<&str> = lacking(&reference, &written);
    let stale: Vec<&str> = lacking(&written, &reference);
    assert!(
        written == reference,
        "{PLACE} is not what the readers say; write it with\n\n    {COMMAND}\n\n- {}\n+ {}",
        stale.join("\n- "),
        missing.join("\n+ "),
    );
}

#[test]
fn every_key_is_in_the_reference_and_in_the_example() {
    let reference = fs::read_to_string(PLACE).unwrap();
    let example = fs::read_to_string("config/origin-probe.yaml").unwrap();
    let keys = Tables::of(Reader::Config).rows;
    assert!(keys.len() > 60, "{keys:?}");
    for Row { path, name, .. } in keys {
        assert!(reference.contains(&format!("\n| `{name}` | ")), "{path} is not in {PLACE}");
        let name = name.rsplit('.').next().unwrap();
        assert!(example.contains(&format!("{name}:")), "{path} is not in the example");
    }
    for section in known(Reader::Config, "") {
        assert!(reference.contains(&format!("\n## {}", section.name)), "{section:?}");
        assert!(example.contains(&format!("\n{}:\n", section.name)), "{section:?}");
    }
}

/// What a label takes is read by the reader of the configuration file, and said by it alone.
#[test]
fn a_label_of_a_target_file_takes_what_the_key_takes() {
    for (label, key) in labels() {
        let (label, key) = (format!("[0].labels.{PREFIX}{label}"), format!("origins[0].{key}"));
        // In quotes a word is another value to the file, and the same to a label.
        for word in WORDS.into_iter().filter(|word| !word.starts_with('\'')) {
            let (items, at, at_label) = match Reader::Config.form(&key) {
                Form::List(_) => (format!("[{word}]"), format!("{key}[0]"), format!("{label}[0]")),
                _ => (word.to_owned(), key.clone(), label.clone()),
            };
            let of_key = Reader::Config.faults(&key, &items, &at);
            assert_eq!(Reader::Targets.faults(&label, word, &at_label), of_key, "{label}: {word}");
        }
    }
}

fn reference() -> String {
    let config = Tables::of(Reader::Config);
    let (targets, web) = (Tables::of(Reader::Targets).text, Tables::of(Reader::Web).text);
    let mut text = format!("{HEAD}{}{TARGET_FILES}{targets}{LABELS}", config.text);
    for (label, key) in labels() {
        let path = format!("origins[0].{key}");
        let row = config.rows.iter().find(|row| row.path == path);
        let row = row.unwrap_or_else(|| panic!("{label} stands for no key"));
        let default = match &*row.default {
            "required" => "the target".to_owned(),
            "`[]`" => "none".to_owned(),
            other => other.replace("`[", "`").replace("]`", "`"),
        };
        let row = Row { name: format!("{PREFIX}{label}"), default, ..row.clone() };
        text.push_str(&row.to_string());
    }
    text + WEB_FILE + &web
}

/// The tables of one file.
#[derive(Debug, Default)]
struct Tables {
    text: String,
    rows: Vec<Row>,
}

/// What there is to know of a key.
#[derive(Clone, Debug)]
struct Row {
    /// As errors have it.
    path: String,
    name: String,
    kind: String,
    default: String,
    takes: String,
    meaning: &'static str,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, kind, default, takes, meaning, .. } = self;
        let (takes, meaning) = (escaped(takes), escaped(meaning));
        writeln!(f, "| `{name}` | {kind} | {default} | {takes} | {meaning} |")
    }
}

impl Tables {
    fn of(reader: Reader) -> Self {
        let mut tables = Self::default();
        tables.file(reader);
        tables
    }

    fn paths(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.path.clone()).collect()
    }

    fn file(&mut self, reader: Reader) {
        match reader {
            Reader::Config => {
                for key in known(reader, "") {
                    match reader.form(key.name) {
                        Form::Sections(keys) => {
                            let _ = write!(self.text, "\n## {}[]\n\n{}\n", key.name, key.meaning);
                            self.table(reader, &format!("{}[0]", key.name), keys);
                        }
                        Form::Section(keys) => {
                            let _ = write!(self.text, "\n## {}\n\n{}\n", key.name, key.meaning);
                            self.table(reader, key.name, keys);
                        }
                        other => panic!("{} has no table: {other:?}", key.name),
                    }
                }
            }
            Reader::Targets => self.table(reader, "[0]", known(reader, "[0]")),
            Reader::Web => self.table(reader, "", known(reader, "")),
        }
    }

    /// Writes the table of the mapping at `top`, and after it those of the lists in it.
    fn table(&mut self, reader: Reader, top: &str, keys: &'static [Key]) {
        self.text.push_str("\n| key | type | default | takes | meaning |\n|---|---|---|---|---|\n");
        let mut lists = Vec::new();
        self.list(reader, top, top, keys, &mut lists);
        for (path, keys) in lists {
            let _ = write!(self.text, "\n### {}\n", shown(&path));
            self.table(reader, &path, keys);
        }
    }

    fn list(
        &mut self,
        reader: Reader,
        top: &str,
        path: &str,
        keys: &'static [Key],
        lists: &mut Vec<(String, &'static [Key])>,
    ) {
        for key in keys {
            let path =
                if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
            let form = reader.form(&path);
            let default = match form {
                Form::Section(_) => String::new(),
                _ => left_out(reader, &path, &form, &self.paths()),
            };
            let (kind, takes) = taken(reader, &path, &form);
            let name = path[top.len()..].trim_start_matches('.').to_owned();
            let meaning = key.meaning;
            let row = Row { path: path.clone(), name, kind, default, takes, meaning };
            self.text.push_str(&row.to_string());
            self.rows.push(row);
            match form {
                Form::Section(keys) => self.list(reader, top, &path, keys, lists),
                Form::Sections(keys) => lists.push((format!("{path}[0]"), keys)),
                _ => {}
            }
        }
    }
}

/// Returns each label that is a setting, without its prefix, and the key of an origin it sets.
fn labels() -> Vec<(&'static str, String)> {
    let entry = format!("{{{PREFIX}zz--zz: x}}");
    let labels = Reader::Targets.known("[0].labels", &entry).unwrap();
    let keys = known(Reader::Config, "origins[0]");
    let key = |label: &str| match keys.iter().any(|key| key.name == label) {
        true => label.to_owned(),
        false => label.replace('_', "."),
    };
    labels.iter().map(|label| (label.name, key(label.name))).collect()
}

fn known(reader: Reader, path: &str) -> &'static [Key] {
    match reader.form(path) {
        Form::Section(keys) => keys,
        other => panic!("`{path}` is {other:?}"),
    }
}

fn shown(path: &str) -> String {
    path.replace("[0]", "[]")
}

/// Escapes what Markdown would take for its own, outside of code.
fn escaped(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(position, part)| match position % 2 {
        0 => part.replace('*', "\\*").replace('|', "\\|"),
        _ => part.replace('|', "\\|"),
    });
    parts.collect::<Vec<_>>().join("`")
}

fn lacking<'a>(from: &'a str, other: &str) -> Vec<&'a str> {
    from.lines().filter(|line| !other.lines().any(|known| known == *line)).collect()
}

const PLACE: &str = "deploy/docs/configuration.md";
const COMMAND: &str = "ORIGIN_PROBE_WRITE=1 cargo test --test reference";
const PREFIX: &str = "__origin_probe_";

const HEAD: &str = "\
# Configuration

<!-- Written by `ORIGIN_PROBE_WRITE=1 cargo test --test reference`, which asks the program; change nothing here. -->

Every key of the configuration file (`--config`), of [target files](#target-files) and of the [web
configuration file](#web-configuration-file), with its type, its default, what it takes and what it means.
[`config/origin-probe.yaml`](../../config/origin-probe.yaml) shows all of them as a file;
`origin-probe serve --check-config --config FILE` names everything that is wrong with one.

The files are YAML, of which JSON is a part, and are read in UTF-8. Unknown keys are errors. A length of time is
numbers with units (`ms`, `s`, `m`, `h`, `d`), the larger first, such as `90s`, `1h30m` or `14d`. A default that is the
name of another key is that key's value; one that is empty belongs to the keys below it.
";

const TARGET_FILES: &str = "
## Target files

What `discovery.files` names: a list of groups, as Prometheus's file_sd has them, in YAML or JSON.
";

/// What stands between the tables of groups and of labels.
const LABELS: &str = "
Labels that are settings stand for the key of [`origins[]`](#origins) that has the rest of their name. In a list, commas
stand between the values. A label that is empty is left out.

| label | type | default | takes | meaning |
|---|---|---|---|---|
";

const WEB_FILE: &str = "
## Web configuration file

What `--web.config.file` names: who may read the pages, in the format of Prometheus's exporter-toolkit. It, the
certificates and the keys are read again when they change.
";
