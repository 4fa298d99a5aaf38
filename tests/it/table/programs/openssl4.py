"""Serves TLS with pyOpenSSL: `openssl4.py IP PORT CERTIFICATES KEY [OPTION=VALUE]...`."""

import socket
import sys
import threading

from OpenSSL import SSL

ip, port, certificates, key, *words = sys.argv[1:]
options = dict(word.split("=", 1) for word in words)


def context(has_certificate):
    made = SSL.Context(SSL.TLS_SERVER_METHOD)
    if has_certificate:
        made.use_certificate_chain_file(certificates)
        made.use_privatekey_file(key)
        made.check_privatekey()
    if "authorities" in options:
        made.load_verify_locations(options["authorities"])
    if options.get("versions") == "1.2":
        made.set_max_proto_version(SSL.TLS1_2_VERSION)
    if options.get("versions") == "1.3":
        made.set_min_proto_version(SSL.TLS1_3_VERSION)
    if "suites" in options:
        made.set_cipher_list(options["suites"].encode())
    mode = {
        "required": SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT,
        "requested": SSL.VERIFY_PEER,
    }.get(options.get("clients"))
    if mode is not None:
        made.set_verify(mode, lambda *arguments: arguments[-1])
    return made


def name_callback(connection):
    # The certificate is there only after a known name.
    if connection.get_servername() == options["knows"].encode():
        connection.set_context(known)


def answer(connection):
    try:
        connection.do_handshake()
        while b"\r\n\r\n" not in connection.recv(4096):
            pass
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown()
    except SSL.Error:
        pass
    finally:
        connection.close()


known = context(True)
first = known
if "knows" in options:
    first = context(False)
    first.set_tlsext_servername_callback(name_callback)
listener = socket.create_server((ip, int(port)))
while True:
    accepted, _ = listener.accept()
    connection = SSL.Connection(first, accepted)
    connection.set_accept_state()
    threading.Thread(target=answer, args=[connection], daemon=True).start()
