//! What a reader sees of a page, for a section of a snapshot.
/// Elements that begin and end a line.
const BLOCKS: &str = "\
    article body br button caption dd details div dl dt figcaption figure footer form h1 h2 \
    h3 h4 head header html label li main nav ol option p pre section select summary svg \
    table tbody td text th thead title tr ul";

/// Returns the text of a part of a page, a line for each block. Each row of a table begins with
/// `-`, and each of its cells with `|`.
pub fn lines_of(html: &str) -> String {
    let mut text = String::new();
    let mut pieces = html.split('<');
    text.push_str(pieces.next().unwrap());
    let (mut is_after_end, mut is_in_pre) = (false, false);
    for piece in pieces {
        let (tag, rest) = piece.split_once('>').unwrap();
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next();
        let name = name.unwrap();
        let is_end = tag.starts_with('/');
        if BLOCKS.split_whitespace().any(|block| block == name) {
            text.push('\0');
        } else if is_after_end && !is_end {
            // Style sheets keep these apart.
            text.push(' ');
        }
        match name {
            "tr" if !is_end => text.push_str("-\0"),
            "td" | "th" if !is_end => text.push_str("| "),
            _ => (),
        }
        if name == "pre" {
            is_in_pre = !is_end;
        }
        text.push_str(&if is_in_pre { rest.replace('\n', "\0") } else { rest.to_owned() });
        is_after_end = is_end && rest.is_empty();
    }
    // A cell may begin with a block.
    let text = unescaped(&text.replace("| \0", "| "));
    let lines = text.split('\0').map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).map(|line| line + "\n").collect()
}

/// Returns the lines of what a page has of its own, without what all pages have.
pub fn main_of(page: &str) -> String {
    lines_of(between(page, "<main", "</main>").split_once('>').unwrap().1)
}

/// Returns what stands between `begin` and the next `end` of a page.
#[track_caller]
pub fn between<'a>(page: &'a str, begin: &str, end: &str) -> &'a str {
    let (_, rest) = page.split_once(begin).unwrap_or_else(|| panic!("no {begin}: {page}"));
    rest.split_once(end).unwrap_or_else(|| panic!("no {end}: {rest}")).0
}

pub fn unescaped(html: &str) -> String {
    html.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
