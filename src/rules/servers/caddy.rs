//! Caddy (`tls` directive and site addresses).

use super::super::topic::{Advice, Server, Topic, change, run};

pub(super) const SERVER: Server =
    Server { name: "Caddy", short_name: "Caddy", anchor: "caddy", advice };

fn advice(topic: Topic) -> Option<Advice> {
    Some(match topic {
        Topic::Listen => change(
            "Remove http:// or another port from the site's address. A site with such an address does not listen on port 443.",
            "http://www.example.com {\n    reverse_proxy localhost:8080\n}",
            SITE,
        )
        .then(RELOAD),
        Topic::Admit => run(
            "Publish the port if Caddy runs in a container. Caddy has no setting for this.",
            "docker run -p 443:443 -p 443:443/udp caddy",
        ),
        Topic::Closed => run(
            "Find out from Caddy's log whether it has obtained a certificate for the name, and what the CA answered. Caddy cannot serve the name until then.",
            "journalctl -u caddy --since '1 hour ago' | grep -i -e tls -e acme",
        ),
        Topic::SpeakTls => change(
            "Change http:// to https:// in the site's address. If the global options contain `auto_https off`, remove it or name the certificate files, as shown.",
            "http://www.example.com:443 {\n    reverse_proxy localhost:8080\n}",
            "https://www.example.com {\n    tls /etc/caddy/fullchain.pem /etc/caddy/key.pem\n    reverse_proxy localhost:8080\n}",
        )
        .then(RELOAD),
        Topic::Slow => change(
            "List the sites by name instead of using on_demand. With on_demand, Caddy obtains a certificate during the first handshake for a name.",
            "https:// {\n    tls {\n        on_demand\n    }\n    reverse_proxy localhost:8080\n}",
            BOTH_SITES,
        )
        .then(RELOAD),
        Topic::Versions => run(
            "Remove the `protocols` line of a `tls` block (not of a `servers` block), which `grep` finds: by default, Caddy supports TLS 1.2 and 1.3. If there is no such line, and the distribution does not list TLSv1.2 (the last command prints the list), set the list to TLSv1.2. If it lists TLSv1.2, Caddy is not the cause: check the proxy or load balancer in front of Caddy.",
            "grep -n protocols /etc/caddy/Caddyfile\ncaddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy\naws cloudfront get-distribution-config --id $ID --output json \\\n  --query 'DistributionConfig.Origins.Items[].CustomOriginConfig.OriginSslProtocols'",
        ),
        Topic::Suites => change(
            "Remove the `ciphers` line, or correct it as shown. Caddy's defaults work. The line applies to TLS 1.2 only.",
            "tls {\n    ciphers TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256\n}",
            "tls {\n    ciphers TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n}",
        )
        .then(RELOAD),
        Topic::Groups => change(
            "Remove the `curves` line, or correct it as shown. Caddy's defaults work.",
            "tls {\n    curves secp521r1\n}",
            "tls {\n    curves x25519 secp256r1 secp384r1\n}",
        )
        .then(RELOAD),
        Topic::Refused => change(
            "Turn on debug logging, as shown. Run `origin-probe check` again and read the log. Then check the `protocols`, `ciphers` and `curves` lines, which `grep` lists. If in doubt, remove these lines, because Caddy's defaults work.",
            SITE,
            "{\n    debug\n}\nwww.example.com {\n    reverse_proxy localhost:8080\n}",
        )
        .then("caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy\njournalctl -u caddy -n 100 | grep -i tls\ngrep -nE 'protocols|ciphers|curves' /etc/caddy/Caddyfile"),
        Topic::ClientCertificate => change(
            "Remove the client_auth block from the site.",
            "www.example.com {\n    tls {\n        client_auth {\n            mode require_and_verify\n        }\n    }\n    reverse_proxy localhost:8080\n}",
            SITE,
        )
        .then(RELOAD),
        Topic::Name | Topic::Both | Topic::CommonName => change(
            "List every host in the site's address. Caddy obtains certificates for all of them. For a name that points to CloudFront, also set up a DNS challenge (`dns` in the `tls` block, with the module for your DNS provider), because the CA's other challenges go to CloudFront and can fail there.",
            SITE,
            BOTH_SITES,
        )
        .then(RELOAD),
        Topic::DefaultCertificate => change(
            "Add the site. Caddy obtains a certificate for it as soon as the CA can reach the site. For a name that points to CloudFront, set up a DNS challenge (`dns` in the `tls` block, with the module for your DNS provider), because the CA's other challenges go to CloudFront and can fail there.",
            "",
            SITE,
        )
        .then(RELOAD),
        Topic::ServerName => change(
            "Add the name to a site, as shown. Caddy answers only for the names of its sites, and only after it has obtained their certificates. For a name that points to CloudFront, set up a DNS challenge (`dns` in the `tls` block, with the module for your DNS provider), because the CA's other challenges go to CloudFront and can fail there.",
            "example.com {\n    reverse_proxy localhost:8080\n}",
            "example.com, www.example.com {\n    reverse_proxy localhost:8080\n}",
        )
        .then(RELOAD),
        Topic::Renew => run(
            "If `grep` prints a `tls` line with files, Caddy does not renew these files. Replace them yourself if they are not newer than the served certificate, then reload Caddy with --force. Without --force, Caddy skips the reload, because its configuration is unchanged. If `grep` prints nothing, Caddy renews the certificate: find out from its log why that failed, and remove the cause. For a name that points to CloudFront, set up a DNS challenge (`dns` in the `tls` block, with the module for your DNS provider). Then restart Caddy, because it can otherwise wait for up to 6 hours before it tries again.",
            "grep -n 'tls /' /etc/caddy/Caddyfile\n# if it prints files, after you have replaced them\ncaddy reload --force --config /etc/caddy/Caddyfile\n# if it prints nothing\njournalctl -u caddy --since '7 days ago' | grep -i -e renew -e obtain\n# then, after you have removed the cause\nsystemctl restart caddy",
        ),
        Topic::NotYet | Topic::Public | Topic::Reissue | Topic::InstallOne => change(
            "Remove `tls internal`. Caddy then obtains a certificate from a public CA for the name in the site's address. For a name that points to CloudFront, set up a DNS challenge (`dns` in the `tls` block, with the module for your DNS provider), because the CA's other challenges go to CloudFront and can fail there. If the site names certificate files with `tls`, replace these files instead, and reload Caddy with --force.",
            "www.example.com {\n    tls internal\n    reverse_proxy localhost:8080\n}",
            SITE,
        )
        .then(RELOAD),
        Topic::KeyPair => change(
            "Set the two arguments of `tls` to a certificate and a key that belong together. If only the contents of the files change, reload Caddy with --force.",
            "tls /etc/caddy/fullchain.pem /etc/caddy/old-key.pem",
            "tls /etc/caddy/fullchain.pem /etc/caddy/key.pem",
        )
        .then(FORCED_RELOAD),
        Topic::KeyKind => change(
            "Set the type of key for which Caddy requests certificates.",
            "tls {\n    key_type ed25519\n}",
            "tls {\n    key_type p256\n}",
        )
        .then(RELOAD),
        Topic::Staple => change(
            "Remove `ocsp_stapling off` from the global options. Caddy staples by default.",
            "{\n    ocsp_stapling off\n}",
            "",
        )
        .then("journalctl -u caddy | grep -i ocsp"),
        Topic::Current => run(
            "Replace the intermediate in the file that the first argument of `tls` names. Then reload Caddy with --force, because its configuration is unchanged.",
            FORCED_RELOAD,
        ),
        Topic::Complete => change(
            "Point the first argument of `tls` at the file with the full chain. Certificates that Caddy obtains include their chain.",
            "tls /etc/caddy/cert.pem /etc/caddy/key.pem",
            "tls /etc/caddy/fullchain.pem /etc/caddy/key.pem",
        )
        .then(FORCED_RELOAD),
        Topic::Order => run(
            "Correct the order in the file that the first argument of `tls` names. Then reload Caddy with --force, because its configuration is unchanged. Caddy sends the certificates in the order of the file.",
            FORCED_RELOAD,
        ),
        Topic::Trim => run(
            "Correct the file that the first argument of `tls` names. Then reload Caddy with --force, because its configuration is unchanged. Caddy sends everything in the file.",
            FORCED_RELOAD,
        ),
        _ => return None,
    })
}

const SITE: &str = "www.example.com {\n    reverse_proxy localhost:8080\n}";
const BOTH_SITES: &str =
    "www.example.com, origin.example.com {\n    reverse_proxy localhost:8080\n}";
/// Caddy skips a reload with an unchanged configuration unless it is forced, and then does not read
/// the certificate files again.
const FORCED_RELOAD: &str = "caddy reload --force --config /etc/caddy/Caddyfile";
const RELOAD: &str = "caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy";
