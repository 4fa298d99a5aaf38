//! The door of the pages, with real processes and real TLS: who comes in, over what, and what
//! becomes of it when its files change.

use std::net::SocketAddr;
use std::ops::Deref;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use origin_probe::demo::pki::{EndEntity, Issued, KeyPurpose, Window};
use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::http;
use crate::common::process::{Folder, NO_DNS, Process, Ran, after, comes, yaml};
use crate::common::site::Site;
use crate::common::stage::{Ca, now};
use crate::common::tls_reader::Reader;
use crate::table::pem::pem;

fn server(ca: &Ca) -> Issued {
    ca.issue(&["probe.example"])
}

fn client(ca: &Ca, name: &str) -> Issued {
    let end_entity = EndEntity::new(&[name], Window::days(-1..30, now()));
    let key_purposes = vec![KeyPurpose::ClientAuthentication];
    ca.root.issue(&EndEntity { key_purposes, ..end_entity }).unwrap()
}

/// A folder with a configuration of one origin and the door's files: a certificate and its key.
struct House {
    folder: Folder,
    ca: Ca,
}

impl House {
    fn new(name: &str) -> Self {
        let house = Self { folder: Folder::new(name), ca: Ca::new(now()) };
        let server = server(&house.ca);
        house.write("server.key", pem("PRIVATE KEY", &server.key));
        house.write("server.crt", pem("CERTIFICATE", &server.der));
        house.write("client-ca.crt", house.ca.root.pem());
        house
    }

    fn command(&self, web: &str) -> Command {
        let mut command = self.folder.serve(&yaml(NO_DNS, [("a", "a.example", 443)]));
        command.arg("--web.config.file").arg(self.write("web.yaml", web));
        command
    }

    async fn serve(&self, web: &str) -> Process {
        Process::start(self.command(web)).await
    }

    /// Returns who trusts the house's certificates.
    fn reader(&self, daemon: &Process) -> Reader {
        Reader::trusting(daemon.address, &self.ca.root)
    }

    /// Returns the exit code of `--check-config`, and what it says.
    fn check(&self, web: &str) -> (i32, String) {
        let ran = Ran::of(self.command(web).arg("--check-config"), b"");
        (ran.code, ran.out + &ran.err)
    }
}

