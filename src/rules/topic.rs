//! Repairs: the setting that decides, advice that applies to every server, and advice for each
//! server product.
//!
//! The texts are in `topics.yaml` and `servers`, one file per product. Their settings and commands
//! come from the products' own documentation.

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

/// The subject of a repair. Several rules may share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    // Names and addresses: DNS and the distribution, not the server.
    Unresolvable,
    AddressType,
    DeadFamily,
    NotPublic,
    Nameservers,
    ProbersNetwork,
    // The port.
    Listen,
    S3Website,
    Admit,
    Closed,
    SpeakTls,
    Slow,
    // The negotiation.
    Versions,
    Sslv3,
    Suites,
    Groups,
    Refused,
    ClientCertificate,
    // The names.
    Name,
    PlatformName,
    DefaultCertificate,
    Both,
    CommonName,
    ServerName,
    // The certificate and its key.
    Renew,
    NotYet,
    Public,
    Reissue,
    InstallOne,
    KeyPair,
    KeyKind,
    Staple,
    // The chain.
    Complete,
    Order,
    Current,
    Trim,
}

/// A server product that terminates TLS.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub name: String,
    /// The name for a list on one line.
    pub short_name: String,
    /// The anchor on a rule's page.
    pub anchor: String,
    advice: Vec<Advice>,
}

/// One piece of advice.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advice {
    topics: Vec<Topic>,
    /// Only in advice that applies to every server.
    #[serde(default)]
    setting: String,
    /// Whole sentences.
    pub text: String,
    pub change: Option<Change>,
    /// Commands, one per line; may be empty.
    #[serde(default)]
    pub commands: String,
}

/// A change of configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// An example of the wrong configuration; empty if lines must be added.
    pub before: String,
    /// The same, corrected; empty if lines must be removed.
    pub after: String,
}

/// Every product, in the order in which advice is shown.
pub static SERVERS: LazyLock<Vec<Server>> = LazyLock::new(|| {
    let products = [
        include_str!("servers/elb.yaml"),
        include_str!("servers/nginx.yaml"),
        include_str!("servers/apache.yaml"),
        include_str!("servers/haproxy.yaml"),
        include_str!("servers/caddy.yaml"),
        include_str!("servers/kubernetes_ingress.yaml"),
    ];
    products.into_iter().filter_map(|yaml| serde_saphyr::from_str(yaml).ok()).collect()
});

static GENERAL: LazyLock<Vec<Advice>> =
    LazyLock::new(|| serde_saphyr::from_str(include_str!("topics.yaml")).unwrap_or_default());

/// A topic that `topics.yaml` does not have; tests exclude it.
static NONE: LazyLock<Advice> = LazyLock::new(Advice::default);

impl Topic {
    /// Returns the setting that decides, under its name in the product that has it.
    pub fn setting(self) -> &'static str {
        &self.first().setting
    }

    /// Returns the advice that applies to every server, or that does not concern the server.
    pub fn first(self) -> &'static Advice {
        self.among(&GENERAL).unwrap_or(&NONE)
    }

    /// Returns the advice for each server product that the topic concerns.
    pub fn on_servers(self) -> impl Iterator<Item = (&'static Server, &'static Advice)> {
        SERVERS.iter().filter_map(move |server| Some((server, self.among(&server.advice)?)))
    }

    fn among(self, advice: &[Advice]) -> Option<&Advice> {
        advice.iter().find(|advice| advice.topics.contains(&self))
    }
}

/// Formats the repair for a terminal: paragraphs separated by empty lines, with their code indented
/// below them. In a change, removed lines start with `-` and added ones with `+`.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "setting: {}", self.setting())?;
        write_advice(f, "", self.first())?;
        self.on_servers()
            .try_for_each(|(server, advice)| write_advice(f, &format!("{}: ", server.name), advice))
    }
}

fn write_advice(f: &mut fmt::Formatter<'_>, whose: &str, advice: &Advice) -> fmt::Result {
    writeln!(f, "\n{whose}{}", advice.text)?;
    if let Some(Change { before, after }) = &advice.change {
        let (before, after): (Vec<&str>, Vec<&str>) =
            (before.lines().collect(), after.lines().collect());
        let is_same = |(one, other): &(&&str, &&str)| one == other;
        let head = before.iter().zip(&after).take_while(is_same).count();
        let ((kept, before), (_, after)) = (before.split_at(head), after.split_at(head));
        let tail = before.iter().rev().zip(after.iter().rev()).take_while(is_same).count();
        let (removed, end) = before.split_at(before.len() - tail);
        let (added, _) = after.split_at(after.len() - tail);
        for (sign, lines) in [("  ", kept), ("- ", removed), ("+ ", added), ("  ", end)] {
            lines.iter().try_for_each(|line| writeln!(f, "    {sign}{line}"))?;
        }
    }
    advice.commands.lines().try_for_each(|line| writeln!(f, "    {line}"))
}
