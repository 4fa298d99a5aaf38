//! The port: whether anything listens, whether CloudFront is let in, whether it speaks TLS.

use super::Repair;
use super::advice;

pub(in super::super) static LISTEN: Repair = Repair {
    setting: "HTTPS port (HTTPSPort) of the origin, and the port that the server listens on",
    first: advice(
        "See from outside whether the port is open, and on the host who listens there. A server \
         bound to 127.0.0.1 refuses everybody else.",
        "nc -vz origin.example.com 443\n\
         ss -ltnp 'sport = :443'",
    ),
    servers: Some([
        advice(
            "The load balancer needs a listener on that port.",
            "aws elbv2 create-listener --load-balancer-arn $LB --protocol HTTPS --port 443 \\\n  \
             --certificates CertificateArn=$CERT --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06 \\\n  \
             --default-actions Type=forward,TargetGroupArn=$TARGET_GROUP",
        ),
        advice(
            "Listen on the port for both families, and look whether the configuration loads at \
             all: nginx does not start with a broken one.",
            "server {\n    listen 443 ssl;\n    listen [::]:443 ssl;\n}\nnginx -t && systemctl reload nginx",
        ),
        advice(
            "Besides the virtual host there must be a Listen directive, and mod_ssl must be loaded.",
            "Listen 443\n<VirtualHost *:443>\n    SSLEngine on\n</VirtualHost>\n\
             a2enmod ssl && apachectl configtest && systemctl restart apache2",
        ),
        advice(
            "Bind the frontend to the port on all addresses.",
            "frontend https\n    bind :443 ssl crt /etc/haproxy/site.pem\n\
             haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy",
        ),
        advice(
            "A site whose address begins with http:// or has another port does not listen on 443.",
            "www.example.com {\n    reverse_proxy localhost:8080\n}\n\
             caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy",
        ),
        advice(
            "The controller's Service must publish 443, and its load balancer must have an address.",
            "kubectl -n ingress-nginx get service ingress-nginx-controller\n\
             kubectl -n ingress-nginx get endpointslices",
        ),
    ]),
};

pub(in super::super) static S3_WEBSITE: Repair = Repair {
    setting: "origin protocol policy (OriginProtocolPolicy) of the origin, or an S3 origin in its place",
    first: advice(
        "S3 website endpoints do not speak HTTPS. Set the policy to http-only; or use the bucket's \
         own name as Origin domain, with an origin access control, if neither redirects nor index \
         documents of the website are needed.",
        "aws cloudfront get-distribution-config --id $ID \\\n  \
         --query 'DistributionConfig.Origins.Items[].[Id,DomainName,CustomOriginConfig]'",
    ),
    servers: None,
};

pub(in super::super) static ADMIT: Repair = Repair {
    setting: "the firewall or security group in front of the origin; reachable_from_here of the prober",
    first: advice(
        "Admit CloudFront by AWS's managed prefix list, which follows its addresses; it counts as \
         55 rules of the group's quota. If only CloudFront is meant to get in, say so to the \
         prober (reachable_from_here: no), or admit the prober's address.",
        "aws ec2 describe-managed-prefix-lists --query 'PrefixLists[].PrefixListId' --output text \\\n  \
         --filters Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing\n\
         aws ec2 authorize-security-group-ingress --group-id $GROUP --ip-permissions \\\n  \
         'IpProtocol=tcp,FromPort=443,ToPort=443,PrefixListIds=[{PrefixListId=pl-...}]'",
    ),
    servers: Some([
        advice(
            "The load balancer must be internet-facing, in subnets with a route to an internet \
             gateway, and its own security group must admit CloudFront.",
            "aws elbv2 describe-load-balancers \\\n  \
             --query 'LoadBalancers[].[DNSName,Scheme,SecurityGroups,AvailabilityZones[].SubnetId]'",
        ),
        advice(
            "nginx has no say in it; the host's own firewall has.",
            "nft list ruleset\nufw allow 443/tcp",
        ),
        advice(
            "Apache has no say in it; the host's own firewall has.",
            "nft list ruleset\nfirewall-cmd --permanent --add-service=https && firewall-cmd --reload",
        ),
        advice(
            "Look whether the frontend has reached its limit of connections: beyond it, new ones \
             wait in the kernel's queue.",
            "echo 'show info' | socat stdio /run/haproxy/admin.sock | grep -i conn\n\
             global\n    maxconn 20000",
        ),
        advice(
            "Caddy has no say in it; in a container the port must be published.",
            "docker run -p 443:443 -p 443:443/udp caddy",
        ),
        advice(
            "The Service's loadBalancerSourceRanges and any NetworkPolicy must let CloudFront in.",
            "kubectl -n ingress-nginx get service ingress-nginx-controller \\\n  \
             -o jsonpath='{.spec.loadBalancerSourceRanges}'\n\
             kubectl get networkpolicy -A",
        ),
    ]),
};

