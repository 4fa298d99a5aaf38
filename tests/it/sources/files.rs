use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::section::assert_section;
use origin_probe::config::Config;
use origin_probe::sources::files::Files;
use origin_probe::sources::{PartUpdate, SourceUpdate};

/// Returns an empty folder, and the files of a pattern in it.
fn files(name: &str, pattern: &str) -> (PathBuf, Files) {
    let folder = std::env::temp_dir().join(format!("origin-probe-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let yaml = format!("discovery: {{files: ['{pattern}']}}\n");
    let config = Config::parse(&folder.join("c.yaml"), yaml.as_bytes()).unwrap();
    let pattern = config.discovery.files[0].clone();
    (folder, Files::new(pattern, config.origin_defaults))
}

/// Returns what a reading says of each file, its domains or why it failed, without the folder.
fn read(files: &mut Files, folder: &Path) -> Vec<String> {
    let folder = format!("{}/", folder.display());
    let lines = match files.read() {
        SourceUpdate::Failed(reason) => vec![reason],
        SourceUpdate::Parts(parts) => parts
            .iter()
            .map(|part| match &part.update {
                PartUpdate::Unchanged => format!("{} unchanged", part.name),
                PartUpdate::Failed(reason) => format!("failed: {reason}"),
                PartUpdate::Read(found) => {
                    let domains = found.origins.iter().map(|at| at.origin.domain().as_str());
                    let problems = found.problems.kept().iter().map(ToString::to_string);
                    let lines: Vec<String> = domains.map(str::to_owned).chain(problems).collect();
                    format!("{} {}", part.name, lines.join(" "))
                }
            })
            .collect(),
    };
    lines.into_iter().map(|line| line.replace(&folder, "")).collect()
}

const A: &str = "[{targets: [a.example]}]";
const B: &str = "[{targets: [b.example]}]";

#[test]
fn files_that_appear_change_and_vanish_are_followed() {
    let (folder, mut files) = files("follow", "*.yaml");
    assert!(read(&mut files, &folder).is_empty());
    fs::write(folder.join("b.yaml"), B).unwrap();
    fs::write(folder.join("a.yaml"), A).unwrap();
    fs::write(folder.join("a.yml"), "others").unwrap();
    fs::write(folder.join(".a.yaml"), "an editor's").unwrap();
    symlink("nowhere", folder.join(".#a.yaml")).unwrap();
    assert_eq!(read(&mut files, &folder), ["a.yaml a.example", "b.yaml b.example"]);
    assert_eq!(read(&mut files, &folder), ["a.yaml unchanged", "b.yaml unchanged"]);
    fs::write(folder.join("a.yaml"), "[{targets: [a.example, 'a.example:7']}]").unwrap();
    fs::remove_file(folder.join("b.yaml")).unwrap();
    let port = read(&mut files, &folder);
    let place = "a.yaml a.example a.yaml:1: [0].targets[1]: ";
    assert!(port.len() == 1 && port[0].starts_with(place), "{port:?}");
    fs::write(folder.join("a.yaml"), "[{targets").unwrap();
    let broken = read(&mut files, &folder);
    assert!(broken.len() == 1 && broken[0].starts_with("failed: a.yaml:1: "), "{broken:?}");
    assert_eq!(read(&mut files, &folder), ["a.yaml unchanged"], "it is not read in vain");
    fs::remove_dir_all(&folder).unwrap();
    assert!(matches!(files.read(), SourceUpdate::Failed(_)));
    let gone = read(&mut files, &folder);
    let gone = gone.join("\n").replace(folder.to_str().unwrap(), "FOLDER");
    let all = [port, broken, vec![gone]].concat().join("\n");
    assert_section("sources", "files: what is wrong", &all);
}

#[test]
fn the_swap_of_a_config_map_is_a_change() {
    let (folder, mut files) = files("config-map", "*.yaml");
    for (version, text) in [("..1", A), ("..2", B)] {
        fs::create_dir(folder.join(version)).unwrap();
        fs::write(folder.join(version).join("t.yaml"), text).unwrap();
    }
    symlink("..1", folder.join("..data")).unwrap();
    symlink("..data/t.yaml", folder.join("t.yaml")).unwrap();
    assert_eq!(read(&mut files, &folder), ["t.yaml a.example"]);
    symlink("..2", folder.join("..new")).unwrap();
    fs::rename(folder.join("..new"), folder.join("..data")).unwrap();
    assert_eq!(read(&mut files, &folder), ["t.yaml b.example"]);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let (folder, mut files) = files("named", "t/a.json");
    let failed = |read: Vec<String>| {
        assert!(read.len() == 1 && read[0].starts_with("failed: t/a.json: "), "{read:?}");
        read[0].clone()
    };
    let missing = failed(read(&mut files, &folder));
    fs::create_dir(folder.join("t")).unwrap();
    fs::write(folder.join("t/a.json"), A).unwrap();
    assert_eq!(read(&mut files, &folder), ["t/a.json a.example"]);
    fs::remove_file(folder.join("t/a.json")).unwrap();
    assert_eq!(read(&mut files, &folder), [&*missing]);
    fs::create_dir(folder.join("t/a.json")).unwrap();
    let directory = failed(read(&mut files, &folder));
    assert_ne!(directory, missing);
    assert_section("sources", "files: a file that is named", &format!("{missing}\n{directory}"));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_pipe_is_not_waited_for_and_too_many_files_are_not_read() {
    let (folder, mut files) = files("pipe", "*.json");
    let made = Command::new("mkfifo").arg(folder.join("p.json")).status().unwrap();
    assert!(made.success());
    let pipe = read(&mut files, &folder);
    assert!(pipe.len() == 1 && pipe[0].starts_with("failed: p.json: "), "{pipe:?}");
    for n in 0..1_000 {
        fs::write(folder.join(format!("{n}.json")), "[]").unwrap();
    }
    assert!(matches!(files.read(), SourceUpdate::Failed(_)));
    let many = read(&mut files, &folder).join("\n");
    let many = many.replace(folder.to_str().unwrap(), "FOLDER");
    assert_section("sources", "files: a pipe, and too many", &format!("{}\n{many}", pipe[0]));
    fs::remove_dir_all(folder).unwrap();
}
