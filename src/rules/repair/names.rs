//! Which name CloudFront sends, and which names the certificate has.

use super::Advice;
use super::Repair;
use super::advice;

pub(in super::super) static NAME: Repair = Repair {
    setting: "Origin domain (DomainName), or the origin request policy that forwards Host",
    first: advice(
        "Choose one of three. Put a name into Origin domain that the certificate carries, with a \
         DNS record that leads to the origin, not to CloudFront. Or forward Host by the origin request policy AllViewer \
         (216adef6-5c7f-47e4-b989-5492eafa07d3), if the certificate carries the viewers' names. \
         Or have the certificate reissued with the name that is missing.",
        "aws cloudfront get-distribution-config --id $ID \\\n  \
         --query 'DistributionConfig.Origins.Items[].[Id,DomainName]'",
    ),
    servers: Some(BOTH_NAMES),
};

pub(in super::super) static PLATFORM_NAME: Repair = Repair {
    setting: "Origin domain (DomainName), or the origin request policy that forwards Host",
    first: advice(
        "A platform's name can be in no certificate of yours. Put a name of your own before it, \
         with a DNS record that leads there, and use that as Origin domain; or forward Host by the \
         origin request policy AllViewer (216adef6-5c7f-47e4-b989-5492eafa07d3), if the server \
         has a certificate for the viewers' names.",
        "aws cloudfront get-distribution-config --id $ID \\\n  \
         --query 'DistributionConfig.Origins.Items[].[Id,DomainName]'",
    ),
    servers: None,
};

pub(in super::super) static DEFAULT_CERTIFICATE: Repair = Repair {
    setting: "the certificates that the server has; the policy that forwards Host",
    first: advice(
        "The server picks a certificate by the name that it is asked for, and falls back to a \
         default where it has none. Give it one for each name under which viewers come. Compare \
         what it serves with and without such a name.",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null\n\
         openssl s_client -connect origin.example.com:443 -noservername </dev/null",
    ),
    servers: Some([
        advice(
            "Add a certificate for the name to the listener, beside its default one.",
            "aws elbv2 add-listener-certificates --listener-arn $LISTENER \\\n  \
             --certificates CertificateArn=$CERT",
        ),
        advice(
            "Add a server block for the name with its certificate; without one nginx takes the \
             default_server's.",
            "server {\n    listen 443 ssl;\n    server_name www.example.com;\n    \
             ssl_certificate     /etc/nginx/fullchain.pem;\n    \
             ssl_certificate_key /etc/nginx/key.pem;\n}",
        ),
        advice(
            "Add a virtual host for the name; without one Apache takes the first of that port.",
            "<VirtualHost *:443>\n    ServerName www.example.com\n    SSLEngine on\n    \
             SSLCertificateFile /etc/apache2/fullchain.pem\n    \
             SSLCertificateKeyFile /etc/apache2/key.pem\n</VirtualHost>",
        ),
        advice(
            "Put a file with the name's certificate and key into the folder; without one HAProxy \
             takes the first file.",
            "bind :443 ssl crt /etc/haproxy/certs/",
        ),
        advice(
            "Add the site; Caddy gets a certificate for it as soon as the CA can reach it.",
            "www.example.com {\n    reverse_proxy localhost:8080\n}",
        ),
        advice(
            "Add the host to the Ingress under tls, with a Secret in the same namespace that has \
             its certificate: otherwise the controller serves its Fake Certificate.",
            "spec:\n  tls:\n  - hosts: [www.example.com]\n    secretName: shop-tls",
        ),
    ]),
};

pub(in super::super) static BOTH: Repair = Repair {
    setting: "the names of the certificate (subject alternative names)",
    first: advice(
        "Have the certificate issued with the origin domain and with the viewers' names.",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null \\\n  \
         | openssl x509 -noout -ext subjectAltName",
    ),
    servers: Some(BOTH_NAMES),
};

