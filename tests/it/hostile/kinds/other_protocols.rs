//! Servers of another protocol, which speak first or answer the ClientHello.

use super::{Kinds, not_tls, send};

/// How other protocols greet, or answer what they do not understand. None begins as a record does.
const PROTOCOLS: [(&str, &[u8]); 38] = [
    ("HTTP/1.1", b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
    ("HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\n<html></html>"),
    ("HTTP/0.9", b"<html><h1>400 Bad Request</h1></html>\r\n"),
    ("HTTP/2", b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff"),
    ("HTTP/2 with GOAWAY", b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01"),
    ("QUIC", b"\xc0\0\0\0\x01\x08\x01\x02\x03\x04\x05\x06\x07\x08\0\0\x40\x10 a long header packet"),
    ("SSH", b"SSH-2.0-OpenSSH_9.9\r\n"),
    ("SMTP", b"220 mail.shop.example ESMTP\r\n"),
    ("SMTP, refusing", b"554 5.7.1 no SMTP service here\r\n"),
    ("FTP", b"220-Welcome\r\n220 ready\r\n"),
    ("IMAP", b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"),
    ("POP3", b"+OK POP3 ready <1896.697170952@shop.example>\r\n"),
    ("NNTP", b"200 news.example ready, posting allowed\r\n"),
    ("IRC", b":irc.example NOTICE * :*** Looking up your hostname...\r\n"),
    ("XMPP", b"<?xml version='1.0'?><stream:stream xmlns='jabber:client'>"),
    ("SIP", b"SIP/2.0 400 Bad Request\r\n\r\n"),
    ("RTSP", b"RTSP/1.0 400 Bad Request\r\n\r\n"),
    ("the PROXY protocol 1", b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n"),
    ("the PROXY protocol 2", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\xdc\x04\x01\xbb"),
    ("Telnet", b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27 login: please"),
    ("MySQL", b"\x4a\0\0\0\x0a8.0.39\0\x0b\0\0\0abcdefgh\0\xff\xf7\x21\x02\0"),
    ("PostgreSQL, refusing TLS", b"N"),
    ("PostgreSQL, with an error", b"E\0\0\0\x40SFATAL\0C0A000\0Munsupported frontend protocol\0\0"),
    ("Redis", b"-ERR unknown command, with args beginning with:\r\n"),
    ("memcached", b"ERROR\r\nERROR\r\nERROR\r\nERROR\r\n"),
    ("MongoDB", b"\x26\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    ("AMQP", b"AMQP\0\0\x09\x01 and more than a header"),
    ("MQTT", b"\x20\x02\0\x01\x20\x02\0\x01\x20\x02\0\x01\x20\x02\0\x01\x20\x02\0\x01\x20\x02\0\x01\x20\x02\0\x01"),
    ("VNC", b"RFB 003.008\nand what follows it"),
    ("RDP", b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\0\x08\0\x02\0\0\0\x03\0\0\x13\x0e"),
    ("LDAP", b"\x30\x24\x02\x01\0\x78\x1f\x0a\x01\x02\x04\0\x04\0\x8a\x161.3.6.1.4.1.1466.20036"),
    ("SOCKS", b"\x05\xff\x05\xff\x05\xff\x05\xff\x05\xff\x05\xff\x05\xff\x05\xff\x05\xff\x05\xff\x05\xff\x05\xff"),
    ("DNS over TCP", b"\0\x2a\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0\x04shop\x07example\0\0\x01\0\x01"),
    ("JSON", b"{\"error\": \"this port speaks JSON lines\"}\n"),
    ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x4b\xcf\xc8\xcc\xca\xce\xc9\xcd"),
    ("UTF-16", b"\xff\xfeE\0r\0r\0o\0r\0 \0i\0n\0 \0U\0T\0F\0-\x001\x006\0"),
    ("SSLv2", b"\x80\x1f\x04\0\x01\0\x02\0\0\0\0\0\x10\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"),
    ("DTLS", b"\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x36\x02\0\0\x2a\0\0\0\0\0\0\0\x2a\xfe\xfd"),
];

pub(super) fn add(kinds: &mut Kinds) {
    for (protocol, bytes) in PROTOCOLS {
        kinds.greets(format!("greets in {protocol}, then closes"), not_tls(), send(bytes));
        kinds.sends(format!("answers in {protocol}"), not_tls(), bytes.to_vec());
    }
}
