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
    use std::path::PathBuf;

    use super::lowest_limit;

    /// A folder that replaces `/sys/fs/cgroup`.
    struct Groups(PathBuf);

    impl Groups {
        fn new(name: &str, files: &[(&str, &str)]) -> Self {
            let root = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            for (path, content) in files {
                let path = root.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
            Self(root)
        }

        fn mount(&self, root: &str, at: &str, source: &str) -> String {
            format!("35 31 0:32 {root} {}{at} rw,relatime shared:9 - {source}", self.0.display())
        }
    }

    impl Drop for Groups {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_lowest_limit_of_version_2_counts() {
        let groups = Groups::new(
            "cgroup-v2",
            &[
                ("memory.max", "max\n"),
                ("a/memory.max", "67108864\n"),
                ("a/b/memory.max", "134217728\n"),
                ("c/memory.max", "max\n"),
            ],
        );
        let mount = groups.mount("/", "", "cgroup2 cgroup2 rw,nsdelegate");
        assert_eq!(lowest_limit("0::/a/b\n", &mount), Some(64 << 20));
        assert_eq!(lowest_limit("0::/a\n", &mount), Some(64 << 20));
        assert_eq!(lowest_limit("0::/c\n", &mount), None);
        assert_eq!(lowest_limit("0::/missing\n", &mount), None);
    }

    #[test]
    fn a_limit_of_version_1_is_found_beside_version_2() {
        let groups = Groups::new(
            "cgroup-v1",
            &[
                ("memory/memory.limit_in_bytes", "9223372036854771712\n"),
                ("memory/pod/memory.limit_in_bytes", "50331648\n"),
                ("cpu/pod/memory.limit_in_bytes", "1\n"),
            ],
        );
        let mounts = [
            groups.mount("/", "/cpu", "cgroup cgroup rw,cpu"),
            groups.mount("/", "/memory", "cgroup cgroup rw,memory"),
            groups.mount("/", "/unified", "cgroup2 cgroup2 rw"),
        ]
        .join("\n");
        assert_eq!(lowest_limit("4:memory:/pod\n1:cpu:/pod\n0::/\n", &mounts), Some(48 << 20));
        assert_eq!(lowest_limit("4:memory:/\n0::/\n", &mounts), None);
    }

    #[test]
    fn a_container_without_a_namespace_of_its_own_finds_its_limit() {
        let groups = Groups::new("cgroup-host", &[("memory/memory.limit_in_bytes", "134217728\n")]);
        for root in ["/docker/abc", "/somewhere/else"] {
            let mount = groups.mount(root, "/memory", "cgroup cgroup rw,memory");
            assert_eq!(lowest_limit("9:memory:/docker/abc\n", &mount), Some(128 << 20));
        }
    }
}
