//! The words of `check` on a terminal: pinned at the widths that people have.

use expect_test::expect;

use super::stage::CERT;
use super::stage::FULLCHAIN;
use super::stage::arguments;
use super::stage::readable;
use super::stage::terminal;
use super::stage::text;

fn seen(width: u16, arguments: &[&str]) -> String {
    readable(&terminal(width).run(arguments).written)
}

#[test]
fn at_60_columns_everything_is_wrapped() {
    let seen = seen(60, &arguments(&["www.shop.example"], &CERT, &["--color=never"]));
    expect![[r#"
        www.shop.example:443  fails (502)
          intermediate-missing: the issuer of CN=www.shop.example is
            not served: CN=Example Issuing CA 1, O=Example Authority
            (its certificate names where that one can be had)
          hint: Append the certificate of CN=Example Issuing CA 1,
            O=Example Authority to the server's certificate file; it
            can be had at
            http://aia.authority.example/issuing-1.der. The file
            that CAs call fullchain already holds it.
          chain, as served:
           1 ┬ CN=www.shop.example
                 until 2026-12-31 (in 38 days)
             ╎ CN=Example Issuing CA 1, O=Example Authority
                 MISSING: it is not served
          only the chain was judged (1 certificate from cert.pem):
            no address was looked up, no handshake made
    "#]]
    .assert_eq(&seen);
}

#[test]
fn at_80_columns_remarks_stand_below_names_that_are_long() {
    let seen = seen(80, &arguments(&["www.shop.example"], &CERT, &["--color=never"]));
    expect![[r#"
        www.shop.example:443  fails (502)
          intermediate-missing: the issuer of CN=www.shop.example is not served:
            CN=Example Issuing CA 1, O=Example Authority (its certificate names where
            that one can be had)
          hint: Append the certificate of CN=Example Issuing CA 1, O=Example Authority
            to the server's certificate file; it can be had at
            http://aia.authority.example/issuing-1.der. The file that CAs call fullchain
            already holds it.
          chain, as served:
           1 ┬ CN=www.shop.example
                 until 2026-12-31 (in 38 days)
             ╎ CN=Example Issuing CA 1, O=Example Authority
                 MISSING: it is not served
          only the chain was judged (1 certificate from cert.pem): no address was looked
            up, no handshake made
    "#]]
    .assert_eq(&seen);
}

#[test]
fn at_120_columns_remarks_stand_beside_names() {
    let seen = seen(120, &arguments(&["www.shop.example"], &CERT, &["--color=never"]));
    expect![[r#"
        www.shop.example:443  fails (502)
          intermediate-missing: the issuer of CN=www.shop.example is not served: CN=Example Issuing CA 1, O=Example Authority
            (its certificate names where that one can be had)
          hint: Append the certificate of CN=Example Issuing CA 1, O=Example Authority to the server's certificate file; it can
            be had at http://aia.authority.example/issuing-1.der. The file that CAs call fullchain already holds it.
          chain, as served:
           1 ┬ CN=www.shop.example                           until 2026-12-31 (in 38 days)
             ╎ CN=Example Issuing CA 1, O=Example Authority  MISSING: it is not served
          only the chain was judged (1 certificate from cert.pem): no address was looked up, no handshake made
    "#]].assert_eq(&seen);
}

#[test]
fn several_origins_stand_apart_and_are_summed_up() {
    let domains = ["www.shop.example", "shop.example", "other.example"];
    for (width, expected) in [
        (
            60,
            expect![[r#"
                www.shop.example:443  answers until 2026-12-31 (in 38 days)
                shop.example:443  answers until 2026-12-31 (in 38 days)

                other.example:443  fails (502)
                  name-not-in-certificate: the certificate names
                    www.shop.example, shop.example, not other.example
                  hint: Set Origin Domain to a name that the certificate
                    carries (with a DNS record that leads to the origin, not
                    to CloudFront), or have the certificate reissued with
                    the missing name.

                not covered: the origin's own HTTP status, edge functions, a
                  response slower than the response timeout (504), cut off
                  or malformed (502), firewalls by source address,
                  keep-alive races
                only the chain was judged (2 certificates from
                  fullchain.pem): no address was looked up, no handshake
                  made
                3 origins: 1 fails, 2 answer; next to fail: www.shop.example
                  2027-01-01 (in 38 days)
            "#]],
        ),
        (
            80,
            expect![[r#"
                www.shop.example:443  answers until 2026-12-31 (in 38 days)
                shop.example:443  answers until 2026-12-31 (in 38 days)

                other.example:443  fails (502)
                  name-not-in-certificate: the certificate names www.shop.example, shop.example,
                    not other.example
                  hint: Set Origin Domain to a name that the certificate carries (with a DNS
                    record that leads to the origin, not to CloudFront), or have the certificate
                    reissued with the missing name.

                not covered: the origin's own HTTP status, edge functions, a response slower
                  than the response timeout (504), cut off or malformed (502), firewalls by
                  source address, keep-alive races
                only the chain was judged (2 certificates from fullchain.pem): no address was
                  looked up, no handshake made
                3 origins: 1 fails, 2 answer; next to fail: www.shop.example 2027-01-01 (in 38
                  days)
            "#]],
        ),
        (
            120,
            expect![[r#"
                www.shop.example:443  answers until 2026-12-31 (in 38 days)
                shop.example:443  answers until 2026-12-31 (in 38 days)

                other.example:443  fails (502)
                  name-not-in-certificate: the certificate names www.shop.example, shop.example, not other.example
                  hint: Set Origin Domain to a name that the certificate carries (with a DNS record that leads to the origin, not to
                    CloudFront), or have the certificate reissued with the missing name.

                not covered: the origin's own HTTP status, edge functions, a response slower than the response timeout (504), cut off or
                  malformed (502), firewalls by source address, keep-alive races
                only the chain was judged (2 certificates from fullchain.pem): no address was looked up, no handshake made
                3 origins: 1 fails, 2 answer; next to fail: www.shop.example 2027-01-01 (in 38 days)
            "#]],
        ),
    ] {
        expected.assert_eq(&seen(width, &arguments(&domains, &FULLCHAIN, &["--color=never"])));
    }
}

#[test]
fn what_will_fail_is_told_and_drawn_as_it_will_be() {
    let within = ["--within", "60d", "--color=never"];
    let seen = seen(100, &arguments(&["www.shop.example"], &FULLCHAIN, &within));
    expect![[r#"
        www.shop.example:443  will fail 2027-01-01 (in 38 days)
          certificate-expired: the end-entity certificate is valid only until 2026-12-31T23:59:59Z
          hint: Renew the certificate and install it on every server behind the origin domain; CloudFront
            picks it up at its next connection.
          chain, as served:
           1 ┬ CN=www.shop.example                           EXPIRES 2026-12-31 (in 38 days)
           2 ┼ CN=Example Issuing CA 1, O=Example Authority  until 2035-05-31 (in 3111 days)
             ┴ CN=Example Root CA, O=Example Authority       trust anchor
          not covered: the origin's own HTTP status, edge functions, a response slower than the response
            timeout (504), cut off or malformed (502), firewalls by source address, keep-alive races
          only the chain was judged (2 certificates from fullchain.pem): no address was looked up, no
            handshake made
    "#]].assert_eq(&seen);
}

#[test]
fn no_line_goes_over_the_edge() {
    let domains = ["www.shop.example", "shop.example", "other.example"];
    let arguments = arguments(&domains, &CERT, &["--color=never"]);
    for width in 40..130 {
        let written = terminal(width).run(&arguments).written;
        let widest = written.lines().map(|line| line.chars().count()).max().unwrap();
        // An address is not broken, and the longest with what stands before it has 52 columns.
        assert!(widest <= usize::from(width.max(52)), "{width}: {widest}\n{written}");
    }
}

#[test]
fn a_pipe_gets_three_long_lines_and_no_drawing() {
    let text = text(&arguments(&["www.shop.example"], &CERT, &[]));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!(lines[0], "www.shop.example:443  fails (502)");
    assert!(lines[1].starts_with("  intermediate-missing: ") && lines[1].len() > 120);
    assert!(lines[2].starts_with("  hint: ") && lines[2].len() > 120);
    assert!(lines[3].starts_with("  only the chain was judged"));
}

#[test]
fn rules_and_explanations_fit_too() {
    expect![[r#"
        ‹1›connection-refused: The origin refuses connections on its HTTPS port‹0›

        effect:  fails
        status:  502
        basis:   documented
        source:
        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-bad-gateway.html#origin-not-responding-on-specified-ports

        Nothing listens on the port, or a firewall rejects the connection. CloudFront
        tries as often as ConnectionAttempts says and gives up.

        hint: Start the server, make it listen on the origin's HTTPS port, or correct
        the port in the distribution's origin settings.

        setting: HTTPS port (HTTPSPort) of the origin, and the port that the server
        listens on

        See from outside whether the port is open, and on the host who listens there. A
        server bound to 127.0.0.1 refuses everybody else.
            nc -vz origin.example.com 443
            ss -ltnp 'sport = :443'

        Elastic Load Balancing (ALB, NLB): The load balancer needs a listener on that
        port.
            aws elbv2 create-listener --load-balancer-arn $LB --protocol HTTPS --port 443 \
              --certificates CertificateArn=$CERT --ssl-policy ELBSecurityPolicy-TLS13-1-2-2021-06 \
              --default-actions Type=forward,TargetGroupArn=$TARGET_GROUP

        nginx: Listen on the port for both families, and look whether the configuration
        loads at all: nginx does not start with a broken one.
            server {
                listen 443 ssl;
                listen [::]:443 ssl;
            }
            nginx -t && systemctl reload nginx

        Apache: Besides the virtual host there must be a Listen directive, and mod_ssl
        must be loaded.
            Listen 443
            <VirtualHost *:443>
                SSLEngine on
            </VirtualHost>
            a2enmod ssl && apachectl configtest && systemctl restart apache2

        HAProxy: Bind the frontend to the port on all addresses.
            frontend https
                bind :443 ssl crt /etc/haproxy/site.pem
            haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy

        Caddy: A site whose address begins with http:// or has another port does not
        listen on 443.
            www.example.com {
                reverse_proxy localhost:8080
            }
            caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy

        Kubernetes ingress: The controller's Service must publish 443, and its load
        balancer must have an address.
            kubectl -n ingress-nginx get service ingress-nginx-controller
            kubectl -n ingress-nginx get endpointslices
    "#]].assert_eq(&seen(80, &["explain", "connection-refused"]));
    let seen = seen(60, &["--color=never", "rules"]);
    let first: Vec<&str> = seen.lines().take(6).collect();
    expect![[r#"
        RULE                          EFFECT    STATUS  TITLE
        origin-domain-unresolvable    fails     502     The origin
            domain does not resolve
        no-usable-address             fails     502     The origin
            domain has no address of the origin's address type
        address-not-public            fails     504     The origin"#]]
    .assert_eq(&first.join("\n"));
}
