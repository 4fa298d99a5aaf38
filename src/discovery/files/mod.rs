//! Files of target groups, as Prometheus's file_sd has them: looked at every few seconds, read when
//! they have changed.

mod look;

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::config::FilePattern;
use crate::config::OriginDefaults;
use crate::config::Stamp;
use crate::config::TargetFile;

use super::Found;
use super::FoundGroup;
use super::FoundOrigin;
use super::News;
use super::Part;
use super::Place;
use super::Post;
use super::Problem;
use super::Problems;
use super::Reading;

use look::Look;
use look::Settling;

/// How often files are looked at. Notifications do not come from network file systems, nor for the
/// symbolic links of a ConfigMap.
pub const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// The files of one pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Files {
    pattern: FilePattern,
    defaults: OriginDefaults,
    /// How each file looked when it was read; `None` where it could not be.
    known: BTreeMap<PathBuf, Option<Stamp>>,
}

impl Files {
    /// Returns the files of `pattern`, none of them read; their origins have of `defaults` what
    /// they do not say.
    pub fn new(pattern: FilePattern, defaults: OriginDefaults) -> Self {
        Self { pattern, defaults, known: BTreeMap::new() }
    }

    /// Reads every file once.
    pub fn read(&mut self) -> Reading {
        let look = Look::at(&self.pattern);
        self.read_what_changed(&look)
    }

    /// Reads them at once and whenever they have changed, for ever.
    pub async fn watch(mut self, post: Post) {
        let mut looks = tokio::time::interval(BETWEEN_LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut read, mut settling) = (None, Settling::default());
        loop {
            looks.tick().await;
            let pattern = self.pattern.clone();
            // A file system that hangs must hold up nobody else.
            let look = tokio::task::spawn_blocking(move || Look::at(&pattern)).await;
            let Ok(look) = look else { continue };
            let is_settled = settling.is_settled(&look);
            if read.as_ref() == Some(&look) && !self.must_try_again(&look) {
                post.nothing_new();
                continue;
            }
            if !is_settled {
                continue;
            }
            let mut files = self.clone();
            let seen = look.clone();
            let reading = tokio::task::spawn_blocking(move || {
                let reading = files.read_what_changed(&seen);
                (files, reading)
            });
            match reading.await {
                Ok((files, reading)) => {
                    self = files;
                    read = Some(look);
                    post.deliver(reading);
                }
                Err(error) => post.deliver(Reading::Failed(error.to_string())),
            }
        }
    }

    /// Tells whether a file that is there could not be read: what hindered it may be over.
    fn must_try_again(&self, look: &Look) -> bool {
        let Look::Files(files) = look else { return false };
        files.iter().any(|(path, stamp)| stamp.is_some() && self.known.get(path) == Some(&None))
    }

    fn read_what_changed(&mut self, look: &Look) -> Reading {
        let files = match look {
            Look::Files(files) => files,
            Look::Failed(reason) => return Reading::Failed(reason.clone()),
        };
        let before = std::mem::take(&mut self.known);
        let mut parts = Vec::new();
        for (path, stamp) in files {
            let name: Arc<str> = path.to_string_lossy().into();
            let is_known = stamp.is_some() && before.get(path) == Some(stamp);
            let (news, read) = match is_known {
                true => (News::Unchanged, *stamp),
                false => self.read_file(path, &name, *stamp),
            };
            self.known.insert(path.clone(), read);
            parts.push(Part { name, news });
        }
        Reading::Parts(parts)
    }

    /// Returns what a file says, and how it looked where it could be read, well or not.
    fn read_file(
        &self,
        path: &Path,
        name: &Arc<str>,
        stamp: Option<Stamp>,
    ) -> (News, Option<Stamp>) {
        match TargetFile::load(path, &self.defaults) {
            Ok(file) => (News::Read(found(file, name)), stamp),
            Err(errors) => {
                let read = if errors.is_about_access() { None } else { stamp };
                (News::Failed(errors.to_string()), read)
            }
        }
    }
}

pub(super) fn found(file: TargetFile, name: &Arc<str>) -> Found {
    let groups = file.groups.into_iter().map(FoundGroup::from).collect();
    let origins = file.origins.into_iter().map(|at| FoundOrigin {
        line: Some(at.line),
        origin: at.origin,
        is_last_good: false,
    });
    let mut problems = Problems::default();
    if let Some(errors) = &file.errors {
        for error in errors.errors() {
            let place = Place { part: Arc::clone(name), line: error.line };
            problems.add(|| Problem { place, what: error.to_string() });
        }
        problems.add_unkept(errors.count() - errors.errors().len());
    }
    Found { origins: origins.collect(), distribution: None, problems, groups }
}

#[cfg(test)]
mod tests;
