//! What is expected of each chain, and the reason of every difference.
//!
//! `verdicts.txt` says of each chain what this program and the library do with it; the test writes
//! it with `ORIGIN_PROBE_WRITE=1`. `differences.txt` is written by hand: a reason, and below it the
//! chains that it explains.

use std::collections::BTreeMap;
use std::path::Path;

/// What the library does with a good chain.
pub(super) const CONNECTS: &str = "connects";

/// One chain of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) name: String,
    /// The answer and the findings.
    pub(super) product: String,
    /// [`CONNECTS`], or why not; both where the version of TLS decides.
    pub(super) library: String,
}

impl Line {
    /// Tells whether the two contradict each other. `undecided` contradicts nothing.
    fn is_difference(&self) -> bool {
        match self.product.split(' ').next() {
            Some("answers") => self.library != CONNECTS,
            Some("fails" | "refuses") => self.library.contains(CONNECTS),
            _ => false,
        }
    }
}

pub(super) struct Ledger {
    verdicts: String,
    /// Each chain that differs, with the reason.
    reasons: BTreeMap<&'static str, String>,
    faults: Vec<String>,
}

impl Ledger {
    pub(super) fn read() -> Self {
        let verdicts = std::fs::read_to_string(file()).unwrap_or_default();
        Self::new(verdicts, include_str!("differences.txt"))
    }

    /// Reads reasons, which begin at the margin, each followed by indented names of chains.
    fn new(verdicts: String, differences: &'static str) -> Self {
        let (mut reasons, mut faults) = (BTreeMap::new(), Vec::new());
        let (mut reason, mut is_used) = (String::new(), true);
        let lines = differences.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            if let Some(name) = line.strip_prefix("    ") {
                is_used = true;
                if reason.split_whitespace().count() < 5 {
                    faults.push(format!("{name}: {reason:?} is not a reason"));
                }
                if reasons.insert(name, reason.clone()).is_some() {
                    faults.push(format!("{name}: is listed twice"));
                }
            } else if is_used {
                reason = line.to_owned();
                is_used = false;
            } else {
                reason = format!("{reason} {line}");
            }
        }
        Self { verdicts, reasons, faults }
    }

    /// Fails if a chain is not judged as the ledger says, if one differs without a reason, or if a
    /// listed difference is gone.
    pub(super) fn compare(mut self, lines: &[Line]) {
        self.find_faults(lines);
        let written = write(lines);
        if std::env::var_os("ORIGIN_PROBE_WRITE").is_some() {
            std::fs::write(file(), &written).unwrap();
        } else {
            self.find_changes(&written);
        }
        assert!(self.faults.is_empty(), "\n{}", self.faults.join("\n"));
    }

    fn find_faults(&mut self, lines: &[Line]) {
        for pair in lines.windows(2).filter(|pair| pair[0].name == pair[1].name) {
            self.faults.push(format!("{}: two chains have this name", pair[0].name));
        }
        for Line { name, product, library } in lines.iter().filter(|line| line.is_difference()) {
            if self.reasons.remove(name.as_str()).is_none() {
                let said = format!("this program {product}, the library {library}");
                self.faults.push(format!("{name}: {said}; differences.txt has no reason"));
            }
        }
        for name in self.reasons.keys() {
            self.faults.push(format!("{name}: no longer differs; remove it from differences.txt"));
        }
    }

    fn find_changes(&mut self, written: &str) {
        let [known, now] = [&self.verdicts, written].map(|text| text.lines().collect::<Vec<_>>());
        let gone = known.iter().filter(|line| !now.contains(line)).map(|line| format!("- {line}"));
        let new = now.iter().filter(|line| !known.contains(line)).map(|line| format!("+ {line}"));
        self.faults.extend(gone.chain(new));
    }
}

fn write(lines: &[Line]) -> String {
    let line = |line: &Line| format!("{} | {} | {}\n", line.name, line.product, line.library);
    lines.iter().map(line).collect()
}

fn file() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/chains/verdicts.txt"))
}

#[test]
fn a_difference_needs_a_reason_and_a_reason_a_difference() {
    let differences = "# A comment.\nThe library does not look\nat what the page asks for.\n    a\n    b\nNo reason.\n    c\n";
    let mut ledger = Ledger::new("c | fails | connects\n".to_owned(), differences);
    let line = |name: &str, product: &str, library: &str| Line {
        name: name.to_owned(),
        product: product.to_owned(),
        library: library.to_owned(),
    };
    let lines = [
        line("a", "fails chain-out-of-order", "connects"),
        line("b", "undecided", "refuses"),
        line("c", "answers", "refuses S2N_ERR_CERT_UNTRUSTED"),
        line("d", "answers", "refuses S2N_ERR_CERT_UNTRUSTED"),
    ];
    ledger.find_faults(&lines);
    ledger.find_changes(&write(&lines[2..3]));
    assert_eq!(
        ledger.faults,
        [
            "c: \"No reason.\" is not a reason",
            "d: this program answers, the library refuses S2N_ERR_CERT_UNTRUSTED; differences.txt has no reason",
            "b: no longer differs; remove it from differences.txt",
            "- c | fails | connects",
            "+ c | answers | refuses S2N_ERR_CERT_UNTRUSTED",
        ]
    );
}
