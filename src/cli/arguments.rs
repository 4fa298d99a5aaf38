//! What can be asked on the command line.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;
use ipnet::IpNet;
use jiff::Timestamp;

use crate::config;
use crate::origin::DomainAndPort;
use crate::origin::DomainName;
use crate::origin::IpAddressType;
use crate::origin::Reachability;
use crate::origin::Shard;
use crate::origin::ShardError;
use crate::origin::SslProtocol;

use super::distributions::DistributionArguments;

/// Tells, before CloudFront does, that an origin's TLS will make it answer 502.
#[derive(Debug, Parser)]
#[command(name = "origin-probe", version, max_term_width = 100, after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  origin-probe check origin.example.com
  origin-probe check shop-alb-1.eu-west-1.elb.amazonaws.com --host www.example.com
  origin-probe check www.example.com --chain fullchain.pem
  origin-probe check --config origin-probe.yaml --within 14d
  aws cloudfront list-distributions | origin-probe check --distribution-config -
  origin-probe serve --config origin-probe.yaml
  origin-probe explain chain-out-of-order

Exit codes: 0 answers or not applicable, 1 fails, 2 undecided, 3 wrong request or own failure.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Watches every origin of a configuration file and serves metrics and a status page.
    Serve(ServeArguments),
    /// Probes origins once and says what CloudFront would meet.
    Check(Box<CheckArguments>),
    /// Lists everything that is checked.
    Rules,
    /// Explains one rule: what it means, why CloudFront refuses it, and what to do.
    Explain {
        /// The rule's id, such as chain-out-of-order.
        rule: String,
    },
    /// Runs the daemon over broken origins of its own, all on this machine.
    #[cfg(feature = "demo")]
    Demo(DemoArguments),
}

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// The configuration file, YAML or JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// Only read the file and say what is wrong with it.
    #[arg(long)]
    pub(super) check_config: bool,
    /// Which part of the origins to take, counted from 0; a pod's name that ends in a number will
    /// do.
    #[arg(long, value_name = "N", env = "ORIGIN_PROBE_SHARD", value_parser = ordinal, requires = "shards")]
    shard: Option<u32>,
    /// Among how many processes the origins are divided.
    #[arg(long, value_name = "M", env = "ORIGIN_PROBE_SHARDS", requires = "shard")]
    shards: Option<u32>,
    /// Who may read the pages, and over what: a web configuration file as Prometheus's exporters
    /// take it (TLS, client certificates, users, headers, a rate limit).
    #[arg(long = "web.config.file", value_name = "FILE", env = "ORIGIN_PROBE_WEB_CONFIG_FILE")]
    pub(super) web_config_file: Option<PathBuf>,
}

impl ServeArguments {
    /// Returns the part of the origins that was asked for.
    pub(super) fn shard(&self) -> Result<Shard, ShardError> {
        match (self.shard, self.shards) {
            (Some(ordinal), Some(shards)) => Shard::new(ordinal, shards),
            _ => Ok(Shard::WHOLE),
        }
    }
}

/// A number, or a StatefulSet pod's name such as `origin-probe-2`.
fn ordinal(text: &str) -> Result<u32, String> {
    let number = text.rsplit_once('-').map_or(text, |(_, number)| number);
    number.parse().map_err(|_| "use a number, or a pod's name that ends in -NUMBER".to_owned())
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Origin domains, each with its HTTPS port if that is not 443.
    #[arg(value_name = "DOMAIN[:PORT]", required_unless_present_any = ["config", "distribution_config"])]
    pub(super) domains: Vec<DomainAndPort>,
    /// Check the origins of this configuration file instead.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["domains", "host", "address", "ssl_protocols", "ip_address_type", "reachable"])]
    pub(super) config: Option<PathBuf>,
    /// Judge the chain in this file, which no server has yet, and connect to nothing: PEM, DER or
    /// PKCS#7; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["config", "origin", "address", "ssl_protocols", "ip_address_type", "nameserver", "assume_public", "reachable"])]
    pub(super) chain: Option<PathBuf>,
    /// Only the origin with this id; may be given several times.
    #[arg(long, value_name = "ID", requires = "config")]
    pub(super) origin: Vec<String>,
    /// The viewer's host, where CloudFront forwards the Host header; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(super) host: Vec<DomainName>,
    /// Connect to this address instead of asking DNS.
    #[arg(long, value_name = "IP")]
    pub(super) address: Option<IpAddr>,
    /// The distribution's origin SSL protocols, separated by commas [default: TLSv1.2].
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = ssl_protocol)]
    pub(super) ssl_protocols: Vec<SslProtocol>,
    /// Which address records CloudFront uses: ipv4, ipv6 or dualstack [default: ipv4].
    #[arg(long, value_name = "TYPE", value_parser = ip_address_type)]
    pub(super) ip_address_type: Option<IpAddressType>,
    /// Trust the roots of this PEM file instead of Mozilla's.
    #[arg(long, value_name = "PEM")]
    pub(super) trust_anchors: Option<PathBuf>,
    /// Trust the roots of this PEM file, too.
    #[arg(long, value_name = "PEM")]
    pub(super) extra_trust_anchors: Option<PathBuf>,
    /// Ask this nameserver instead of the system's; taken as the public view.
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = nameserver)]
    pub(super) nameserver: Vec<SocketAddr>,
    /// Take this network as one that CloudFront can reach.
    #[arg(long, value_name = "CIDR")]
    pub(super) assume_public: Vec<IpNet>,
    /// Whether the origin admits connections from here: yes or no [default: auto].
    #[arg(long, value_name = "WHETHER", value_parser = reachability)]
    pub(super) reachable: Option<Reachability>,
    /// Also exit with 1 when an origin will fail within this time, such as 14d.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) within: Option<Duration>,
    /// Judge as of this instant instead of now (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub(super) at: Option<Timestamp>,
    /// How to print.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub(super) output: Output,
    #[command(flatten)]
    pub(super) distributions: DistributionArguments,
}

#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Probe every origin once, print what was found and exit with 0.
    #[arg(long)]
    pub(super) once: bool,
    /// How to print, with --once.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub(super) output: Output,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// Three lines an origin.
    Text,
    /// One JSON object a line and origin.
    Json,
}

fn duration(text: &str) -> Result<Duration, String> {
    config::parse_duration(text).map_err(|error| error.to_string())
}

fn ssl_protocol(text: &str) -> Result<SslProtocol, String> {
    one_of(&SslProtocol::ALL, text)
}

fn ip_address_type(text: &str) -> Result<IpAddressType, String> {
    one_of(&IpAddressType::ALL, text)
}

fn reachability(text: &str) -> Result<Reachability, String> {
    one_of(&Reachability::ALL, text)
}

fn one_of<T: Copy>(all: &[(&'static str, T)], text: &str) -> Result<T, String> {
    let found = all.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        format!("use one of {}", names.join(", "))
    })
}

fn nameserver(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .or_else(|_| text.parse().map(|ip: IpAddr| SocketAddr::new(ip, 53)))
        .map_err(|_| "use an IP address, with a port if it is not 53".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
