//! Repairs: the setting that decides, and advice that applies to every server. `servers` has the
//! advice for each server product.

/// The subject of a repair. Several rules may share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    // Names and addresses: DNS and the distribution, not the server.
    Unresolvable,
    AddressType,
    DeadFamily,
    NotPublic,
    Nameservers,
    ProbersNetwork,
    // The port.
    Listen,
    S3Website,
    Admit,
    Closed,
    SpeakTls,
    Slow,
    // The negotiation.
    Versions,
    Sslv3,
    Suites,
    Groups,
    Refused,
    ClientCertificate,
    // The names.
    Name,
    PlatformName,
    DefaultCertificate,
    Both,
    CommonName,
    ServerName,
    // The certificate and its key.
    Renew,
    NotYet,
    Public,
    Reissue,
    InstallOne,
    KeyPair,
    KeyKind,
    Staple,
    // The chain.
    Complete,
    Order,
    Current,
    Trim,
}

/// A server product that terminates TLS.
#[derive(Debug)]
pub struct Server {
    pub name: &'static str,
    /// The name for a list on one line.
    pub short_name: &'static str,
    /// The anchor on a rule's page.
    pub anchor: &'static str,
    /// Returns the advice for a topic; `None` if it does not concern this product.
    pub(super) advice: fn(Topic) -> Option<Advice>,
}

/// One piece of advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Whole sentences.
    pub text: &'static str,
    pub change: Option<Change>,
    /// Commands, one per line; may be empty.
    pub commands: &'static str,
}

/// A change of configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// An example of the wrong configuration; empty if lines must be added.
    pub before: &'static str,
    /// The same, corrected; empty if lines must be removed.
    pub after: &'static str,
}

impl Advice {
    /// Adds commands to run after the change.
    pub(super) const fn then(self, commands: &'static str) -> Self {
        Self { commands, ..self }
    }
}

pub(super) const fn run(text: &'static str, commands: &'static str) -> Advice {
    Advice { text, change: None, commands }
}

pub(super) const fn change(
    text: &'static str,
    before: &'static str,
    after: &'static str,
) -> Advice {
    Advice { text, change: Some(Change { before, after }), commands: "" }
}

