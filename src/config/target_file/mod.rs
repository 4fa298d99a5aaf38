//! A file of target groups, as Prometheus's file_sd has them: where origins are, and in labels
//! what a distribution says of them.

mod labels;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::config::ConfigErrors;
use crate::config::Fault;
use crate::config::OriginDefaults;
use crate::config::error::ConfigError;
use crate::config::error::Problems;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::origins::described;
use crate::config::scalar;
use crate::config::section::Section;
use crate::config::text_of;
use crate::config::tree::Node;
use crate::config::tree::Value;
use crate::origin::DomainAndPort;
use crate::origin::DomainName;
use crate::origin::Origin;

use labels::GroupLabels;

/// What one file of target groups says.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetFile {
    /// What can be used, in the order of the file; the same origin may stand there twice.
    pub origins: Vec<Listed>,
    /// Every group, in the order of the file.
    pub groups: Vec<TargetGroup>,
    /// What cannot; `None` where there is no such thing.
    pub errors: Option<ConfigErrors>,
}

/// An origin and the line on which its target stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub line: u32,
    pub origin: Arc<Origin>,
}

/// One group of targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    pub line: u32,
    /// Where its origins stand among those of the file.
    pub origins: Range<usize>,
    /// Whether nothing is wrong with it, except for the origins' own labels.
    pub is_valid: bool,
    /// Whether its origins lack an own label, because that cannot be used.
    pub lacks_labels: bool,
    /// The targets it names; empty if its origins tell them.
    pub named: Vec<NamedOrigin>,
}

/// The id and the domain of an origin, as far as its target, which may be invalid, gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedOrigin {
    pub id: Option<Box<str>>,
    pub domain: Option<DomainName>,
}

impl NamedOrigin {
    /// Returns what the target at `node`, read as `target`, names in a group with this id.
    fn of(node: &Node<'_>, target: Option<&DomainAndPort>, id: Option<&str>) -> Self {
        let id = id.map(Into::into);
        match target {
            Some(target) => Self {
                id: Some(id.unwrap_or_else(|| default_id(target).into())),
                domain: Some(target.domain.clone()),
            },
            None => Self { id, domain: scalar::optional_text(node).ok().flatten().and_then(host) },
        }
    }
}

/// Returns the domain in a text that is not a target as a whole.
fn host(text: &str) -> Option<DomainName> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split([':', '/']).next()?.trim().parse().ok()
}

/// Returns the id of an origin that has none of its own: another port of the same domain is another
/// origin.
fn default_id(target: &DomainAndPort) -> String {
    match target.port {
        None | Some(HTTPS) => target.domain.as_str().to_owned(),
        Some(port) => format!("{}:{port}", target.domain),
    }
}

impl TargetFile {
    /// Reads a file; its origins have of `defaults` what their labels do not say.
    ///
    /// # Errors
    ///
    /// When nothing of the file can be used: it cannot be read, is larger than 64 MiB, is no YAML,
    /// or is no list.
    pub fn load(place: &Path, defaults: &OriginDefaults) -> Result<Self, ConfigErrors> {
        Self::parse(place, &text_of(place)?, defaults)
    }

    /// Reads what a file holds; `place` is its path, for errors.
    ///
    /// # Errors
    ///
    /// As [`TargetFile::load`].
    pub fn parse(
        place: &Path,
        text: &str,
        defaults: &OriginDefaults,
    ) -> Result<Self, ConfigErrors> {
        let whole_file = |line, fault| {
            let error = ConfigError { line, key: String::new(), fault };
            ConfigErrors::one(place, error)
        };
        let root = Node::document(text).map_err(|error| ConfigErrors::one(place, error))?;
        let groups = match root {
            None => return Err(whole_file(None, Fault::NoGroups)),
            Some(node) if node.is_empty() => return Err(whole_file(None, Fault::NoGroups)),
            Some(Node { value: Value::List(groups), .. }) => groups,
            Some(node) => {
                let wanted = "a list of target groups, `- targets: [origin.example.com]`";
                let fault = Fault::WrongKind { found: node.kind(), wanted };
                return Err(whole_file(Some(node.line), fault));
            }
        };
        let mut reader = Reader {
            defaults,
            origins: Vec::new(),
            groups: Vec::new(),
            problems: Problems::default(),
        };
        for (position, group) in groups.iter().enumerate() {
            reader.group(position, group);
            if reader.origins.len() > MOST_ORIGINS {
                reader.stop_at_the_limit();
                break;
            }
        }
        let Reader { origins, groups, problems, .. } = reader;
        Ok(Self { origins, groups, errors: problems.into_errors(place) })
    }
}

