//! `deploy/docs/configuration.md`, `config/origin-probe.yaml` and the schema of the chart's `config`
//! are generated from the types that read the files.

use std::fmt::Write;
use std::fs;

use origin_probe::config::{config_schema, target_labels, target_schema, web_schema};
use serde_json::{Map, Value, json};

#[test]
fn the_configuration_reference_is_generated_from_the_types() {
    assert_written("deploy/docs/configuration.md", &reference());
}

#[test]
fn the_example_file_is_generated_from_the_types() {
    assert_written("config/origin-probe.yaml", &example());
}

#[test]
fn the_charts_schema_is_generated_from_the_types() {
    let place = "deploy/helm/origin-probe/values.schema.json";
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(place).unwrap()).unwrap();
    schema["properties"]["config"] = chart(&config_schema().to_value());
    assert_written(place, &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()));
}

#[test]
fn every_key_is_in_the_reference_and_in_the_example() {
    let (reference, example) = (reference(), example());
    let mut tables = Tables::default();
    tables.sections(&config_schema().to_value());
    assert!(tables.names.len() > 60, "{:?}", tables.names);
    for name in tables.names {
        assert!(reference.contains(&format!("\n| `{name}` | ")), "{name} is not in the reference");
        let key = name.rsplit('.').next().unwrap();
        assert!(example.contains(&format!("{key}:")), "{name} is not in the example");
    }
}

