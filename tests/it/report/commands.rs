use origin_probe::origin::{
    IpAddressType, Origin, ProberConfig, Reachability, SslProtocol, SslProtocols, Target,
};
use origin_probe::report::{check_lines, openssl_line, quoted};

fn origin() -> Origin {
    Origin::with_defaults("origin.example.com".parse().unwrap())
}

#[test]
fn an_origin_with_defaults_needs_no_option() {
    let check = check_lines(&origin(), None, &ProberConfig::default());
    assert_eq!(check.lines, ["origin-probe check origin.example.com"]);
    assert!(check.notes.is_empty());
    assert_eq!(
        openssl_line(
            &origin(),
            "192.0.2.1".parse().unwrap(),
            &origin().targets[0],
            &ProberConfig::default()
        ),
        "openssl s_client -connect 192.0.2.1:443 -servername origin.example.com \
         -verify_hostname origin.example.com -min_protocol TLSv1.2 -showcerts </dev/null"
    );
}

#[test]
fn every_setting_that_changes_the_answer_is_on_the_line() {
    let mut origin = origin();
    let domain = origin.domain().clone();
    let host = "www.example.com".parse().unwrap();
    origin.targets = vec![Target::forwarded(&host, &domain), Target::unforwarded(&domain)];
    origin.https_port = 8443;
    origin.ssl_protocols = SslProtocols::new(vec![SslProtocol::SslV3, SslProtocol::TlsV1]).unwrap();
    origin.ip_address_type = IpAddressType::Dualstack;
    origin.reachable_from_here = Reachability::Reachable;
    let config = ProberConfig {
        nameservers: vec!["192.0.2.53:53".parse().unwrap()],
        mozilla: false,
        extra_anchors: vec!["/etc/it's mine.pem".into(), "b.pem".into(), "c.pem".into()],
        assume_public: vec!["10.0.0.0/8".parse().unwrap()],
        ..ProberConfig::default()
    };
    let check = check_lines(&origin, None, &config);
    let rest = "--ssl-protocols SSLv3,TLSv1 --ip-address-type dualstack --reachable yes \
                --nameserver 192.0.2.53:53 --trust-anchors '/etc/it'\\''s mine.pem' \
                --extra-trust-anchors b.pem --assume-public 10.0.0.0/8";
    assert_eq!(
        check.lines,
        [
            format!("origin-probe check origin.example.com:8443 {rest}"),
            format!("origin-probe check origin.example.com:8443 --host www.example.com {rest}"),
        ]
    );
    assert_eq!(check.notes, ["more trust anchor files are left out: 1"]);
    let address = "2001:db8::1".parse().unwrap();
    assert_eq!(
        openssl_line(&origin, address, &origin.targets[0], &config),
        "openssl s_client -connect '[2001:db8::1]:8443' -servername www.example.com \
         -verify_hostname www.example.com -min_protocol TLSv1 -cipher DEFAULT:@SECLEVEL=0 \
         -CAfile '/etc/it'\\''s mine.pem' -showcerts </dev/null"
    );
    let there = check_lines(&origin, Some(address), &config).lines;
    assert!(there[0].contains(" --address 2001:db8::1 "), "{there:?}");
    assert!(!there[0].contains("--nameserver"), "no lookup is needed: {there:?}");
}

#[test]
fn what_the_command_line_cannot_say_is_noted() {
    let mut origin = origin();
    origin.targets.push(Target::new(
        "edge.example.com".parse().unwrap(),
        vec!["*.example.com".parse().unwrap()],
    ));
    let check = check_lines(&origin, None, &ProberConfig::default());
    assert_eq!(check.lines, ["origin-probe check origin.example.com"]);
    assert_eq!(check.notes.len(), 1);
}

#[test]
fn a_shell_reads_back_what_was_quoted() {
    for word in ["", "plain-1.pem", "a b", "it's", "$(id)", "a\nb", "*", "~", "é", "\\"] {
        let script = format!("printf %s {}", quoted(word));
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), word, "{script}");
    }
}
