//! Elastic Load Balancing: ALB and NLB (AWS command line reference, `elbv2` and `acm`).

use super::super::topic::{Advice, Server, Topic, run};

pub(super) const SERVER: Server =
    Server { name: "Elastic Load Balancing (ALB, NLB)", short_name: "ELB", anchor: "elb", advice };

fn advice(topic: Topic) -> Option<Advice> {
    Some(match topic {
        Topic::Listen => run(
            "Add a listener on that port to the load balancer.",
            "aws elbv2 create-listener --load-balancer-arn $LB --protocol HTTPS --port 443 \\\n  --certificates CertificateArn=$CERT --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06 \\\n  --default-actions Type=forward,TargetGroupArn=$TARGET_GROUP",
        ),
        Topic::Admit => run(
            "Check that the load balancer is internet-facing and in subnets with a route to an internet gateway, and that its own security group allows CloudFront.",
            "aws elbv2 describe-load-balancers \\\n  --query 'LoadBalancers[].[DNSName,Scheme,SecurityGroups,AvailabilityZones[].SubnetId]'",
        ),
        Topic::Closed => run(
            "Check the protocol of the listener (`describe-listeners`). If the protocol is TCP (NLB), the load balancer only forwards bytes: check the health of the targets (`describe-target-health`) and their logs. If the protocol is HTTPS (ALB) or TLS (NLB), the load balancer itself terminates TLS: check that the listener has a certificate.",
            "aws elbv2 describe-listeners --load-balancer-arn $LB \\\n  --query 'Listeners[].[Port,Protocol,Certificates]'\naws elbv2 describe-target-health --target-group-arn $TARGET_GROUP",
        ),
        Topic::SpeakTls => run(
            "Change the protocol of the listener on that port from HTTP to HTTPS (ALB, as shown) or from TCP to TLS (NLB). Both need a certificate.",
            "aws elbv2 modify-listener --listener-arn $LISTENER --protocol HTTPS \\\n  --certificates CertificateArn=$CERT --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06",
        ),
        Topic::Slow => run(
            "Check the health and load of the targets behind an NLB listener with the protocol TCP.",
            "aws elbv2 describe-target-health --target-group-arn $TARGET_GROUP",
        ),
        Topic::Versions => run("Choose a security policy with TLS 1.2 and 1.3.", POLICY),
        Topic::Suites => run(
            "Choose a predefined security policy that includes these suites.",
            "aws elbv2 describe-ssl-policies --names ELBSecurityPolicy-TLS13-1-2-2021-06\naws elbv2 modify-listener --listener-arn $LISTENER \\\n  --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06",
        ),
        Topic::Groups => run(
            "Check the listener's protocol. If it is TCP, correct the groups on the targets. If it is HTTPS or TLS, choose another security policy, because load balancers have no setting for groups.",
            LISTENERS,
        ),
        Topic::Refused => run(
            "Check the listener's protocol. If it is TCP, the target refuses the handshake: read its log. If it is HTTPS or TLS, read the connection log (ALB) or the access log (NLB), and switch back to the previous security policy if it was changed.",
            LISTENERS,
        ),
        Topic::ClientCertificate => run(
            "Turn off mutual authentication on that listener.",
            "aws elbv2 modify-listener --listener-arn $LISTENER --mutual-authentication Mode=off",
        ),
        Topic::Name | Topic::Both | Topic::CommonName => run(
            "Request one certificate with every name. ACM issues it when you have created the CNAME records that `describe-certificate` prints ($CERT is its ARN). Then set it on the listener. `modify-listener` replaces only the default certificate; to add one, use `add-listener-certificates`. You cannot get a certificate for the load balancer's own name: use a domain name of your own.",
            "aws acm request-certificate --domain-name origin.example.com \\\n  --subject-alternative-names www.example.com --validation-method DNS\naws acm describe-certificate --certificate-arn $CERT \\\n  --query 'Certificate.[Status,DomainValidationOptions[].ResourceRecord]'\naws elbv2 modify-listener --listener-arn $LISTENER --certificates CertificateArn=$CERT",
        ),
        Topic::DefaultCertificate => run(
            "Add a certificate for the name to the listener, in addition to its default one.",
            ADD_CERTIFICATE,
        ),
        Topic::ServerName => run(
            "Correct the server behind the listener: this rule means that a target of a TCP listener refused the name. An HTTPS or TLS listener serves its default certificate for an unknown name.",
            LISTENERS,
        ),
        Topic::Renew => run(
            "If `describe-listeners` prints the protocol TCP, the target serves the certificate: renew it there. Otherwise, `describe-listener-certificates` prints the ARN of each of the listener's certificates, and which one is the default. Run `describe-certificate` with each ARN, and find the certificate that the server sends: DomainName and NotAfter match the subject and dates that `openssl x509` prints. $CERT is its ARN. If `describe-certificate` prints the Type IMPORTED, import the renewed certificate under the same ARN, as shown; chain.pem contains only the intermediates. If it prints AMAZON_ISSUED and the certificate is still valid (renewal-overdue), ACM renews it automatically, as long as it is in use and its DNS validation records exist. RenewalSummary and DomainValidationOptions show why a renewal is pending; if a validation record is missing in DNS, create it. If it prints AMAZON_ISSUED and the certificate has expired (certificate-expired), ACM no longer renews it: request a new one with all of its names (SubjectAlternativeNames). ACM issues it when you have created the CNAME records that `describe-certificate` prints ($NEW is its ARN). Then set it on the listener. `modify-listener` replaces only the default certificate; for another one, use `add-listener-certificates` and `remove-listener-certificates`.",
            "aws elbv2 describe-listeners --load-balancer-arn $LB \\\n  --query 'Listeners[].[Port,Protocol,ListenerArn]'\naws elbv2 describe-listener-certificates --listener-arn $LISTENER\naws acm describe-certificate --certificate-arn $CERT \\\n  --query 'Certificate.[DomainName,NotAfter,Type,Status,\n  SubjectAlternativeNames,RenewalSummary,DomainValidationOptions]'\n# only if the type is IMPORTED\naws acm import-certificate --certificate-arn $CERT --certificate fileb://cert.pem \\\n  --certificate-chain fileb://chain.pem --private-key fileb://key.pem\n# only if the type is AMAZON_ISSUED and the certificate has expired\naws acm request-certificate --domain-name www.example.com \\\n  --subject-alternative-names origin.example.com --validation-method DNS\naws acm describe-certificate --certificate-arn $NEW \\\n  --query 'Certificate.[Status,DomainValidationOptions[].ResourceRecord]'\n# then, if it is the default certificate\naws elbv2 modify-listener --listener-arn $LISTENER --certificates CertificateArn=$NEW\n# then, if it is another one\naws elbv2 add-listener-certificates --listener-arn $LISTENER --certificates CertificateArn=$NEW\naws elbv2 remove-listener-certificates --listener-arn $LISTENER --certificates CertificateArn=$CERT",
        ),
        Topic::NotYet | Topic::Public | Topic::Reissue | Topic::InstallOne => run(
            "If `describe-listeners` prints the protocol TCP, install the certificate on the target instead. Otherwise, request a certificate from ACM, with all names of the old one. ACM issues it when you have created the CNAME records that `describe-certificate` prints ($CERT is its ARN). Then set it on the listener. `modify-listener` replaces only the default certificate. If the old certificate is not the default one (`describe-listener-certificates`), add the new one and remove the old one ($OLD is its ARN). To use a certificate of your own instead, import it first with `aws acm import-certificate`.",
            "aws elbv2 describe-listeners --load-balancer-arn $LB \\\n  --query 'Listeners[].[Port,Protocol,ListenerArn]'\naws acm request-certificate --domain-name www.example.com --validation-method DNS\naws acm describe-certificate --certificate-arn $CERT \\\n  --query 'Certificate.[Status,DomainValidationOptions[].ResourceRecord]'\naws elbv2 describe-listener-certificates --listener-arn $LISTENER\n# if the old certificate is the default one\naws elbv2 modify-listener --listener-arn $LISTENER --certificates CertificateArn=$CERT\n# if it is another one\naws elbv2 add-listener-certificates --listener-arn $LISTENER --certificates CertificateArn=$CERT\naws elbv2 remove-listener-certificates --listener-arn $LISTENER --certificates CertificateArn=$OLD",
        ),
        Topic::KeyPair => run(
            "Correct the target behind a TCP listener. A listener that terminates TLS cannot be the cause, because ACM accepts only a certificate and key that belong together.",
            LISTENERS,
        ),
        Topic::KeyKind => run(
            "Request a certificate with an ECDSA key on P-256 from ACM. ACM issues it when you have created the CNAME records that `describe-certificate` prints ($CERT is its ARN). Then set it on the listener. `modify-listener` replaces only the default certificate; to add one, use `add-listener-certificates`.",
            "aws acm request-certificate --domain-name www.example.com --validation-method DNS \\\n  --key-algorithm EC_prime256v1\naws acm describe-certificate --certificate-arn $CERT \\\n  --query 'Certificate.[Status,DomainValidationOptions[].ResourceRecord]'\naws elbv2 modify-listener --listener-arn $LISTENER --certificates CertificateArn=$CERT",
        ),
        Topic::Staple => run(
            "Use a certificate without must-staple. Load balancers have no setting for stapling.",
            "aws elbv2 modify-listener --listener-arn $LISTENER --certificates CertificateArn=$CERT",
        ),
        Topic::Complete | Topic::Order | Topic::Current => run(
            "If you imported the certificate (`describe-certificate` prints IMPORTED), import it again, as shown. chain.pem must contain only the intermediates, in order: neither the site's certificate, which is cert.pem, nor the root. For the certificates that ACM issued, the load balancer sends the correct chain. If the listener is TCP, the target serves the certificate: correct the chain there.",
            IMPORT,
        ),
        Topic::Trim => run(
            "If you imported the certificate (`describe-certificate` prints IMPORTED), import it again, as shown. chain.pem must contain only the intermediates. For the certificates that ACM issued, the load balancer sends the correct chain. If the listener is TCP, the target serves the certificate: correct the chain there.",
            IMPORT,
        ),
        _ => return None,
    })
}

const POLICY: &str = "aws elbv2 modify-listener --listener-arn $LISTENER \\\n  --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06";
const LISTENERS: &str = "aws elbv2 describe-listeners --load-balancer-arn $LB \\\n  --query 'Listeners[].[Port,Protocol,SslPolicy]'";
const ADD_CERTIFICATE: &str = "aws elbv2 add-listener-certificates --listener-arn $LISTENER \\\n  --certificates CertificateArn=$CERT";
const IMPORT: &str = "aws acm describe-certificate --certificate-arn $CERT --query Certificate.Type\n# only if it prints IMPORTED\naws acm import-certificate --certificate-arn $CERT --certificate fileb://cert.pem \\\n  --certificate-chain fileb://chain.pem --private-key fileb://key.pem";
