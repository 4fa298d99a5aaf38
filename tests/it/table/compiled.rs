//! Our own server programs that a compiler has to translate, once for all rows of a test.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;
use tokio::sync::OnceCell;

use super::process::Absent;

/// A program of `programs`, and which compiler translates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Go 1.19 of Debian 12.
    Go119,
    /// The Go of `.ci/tools.txt`.
    Go127,
    Java,
    Tomcat,
    Jetty,
}

/// What has been compiled so far.
#[derive(Debug, Default)]
pub struct Compiled([OnceCell<Result<PathBuf, String>>; 5]);

impl Compiled {
    /// Returns the program, or for Java the folder of its classes.
    pub async fn of(&self, source: Source, folder: &Path) -> Result<PathBuf, Absent> {
        let compiler = source.compiler()?;
        let into = folder.join(format!("{source:?}"));
        let compiled = self.0[source as usize].get_or_init(|| compile(source, &compiler, into));
        compiled.await.clone().map_err(Absent::Broken)
    }
}

impl Source {
    fn compiler(self) -> Result<PathBuf, Absent> {
        let compiler = match self {
            Self::Go119 => PathBuf::from("/usr/lib/go-1.19/bin/go"),
            Self::Go127 => peers()?.join("go/go/bin/go"),
            Self::Java | Self::Tomcat | Self::Jetty => PathBuf::from("/usr/bin/javac"),
        };
        let missing = std::iter::once(compiler.as_path())
            .chain(self.classpath().split(':').filter(|path| !path.is_empty()).map(Path::new))
            .find(|path| !path.exists());
        match missing {
            Some(missing) => {
                Err(Absent::NotHere(format!("`{}` is not installed", missing.display())))
            }
            None => Ok(compiler),
        }
    }

    /// Returns the libraries in Debian's folder that a Java program needs.
    pub fn classpath(self) -> &'static str {
        match self {
            Self::Go119 | Self::Go127 | Self::Java => "",
            Self::Tomcat => "/usr/share/java/tomcat10-embed-core.jar",
            Self::Jetty => {
                "/usr/share/java/jetty9-server.jar:/usr/share/java/jetty9-util.jar:\
                 /usr/share/java/jetty9-http.jar:/usr/share/java/jetty9-io.jar:\
                 /usr/share/java/servlet-api.jar"
            }
        }
    }
}

/// Returns the folder of what `.ci/install peers` installs outside the system's folders.
pub fn peers() -> Result<PathBuf, Absent> {
    std::env::var("ORIGIN_PROBE_PEERS")
        .map(PathBuf::from)
        .map_err(|_| Absent::NotHere("ORIGIN_PROBE_PEERS names no folder".to_owned()))
}

/// Returns where our programs are.
pub fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/table/programs")
}

async fn compile(source: Source, compiler: &Path, into: PathBuf) -> Result<PathBuf, String> {
    fs::create_dir_all(&into).unwrap();
    let mut command = Command::new(compiler);
    let compiled = match source {
        Source::Go119 | Source::Go127 => {
            // What the library does by default depends on the version that a module names.
            let version = if source == Source::Go119 { "1.19" } else { "1.27" };
            fs::write(into.join("go.mod"), format!("module server\n\ngo {version}\n")).unwrap();
            fs::copy(programs().join("go/server.go"), into.join("server.go")).unwrap();
            // The library itself is compiled only once.
            let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go");
            command
                .args(["build", "-o", "server", "."])
                .env("GOCACHE", cache)
                .env("GOPATH", into.join("modules"))
                .env("GOPROXY", "off")
                .env("GOTOOLCHAIN", "local")
                .env("GOFLAGS", "")
                .env("CGO_ENABLED", "0");
            into.join("server")
        }
        Source::Java | Source::Tomcat | Source::Jetty => {
            let file = if source == Source::Java {
                "Server".to_owned()
            } else {
                format!("{source:?}Server")
            };
            command
                .args(["-proc:none", "-nowarn", "-cp", source.classpath(), "-d", "."])
                .arg(programs().join(format!("java/{file}.java")));
            into.clone()
        }
    };
    let output = command.current_dir(&into).kill_on_drop(true).output().await;
    let output = output.map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(compiled),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
