//! The door of the pages, with real processes and real TLS: who comes in, over what, and what
//! becomes of it when its files change.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command as Program;
use std::time::Duration;

use crate::common::process::{Process, folder, serve};
use crate::common::tls_reader::{Reader, pem};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use origin_probe::demo::pki::{Authority, EndEntity, Issued, KeyPurpose, Window};
use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

#[allow(clippy::disallowed_methods)]
fn now() -> Timestamp {
    Timestamp::now()
}

fn window() -> Window {
    Window::days(-1..30, now())
}

fn root(name: &str) -> Authority {
    Authority::root(name, window()).unwrap()
}

fn server(issuer: &Authority) -> Issued {
    issuer.issue(&EndEntity::new(&["probe.example"], window())).unwrap()
}

fn client(issuer: &Authority, name: &str) -> Issued {
    let end_entity = EndEntity::new(&[name], window());
    let key_purposes = vec![KeyPurpose::ClientAuthentication];
    issuer.issue(&EndEntity { key_purposes, ..end_entity }).unwrap()
}

/// A folder with a configuration of one origin, and a place for the door's files.
struct House {
    folder: PathBuf,
}

impl House {
    fn new(name: &str) -> Self {
        let house = Self { folder: folder(name) };
        house.write(
            "origin-probe.yaml",
            "web: {listen: \"127.0.0.1:0\"}\nresolver: {nameservers: [\"127.0.0.1:9\"]}\n\
             origins: [{id: a, domain: a.example}]\n",
        );
        house
    }

