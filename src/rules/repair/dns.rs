//! Names and addresses: nothing that a server behind them could repair.

use super::Repair;
use super::advice;

pub(in super::super) static UNRESOLVABLE: Repair = Repair {
    setting: "Origin domain (DomainName) of the distribution, and the DNS record of that name",
    first: advice(
        "Follow the name from the zone's own nameservers to a public resolver: the first one that \
         does not know it is where the record or the delegation is missing. A load balancer that \
         was replaced has another name: compare Origin domain with its DNSName.",
        "dig +trace origin.example.com\n\
         dig @1.1.1.1 origin.example.com A\n\
         aws elbv2 describe-load-balancers --query 'LoadBalancers[].DNSName'",
    ),
    servers: None,
};

pub(in super::super) static ADDRESS_TYPE: Repair = Repair {
    setting: "IP address type (IpAddressType) of the origin, or the A and AAAA records of its domain",
    first: advice(
        "Add the record of the type that the origin asks for, or ask for the type that there is. A \
         load balancer has AAAA records only when it is dualstack.",
        "dig origin.example.com A origin.example.com AAAA\n\
         aws elbv2 set-ip-address-type --load-balancer-arn $LB --ip-address-type dualstack",
    ),
    servers: None,
};

pub(in super::super) static DEAD_FAMILY: Repair = Repair {
    setting: "IP address type (IpAddressType) of the origin, or the A and AAAA records of its domain",
    first: advice(
        "See that the server listens over both families. An origin of the address type ipv4 is \
         reached over A records only, one of the type ipv6 over AAAA records only, and then the \
         other record does no harm.",
        "dig origin.example.com A origin.example.com AAAA\n\
         nc -4 -vz origin.example.com 443\n\
         nc -6 -vz origin.example.com 443\n\
         ss -ltnp 'sport = :443'",
    ),
    servers: None,
};

pub(in super::super) static NOT_PUBLIC: Repair = Repair {
    setting: "Origin domain (DomainName), or a VPC origin (VpcOriginConfig) in its place",
    first: advice(
        "An internal load balancer or a host without a public address is reached by a VPC origin \
         only. Otherwise make the load balancer internet-facing, which cannot be changed \
         afterwards: it takes a new one. If only the prober sees a private address, because it \
         asks an internal DNS, give it public nameservers (resolver.nameservers, --nameserver).",
        "dig @1.1.1.1 origin.example.com A\n\
         aws elbv2 describe-load-balancers --query 'LoadBalancers[].[DNSName,Scheme]'\n\
         aws cloudfront create-vpc-origin --vpc-origin-endpoint-config file://endpoint.json",
    ),
    servers: None,
};

pub(in super::super) static NAMESERVERS: Repair = Repair {
    setting: "the zone on each of its nameservers; resolver.nameservers of the prober",
    first: advice(
        "Ask every nameserver of the zone by itself and compare. One that was forgotten when the \
         zone moved, or that no longer transfers it, has to be corrected or taken out of the \
         delegation at the registrar.",
        "dig +nssearch example.com\n\
         for ns in $(dig +short NS example.com); do dig @$ns +short origin.example.com; done",
    ),
    servers: None,
};

pub(in super::super) static PROBERS_NETWORK: Repair = Repair {
    setting: "the network of the prober; reachable_from_here of the origin",
    first: advice(
        "This is about the machine that probes, not about the origin. Give it a route of the \
         missing family, or let a prober elsewhere watch this origin.",
        "ip -6 route get 2606:4700:4700::1111\n\
         curl -6 -sv https://origin.example.com/ -o /dev/null",
    ),
    servers: None,
};
