//! An authority's house, and how a chain of it is drawn.

use jiff::Timestamp;
use origin_probe::demo::pki::{Authority, AuthorityOptions, EndEntity, Window};

use super::stage::{AT, anchors, chain, command};

pub const DOMAIN: &str = "www.shop.example";

pub fn days(from: i64, to: i64) -> Window {
    Window::days(from..to, AT.parse::<Timestamp>().unwrap())
}

/// A root that is trusted, an intermediate, and a certificate for the site.
pub struct House {
    pub root: Authority,
    pub issuing: Authority,
    pub site: Vec<u8>,
}

impl House {
    pub fn new() -> Self {
        let root = Authority::root("Root", days(-900, 900)).unwrap();
        let issuing = intermediate(&root, "Issuing");
        let site = site(&issuing, days(-20, 70));
        Self { root, issuing, site }
    }
}

pub fn intermediate(above: &Authority, name: &str) -> Authority {
    above.intermediate(name, days(-400, 400), &AuthorityOptions::default()).unwrap()
}

pub fn site(issuer: &Authority, window: Window) -> Vec<u8> {
    issuer.issue(&EndEntity::new(&[DOMAIN], window)).unwrap().der
}

pub fn drawing(name: &str, root: &Authority, served: &[Vec<u8>], locale: &str) -> String {
    let (chain, roots) = (chain(name, served), anchors(name, &[root]));
    let mut command = command(&["check", DOMAIN, "--chain", &chain, "--trust-anchors", &roots]);
    let output = command.args(["--at", AT, "--draw-chain"]).env("LANG", locale).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let drawing = text.lines().skip_while(|line| !line.starts_with("  chain, "));
    // The next line names the file, wherever that is here.
    let drawing = drawing.take_while(|line| !line.contains(env!("CARGO_TARGET_TMPDIR")));
    let drawing = drawing.filter(|line| !line.contains("not covered"));
    drawing.map(|line| format!("{}\n", line.strip_prefix("  ").unwrap())).collect()
}
