//! What can be asked on the command line.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ArgAction;
use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;
use clap::ValueHint;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
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
use super::examples;
use super::rules::RuleParser;
use super::shell::CompletionsArguments;
use super::shell::ManArguments;
use super::terminal::Colour;

/// Tells, before CloudFront does, that an origin's TLS will make it answer 502.
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
    /// When to use colours; auto heeds NO_COLOR and CLICOLOR_FORCE.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Colour::Auto, global = true, display_order = 900)]
    pub(super) color: Colour,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Watches every origin of a configuration file and serves metrics and a status page.
    #[command(after_help = examples::of_serve())]
    Serve(ServeArguments),
    /// Probes origins once and says what CloudFront would meet.
    #[command(after_help = examples::of_check())]
    Check(Box<CheckArguments>),
    /// Lists everything that is checked.
    #[command(after_help = examples::of_rules())]
    Rules,
    /// Explains one rule: what it means, why CloudFront refuses it, and what to do.
    #[command(after_help = examples::of_explain())]
    Explain {
        /// The rule's id, such as chain-out-of-order.
        #[arg(value_parser = RuleParser, hide_possible_values = true)]
        rule: String,
    },
    /// Runs the daemon over broken origins of its own, all on this machine.
    #[cfg(feature = "demo")]
    #[command(after_help = examples::of_demo())]
    Demo(DemoArguments),
    /// Prints what makes a shell complete our commands, options and rules.
    #[command(after_help = examples::of_completions())]
    Completions(CompletionsArguments),
    /// Prints the manual page, or that of one command.
    #[command(after_help = examples::of_man())]
    Man(ManArguments),
}

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// The configuration file, YAML or JSON.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
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
    #[arg(long = "web.config.file", value_name = "FILE", value_hint = ValueHint::FilePath, env = "ORIGIN_PROBE_WEB_CONFIG_FILE")]
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
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["domains", "host", "address", "ssl_protocols", "ip_address_type", "reachable"])]
    pub(super) config: Option<PathBuf>,
    /// Judge the chain in this file, which no server has yet, and connect to nothing: PEM, DER or
    /// PKCS#7; - is standard input.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["config", "origin", "address", "ssl_protocols", "ip_address_type", "nameserver", "assume_public", "reachable"])]
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
    #[arg(long, value_name = "LIST", value_delimiter = ',', ignore_case = true, value_parser = one_of(&SslProtocol::ALL))]
    pub(super) ssl_protocols: Vec<SslProtocol>,
    /// Which address records CloudFront uses [default: ipv4].
    #[arg(long, value_name = "TYPE", ignore_case = true, value_parser = one_of(&IpAddressType::ALL))]
    pub(super) ip_address_type: Option<IpAddressType>,
    /// Trust the roots of this PEM file instead of Mozilla's.
    #[arg(long, value_name = "PEM", value_hint = ValueHint::FilePath)]
    pub(super) trust_anchors: Option<PathBuf>,
    /// Trust the roots of this PEM file, too.
    #[arg(long, value_name = "PEM", value_hint = ValueHint::FilePath)]
    pub(super) extra_trust_anchors: Option<PathBuf>,
    /// Ask this nameserver instead of the system's; taken as the public view.
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = nameserver)]
    pub(super) nameserver: Vec<SocketAddr>,
    /// Take this network as one that CloudFront can reach.
    #[arg(long, value_name = "CIDR")]
    pub(super) assume_public: Vec<IpNet>,
    /// Whether the origin admits connections from here [default: auto].
    #[arg(long, value_name = "WHETHER", ignore_case = true, value_parser = one_of(&Reachability::ALL))]
    pub(super) reachable: Option<Reachability>,
    /// Also exit with 1 when an origin will fail within this time, such as 14d.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) within: Option<Duration>,
    /// Judge as of this instant instead of now (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub(super) at: Option<Timestamp>,
    #[command(flatten)]
    pub(super) presentation: Presentation,
    #[command(flatten)]
    pub(super) distributions: DistributionArguments,
}

/// How the answer looks.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Presentation {
    /// How to print.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub(super) output: Output,
    /// Only what fails, will fail or is undecided, and no progress; twice: nothing but the exit
    /// code.
    #[arg(short, long, action = ArgAction::Count)]
    quiet: u8,
    /// When to draw the served chain; auto: on a terminal, where it shows what is wrong.
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

/// How little is said on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quietness {
    Talkative,
    /// Nothing of origins that answer.
    Troubles,
    Silent,
}

/// When a chain is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DrawChain {
    /// On a terminal, where it shows what is wrong.
    Auto,
    /// For every origin of which a chain was read, in text.
    Always,
    Never,
}

#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Probe every origin once, print what was found and exit with 0.
    #[arg(long)]
    pub(super) once: bool,
    #[command(flatten)]
    pub(super) presentation: Presentation,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// Three lines an origin: what, why, what to do.
    Text,
    /// One JSON object a line and origin.
    Json,
}

fn duration(text: &str) -> Result<Duration, String> {
    config::parse_duration(text).map_err(|error| error.to_string())
}

/// Takes one of the names of a table, in upper or lower case.
fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    let names = all.iter().map(|(name, _)| *name);
    PossibleValuesParser::new(names).try_map(move |text| {
        let found = all.iter().find(|(name, _)| name.eq_ignore_ascii_case(&text));
        found.map(|(_, value)| *value).ok_or("it is none of them")
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

    use crate::rules::ProberSetting;
    use crate::rules::ReadIn;

    use super::Arguments;

    #[test]
    fn every_option_that_a_remedy_names_is_one_of_check() {
        let command = Arguments::command();
        let check = command.find_subcommand("check").unwrap();
        for setting in ProberSetting::ALL {
            let named = setting.named(ReadIn::Check);
            let option = named.split(' ').next().unwrap().strip_prefix("--");
            assert!(check.get_arguments().any(|it| it.get_long() == option), "{named}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
