//! Debian's prometheus-blackbox-exporter, set up to do what comes nearest to a probe: its tcp
//! prober with TLS, which verifies the chain and writes metrics of it.

use std::net::SocketAddr;
use std::path::Path;

use super::origin::DOMAIN;
use super::process::Process;

/// The exporter as a process.
#[derive(Debug)]
pub(crate) struct Blackbox {
    pub(crate) process: Process,
}

impl Blackbox {
    /// Starts it with `root.pem` in `folder` for an authority; `None` where it is not installed.
    pub(crate) fn start(folder: &Path, listen: SocketAddr) -> Option<Self> {
        let program = Path::new("/usr/bin/prometheus-blackbox-exporter");
        if !program.exists() {
            return None;
        }
        let root = folder.join("root.pem");
        let yaml = format!(
            "modules:\n  tls:\n    prober: tcp\n    timeout: 5s\n    tcp:\n      \
             preferred_ip_protocol: ip4\n      tls: true\n      tls_config:\n        \
             ca_file: {}\n        server_name: {DOMAIN}\n",
            root.display()
        );
        let config = folder.join("blackbox.yml");
        std::fs::write(&config, yaml).unwrap();
        let (config, listen) = (config.display(), listen);
        let arguments = [
            format!("--config.file={config}"),
            format!("--web.listen-address={listen}"),
            "--log.level=error".to_owned(),
        ];
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Some(Self { process: Process::start(program, &arguments) })
    }

    /// Returns the path that makes it probe `target`: by address, so that it looks up nothing.
    pub(crate) fn probe_of(target: SocketAddr) -> String {
        format!("/probe?module=tls&target={target}")
    }
}
