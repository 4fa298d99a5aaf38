//! Missing files, and what is shown of a file.
use origin_probe::config::Config;
use origin_probe::limits::FileKinds;
use std::path::Path;

#[test]
fn a_missing_file_is_reported_with_the_other_errors() {
    let folder = std::env::temp_dir().join(format!("origin-probe-missing-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let place = folder.join("c.yaml");
    let text = "trust_anchors: {extra: [nowhere.pem]}\n\
                origins: [{id: a, domain: a.example, https_port: 22}]\n";
    std::fs::write(&place, text).unwrap();
    let errors = Config::load(&place, FileKinds::Regular).unwrap_err();
    let found: Vec<_> = errors.errors().iter().map(|error| (error.line, &*error.key)).collect();
    assert_eq!(found, [(Some(1), "trust_anchors.extra[0]"), (Some(2), "origins[0].https_port")]);
    assert_eq!(Config::load(&place, FileKinds::Any).unwrap_err().count(), 1);
    std::fs::remove_dir_all(&folder).unwrap();
}

fn parse(text: &str) -> Config {
    Config::parse(Path::new("origin-probe.yaml"), text.as_bytes()).unwrap()
}

fn shown(config: &Config) -> String {
    let origins = (0..config.origins.len()).filter_map(|at| config.show_origin(at));
    config.show_settings() + &origins.collect::<String>()
}

#[test]
fn what_is_shown_reads_the_same() {
    for file in ["config/origin-probe.yaml", "config/minimal.yaml"] {
        let config = parse(&std::fs::read_to_string(file).unwrap());
        assert_eq!(parse(&shown(&config)), config, "{file}:\n{}", shown(&config));
    }
    let config = parse(
        "web: {listen: '[::1]:9', lifecycle: false}\nlog: {level: trace, format: json}\n\
         metrics: {set: essential, allow: [\"*_info\"], deny: [cloudfront_origin_tls_info]}\n\
         probe: {deadline: 20s, handshake_timeout: 500ms, concurrency: 8, start_rate: 3,\n  \
         reachable_from_here: no, max_server_names: 2, per_address: 1, interval: 7s}\n\
         resolver: {nameservers: ['[2001:db8::2]:54'], check_all: true}\n\
         trust_anchors: {mozilla: false, extra: ['a \"b\" \\c.pem']}\n\
         reachability: {assume_public: [10.0.0.0/8]}\n\
         limits: {chain_bytes: 0}\n\
         renewal: {critical: {lifetime: 12.5%}}\n\
         discovery: {files: [a.json, 'targets/*.yaml']}\n\
         probe_endpoint: {enabled: true, allow: {names: [.a.example, \"*.b.example\", \"*\"],\n  \
         ports: [8443, 443], networks: [10.0.0.0/8]}}\n\
         origins:\n\
         - {id: \"a\\\"b: # \\u00e4\\U0001F600\", domain: bücher.example, origin_mtls: true,\n  \
         labels: {team: \"x: y\"}, ip_address_type: dualstack, ssl_protocols: [TLSv1, SSLv3]}\n\
         - {id: b, domain: b.example, host_also_unforwarded: true,\n  \
         viewer_hosts: [c.example, d.example], protocol_policy: http-only}\n\
         - {id: c, domain: c.example, targets: [{server_name: x.example,\n  \
         allowed_names: ['*.y.example']}], connection_attempts: 1, connection_timeout: 2s}\n",
    );
    let text = shown(&config);
    assert_eq!(parse(&text), config, "{text}");
    assert!(text.is_ascii(), "{text}");
}
