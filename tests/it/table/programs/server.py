"""Serves TLS with Python's own library: `server.py IP PORT CERTIFICATES KEY [OPTION=VALUE]...`."""

import http.server
import ssl
import sys

ip, port, certificates, key, *words = sys.argv[1:]
options = dict(word.split("=", 1) for word in words)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificates, key)
if "authorities" in options:
    context.load_verify_locations(options["authorities"])
if "versions" in options:
    context.maximum_version = ssl.TLSVersion[options["versions"]]
if options.get("clients") == "required":
    context.verify_mode = ssl.CERT_REQUIRED
elif options.get("clients") == "requested":
    context.verify_mode = ssl.CERT_OPTIONAL


def callback(_socket, name, _context):
    if name == options["knows"]:
        return None
    if options["unknown"] == "raises":
        raise KeyError(name)
    return int(options["unknown"])


if "knows" in options:
    context.sni_callback = callback


class Server(http.server.ThreadingHTTPServer):
    def finish_request(self, request, client_address):
        with context.wrap_socket(request, server_side=True) as connection:
            super().finish_request(connection, client_address)

    def handle_error(self, request, client_address):
        pass


Server((ip, int(port)), http.server.SimpleHTTPRequestHandler).serve_forever()
