//! What the command line does for people: in colours, at every width, under a real terminal, and
//! in a pipe.

mod bar;
mod manners;
mod pictures;
mod shells;
mod stage;
mod words;

/// Asserts what the command line prints in one case.
#[track_caller]
pub fn row(title: &str, printed: &str) {
    crate::common::section::assert_section("cli", &format!("terminal: {title}"), printed);
}
