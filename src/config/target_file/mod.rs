//! A file of target groups, as Prometheus's file_sd has them: where origins are, and in labels
//! what a distribution says of them.

mod labels;

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
use crate::origin::Origin;

use labels::GroupLabels;

/// What one file of target groups says.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetFile {
    /// What can be used, in the order of the file; the same origin may stand there twice.
    pub origins: Vec<Listed>,
    /// What cannot; `None` where there is no such thing.
    pub errors: Option<ConfigErrors>,
}

/// An origin and the line on which its target stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub line: u32,
    pub origin: Arc<Origin>,
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
        let mut reader = Reader { defaults, origins: Vec::new(), problems: Problems::default() };
        for (position, group) in groups.iter().enumerate() {
            reader.group(position, group);
            if reader.origins.len() > MOST_ORIGINS {
                reader.stop_at_the_limit();
                break;
            }
        }
        Ok(Self { origins: reader.origins, errors: reader.problems.into_errors(place) })
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
    problems: Problems,
}

impl Reader<'_> {
    /// Reads one group: what is wrong with its labels costs all of its targets, what is wrong with
    /// a target only that one.
    fn group(&mut self, position: usize, node: &Node<'_>) {
        let problems = Problems::default();
        let Some(group) = Section::of_item(position, node, GROUP_KEYS, &problems) else {
            return self.problems.absorb(problems);
        };
        let _ = group.required("targets", |_| Ok(()));
        let mut labels = GroupLabels::settings_of(&group);
        if problems.is_empty() {
            labels.take_own(&group);
            let targets =
                group.items("targets", |node| Ok((node.line, scalar::domain_and_port(node)?)));
            for (line, target) in targets {
                if let Some(origin) = self.origin(&group, &labels, target) {
                    self.origins.push(Listed { line, origin: Arc::new(origin) });
                }
                if self.origins.len() > MOST_ORIGINS {
                    break;
                }
            }
        }
        self.problems.absorb(problems);
    }

    fn origin(
        &self,
        group: &Section<'_>,
        labels: &GroupLabels,
        target: DomainAndPort,
    ) -> Option<Origin> {
        let problems = Problems::default();
        let section = labels.section(group, &problems);
        let enabled = section.value("enabled", scalar::boolean).unwrap_or(true);
        let id = section.value("id", scalar::label_value);
        let origin = described(&section, Some(target.domain), self.defaults);
        let is_sound = problems.is_empty();
        self.problems.absorb(problems);
        let mut origin = origin.filter(|_| is_sound && enabled)?;
        origin.https_port = target.port.unwrap_or(origin.https_port);
        // Another port of the same domain is another origin.
        origin.key.id = match (id, target.port) {
            (Some(id), _) => id.into(),
            (None, None | Some(HTTPS)) => origin.domain().as_str().into(),
            (None, Some(port)) => format!("{}:{port}", origin.domain()).into(),
        };
        origin.labels.clone_from(&labels.own);
        Some(origin)
    }

    fn stop_at_the_limit(&mut self) {
        self.origins.truncate(MOST_ORIGINS);
        let line = self.origins.last().map(|last| last.line);
        let fault = Fault::TooManyOrigins { limit: MOST_ORIGINS };
        self.problems.add(|| ConfigError { line, key: String::new(), fault });
    }
}

const HTTPS: u16 = 443;

#[cfg(test)]
mod tests;
