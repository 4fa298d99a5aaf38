//! A control group with a memory limit, of either version.

use std::path::{Path, PathBuf};
use std::{fmt, fs};

/// The group; it is removed when dropped.
pub struct Cell {
    folder: PathBuf,
    files: &'static Files,
}

struct Files {
    root: &'static str,
    limit: &'static str,
    no_limit: &'static str,
    peak: &'static str,
    killed: &'static str,
}

const VERSIONS: [Files; 2] = [
    Files {
        root: "/sys/fs/cgroup/memory",
        limit: "memory.limit_in_bytes",
        no_limit: "-1",
        peak: "memory.max_usage_in_bytes",
        killed: "memory.oom_control",
    },
    Files {
        root: "/sys/fs/cgroup",
        limit: "memory.max",
        no_limit: "max",
        peak: "memory.peak",
        killed: "memory.events",
    },
];

impl Cell {
    /// Makes a group of at most so many `bytes`, or of any; `None` where that is not allowed.
    pub fn new(bytes: Option<u64>) -> Option<Self> {
        VERSIONS.iter().find_map(|files| {
            let folder = Path::new(files.root).join(format!("siege-{}", std::process::id()));
            fs::create_dir(&folder).ok()?;
            let cell = Self { folder, files };
            let limit = bytes.map_or_else(|| files.no_limit.to_owned(), |bytes| bytes.to_string());
            fs::write(cell.folder.join(files.limit), limit).ok()?;
            // Memory that is swapped out would not count.
            let _ = fs::write(cell.folder.join("memory.swappiness"), "0");
            let _ = fs::write(cell.folder.join("memory.swap.max"), "0");
            Some(cell)
        })
    }

    /// Returns the file that takes the processes of the group.
    pub fn processes(&self) -> PathBuf {
        self.folder.join("cgroup.procs")
    }

    /// Returns the most memory the group has used, caches of files included.
    pub fn peak_mib(&self) -> f64 {
        let peak = fs::read_to_string(self.folder.join(self.files.peak)).unwrap_or_default();
        peak.trim().parse().unwrap_or(0.0) / f64::from(1 << 20)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let killed = fs::read_to_string(self.folder.join(self.files.killed)).unwrap_or_default();
        write!(f, "{}", killed.trim().replace('\n', ", "))
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        // A group with a process that has just been killed is busy for a moment.
        for _ in 0..100 {
            if fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}
