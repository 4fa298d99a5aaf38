#!/usr/bin/env bash
# lighttpd 1.4.69 with mod_wolfssl (wolfSSL 5.5.4), Debian 12.
#
# Behaviour: a client that sends the extension status_request (a request for a stapled OCSP response) is
# disconnected without an alert. The same client without the extension gets its TLS 1.3 handshake. The
# certificate is issued by a private CA that the server was not told of, and stapling is not configured.
# Output seen: "without status_request: TLSv1.3", "with status_request: no handshake, no alert".
# One would guess that a server without a staple leaves the extension out of its answer (RFC 6066 section 8).
set -euo pipefail

folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

# The lines on standard error are warnings about the folder, which apt's own user may not write to.
apt-get download -qq lighttpd=1.4.69-1 lighttpd-mod-wolfssl=1.4.69-1 libwolfssl35=5.5.4-2+deb12u3 \
    libnettle8=3.8.1-2 libxxhash0=0.8.1-1 libpcre2-8-0=10.42-1+deb12u2 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
library=$(dirname "$(find root -name 'libwolfssl.so.35' | head -n 1)")

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=Private Root' \
    -keyout root.key -out root.pem 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=www.example.test' \
    -keyout site.key -out site.csr 2>/dev/null
openssl x509 -req -in site.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -out site.pem 2>/dev/null
cat site.pem site.key >both.pem

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >lighttpd.conf <<EOF
server.modules = ("mod_wolfssl")
server.document-root = "$folder"
server.bind = "127.0.0.1"
server.port = $port
server.errorlog = "$folder/error.log"
ssl.engine = "enable"
ssl.pemfile = "$folder/both.pem"
EOF
LD_LIBRARY_PATH="$folder/$library" root/usr/sbin/lighttpd -D -f lighttpd.conf -m root/usr/lib/lighttpd &
server=$!
for _ in $(seq 100); do
    if (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.1
done

ask() {
    openssl s_client -connect "127.0.0.1:$port" -servername www.example.test -CAfile root.pem "$@" \
        </dev/null 2>&1 || true
}

without=$(ask)
with=$(ask -status)
case $without in *'TLSv1.3'*) first=TLSv1.3 ;; *) first='no handshake' ;; esac
case $with in
    *'Cipher is TLS_'*) second=TLSv1.3 ;;
    *'alert'*) second='an alert' ;;
    *) second='no handshake, no alert' ;;
esac
printf 'without status_request: %s\nwith status_request: %s\n' "$first" "$second"
[ "$first" = TLSv1.3 ] && [ "$second" = 'no handshake, no alert' ]
