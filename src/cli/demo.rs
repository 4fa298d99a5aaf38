//! `demo`: runs the real daemon against local demo origins.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Config, LogFormat, LogLevel, LogSettings};
use crate::daemon::{self, Daemon, Source, logging, now};
use crate::demo::Demo;
use crate::limits::FileKinds;
use crate::origin::Shard;
use crate::probe::ProbeOptions;

use super::arguments::DemoArguments;
use super::check::CheckOptions;
use super::terminal::note;
use super::{check, print};

/// Starts the demo origins, and either checks them once or monitors them until Ctrl-C.
pub(super) fn run(arguments: &DemoArguments) -> anyhow::Result<()> {
    let runtime = daemon::runtime()?;
    let result = runtime
        .block_on(async { if arguments.once { once(arguments).await } else { watch().await } });
    runtime.shutdown_timeout(Duration::from_millis(200));
    result
}

async fn once(arguments: &DemoArguments) -> anyhow::Result<()> {
    let demo = Demo::start(now()).await?;
    let folder = Folder::new()?;
    let config = configure(&demo, &folder, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?.1;
    let prober = Arc::new(check::prober(&config.prober)?);
    let options = CheckOptions {
        at: None,
        within: None,
        presentation: arguments.presentation,
        connections: 1,
    };
    let reports =
        check::probe_all(prober, config.origins, ProbeOptions::default(), options).await?;
    check::show(&reports, Vec::new(), options)?;
    say_what_is_missing(&demo);
    Ok(())
}

async fn watch() -> anyhow::Result<()> {
    let _log = logging::start(LogSettings { level: LogLevel::Info, format: LogFormat::Text })?;
    let hangups = signal(SignalKind::hangup()).context("cannot install the SIGHUP handler")?;
    let demo = Demo::start(now()).await?;
    let folder = Folder::new()?;
    let listen = free_address().await;
    let file = configure(&demo, &folder, listen)?.0;
    let source = Source { path: file.clone(), shard: Shard::WHOLE, web: None };
    let reading = source.read()?;
    let origins = reading.config.origins.len();
    let daemon = Daemon::start(source, reading, hangups).await?;
    let address = daemon.address;
    print(&format!(
        "{} origins on this machine, most of them broken. The daemon probes them every 15 s.\n\n  \
         status page    http://{address}/\n  \
         metrics        http://{address}/metrics\n  \
         configuration  {}\n\n\
         Press Ctrl-C to stop.\n\n",
        origins,
        file.display(),
    ))?;
    say_what_is_missing(&demo);
    daemon.until_asked_to_end().await
}

/// Writes a configuration file like a user's, and loads it.
fn configure(
    demo: &Demo,
    folder: &Folder,
    listen: SocketAddr,
) -> anyhow::Result<(PathBuf, Config)> {
    let pem = folder.path().join("demo-root.pem");
    std::fs::write(&pem, demo.root_pem())
        .with_context(|| format!("cannot write {}", pem.display()))?;
    let file = folder.path().join("origin-probe.yaml");
    std::fs::write(&file, demo.config_yaml(listen, &pem))
        .with_context(|| format!("cannot write {}", file.display()))?;
    let config = Config::load(&file, FileKinds::Regular)?;
    Ok((file, config))
}

fn say_what_is_missing(demo: &Demo) {
    for left_out in demo.left_out() {
        note(&format!("skipped {}: {}", left_out.scenario.id, left_out.reason));
    }
}

/// Returns the default port, or port 0 if it is in use.
async fn free_address() -> SocketAddr {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT));
    match TcpListener::bind(usual).await {
        Ok(_) => usual,
        Err(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
    }
}

/// The daemon's default port.
const PORT: u16 = 10502;

/// A directory in the system's temporary directory, removed when dropped.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    /// Creates a new directory. An existing one is never used: its name is predictable, so another
    /// user could have prepared it.
    fn new() -> anyhow::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700);
        let mut attempt = 0;
        loop {
            let name = format!("origin-probe-demo-{}-{attempt}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match builder.create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(_) if attempt < 99 => attempt += 1,
                Err(error) => {
                    let parent = std::env::temp_dir();
                    return Err(error).with_context(|| {
                        format!("cannot create a directory in {}", parent.display())
                    });
                }
            }
        }
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
