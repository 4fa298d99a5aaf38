//! Kubernetes ingress (ConfigMap and annotations of ingress-nginx) with cert-manager.

use super::super::topic::{Advice, Server, Topic, change, run};

pub(super) const SERVER: Server = Server {
    name: "Kubernetes ingress",
    short_name: "Kubernetes ingress",
    anchor: "kubernetes",
    advice,
};

fn advice(topic: Topic) -> Option<Advice> {
    Some(match topic {
        Topic::Listen => change(
            "Publish port 443 in the controller's Service, and check that its load balancer has an address.",
            "spec:\n  type: LoadBalancer\n  ports:\n  - {name: http, port: 80, targetPort: http}",
            "spec:\n  type: LoadBalancer\n  ports:\n  - {name: http, port: 80, targetPort: http}\n  - {name: https, port: 443, targetPort: https}",
        )
        .then("kubectl -n ingress-nginx get service ingress-nginx-controller\nkubectl -n ingress-nginx get endpointslices"),
        Topic::Admit => run(
            "Allow CloudFront in the Service's loadBalancerSourceRanges and in any NetworkPolicy. The commands print the current ranges and policies.",
            "kubectl -n ingress-nginx get service ingress-nginx-controller \\\n  -o jsonpath='{.spec.loadBalancerSourceRanges}'\nkubectl get networkpolicy -A",
        ),
        Topic::Closed => run(
            "Check the controller's log. If `kubectl get ingress` prints ssl-passthrough, check the log of the Ingress's pods instead, because they terminate TLS.",
            "kubectl -n ingress-nginx logs deployment/ingress-nginx-controller --since=1h\nkubectl get ingress -n shop shop -o yaml | grep ssl-passthrough",
        ),
        Topic::SpeakTls => change(
            "Point the Service's port 443 to the controller's https port. If a cloud load balancer terminates TLS, check that CloudFront uses the right port.",
            "ports:\n- {name: https, port: 443, targetPort: http}",
            "ports:\n- {name: https, port: 443, targetPort: https}",
        )
        .then("kubectl -n ingress-nginx get service ingress-nginx-controller \\\n  -o jsonpath='{.spec.ports}'"),
        Topic::Slow => run(
            "Check the load and the restarts of the controller's pods. If they are short of CPU or restart often, raise their resources or their number.",
            "kubectl -n ingress-nginx top pod\nkubectl -n ingress-nginx get pods",
        ),
        Topic::Versions => change(
            "Change ssl-protocols in the controller's ConfigMap.",
            "data:\n  ssl-protocols: \"TLSv1 TLSv1.1\"",
            "data:\n  ssl-protocols: \"TLSv1.2 TLSv1.3\"",
        )
        .then(EDIT_CONFIG_MAP),
        Topic::Suites => change(
            "Change ssl-ciphers in the controller's ConfigMap.",
            "data:\n  ssl-ciphers: \"DHE-RSA-AES256-GCM-SHA384\"",
            "data:\n  ssl-ciphers: \"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256\"",
        )
        .then(EDIT_CONFIG_MAP),
        Topic::Groups => change(
            "Change ssl-ecdh-curve in the controller's ConfigMap.",
            "data:\n  ssl-ecdh-curve: \"secp521r1\"",
            "data:\n  ssl-ecdh-curve: \"X25519:prime256v1:secp384r1\"",
        )
        .then(EDIT_CONFIG_MAP),
        Topic::Refused => run(
            "Check the controller's log. Then check ssl-protocols, ssl-ciphers and ssl-ecdh-curve in its ConfigMap. If these are not set, the defaults apply, which work.",
            "kubectl -n ingress-nginx logs deployment/ingress-nginx-controller --since=1h\nkubectl -n ingress-nginx get configmap ingress-nginx-controller -o yaml",
        ),
        Topic::ClientCertificate => change(
            "Turn off client authentication on this Ingress, and on every other Ingress with the same host, because the annotation applies to the whole host.",
            "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/auth-tls-verify-client: \"on\"",
            "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/auth-tls-verify-client: \"off\"",
        ),
        Topic::Name | Topic::Both | Topic::CommonName => change(
            "Add the name to the Ingress, under rules (with the same paths as the existing host) and under tls. Without a rule for a name, the controller serves its \"Fake Certificate\". cert-manager puts all names under tls.hosts into one certificate. For a name that points to CloudFront, its Issuer needs a DNS-01 solver, because the CA's HTTP challenge goes to CloudFront and can fail there. Without cert-manager, get a certificate with all names, and write it into the Secret.",
            "spec:\n  rules:\n  - host: www.example.com\n  tls: [{hosts: [www.example.com], secretName: shop-tls}]",
            "spec:\n  rules:\n  - host: www.example.com\n  - host: origin.example.com\n  tls: [{hosts: [www.example.com, origin.example.com], secretName: shop-tls}]",
        )
        .then(WITHOUT_CERT_MANAGER),
        Topic::DefaultCertificate => change(
            "Add the host to the Ingress under tls, with a Secret in the same namespace that contains its certificate. Otherwise the controller serves its \"Fake Certificate\".",
            "spec:\n  rules:\n  - host: www.example.com",
            WITH_TLS,
        ),
        Topic::ServerName => change(
            "Add the host to the Ingress, under rules (with the same paths as the existing host) and under tls. With ssl-reject-handshake in the ConfigMap, the controller refuses all names that no Ingress lists. cert-manager adds the name to the certificate. Without cert-manager, get a certificate with all names, and write it into the Secret.",
            "spec:\n  rules:\n  - host: example.com\n  tls: [{hosts: [example.com], secretName: shop-tls}]",
            "spec:\n  rules:\n  - host: example.com\n  - host: www.example.com\n  tls: [{hosts: [example.com, www.example.com], secretName: shop-tls}]",
        )
        .then(WITHOUT_CERT_MANAGER),
        Topic::Renew => run(
            "If the certificate in the Secret is newer than the served one, the controller has not loaded it. If the controller's log reports an error in this Secret, correct the Secret; if it reports none, restart the controller. If the certificate in the Secret is not newer, renew it. With cert-manager, find out why the Certificate was not renewed: `kubectl describe` prints its condition Issuing, and the conditions and events of its CertificateRequest. Remove the cause, then renew it with `cmctl`. For a name that points to CloudFront, its Issuer needs a DNS-01 solver, because the CA's HTTP challenge goes to CloudFront and can fail there. Without cert-manager, renew the certificate elsewhere and rewrite the Secret with `kubectl create secret`.",
            "# the certificate in the Secret\nkubectl get secret shop-tls -n shop -o jsonpath='{.data.tls\\.crt}' | base64 -d \\\n  | openssl x509 -noout -dates\n# if it is newer\nkubectl -n ingress-nginx logs deployment/ingress-nginx-controller --since=24h | grep shop-tls\n# if the log reports no error\nkubectl -n ingress-nginx rollout restart deployment/ingress-nginx-controller\n# if it is not newer, with cert-manager\nkubectl describe certificate -n shop shop-tls\nkubectl describe certificaterequest -n shop\ncmctl renew -n shop shop-tls\n# if it is not newer, without cert-manager\nkubectl create secret tls shop-tls -n shop --cert=fullchain.pem --key=key.pem \\\n  --dry-run=client -o yaml | kubectl apply -f -",
        ),
        Topic::NotYet | Topic::Public | Topic::Reissue | Topic::InstallOne => run(
            "Put the certificate into the Secret that the Ingress names, as shown, or have cert-manager issue it through an Issuer for a public CA. If the Secret is missing or invalid, the controller serves its own \"Fake Certificate\".",
            "kubectl create secret tls shop-tls -n shop --cert=fullchain.pem --key=key.pem \\\n  --dry-run=client -o yaml | kubectl apply -f -\nkubectl describe ingress -n shop shop",
        ),
        Topic::KeyPair => run("Rewrite the Secret with a certificate and a key that belong together.", WRITE_SECRET),
        Topic::KeyKind => change(
            "Set the key type in cert-manager's Certificate.",
            "spec:\n  privateKey:\n    algorithm: Ed25519",
            "spec:\n  privateKey:\n    algorithm: ECDSA\n    size: 256\n    rotationPolicy: Always",
        ),
        Topic::Staple => change(
            "Turn on enable-ocsp in the controller's ConfigMap.",
            "data:\n  enable-ocsp: \"false\"",
            "data:\n  enable-ocsp: \"true\"",
        )
        .then(EDIT_CONFIG_MAP),
        Topic::Complete | Topic::Order | Topic::Current => run(
            "Rewrite the Secret so that its tls.crt contains the full chain, with the site's certificate first. cert-manager does this automatically. `kubectl get secret` lists the current contents.",
            "kubectl get secret shop-tls -n shop -o jsonpath='{.data.tls\\.crt}' | base64 -d \\\n  | openssl crl2pkcs7 -nocrl -certfile /dev/stdin | openssl pkcs7 -print_certs -noout\nkubectl create secret tls shop-tls -n shop --cert=fullchain.pem --key=key.pem \\\n  --dry-run=client -o yaml | kubectl apply -f -",
        ),
        Topic::Trim => run(
            "Rewrite the Secret with a corrected tls.crt, because the controller sends everything in it.",
            WRITE_SECRET,
        ),
        _ => return None,
    })
}

const EDIT_CONFIG_MAP: &str = "kubectl -n ingress-nginx edit configmap ingress-nginx-controller";
const WITH_TLS: &str = "spec:\n  rules:\n  - host: www.example.com\n  tls:\n  - hosts: [www.example.com]\n    secretName: shop-tls";
const WRITE_SECRET: &str = "kubectl create secret tls shop-tls -n shop --cert=fullchain.pem --key=key.pem \\\n  --dry-run=client -o yaml | kubectl apply -f -";
const WITHOUT_CERT_MANAGER: &str = "# only without cert-manager\nkubectl create secret tls shop-tls -n shop --cert=fullchain.pem --key=key.pem \\\n  --dry-run=client -o yaml | kubectl apply -f -";
