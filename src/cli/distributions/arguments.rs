//! What can be asked of distributions that stand in files.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;
use clap::ValueHint;

use crate::distribution::Choice;
use crate::distribution::Selection;

#[derive(Debug, Args)]
pub(in crate::cli) struct DistributionArguments {
    /// Check the origins of these distributions instead: what `aws cloudfront
    /// get-distribution-config`, get-distribution or list-distributions prints; - is standard
    /// input. May be given several times.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["domains", "config", "chain", "origin", "address", "ssl_protocols", "ip_address_type"])]
    pub(in crate::cli) distribution_config: Vec<PathBuf>,
    /// What the distributions refer to: what get-origin-request-policy, get-cache-policy and their
    /// lists, get-distribution-tenant or get-vpc-origin prints. May be given several times.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "distribution_config", conflicts_with_all = ["domains", "config", "chain"])]
    pub(in crate::cli) related: Vec<PathBuf>,
    /// Check distributions of this kind, too.
    #[arg(
        long,
        value_name = "KIND",
        value_enum,
        value_delimiter = ',',
        requires = "distribution_config",
        conflicts_with_all = ["domains", "config", "chain"]
    )]
    pub(in crate::cli) include: Vec<Included>,
}

/// Distributions that are left out unless asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Included {
    Disabled,
    Staging,
}

impl DistributionArguments {
    /// Returns which distributions are to be checked.
    pub(super) fn selection(&self) -> Selection {
        let choice = |kind| match self.include.contains(&kind) {
            true => Choice::Take,
            false => Choice::LeaveOut,
        };
        Selection { disabled: choice(Included::Disabled), staging: choice(Included::Staging) }
    }
}
