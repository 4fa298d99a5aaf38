//! nginx (`ngx_http_ssl_module`).

use super::super::topic::{Advice, Server, Topic, change, run};

pub(super) const SERVER: Server =
    Server { name: "nginx", short_name: "nginx", anchor: "nginx", advice };

fn advice(topic: Topic) -> Option<Advice> {
    Some(match topic {
        Topic::Listen => change(
            "Listen on the port over IPv4 and IPv6. Check that the configuration loads, because nginx does not start with an invalid one.",
            "listen 80;",
            "listen 443 ssl;\nlisten [::]:443 ssl;",
        )
        .then(RELOAD),
        Topic::Admit => run(
            "Check the host's own firewall: `nft list ruleset` lists its rules. `ufw allow` opens the port to every address, so use it only if the whole internet is allowed to connect to the origin. nginx has no setting for this.",
            "nft list ruleset\nufw allow 443/tcp",
        ),
        Topic::Closed => change(
            "Set the log level to info, as shown. Run `origin-probe check` again and read the log. If a stream server with ssl_preread has no entry for the name in its map, add one. If the listen directive has proxy_protocol, remove it, because CloudFront does not send the PROXY protocol.",
            "error_log /var/log/nginx/error.log;",
            "error_log /var/log/nginx/error.log info;",
        )
        .then("nginx -t && systemctl reload nginx\ntail -f /var/log/nginx/error.log"),
        Topic::SpeakTls => change(
            "Add the parameter ssl to the listen directive, and a certificate to the server block.",
            "listen 443;",
            "listen 443 ssl;\nssl_certificate     /etc/nginx/fullchain.pem;\nssl_certificate_key /etc/nginx/key.pem;",
        )
        .then(RELOAD),
        Topic::Slow => change(
            "Search the log with `grep worker_connections /var/log/nginx/error.log`. If it prints that worker_connections are not enough, raise them, as shown. Also check whether the private key is in a slow hardware module.",
            "events {\n    worker_connections 512;\n}",
            "events {\n    worker_connections 4096;\n}",
        )
        .then(RELOAD),
        Topic::Versions => change(
            "Change ssl_protocols in the default server of the address, because it decides for all servers on that address.",
            "ssl_protocols TLSv1 TLSv1.1;",
            "ssl_protocols TLSv1.2 TLSv1.3;",
        )
        .then(RELOAD),
        Topic::Suites => change(
            "Change ssl_ciphers, which applies to TLS 1.2, in the server block of the name.",
            "ssl_ciphers DHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305;",
            "ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384;",
        )
        .then(RELOAD),
        Topic::Groups => change(
            "List these groups, or set the directive to `auto`. Change it in the default server of the address, because it decides for all servers on that address.",
            "ssl_ecdh_curve secp521r1;",
            "ssl_ecdh_curve X25519:prime256v1:secp384r1;",
        )
        .then(RELOAD),
        Topic::Refused => change(
            "Set the log level to info, as shown. Run `origin-probe check` again and read the log. Then check the configured versions, cipher suites and groups, which `nginx -T` lists.",
            "error_log /var/log/nginx/error.log;",
            "error_log /var/log/nginx/error.log info;",
        )
        .then("nginx -t && systemctl reload nginx\ntail /var/log/nginx/error.log\nnginx -T | grep -e ssl_protocols -e ssl_ciphers -e ssl_ecdh_curve -e ssl_certificate"),
        Topic::ClientCertificate => {
            change("Turn off client authentication for this server.", "ssl_verify_client on;", "ssl_verify_client off;").then(RELOAD)
        }
        Topic::Name | Topic::Both | Topic::CommonName => change(
            "Get a certificate with every name, and list each name in server_name. For a name that points to CloudFront, use a DNS challenge (here with Certbot's plugin for Route 53), because the CA's HTTP challenge goes to CloudFront and can fail there.",
            "server_name www.example.com;",
            "server_name www.example.com origin.example.com;",
        )
        .then("certbot run -a dns-route53 -i nginx -d www.example.com -d origin.example.com"),
        Topic::DefaultCertificate => change(
            "Add a server block for the name with its certificate. Without one, nginx serves the certificate of the default server.",
            "",
            "server {\n    listen 443 ssl;\n    server_name www.example.com;\n    ssl_certificate     /etc/nginx/fullchain.pem;\n    ssl_certificate_key /etc/nginx/key.pem;\n}",
        )
        .then(RELOAD),
        Topic::ServerName => change(
            "Add the name to the server block that has a certificate for it. A default server with ssl_reject_handshake refuses all names that no server block lists.",
            "server_name example.com;",
            "server_name example.com www.example.com;",
        )
        .then(RELOAD),
        Topic::Renew => run(
            "If the file is newer than the served certificate, just reload nginx. If it is not, renew the certificate: `certbot renew` renews only certificates that expire soon, and --deploy-hook makes each renewal reload nginx. Certbot repeats the challenge with which the certificate was issued. `-a dns-route53` changes that to a DNS challenge (with Certbot's plugin for Route 53), for later renewals, too.",
            "# the file on the server\nopenssl x509 -in /etc/letsencrypt/live/www.example.com/fullchain.pem -noout -dates\n# if it is newer\nnginx -t && systemctl reload nginx\n# if it is not, and no name of the certificate points to CloudFront\ncertbot renew --deploy-hook 'systemctl reload nginx'\n# if it is not, and a name of the certificate points to CloudFront\ncertbot renew --cert-name www.example.com -a dns-route53 \\\n  --deploy-hook 'systemctl reload nginx'\n# the next automatic renewal\nsystemctl list-timers certbot.timer",
        ),
        Topic::NotYet | Topic::Public | Topic::Reissue | Topic::InstallOne => change(
            "Set ssl_certificate to a file with the site's certificate first, followed by its intermediates. `certbot certonly` gets such a file from Let's Encrypt, here through a DNS challenge with the plugin for Route 53. --deploy-hook makes each renewal reload nginx.",
            "ssl_certificate     /etc/nginx/selfsigned.pem;\nssl_certificate_key /etc/nginx/selfsigned.key;",
            "ssl_certificate     /etc/letsencrypt/live/www.example.com/fullchain.pem;\nssl_certificate_key /etc/letsencrypt/live/www.example.com/privkey.pem;",
        )
        .then("# only if you need a new certificate; --force-renewal replaces one that is not yet due for renewal\ncertbot certonly -a dns-route53 -d www.example.com --force-renewal \\\n  --deploy-hook 'systemctl reload nginx'\n# in every case\nnginx -t && systemctl reload nginx"),
        Topic::KeyPair => run(
            "Install a certificate and a key that belong together, then reload nginx. nginx does not load files that do not belong together. If `nginx -t` succeeds, look for a proxy in front of nginx that has the wrong files.",
            RELOAD,
        ),
        Topic::KeyKind => run(
            "Have the certificate issued for such a key. nginx can serve an RSA and an ECDSA certificate side by side.",
            "# add -a dns-route53 if a name of the certificate points to CloudFront\ncertbot renew --cert-name www.example.com --key-type ecdsa \\\n  --elliptic-curve secp256r1 --force-renewal\nnginx -t && systemctl reload nginx",
        ),
        Topic::Staple => change(
            "Turn on stapling and set a resolver, which nginx needs to find the CA's OCSP responder.",
            "ssl_stapling off;",
            "ssl_stapling on;\nssl_stapling_verify on;\nresolver 127.0.0.53;",
        )
        .then(RELOAD),
        Topic::Current => run(
            "Replace the intermediate in the file that ssl_certificate names, then reload nginx. With Certbot, a forced renewal fetches the CA's current chain.",
            "# add -a dns-route53 if a name of the certificate points to CloudFront\ncertbot renew --cert-name www.example.com --force-renewal\nnginx -t && systemctl reload nginx",
        ),
        Topic::Complete => change(
            "Set ssl_certificate to the file with the full chain. nginx has no separate directive for the chain, and never sends the certificates of ssl_trusted_certificate.",
            "ssl_certificate /etc/letsencrypt/live/www.example.com/cert.pem;",
            "ssl_certificate /etc/letsencrypt/live/www.example.com/fullchain.pem;",
        )
        .then(RELOAD),
        Topic::Order => run(
            "Correct the order in the file that ssl_certificate names, then reload nginx, which sends the certificates in the order of the file.",
            RELOAD,
        ),
        Topic::Trim => run(
            "Correct the file that ssl_certificate names, then reload nginx, which sends everything in the file.",
            RELOAD,
        ),
        _ => return None,
    })
}

const RELOAD: &str = "nginx -t && systemctl reload nginx";
