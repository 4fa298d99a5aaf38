//! The configuration in use, written as a file that reads the same: every default is spelt out,
//! and no secret is.

use std::fmt::Display;
use std::fmt::Write;

use crate::config::CloudFrontAccount;
use crate::config::Config;
use crate::config::FilePattern;
use crate::config::LogFormat;
use crate::config::LogLevel;
use crate::config::duration::format_duration;
use crate::origin::Origin;
use crate::origin::OriginMtls;
use crate::origin::Reachability;
use crate::origin::RenewalThreshold;
use crate::origin::Target;

impl Config {
    /// Returns everything as YAML up to the first origin.
    pub fn show_settings(&self) -> String {
        let (web, log, probe) = (&self.web, &self.log, &self.probe);
        let (resolver, anchors) = (&self.resolver, &self.trust_anchors);
        let defaults = &self.origin_defaults;
        let endpoint = &self.probe_endpoint;
        let mut text = String::new();
        // Writing to a text cannot fail.
        let _ = write!(
            text,
            "web: {{listen: {}, lifecycle: {}}}\n\
             log: {{level: {}, format: {}}}\n\
             probe:\n  \
             deadline: {}\n  handshake_timeout: {}\n  concurrency: {}\n  per_address: {}\n  \
             start_rate: {}\n  max_server_names: {}\n  interval: {}\n  \
             reachable_from_here: {}\n\
             resolver: {{nameservers: {}, confirm_with: {}, check_all: {}}}\n\
             trust_anchors: {{mozilla: {}, extra: {}}}\n\
             reachability: {{assume_public: {}}}\n\
             {}\
             renewal: {{warning: {}, critical: {}}}\n\
             probe_endpoint: {{enabled: {}, allow: {{names: {}, ports: [{}], networks: {}}}}}\n\
             discovery:\n  cloudfront: {}\n  files: {}\n\
             origins:{}\n",
            quoted(web.listen),
            web.lifecycle,
            spelling(&LogLevel::ALL, log.level),
            spelling(&LogFormat::ALL, log.format),
            format_duration(probe.deadline),
            format_duration(probe.handshake_timeout),
            probe.concurrency,
            probe.per_address,
            probe.start_rate,
            probe.max_server_names,
            format_duration(defaults.interval),
            spelling(&Reachability::ALL, defaults.reachable_from_here),
            list(&resolver.nameservers),
            list(&resolver.confirm_with),
            resolver.check_all,
            anchors.mozilla,
            list(anchors.extra.iter().map(|path| path.display())),
            list(&self.assume_public),
            // The default is not the file's, but that of the machine it is read on.
            self.limits
                .chain_bytes
                .map(|bytes| format!("limits: {{chain_bytes: {bytes}}}\n"))
                .unwrap_or_default(),
            threshold(&defaults.renewal.warning),
            threshold(&defaults.renewal.critical),
            endpoint.enabled,
            list(&endpoint.allow.names),
            joined(endpoint.allow.ports.iter().map(u16::to_string)),
            list(&endpoint.allow.networks),
            accounts(&self.discovery.cloudfront),
            list(self.discovery.files.iter().map(FilePattern::as_written)),
            if self.origins.is_empty() { " []" } else { "" },
        );
        text
    }

    /// Returns one origin as YAML, the `position`th of the list that the settings end with, so that
    /// no size of fleet makes one text.
    pub fn show_origin(&self, position: usize) -> Option<String> {
        self.origins.get(position).map(|origin| show(origin))
    }
}

fn show(origin: &Origin) -> String {
    let mut text = String::new();
    let protocols = origin.ssl_protocols.listed().iter().map(|protocol| protocol.as_str());
    let _ = write!(
        text,
        "  - id: {}\n    domain: {}\n    https_port: {}\n    protocol_policy: {}\n    \
         ssl_protocols: {}\n    ip_address_type: {}\n    connection_attempts: {}\n    \
         connection_timeout: {}\n    targets: [{}]\n    origin_mtls: {}\n    interval: {}\n    \
         reachable_from_here: {}\n    renewal: {{warning: {}, critical: {}}}\n",
        quoted(&origin.key.id),
        quoted(&origin.key.domain),
        origin.https_port,
        origin.protocol_policy.as_str(),
        list(protocols),
        origin.ip_address_type.as_str(),
        origin.connection_attempts,
        format_duration(origin.connection_timeout),
        joined(origin.targets.iter().map(target)),
        origin.origin_mtls == OriginMtls::Configured,
        format_duration(origin.interval),
        spelling(&Reachability::ALL, origin.reachable_from_here),
        threshold(&origin.renewal.warning),
        threshold(&origin.renewal.critical),
    );
    let labels = origin.labels.iter().map(|(name, value)| format!("{name}: {}", quoted(value)));
    let _ = writeln!(text, "    labels: {{{}}}", joined(labels));
    text
}

fn accounts(accounts: &[CloudFrontAccount]) -> String {
    match accounts {
        [] => "[]".to_owned(),
        _ => accounts.iter().map(|account| format!("\n    - {}", account.show())).collect(),
    }
}

fn target(target: &Target) -> String {
    let (server_name, allowed) = (quoted(&target.server_name), list(&target.reference_ids));
    format!("{{server_name: {server_name}, allowed_names: {allowed}}}")
}

fn threshold(threshold: &RenewalThreshold) -> String {
    format!("{{max: {}, lifetime: {}%}}", format_duration(threshold.max), threshold.lifetime.0)
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

pub(super) fn list(values: impl IntoIterator<Item = impl Display>) -> String {
    format!("[{}]", joined(values.into_iter().map(quoted)))
}

/// Writes a value in double quotes, with everything escaped that a terminal could take amiss.
pub(super) fn quoted(value: impl Display) -> String {
    let mut text = String::from("\"");
    for character in value.to_string().chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            ' '..='~' => text.push(character),
            _ => {
                let _ = write!(text, "\\U{:08X}", u32::from(character));
            }
        }
    }
    text.push('"');
    text
}

pub(super) fn spelling<T: PartialEq>(all: &[(&'static str, T)], value: T) -> &'static str {
    all.iter().find(|(_, each)| *each == value).map_or("", |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

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
}