pub(in super::super) static COMMON_NAME: Repair = Repair {
    setting: "the names of the certificate request (subject alternative names)",
    first: advice(
        "Write the names into the request as subject alternative names; the common name alone \
         counts for nobody else.",
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem \\\n  \
         -subj /CN=www.example.com -addext subjectAltName=DNS:www.example.com -out request.pem",
    ),
    servers: Some(BOTH_NAMES),
};

/// One certificate with all names that CloudFront may ask for.
const BOTH_NAMES: [Advice; 6] = [
    advice(
        "Request one certificate with every name, and make it the listener's. A load balancer's \
         own name can be in no certificate of yours: it takes a name of your own before it.",
        "aws acm request-certificate --domain-name origin.example.com \\\n  \
         --subject-alternative-names www.example.com --validation-method DNS\n\
         aws elbv2 modify-listener --listener-arn $LISTENER --certificates CertificateArn=$CERT",
    ),
    advice(
        "Get a certificate with every name; the server block needs each in server_name.",
        "certbot --nginx -d origin.example.com -d www.example.com\n\
         server_name origin.example.com www.example.com;",
    ),
    advice(
        "Get a certificate with every name; the virtual host needs each as ServerName or \
         ServerAlias.",
        "certbot --apache -d origin.example.com -d www.example.com\n\
         ServerName  origin.example.com\nServerAlias www.example.com",
    ),
    advice(
        "HAProxy picks the file whose certificate has the name: put both names on one, or a file \
         for each into the folder.",
        "certbot certonly --standalone -d origin.example.com -d www.example.com\n\
         bind :443 ssl crt /etc/haproxy/certs/",
    ),
    advice(
        "Name every host in the site's address: Caddy gets certificates for all of them.",
        "origin.example.com, www.example.com {\n    reverse_proxy localhost:8080\n}",
    ),
    advice(
        "List every name under tls.hosts; cert-manager puts them on one certificate.",
        "spec:\n  tls:\n  - hosts: [origin.example.com, www.example.com]\n    secretName: shop-tls",
    ),
];

pub(in super::super) static SERVER_NAME: Repair = Repair {
    setting: "the sites the server knows; Origin domain or the forwarded Host header",
    first: advice(
        "The server must have a site and a certificate for exactly the name that CloudFront sends. \
         Compare its answer with that name and without one.",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null\n\
         openssl s_client -connect origin.example.com:443 -noservername </dev/null",
    ),
    servers: Some([
        advice(
            "A load balancer answers every name with its default certificate, so it is a server \
             behind a TCP listener that refuses. For its own listener add the certificate.",
            "aws elbv2 add-listener-certificates --listener-arn $LISTENER \\\n  \
             --certificates CertificateArn=$CERT",
        ),
        advice(
            "Add the name to a server block. What refuses strangers is a default server with \
             ssl_reject_handshake.",
            "server {\n    listen 443 ssl;\n    server_name www.example.com;\n    \
             ssl_certificate     /etc/nginx/fullchain.pem;\n    \
             ssl_certificate_key /etc/nginx/key.pem;\n}",
        ),
        advice(
            "Add the name to a virtual host; strict checking refuses what has none.",
            "ServerAlias www.example.com\nSSLStrictSNIVHostCheck off",
        ),
        advice(
            "Add a certificate for the name, or take strict-sni off the bind line.",
            "bind :443 ssl crt /etc/haproxy/certs/ strict-sni",
        ),
        advice(
            "Caddy answers only for names of its sites: add this one, or name the site that \
             answers for others.",
            "{\n    fallback_sni www.example.com\n}\nwww.example.com {\n    \
             reverse_proxy localhost:8080\n}",
        ),
        advice(
            "Add the host to the Ingress, under rules and under tls; ssl-reject-handshake in the \
             ConfigMap refuses all others.",
            "spec:\n  rules:\n  - host: www.example.com\n  tls:\n  - hosts: [www.example.com]\n    \
             secretName: shop-tls",
        ),
    ]),
};
