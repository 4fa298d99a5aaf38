use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use super::Files;
use crate::config::Config;
use crate::discovery::News;
use crate::discovery::Reading;

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
        Reading::Failed(reason) => vec![reason],
        Reading::Parts(parts) => parts
            .iter()
            .map(|part| match &part.news {
                News::Unchanged => format!("{} unchanged", part.name),
                News::Failed(reason) => format!("failed: {reason}"),
                News::Read(found) => {
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
    assert_eq!(
        read(&mut files, &folder),
        [
            "a.yaml a.example a.yaml:1: [0].targets[1]: 7 is no port CloudFront takes; use 80, 443 or 1024-65535"
        ]
    );
    fs::write(folder.join("a.yaml"), "[{targets").unwrap();
    let broken = read(&mut files, &folder);
    assert!(broken[0].starts_with("failed: a.yaml:1: is no valid YAML"), "{broken:?}");
    assert_eq!(read(&mut files, &folder), ["a.yaml unchanged"], "it is not read in vain");
    fs::remove_dir_all(&folder).unwrap();
    let gone = read(&mut files, &folder);
    assert!(gone[0].starts_with("the folder ") && gone[0].contains("cannot be read"), "{gone:?}");
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
    let missing = "failed: t/a.json: does not exist; give the path of a YAML file";
    assert_eq!(read(&mut files, &folder), [missing]);
    fs::create_dir(folder.join("t")).unwrap();
    fs::write(folder.join("t/a.json"), A).unwrap();
    assert_eq!(read(&mut files, &folder), ["t/a.json a.example"]);
    fs::remove_file(folder.join("t/a.json")).unwrap();
    assert_eq!(read(&mut files, &folder), [missing]);
    fs::create_dir(folder.join("t/a.json")).unwrap();
    let directory = "failed: t/a.json: is a directory; give the path of a YAML file";
    assert_eq!(read(&mut files, &folder), [directory]);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_pipe_is_not_waited_for_and_too_many_files_are_not_read() {
    let (folder, mut files) = files("pipe", "*.json");
    let made = Command::new("mkfifo").arg(folder.join("p.json")).status().unwrap();
    assert!(made.success());
    assert_eq!(read(&mut files, &folder), ["failed: p.json: is a named pipe; give a regular file"]);
    for n in 0..1_000 {
        fs::write(folder.join(format!("{n}.json")), "[]").unwrap();
    }
    let many = read(&mut files, &folder);
    assert!(many[0].starts_with("more than 1000 files match in "), "{many:?}");
    fs::remove_dir_all(folder).unwrap();
}
