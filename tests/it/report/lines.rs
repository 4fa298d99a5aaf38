use origin_probe::report::{Line, Role, Text};

#[test]
fn a_part_cannot_move_a_cursor() {
    let line = Line::indented(2).with(Role::Name, "a\u{1b}[2Jb\r\n").with(Role::Plain, " é");
    assert_eq!(line.to_string(), "  a\\u{1b}[2Jb\\u{d}\\u{a} é");
}

#[test]
fn text_that_is_laid_out_stays_as_it_is() {
    let text = "a: b\n\n  - c\n";
    let laid_out = Text::laid_out(text);
    assert_eq!(laid_out.to_string(), text);
    assert_eq!((laid_out.lines[2].indent, laid_out.lines[2].hang), (2, 2));
}
