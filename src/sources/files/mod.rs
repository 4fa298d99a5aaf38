//! Target files in the format of Prometheus's file_sd: checked every few seconds, read when they
//! have changed.

mod look;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::config::{FilePattern, OriginDefaults, TargetFile};
use crate::limits::FileStamp;

use super::{
    Found, FoundOrigin, Part, PartUpdate, Place, Problem, Problems, SourceHandle, SourceUpdate,
};

use look::{Look, Settling};

/// The time between checks for changes. Change notifications do not work on network file systems or
/// for the symbolic links of a ConfigMap.
pub const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// The files of one pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Files {
    pattern: FilePattern,
    defaults: OriginDefaults,
    /// The stamp of each file when it was read; `None` if it could not be read.
    known: BTreeMap<PathBuf, Option<FileStamp>>,
}

impl Files {
    /// Returns the files of `pattern`, none of them read yet. `defaults` apply to settings that
    /// are not in the files.
    pub fn new(pattern: FilePattern, defaults: OriginDefaults) -> Self {
        Self { pattern, defaults, known: BTreeMap::new() }
    }

    /// Reads every file once.
    pub fn read(&mut self) -> SourceUpdate {
        let look = Look::at(&self.pattern);
        self.read_what_changed(&look)
    }

    /// Reads the files at once and whenever they have changed. Never returns.
    pub async fn watch(mut self, handle: SourceHandle) {
        let mut looks = tokio::time::interval(BETWEEN_LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut read, mut settling) = (None, Settling::default());
        loop {
            looks.tick().await;
            let pattern = self.pattern.clone();
            // A hanging file system must not block other tasks.
            let look = tokio::task::spawn_blocking(move || Look::at(&pattern)).await;
            let Ok(look) = look else { continue };
            let is_settled = settling.is_settled(&look);
            if read.as_ref() == Some(&look) && !self.must_try_again(&look) {
                handle.nothing_new();
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
                    handle.deliver(reading);
                }
                Err(error) => handle.deliver(SourceUpdate::Failed(error.to_string())),
            }
        }
    }

    /// Returns whether an existing file could not be read. The cause may be gone by now.
    fn must_try_again(&self, look: &Look) -> bool {
        let Look::Files(files) = look else { return false };
        files.iter().any(|(path, stamp)| stamp.is_some() && self.known.get(path) == Some(&None))
    }

    fn read_what_changed(&mut self, look: &Look) -> SourceUpdate {
        let files = match look {
            Look::Files(files) => files,
            Look::Failed(reason) => return SourceUpdate::Failed(reason.clone()),
        };
        let before = std::mem::take(&mut self.known);
        let mut parts = Vec::new();
        for (path, stamp) in files {
            let name: Arc<str> = path.to_string_lossy().into();
            let is_known = stamp.is_some() && before.get(path) == Some(stamp);
            let (news, read) = match is_known {
                true => (PartUpdate::Unchanged, *stamp),
                false => self.read_file(path, &name, *stamp),
            };
            self.known.insert(path.clone(), read);
            parts.push(Part { name, update: news });
        }
        SourceUpdate::Parts(parts)
    }

    /// Reads a file. Returns its stamp too, unless the file could not be accessed.
    fn read_file(
        &self,
        path: &Path,
        name: &Arc<str>,
        stamp: Option<FileStamp>,
    ) -> (PartUpdate, Option<FileStamp>) {
        match TargetFile::load(path, &self.defaults) {
            Ok(file) => (PartUpdate::Read(found(file, name)), stamp),
            Err(errors) => {
                let read = if errors.is_about_access() { None } else { stamp };
                (PartUpdate::Failed(errors.to_string()), read)
            }
        }
    }
}

/// Returns the origins and problems of a target file, with the file as their place.
pub fn found(file: TargetFile, name: &Arc<str>) -> Found {
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
    Found { origins: origins.collect(), distribution: None, problems, groups: file.groups }
}