pub(in super::super) static CLOSED: Repair = Repair {
    setting: "the listener that ends TLS: its certificate, its backend, its limits",
    first: advice(
        "The server's own log says why it hung up. Try it with the same server name, and without \
         one: if only one of them answers, the server picks no certificate for the other.",
        "openssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null\n\
         openssl s_client -connect origin.example.com:443 -noservername </dev/null",
    ),
    servers: Some([
        advice(
            "An NLB listener of protocol TCP only passes bytes on: look at its targets. One of \
             protocol TLS, and an ALB, end TLS themselves and need a certificate.",
            "aws elbv2 describe-listeners --load-balancer-arn $LB \\\n  \
             --query 'Listeners[].[Port,Protocol,Certificates]'\n\
             aws elbv2 describe-target-health --target-group-arn $TARGET_GROUP",
        ),
        advice(
            "A server block that listens with ssl but has no certificate closes the connection; \
             so does `return 444`.",
            "error_log /var/log/nginx/error.log info;\nssl_certificate /etc/nginx/fullchain.pem;\n\
             ssl_certificate_key /etc/nginx/key.pem;",
        ),
        advice(
            "Raise the log level of mod_ssl for a moment and look what it says of the connection.",
            "LogLevel ssl:debug\ntail -f /var/log/apache2/error.log",
        ),
        advice(
            "A frontend in tcp mode hands the handshake to its backend: see that a server there is \
             up.",
            "echo 'show servers state' | socat stdio /run/haproxy/admin.sock\n\
             frontend https\n    bind :443 ssl crt /etc/haproxy/site.pem\n    mode http",
        ),
        advice(
            "Caddy has no certificate for the name as long as none could be obtained; its log says \
             what the CA answered.",
            "journalctl -u caddy --since '1 hour ago' | grep -i -e tls -e acme",
        ),
        advice(
            "With ssl-passthrough the pod ends TLS, not the controller; otherwise look into the \
             controller's log.",
            "kubectl -n ingress-nginx logs deployment/ingress-nginx-controller --since=1h\n\
             kubectl get ingress -A -o yaml | grep ssl-passthrough",
        ),
    ]),
};

pub(in super::super) static SPEAK_TLS: Repair = Repair {
    setting: "HTTPS port (HTTPSPort) or origin protocol policy (OriginProtocolPolicy) of the origin",
    first: advice(
        "See what answers there. If plain HTTP is meant, set the policy to http-only and give the \
         port as HTTP port; viewers' requests then cross the internet in the clear.",
        "curl -sv http://origin.example.com:443/ -o /dev/null",
    ),
    servers: Some([
        advice(
            "The listener of that port has the protocol HTTP or TCP: make it HTTPS (ALB) or TLS \
             (NLB), which needs a certificate.",
            "aws elbv2 modify-listener --listener-arn $LISTENER --protocol HTTPS \\\n  \
             --certificates CertificateArn=$CERT --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06",
        ),
        advice(
            "The listen directive lacks its parameter ssl.",
            "listen 443 ssl;\nssl_certificate     /etc/nginx/fullchain.pem;\n\
             ssl_certificate_key /etc/nginx/key.pem;",
        ),
        advice(
            "The virtual host lacks SSLEngine on.",
            "<VirtualHost *:443>\n    SSLEngine on\n    \
             SSLCertificateFile    /etc/apache2/fullchain.pem\n    \
             SSLCertificateKeyFile /etc/apache2/key.pem\n</VirtualHost>",
        ),
        advice("The bind line lacks ssl and crt.", "bind :443 ssl crt /etc/haproxy/site.pem"),
        advice(
            "The site's address has http:// before it, or auto_https is off.",
            "https://www.example.com {\n    tls /etc/caddy/fullchain.pem /etc/caddy/key.pem\n}",
        ),
        advice(
            "The Service's port 443 leads to the controller's plain port, or a cloud load balancer \
             has already ended TLS and CloudFront is given the wrong port.",
            "kubectl -n ingress-nginx get service ingress-nginx-controller \\\n  \
             -o jsonpath='{.spec.ports}'",
        ),
    ]),
};

pub(in super::super) static SLOW: Repair = Repair {
    setting: "the server's capacity; the largest packet (MTU) on the way",
    first: advice(
        "A handshake that stops where the certificates should come points to a packet filter that \
         drops large packets or the ICMP messages about them; one that never begins to a server \
         that is overloaded or waits for something else.",
        "ping -M do -s 1472 origin.example.com\n\
         ss -ltn 'sport = :443'",
    ),
    servers: Some([
        advice(
            "Behind an NLB listener of protocol TCP it is the target that keeps silent: look at \
             its health and load.",
            "aws elbv2 describe-target-health --target-group-arn $TARGET_GROUP",
        ),
        advice(
            "Look at the number of connections against worker_connections, and whether the key \
             waits for a hardware module.",
            "events {\n    worker_connections 4096;\n}\ngrep worker_connections /var/log/nginx/error.log",
        ),
        advice(
            "Look whether every worker is busy.",
            "apachectl status\n<IfModule mpm_event_module>\n    MaxRequestWorkers 400\n</IfModule>",
        ),
        advice(
            "Look at the rate of handshakes against its limits.",
            "echo 'show info' | socat stdio /run/haproxy/admin.sock | grep -i ssl\n\
             global\n    maxsslconn 20000",
        ),
        advice(
            "With on_demand Caddy fetches a certificate during the first handshake of a name: name \
             the sites instead.",
            "www.example.com, origin.example.com {\n    reverse_proxy localhost:8080\n}",
        ),
        advice(
            "Look at the controller's pods: their load, and how often they were restarted.",
            "kubectl -n ingress-nginx top pod\nkubectl -n ingress-nginx get pods",
        ),
    ]),
};
