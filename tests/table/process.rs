//! Other people's servers as child processes, which end when they are dropped.

use std::fs;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncReadExt;
use tokio::io::BufReader;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::process::Child;
use tokio::process::Command;

use super::stage::Leaf;
use super::stage::Stage;

/// A server in a process of its own.
#[derive(Debug)]
pub struct Process {
    pub address: SocketAddr,
    _child: Child,
}

/// Why a server is not there.
#[derive(Debug)]
pub enum Absent {
    /// The program is not installed, or the machine lacks the address: the row can be skipped.
    NotHere(String),
    /// The port is taken on one of the addresses: try another.
    PortTaken,
    /// It would not start.
    Broken(String),
}

/// Starts `openssl s_server` with a certificate; `{folder}` in an argument is that of the stage.
pub async fn openssl(
    stage: &Stage,
    at: SocketAddr,
    leaf: Leaf,
    arguments: &[&str],
) -> Result<Process, Absent> {
    let folder = stage.folder.to_str().unwrap();
    let mut command = Command::new("openssl");
    command
        .args(["s_server", "-accept", &at.to_string(), "-www", "-no_ticket"])
        .args(arguments.iter().map(|argument| argument.replace("{folder}", folder)));
    if !arguments.contains(&"-nocert") {
        command
            .args(["-cert", &format!("{folder}/{leaf:?}.pem")])
            .args(["-key", &format!("{folder}/{leaf:?}.key")]);
    }
    let mut child = spawn(&mut command)?;
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let listening = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(address) = line.strip_prefix("ACCEPT") {
                // It names the port only where it has chosen it.
                return Some(address.trim().parse().unwrap_or(at));
            }
        }
        None
    };
    if let Ok(Some(address)) = tokio::time::timeout(PATIENCE, listening).await {
        // Whatever else it prints must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        return Ok(Process { address, _child: child });
    }
    Err(broken(child).await)
}

/// Starts nginx with one `server` block; `{port}` and `{folder}` in it are filled in.
pub async fn nginx(stage: &Stage, at: IpAddr, servers: &str) -> Result<Process, Absent> {
    let address = free_port(at).await;
    let folder = stage.folder.join(format!("nginx-{}", address.port()));
    fs::create_dir_all(&folder).unwrap();
    let here = folder.to_str().unwrap();
    let servers = fill_in(servers, stage, address);
    let text = format!(
        "daemon off; master_process off; pid {here}/pid; error_log {here}/error warn;\n\
         events {{ worker_connections 64; }}\n\
         http {{ access_log off; client_body_temp_path {here}/a; proxy_temp_path {here}/b;\n\
         fastcgi_temp_path {here}/c; uwsgi_temp_path {here}/d; scgi_temp_path {here}/e;\n\
         {servers} }}\n"
    );
    let config = folder.join("conf");
    fs::write(&config, text).unwrap();
    let mut command = Command::new("nginx");
    command.args(["-p", here, "-e", &format!("{here}/error"), "-c"]).arg(&config);
    started(&mut command, address).await
}

/// Starts HAProxy with `bind` options; it answers every request with status 200.
pub async fn haproxy(stage: &Stage, at: IpAddr, bind: &str) -> Result<Process, Absent> {
    let address = free_port(at).await;
    let bind = fill_in(bind, stage, address);
    let text = format!(
        "global\n  tune.ssl.default-dh-param 2048\n\
         defaults\n  mode http\n  timeout client 30s\n  timeout server 30s\n  timeout connect 5s\n\
         frontend table\n  bind {address} {bind}\n  http-request return status 200\n"
    );
    let config = stage.write(&format!("haproxy-{}", address.port()), &text);
    let mut command = Command::new("haproxy");
    command.args(["-db", "-f"]).arg(config);
    started(&mut command, address).await
}

/// How long a program may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// The pause between two looks whether it listens; these programs do not say so.
const PAUSE: Duration = Duration::from_millis(10);

fn fill_in(text: &str, stage: &Stage, address: SocketAddr) -> String {
    text.replace("{folder}", stage.folder.to_str().unwrap())
        .replace("{address}", &address.to_string())
}

async fn free_port(at: IpAddr) -> SocketAddr {
    TcpListener::bind((at, 0)).await.unwrap().local_addr().unwrap()
}

fn spawn(command: &mut Command) -> Result<Child, Absent> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                let program = command.as_std().get_program().to_string_lossy();
                Absent::NotHere(format!("`{program}` is not installed"))
            }
            _ => Absent::Broken(error.to_string()),
        })
}

async fn started(command: &mut Command, address: SocketAddr) -> Result<Process, Absent> {
    let mut child = spawn(command)?;
    let listening = async {
        loop {
            let answers = TcpStream::connect(address).await.is_ok();
            // Asked for last: somebody else may have been faster and answer there.
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            if answers {
                return true;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(PATIENCE, listening).await {
        Ok(true) => Ok(Process { address, _child: child }),
        _ => Err(broken(child).await),
    }
}

async fn broken(mut child: Child) -> Absent {
    let _ = child.start_kill();
    let mut complaint = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        let _ = stderr.read_to_string(&mut complaint).await;
    }
    if complaint.contains("in use") { Absent::PortTaken } else { Absent::Broken(complaint) }
}
