//! Target files in the format of Prometheus's file_sd: groups of targets, with the settings of
//! their origins as labels.

mod labels;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::error::{ConfigError, Problems};
use crate::config::origins::{LABELS, OriginEntry};
use crate::config::read::Place;
use crate::config::scalar::Printable;
use crate::config::tree::{Node, Value, at, in_u32};
use crate::config::value::{Given, Later, List};
use crate::config::{ConfigErrors, ErrorKind, OriginDefaults, text_of, whole_file};
use crate::origin::{DomainAndPort, DomainName, Origin};

use labels::GroupLabels;
pub use labels::target_labels;

/// The content of one target file.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetFile {
    /// The valid origins in file order, possibly with duplicates.
    pub origins: Vec<Listed>,
    /// Every group in file order.
    pub groups: Vec<TargetGroup>,
    /// All errors; `None` if there are none.
    pub errors: Option<ConfigErrors>,
}

/// An origin and the line of its target.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub line: u32,
    pub origin: Arc<Origin>,
}

/// One group of targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    pub line: u32,
    /// The positions of its origins in [`TargetFile::origins`].
    pub origins: Range<u32>,
    /// Whether the group has no errors, other than in user-defined labels.
    pub is_valid: bool,
    /// Whether a user-defined label was left out because it is invalid.
    pub lacks_labels: bool,
    /// Whether the group has no errors at all, or keeps origins from its last valid form.
    pub was_valid: bool,
    /// The targets that it names; empty if they are the same as its origins.
    pub named: Box<[NamedOrigin]>,
}

/// The ID and domain of an origin, as far as they can be read from a target that may be invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedOrigin {
    pub id: Option<Box<str>>,
    pub domain: Option<DomainName>,
}

impl NamedOrigin {
    /// Returns the name of the target at `at`, parsed as `target`, in a group with this ID.
    fn of(at: &Place<'_>, target: Option<&DomainAndPort>, id: Option<&str>) -> Self {
        let id = id.map(Into::into);
        match target {
            Some(target) => Self {
                id: Some(id.unwrap_or_else(|| default_id(target).into())),
                domain: Some(target.domain.clone()),
            },
            None => Self { id, domain: at.as_text().and_then(host) },
        }
    }
}

/// Returns the domain in the text of an invalid target.
fn host(text: &str) -> Option<DomainName> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split([':', '/']).next()?.trim().parse().ok()
}

/// Returns the ID of an origin without an explicit one. It contains the port, because different
/// ports of a domain are different origins.
fn default_id(target: &DomainAndPort) -> String {
    match target.port {
        None | Some(HTTPS) => target.domain.as_str().to_owned(),
        Some(port) => format!("{}:{port}", target.domain),
    }
}

impl TargetFile {
    /// Reads a file. `defaults` apply to settings that are not in labels.
    ///
    /// # Errors
    ///
    /// Returns an error if nothing in the file can be used: it cannot be read, is larger than
    /// 64 MiB, is not YAML, or is not a list.
    pub fn load(place: &Path, defaults: &OriginDefaults) -> Result<Self, ConfigErrors> {
        Self::parse(place, &text_of(place)?, defaults)
    }

    /// Parses the content of a file. `place` is its path, used in errors.
    ///
    /// # Errors
    ///
    /// As [`TargetFile::load`].
    pub fn parse(
        place: &Path,
        text: &str,
        defaults: &OriginDefaults,
    ) -> Result<Self, ConfigErrors> {
        let root = Node::document(text).map_err(|error| ConfigErrors::one(place, error))?;
        let groups = match root.filter(|node| !node.is_empty()) {
            None => return Err(whole_file(place, ErrorKind::NoGroups)),
            Some(Node { value: Value::List(groups), .. }) => groups,
            Some(node) => {
                let wanted = "a list of target groups (`- targets: [origin.example.com]`)";
                let kind = ErrorKind::WrongKind { found: node.kind(), wanted: wanted.to_owned() };
                return Err(ConfigErrors::one(place, at(node.line, kind)));
            }
        };
        let mut reader = Reader {
            defaults,
            origins: Vec::new(),
            groups: Vec::new(),
            problems: Problems::default(),
        };
        let list = Node { line: 1, value: Value::List(groups) };
        let unreported = Problems::default();
        for group in Place::top(&list, &unreported).list() {
            reader.group(&group);
            if reader.origins.len() > MOST_ORIGINS {
                reader.stop_at_the_limit();
                break;
            }
        }
        let Reader { origins, groups, problems, .. } = reader;
        Ok(Self { origins, groups, errors: problems.into_errors(place) })
    }
}