impl Deref for House {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

/// Returns the status of /-/healthy; `None` where there is no answer.
async fn status(reader: &Reader, credentials: Option<&str>) -> Option<u16> {
    reader.ask("GET", "/-/healthy", credentials).await.ok().map(|answer| answer.status)
}

/// Waits for an answer.
async fn answers(reader: &Reader, credentials: Option<&str>) {
    assert!(comes(async || status(reader, credentials).await.is_some()).await);
}

const REQUIRED: &str = "RequireAndVerifyClientCert";
const DENY: &str = "http_server_config: {headers: {X-Frame-Options: deny}}\n";
const TLS: &str = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n";

/// Returns a file with one user; a cost of 4 is the least.
fn user(name: &str, password: &str, cost: u32) -> String {
    format!("basic_auth_users: {{{name}: \"{}\"}}\n", bcrypt::hash(password, cost).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_not_spoken_over_tls() {
    let house = House::new("door-http-2");
    let daemon = house.serve(TLS).await;
    let reader = house.reader(&daemon);
    for protocols in [&[][..], &["http/1.1"], &["h2", "http/1.1"]] {
        let answer = reader.begin_http_2(protocols).await.unwrap();
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "{protocols:?} {answer:?}");
    }
    assert!(reader.begin_http_2(&["h2"]).await.is_err(), "there is no protocol in common");
    assert_eq!(status(&reader, None).await, Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn users_need_their_password_for_every_page() {
    let house = House::new("door-users");
    let daemon = house.serve(&(user("alice", "hunter2", 4) + DENY)).await;
    let reader = Reader::plain(daemon.address);
    for page in ["/", "/metrics", "/api/v1/origins", "/-/healthy", "/config", "/nowhere"] {
        for (credentials, expected) in
            [(None, 401), (Some("alice:hunter3"), 401), (Some("alice:hunter2"), 200)]
        {
            let answer = reader.ask("GET", page, credentials).await.unwrap();
            let expected = if page == "/nowhere" && expected == 200 { 404 } else { expected };
            assert_eq!(answer.status, expected, "{page} {credentials:?}");
            assert_eq!(answer.header("x-frame-options"), Some("deny"), "{answer:?}");
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
async fn a_probe_on_request_needs_the_authority_and_the_password() {
    let house = House::new("door-probe-now");
    let server = house.ca.issue(&["localhost"]);
    house.write("server.key", pem("PRIVATE KEY", &server.key));
    house.write("server.crt", pem("CERTIFICATE", &server.der));
    house.write("alice", "alice:hunter2\n");
    house.write("mallory", "alice:hunter3\n");
    let daemon = house.serve(&(user("alice", "hunter2", 4) + TLS)).await;
    let url = format!("https://localhost:{}", daemon.address.port());
    let ask = |more: &[&str]| house.run(&[&["probe-now", "--url", &url, "a"], more].concat());
    let ca = ["--ca", "client-ca.crt"];
    let ran = ask(&[&ca[..], &["--user-file", "alice"]].concat());
    assert_eq!((ran.code, &*ran.out), (0, "a: the probe has begun\n"), "{ran:?}");
    for (story, more, expected) in [
        ("another password", &[&ca[..], &["--user-file", "mallory"]].concat()[..], "(401)"),
        ("no password", &ca, "(401)"),
        ("an unknown authority", &["--user-file", "alice"], "UnknownIssuer"),
        ("no such file", &["--ca", "nowhere.crt"], "nowhere.crt"),
    ] {
        let ran = ask(more);
        assert_eq!(ran.code, 3, "{story}: {ran:?}");
        assert!(ran.err.contains(expected), "{story}: {}", ran.err);
    }
    assert_eq!(daemon.end().await, Some(0));
}

/// Asks for /-/healthy with these `Authorization` headers, and returns whether that was granted.
async fn grants(site: &Site, values: &[&str]) -> bool {
    let headers: String = values.iter().map(|v| format!("Authorization: {v}\r\n")).collect();
    let status = http::ask(site.address, "GET", "/-/healthy", &headers).await.status;
    assert!(status == 200 || status == 401, "{values:?}: {status}");
    status == 200
}

fn basic(credentials: impl AsRef<[u8]>) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(credentials))
}

#[tokio::test]
async fn only_a_user_with_the_right_password_may_come_in() {
    let hash = |password: &str| bcrypt::hash(password, 4).unwrap();
    let users = [("alice", "hunter2"), ("bob:", "x"), ("carol", ""), ("a", "bc"), ("ab", "d")];
    let mut web = "basic_auth_users:\n".to_owned();
    for (user, password) in users {
        web.push_str(&format!("  \"{user}\": \"{}\"\n", hash(password)));
    }
    // PHP and htpasswd write $2y$, old libraries $2a$; the algorithm is the same.
    for version in ["2a", "2b", "2y"] {
        let hash = hash("hunter2").replacen("2b", version, 1);
        web.push_str(&format!("  v{version}: \"{hash}\"\n"));
    }
    let site = Site::guarded(&web).await;
    let right = BASE64_STANDARD.encode("alice:hunter2");
    for (value, granted) in [
        (basic("alice:hunter2"), true),
        (basic("alice:hunter2"), true),
        (basic("alice:hunter3"), false),
        (basic("alice:"), false),
        (basic("alice"), false),
        (basic("alic:ehunter2"), false),
        (basic("Alice:hunter2"), false),
        (basic("mallory:hunter2"), false),
        // The first colon ends the name (RFC 7617 §2).
        (basic("bob::x"), false),
        (basic("carol:"), true),
        (basic(":"), false),
        (basic(""), false),
        // A password that was right for one is not for another.
        (basic("a:bc"), true),
        (basic("ab:c"), false),
        (basic("ab:bc"), false),
        (basic("a:d"), false),
        (basic("v2a:hunter2"), true),
        (basic("v2b:hunter2"), true),
        (basic("v2y:hunter2"), true),
        // No basic authentication.
        (format!("Bearer {right}"), false),
        (right.clone(), false),
        ("Basic".to_owned(), false),
        ("Basic !!!!".to_owned(), false),
        (basic(b"\xff:hunter2"), false),
        (format!("basic {right}"), true),
    ] {
        assert_eq!(grants(&site, &[&value]).await, granted, "{value}");
    }
    assert!(!grants(&site, &[&basic("alice:hunter2"), "Basic AAAA"]).await);
    let open = Site::guarded("basic_auth_users: {}\n").await;
    assert!(grants(&open, &[]).await);
    assert!(grants(&open, &[&basic("a:b")]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_served_without_a_restart() {
    let house = House::new("door-renewal");
    let daemon = house.serve(TLS).await;
    let new = Ca::new(now());
    let trusts_old = house.reader(&daemon);
    let trusts_new = Reader::trusting(daemon.address, &new.root);
    assert_eq!(trusts_old.ask("GET", "/-/healthy", None).await.unwrap().body, "ok\n");
    assert_eq!(status(&trusts_new, None).await, None);

    // Half of a renewal fits nothing: the old pair stays.
    let renewed = server(&new);
    house.write("server.crt", pem("CERTIFICATE", &renewed.der));
    daemon.signal(Signal::HUP);
    daemon.says("does not match the key").await;
    assert_eq!(status(&trusts_old, None).await, Some(200));

    // The other half: found by itself.
    house.write("server.key", pem("PRIVATE KEY", &renewed.key));
    daemon.says("why=\"file change\"").await;
    answers(&trusts_new, None).await;
    assert_eq!(status(&trusts_old, None).await, None);

    // From TLS to plain HTTP with a user.
    house.write("web.yaml", user("bob", "b", 4));
    daemon.signal(Signal::HUP);
    let plain = Reader::plain(daemon.address);
    answers(&plain, Some("bob:b")).await;
    assert_eq!(status(&plain, None).await, Some(401));
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_clients_with_the_right_certificate_come_in() {
    let house = House::new("door-clients");
    let (ours, theirs) = (&house.ca, &Ca::new(now()));
    let sans = "client_allowed_sans: [prometheus.example, 192.0.2.7]";
    let web =
        |clients: &str| TLS.replace('}', &format!(", client_ca_file: client-ca.crt, {clients}}}"));
    let required = web(&format!("client_auth_type: {REQUIRED}, {sans}"));
    let daemon = house.serve(&required).await;
    let reader = || house.reader(&daemon);
    for (certificate, comes_in) in [
        (Some(client(ours, "prometheus.example")), true),
        (Some(client(ours, "192.0.2.7")), true),
        (Some(client(ours, "grafana.example")), false),
        (Some(client(theirs, "prometheus.example")), false),
        (None, false),
    ] {
        let with = |issued| reader().with_certificate(issued);
        let reader = certificate.as_ref().map_or_else(reader, with);
        assert_eq!(status(&reader, None).await == Some(200), comes_in);
    }

    // A certificate, if there is one, must be good.
    house.write("web.yaml", web("client_auth_type: VerifyClientCertIfGiven"));
    daemon.signal(Signal::HUP);
    answers(&reader(), None).await;
    let stranger = reader().with_certificate(&client(theirs, "prometheus.example"));
    assert_eq!(status(&stranger, None).await, None);
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_or_no_tls_holds_up_nobody() {
    let house = House::new("door-silence");
    let daemon = house.serve(TLS).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(daemon.address).await.unwrap());
    }
    assert_eq!(status(&Reader::plain(daemon.address), None).await, None);
    let reader = house.reader(&daemon);
    assert_eq!(status(&reader, None).await, Some(200));
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_and_suites_are_those_of_the_file() {
    let house = House::new("door-versions");
    let suite = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
    let only =
        format!("max_version: TLS12, cipher_suites: [{suite}], curve_preferences: [CurveP384]");
    let daemon = house.serve(&TLS.replace('}', &format!(", {only}}}"))).await;
    let reader = house.reader(&daemon);
    assert_eq!(status(&reader, None).await, Some(200));
    assert_eq!(reader.negotiates().await, ["TLSv1_2", suite, "secp384r1"]);
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_beyond_the_limit_are_told_to_wait() {
    let house = House::new("door-limit");
    let daemon = house.serve("rate_limit: {interval: 1h, burst: 2}\n").await;
    let reader = Reader::plain(daemon.address);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(status(&reader, None).await.unwrap());
    }
    assert_eq!(statuses, [200, 200, 429, 429]);
    let answer = reader.ask("GET", "/-/healthy", None).await.unwrap();
    let wait = answer.header("retry-after").unwrap();
    assert!((1..=3600).contains(&wait.parse::<u32>().unwrap()), "{wait}");
    assert_eq!(daemon.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_request_passes_the_door_first() {
    let house = House::new("door-ambiguous");
    let web = user("alice", "a", 4) + "rate_limit: {interval: 1h, burst: 2}\n" + DENY;
    let daemon = house.serve(&web).await;
    let credentials = format!("Authorization: {}\r\n", basic("alice:a"));
    for (credentials, expected) in [("", 401), (&*credentials, 400), (&*credentials, 429)] {
        let request = format!("GET / HTTP/1.1\r\nConnection: close\r\n{credentials}\r\n");
        let answer = http::request(daemon.address, &request).await;
        assert_eq!(answer.status, expected, "{answer:?}");
        assert_eq!(answer.header("x-frame-options"), Some("deny"), "{answer:?}");
    }
    assert_eq!(daemon.end().await, Some(0));
}

/// As a brute-force program does it: many connections that ask again and again.
fn keeps_guessing(from: [u8; 4], daemon: SocketAddr) -> AbortOnDrop {
    AbortOnDrop(tokio::spawn(async move {
        let request = healthy("1.1", "alice:wrong");
        loop {
            let Ok(mut stream) = http::connect(from, daemon).await else { continue };
            while stream.write_all(request.as_bytes()).await.is_ok()
                && stream.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0)
            {}
        }
    }))
}

/// Returns a request for /-/healthy.
fn healthy(version: &str, credentials: &str) -> String {
    let value = basic(credentials);
    format!("GET /-/healthy HTTP/{version}\r\nHost: x\r\nAuthorization: {value}\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_over_connections_that_stay_open_locks_no_other_client_out() {
    let house = House::new("door-guessing-on");
    let daemon = after("ulimit -n 256", &house.command(&user("alice", "a", 8)));
    let daemon = Process::start(daemon).await;
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
    house.write("other.key", pem("PRIVATE KEY", &server(&house.ca).key));
    house.write("garbage.pem", "-----BEGIN CERTIFICATE-----\nMIIB!!!\n-----END CERTIFICATE-----\n");
    house.pipe("fifo");
    let clients =
        |file| format!("server.key, client_ca_file: {file}, client_auth_type: {REQUIRED}");
    let server = "server.crt";
    for (certificate, key, complaint) in [
        (server, "fifo", "fifo: is a named pipe; give a regular file"),
        (server, "/dev/zero", "/dev/zero: is a device; give a regular file"),
        (server, &clients("fifo"), "fifo: is a named pipe; give a regular file"),
        (server, "missing.key", "web.yaml:1: tls_server_config.key_file"),
        (server, "other.key", "server.crt: does not match the key"),
        (server, "server.crt", "server.crt: no PEM private key found"),
        ("server.key", "server.key", "server.key: no PEM certificate found"),
        ("garbage.pem", "server.key", "garbage.pem: not valid PEM"),
        (server, &clients("missing.crt"), "web.yaml:1: tls_server_config.client_ca_file"),
        (server, "server.key, min_version: TLS10", "web.yaml:1: tls_server_config.min_version"),
    ] {
        let text = format!("tls_server_config: {{cert_file: {certificate}, key_file: {key}}}\n");
        let (code, said) = house.check(&text);
        assert_eq!(code, 3, "{said}");
        assert!(said.contains(complaint), "{complaint}: {said}");
    }
    let (code, said) = house.check(TLS);
    assert_eq!(code, 0);
    assert!(said.contains("web.yaml: valid; https, 0 users"), "{said}");
}

#[test]
fn promtool_takes_the_same_files() {
    if Command::new("promtool").arg("--version").output().is_err() {
        assert!(std::env::var_os("ORIGIN_PROBE_REQUIRE_PEERS").is_none(), "promtool is missing");
        eprintln!("skipped: promtool is not installed");
        return;
    }
    let house = House::new("door-promtool");
    house.write("full.yaml", include_str!("common/documents/web.yaml"));
    house.write("example.yaml", include_str!("../../config/web.yaml"));
    for name in ["full.yaml", "example.yaml"] {
        let file = house.join(name);
        assert!(origin_probe::config::WebFile::load(&file).is_ok(), "{name}");
        assert!(promtool_takes(&file), "{name}");
    }
}

fn promtool_takes(file: &Path) -> bool {
    let ran = Ran::of(Command::new("promtool").args(["check", "web-config"]).arg(file), b"");
    ran.code == 0 && ran.err.contains("SUCCESS") && !ran.err.contains("FAILED")
}

/// A process that guesses without end from one address, until it is dropped.
fn guesses(from: [u8; 4], daemon: SocketAddr, user: &'static str) -> AbortOnDrop {
    AbortOnDrop(tokio::spawn(async move {
        loop {
            // What is refused, cut off or told to wait is asked again at once.
            let _ = ask_from(from, daemon, &format!("{user}:wrong")).await;
        }
    }))
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks for /-/healthy from one address of this machine, and returns the status.
async fn ask_from(from: [u8; 4], daemon: SocketAddr, credentials: &str) -> std::io::Result<u16> {
    let mut stream = http::connect(from, daemon).await?;
    stream.write_all(healthy("1.0", credentials).as_bytes()).await?;
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
    house.write("web.yaml", users(&bcrypt::hash("c", 8).unwrap()));
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
