//! What client and server have to agree on, and whom the server lets in.

use super::Repair;
use super::advice;

pub(in super::super) static VERSIONS: Repair = Repair {
    setting: "the server's TLS versions; minimum origin SSL protocol (OriginSslProtocols) of the origin",
    first: advice(
        "Let the server speak TLS 1.2 and 1.3: every CloudFront setting but SSLv3 alone reaches \
         one of them. See what it speaks now.",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com -tls1_2 </dev/null",
    ),
    servers: Some([
        advice(
            "Choose a security policy with TLS 1.2 and 1.3.",
            "aws elbv2 modify-listener --listener-arn $LISTENER \\\n  \
             --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06",
        ),
        advice(
            "The default server of an address decides for all servers on it.",
            "ssl_protocols TLSv1.2 TLSv1.3;",
        ),
        advice(
            "In the configuration of the server or of the virtual host.",
            "SSLProtocol -all +TLSv1.2 +TLSv1.3",
        ),
        advice(
            "On the bind line, or for all of them in global.",
            "bind :443 ssl crt /etc/haproxy/site.pem ssl-min-ver TLSv1.2\n\
             global\n    ssl-default-bind-options ssl-min-ver TLSv1.2",
        ),
        advice(
            "Caddy speaks 1.2 and 1.3 unless told otherwise: take a stricter line out.",
            "tls {\n    protocols tls1.2 tls1.3\n}",
        ),
        advice(
            "In the controller's ConfigMap.",
            "kubectl -n ingress-nginx patch configmap ingress-nginx-controller \\\n  \
             --type merge -p '{\"data\":{\"ssl-protocols\":\"TLSv1.2 TLSv1.3\"}}'",
        ),
    ]),
};

pub(in super::super) static SSL3: Repair = Repair {
    setting: "OriginSslProtocols of the origin (CustomOriginConfig)",
    first: advice(
        "Take SSLv3 off the list in the distribution, in the console \"Minimum origin SSL \
         protocol\"; the server needs no change.",
        "aws cloudfront get-distribution-config --id $ID --output json \\\n  \
         --query 'DistributionConfig.Origins.Items[].CustomOriginConfig.OriginSslProtocols'",
    ),
    servers: None,
};

pub(in super::super) static SUITES: Repair = Repair {
    setting: "the server's cipher suites",
    first: advice(
        "Offer ECDHE with AES-GCM, for RSA and ECDSA certificates alike; TLS 1.3 brings its own \
         suites. Try the one that every list has.",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com -tls1_2 \\\n  \
         -cipher ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256 </dev/null",
    ),
    servers: Some([
        advice(
            "The predefined policies have them: choose one, in place of one with CHACHA20 or DHE \
             in mind.",
            "aws elbv2 describe-ssl-policies --names ELBSecurityPolicy-TLS13-1-2-2021-06\n\
             aws elbv2 modify-listener --listener-arn $LISTENER \\\n  \
             --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06",
        ),
        advice(
            "For TLS 1.2; the default server of an address decides.",
            "ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
             ECDHE-RSA-AES256-GCM-SHA384;",
        ),
        advice(
            "For TLS 1.2.",
            "SSLCipherSuite ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
             ECDHE-RSA-AES256-GCM-SHA384",
        ),
        advice(
            "`ciphers` is for TLS 1.2, `ciphersuites` for 1.3.",
            "global\n    ssl-default-bind-ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256\n    \
             ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
        ),
        advice(
            "Caddy's defaults are right; a `ciphers` line is for TLS 1.2 only.",
            "tls {\n    ciphers TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 \
             TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n}",
        ),
        advice(
            "In the controller's ConfigMap.",
            "data:\n  ssl-ciphers: \"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256\"",
        ),
    ]),
};

