//! What is served beside the certificate, and in which order.

use super::Advice;
use super::Repair;
use super::advice;

pub(in super::super) static COMPLETE: Repair = Repair {
    setting: "the server's certificate file (the chain in it)",
    first: advice(
        "The file must have the certificate first, then the intermediate that issued it, then the \
         one that issued that; not the root. CAs call such a file fullchain. Make it by hand from \
         what the CA gives, and see the order.",
        "cat cert.pem intermediate.pem > fullchain.pem\n\
         openssl crl2pkcs7 -nocrl -certfile fullchain.pem | openssl pkcs7 -print_certs -noout\n\
         origin-probe check www.example.com --chain fullchain.pem",
    ),
    servers: Some(CHAIN_FILE),
};

pub(in super::super) static CURRENT: Repair = Repair {
    setting: "the server's certificate file (the intermediates in it)",
    first: advice(
        "Fetch the CA's present intermediate, or another chain that the CA offers, and put it in \
         place of the old one; the certificate itself stays.",
        "openssl x509 -in cert.pem -noout -ext authorityInfoAccess\n\
         curl -so issuer.der http://ca.example/issuer.der && openssl x509 -inform der -in issuer.der",
    ),
    servers: Some(CHAIN_FILE),
};

/// Serve a file with the whole chain in order.
const CHAIN_FILE: [Advice; 6] = [
    advice(
        "What ACM has issued is served with its chain. For an imported one give the intermediates \
         as its chain, in order and without the certificate itself.",
        "aws acm import-certificate --certificate-arn $CERT --certificate fileb://cert.pem \\\n  \
         --certificate-chain fileb://chain.pem --private-key fileb://key.pem",
    ),
    advice(
        "There is no directive of its own for the chain: ssl_certificate names the whole file. \
         ssl_trusted_certificate is never sent.",
        "ssl_certificate /etc/letsencrypt/live/www.example.com/fullchain.pem;\n\
         nginx -t && systemctl reload nginx",
    ),
    advice(
        "Since 2.4.8 SSLCertificateFile names the whole file; SSLCertificateChainFile is of the \
         time before.",
        "SSLCertificateFile /etc/letsencrypt/live/www.example.com/fullchain.pem\n\
         apachectl configtest && systemctl reload apache2",
    ),
    advice(
        "The file named by crt has the certificate, then the intermediates, and the key.",
        "cat cert.pem intermediate.pem privkey.pem > /etc/haproxy/site.pem\n\
         bind :443 ssl crt /etc/haproxy/site.pem",
    ),
    advice(
        "What Caddy has obtained comes with its chain. For files of your own the first one is the \
         whole chain.",
        "tls /etc/caddy/fullchain.pem /etc/caddy/key.pem",
    ),
    advice(
        "tls.crt of the Secret has the whole chain; cert-manager writes it so.",
        "kubectl get secret shop-tls -n shop -o jsonpath='{.data.tls\\.crt}' | base64 -d \\\n  \
         | openssl crl2pkcs7 -nocrl -certfile /dev/stdin | openssl pkcs7 -print_certs -noout\n\
         kubectl create secret tls shop-tls -n shop --cert=fullchain.pem --key=key.pem \\\n  \
         --dry-run=client -o yaml | kubectl apply -f -",
    ),
];

pub(in super::super) static TRIM: Repair = Repair {
    setting: "the server's certificate file (what is in it besides the chain)",
    first: advice(
        "Take everything out of the file that is not the certificate or an intermediate of its \
         path: the root, intermediates of other certificates, what stands there twice. The subject \
         of each one must be the issuer of the one before it.",
        "openssl crl2pkcs7 -nocrl -certfile fullchain.pem | openssl pkcs7 -print_certs -noout\n\
         origin-probe check www.example.com --chain fullchain.pem",
    ),
    servers: Some([
        advice(
            "Import again with only the intermediates as chain. What ACM has issued it serves as \
             it sees fit, and that does no harm.",
            "aws acm import-certificate --certificate-arn $CERT --certificate fileb://cert.pem \\\n  \
             --certificate-chain fileb://chain.pem --private-key fileb://key.pem",
        ),
        advice(
            "Everything in the file of ssl_certificate is sent.",
            "ssl_certificate /etc/nginx/fullchain.pem;\nnginx -t && systemctl reload nginx",
        ),
        advice(
            "Both files are sent: with the chain in SSLCertificateFile take \
             SSLCertificateChainFile out.",
            "SSLCertificateFile /etc/apache2/fullchain.pem\napachectl configtest && systemctl reload apache2",
        ),
        advice(
            "Write the file anew: the certificate, its intermediates, the key. \
             issuers-chain-path only adds what is missing.",
            "cat fullchain.pem privkey.pem > /etc/haproxy/site.pem\nsystemctl reload haproxy",
        ),
        advice(
            "Everything in the first file of tls is sent.",
            "tls /etc/caddy/fullchain.pem /etc/caddy/key.pem",
        ),
        advice(
            "Everything in tls.crt of the Secret is sent: write it anew.",
            "kubectl create secret tls shop-tls -n shop --cert=fullchain.pem --key=key.pem \\\n  \
             --dry-run=client -o yaml | kubectl apply -f -",
        ),
    ]),
};
