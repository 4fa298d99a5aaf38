//! The server's own certificate and its key.

use super::Advice;
use super::Repair;
use super::advice;

pub(in super::super) static RENEW: Repair = Repair {
    setting: "the server's certificate file",
    first: advice(
        "Renew it, install it on every server behind the name, and reload them: most read the file \
         only then. A renewal that ran but was never loaded looks just like one that did not run.",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null \\\n  \
         | openssl x509 -noout -dates -subject",
    ),
    servers: Some([
        advice(
            "ACM renews what it has issued by itself as long as its DNS record for validation \
             stands and the certificate is in use. An imported one has to be imported again, under \
             the same ARN.",
            "aws acm describe-certificate --certificate-arn $CERT \\\n  \
             --query 'Certificate.[Status,NotAfter,RenewalSummary,DomainValidationOptions]'\n\
             aws acm import-certificate --certificate-arn $CERT --certificate fileb://cert.pem \\\n  \
             --certificate-chain fileb://chain.pem --private-key fileb://key.pem",
        ),
        advice(
            "Let the renewal reload nginx from now on.",
            "certbot renew --deploy-hook 'systemctl reload nginx'\nsystemctl list-timers certbot.timer",
        ),
        advice(
            "Let the renewal reload Apache from now on, or let mod_md renew.",
            "certbot renew --deploy-hook 'systemctl reload apache2'\nsystemctl list-timers certbot.timer",
        ),
        advice(
            "The file holds the chain and the key: write it anew, then reload.",
            "cat fullchain.pem privkey.pem > /etc/haproxy/site.pem\n\
             haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy",
        ),
        advice(
            "Caddy renews by itself: its log says why it could not. Files given to tls are yours \
             to renew.",
            "journalctl -u caddy --since '7 days ago' | grep -i -e renew -e obtain\n\
             caddy reload --config /etc/caddy/Caddyfile",
        ),
        advice(
            "With cert-manager see what keeps the Certificate from being ready, then renew it; \
             otherwise write the Secret anew.",
            "kubectl describe certificate -n shop shop-tls\ncmctl renew -n shop shop-tls\n\
             kubectl create secret tls shop-tls -n shop --cert=fullchain.pem --key=key.pem \\\n  \
             --dry-run=client -o yaml | kubectl apply -f -",
        ),
    ]),
};

pub(in super::super) static NOT_YET: Repair = Repair {
    setting: "the server's certificate file; the clock of the issuing machine",
    first: advice(
        "Put the previous certificate back as long as it is valid, or have a new one issued by a \
         machine whose clock is right.",
        "openssl x509 -in fullchain.pem -noout -startdate\ntimedatectl",
    ),
    servers: Some(INSTALL),
};

pub(in super::super) static PUBLIC: Repair = Repair {
    setting: "the server's certificate file",
    first: advice(
        "CloudFront trusts the CAs of Mozilla's list and cannot be given another: get a \
         certificate from one of them, which costs nothing with Let's Encrypt or, on a load \
         balancer, ACM. A server that shows a certificate nobody configured shows its default: \
         the site for this name has none of its own.",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null \\\n  \
         | openssl x509 -noout -subject -issuer",
    ),
    servers: Some(INSTALL),
};

pub(in super::super) static REISSUE: Repair = Repair {
    setting: "the server's certificate file",
    first: advice(
        "The certificate itself has to be replaced: have a new one issued, for a server and by a \
         public CA, and install it.",
        "openssl x509 -in cert.pem -noout -text | grep -A1 -e 'Signature Algorithm' \\\n  \
         -e 'Basic Constraints' -e 'Extended Key Usage'",
    ),
    servers: Some(INSTALL),
};

pub(in super::super) static INSTALL_ONE: Repair = Repair {
    setting: "the server's certificate file",
    first: advice(
        "See what is in the file and whether OpenSSL can read all of it.",
        "openssl crl2pkcs7 -nocrl -certfile fullchain.pem | openssl pkcs7 -print_certs -noout",
    ),
    servers: Some(INSTALL),
};

/// What to do about a post-quantum certificate.
pub(in super::super) const ML_DSA_REMEDY: &str = "Have a certificate issued for an RSA key of 2048 bits or an ECDSA key on P-256 by a public CA, signed with RSA or ECDSA; serve the ML-DSA certificate only to clients that ask for it. No public CA issues ML-DSA certificates yet.";

/// Get a certificate of a public CA and serve it with its chain.
const INSTALL: [Advice; 6] = [
    advice(
        "Request one from ACM, or import your own, and make it the listener's.",
        "aws acm request-certificate --domain-name www.example.com --validation-method DNS\n\
         aws acm import-certificate --certificate fileb://cert.pem \\\n  \
         --certificate-chain fileb://chain.pem --private-key fileb://key.pem\n\
         aws elbv2 modify-listener --listener-arn $LISTENER --certificates CertificateArn=$CERT",
    ),
    advice(
        "The file has the certificate first and then its intermediates.",
        "ssl_certificate     /etc/letsencrypt/live/www.example.com/fullchain.pem;\n\
         ssl_certificate_key /etc/letsencrypt/live/www.example.com/privkey.pem;\n\
         nginx -t && systemctl reload nginx",
    ),
    advice(
        "The file has the certificate first and then its intermediates (since 2.4.8).",
        "SSLCertificateFile    /etc/letsencrypt/live/www.example.com/fullchain.pem\n\
         SSLCertificateKeyFile /etc/letsencrypt/live/www.example.com/privkey.pem\n\
         apachectl configtest && systemctl reload apache2",
    ),
    advice(
        "One file has the certificate, its intermediates and the key.",
        "cat fullchain.pem privkey.pem > /etc/haproxy/site.pem\n\
         bind :443 ssl crt /etc/haproxy/site.pem",
    ),
    advice(
        "With the site's name as address Caddy gets one from a public CA; `tls internal` does not.",
        "www.example.com {\n    reverse_proxy localhost:8080\n}",
    ),
    advice(
        "Put it into the Secret that the Ingress names. One that is missing or broken makes the \
         controller serve its own \"Fake Certificate\".",
        "kubectl create secret tls shop-tls -n shop --cert=fullchain.pem --key=key.pem \\\n  \
         --dry-run=client -o yaml | kubectl apply -f -\n\
         kubectl describe ingress -n shop shop",
    ),
];