    /// Writes as an editor does it: whoever reads sees one of the two.
    fn write(&self, name: &str, text: &str) {
        let new = self.folder.join("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, self.folder.join(name)).unwrap();
    }

    fn write_server(&self, issued: &Issued) {
        self.write("server.key", &pem("PRIVATE KEY", &issued.key));
        self.write("server.crt", &pem("CERTIFICATE", &issued.der));
    }

    fn command(&self) -> tokio::process::Command {
        let mut command = serve(&self.folder.join("origin-probe.yaml"));
        command.arg("--web.config.file").arg(self.folder.join("web.yaml"));
        command
    }

    async fn serve(&self, web: &str) -> Process {
        self.write("web.yaml", web);
        Process::start(self.command()).await
    }

    /// Returns the exit code of `--check-config`, and what it says.
    async fn check(&self, web: &str) -> (Option<i32>, String) {
        self.write("web.yaml", web);
        let output = self.command().arg("--check-config").output().await.unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    }
}

const TLS: &str = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n";

fn hash(password: &str) -> String {
    bcrypt::hash(password, 4).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_not_spoken_over_tls() {
    let (house, root) = (House::new("door-http-2"), root("Root"));
    house.write_server(&server(&root));
    let process = house.serve(TLS).await;
    let reader = Reader::trusting(process.address, &root);
    for protocols in [&[][..], &["http/1.1"], &["h2", "http/1.1"]] {
        let answer = reader.begin_http_2(protocols).await.unwrap();
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "{protocols:?} {answer:?}");
    }
    assert!(reader.begin_http_2(&["h2"]).await.is_err(), "there is no protocol in common");
    assert_eq!(reader.ask("GET", "/-/healthy", None).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_need_their_password_for_every_page() {
    let house = House::new("door-users");
    let web = format!(
        "basic_auth_users: {{alice: \"{}\"}}\nhttp_server_config: {{headers: {{X-Frame-Options: \
         deny}}}}\n",
        hash("hunter2")
    );
    let daemon = house.serve(&web).await;
    let reader = Reader::plain(daemon.address);
    for page in ["/", "/metrics", "/api/v1/origins", "/-/healthy", "/config", "/nowhere"] {
        for (credentials, expected) in
            [(None, 401), (Some("alice:hunter3"), 401), (Some("alice:hunter2"), 200)]
        {
            let answer = reader.ask("GET", page, credentials).await.unwrap();
            let expected = if page == "/nowhere" && expected == 200 { 404 } else { expected };
            assert_eq!(answer.status, expected, "{page} {credentials:?}");
            assert!(answer.head.contains("x-frame-options: deny"), "{}", answer.head);
            let asks = answer.head.contains("www-authenticate: basic realm=");
            assert_eq!(asks, expected == 401, "{}", answer.head);
        }
    }
    // Nothing is done for who is not let in, and the hash is nowhere to be seen.
    assert_eq!(reader.ask("POST", "/-/reload", None).await.unwrap().status, 401);
    let config = reader.ask("GET", "/config", Some("alice:hunter2")).await.unwrap().body;
    assert!(config.contains("alice: \"<secret>\""), "{config}");
    assert!(!config.contains("$2b$"), "{config}");
    assert!(!daemon.log().contains("$2b$"));
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_served_without_a_restart() {
    let house = House::new("door-renewal");
    let (old, new) = (root("Old"), root("New"));
    house.write_server(&server(&old));
    let daemon = house.serve(TLS).await;
    let (trusts_old, trusts_new) =
        (Reader::trusting(daemon.address, &old), Reader::trusting(daemon.address, &new));
    assert_eq!(trusts_old.ask("GET", "/-/healthy", None).await.unwrap().body, "ok\n");
    assert!(trusts_new.ask("GET", "/-/healthy", None).await.is_err());

    // Half of a renewal fits nothing: the old pair stays.
    let renewed = server(&new);
    house.write("server.crt", &pem("CERTIFICATE", &renewed.der));
    daemon.signal(Signal::HUP);
    daemon.says("does not match the key").await;
    assert_eq!(trusts_old.ask("GET", "/-/healthy", None).await.unwrap().status, 200);

    // The other half: found by itself.
    house.write("server.key", &pem("PRIVATE KEY", &renewed.key));
    daemon.says("why=\"file change\"").await;
    while trusts_new.ask("GET", "/-/healthy", None).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert!(trusts_old.ask("GET", "/-/healthy", None).await.is_err());

    // From TLS to plain HTTP with a user.
    house.write("web.yaml", &format!("basic_auth_users: {{bob: \"{}\"}}\n", hash("b")));
    daemon.signal(Signal::HUP);
    let plain = Reader::plain(daemon.address);
    while plain.ask("GET", "/-/healthy", Some("bob:b")).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(plain.ask("GET", "/-/healthy", None).await.unwrap().status, 401);
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_clients_with_the_right_certificate_come_in() {
    let house = House::new("door-clients");
    let (ours, theirs) = (root("Ours"), root("Theirs"));
    house.write_server(&server(&ours));
    house.write("client-ca.crt", &ours.pem());
    let web = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n  \
               client_ca_file: client-ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n  \
               client_allowed_sans: [prometheus.example, 192.0.2.7]\n";
    let daemon = house.serve(web).await;
    let reader = || Reader::trusting(daemon.address, &ours);
    for (certificate, comes_in) in [
        (Some(client(&ours, "prometheus.example")), true),
        (Some(client(&ours, "192.0.2.7")), true),
        (Some(client(&ours, "grafana.example")), false),
        (Some(client(&theirs, "prometheus.example")), false),
        (None, false),
    ] {
        let reader = match &certificate {
            Some(issued) => reader().with_certificate(issued),
            None => reader(),
        };
        let answer = reader.ask("GET", "/-/healthy", None).await;
        assert_eq!(answer.is_ok_and(|answer| answer.status == 200), comes_in);
    }

    // A certificate, if there is one, must be good.
    house.write(
        "web.yaml",
        &web.replace("RequireAndVerify", "Verify").replace(
            "VerifyClientCert\n  client_allowed_sans: [prometheus.example, 192.0.2.7]\n",
            "VerifyClientCertIfGiven\n",
        ),
    );
    daemon.signal(Signal::HUP);
    while reader().ask("GET", "/-/healthy", None).await.is_err() {
        tokio::task::yield_now().await;
    }
    let stranger = reader().with_certificate(&client(&theirs, "prometheus.example"));
    assert!(stranger.ask("GET", "/-/healthy", None).await.is_err());
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_or_no_tls_holds_up_nobody() {
    let house = House::new("door-silence");
    let ours = root("Ours");
    house.write_server(&server(&ours));
    let daemon = house.serve(TLS).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(daemon.address).await.unwrap());
    }
    assert!(Reader::plain(daemon.address).ask("GET", "/-/healthy", None).await.is_err());
    let reader = Reader::trusting(daemon.address, &ours);
    assert_eq!(reader.ask("GET", "/-/healthy", None).await.unwrap().status, 200);
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_and_suites_are_those_of_the_file() {
    let house = House::new("door-versions");
    let ours = root("Ours");
    house.write_server(&server(&ours));
    let suite = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
    let web = format!(
        "tls_server_config: {{cert_file: server.crt, key_file: server.key, max_version: TLS12, \
         cipher_suites: [{suite}], curve_preferences: [CurveP384]}}\n"
    );
    let daemon = house.serve(&web).await;
    let answer = Reader::trusting(daemon.address, &ours).ask("GET", "/-/healthy", None).await;
    assert_eq!(
        answer.unwrap().tls.unwrap(),
        ("TLSv1_2".to_owned(), suite.to_owned(), "secp384r1".to_owned())
    );
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_beyond_the_limit_are_told_to_wait() {
    let house = House::new("door-limit");
    let daemon = house.serve("rate_limit: {interval: 1h, burst: 2}\n").await;
    let reader = Reader::plain(daemon.address);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(reader.ask("GET", "/-/healthy", None).await.unwrap().status);
    }
    assert_eq!(statuses, [200, 200, 429, 429]);
    let head = reader.ask("GET", "/-/healthy", None).await.unwrap().head;
    let wait = head.lines().find_map(|line| line.strip_prefix("retry-after: ")).unwrap();
    assert!((1..=3600).contains(&wait.parse::<u32>().unwrap()), "{wait}");
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_request_passes_the_door_first() {
    let house = House::new("door-ambiguous");
    let web = format!(
        "basic_auth_users: {{alice: \"{}\"}}\nrate_limit: {{interval: 1h, burst: 2}}\n\
         http_server_config: {{headers: {{X-Frame-Options: deny}}}}\n",
        hash("a")
    );
    let daemon = house.serve(&web).await;
    let credentials = format!("Authorization: Basic {}\r\n", BASE64_STANDARD.encode("alice:a"));
    for (credentials, expected) in [("", 401), (&*credentials, 400), (&*credentials, 429)] {
        let mut stream = TcpStream::connect(daemon.address).await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nConnection: close\r\n{credentials}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let answer = answer.to_lowercase();
        assert!(answer.starts_with(&format!("http/1.1 {expected}")), "{answer}");
        assert!(answer.contains("x-frame-options: deny"), "{answer}");
    }
    assert_eq!(daemon.end().await, Some(0));
}

/// As a brute-force program does it: many connections that ask again and again.
fn keeps_guessing(from: [u8; 4], daemon: SocketAddr) -> AbortOnDrop {
    AbortOnDrop(tokio::spawn(async move {
        let encoded = BASE64_STANDARD.encode("alice:wrong");
        let request =
            format!("GET /-/healthy HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {encoded}\r\n\r\n");
        loop {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind((IpAddr::from(from), 0).into()).unwrap();
            let Ok(mut stream) = socket.connect(daemon).await else { continue };
            while stream.write_all(request.as_bytes()).await.is_ok()
                && stream.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0)
            {}
        }
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_over_connections_that_stay_open_locks_no_other_client_out() {
    let house = House::new("door-guessing-on");
    house.write(
        "web.yaml",
        &format!("basic_auth_users: {{alice: \"{}\"}}\n", { bcrypt::hash("a", 8).unwrap() }),
    );
    let mut command = tokio::process::Command::new("sh");
    command.args(["-c", "ulimit -n 256; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_origin-probe")]);
    command.args(["serve", "--config"]).arg(house.folder.join("origin-probe.yaml"));
    command.arg("--web.config.file").arg(house.folder.join("web.yaml"));
    let daemon = Process::start(command).await;
    let (address, here, there) = (daemon.address, [127, 0, 0, 1], [127, 0, 0, 2]);
    assert_eq!(ask_from(here, address, "alice:a").await.unwrap(), 200);
    // As many as there are places.
    let _guessing: Vec<_> = (0..60).map(|_| keeps_guessing(there, address)).collect();
    for _ in 0..10 {
        let limit = Duration::from_secs(2);
        let right = tokio::time::timeout(limit, ask_from(here, address, "alice:a")).await;
        assert_eq!(right.unwrap().unwrap(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_that_cannot_be_used_is_refused_before_anything_starts() {
    let house = House::new("door-refused");
    let ours = root("Ours");
    house.write_server(&server(&ours));
    house.write("other.key", &pem("PRIVATE KEY", &server(&ours).key));
    house.write("garbage.pem", "-----BEGIN CERTIFICATE-----\nMIIB!!!\n-----END CERTIFICATE-----\n");
    let made = Program::new("mkfifo").arg(house.folder.join("fifo")).status().unwrap();
    assert!(made.success());
    let web = |more: &str| format!("tls_server_config: {{cert_file: server.crt, {more}}}\n");
    let require = "client_auth_type: RequireAndVerifyClientCert, client_ca_file:";
    for (text, complaint) in [
        (web("key_file: fifo"), "fifo: is a named pipe; give a regular file"),
        (web("key_file: /dev/zero"), "/dev/zero: is a device; give a regular file"),
        (
            web(&format!("key_file: server.key, {require} fifo")),
            "fifo: is a named pipe; give a regular file",
        ),
        (web("key_file: missing.key"), "web.yaml:1: tls_server_config.key_file"),
        (web("key_file: other.key"), "server.crt: does not match the key"),
        (web("key_file: server.crt"), "server.crt: no PEM private key found"),
        (
            "tls_server_config: {cert_file: server.key, key_file: server.key}\n".to_owned(),
            "server.key: no PEM certificate found",
        ),
        (
            "tls_server_config: {cert_file: garbage.pem, key_file: server.key}\n".to_owned(),
            "garbage.pem: not valid PEM",
        ),
        (
            web("key_file: server.key, client_auth_type: RequireAndVerifyClientCert, \
                 client_ca_file: missing.crt"),
            "web.yaml:1: tls_server_config.client_ca_file",
        ),
        (
            web("key_file: server.key, min_version: TLS10"),
            "web.yaml:1: tls_server_config.min_version",
        ),
    ] {
        let (code, said) = house.check(&text).await;
        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains(complaint), "{complaint}: {said}");
    }
    let (code, said) = house.check(TLS).await;
    assert_eq!(code, Some(0));
    assert!(said.contains("web.yaml: valid; https, 0 users"), "{said}");
}

#[test]
fn promtool_takes_the_same_files() {
    if Program::new("promtool").arg("--version").output().is_err() {
        assert!(std::env::var_os("ORIGIN_PROBE_REQUIRE_PEERS").is_none(), "promtool is missing");
        eprintln!("skipped: promtool is not installed");
        return;
    }
    let house = House::new("door-promtool");
    let ours = root("Ours");
    house.write_server(&server(&ours));
    house.write("client-ca.crt", &ours.pem());
    // promtool 2.42 knows neither PEM within the file nor a rate limit.
    house.write(
        "full.yaml",
        "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n  \
         client_ca_file: client-ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n  \
         min_version: TLS12\n  max_version: TLS13\n  prefer_server_cipher_suites: true\n  \
         cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]\n  \
         curve_preferences: [CurveP256, X25519]\nhttp_server_config: {http2: false, headers: \
         {X-Content-Type-Options: nosniff}}\nbasic_auth_users: {alice: \
         $2b$10$8A5ATkZ6W3hLktVgDJklk.R1lyZ05./Mg2oxRkbQGvxCX1iLc4b2e}\n",
    );
    std::fs::copy("config/web.yaml", house.folder.join("example.yaml")).unwrap();
    for name in ["full.yaml", "example.yaml"] {
        let file = house.folder.join(name);
        assert!(origin_probe::config::WebFile::load(&file).is_ok(), "{name}");
        assert!(promtool_takes(&file), "{name}");
    }
}

fn promtool_takes(file: &Path) -> bool {
    let output = Program::new("promtool").args(["check", "web-config"]).arg(file).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    output.status.success() && said.contains("SUCCESS") && !said.contains("FAILED")
}

/// A process that guesses without end from one address, until it is dropped.
fn guesses(from: [u8; 4], daemon: SocketAddr, user: &'static str) -> AbortOnDrop {
    let task = tokio::spawn(async move {
        loop {
            // What is refused, cut off or told to wait is asked again at once.
            let _ = ask_from(from, daemon, &format!("{user}:wrong")).await;
        }
    });
    AbortOnDrop(task)
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks for /-/healthy from one address of this machine, and returns the status.
async fn ask_from(from: [u8; 4], daemon: SocketAddr, credentials: &str) -> std::io::Result<u16> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((IpAddr::from(from), 0).into())?;
    let mut stream = socket.connect(daemon).await?;
    let encoded = BASE64_STANDARD.encode(credentials);
    let request =
        format!("GET /-/healthy HTTP/1.0\r\nHost: x\r\nAuthorization: Basic {encoded}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| std::io::ErrorKind::InvalidData.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_locks_no_other_client_out() {
    let house = House::new("door-guessing");
    let (alice, bob) = (bcrypt::hash("a", 8).unwrap(), bcrypt::hash("b", 8).unwrap());
    let users = |bob: &str| format!("basic_auth_users: {{alice: \"{alice}\", bob: \"{bob}\"}}\n");
    let daemon = house.serve(&users(&bob)).await;
    let (address, here, there) = (daemon.address, [127, 0, 0, 1], [127, 0, 0, 2]);
    assert_eq!(ask_from(here, address, "alice:a").await.unwrap(), 200);
    let guessing: Vec<AbortOnDrop> = (0..40).map(|_| guesses(there, address, "alice")).collect();
    // Every answer is the right one, in time for a scraper: a cold login and a warm one.
    let limit = Duration::from_secs(10);
    let right = |credentials| tokio::time::timeout(limit, ask_from(here, address, credentials));
    assert_eq!(right("bob:b").await.unwrap().unwrap(), 200);
    assert_eq!(right("nobody:b").await.unwrap().unwrap(), 401);
    // Another user's hash changes: who was let in stays so, even behind the attacker's address,
    // and bob needs the new password.
    house.write("web.yaml", &users(&bcrypt::hash("c", 8).unwrap()));
    daemon.signal(Signal::HUP);
    daemon.says("why=SIGHUP").await;
    for _ in 0..10 {
        assert_eq!(ask_from(there, address, "alice:a").await.unwrap(), 200);
    }
    assert_eq!(right("bob:b").await.unwrap().unwrap(), 401);
    assert_eq!(right("bob:c").await.unwrap().unwrap(), 200);
    drop(guessing);
    assert_eq!(daemon.end().await, Some(0));
}
