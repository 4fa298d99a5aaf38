//! How what a rule finds is repaired: the setting that decides, what is to be done whatever the
//! server, and how on each kind of server.
//!
//! The settings and commands are those of the servers' own documentation: AWS's command line
//! reference (`elbv2`, `acm`, `ec2`, `cloudfront`), `ngx_http_ssl_module`, Apache's `mod_ssl`,
//! HAProxy's configuration manual (`bind` options), Caddy's `tls` directive, and for Kubernetes
//! the ConfigMap and annotations of ingress-nginx with cert-manager.

mod certificate;
mod chain;
mod connection;
mod dns;
mod handshake;
mod names;
mod text;

pub(super) use certificate::*;
pub(super) use chain::*;
pub(super) use connection::*;
pub(super) use dns::*;
pub(super) use handshake::*;
pub(super) use names::*;

/// How to repair what a rule finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The setting that decides, under the name it has where it is made.
    pub setting: &'static str,
    /// What to do whatever the server, or instead of changing one.
    pub first: Advice,
    /// What to do on each kind of server, in the order of [`Server::ALL`]; `None` where a server
    /// has nothing to do with it.
    pub servers: Option<[Advice; 6]>,
}

impl Repair {
    /// Returns the advice for each kind of server; nothing where none has anything to do with it.
    pub fn on_servers(&self) -> impl Iterator<Item = (Server, Advice)> {
        Server::ALL.into_iter().zip(self.servers.into_iter().flatten())
    }
}

/// One piece of advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Whole sentences.
    pub text: &'static str,
    /// Settings or commands, a line each; empty where there are none.
    pub code: &'static str,
}

/// A kind of server that ends TLS before an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    LoadBalancer,
    Nginx,
    Apache,
    HaProxy,
    Caddy,
    KubernetesIngress,
}

impl Server {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::LoadBalancer,
        Self::Nginx,
        Self::Apache,
        Self::HaProxy,
        Self::Caddy,
        Self::KubernetesIngress,
    ];

    /// Returns its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoadBalancer => "Elastic Load Balancing (ALB, NLB)",
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
            Self::HaProxy => "HAProxy",
            Self::Caddy => "Caddy",
            Self::KubernetesIngress => "Kubernetes ingress",
        }
    }
}

const fn advice(text: &'static str, code: &'static str) -> Advice {
    Advice { text, code }
}

#[cfg(test)]
mod tests {
    use super::super::RULES;
    use super::Advice;
    use super::Server;

    fn is_whole(advice: Advice) -> bool {
        let Advice { text, code } = advice;
        text.ends_with('.') && text.len() > 10 && code.trim() == code && !code.contains('\t')
    }

    #[test]
    fn every_rule_says_what_why_how_and_where_that_is_written() {
        for rule in RULES {
            let id = rule.id;
            assert!(!rule.title.is_empty() && !rule.title.ends_with('.'), "{id}");
            assert!(rule.explanation.ends_with('.') && rule.explanation.len() > 40, "{id}");
            assert!(rule.remedy.ends_with('.'), "{id}");
            assert!(rule.citation.to_string().starts_with("https://docs.aws.amazon.com/"), "{id}");
            let repair = rule.repair;
            assert!(!repair.setting.is_empty() && !repair.setting.ends_with('.'), "{id}");
            assert!(is_whole(repair.first), "{id}: {:?}", repair.first);
            for (server, advice) in repair.on_servers() {
                assert!(is_whole(advice), "{id} on {}: {advice:?}", server.as_str());
            }
            let servers = repair.on_servers().count();
            assert!(servers == 0 || servers == Server::ALL.len(), "{id}");
            // What no server can do about is done by some command.
            assert!(servers > 0 || !repair.first.code.is_empty(), "{id}");
        }
    }

    #[test]
    fn a_line_of_advice_fits_a_terminal() {
        for rule in RULES {
            let first = std::iter::once(rule.repair.first);
            for advice in first.chain(rule.repair.on_servers().map(|(_, advice)| advice)) {
                for line in advice.code.lines() {
                    assert!(line.chars().count() <= 100, "{}: {line}", rule.id);
                }
            }
        }
    }
}
