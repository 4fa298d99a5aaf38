//! The import table of the house, enforced: data flows one way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms it imports. An import that is not listed is forbidden, and one that no
/// file uses must be removed. `lib.rs` and `main.rs` are not checked.
const TABLE: [(&str, &str); 22] = [
    ("limits", ""),
    ("telemetry", ""),
    ("origin", ""),
    ("distribution", "chain origin"),
    ("chain", ""),
    ("observation", "limits origin chain"),
    ("cloudfront", "origin"),
    ("config", "limits origin distribution chain metrics"),
    ("sources", "limits chain config origin distribution telemetry"),
    ("resolve", "limits origin observation"),
    ("handshake", "limits origin chain observation cloudfront"),
    ("probe", "limits origin chain observation resolve handshake cloudfront"),
    ("rules", "origin chain observation cloudfront"),
    ("verdict", "origin observation rules"),
    ("impact", "distribution origin rules verdict"),
    ("report", "origin chain observation distribution rules verdict impact"),
    ("metrics", "observation report rules verdict impact telemetry"),
    (
        "web",
        "limits report metrics rules impact probe observation origin config telemetry chain \
         resolve schedule verdict",
    ),
    ("schedule", "origin observation resolve probe rules verdict impact report telemetry"),
    ("demo", ""),
    ("daemon", EVERYTHING_BUT_CLI),
    ("cli", EVERYTHING),
];

/// The command line may import every room.
const EVERYTHING: &str = "*";

/// The daemon wires the rooms and may import every room but `cli`.
const EVERYTHING_BUT_CLI: &str = "* !cli";

#[test]
fn rooms_import_what_the_table_allows_and_nothing_else() {
    let table: BTreeMap<&str, &str> = TABLE.into_iter().collect();
    let mut offences = Vec::new();
    let mut used = BTreeSet::new();
    for file in sources(Path::new("src")) {
        let room = room_of(&file);
        if room == "lib" || room == "main" {
            continue;
        }
        let Some(allowed) = table.get(room.as_str()) else {
            offences.push(format!("{}: the room `{room}` is not in the table", file.display()));
            continue;
        };
        for imported in imports(&fs::read_to_string(&file).unwrap()) {
            let is_allowed = imported == room
                || *allowed == EVERYTHING
                || *allowed == EVERYTHING_BUT_CLI && imported != "cli"
                || allowed.split_whitespace().any(|room| room == imported);
            if !is_allowed {
                offences.push(format!(
                    "{} imports crate::{imported}, which `{room}` may not",
                    file.display()
                ));
            }
            used.insert((room.clone(), imported));
        }
    }
    for (room, allowed) in TABLE.into_iter().filter(|(_, allowed)| !allowed.contains('*')) {
        for allowed in allowed.split_whitespace() {
            if !used.contains(&(room.to_owned(), allowed.to_owned())) {
                offences.push(format!("no file of `{room}` imports crate::{allowed}"));
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn no_room_exports_the_types_of_another() {
    let mut exports = Vec::new();
    for file in sources(Path::new("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().map(str::trim_start);
        let public = lines.filter(|line| line.starts_with("pub") && line.contains(" use crate::"));
        for room in public.flat_map(imports) {
            if room != room_of(&file) {
                exports.push(format!("{}: {room}", file.display()));
            }
        }
    }
    assert_eq!(exports, [""; 0]);
}

#[test]
fn every_room_is_in_the_map_of_the_house() {
    let map = fs::read_to_string("src/lib.rs").unwrap();
    let rooms: BTreeSet<String> = sources(Path::new("src")).iter().map(|f| room_of(f)).collect();
    for room in rooms.iter().filter(|room| *room != "lib" && *room != "main") {
        assert!(map.contains(&format!("| [`{room}`] |")), "src/lib.rs does not describe `{room}`");
    }
}

/// Elsewhere characters that turn the direction of text might not be escaped.
#[test]
fn json_is_written_by_one_file_only() {
    let writes = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        ["to_string", "to_vec", "to_writer"]
            .iter()
            .any(|way| text.contains(&format!("serde_json::{way}")))
    };
    let writers: Vec<PathBuf> = sources(Path::new("src")).into_iter().filter(writes).collect();
    assert_eq!(writers, [Path::new("src/report/json/mod.rs")]);
}

#[test]
fn a_forbidden_import_would_be_seen() {
    let found = imports("use crate::verdict::judge;\nlet x = crate::web::Y;\n// crate::config\n");
    assert_eq!(found, BTreeSet::from(["verdict".to_owned(), "web".to_owned()]));
}

/// The room of a file is the first part of its path below `src`.
fn room_of(file: &Path) -> String {
    let first = file.components().nth(1).unwrap();
    Path::new(first.as_os_str()).file_stem().unwrap().to_string_lossy().into_owned()
}

/// Returns every room named after `crate::` outside comments.
fn imports(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .filter(|room: &String| room.chars().next().is_some_and(char::is_lowercase))
        .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
