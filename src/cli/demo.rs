//! `demo`: the real daemon over broken origins of our own.

use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

use crate::config::Config;
use crate::config::LogFormat;
use crate::config::LogLevel;
use crate::config::LogSettings;
use crate::demo::Demo;
use crate::limits::FileKinds;
use crate::origin::Shard;
use crate::probe::Errand;

use super::arguments::DemoArguments;
use super::check;
use super::check::Manner;
use super::daemon::Daemon;
use super::logging;
use super::now;
use super::parts::Parts;
use super::print;
use super::runtime;
use super::source::Source;
use super::terminal::say;

/// Starts the demo's origins and either checks them once or watches them until Ctrl-C.
pub(super) fn run(arguments: &DemoArguments) -> anyhow::Result<ExitCode> {
    let runtime = runtime()?;
    let result = runtime
        .block_on(async { if arguments.once { once(arguments).await } else { watch().await } });
    runtime.shutdown_timeout(Duration::from_millis(200));
    result.map(|()| ExitCode::SUCCESS)
}

async fn once(arguments: &DemoArguments) -> anyhow::Result<()> {
    let demo = Demo::start(now()).await?;
    let folder = Folder::new()?;
    let config = configure(&demo, &folder, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?.1;
    let parts = Parts::of(&config);
    let prober = Arc::new(parts.prober(Arc::new(parts.anchors(FileKinds::Regular)?))?);
    let manner = Manner { at: None, within: None, presentation: arguments.presentation };
    let reports = check::probe_all(prober, config.origins, Errand::default(), manner).await?;
    check::show(&reports, Vec::new(), manner)?;
    say_what_is_missing(&demo);
    Ok(())
}

async fn watch() -> anyhow::Result<()> {
    let _log = logging::start(LogSettings { level: LogLevel::Info, format: LogFormat::Text })?;
    let hangups = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
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
        "{} origins on this machine, most of them broken; the daemon probes them every 15 s.\n\n  \
         status page    http://{address}/\n  \
         metrics        http://{address}/metrics\n  \
         configuration  {}\n\n\
         Ctrl-C ends it.\n\n",
        origins,
        file.display(),
    ))?;
    say_what_is_missing(&demo);
    daemon.until_asked_to_end().await
}

/// Writes the configuration as a user would have it, and reads it back.
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
        say(&format!("left out: {}: {}", left_out.scenario.id, left_out.reason));
    }
}

/// The usual port, or any other where that is taken.
async fn free_address() -> SocketAddr {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT));
    match TcpListener::bind(usual).await {
        Ok(_) => usual,
        Err(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
    }
}

/// The daemon's usual port.
const PORT: u16 = 10502;

/// A folder below the system's temporary one that goes with the process.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    /// Makes a folder that nobody else has made: the name can be guessed, so one that is there
    /// already may be a trap.
    fn new() -> anyhow::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700);
        let mut last = None;
        for attempt in 0..100 {
            let name = format!("origin-probe-demo-{}-{attempt}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match builder.create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) => last = Some(error),
            }
        }
        let error = last.map_or_else(|| anyhow::anyhow!("no attempt"), anyhow::Error::from);
        Err(error.context(format!("cannot make a folder in {}", std::env::temp_dir().display())))
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
