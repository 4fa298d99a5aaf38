//! Which server names CloudFront sends to an origin, from what the file says of its hosts.

use std::collections::HashSet;

use crate::config::fault::Fault;
use crate::config::key::Key;
use crate::config::key::key;
use crate::config::scalar;
use crate::config::section::Section;
use crate::origin::DomainName;
use crate::origin::Target;

pub(super) const TARGET_KEYS: &[Key] = &[
    key("server_name", "A server name that CloudFront sends; each once."),
    key(
        "allowed_names",
        "Names of which the certificate must carry one. Empty: the server name and the origin \
         domain.",
    ),
];

/// Returns the targets of the origin at `domain`; empty only when something was wrong.
pub(super) fn targets(origin: &Section<'_>, domain: &DomainName) -> Vec<Target> {
    let also_unforwarded = origin.value("host_also_unforwarded", scalar::boolean).unwrap_or(false);
    let mut seen = HashSet::new();
    let hosts = origin.items("viewer_hosts", |node| once(scalar::domain_name(node)?, &mut seen));
    if origin.has("targets") {
        if also_unforwarded || origin.has("viewer_hosts") {
            origin.complain("targets", Fault::TargetsBesideViewerHosts);
        }
        return given_targets(origin, domain);
    }
    let mut targets: Vec<_> = hosts.iter().map(|host| Target::forwarded(host, domain)).collect();
    if also_unforwarded && seen.contains(domain) {
        let name = domain.to_string();
        origin.complain("host_also_unforwarded", Fault::DuplicateServerName { name });
    }
    if also_unforwarded || !origin.has("viewer_hosts") {
        targets.push(Target::unforwarded(domain));
    }
    targets
}

fn given_targets(origin: &Section<'_>, domain: &DomainName) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut seen = HashSet::new();
    origin.each_section("targets", TARGET_KEYS, |target| {
        let server_name =
            target.required("server_name", |node| once(scalar::domain_name(node)?, &mut seen));
        let mut reference_ids = target.items("allowed_names", scalar::reference_id);
        let mut known = HashSet::new();
        reference_ids.retain(|name| known.insert(name.clone()));
        let Some(server_name) = server_name else { return };
        targets.push(if reference_ids.is_empty() {
            Target::forwarded(&server_name, domain)
        } else {
            Target::new(server_name, reference_ids)
        });
    });
    targets
}

fn once(name: DomainName, seen: &mut HashSet<DomainName>) -> Result<DomainName, Fault> {
    if seen.insert(name.clone()) {
        Ok(name)
    } else {
        Err(Fault::DuplicateServerName { name: name.to_string() })
    }
}
