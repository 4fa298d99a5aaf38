//! The nameservers of the operating system.

use std::net::SocketAddr;
use std::path::Path;

use hickory_resolver::net::NetError;
use hickory_resolver::system_conf::parse_resolv_conf;

use crate::limits::{FileKinds, MOST_FILE_BYTES, read_file};

use super::ResolverError;

/// The file that resolvers on Unix read (resolv.conf(5)).
pub(super) const RESOLV_CONF: &str = "/etc/resolv.conf";

/// Returns the nameservers in `path`, at least one. Its other settings are ignored.
pub(super) fn nameservers(path: &Path) -> Result<Vec<SocketAddr>, ResolverError> {
    let text = read_file(path, MOST_FILE_BYTES, FileKinds::Regular).map_err(|error| {
        ResolverError::SystemUnreadable { path: path.to_path_buf(), error: error.into() }
    })?;
    let (config, _) = parse_resolv_conf(text).map_err(|error| ResolverError::SystemUnusable {
        path: path.to_path_buf(),
        detail: match error {
            NetError::Io(source) => source.to_string(),
            error => error.to_string(),
        },
    })?;
    Ok(config.name_servers().iter().map(|server| SocketAddr::new(server.ip, DNS_PORT)).collect())
}

/// RFC 1035 §4.2; resolv.conf cannot specify another port.
const DNS_PORT: u16 = 53;

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::path::Path;
    use std::{env, fs, process};

    use super::nameservers;

    /// Reads a file with this text, and removes it.
    fn read(name: &str, text: &[u8]) -> Result<Vec<SocketAddr>, String> {
        let path = env::temp_dir().join(format!("resolv-{}-{name}.conf", process::id()));
        fs::write(&path, text).unwrap();
        let read = nameservers(&path);
        fs::remove_file(&path).unwrap();
        read.map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))
    }

    #[test]
    fn every_nameserver_line_counts_and_other_lines_do_not() {
        let text = b"# made by hand\nsearch corp.example\nnameserver 192.0.2.53\n\
                     nameserver 2001:db8::53\noptions ndots:5 edns0\n";
        let expected = ["192.0.2.53:53", "[2001:db8::53]:53"].map(|a| a.parse().unwrap());
        assert_eq!(read("good", text), Ok(expected.to_vec()));
    }

    #[test]
    fn a_file_without_nameservers_is_refused() {
        for (name, text) in [
            ("empty", &b""[..]),
            ("search", b"search corp.example\n"),
            ("garbage", b"nameserver none\n"),
            ("binary", b"\xff\xfe\x00\x01nameserver"),
        ] {
            let expected = "FILE: no usable nameserver: no nameservers found in config; \
                            add a line `nameserver ADDRESS`, or set `resolver.nameservers`";
            assert_eq!(read(name, text), Err(expected.to_owned()), "{name}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = nameservers(Path::new("/nonexistent/resolv.conf")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "/nonexistent/resolv.conf: cannot read the system's nameservers: \
             No such file or directory (os error 2); \
             make the file readable, or set `resolver.nameservers`"
        );
    }
}
