//! A folder of chain files, and the program run in it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, Issued, Window};
use serde_json::Value;

use crate::common::section::transcript;
use crate::table::pem::pem;

pub(super) const DOMAIN: &str = "www.shop.example";

/// When everything is judged unless a test says otherwise.
pub(super) const AT: &str = "2026-05-01T12:00:00Z";

pub(super) fn window(days: std::ops::Range<i64>) -> Window {
    Window::days(days, AT.parse::<Timestamp>().unwrap())
}

/// What the program was given and said.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) arguments: Vec<String>,
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl Ran {
    /// Returns the command and what it printed, for a section.
    pub(super) fn transcript(&self) -> String {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        transcript(&arguments, self.code, &self.out, &self.err)
    }

    /// Returns the one origin printed as JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Returns the rules violated, without notices.
    pub(super) fn rules(&self) -> Vec<String> {
        let json = self.json();
        let violations = json["violations"].as_array().unwrap().iter();
        violations
            .filter(|violation| violation["severity"] != "notice")
            .map(|violation| violation["rule"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// A root that is trusted, an intermediate, a certificate for [`DOMAIN`] valid for 70 more days,
/// and a folder for files made of them.
pub(super) struct Stage {
    pub(super) root: Authority,
    pub(super) intermediate: Authority,
    pub(super) end_entity: Issued,
    folder: PathBuf,
}

impl Stage {
    pub(super) fn set(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("offline").join(name);
        fs::create_dir_all(&folder).unwrap();
        let root = Authority::root("Test Root", window(-1000..3000)).unwrap();
        let options = AuthorityOptions::default();
        let intermediate = root.intermediate("Test CA", window(-900..2000), &options).unwrap();
        let end_entity = EndEntity::new(&[DOMAIN, "shop.example"], window(-20..70));
        let end_entity = intermediate.issue(&end_entity).unwrap();
        let stage = Self { root, intermediate, end_entity, folder };
        stage.file("root.pem", stage.root.pem().as_bytes());
        stage
    }

    /// Returns the end entity and the intermediate, PEM.
    pub(super) fn chain(&self) -> String {
        certificates(&[&self.end_entity.der, &self.intermediate.der()])
    }

    pub(super) fn file(&self, name: &str, content: &[u8]) {
        fs::write(self.folder.join(name), content).unwrap();
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Judges a chain file by the stage's own root at [`AT`].
    pub(super) fn check(&self, file: &str, more: &[&str]) -> Ran {
        self.check_domain(DOMAIN, file, more, b"")
    }

    pub(super) fn check_domain(
        &self,
        domain: &str,
        file: &str,
        more: &[&str],
        input: &[u8],
    ) -> Ran {
        let mut arguments = vec!["check", domain, "--chain", file];
        if !more.contains(&"--trust-anchors") && !more.contains(&"--extra-trust-anchors") {
            arguments.extend(["--trust-anchors", "root.pem"]);
        }
        if !more.contains(&"--at") {
            arguments.extend(["--at", AT]);
        }
        arguments.extend(more);
        self.run(&arguments, input)
    }

    pub(super) fn run(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_origin-probe"));
        // Whoever logs everything must not find a key there either.
        command.args(arguments).current_dir(&self.folder).env("RUST_LOG", "trace");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that has not read to the end is no failure of the writer.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        Ran {
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Returns certificates as a PEM file.
pub(super) fn certificates(list: &[&[u8]]) -> String {
    list.iter().map(|der| pem("CERTIFICATE", der)).collect()
}

/// Runs openssl in the stage's folder; tells whether there is one.
pub(super) fn openssl(stage: &Stage, arguments: &str) -> bool {
    let mut command = Command::new("openssl");
    command.args(arguments.split(' ')).current_dir(stage.folder());
    match command.output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "openssl {arguments}: {said}");
            true
        }
        Err(error) => {
            eprintln!("skipped: no openssl ({error})");
            false
        }
    }
}
