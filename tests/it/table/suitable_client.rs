//! A client that suits every server of OpenSSL: what it negotiates proves that a row's server
//! does what the row says, and is not merely broken.

use std::net::SocketAddr;
use std::process::Stdio;

use tokio::process::Command;

use super::peer::Peer;
use super::process::Absent;
use super::row::Row;
use super::stage::{DOMAIN, Leaf, Stage};

/// How a server met the client.
#[derive(Debug)]
pub enum Served {
    AsTold,
    /// With these words of the client.
    Otherwise(String),
    /// The row has no server of OpenSSL by itself.
    NoSuchServer,
}

impl Row {
    /// Connects to the row's server with everything that OpenSSL can offer.
    pub async fn is_served_by_openssl(&self, stage: &Stage) -> Result<Served, Absent> {
        let [(_, Peer::OpenSsl { leaf, arguments })] = self.sites.as_slice() else {
            return Ok(Served::NoSuchServer);
        };
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let servers = self.start(stage).await?;
        let said = connect(stage, servers[0].address(), &arguments).await;
        let expected = expected(*leaf, &arguments);
        let missing: Vec<&String> = expected.iter().filter(|text| !said.contains(*text)).collect();
        if missing.is_empty() {
            return Ok(Served::AsTold);
        }
        Ok(Served::Otherwise(format!("{missing:?} is not in: {said}")))
    }
}

/// Returns what the client must have said, by the server's arguments.
fn expected(leaf: Leaf, arguments: &[&str]) -> Vec<String> {
    let after = |option| {
        let place = arguments.iter().position(|argument| *argument == option)?;
        arguments.get(place + 1).map(|value| value.trim_end_matches(":@SECLEVEL=0"))
    };
    let is_one_suite =
        |suites: &&str| !suites.contains(':') && !["ALL", "ECDHE", "PSK"].contains(suites);
    let mut expected = Vec::new();
    let suite = after("-cipher").filter(|_| !arguments.contains(&"-tls1_3"));
    match suite.filter(is_one_suite).or_else(|| after("-ciphersuites")) {
        Some(suite) => expected.push(format!("Ciphersuite: {suite}\n")),
        None => expected.push("Ciphersuite: ".to_owned()),
    }
    for (argument, version) in
        [("-tls1", "TLSv1"), ("-tls1_1", "TLSv1.1"), ("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")]
    {
        if arguments.contains(&argument) {
            expected.push(format!("Protocol version: {version}\n"));
        }
    }
    let signature = match leaf {
        Leaf::Ed25519 if !arguments.contains(&"-dcert") => Some("ed25519"),
        Leaf::Ed448 => Some("ed448"),
        Leaf::RsaPss => Some("RSA-PSS"),
        _ => None,
    };
    expected.extend(signature.map(|kind| format!("Signature type: {kind}\n")));
    expected
}

async fn connect(stage: &Stage, address: SocketAddr, arguments: &[&str]) -> String {
    let folder = stage.folder.to_str().unwrap();
    let named = arguments.iter().position(|argument| *argument == "-servername");
    let server_name = named.map_or(DOMAIN, |place| arguments[place + 1]);
    let mut command = Command::new("openssl");
    command
        .args(["s_client", "-brief", "-connect", &address.to_string()])
        .args(["-servername", server_name, "-min_protocol", "TLSv1"])
        .args(["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"])
        .args(["-ciphersuites", "TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256"])
        .args(["-groups", "P-256:X25519:P-384:P-521:X448:brainpoolP256r1:ffdhe2048"])
        .args(["-cert", &format!("{folder}/Client.pem"), "-key", &format!("{folder}/Client.key")]);
    if arguments.contains(&"-psk") {
        command.args(["-psk", "00"]);
    }
    let output = command.stdin(Stdio::null()).stderr(Stdio::piped()).output().await.unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}