/// What one process holds: more is for several of them.
const MOST_ORIGINS: usize = 100_000;

const GROUP_KEYS: &[Key] = &[
    key("targets", "Where the origins are: a domain, a domain and port, or an `https://` URL."),
    key(
        "labels",
        "What holds for each of the group's targets. Labels that begin with `__origin_probe_` \
         are settings, listed below; others that begin with two underscores do not count, and all \
         others are the origins' own labels, as `labels` of an origin.",
    ),
];

struct Reader<'a> {
    defaults: &'a OriginDefaults,
    origins: Vec<Listed>,
    groups: Vec<TargetGroup>,
    problems: Problems,
}

impl Reader<'_> {
    /// Reads one group: what is wrong with its labels costs all of its targets, what is wrong with
    /// a target only that one, and what is wrong with a label of its own only the label.
    fn group(&mut self, position: usize, node: &Node<'_>) {
        let first = self.origins.len();
        let (problems, own) = (Problems::default(), Problems::default());
        let mut named = Vec::new();
        if let Some(group) = Section::of_item(position, node, GROUP_KEYS, &problems) {
            let _ = group.required("targets", |_| Ok(()));
            let mut labels = GroupLabels::settings_of(&group);
            if let Some(group) = Section::of_item(position, node, GROUP_KEYS, &own) {
                labels.take_own(&group);
            }
            named = self.targets(&group, &labels, &problems);
        }
        let origins = first..self.origins.len();
        let is_valid = problems.is_empty();
        if is_valid && named.len() == origins.len() {
            named = Vec::new();
        }
        let lacks_labels = !own.is_empty();
        self.groups.push(TargetGroup { line: node.line, origins, is_valid, lacks_labels, named });
        self.problems.absorb(problems);
        self.problems.absorb(own);
    }

    /// Takes the targets of a group, unless `problems` has something about its labels, and returns
    /// the name that each of them gives. Every mistake is added to `problems`.
    fn targets(
        &mut self,
        group: &Section<'_>,
        labels: &GroupLabels,
        problems: &Problems,
    ) -> Vec<NamedOrigin> {
        let are_labels_valid = problems.is_empty();
        let mut named = Vec::new();
        let targets = group.items("targets", |node| {
            let target = scalar::domain_and_port(node);
            named.push(NamedOrigin::of(node, target.as_ref().ok(), labels.id()));
            Ok((node.line, target?))
        });
        if targets.is_empty() {
            // Any target serves to find the mistakes of the settings.
            let any =
                "origin.invalid".parse().ok().map(|domain| DomainAndPort { domain, port: None });
            any.and_then(|target| self.origin(group, labels, target, problems));
        }
        for (line, target) in targets {
            if let Some(origin) = self.origin(group, labels, target, problems)
                && are_labels_valid
            {
                self.origins.push(Listed { line, origin: Arc::new(origin) });
            }
            if self.origins.len() > MOST_ORIGINS {
                break;
            }
        }
        named
    }

    fn origin(
        &self,
        group: &Section<'_>,
        labels: &GroupLabels,
        target: DomainAndPort,
        problems: &Problems,
    ) -> Option<Origin> {
        let own = Problems::default();
        let section = labels.section(group, &own);
        let enabled = section.value("enabled", scalar::boolean).unwrap_or(true);
        let id = section.value("id", scalar::label_value);
        let default_id = default_id(&target);
        let origin = described(&section, Some(target.domain), self.defaults);
        let is_sound = own.is_empty();
        problems.absorb(own);
        let mut origin = origin.filter(|_| is_sound && enabled)?;
        origin.https_port = target.port.unwrap_or(origin.https_port);
        origin.key.id = id.unwrap_or(default_id).into();
        origin.labels.clone_from(&labels.own);
        Some(origin)
    }

    fn stop_at_the_limit(&mut self) {
        self.origins.truncate(MOST_ORIGINS);
        if let Some(last) = self.groups.last_mut() {
            last.origins.end = MOST_ORIGINS;
        }
        let line = self.origins.last().map(|last| last.line);
        let fault = Fault::TooManyOrigins { limit: MOST_ORIGINS };
        self.problems.add(|| ConfigError { line, key: String::new(), fault });
    }
}

const HTTPS: u16 = 443;

#[cfg(test)]
mod tests;