impl Topic {
    /// Returns the setting that decides, under its name in the product that has it.
    pub fn setting(self) -> &'static str {
        self.general().0
    }

    /// Returns the advice that applies to every server, or that does not concern the server.
    pub fn first(self) -> Advice {
        self.general().1
    }

    fn general(self) -> (&'static str, Advice) {
        match self {
            Self::Unresolvable => general(
                "Origin Domain (DomainName) of the distribution, and the DNS record of that name",
                "Look the name up step by step from the root (`dig +trace`) and at a public resolver (`dig @1.1.1.1`). The trace stops at the nameserver that lacks the record or the delegation. If only the public resolver fails, try it without DNSSEC (`dig +cd`). If that works, correct the zone's DNSSEC records. If it does not, wait until the resolver's cache expires. If neither the trace nor the public resolver fails, CloudFront is not affected. Only the prober's nameserver fails: set `resolver.nameservers` (for `check`, `--nameserver`) to public nameservers. A load balancer that was replaced has a new name: compare Origin Domain with the names that `aws elbv2` prints.",
                "dig +trace origin.example.com\ndig @1.1.1.1 origin.example.com A\ndig +cd @1.1.1.1 origin.example.com A\naws elbv2 describe-load-balancers --query 'LoadBalancers[].DNSName'",
            ),
            Self::AddressType => general(
                ADDRESS_TYPE,
                "Add a record of the origin's IP address type, or set the type to one that the domain has records for; `dig` prints the records. A load balancer has AAAA records only if it is dualstack. `aws elbv2 set-ip-address-type` makes it dualstack, which requires subnets with IPv6 addresses.",
                "dig origin.example.com A origin.example.com AAAA\naws elbv2 set-ip-address-type --load-balancer-arn $LB --ip-address-type dualstack",
            ),
            Self::DeadFamily => general(
                ADDRESS_TYPE,
                "Check that the server listens on both IPv4 and IPv6. If one of the `nc` commands fails, run `ss` on the server: 0.0.0.0:443 is IPv4 only, *:443 and [::]:443 include IPv6. If the server listens on both, a firewall blocks the one that fails. With the IP address type ipv4, CloudFront uses A records only; with ipv6, AAAA records only. Records of the other type then do no harm.",
                "dig origin.example.com A origin.example.com AAAA\nnc -4 -vz origin.example.com 443\nnc -6 -vz origin.example.com 443\nss -ltnp 'sport = :443'",
            ),
            Self::NotPublic => general(
                "Origin Domain (DomainName), or a VPC origin (VpcOriginConfig) instead",
                "If `dig @1.1.1.1` returns a public address, CloudFront is not affected. Only the prober gets a private address, from an internal nameserver: set `resolver.nameservers` (for `check`, `--nameserver`) to public nameservers. If `dig` returns a private address, choose one repair. (1) Create a VPC origin for the load balancer or host ($LB is its ARN), and use it in the distribution. (2) Create a new, internet-facing load balancer, because the scheme of an existing one cannot be changed.",
                "dig @1.1.1.1 origin.example.com A\naws elbv2 describe-load-balancers --query 'LoadBalancers[].[DNSName,Scheme]'\naws cloudfront create-vpc-origin --vpc-origin-endpoint-config \\\n  Name=shop,Arn=$LB,HTTPPort=80,HTTPSPort=443,OriginProtocolPolicy=https-only",
            ),
            Self::Nameservers => general(
                "the zone on each of its nameservers; resolver.nameservers of the prober",
                "Query every nameserver of the zone and compare the answers. `dig +nssearch` prints the serial number of the zone on each nameserver, and the loop prints the status and the records that each one returns. A nameserver with the status NXDOMAIN, or without a record, denies the record. If a nameserver has an old copy of the zone, repair its zone transfer. If the zone has moved to another provider, remove the old nameservers from the delegation at the registrar. If all of them agree, the fault is in the nameserver that the finding names, one of those that the prober uses. If it does not answer, repair it, or remove it from resolver.nameservers or /etc/resolv.conf. If it has an old answer in its cache, wait until that expires. If it has a private zone of the same name, set resolver.nameservers to public nameservers. If the finding reports several CNAME records, keep only one.",
                "dig +nssearch example.com\nname=origin.example.com\nfor ns in $(dig +short NS example.com); do for type in A AAAA; do\n  echo \"$ns $type\"\n  dig @$ns $name $type | grep -e status: -e 'no servers' -e \"^$name\"\ndone; done",
            ),
            Self::ProbersNetwork => general(
                "the network of the prober; reachable_from_here of the origin",
                "The fault is on the prober's machine, not at the origin. Run the commands there. If `ip` reports that the network is unreachable, the machine has no IPv6 route: add one, or probe the origin from a machine that has one. If `ip` prints a route but `curl` cannot connect, a firewall near the prober blocks IPv6. If `curl` connects, the fault is gone.",
                "ip -6 route get 2606:4700:4700::1111\ncurl -6 -sv https://origin.example.com/ -o /dev/null",
            ),
            Self::Listen => general(
                "HTTPS port (HTTPSPort) of the origin, and the port that the server listens on",
                "Check from outside whether the port is open (`nc`), and on the host which process listens on it (`ss`). If `ss` prints nothing, the server is not running or uses another port. If `ss` prints 127.0.0.1:443, the server accepts connections only from its own host. If `ss` prints *:443 or 0.0.0.0:443 and `nc` fails, a firewall rejects the connections.",
                "nc -vz origin.example.com 443\nss -ltnp 'sport = :443'",
            ),
            Self::S3Website => general(
                "origin protocol policy (OriginProtocolPolicy) of the origin, or an S3 origin instead",
                "Set the policy to http-only, because S3 website endpoints do not support HTTPS. If you need neither redirects nor index documents of the website, use the bucket's own name as Origin Domain instead, with an origin access control. The command prints the policy of each origin.",
                "aws cloudfront get-distribution-config --id $ID \\\n  --query 'DistributionConfig.Origins.Items[].[Id,DomainName,CustomOriginConfig]'",
            ),
            Self::Admit => general(
                "the firewall or security group in front of the origin; reachable_from_here of the origin",
                "Compare the address in the finding with the public address of the host or load balancer. If they differ, correct the DNS record. If they do not, find out whether a firewall or the host is the cause: from inside the origin's network, connect to the host's private address (`nc`). If that works, a firewall drops connections from outside: allow CloudFront in it. If the connection is refused, no server listens on the port, and a firewall drops connections from outside as well: start the server and allow CloudFront. If it times out, the host is down, or its own firewall drops these connections: bring it up, or check the firewall on the host (`nft list ruleset`). In a security group, allow AWS's managed prefix lists for CloudFront, which AWS keeps up to date. `aws ec2 describe-managed-prefix-lists` prints the id of the list for IPv4 and of the one for IPv6. Each counts as 55 rules toward the security group's quota. This quota is 60 rules by default, separately for IPv4 and IPv6, so both lists fit into a group with at most 5 other rules of each kind. If yours has more, put the lists into another group. You need the IPv6 list only if the origin domain has AAAA records. `aws ec2 authorize-security-group-ingress` allows one list. For any other firewall, `aws ec2 get-managed-prefix-list-entries --prefix-list-id pl-...` prints the address ranges. If the firewall used to allow the prober and now allows only CloudFront, allow the prober again. Or set `reachable_from_here: \"no\"` (for `check`, `--reachable no`); only DNS is then checked.",
                "nc -vz -w 5 10.0.0.10 443\naws ec2 describe-managed-prefix-lists --output text \\\n  --query \"PrefixLists[?contains(PrefixListName, 'cloudfront')].[PrefixListName,PrefixListId]\"\naws ec2 authorize-security-group-ingress --group-id $GROUP --ip-permissions \\\n  'IpProtocol=tcp,FromPort=443,ToPort=443,PrefixListIds=[{PrefixListId=pl-...}]'",
            ),
            Self::Closed => general(
                "the listener that terminates TLS: its certificate, its backend, its limits",
                "Find out from the server's log why it closed the connection. Then connect with the server name (`-servername`) and without one (`-noservername`). If only the connection with the name fails, the server has no certificate or route for that name. If both fail, check the backend, the PROXY protocol, connection limits, and whether the server has a certificate at all. If neither fails, repeat this with the address in the finding after `-connect`, because servers behind one domain can differ.",
                WITH_AND_WITHOUT_NAME,
            ),
            Self::SpeakTls => general(
                "HTTPS port (HTTPSPort) or origin protocol policy (OriginProtocolPolicy) of the origin",
                "Check what answers on the port. If `curl` prints an HTTP response, the port serves plain HTTP. If plain HTTP is intended, set the policy to http-only and the HTTP port to this port. CloudFront then sends viewers' requests to the origin unencrypted. If `curl` prints no response, another protocol uses the port: correct the HTTPS port.",
                "curl -sv http://origin.example.com:443/ -o /dev/null",
            ),
            Self::Slow => general(
                "the server's capacity; the largest packet (MTU) on the path",
                "Send a large and a small packet with `ping`. If only the large one fails, a packet filter drops large packets or the ICMP messages about them. If both fail, the network blocks `ping`, and the test shows nothing. If both work, the server is overloaded or waits for something else. Run `ss` on the server: if Recv-Q is near Send-Q, the accept queue is full.",
                "ping -c 3 -M do -s 1472 origin.example.com\nping -c 3 -M do -s 1200 origin.example.com\nss -ltn 'sport = :443'",
            ),
            Self::Versions => general(
                "the server's TLS versions; minimum origin SSL protocol (OriginSslProtocols) of the origin",
                "Run the commands to find out what the server supports now: TLS 1.2 if `-tls1_2` prints a certificate, TLS 1.3 if `-tls1_3` does. If it supports neither, enable both. Until then, if the command with `-tls1_1` or `-tls1` prints a certificate, allow that version in the distribution: in the console, select it as the minimum; in the API, add TLSv1.1 or TLSv1 to the list OriginSslProtocols. If it supports TLS 1.2, list TLSv1.2 in OriginSslProtocols. If it supports only TLS 1.3, make sure that SSLv3 is not the only protocol listed.",
                BOTH_VERSIONS,
            ),
            Self::Sslv3 => general(
                "OriginSslProtocols of the origin (CustomOriginConfig)",
                "Remove SSLv3 from the list in the distribution (\"Minimum origin SSL protocol\" in the console). The server needs no change.",
                "aws cloudfront get-distribution-config --id $ID --output json \\\n  --query 'DistributionConfig.Origins.Items[].CustomOriginConfig.OriginSslProtocols'",
            ),
            Self::Suites => general(
                "the server's cipher suites",
                "Enable ECDHE with AES-GCM, for both RSA and ECDSA certificates. TLS 1.3 has its own suites. The command offers two suites of TLS 1.2 that CloudFront supports. If it prints a certificate, the server accepts one of them.",
                "openssl s_client -connect origin.example.com:443 -servername www.example.com -tls1_2 \\\n  -cipher ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256 </dev/null",
            ),
            Self::Groups => general(
                "the server's key exchange groups (curves)",
                "Enable X25519 and P-256 (also called prime256v1 and secp256r1). If the command prints a certificate, the server accepts P-256.",
                "openssl s_client -connect origin.example.com:443 -servername www.example.com \\\n  -groups P-256 </dev/null",
            ),
            Self::Refused => general(
                "the server's TLS versions, cipher suites and groups, and its access rules",
                "Find the reason in the server's log. Then test TLS 1.3, TLS 1.2, two common cipher suites, and no server name. If a command prints a certificate, the server accepts what that command offers. If only the one with `-noservername` prints a certificate, follow server-name-refused. If none does, look for an access rule or a certificate that could not be loaded.",
                "openssl s_client -connect origin.example.com:443 -servername www.example.com -tls1_3 </dev/null\nopenssl s_client -connect origin.example.com:443 -servername www.example.com -tls1_2 </dev/null\nopenssl s_client -connect origin.example.com:443 -servername www.example.com -tls1_2 \\\n  -cipher ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256 </dev/null\nopenssl s_client -connect origin.example.com:443 -noservername </dev/null",
            ),
            Self::ClientCertificate => general(
                "the server's client authentication, or origin mTLS (OriginMtlsConfig) of the origin",
                "Run `openssl s_client`. It prints nothing if the server does not request a client certificate, `Requested Signature Algorithms` if it requests one, and also an alert if it requires one. Then choose one repair. (1) Turn off client authentication on the listener that CloudFront uses. To restrict access in another way, allow only CloudFront's prefix list and check a secret header. (2) Use origin mTLS: import a certificate for client authentication into ACM in us-east-1 (`aws acm import-certificate`), and set OriginMtlsConfig.ClientCertificateArn of the origin to the ARN of that certificate.",
                "sleep 2 | openssl s_client -connect origin.example.com:443 -servername www.example.com 2>&1 \\\n  | grep -e '^Requested Signature Algorithms' -e alert\naws acm import-certificate --region us-east-1 --certificate fileb://client.pem \\\n  --certificate-chain fileb://client-chain.pem --private-key fileb://client-key.pem",
            ),
            Self::Name => general(
                NAME_SENT,
                "`openssl x509` prints the names that the certificate covers. After `-servername`, put the name that CloudFront sends: the viewer host name if Host is forwarded, otherwise Origin Domain. If Host is forwarded, give the server a certificate for the viewer host names. If Host is not forwarded, choose one repair. (1) Set Origin Domain to one of the printed names. The DNS record of that name must point to the origin, not to CloudFront. (2) Have the certificate reissued with the current Origin Domain. (3) If the certificate covers the viewer host names, forward Host with the origin request policy AllViewer (216adef6-5c7f-47e4-b989-5492eafa07d3). This policy also forwards all other headers, cookies and query strings. First, check every alias with `origin-probe check DOMAIN --host ALIAS`.",
                NAMES_AND_ORIGIN_DOMAINS,
            ),
            Self::PlatformName => general(
                NAME_SENT,
                "Create a domain name of your own with a DNS record that points to the platform's name, and set Origin Domain to it. The certificate must cover the new name; `openssl x509` prints the names that it covers. You cannot get a certificate for the platform's name. If the server has a certificate for the viewer host names, you can instead forward Host with the origin request policy AllViewer (216adef6-5c7f-47e4-b989-5492eafa07d3). This policy also forwards all other headers, cookies and query strings. First, check every alias with `origin-probe check DOMAIN --host ALIAS`.",
                NAMES_AND_ORIGIN_DOMAINS,
            ),
            Self::DefaultCertificate => general(
                "the server's certificates; the policy that forwards Host",
                "Give the server a certificate for each name that viewers use. A server selects the certificate by the server name, and serves its default certificate if it has none for that name. If both commands print the same certificate, the server has none for the name after `-servername`.",
                WITH_AND_WITHOUT_NAME,
            ),
            Self::Both => general(
                "the names of the certificate (subject alternative names)",
                "Have the certificate reissued with both the origin domain and the viewer host names. The command lists the names that it covers now.",
                "openssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null \\\n  | openssl x509 -noout -ext subjectAltName",
            ),
            Self::CommonName => general(
                "the names of the certificate request (subject alternative names)",
                "Put the names into the certificate request as subject alternative names. Other clients ignore the common name.",
                "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem \\\n  -subj /CN=www.example.com -addext subjectAltName=DNS:www.example.com -out request.pem",
            ),
            Self::ServerName => general(
                "the server's sites; Origin Domain or the forwarded Host header",
                "Connect with the name that CloudFront sends (here www.example.com), with a name that the server has a site for (here app.example.com), and without a name. If the first connection fails and another one works, the server refuses the name: add a site and a certificate for exactly that name. If all fail, the name may not be the cause: follow handshake-refused. If the first one works, repeat this with the address in the finding after `-connect`, because servers behind one domain can differ.",
                "openssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null\nopenssl s_client -connect origin.example.com:443 -servername app.example.com </dev/null\nopenssl s_client -connect origin.example.com:443 -noservername </dev/null",
            ),
            Self::Renew => general(
                CERTIFICATE_FILE,
                "Compare the served certificate with the file on the server. After `-servername`, put the name that CloudFront sends. If the finding names an address, put it after `-connect`, because other servers behind the domain may already have the new certificate. If the file is newer, just reload the server. If it is not, renew the certificate, install it on every server behind the origin domain, and reload. If the certificate's name points to CloudFront, use a DNS challenge: the CA's HTTP challenge goes to CloudFront and can fail there.",
                "# the served certificate\nopenssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null \\\n  | openssl x509 -noout -dates -subject\n# the file on the server\nopenssl x509 -in fullchain.pem -noout -dates -subject",
            ),
            Self::NotYet => general(
                "the server's certificate file; the clock of the issuing machine",
                "Restore the previous certificate if it is still valid, or have a new one issued by a machine with a correct clock. Run the commands on the issuing machine: `openssl x509` prints when the certificate becomes valid, and `timedatectl` whether the clock is synchronized.",
                "openssl x509 -in fullchain.pem -noout -startdate\ntimedatectl",
            ),
            Self::Public => general(
                CERTIFICATE_FILE,
                "The command prints the subject and issuer of the served certificate. After `-servername`, put the name that CloudFront sends. Run the command on the prober's machine and in another network. In the prober's pod, run `origin-probe check DOMAIN:PORT --host NAME --draw-chain=always` instead. If the results differ, a proxy near the prober replaces the certificate: exclude the prober's traffic from that proxy. Otherwise, if you did not install that certificate, it is the server's default, and the site for this name has no certificate: install one. If the issuer is a public CA, follow intermediate-missing. Otherwise, get a certificate from a CA on Mozilla's CA list. Certificates from Let's Encrypt are free, and so are ACM certificates on a load balancer. CloudFront cannot be configured to trust another CA.",
                "openssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null \\\n  | openssl x509 -noout -subject -issuer",
            ),
            Self::Reissue => general(
                CERTIFICATE_FILE,
                "Have a new server certificate issued by a public CA, and install it. The command shows how the current certificate is signed and what it is allowed to be used for.",
                "openssl x509 -in cert.pem -noout -text | grep -A1 -e 'Signature Algorithm' \\\n  -e 'Basic Constraints' -e 'Extended Key Usage'",
            ),
            Self::InstallOne => general(
                CERTIFICATE_FILE,
                "Check what the file contains and whether OpenSSL can read all of it. The command lists the subject and issuer of each certificate in it; the first must be the site's certificate. An error means that the file is damaged or in another format.",
                "openssl crl2pkcs7 -nocrl -certfile fullchain.pem | openssl pkcs7 -print_certs -noout",
            ),
            Self::KeyPair => general(
                "the server's certificate file and private key file",
                "Compare the public key in the certificate with that of the private key. Both commands must print the same value.",
                "openssl x509 -in cert.pem -noout -pubkey | openssl sha256\nopenssl pkey -in key.pem -pubout | openssl sha256",
            ),
            Self::KeyKind => general(
                "the type of key that the certificate is issued for",
                "Create an ECDSA key on P-256 or an RSA key of 2048 bits, and have the certificate issued for it.",
                "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem \\\n  -subj /CN=www.example.com -addext subjectAltName=DNS:www.example.com -out request.pem",
            ),
            Self::Staple => general(
                "OCSP stapling of the server, or the must-staple extension of the certificate",
                "Turn on OCSP stapling and check whether the server staples: the command prints \"no response sent\" if it does not. If the CA no longer provides OCSP, have the certificate reissued without must-staple.",
                "openssl s_client -connect origin.example.com:443 -servername www.example.com -status \\\n  </dev/null | grep -A2 'OCSP response'",
            ),
            Self::Complete => general(
                "the server's certificate file (the chain in it)",
                "Put the site's certificate first in the file, then the intermediate that issued it, then any further intermediates, each after the certificate that it issued. Leave out the root. ACME clients write such a file, often called fullchain.pem. If you do not have such a file, create it as shown.",
                "# print the URL of the intermediate, after \"CA Issuers\"\nopenssl x509 -in cert.pem -noout -ext authorityInfoAccess\n# download it from that URL, and append it\ncurl -so issuer.der http://ca.example/issuer.der\nopenssl x509 -inform der -in issuer.der -out intermediate.pem\ncat cert.pem intermediate.pem > fullchain.pem\n# check the result\norigin-probe check www.example.com --chain fullchain.pem",
            ),
            Self::Order => general(
                "the server's certificate file (the order of the certificates in it)",
                "Put the site's certificate first in the file, then the intermediate that issued it, then any further intermediates, each after the certificate that it issued. Leave out the root. Also leave out certificates that do not belong to this chain. `openssl` lists the certificates in the order of the file: the issuer of each certificate must be the subject of the next one. Copy each certificate into a file of its own, and join these files in the correct order with `cat`. `origin-probe check --chain` checks the result.",
                "openssl crl2pkcs7 -nocrl -certfile fullchain.pem | openssl pkcs7 -print_certs -noout\ncat cert.pem intermediate.pem > fullchain.pem\norigin-probe check www.example.com --chain fullchain.pem",
            ),
            Self::Current => general(
                "the server's certificate file (the intermediates in it)",
                "Download the CA's current intermediate, or another chain that the CA offers, and put it in place of the old one, as shown. The site's certificate itself stays.",
                "# print the URL of the intermediate, after \"CA Issuers\"\nopenssl x509 -in cert.pem -noout -ext authorityInfoAccess\n# download it from that URL, and append it\ncurl -so issuer.der http://ca.example/issuer.der\nopenssl x509 -inform der -in issuer.der -out intermediate.pem\ncat cert.pem intermediate.pem > fullchain.pem\n# check the result\norigin-probe check www.example.com --chain fullchain.pem",
            ),
            Self::Trim => general(
                "the server's certificate file (certificates that do not belong to the chain)",
                "Remove everything from the file except the site's certificate and the intermediates of its path. Remove the root, intermediates of other certificates, and duplicates. `openssl` lists what the file contains: the subject of each certificate must be the issuer of the one before it. `origin-probe check --chain` checks the result.",
                "openssl crl2pkcs7 -nocrl -certfile fullchain.pem | openssl pkcs7 -print_certs -noout\norigin-probe check www.example.com --chain fullchain.pem",
            ),
        }
    }
}

