//! A folder of chain files, and the program run in it.

use std::ops::{Deref, Range};
use std::process::Command;

use jiff::Timestamp;
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, Issued, Window};

use crate::common::process::{Folder, Ran};
use crate::table::pem::pem;

pub(super) const DOMAIN: &str = "www.shop.example";

/// When everything is judged unless a test says otherwise.
pub(super) const AT: &str = "2026-05-01T12:00:00Z";

pub(super) fn window(days: Range<i64>) -> Window {
    Window::days(days, AT.parse::<Timestamp>().unwrap())
}

/// Returns the rules violated, without notices.
pub(super) fn rules(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let violations = json["violations"].as_array().unwrap().iter();
    let violations = violations.filter(|violation| violation["severity"] != "notice");
    violations.map(|violation| violation["rule"].as_str().unwrap().to_owned()).collect()
}

/// A root that is trusted, an intermediate, a certificate for [`DOMAIN`] valid for 70 more days,
/// and a folder for files made of them.
pub(super) struct Stage {
    pub(super) root: Authority,
    pub(super) intermediate: Authority,
    pub(super) end_entity: Issued,
    folder: Folder,
}

impl Stage {
    pub(super) fn set(name: &str) -> Self {
        let folder = Folder::new(&format!("offline-{name}"));
        let root = Authority::root("Test Root", window(-1000..3000)).unwrap();
        let options = AuthorityOptions::default();
        let intermediate = root.intermediate("Test CA", window(-900..2000), &options).unwrap();
        let end_entity = EndEntity::new(&[DOMAIN, "shop.example"], window(-20..70));
        let end_entity = intermediate.issue(&end_entity).unwrap();
        folder.write("root.pem", root.pem());
        folder.write("key.pem", pem("PRIVATE KEY", &end_entity.key));
        let stage = Self { root, intermediate, end_entity, folder };
        stage.write("chain.pem", stage.chain());
        stage
    }

    /// Returns the end entity and the intermediate, PEM.
    pub(super) fn chain(&self) -> String {
        certificates(&[&self.end_entity.der, &self.intermediate.der()])
    }

    /// Judges a chain file by the stage's own root at [`AT`].
    pub(super) fn check(&self, file: &str, more: &[&str]) -> Ran {
        self.check_domain(DOMAIN, file, more, b"")
    }

    /// Writes a chain file, and judges it.
    pub(super) fn judge(&self, file: &str, content: impl AsRef<[u8]>, more: &[&str]) -> Ran {
        self.write(file, content);
        self.check(file, more)
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
        // Whoever logs everything must not find a key there either.
        Ran::of(self.program(&arguments).env("RUST_LOG", "trace"), input)
    }

    /// Runs openssl in the stage's folder; returns false if it is not installed.
    pub(super) fn openssl(&self, arguments: &str) -> bool {
        let mut command = Command::new("openssl");
        match command.args(arguments.split(' ')).current_dir(self.join("")).output() {
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
}

impl Deref for Stage {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

/// Returns certificates as a PEM file.
pub(super) fn certificates(list: &[&[u8]]) -> String {
    list.iter().map(|der| pem("CERTIFICATE", der)).collect()
}
