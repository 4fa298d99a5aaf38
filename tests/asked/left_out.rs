//! What a key is when it is left out.

use origin_probe::config::Fault;
use serde_json::Value;
use serde_json::json;

use super::Form;
use super::Reader;
use super::place;

/// Returns the value that the key at `path` has when it is left out: written out, it changes
/// nothing. `others` are the keys of the file before it.
pub(crate) fn left_out(reader: Reader, path: &str, form: &Form, others: &[String]) -> String {
    let mut without = reader.base(path);
    place(&mut without, path, None);
    let decided = match reader.read(&without.to_string()) {
        Ok(decided) => decided,
        Err(errors) => {
            let missing = |fault: &Fault| matches!(fault, Fault::Missing);
            return match errors.iter().any(|error| error.key == path && missing(&error.fault)) {
                true => "required".to_owned(),
                false => "none".to_owned(),
            };
        }
    };
    let changes_nothing = |value: &Value| {
        let mut with = without.clone();
        place(&mut with, path, Some(value.clone()));
        reader.read(&with.to_string()).is_ok_and(|(config, _)| config == decided.0)
    };
    if let Some(source) = inherited(path, others) {
        assert!(follows(reader, path, &source), "{path} does not follow {source}");
        let section = source.split('.').next().unwrap_or(&source);
        return format!("[`{source}`](#{section})");
    }
    let shown: Value = serde_saphyr::from_str(&decided.1).unwrap_or_default();
    let pointer = format!("/{}", path.replace("[0]", ".0").replace('.', "/"));
    let shown = shown.pointer(&pointer).filter(|value| !value.is_null());
    let candidates: Vec<Value> = match form {
        Form::Mapping => vec![json!({})],
        Form::List(_) | Form::Sections(_) => vec![json!([])],
        Form::Single("true or false") => vec![json!(true), json!(false)],
        _ => vec![],
    };
    let mut found = candidates.iter().chain(shown).filter(|value| changes_nothing(value));
    match (found.next(), shown, candidates.iter().all(changes_nothing)) {
        // Both true and false.
        (Some(_), None, true) if candidates.len() == 2 => "no effect".to_owned(),
        (Some(value), ..) => format!("`{}`", plain(value)),
        (None, None, _) if candidates.is_empty() => "none".to_owned(),
        (None, ..) => panic!("{path}: the default is none of {shown:?} and {candidates:?}"),
    }
}

/// Returns the setting of the whole file that an item of a list has unless it says otherwise.
fn inherited(path: &str, others: &[String]) -> Option<String> {
    let (_, name) = path.rsplit_once("[0].")?;
    let sources = [name.to_owned(), format!("probe.{name}")];
    sources.into_iter().find(|source| others.contains(source))
}

/// Tells whether changing the setting `source` changes what stands at `path` to the same.
fn follows(reader: Reader, path: &str, source: &str) -> bool {
    let mut file = reader.base(path);
    let mut read = |source_value: Option<&str>, own: Option<&str>| {
        place(&mut file, source, source_value.map(Value::from));
        place(&mut file, path, own.map(Value::from));
        reader.read(&file.to_string()).ok().map(|decided| decided.0)
    };
    ["8d", "6d", "2s", "12%", "5%", "no"].into_iter().any(|other| {
        ["9d", "5d", "3s", "13%", "6%", "yes"].into_iter().any(|own| {
            let alone = read(Some(other), None);
            alone.is_some()
                && alone == read(Some(other), Some(other))
                && read(Some(other), Some(own)).is_some_and(|own| Some(own) != alone)
        })
    })
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
