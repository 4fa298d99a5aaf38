//! HAProxy (configuration manual, `bind` options).

use super::super::topic::{Advice, Server, Topic, change, run};

pub(super) const SERVER: Server =
    Server { name: "HAProxy", short_name: "HAProxy", anchor: "haproxy", advice };

fn advice(topic: Topic) -> Option<Advice> {
    Some(match topic {
        Topic::Listen => change(
            "Bind the frontend to the port on all addresses.",
            "frontend https\n    bind 127.0.0.1:443 ssl crt /etc/haproxy/site.pem",
            "frontend https\n    bind :443 ssl crt /etc/haproxy/site.pem",
        )
        .then(RELOAD),
        Topic::Admit => change(
            "Run `echo 'show info' | socat stdio /run/haproxy/admin.sock | grep -i conn`. If CurrConns has reached Maxconn, HAProxy accepts no new connections, and they time out. In this case, raise maxconn, as shown.",
            "global\n    maxconn 2000",
            "global\n    maxconn 20000",
        )
        .then(RELOAD),
        Topic::Closed => change(
            "A frontend in TCP mode forwards the handshake to its backend. Run `echo 'show servers state' | socat stdio /run/haproxy/admin.sock`, and check that a server of that backend is up (srv_op_state is 2). If the frontend itself should terminate TLS, change it as shown.",
            "frontend https\n    bind :443\n    mode tcp",
            "frontend https\n    bind :443 ssl crt /etc/haproxy/site.pem\n    mode http",
        )
        .then(RELOAD),
        Topic::SpeakTls => change(
            "Add ssl and crt to the bind line.",
            "bind :443",
            "bind :443 ssl crt /etc/haproxy/site.pem",
        )
        .then(RELOAD),
        Topic::Slow => change(
            "Run `echo 'show info' | socat stdio /run/haproxy/admin.sock | grep -i ssl`. If CurrSslConns has reached MaxSslConns, raise maxsslconn, as shown.",
            "global\n    maxsslconn 1000",
            "global\n    maxsslconn 20000",
        )
        .then(RELOAD),
        Topic::Versions => change(
            "Set the versions for all bind lines in global, as shown. If a bind line has a setting of its own, correct that one, because it takes precedence.",
            "global\n    ssl-default-bind-options ssl-max-ver TLSv1.1",
            "global\n    ssl-default-bind-options ssl-min-ver TLSv1.2",
        )
        .then(RELOAD),
        Topic::Suites => change(
            "Change the cipher suites for all bind lines in global, as shown. If a bind line has a setting of its own, correct that one, because it takes precedence. `ciphers` applies to TLS 1.2, `ciphersuites` to TLS 1.3.",
            "global\n    ssl-default-bind-ciphers DHE-RSA-AES256-GCM-SHA384\n    ssl-default-bind-ciphersuites TLS_AES_128_CCM_SHA256",
            "global\n    ssl-default-bind-ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256\n    ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
        )
        .then(RELOAD),
        Topic::Groups => change(
            "Set the groups on the bind line, as shown. If the bind line has no `curves`, check ssl-default-bind-curves in global.",
            "bind :443 ssl crt /etc/haproxy/site.pem curves P-521",
            "bind :443 ssl crt /etc/haproxy/site.pem curves X25519:P-256:P-384",
        )
        .then(RELOAD),
        Topic::Refused => change(
            "Turn on logging of failed handshakes, as shown. Run `origin-probe check` again and read the log. Then check the configured versions, cipher suites and groups, which `grep` lists.",
            "frontend https\n    bind :443 ssl crt /etc/haproxy/site.pem",
            "frontend https\n    bind :443 ssl crt /etc/haproxy/site.pem\n    log stdout format raw local0",
        )
        .then("haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy\njournalctl -u haproxy -n 100\ngrep -nE 'ssl-default-bind|ssl-min-ver|ssl-max-ver|ciphers|curves' /etc/haproxy/haproxy.cfg"),
        Topic::ClientCertificate => change(
            "Remove verify and ca-file from the bind line.",
            "bind :443 ssl crt /etc/haproxy/site.pem verify required ca-file /etc/haproxy/ca.pem",
            "bind :443 ssl crt /etc/haproxy/site.pem",
        )
        .then(RELOAD),
        Topic::Name | Topic::Both | Topic::CommonName => change(
            "Get a certificate for the missing name, write it and its key into a new file, and add this file to the bind line, as shown. Or leave the bind line as it is, and get one certificate with both names for the file that `crt` points to. --deploy-hook writes the file now and at each renewal, and reloads HAProxy. For a name that points to CloudFront, use a DNS challenge (here with Certbot's plugin for Route 53), because the CA's HTTP challenge goes to CloudFront and can fail there.",
            "bind :443 ssl crt /etc/haproxy/site.pem",
            "bind :443 ssl crt /etc/haproxy/site.pem crt /etc/haproxy/origin.pem",
        )
        .then("# only for a second certificate\ncertbot certonly --dns-route53 -d origin.example.com --deploy-hook 'cd $RENEWED_LINEAGE &&\n  cat fullchain.pem privkey.pem > /etc/haproxy/origin.pem && systemctl reload haproxy'\n# only for one certificate with both names\ncertbot certonly --dns-route53 -d www.example.com -d origin.example.com \\\n  --deploy-hook 'cd $RENEWED_LINEAGE &&\n  cat fullchain.pem privkey.pem > /etc/haproxy/site.pem && systemctl reload haproxy'\n# in both cases\nhaproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy"),
        Topic::DefaultCertificate => change(
            "Add a file with the certificate and key for the name to the bind line. If no file covers the name, HAProxy serves the first file.",
            "bind :443 ssl crt /etc/haproxy/site.pem",
            "bind :443 ssl crt /etc/haproxy/site.pem crt /etc/haproxy/www.pem",
        )
        .then(RELOAD),
        Topic::ServerName => change(
            "Add a file with the certificate and key for the name to the bind line. With strict-sni, HAProxy refuses all names that no file covers. Without it, HAProxy serves the first file for these names.",
            "bind :443 ssl crt /etc/haproxy/site.pem strict-sni",
            "bind :443 ssl crt /etc/haproxy/site.pem crt /etc/haproxy/www.pem strict-sni",
        )
        .then(RELOAD),
        Topic::Renew => run(
            "If the file that `crt` points to is newer than the served certificate, just reload HAProxy. If it is not, renew the certificate. After this renewal and each later one, --deploy-hook writes the chain and key into that file and reloads HAProxy. If Certbot prints that the certificate is not yet due for renewal, the hook does not run: repeat the command with --force-renewal. `certbot renew` repeats the challenge with which the certificate was issued. `-a dns-route53` changes that to a DNS challenge (with Certbot's plugin for Route 53), for later renewals, too.",
            "# the file that crt points to\nopenssl x509 -in /etc/haproxy/site.pem -noout -dates\n# if it is newer\nhaproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy\n# if it is not, and no name of the certificate points to CloudFront\ncertbot renew --cert-name www.example.com --deploy-hook 'cd $RENEWED_LINEAGE &&\n  cat fullchain.pem privkey.pem > /etc/haproxy/site.pem && systemctl reload haproxy'\n# if it is not, and a name of the certificate points to CloudFront\ncertbot renew --cert-name www.example.com -a dns-route53 --deploy-hook 'cd $RENEWED_LINEAGE &&\n  cat fullchain.pem privkey.pem > /etc/haproxy/site.pem && systemctl reload haproxy'",
        ),
        Topic::NotYet | Topic::Public | Topic::Reissue | Topic::InstallOne => change(
            "Point `crt` to one file with the site's certificate first, then its intermediates, then the key. The commands write this file. `certbot certonly` gets a certificate from Let's Encrypt, here through a DNS challenge with the plugin for Route 53. At each renewal, --deploy-hook writes the file again and reloads HAProxy.",
            "bind :443 ssl crt /etc/haproxy/selfsigned.pem",
            "bind :443 ssl crt /etc/haproxy/site.pem",
        )
        .then("# only if you need a new certificate; --force-renewal replaces one that is not yet due for renewal\ncertbot certonly -a dns-route53 -d www.example.com --force-renewal \\\n  --deploy-hook 'cd $RENEWED_LINEAGE &&\n  cat fullchain.pem privkey.pem > /etc/haproxy/site.pem && systemctl reload haproxy'\n# in every case\ncd /etc/letsencrypt/live/www.example.com && cat fullchain.pem privkey.pem > /etc/haproxy/site.pem\nhaproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy"),
        Topic::KeyPair => run(
            "Rewrite the file that `crt` points to with a certificate and key that belong together. The key must be that of the first certificate in the file.",
            WRITE_AND_RELOAD,
        ),
        Topic::KeyKind => run(
            "Have the certificate issued for an RSA key of 2048 bits, as shown. HAProxy can serve an RSA and an ECDSA certificate side by side: for `crt /etc/haproxy/site.pem`, it loads site.pem.rsa and site.pem.ecdsa if site.pem does not exist.",
            "# add -a dns-route53 if a name of the certificate points to CloudFront\ncertbot renew --cert-name www.example.com --key-type rsa --rsa-key-size 2048 --force-renewal\ncd /etc/letsencrypt/live/www.example.com && cat fullchain.pem privkey.pem > /etc/haproxy/site.pem\nhaproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy",
        ),
        Topic::Staple => change(
            "Turn on ocsp-update in a crt-list (HAProxy 2.8 or later). For older versions, put the response next to the file (site.pem.ocsp).",
            "bind :443 ssl crt /etc/haproxy/site.pem",
            "bind :443 ssl crt-list /etc/haproxy/list\n# in /etc/haproxy/list:\n/etc/haproxy/site.pem [ocsp-update on]",
        )
        .then(RELOAD),
        Topic::Complete | Topic::Order | Topic::Current => run(
            "Rewrite the file that `crt` points to with the site's certificate first, then the intermediates in order, then the key.",
            "cat cert.pem intermediate.pem privkey.pem > /etc/haproxy/site.pem\nhaproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy",
        ),
        Topic::Trim => run(
            "Rewrite the file that `crt` points to with the site's certificate, its intermediates and the key. If the file has no intermediates, HAProxy adds those in issuers-chain-path, including the root.",
            WRITE_AND_RELOAD,
        ),
        _ => return None,
    })
}

const RELOAD: &str = "haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy";
const WRITE_AND_RELOAD: &str = "cd /etc/letsencrypt/live/www.example.com && cat fullchain.pem privkey.pem > /etc/haproxy/site.pem\nhaproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy";
