#!/usr/bin/env bash
# rustls 0.23.46 with ring 0.17.14; needs cargo and a C compiler.
#
# Behaviour: `ClientConnection::read_tls` on a reader that has nothing yet (`WouldBlock`) returns that error, and
# leaves 4096 bytes allocated in the connection. The receive buffer is made before the reader is asked. A client
# that waits for a silent server keeps it, and adapters such as tokio-rustls read once before they wait.
# Output seen: "read_tls: WouldBlock", "bytes kept by it: 4096", "by a second one: 0".
# One would guess that a read which would block changes nothing. Among thousands of silent servers, that buffer is
# half of what a waiting connection holds; who asks the socket first does not need it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir src
cat >Cargo.toml <<'EOF_TOML'
[package]
name = "silent"
version = "0.0.0"
edition = "2021"

[dependencies]
peak_alloc = "=0.3.0"
ring = "=0.17.14"
rustls = { version = "=0.23.46", default-features = false, features = ["ring", "std", "tls12"] }
EOF_TOML
cat >src/main.rs <<'EOF_RUST'
use std::io::{Error, ErrorKind, Read};
use std::sync::Arc;

use peak_alloc::PeakAlloc;
use rustls::{ClientConfig, ClientConnection, RootCertStore};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// A server that has not answered yet.
struct Silent;

impl Read for Silent {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(ErrorKind::WouldBlock.into())
    }
}

fn main() {
    let config = ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    let name = "silent.example".try_into().unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    while client.wants_write() {
        client.write_tls(&mut std::io::sink()).unwrap();
    }
    let mut kept = || {
        let before = ALLOCATOR.current_usage();
        let error: Error = client.read_tls(&mut Silent).unwrap_err();
        let kind = error.kind();
        drop(error);
        (ALLOCATOR.current_usage() - before, kind)
    };
    let ((first, kind), (second, _)) = (kept(), kept());
    println!("read_tls: {kind:?}");
    println!("bytes kept by it: {first}");
    println!("by a second one: {second}");
}
EOF_RUST
cargo run --quiet --release | tee seen.txt

cat >expected.txt <<'EOF_SEEN'
read_tls: WouldBlock
bytes kept by it: 4096
by a second one: 0
EOF_SEEN
diff expected.txt seen.txt