fn assert_written(place: &str, expected: &str) {
    if std::env::var_os("ORIGIN_PROBE_WRITE").is_some() {
        return fs::write(place, expected).unwrap();
    }
    let written = fs::read_to_string(place).unwrap_or_default();
    let lacking = |from: &str, other: &str| {
        let lines = from.lines().filter(|line| !other.lines().any(|known| known == *line));
        lines.map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    let (stale, missing) = (lacking(&written, expected), lacking(expected, &written));
    assert!(written == expected, "write {place} with {COMMAND}\n- {stale}\n+ {missing}");
}

fn reference() -> String {
    let mut tables = Tables { text: HEAD.to_owned(), ..Tables::default() };
    tables.sections(&config_schema().to_value());
    tables.text.push_str(TARGET_FILES);
    tables.table("[]", &target_schema().to_value()["items"], &Value::Null);
    tables.text.push_str(LABELS);
    for label in target_labels() {
        let _ = writeln!(tables.text, "- `{label}`");
    }
    tables.text.push_str(WEB_FILE);
    tables.table("", &web_schema().to_value(), &Value::Null);
    tables.text
}

/// The tables of a file.
#[derive(Debug, Default)]
struct Tables {
    text: String,
    /// The key of each row, with the keys above it in its table.
    names: Vec<String>,
}

impl Tables {
    /// Writes a table for each section of the configuration file.
    fn sections(&mut self, file: &Value) {
        for (key, section) in properties(file) {
            let name = if section["type"] == "array" { format!("{key}[]") } else { key.clone() };
            let _ = write!(self.text, "\n## {name}\n\n{}\n", meaning(section));
            let section = if section["type"] == "array" { &section["items"] } else { section };
            self.table(&name, section, &file["properties"][key]["default"]);
        }
    }

    /// Writes the table of a mapping, and after it those of the lists of mappings in it.
    fn table(&mut self, path: &str, mapping: &Value, default: &Value) {
        self.text.push_str(
            "\n| key | type | default | valid values | meaning |\n|---|---|---|---|---|\n",
        );
        let mut lists = Vec::new();
        self.rows("", path, mapping, default, &mut lists);
        for (path, item) in lists {
            let _ = write!(self.text, "\n### {path}\n");
            self.table(&path, &item, &Value::Null);
        }
    }

    fn rows(
        &mut self,
        prefix: &str,
        path: &str,
        mapping: &Value,
        default: &Value,
        lists: &mut Vec<(String, Value)>,
    ) {
        for (key, value) in properties(mapping) {
            let name = format!("{prefix}{key}");
            let list = format!("{path}.{name}[]");
            let is_mapping = value["properties"].is_object();
            let (kind, valid) = match &value["items"]["properties"] {
                Value::Object(_) => {
                    let anchor = list.replace(['[', ']', '.'], "");
                    ("list of mappings".to_owned(), format!("[{list}](#{anchor})"))
                }
                _ if is_mapping => ("mapping".to_owned(), "the keys below".to_owned()),
                _ => (kind(value), valid(value)),
            };
            let given = default.get(key).unwrap_or_else(|| &value["default"]);
            let shown = match given {
                _ if is_mapping => String::new(),
                _ if is_required(value) => "required".to_owned(),
                _ if text(&value["x-default"]) == "no effect" => "no effect".to_owned(),
                _ if value["x-default"].is_string() => inherited(text(&value["x-default"])),
                Value::Null if kind == "mapping" => "`{}`".to_owned(),
                Value::Null => "none".to_owned(),
                given => format!("`{}`", inline(given)),
            };
            let meaning = escaped(&meaning(value));
            let valid = escaped(&valid);
            let _ = writeln!(self.text, "| `{name}` | {kind} | {shown} | {valid} | {meaning} |");
            self.names.push(name.clone());
            if is_mapping {
                let below = with_inherited(value);
                self.rows(&format!("{name}."), path, &below, given, lists);
            } else if value["items"]["properties"].is_object() {
                lists.push((list, value["items"].clone()));
            }
        }
    }
}

/// Returns a mapping whose values have the default that it inherits as a whole.
fn with_inherited(mapping: &Value) -> Value {
    let mut mapping = mapping.clone();
    if let Some(from) = mapping["x-default"].as_str().map(str::to_owned) {
        for (key, value) in mapping["properties"].as_object_mut().unwrap() {
            value["x-default"] = json!(format!("{from}.{key}"));
        }
    }
    mapping
}

fn inherited(key: &str) -> String {
    format!("[`{key}`](#{})", key.split('.').next().unwrap())
}

fn kind(value: &Value) -> String {
    match (&value["x-kind"], text(&value["type"])) {
        (Value::String(kind), _) => kind.clone(),
        (_, "array") => format!("list: {}", text(&value["items"]["x-kind"])),
        _ => "mapping".to_owned(),
    }
}

fn valid(value: &Value) -> String {
    let of_items = text(&value["items"]["x-valid"]);
    match (&value["x-valid"], &value["minItems"]) {
        (Value::String(valid), _) => valid.clone(),
        (_, Value::Null) => of_items.to_owned(),
        _ => format!("{of_items}; at least one"),
    }
}

fn meaning(value: &Value) -> String {
    text(&value["description"]).replace('\n', " ")
}

fn properties(mapping: &Value) -> &Map<String, Value> {
    mapping["properties"].as_object().unwrap()
}

fn is_required(value: &Value) -> bool {
    value["x-required"] == true
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Returns a default as it can be written in a file.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Escapes what Markdown would take for its own, outside of code.
fn escaped(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(position, part)| match position % 2 {
        0 => part.replace('*', "\\*").replace('|', "\\|"),
        _ => part.replace('|', "\\|"),
    });
    parts.collect::<Vec<_>>().join("`")
}

/// Returns a file with every key and its default.
fn example() -> String {
    let mut text = EXAMPLE_HEAD.to_owned();
    let file = config_schema().to_value();
    for (key, section) in properties(&file) {
        text.push('\n');
        comment(&mut text, "", &about(section));
        let _ = writeln!(text, "{key}:");
        if key == "origins" {
            item(&mut text, "  ", &section["items"], EXAMPLE_ORIGIN);
        } else {
            mapping(&mut text, "  ", section, &section["default"], &[]);
        }
    }
    text
}

/// Writes the keys of a mapping. A value in `given` replaces the default.
fn mapping(
    text: &mut String,
    indent: &str,
    mapping_: &Value,
    default: &Value,
    given: &[(&str, &str)],
) {
    for (key, value) in properties(mapping_) {
        let mut about = about(value);
        if is_required(value) {
            about.push_str(" Required.");
        } else if let Some(from) = value["x-default"].as_str().filter(|from| from.contains('.')) {
            let _ = write!(about, " Default: {from}.");
        }
        comment(text, indent, &about);
        if value["items"]["properties"].is_object() {
            let _ = writeln!(text, "{indent}# The keys of an item, with their defaults:");
            let mut list = String::new();
            let given = if key == "cloudfront" { EXAMPLE_ACCOUNT } else { EXAMPLE_TARGET };
            item(&mut list, "  ", &value["items"], given);
            for line in list.lines() {
                let _ = writeln!(text, "{}", format!("{indent}# {line}").trim_end());
            }
        }
        let default = default.get(key).unwrap_or_else(|| &value["default"]);
        if value["properties"].is_object() && value["x-default"].is_string() {
            let _ = writeln!(text, "{indent}{key}: {{}}");
            continue;
        }
        if value["properties"].is_object() {
            let _ = writeln!(text, "{indent}{key}:");
            mapping(text, &format!("{indent}  "), value, default, given);
            continue;
        }
        let shown =
            given.iter().find(|(name, _)| name == key).map(|(_, shown)| (*shown).to_owned());
        let shown = shown.unwrap_or_else(|| match default {
            Value::Null => String::new(),
            Value::String(text) if text.contains(": ") || text.contains("0:") => {
                format!("\"{text}\"")
            }
            default => inline(default),
        });
        let _ = writeln!(text, "{}", format!("{indent}{key}: {shown}").trim_end());
    }
}

/// Writes the keys of the only item of a list.
fn item(text: &mut String, indent: &str, schema: &Value, given: &[(&str, &str)]) {
    let mut keys = String::new();
    mapping(&mut keys, &format!("{indent}  "), schema, &Value::Null, given);
    let is_key = |line: &str| !line.trim_start().starts_with('#');
    let mut lines = keys.lines();
    // The comment of the first key comes before the dash.
    for line in lines.by_ref() {
        if is_key(line) {
            let _ = writeln!(text, "{indent}- {}", line.trim_start());
            break;
        }
        let _ = writeln!(text, "{line}");
    }
    lines.for_each(|line| _ = writeln!(text, "{line}"));
}

/// Returns the meaning of a value and its valid values, without Markdown.
fn about(value: &Value) -> String {
    let valid = valid(value);
    let mut about = meaning(value);
    if let Some(example) = valid.strip_prefix("such as ") {
        let _ = write!(about, " For example: {example}.");
    } else if !valid.is_empty() && kind(value) != "boolean" {
        let _ = write!(about, " Valid: {valid}.");
    }
    let mut plain = String::new();
    let mut rest = about.as_str();
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        match link.split_once("](") {
            Some((name, target)) if !name.contains([' ', ':']) || !name.contains(']') => {
                plain.push_str(name);
                rest = target.split_once(')').unwrap().1;
            }
            _ => {
                plain.push('[');
                rest = link;
            }
        }
    }
    plain + rest
}

