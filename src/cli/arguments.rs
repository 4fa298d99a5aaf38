//! The command line arguments.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Uri;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use ipnet::IpNet;
use jiff::Timestamp;

use crate::config;
use crate::distribution::Selection;
use crate::origin::{
    DomainAndPort, DomainName, IpAddressType, Reachability, Shard, ShardError, SslProtocol,
};

use super::examples;
use super::rules::RuleParser;
use super::terminal::Colour;

/// Predicts CloudFront 502 errors by probing the TLS of your origins.
#[derive(Debug, Parser)]
#[command(
    name = "origin-probe",
    version,
    max_term_width = 100,
    styles = examples::STYLES,
    after_help = examples::of_all()
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    /// When to use colors; auto respects NO_COLOR and CLICOLOR_FORCE.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Colour::Auto, global = true, display_order = 900)]
    pub(super) color: Colour,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the daemon: probe all configured origins, serve metrics and a status page.
    #[command(after_help = examples::of_serve())]
    Serve(ServeArguments),
    /// Probe origins once and report whether CloudFront can connect to them.
    #[command(after_help = examples::of_check())]
    Check(Box<CheckArguments>),
    /// Ask a running daemon to probe an origin at once, for example after a repair.
    #[command(after_help = examples::of_probe_now())]
    ProbeNow(ProbeNowArguments),
    /// List all rules.
    #[command(after_help = examples::of_rules())]
    Rules,
    /// Explain a rule: what it means, what CloudFront does, and how to fix it.
    #[command(after_help = examples::of_explain())]
    Explain {
        /// Rule id, such as chain-out-of-order.
        #[arg(value_parser = RuleParser, hide_possible_values = true)]
        rule: String,
    },
    /// Run the daemon against demo origins on this machine, most of them broken.
    #[cfg(feature = "demo")]
    #[command(after_help = examples::of_demo())]
    Demo(DemoArguments),
    /// Print a shell completion script.
    #[command(after_help = examples::of_completions())]
    Completions(CompletionsArguments),
    /// Print the manual page of origin-probe or of one command.
    #[command(after_help = examples::of_man())]
    Man(ManArguments),
}

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// Configuration file (YAML or JSON).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) config: PathBuf,
    /// Check the configuration and exit.
    #[arg(long)]
    pub(super) check_config: bool,
    /// Shard to run, counted from 0: a number or a pod name that ends in -NUMBER.
    #[arg(long, value_name = "N", env = "ORIGIN_PROBE_SHARD", value_parser = ordinal, requires = "shards")]
    shard: Option<u32>,
    /// Total number of shards.
    #[arg(long, value_name = "M", env = "ORIGIN_PROBE_SHARDS", requires = "shard")]
    shards: Option<u32>,
    /// Web configuration file in the format of Prometheus exporters: TLS, client certificates,
    /// users, headers, rate limit.
    #[arg(long = "web.config.file", value_name = "FILE", value_hint = ValueHint::FilePath, env = "ORIGIN_PROBE_WEB_CONFIG_FILE")]
    pub(super) web_config_file: Option<PathBuf>,
}

impl ServeArguments {
    /// Returns the selected shard.
    pub(super) fn shard(&self) -> Result<Shard, ShardError> {
        match (self.shard, self.shards) {
            (Some(ordinal), Some(shards)) => Shard::new(ordinal, shards),
            _ => Ok(Shard::WHOLE),
        }
    }
}

/// Parses a number or the name of a StatefulSet pod, such as `origin-probe-2`.
fn ordinal(text: &str) -> Result<u32, String> {
    let number = text.rsplit_once('-').map_or(text, |(_, number)| number);
    number.parse().map_err(|_| "use a number or a pod name that ends in -NUMBER".to_owned())
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Origin domains, each with its HTTPS port if it is not 443.
    #[arg(value_name = "DOMAIN[:PORT]", required_unless_present_any = ["config", "distribution_config"])]
    pub(super) domains: Vec<DomainAndPort>,
    /// Check the origins in this configuration file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["domains", "host", "address", "ssl_protocols", "ip_address_type", "reachable"])]
    pub(super) config: Option<PathBuf>,
    /// Check the certificate chain in this file without connecting: PEM, DER or PKCS#7; - for
    /// standard input.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["config", "connections", "origin", "address", "ssl_protocols", "ip_address_type", "nameserver", "assume_public", "reachable"])]
    pub(super) chain: Option<PathBuf>,
    /// Check only the origin with this id; repeatable.
    #[arg(long, value_name = "ID", requires = "config")]
    pub(super) origin: Vec<String>,
    /// Viewer host, if CloudFront forwards the Host header; repeatable.
    #[arg(long, value_name = "NAME")]
    pub(super) host: Vec<DomainName>,
    /// Connect to this address instead of resolving the domain.
    #[arg(long, value_name = "IP")]
    pub(super) address: Option<IpAddr>,
    /// Origin SSL protocols of the distribution, comma-separated [default: TLSv1.2].
    #[arg(long, value_name = "LIST", value_delimiter = ',', ignore_case = true, value_parser = one_of(&SslProtocol::ALL))]
    pub(super) ssl_protocols: Vec<SslProtocol>,
    /// IP address type of the origin in CloudFront [default: ipv4].
    #[arg(long, value_name = "TYPE", ignore_case = true, value_parser = one_of(&IpAddressType::ALL))]
    pub(super) ip_address_type: Option<IpAddressType>,
    /// Trust the roots in this PEM file instead of Mozilla's.
    #[arg(long, value_name = "PEM", value_hint = ValueHint::FilePath)]
    pub(super) trust_anchors: Option<PathBuf>,
    /// Also trust the roots in this PEM file.
    #[arg(long, value_name = "PEM", value_hint = ValueHint::FilePath)]
    pub(super) extra_trust_anchors: Option<PathBuf>,
    /// Nameserver to query instead of the system's; assumed to give public answers; repeatable.
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = nameserver)]
    pub(super) nameserver: Vec<SocketAddr>,
    /// Treat this network as reachable by CloudFront; repeatable.
    #[arg(long, value_name = "CIDR")]
    pub(super) assume_public: Vec<IpNet>,
    /// Whether the origin accepts connections from this host [default: auto].
    #[arg(long, value_name = "WHETHER", ignore_case = true, value_parser = one_of(&Reachability::ALL))]
    pub(super) reachable: Option<Reachability>,
    /// Connections to each address, to find faults of one server among several behind it.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub(super) connections: u16,
    /// Also exit with 1 if an origin will fail within this time, such as 14d.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) within: Option<Duration>,
    /// Evaluate the rules at this time instead of now (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub(super) at: Option<Timestamp>,
    #[command(flatten)]
    pub(super) presentation: Presentation,
    #[command(flatten)]
    pub(super) distributions: DistributionArguments,
}

