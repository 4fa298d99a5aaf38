//! What may stand under a key: its type, and the values, ranges and lengths that are taken.

use origin_probe::config::Excerpt;
use origin_probe::config::Fault;

use super::Form;
use super::Reader;

/// Returns the type of what stands at `path`, and what of it is taken.
pub(crate) fn taken(reader: Reader, path: &str, form: &Form) -> (String, String) {
    match form {
        Form::Section(_) => ("mapping".to_owned(), "the keys below".to_owned()),
        Form::Mapping => ("mapping".to_owned(), of_mapping(reader, path)),
        Form::Sections(_) => {
            let list = format!("{path}[0]").replace("[0]", "[]");
            let anchor = list.replace(['[', ']', '.'], "");
            ("list of mappings".to_owned(), format!("[{list}](#{anchor})"))
        }
        Form::List(wanted) => {
            let raw = |word: &str| format!("[{word}]");
            let mut takes = of_values(reader, path, raw, &format!("{path}[0]"), wanted);
            let is_empty_list = |fault: &Fault| matches!(fault, Fault::NoProtocolVersion { .. });
            if reader.faults(path, "[]", path).iter().any(is_empty_list) {
                takes.push_str("; at least one");
            }
            (format!("list: {}", kind(wanted)), takes)
        }
        Form::Single(wanted) => {
            (kind(wanted).to_owned(), of_values(reader, path, str::to_owned, path, wanted))
        }
    }
}

/// Returns what the single values at `at` may be, when `raw` of a word is written to `path`.
fn of_values(
    reader: Reader,
    path: &str,
    raw: impl Fn(&str) -> String,
    at: &str,
    wanted: &str,
) -> String {
    let mut limits = Vec::new();
    for fault in WORDS
        .iter()
        .chain([&&*"x".repeat(2_000)])
        .flat_map(|word| reader.faults(path, &raw(word), at))
    {
        let text = fault.to_string();
        let after = |mark: &str| text.split_once(mark).map_or(&*text, |(_, rest)| rest).to_owned();
        let limit = match &fault {
            Fault::NotOneOf { allowed, .. } => return code(allowed),
            Fault::OutOfRange { least, most, .. } => return format!("{least} to {most}"),
            Fault::Malformed { wanted, .. } => {
                let rest = wanted.split_once("; ").map_or(*wanted, |(_, rest)| rest);
                rest.strip_prefix("write ").unwrap_or(rest).to_owned()
            }
            Fault::WrongKind { wanted, .. } => (*wanted).to_owned(),
            Fault::Port { .. } => after("; use "),
            Fault::TooLong { limit, .. } => format!("at most {limit} bytes"),
            Fault::NoPasswordHash => "bcrypt hashes".to_owned(),
            Fault::PasswordHashTooDear { limit, .. } => format!("of cost {limit} at most"),
            _ => continue,
        };
        if !limits.contains(&limit) {
            limits.push(limit);
        }
    }
    if limits.is_empty() {
        limits.extend(wanted.find("such as").map(|at| wanted[at..].to_owned()));
    }
    limits.join("; ")
}

fn of_mapping(reader: Reader, path: &str) -> String {
    let mut limits = Vec::new();
    let many: Vec<String> = (0..1_000).map(|number| format!("a{number}: x")).collect();
    // YAML has no longer key than 1024 characters.
    let long = "k".repeat(1_000);
    for (raw, at, whose) in [
        (format!("{{{}}}", many.join(", ")), path.to_owned(), ""),
        ("{0-: x}".to_owned(), format!("{path}.0-"), "names of "),
        (format!("{{{long}: x}}"), format!("{path}.{}", Excerpt::of(&long).as_str()), "names of "),
    ] {
        for fault in reader.faults(path, &raw, &at) {
            match fault {
                Fault::TooManyLabels { limit, .. } => limits.push(format!("at most {limit}")),
                Fault::TooLong { limit, .. } => {
                    limits.push(format!("{whose}at most {limit} bytes"));
                }
                Fault::LabelName => {
                    let text = fault.to_string();
                    limits.extend(
                        text.split_once("; use ").map(|(_, what)| format!("{whose}{what}")),
                    );
                }
                _ => {}
            }
        }
    }
    let values = of_values(reader, path, |word| format!("{{a: {word}}}"), &format!("{path}.a"), "");
    if !values.is_empty() {
        limits.push(format!("values: {values}"));
    }
    limits.join("; ")
}

/// Returns what kind of value the reader wants, without article and examples.
fn kind(wanted: &'static str) -> &'static str {
    let kind = wanted.split(" such as").next().and_then(|kind| kind.split(" (").next());
    let kind = kind.unwrap_or(wanted);
    let bare = ["a ", "an ", "the "].iter().find_map(|article| kind.strip_prefix(article));
    match bare.unwrap_or(kind) {
        "true or false" => "boolean",
        "single word" => "choice",
        "address and a port" => "address and port",
        bare => bare,
    }
}

fn code(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Each is wrong to most readers; that it is, and in what way, says what they take.
pub(crate) const WORDS: [&str; 6] = [
    "unknown-word",
    "'**'",
    "99999999999",
    "4000000d",
    "1000%",
    "$2b$17$8A5ATkZ6W3hLktVgDJklk.R1lyZ05./Mg2oxRkbQGvxCX1iLc4b2e",
];
