//! Where this program and a suite differ, and why: a file of exceptions that must all be needed.

use std::collections::BTreeMap;

/// One line of the file: a case, what this program says of it, and the reason.
struct Exception {
    said: &'static str,
    is_used: bool,
}

/// The exceptions of one suite, taken one by one.
pub(super) struct Exceptions {
    by_case: BTreeMap<&'static str, Exception>,
    faults: Vec<String>,
}

impl Exceptions {
    /// Reads lines of `case | what is said | reason`; a `#` begins a comment.
    pub(super) fn read(text: &'static str) -> Self {
        let mut faults = Vec::new();
        let mut by_case = BTreeMap::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut fields = line.splitn(3, " | ");
            let (Some(case), Some(said), Some(reason)) =
                (fields.next(), fields.next(), fields.next())
            else {
                faults.push(format!("{line}: must be `case | what is said | reason`"));
                continue;
            };
            if reason.split_whitespace().count() < 5 {
                faults.push(format!("{case}: {reason:?} is no reason"));
            }
            if by_case.insert(case, Exception { said, is_used: false }).is_some() {
                faults.push(format!("{case}: stands twice"));
            }
        }
        Self { by_case, faults }
    }

    /// Compares what is said of a case with what its suite expects.
    pub(super) fn compare(&mut self, case: &str, said: &str, is_as_expected: bool) {
        match self.by_case.get_mut(case) {
            Some(exception) if is_as_expected => {
                exception.is_used = true;
                self.faults.push(format!("{case}: is as expected; the exception can go"));
            }
            Some(exception) => {
                exception.is_used = true;
                if exception.said != said {
                    let expected = exception.said;
                    self.faults.push(format!("{case}: says {said:?}, the exception {expected:?}"));
                }
            }
            None if is_as_expected => {}
            None => self.faults.push(format!("{case}: says {said:?}, unlike the suite")),
        }
    }

    /// Fails if anything differs without an exception, or an exception was not needed.
    pub(super) fn finish(mut self) {
        let unused = self.by_case.iter().filter(|(_, exception)| !exception.is_used);
        self.faults.extend(unused.map(|(case, _)| format!("{case}: no such case")));
        assert!(self.faults.is_empty(), "\n{}", self.faults.join("\n"));
    }
}

#[test]
fn an_exception_that_no_longer_applies_is_a_fault() {
    let mut exceptions =
        Exceptions::read("a | answers | one two three four five\nb | fails | too short\n");
    exceptions.compare("a", "answers", true);
    exceptions.compare("b", "answers", false);
    exceptions.compare("c", "answers", false);
    exceptions.compare("d", "answers", true);
    assert_eq!(
        exceptions.faults,
        [
            "b: \"too short\" is no reason",
            "a: is as expected; the exception can go",
            "b: says \"answers\", the exception \"fails\"",
            "c: says \"answers\", unlike the suite",
        ]
    );
}