/// The maximum number of origins per process; more require several processes.
const MOST_ORIGINS: usize = 250_000;

/// One group in the file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[allow(dead_code, reason = "its parts are read from their places")]
pub(super) struct GroupEntry {
    /// The origins: each a domain, DOMAIN:PORT or an `https://` URL.
    #[schemars(extend("x-required" = true))]
    targets: Later<List<DomainAndPort>>,
    /// Labels of each target in the group. Those that begin with `__origin_probe_` are the settings
    /// listed below; others that begin with `__` are ignored. All remaining labels are your own, like
    /// `labels` of an origin.
    #[schemars(extend("x-valid" = LABELS))]
    labels: Later<BTreeMap<String, Given<Printable>>>,
}

struct Reader<'a> {
    defaults: &'a OriginDefaults,
    origins: Vec<Listed>,
    groups: Vec<TargetGroup>,
    problems: Problems,
}

impl Reader<'_> {
    /// Reads one group. An invalid setting invalidates all of its targets, an invalid target only
    /// itself, and an invalid user-defined label only the label.
    fn group(&mut self, at: &Place<'_>) {
        let first = self.origins.len();
        let (problems, own) = (Problems::default(), Problems::default());
        let mut named = Vec::new();
        let group = at.reporting_to(&problems);
        let _: GroupEntry = group.read();
        if at.is_mapping() {
            group.key("targets").require();
            let mut labels = GroupLabels::settings_of(&group.key("labels"));
            labels.take_own(&group.key("labels").reporting_to(&own));
            named = self.targets(&group, &labels, &problems);
        }
        let origins = first..self.origins.len();
        let is_valid = problems.is_empty();
        if is_valid && named.len() == origins.len() {
            named = Vec::new();
        }
        let lacks_labels = !own.is_empty();
        self.groups.push(TargetGroup {
            line: at.line(),
            origins: in_u32(origins.start)..in_u32(origins.end),
            is_valid,
            lacks_labels,
            was_valid: is_valid && !lacks_labels,
            named: named.into(),
        });
        self.problems.absorb(problems);
        self.problems.absorb(own);
    }

    /// Adds the origins of a group's targets and returns the name of each target.
    ///
    /// No origins are added if `problems` already contains errors. New errors are added to
    /// `problems`.
    fn targets(
        &mut self,
        group: &Place<'_>,
        labels: &GroupLabels,
        problems: &Problems,
    ) -> Vec<NamedOrigin> {
        let settings = labels.place(group, problems);
        let entry: OriginEntry = settings.read();
        let are_labels_valid = problems.is_empty();
        let id_at = settings.key("id");
        let id = id_at.as_text();
        let list = group.key("targets");
        let targets: List<DomainAndPort> = list.read();
        if targets.valid().next().is_none() {
            // Validate the settings with an arbitrary target.
            let any = "origin.invalid".parse().ok();
            entry.described(&settings, any, self.defaults);
        }
        let mut named = Vec::new();
        for (at, target) in targets.each(&list) {
            named.push(NamedOrigin::of(&at, target, id));
            let Some(target) = target else { continue };
            if self.origins.len() > MOST_ORIGINS {
                continue;
            }
            let own = Problems::default();
            let settings = labels.place(group, &own);
            let origin = self.origin(&entry, &settings, target, labels);
            let is_sound = own.is_empty();
            problems.absorb(own);
            if let Some(origin) = origin.filter(|_| is_sound && are_labels_valid) {
                self.origins.push(Listed { line: at.line(), origin: Arc::new(origin) });
            }
        }
        named
    }

    fn origin(
        &self,
        entry: &OriginEntry,
        settings: &Place<'_>,
        target: &DomainAndPort,
        labels: &GroupLabels,
    ) -> Option<Origin> {
        let mut origin = entry.described(settings, Some(target.domain.clone()), self.defaults)?;
        let id = entry.id.0.as_ref().map(|Printable(id)| id.as_str().into());
        origin.key.id = id.unwrap_or_else(|| default_id(target).into());
        origin.https_port = target.port.unwrap_or(origin.https_port);
        origin.labels.clone_from(&labels.own);
        entry.enabled.0?.then_some(origin)
    }

    fn stop_at_the_limit(&mut self) {
        self.origins.truncate(MOST_ORIGINS);
        if let Some(last) = self.groups.last_mut() {
            last.origins.end = in_u32(MOST_ORIGINS);
        }
        let line = self.origins.last().map(|last| last.line);
        let kind = ErrorKind::TooManyOrigins { limit: MOST_ORIGINS };
        self.problems.add(|| ConfigError { line, key: String::new(), kind });
    }
}

const HTTPS: u16 = 443;