#[derive(Debug, Args)]
pub(super) struct ProbeNowArguments {
    /// Id of the origin.
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// Address of the daemon, such as http://127.0.0.1:10502.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, value_parser = daemon_url)]
    pub(super) url: Uri,
    /// Distribution of the origin, if several origins have this id.
    #[arg(long, value_name = "ID")]
    pub(super) distribution: Option<String>,
    /// Origin domain, if several origins have this id.
    #[arg(long, value_name = "NAME")]
    pub(super) domain: Option<DomainName>,
    /// File with USER:PASSWORD for the daemon.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) user_file: Option<PathBuf>,
    /// Trust the roots in this PEM file instead of Mozilla's for the daemon's certificate.
    #[arg(long, value_name = "PEM", value_hint = ValueHint::FilePath)]
    pub(super) ca: Option<PathBuf>,
}

fn daemon_url(text: &str) -> Result<Uri, String> {
    let is_whole =
        |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.query().is_none();
    let uri = text.parse::<Uri>().ok().filter(is_whole);
    uri.ok_or_else(|| "use http://HOST:PORT or https://HOST:PORT".to_owned())
}

/// Output options.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Presentation {
    /// Output format.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub(super) output: Output,
    /// Print only origins that fail, will fail or are undecided, and no progress; -qq prints
    /// nothing.
    #[arg(short, long, action = ArgAction::Count)]
    quiet: u8,
    /// When to draw the served chain; auto draws it on a terminal if it shows the fault.
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_value_t = DrawChain::Auto,
        default_missing_value = "always"
    )]
    pub(super) draw_chain: DrawChain,
}

impl Presentation {
    pub(super) fn quietness(self) -> Quietness {
        match self.quiet {
            0 => Quietness::Talkative,
            1 => Quietness::Troubles,
            _ => Quietness::Silent,
        }
    }
}

/// How much to omit from standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quietness {
    Talkative,
    /// Omits origins that answer.
    Troubles,
    Silent,
}

/// When to draw a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DrawChain {
    /// On a terminal, if the chain shows the fault.
    Auto,
    /// For every origin whose chain was read, in text output.
    Always,
    Never,
}

#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Probe every origin once, print the results and exit with 0.
    #[arg(long)]
    pub(super) once: bool,
    #[command(flatten)]
    pub(super) presentation: Presentation,
}

/// Output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// Three lines per origin: verdict, cause, remedy.
    Text,
    /// One JSON object per origin, one per line.
    Json,
}

#[derive(Debug, Args)]
pub(super) struct DistributionArguments {
    /// Check the origins of these distributions: output of `aws cloudfront
    /// get-distribution-config`, get-distribution or list-distributions; - for standard input;
    /// repeatable.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["domains", "config", "chain", "origin", "address", "ssl_protocols", "ip_address_type"])]
    pub(super) distribution_config: Vec<PathBuf>,
    /// Resources that the distributions refer to: output of get-origin-request-policy,
    /// get-cache-policy, their list commands, get-distribution-tenant or get-vpc-origin;
    /// repeatable.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "distribution_config", conflicts_with_all = ["domains", "config", "chain"])]
    pub(super) related: Vec<PathBuf>,
    /// Also check distributions of this kind.
    #[arg(
        long,
        value_name = "KIND",
        value_enum,
        value_delimiter = ',',
        requires = "distribution_config",
        conflicts_with_all = ["domains", "config", "chain"]
    )]
    pub(super) include: Vec<Included>,
}

/// Distributions that are skipped by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Included {
    Disabled,
    Staging,
}

impl DistributionArguments {
    /// Returns which distributions to check.
    pub(super) fn selection(&self) -> Selection {
        let has = |kind| self.include.contains(&kind);
        Selection { disabled: has(Included::Disabled), staging: has(Included::Staging) }
    }
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// Shell to generate the script for.
    #[arg(value_enum)]
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// Command whose page to print.
    pub(super) command: Option<String>,
    /// Write all pages to this directory.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, conflicts_with = "command")]
    pub(super) to: Option<PathBuf>,
}

fn duration(text: &str) -> Result<Duration, String> {
    config::parse_duration(text).map_err(|error| error.to_string())
}

/// Parses one of the names in a table, ignoring case.
fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    let names = all.iter().map(|(name, _)| *name);
    PossibleValuesParser::new(names).try_map(move |text| {
        let found = all.iter().find(|(name, _)| name.eq_ignore_ascii_case(&text));
        found.map(|(_, value)| *value).ok_or("unknown value")
    })
}

fn nameserver(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .or_else(|_| text.parse().map(|ip: IpAddr| SocketAddr::new(ip, 53)))
        .map_err(|_| "use an IP address, with the port if it is not 53".to_owned())
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
