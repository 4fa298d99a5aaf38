//! Apache (`mod_ssl`).

use super::super::topic::{Advice, Server, Topic, change, run};

pub(super) const SERVER: Server =
    Server { name: "Apache", short_name: "Apache", anchor: "apache", advice };

fn advice(topic: Topic) -> Option<Advice> {
    Some(match topic {
        Topic::Listen => change(
            "Add a Listen directive and the virtual host, and load mod_ssl.",
            "Listen 80",
            "Listen 80\nListen 443\n<VirtualHost *:443>\n    SSLEngine on\n    SSLCertificateFile    /etc/apache2/fullchain.pem\n    SSLCertificateKeyFile /etc/apache2/key.pem\n</VirtualHost>",
        )
        .then("a2enmod ssl && apachectl configtest && systemctl restart apache2"),
        Topic::Admit => run(
            "Check the host's own firewall: `nft list ruleset` lists its rules. `firewall-cmd` opens the port to every address, so use it only if the whole internet is allowed to connect to the origin. Apache has no setting for this.",
            "nft list ruleset\nfirewall-cmd --permanent --add-service=https && firewall-cmd --reload",
        ),
        Topic::Closed => change(
            "Raise the log level of mod_ssl temporarily, as shown. Run `origin-probe check` again and read what mod_ssl logs about the connection.",
            "LogLevel warn",
            "LogLevel warn ssl:debug",
        )
        .then("apachectl configtest && systemctl reload apache2\ntail -f /var/log/apache2/error.log"),
        Topic::SpeakTls => change(
            "Add SSLEngine on and a certificate to the virtual host.",
            "<VirtualHost *:443>\n    ServerName www.example.com\n</VirtualHost>",
            "<VirtualHost *:443>\n    ServerName www.example.com\n    SSLEngine on\n    SSLCertificateFile    /etc/apache2/fullchain.pem\n    SSLCertificateKeyFile /etc/apache2/key.pem\n</VirtualHost>",
        )
        .then(RELOAD),
        Topic::Slow => change(
            "Run `apachectl status`, which needs mod_status. If it prints no idle workers, raise their number, as shown.",
            "<IfModule mpm_event_module>\n    MaxRequestWorkers 150\n</IfModule>",
            "<IfModule mpm_event_module>\n    MaxRequestWorkers 400\n</IfModule>",
        )
        .then(RELOAD),
        Topic::Versions => change(
            "Change SSLProtocol in the virtual host. If the virtual host has no SSLProtocol, change the one in the configuration of the server.",
            "SSLProtocol -all +TLSv1 +TLSv1.1",
            "SSLProtocol -all +TLSv1.2 +TLSv1.3",
        )
        .then(RELOAD),
        Topic::Suites => change(
            "Change SSLCipherSuite for TLS 1.2.",
            "SSLCipherSuite DHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305",
            "SSLCipherSuite ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384",
        )
        .then(RELOAD),
        Topic::Groups => change(
            "Set the groups as follows, which requires OpenSSL 1.1.1 or later.",
            "SSLOpenSSLConfCmd Groups P-521",
            "SSLOpenSSLConfCmd Groups X25519:P-256:P-384",
        )
        .then(RELOAD),
        Topic::Refused => change(
            "Set the log level of mod_ssl to info, as shown. Run `origin-probe check` again and read the log. Then check the configured versions, cipher suites and groups, which `grep` lists.",
            "LogLevel warn",
            "LogLevel warn ssl:info",
        )
        .then("apachectl configtest && systemctl reload apache2\ntail /var/log/apache2/error.log\ngrep -rE 'SSLProtocol|SSLCipherSuite|SSLOpenSSLConfCmd' /etc/apache2/*-enabled"),
        Topic::ClientCertificate => change(
            "Turn off client authentication for this virtual host. Also remove SSLVerifyClient from its <Directory> and <Location> blocks. With TLS 1.3, they require post-handshake authentication, which most clients do not support.",
            "SSLVerifyClient require",
            "SSLVerifyClient none",
        )
        .then(RELOAD),
        Topic::Name | Topic::Both | Topic::CommonName => change(
            "Get a certificate with every name, and add each name as ServerName or ServerAlias to the virtual host. For a name that points to CloudFront, use a DNS challenge (here with Certbot's plugin for Route 53), because the CA's HTTP challenge goes to CloudFront and can fail there.",
            "ServerName  www.example.com",
            "ServerName  www.example.com\nServerAlias origin.example.com",
        )
        .then("certbot run -a dns-route53 -i apache -d www.example.com -d origin.example.com"),
        Topic::DefaultCertificate => change(
            "Add a virtual host for the name. Without one, Apache uses the first virtual host of that port.",
            "",
            "<VirtualHost *:443>\n    ServerName www.example.com\n    SSLEngine on\n    SSLCertificateFile /etc/apache2/fullchain.pem\n    SSLCertificateKeyFile /etc/apache2/key.pem\n</VirtualHost>",
        )
        .then(RELOAD),
        Topic::ServerName => change(
            "Add the name to the virtual host that has a certificate for it. Apache itself serves the first virtual host of the port for an unknown name. If the name is still refused, a proxy in front of Apache refuses it.",
            "ServerName  example.com",
            "ServerName  example.com\nServerAlias www.example.com",
        )
        .then(RELOAD),
        Topic::Renew => run(
            "If the file is newer than the served certificate, just reload Apache. If it is not, renew the certificate: `certbot renew` renews only certificates that expire soon, and --deploy-hook makes each renewal reload Apache. Certbot repeats the challenge with which the certificate was issued. `-a dns-route53` changes that to a DNS challenge (with Certbot's plugin for Route 53), for later renewals, too.",
            "# the file on the server\nopenssl x509 -in /etc/letsencrypt/live/www.example.com/fullchain.pem -noout -dates\n# if it is newer\napachectl configtest && systemctl reload apache2\n# if it is not, and no name of the certificate points to CloudFront\ncertbot renew --deploy-hook 'systemctl reload apache2'\n# if it is not, and a name of the certificate points to CloudFront\ncertbot renew --cert-name www.example.com -a dns-route53 \\\n  --deploy-hook 'systemctl reload apache2'\n# the next automatic renewal\nsystemctl list-timers certbot.timer",
        ),
        Topic::NotYet | Topic::Public | Topic::Reissue | Topic::InstallOne => change(
            "Set SSLCertificateFile to a file with the site's certificate first, followed by its intermediates (Apache 2.4.8 or later). `certbot certonly` gets such a file from Let's Encrypt, here through a DNS challenge with the plugin for Route 53. --deploy-hook makes each renewal reload Apache.",
            "SSLCertificateFile    /etc/ssl/certs/ssl-cert-snakeoil.pem\nSSLCertificateKeyFile /etc/ssl/private/ssl-cert-snakeoil.key",
            "SSLCertificateFile    /etc/letsencrypt/live/www.example.com/fullchain.pem\nSSLCertificateKeyFile /etc/letsencrypt/live/www.example.com/privkey.pem",
        )
        .then("# only if you need a new certificate; --force-renewal replaces one that is not yet due for renewal\ncertbot certonly -a dns-route53 -d www.example.com --force-renewal \\\n  --deploy-hook 'systemctl reload apache2'\n# in every case\napachectl configtest && systemctl reload apache2"),
        Topic::KeyPair => run(
            "Install a certificate and a key that belong together, then restart Apache. Apache does not start with files that do not belong together. If `apachectl configtest` succeeds, look for a proxy in front of Apache that has the wrong files.",
            "apachectl configtest && systemctl restart apache2",
        ),
        Topic::KeyKind => run(
            "Have the certificate issued for such a key.",
            "# add -a dns-route53 if a name of the certificate points to CloudFront\ncertbot renew --cert-name www.example.com --key-type ecdsa \\\n  --elliptic-curve secp256r1 --force-renewal\napachectl configtest && systemctl reload apache2",
        ),
        Topic::Staple => change(
            "Turn on stapling in the virtual host, as shown. If the configuration has no SSLStaplingCache, add `SSLStaplingCache shmcb:/var/run/ocsp(128000)` outside of the virtual hosts.",
            "SSLUseStapling off",
            "SSLUseStapling on",
        )
        .then(RELOAD),
        Topic::Current => run(
            "Replace the intermediate in the file that SSLCertificateFile names (or SSLCertificateChainFile, if it is set), then reload Apache. With Certbot, a forced renewal fetches the CA's current chain.",
            "# add -a dns-route53 if a name of the certificate points to CloudFront\ncertbot renew --cert-name www.example.com --force-renewal\napachectl configtest && systemctl reload apache2",
        ),
        Topic::Complete => change(
            "Set SSLCertificateFile to the file with the full chain. SSLCertificateChainFile is only for versions before 2.4.8.",
            "SSLCertificateFile /etc/letsencrypt/live/www.example.com/cert.pem",
            "SSLCertificateFile /etc/letsencrypt/live/www.example.com/fullchain.pem",
        )
        .then(RELOAD),
        Topic::Order => run(
            "Correct the order in the file that SSLCertificateFile names, then reload Apache. If SSLCertificateChainFile is set, correct the order in that file instead.",
            RELOAD,
        ),
        Topic::Trim => change(
            "Correct the file that SSLCertificateFile names, because Apache sends everything in it. If SSLCertificateChainFile is set, Apache sends its certificates instead of the intermediates in SSLCertificateFile: remove it, as shown, if SSLCertificateFile contains the full chain.",
            "SSLCertificateFile      /etc/apache2/fullchain.pem\nSSLCertificateChainFile /etc/apache2/chain.pem",
            "SSLCertificateFile      /etc/apache2/fullchain.pem",
        )
        .then(RELOAD),
        _ => return None,
    })
}

const RELOAD: &str = "apachectl configtest && systemctl reload apache2";