pub(in super::super) static KEY_PAIR: Repair = Repair {
    setting: "the server's certificate and key files, which belong together",
    first: advice(
        "Compare the public key in the certificate with that of the key: both commands must print \
         the same.",
        "openssl x509 -in cert.pem -noout -pubkey | openssl sha256\n\
         openssl pkey -in key.pem -pubout | openssl sha256",
    ),
    servers: Some([
        advice(
            "ACM takes only what fits together, so it is the target behind a TCP listener; or \
             import both files anew.",
            "aws acm import-certificate --certificate-arn $CERT --certificate fileb://cert.pem \\\n  \
             --certificate-chain fileb://chain.pem --private-key fileb://key.pem",
        ),
        advice(
            "nginx refuses such a pair when it loads it: what runs was loaded before one of the \
             files changed.",
            "nginx -t && systemctl reload nginx",
        ),
        advice(
            "Apache refuses such a pair when it starts: what runs was loaded before one of the \
             files changed.",
            "apachectl configtest && systemctl restart apache2",
        ),
        advice(
            "The file must hold the key of its first certificate.",
            "cat fullchain.pem privkey.pem > /etc/haproxy/site.pem\n\
             haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy",
        ),
        advice(
            "Give tls the two files that were made together.",
            "tls /etc/caddy/fullchain.pem /etc/caddy/key.pem",
        ),
        advice(
            "Write the Secret anew from both files.",
            "kubectl create secret tls shop-tls -n shop --cert=fullchain.pem --key=key.pem \\\n  \
             --dry-run=client -o yaml | kubectl apply -f -",
        ),
    ]),
};

pub(in super::super) static KEY_KIND: Repair = Repair {
    setting: "the kind of key that the certificate is issued for",
    first: advice(
        "Make a key on P-256, or RSA with 2048 bits, and have the certificate issued for it.",
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem \\\n  \
         -subj /CN=www.example.com -addext subjectAltName=DNS:www.example.com -out request.pem",
    ),
    servers: Some([
        advice(
            "Request a certificate with such a key from ACM.",
            "aws acm request-certificate --domain-name www.example.com --validation-method DNS \\\n  \
             --key-algorithm EC_prime256v1",
        ),
        advice(
            "Issue it with such a key; nginx can serve one of each kind side by side.",
            "certbot certonly --nginx -d www.example.com --key-type ecdsa \\\n  \
             --elliptic-curve secp256r1 --force-renewal",
        ),
        advice(
            "Issue it with such a key.",
            "certbot certonly --apache -d www.example.com --key-type ecdsa \\\n  \
             --elliptic-curve secp256r1 --force-renewal",
        ),
        advice(
            "Issue it with such a key; site.pem.rsa and site.pem.ecdsa are served side by side.",
            "certbot certonly --standalone -d www.example.com --key-type rsa --rsa-key-size 2048\n\
             bind :443 ssl crt /etc/haproxy/site.pem",
        ),
        advice("Say which kind Caddy is to ask for.", "tls {\n    key_type p256\n}"),
        advice(
            "Say so in cert-manager's Certificate.",
            "spec:\n  privateKey:\n    algorithm: ECDSA\n    size: 256\n    rotationPolicy: Always",
        ),
    ]),
};

pub(in super::super) static STAPLE: Repair = Repair {
    setting: "OCSP stapling of the server, or the must-staple extension of the certificate",
    first: advice(
        "Many CAs have stopped to answer OCSP: then have the certificate reissued without \
         must-staple. Otherwise let the server staple. See whether it does.",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com -status \\\n  \
         </dev/null | grep -A2 'OCSP response'",
    ),
    servers: Some([
        advice(
            "Load balancers have no setting for stapling: use a certificate without must-staple.",
            "aws elbv2 modify-listener --listener-arn $LISTENER --certificates CertificateArn=$CERT",
        ),
        advice(
            "It needs a resolver to find the CA's responder.",
            "ssl_stapling on;\nssl_stapling_verify on;\nresolver 127.0.0.53;",
        ),
        advice(
            "The cache stands outside of every virtual host.",
            "SSLStaplingCache shmcb:/var/run/ocsp(128000)\n<VirtualHost *:443>\n    \
             SSLUseStapling on\n</VirtualHost>",
        ),
        advice(
            "Since 2.8 by a line of a crt-list; before, put the response beside the file \
             (site.pem.ocsp).",
            "bind :443 ssl crt-list /etc/haproxy/list\n\
             /etc/haproxy/site.pem [ocsp-update on]",
        ),
        advice(
            "Caddy staples by itself: take ocsp_stapling off out of the global options.",
            "journalctl -u caddy | grep -i ocsp",
        ),
        advice("In the controller's ConfigMap.", "data:\n  enable-ocsp: \"true\""),
    ]),
};
