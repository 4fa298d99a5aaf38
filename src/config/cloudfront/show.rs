//! An account as the file may have it, without its secret.

use std::fmt::Write;

use crate::config::duration::format_duration;
use crate::config::show::list;
use crate::config::show::quoted;
use crate::config::show::spelling;
use crate::distribution::Choice;
use crate::origin::Reachability;

use super::AccountLabel;
use super::CloudFrontAccount;
use super::EdgeTarget;
use super::TagFilter;

impl CloudFrontAccount {
    /// Returns it as one line of YAML in the list of accounts; the external id is `<secret>`.
    pub(in crate::config) fn show(&self) -> String {
        let mut text = format!("{{name: {}, region: {}", quoted(&self.name), self.region.as_str());
        let role = self.role.as_ref();
        let secret = role.and_then(|role| role.external_id.as_ref()).map(|_| "<secret>");
        for (key, value) in [
            ("profile", self.profile.as_deref()),
            ("role_arn", role.map(|role| &*role.arn)),
            ("external_id", secret),
            ("endpoint_url", self.endpoint_url.as_deref()),
        ] {
            if let Some(value) = value {
                // Writing to a text cannot fail.
                let _ = write!(text, ", {key}: {}", quoted(value));
            }
        }
        let labels = self.labels.iter().map(|label| spelling(&AccountLabel::ALL, *label));
        let _ = write!(
            text,
            ", refresh: {}, distributions: {}, tags: {{{}}}, include_disabled: {}, \
             include_staging: {}, tenants: {}, reachable_from_here: {}, probe_names: {}, \
             targets: [{}], labels: {}}}",
            format_duration(self.refresh),
            list(&self.distributions),
            self.tags.iter().map(tag).collect::<Vec<_>>().join(", "),
            self.selection.disabled == Choice::Take,
            self.selection.staging == Choice::Take,
            self.tenants == Choice::Take,
            spelling(&Reachability::ALL, self.reachable_from_here),
            list(&self.probe_names),
            self.targets.iter().map(target).collect::<Vec<_>>().join(", "),
            list(labels),
        );
        text
    }
}

fn tag(filter: &TagFilter) -> String {
    let values = match filter.values.is_empty() {
        true => quoted("*"),
        false => list(&filter.values),
    };
    format!("{}: {values}", quoted(&filter.key))
}

fn target(target: &EdgeTarget) -> String {
    format!(
        "{{distribution: {}, origin: {}, server_name: {}, allowed_names: {}}}",
        quoted(&target.distribution),
        quoted(&target.origin),
        quoted(&target.server_name),
        list(&target.allowed_names),
    )
}