pub(in super::super) static GROUPS: Repair = Repair {
    setting: "the server's key exchange groups (curves)",
    first: advice(
        "Allow X25519 and P-256 (also called prime256v1 and secp256r1).",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com \\\n  \
         -groups P-256 </dev/null",
    ),
    servers: Some([
        advice(
            "There is no setting for groups: it is the target behind a TCP listener that decides, \
             or another security policy.",
            "aws elbv2 describe-listeners --load-balancer-arn $LB \\\n  \
             --query 'Listeners[].[Port,Protocol,SslPolicy]'",
        ),
        advice("Name them, or leave it at `auto`.", "ssl_ecdh_curve X25519:prime256v1:secp384r1;"),
        advice("With OpenSSL 1.1.1 or newer.", "SSLOpenSSLConfCmd Groups X25519:P-256:P-384"),
        advice(
            "On the bind line, or for all of them in global.",
            "bind :443 ssl crt /etc/haproxy/site.pem curves X25519:P-256:P-384",
        ),
        advice(
            "Caddy's defaults are right; take a narrower line out.",
            "tls {\n    curves x25519 secp256r1 secp384r1\n}",
        ),
        advice(
            "In the controller's ConfigMap.",
            "data:\n  ssl-ecdh-curve: \"X25519:prime256v1:secp384r1\"",
        ),
    ]),
};

pub(in super::super) static REFUSED: Repair = Repair {
    setting: "the server's TLS versions, cipher suites and groups, and its rules about clients",
    first: advice(
        "The server's log has the reason. Try one version and one suite at a time to see which of \
         them it will not have.",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com -tls1_3 </dev/null\n\
         openssl s_client -connect origin.example.com:443 -servername www.example.com -tls1_2 </dev/null",
    ),
    servers: Some([
        advice(
            "Choose a predefined policy again if it was changed, and look into the connection log.",
            "aws elbv2 modify-listener --listener-arn $LISTENER \\\n  \
             --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06",
        ),
        advice(
            "At the level info the log names the refusal; then versions, suites and groups.",
            "error_log /var/log/nginx/error.log info;\nssl_protocols TLSv1.2 TLSv1.3;\n\
             ssl_ciphers HIGH:!aNULL:!MD5;",
        ),
        advice(
            "At ssl:info the log names the refusal; then versions and suites.",
            "LogLevel ssl:info\nSSLProtocol -all +TLSv1.2 +TLSv1.3\nSSLCipherSuite HIGH:!aNULL:!MD5",
        ),
        advice(
            "Let the log name failed handshakes; then versions and suites.",
            "frontend https\n    option dontlog-normal\n    log stdout format raw local0\n\
             global\n    ssl-default-bind-options ssl-min-ver TLSv1.2",
        ),
        advice(
            "Turn the debug log on, and go back to Caddy's own choice of versions and suites.",
            "{\n    debug\n}",
        ),
        advice(
            "Look into the controller's log; then its ConfigMap: ssl-protocols and ssl-ciphers.",
            "kubectl -n ingress-nginx logs deployment/ingress-nginx-controller --since=1h\n\
             kubectl -n ingress-nginx get configmap ingress-nginx-controller -o yaml",
        ),
    ]),
};

pub(in super::super) static CLIENT_CERTIFICATE: Repair = Repair {
    setting: "client authentication of the server, or origin mTLS (OriginMtlsConfig) of the origin",
    first: advice(
        "Either the server stops asking on the listener that CloudFront uses, or the origin gets a \
         client certificate in CloudFront. To keep strangers out without one, admit CloudFront's \
         prefix list only and check a secret header.",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null \\\n  \
         | grep -A3 'client certificate CA names'",
    ),
    servers: Some([
        advice(
            "Turn mutual authentication off on that listener.",
            "aws elbv2 modify-listener --listener-arn $LISTENER --mutual-authentication Mode=off",
        ),
        advice("For this server.", "ssl_verify_client off;"),
        advice(
            "For this virtual host; with TLS 1.3 it cannot be asked for later in a directory.",
            "SSLVerifyClient none",
        ),
        advice(
            "Take verify and ca-file off the bind line.",
            "bind :443 ssl crt /etc/haproxy/site.pem verify none",
        ),
        advice(
            "Take the client_auth block out of the site.",
            "www.example.com {\n    tls /etc/caddy/fullchain.pem /etc/caddy/key.pem\n}",
        ),
        advice(
            "On this Ingress; one host's annotation holds for every Ingress of that host.",
            "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/auth-tls-verify-client: \"off\"",
        ),
    ]),
};