const fn general(
    setting: &'static str,
    text: &'static str,
    commands: &'static str,
) -> (&'static str, Advice) {
    (setting, run(text, commands))
}

const ADDRESS_TYPE: &str =
    "IP address type (IpAddressType) of the origin, or the A and AAAA records of its domain";
const NAME_SENT: &str =
    "Origin Domain (DomainName), or the origin request policy that forwards Host";
const CERTIFICATE_FILE: &str = "the server's certificate file";
const NAMES_AND_ORIGIN_DOMAINS: &str = "# the names that the certificate covers\nopenssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null \\\n  | openssl x509 -noout -ext subjectAltName\n# the Origin Domain of each origin\naws cloudfront get-distribution-config --id $ID \\\n  --query 'DistributionConfig.Origins.Items[].[Id,DomainName]'";
const BOTH_VERSIONS: &str = "openssl s_client -connect origin.example.com:443 -servername www.example.com -tls1_2 </dev/null\nopenssl s_client -connect origin.example.com:443 -servername www.example.com -tls1_3 </dev/null\nopenssl s_client -connect origin.example.com:443 -servername www.example.com -tls1_1 \\\n  -cipher DEFAULT@SECLEVEL=0 </dev/null\nopenssl s_client -connect origin.example.com:443 -servername www.example.com -tls1 \\\n  -cipher DEFAULT@SECLEVEL=0 </dev/null";
const WITH_AND_WITHOUT_NAME: &str = "openssl s_client -connect origin.example.com:443 -servername www.example.com </dev/null\nopenssl s_client -connect origin.example.com:443 -noservername </dev/null";