fn comment(text: &mut String, indent: &str, words: &str) {
    let mut line = format!("{indent}#");
    for word in words.replace('`', "").split_whitespace() {
        if line.len() + 1 + word.len() > 100 {
            let _ = writeln!(text, "{line}");
            line = format!("{indent}#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}

/// Returns the schema that the chart holds its `config` against.
fn chart(schema: &Value) -> Value {
    let Value::Object(schema) = schema else { return schema.clone() };
    let mut kept = Map::new();
    for (key, value) in schema {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                let properties = properties.iter().map(|(key, value)| (key.clone(), chart(value)));
                kept.insert(key.clone(), Value::Object(properties.collect()));
                kept.insert("additionalProperties".to_owned(), json!(false));
                let required = schema["properties"].as_object().unwrap().iter();
                let required = required.filter(|(_, value)| is_required(value));
                let required: Vec<&String> = required.map(|(key, _)| key).collect();
                if !required.is_empty() {
                    kept.insert("required".to_owned(), json!(required));
                }
            }
            // A number would reach the daemon as Helm writes it, such as 1.2e+11.
            ("additionalProperties", _) => {
                let texts = json!({"type": "array", "items": {"type": "string"}});
                kept.insert(key.clone(), json!({"anyOf": [{"type": "string"}, texts]}));
            }
            // Helm reads YAML's yes and no as true and false; the template turns them back.
            ("enum", Value::Array(choices)) if choices.contains(&json!("yes")) => {
                let choices = choices.iter().cloned().chain([json!(true), json!(false)]);
                kept.insert(key.clone(), choices.collect());
            }
            ("items", items) => _ = kept.insert(key.clone(), chart(items)),
            ("type" | "enum" | "pattern" | "minimum" | "maximum" | "minItems", _) => {
                kept.insert(key.clone(), value.clone());
            }
            _ => {}
        }
    }
    Value::Object(kept)
}

const COMMAND: &str = "`ORIGIN_PROBE_WRITE=1 cargo test --test it reference`";

const HEAD: &str = "\
# Configuration

<!-- Generated by `ORIGIN_PROBE_WRITE=1 cargo test --test it reference`; do not edit. -->

Look up every key of the configuration file (`--config`), of [target files](#target-files) and of the
[web configuration file](#web-configuration-file). [`config/origin-probe.yaml`](../../config/origin-probe.yaml) shows
the keys as a file. `origin-probe serve --check-config --config FILE` reports all errors of a file.

The files are YAML or JSON, in UTF-8. Unknown keys are errors. A relative path starts at the directory of the file that
it is written in. A printable text has at most 128 bytes. A duration consists of numbers with units (`ms`, `s`, `m`,
`h`, `d`), larger units first: `90s`, `1h30m`, `14d`. If a default is the name of another key, that key's value applies.
";

const TARGET_FILES: &str = "
## Target files

The files that `discovery.files` lists: groups of targets in the format of Prometheus's file_sd, as YAML or JSON.
";

/// The text between the tables of groups and of labels.
const LABELS: &str = "
Each of these labels sets the key of [`origins[]`](#origins) that its name ends with. Separate the values of a list by
commas. Empty labels are ignored. The default of `__origin_probe_id` is the target.

";

const WEB_FILE: &str = "
## Web configuration file

The file that `--web.config.file` names sets TLS and [access to the pages](operating.md#access-to-the-pages), in the
format of Prometheus's exporter-toolkit.
";

const EXAMPLE_HEAD: &str = "\
# All keys of the configuration file with their defaults, and one example origin. Required: one
# origin with an id and a domain (see minimal.yaml), or a source under `discovery`.
#
# Durations are numbers with units: 500ms, 90s, 5m, 1h30m, 14d.
# To validate a file, run: origin-probe serve --check-config --config FILE
#
# Generated by `ORIGIN_PROBE_WRITE=1 cargo test --test it reference`; do not edit.
";

const EXAMPLE_ORIGIN: &[(&str, &str)] = &[
    ("id", "shop"),
    ("domain", "origin.example.com"),
    ("viewer_hosts", "[www.example.com]"),
    ("interval", "5m"),
    ("reachable_from_here", "auto"),
];
const EXAMPLE_ACCOUNT: &[(&str, &str)] = &[("name", "shop"), ("reachable_from_here", "auto")];
const EXAMPLE_TARGET: &[(&str, &str)] =
    &[("distribution", "E2EXAMPLE1ABCD"), ("origin", "app"), ("server_name", "www.example.com")];
