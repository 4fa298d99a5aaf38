//! The repair as text for a terminal.

use std::fmt;

use super::Advice;
use super::Repair;

/// Paragraphs with their code indented below them, each after an empty line.
impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "setting: {}", self.setting)?;
        write_advice(f, "", self.first)?;
        for (server, advice) in self.on_servers() {
            write_advice(f, &format!("{}: ", server.as_str()), advice)?;
        }
        Ok(())
    }
}

fn write_advice(f: &mut fmt::Formatter<'_>, whose: &str, advice: Advice) -> fmt::Result {
    writeln!(f, "\n{whose}{}", advice.text)?;
    advice.code.lines().try_for_each(|line| writeln!(f, "    {line}"))
}
