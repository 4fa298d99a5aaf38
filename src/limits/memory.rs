//! The memory limit of this process's control group.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Returns the memory limit of this process's control group (version 1 or 2) in bytes: the lowest
/// of its own and its ancestors' limits. `None` if there is none. It is read once. Kubernetes
/// restarts a container if its limit changes, except for an in-place resize.
pub fn memory_limit() -> Option<u64> {
    static LIMIT: OnceLock<Option<u64>> = OnceLock::new();
    *LIMIT.get_or_init(|| {
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        lowest_limit(&groups, &mounts)
    })
}

/// Returns the lowest limit of the groups in `groups` (`/proc/self/cgroup`), whose hierarchies are
/// mounted according to `mounts` (`/proc/self/mountinfo`).
fn lowest_limit(groups: &str, mounts: &str) -> Option<u64> {
    let limits = Hierarchy::ALL.iter().filter_map(|hierarchy| {
        let group = groups.lines().find_map(|line| hierarchy.group(line))?;
        let (root, mount_point) = mounts.lines().find_map(|line| hierarchy.mount(line))?;
        // Without a cgroup namespace, a container sees paths of the host and a mount whose root is
        // its own group.
        let below = Path::new(group).strip_prefix(root).unwrap_or_else(|_| Path::new(""));
        let groups = below.ancestors().map(|ancestor| mount_point.join(ancestor));
        groups.filter_map(|group| hierarchy.limit(&group)).min()
    });
    limits.min()
}

/// The memory controller in one version of control groups.
struct Hierarchy {
    file_system: &'static str,
    /// The name in `/proc/self/cgroup` and in the mount options; empty in version 2.
    controller: &'static str,
    limit_file: &'static str,
}

impl Hierarchy {
    const ALL: [Self; 2] = [
        Self { file_system: "cgroup2", controller: "", limit_file: "memory.max" },
        Self { file_system: "cgroup", controller: "memory", limit_file: "memory.limit_in_bytes" },
    ];

    /// Returns the path of the process's group, if `line` contains it.
    fn group<'a>(&self, line: &'a str) -> Option<&'a str> {
        let mut fields = line.splitn(3, ':');
        let (_, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        controllers.split(',').any(|each| each == self.controller).then_some(path)
    }

    /// Returns the group at the root of the mount and the mount point, if `line` is a mount of this
    /// hierarchy.
    fn mount<'a>(&self, line: &'a str) -> Option<(&'a str, PathBuf)> {
        let (mount, source) = line.split_once(" - ")?;
        let mut mount = mount.split(' ').skip(3);
        let (root, mount_point) = (mount.next()?, mount.next()?);
        let mut source = source.split(' ');
        let is_this = source.next()? == self.file_system
            && (self.controller.is_empty()
                || source.nth(1)?.split(',').any(|option| option == self.controller));
        is_this.then(|| (root, PathBuf::from(mount_point)))
    }

    /// Returns the limit of one group. For no limit, version 2 writes `max`, version 1 the largest
    /// multiple of the page size.
    fn limit(&self, group: &Path) -> Option<u64> {
        let limit = fs::read_to_string(group.join(self.limit_file)).ok()?;
        limit.trim().parse().ok().filter(|limit| *limit < NO_LIMIT)
    }
}

/// More memory than any machine has.
const NO_LIMIT: u64 = 1 << 60;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::lowest_limit;

    /// Writes limits to a folder that replaces `/sys/fs/cgroup`, and returns what is found there for
    /// each of some groups. A mount is its root, its place and what is mounted there.
    fn limits<const N: usize>(
        limits: &[(&str, u64)],
        mounts: &[(&str, &str, &str)],
        groups: [&str; N],
    ) -> [Option<u64>; N] {
        let name = format!("origin-probe-cgroup-{}-{}", std::process::id(), limits.len());
        let folder = std::env::temp_dir().join(name);
        for (path, limit) in limits {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let limit = if *limit == 0 { "max".to_owned() } else { limit.to_string() };
            fs::write(path, limit + "\n").unwrap();
        }
        let mount = |(root, at, source): &(&str, &str, &str)| {
            format!("35 31 0:32 {root} {}{at} rw,relatime shared:9 - {source}\n", folder.display())
        };
        let mounts: String = mounts.iter().map(mount).collect();
        let found = groups.map(|groups| lowest_limit(groups, &mounts));
        fs::remove_dir_all(folder).unwrap();
        found
    }

    #[test]
    fn the_lowest_limit_of_a_group_and_its_ancestors_counts() {
        // Version 2.
        let files = [
            ("memory.max", 0),
            ("a/memory.max", 64 << 20),
            ("a/b/memory.max", 128 << 20),
            ("c/memory.max", 0),
        ];
        let mounts = [("/", "", "cgroup2 cgroup2 rw,nsdelegate")];
        let found = limits(&files, &mounts, ["0::/a/b\n", "0::/a\n", "0::/c\n", "0::/missing\n"]);
        assert_eq!(found, [Some(64 << 20), Some(64 << 20), None, None]);
        // Version 1 beside version 2.
        let files = [
            ("memory/memory.limit_in_bytes", 9_223_372_036_854_771_712),
            ("memory/pod/memory.limit_in_bytes", 48 << 20),
            ("cpu/pod/memory.limit_in_bytes", 1),
        ];
        let mounts = [
            ("/", "/cpu", "cgroup cgroup rw,cpu"),
            ("/", "/memory", "cgroup cgroup rw,memory"),
            ("/", "/unified", "cgroup2 cgroup2 rw"),
        ];
        let groups = ["4:memory:/pod\n1:cpu:/pod\n0::/\n", "4:memory:/\n0::/\n"];
        assert_eq!(limits(&files, &mounts, groups), [Some(48 << 20), None]);
        // A container without a namespace of its own.
        let files = [("memory/memory.limit_in_bytes", 128 << 20)];
        for root in ["/docker/abc", "/somewhere/else"] {
            let mounts = [(root, "/memory", "cgroup cgroup rw,memory")];
            let found = limits(&files, &mounts, ["9:memory:/docker/abc\n"]);
            assert_eq!(found, [Some(128 << 20)], "{root}");
        }
    }
}
