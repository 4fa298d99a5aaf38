//! A terminal of our own, the command in it, and what is seen there.

use std::io::{Read, Write};
use std::num::NonZero;
use std::os::unix::process::ExitStatusExt;
use std::sync::LazyLock;

use origin_probe::demo::pki::Authority;
use pty_process::Size;
use pty_process::blocking::{Command, Pty};

use crate::common::process::{Folder, Ran, UNSET};
use crate::table::pem::pem;

/// As of this instant the chains of these tests are judged.
pub const AT: &str = "2026-11-24T00:00:00Z";

pub const SITE: &str = "www.shop.example";

/// A terminal of a certain width.
pub struct Terminal {
    columns: u16,
    environment: Vec<(&'static str, String)>,
}

/// What came of a command.
pub struct Seen {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    /// What was written to the terminal, with line feeds only.
    pub written: String,
    pub screen: vt100::Parser,
}

pub fn terminal(columns: u16) -> Terminal {
    let environment = vec![("TERM", "xterm-256color".into()), ("LANG", "C.UTF-8".into())];
    Terminal { columns, environment }
}

impl Terminal {
    pub fn with(mut self, variable: &'static str, value: &str) -> Self {
        self.environment.push((variable, value.to_owned()));
        self
    }

    pub fn run(self, arguments: &[&str]) -> Seen {
        self.run_until(arguments, |_, _| {})
    }

    /// Runs a command to its end. `watch` is shown all that has been written each time that there
    /// is more, and may type.
    pub fn run_until(self, arguments: &[&str], mut watch: impl FnMut(&str, &mut Pty)) -> Seen {
        let (mut pty, pts) = pty_process::blocking::open().unwrap();
        pty.resize(Size::new(ROWS, self.columns)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_origin-probe")).args(arguments);
        for variable in UNSET.split(' ') {
            command = command.env_remove(variable);
        }
        let command = command.envs(self.environment).current_dir(folder().join(""));
        let mut child = command.spawn(pts).unwrap();
        let mut all = Vec::new();
        let mut some = [0; 4096];
        // Linux says EIO when nobody holds the other end any longer.
        while let Ok(count @ 1..) = pty.read(&mut some) {
            all.extend_from_slice(&some[..count]);
            watch(&String::from_utf8_lossy(&all), &mut pty);
        }
        let status = child.wait().unwrap();
        let mut screen = vt100::Parser::new(count(ROWS), count(self.columns), 0);
        screen.process(&all);
        let written = String::from_utf8(all).unwrap().replace("\r\n", "\n");
        Seen { code: status.code(), signal: status.signal(), written, screen }
    }
}

/// More than any answer here has lines: nothing is scrolled away.
const ROWS: u16 = 400;

/// Types what a key with Ctrl types.
pub fn type_interrupt(pty: &mut Pty) {
    pty.write_all(b"\x03").unwrap();
}

/// Returns what a program gets that reads the command's output.
pub fn piped(arguments: &[&str]) -> Ran {
    folder().run(arguments)
}

/// Returns what [`piped`] would have on standard output.
pub fn text(arguments: &[&str]) -> String {
    piped(arguments).out
}

/// Makes escape sequences readable: `‹1;31›` begins bold red, `‹0›` ends it.
pub fn readable(written: &str) -> String {
    let mut parts = written.split("\u{1b}[");
    let first = parts.next().unwrap().to_owned();
    let parts = parts.map(|part| part.split_once('m').unwrap());
    first + &parts.map(|(style, text)| format!("‹{style}›{text}")).collect::<String>()
}

/// The contract's root and the chain below it: `www.shop.example` and `shop.example`, until the end
/// of 2026.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/root.pem");
pub const SERVED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/served_chain.pem");

/// The contract's chain, under a name that is the same everywhere: lines are broken by it.
pub static FULLCHAIN: LazyLock<&str> = LazyLock::new(|| {
    file("fullchain.pem", std::fs::read(SERVED).unwrap());
    "fullchain.pem"
});

/// Its first certificate, as it is installed without its issuer.
pub static CERT: LazyLock<&str> = LazyLock::new(|| {
    let served = std::fs::read_to_string(SERVED).unwrap();
    let (first, _) = served.split_once("-----END CERTIFICATE-----\n").unwrap();
    file("cert.pem", format!("{first}-----END CERTIFICATE-----\n"));
    "cert.pem"
});

/// Returns the arguments of a check of a chain in a file.
pub fn arguments<'a>(domains: &[&'a str], chain: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["check"];
    arguments.extend(domains);
    arguments.extend(["--chain", chain, "--trust-anchors", ROOT, "--at", AT]);
    arguments.extend(more);
    arguments
}

/// Writes a file where the commands run.
pub fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    folder().write(name, content);
    name.to_owned()
}

pub fn folder() -> Folder {
    Folder::shared("terminal")
}

/// Writes a chain as a server's file has it.
pub fn chain(name: &str, certificates: &[Vec<u8>]) -> String {
    let blocks: String = certificates.iter().map(|der| pem("CERTIFICATE", der)).collect();
    file(&format!("{name}.pem"), blocks)
}

/// Writes the roots that are trusted.
pub fn anchors(name: &str, roots: &[&Authority]) -> String {
    let pem: String = roots.iter().map(|root| root.pem()).collect();
    file(&format!("{name}-roots.pem"), pem)
}

fn count(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}
