//! Under which names viewers come: aliases, tenants' domains, the distribution's own.

use std::collections::HashSet;

use crate::origin::DomainName;
use crate::origin::Usage;

use super::Distribution;
use super::Gap;
use super::Obstacle;
use super::Subject;

/// A name under which viewers come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewerHost {
    pub name: DomainName,
    /// Whether anybody is expected to come under it.
    pub usage: Usage,
    /// The wildcard of which it was taken as an instance, where nobody names it.
    pub stands_for: Option<Box<str>>,
}

/// The name that stands for all those of a wildcard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeName {
    /// `*.example.com`
    pub wildcard: Box<str>,
    pub name: DomainName,
}

/// Collects names, each once.
#[derive(Debug, Default)]
pub(super) struct ViewerHosts {
    pub(super) hosts: Vec<ViewerHost>,
    pub(super) probe_names: Vec<ProbeName>,
    seen: HashSet<DomainName>,
}

impl ViewerHosts {
    /// Returns the names of a distribution without tenants: its aliases, and its own domain,
    /// which counts only where there is no alias. Without either, those given stand for it.
    pub(super) fn of(
        distribution: &Distribution,
        given: &[DomainName],
        gaps: &mut Vec<Gap>,
    ) -> Self {
        let mut hosts = Self::default();
        hosts.add(&distribution.aliases, given, gaps);
        let usage = match hosts.hosts.is_empty() {
            true => Usage::Certain,
            false => Usage::OwnDomain,
        };
        match &distribution.domain_name {
            Some(own) => match own.parse() {
                Ok(name) => hosts.take(name, usage),
                Err(error) => gaps.push(Gap {
                    subject: Subject::Distribution,
                    obstacle: Obstacle::NoDomain { value: own.clone(), error },
                }),
            },
            None if hosts.hosts.is_empty() => {
                given.iter().for_each(|name| hosts.take(name.clone(), Usage::Certain));
            }
            None => {}
        }
        hosts
    }

    /// Takes in names of which some may be wildcards. A wildcard is stood for by those of the
    /// given names that it covers, or else by a name beside it that it covers, which is known to
    /// be in use, or else by `www`.
    pub(super) fn add(&mut self, names: &[Box<str>], given: &[DomainName], gaps: &mut Vec<Gap>) {
        let mut wildcards = Vec::new();
        for name in names {
            let (base, is_wildcard) = match name.strip_prefix("*.") {
                Some(base) => (base, true),
                None => (&**name, false),
            };
            match base.parse::<DomainName>() {
                Ok(base) if is_wildcard => wildcards.push((name, base)),
                Ok(name) => self.take(name, Usage::Certain),
                Err(error) => gaps.push(Gap {
                    subject: Subject::Alias(name.clone()),
                    obstacle: Obstacle::NoDomain { value: name.clone(), error },
                }),
            }
        }
        let explicit: Vec<DomainName> = self.hosts.iter().map(|host| host.name.clone()).collect();
        for (wildcard, base) in wildcards {
            let covered = |name: &&DomainName| covers(&base, name);
            let mut stand_ins: Vec<DomainName> = given.iter().filter(covered).cloned().collect();
            if stand_ins.is_empty() {
                stand_ins.extend(explicit.iter().find(covered).cloned());
            }
            if stand_ins.is_empty() {
                // A base so long that nothing fits before it is in use by nobody.
                stand_ins.extend(format!("www.{base}").parse::<DomainName>().ok());
            }
            for name in stand_ins {
                let probe_name = ProbeName { wildcard: wildcard.clone(), name: name.clone() };
                self.probe_names.push(probe_name);
                self.add_one(name, Usage::Certain, Some(wildcard));
            }
        }
    }

    fn take(&mut self, name: DomainName, usage: Usage) {
        self.add_one(name, usage, None);
    }

    fn add_one(&mut self, name: DomainName, usage: Usage, wildcard: Option<&str>) {
        if self.seen.insert(name.clone()) {
            self.hosts.push(ViewerHost { name, usage, stands_for: wildcard.map(Into::into) });
        }
    }
}

/// Tells whether `*.` and `base` covers a name: CloudFront lets it stand for any number of labels
/// (guide, `CNAMEs`, "Using the * wildcard in alternate domain names").
fn covers(base: &DomainName, name: &DomainName) -> bool {
    let rest = name.as_str().strip_suffix(base.as_str());
    rest.is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::Distribution;
    use super::DomainName;
    use super::Usage;
    use super::ViewerHosts;

    fn hosts(own: Option<&str>, aliases: &[&str], given: &[&str]) -> (Vec<String>, Vec<String>) {
        let distribution = Distribution {
            domain_name: own.map(Into::into),
            aliases: aliases.iter().map(|name| (*name).into()).collect(),
            ..Distribution::default()
        };
        let given: Vec<DomainName> = given.iter().map(|name| name.parse().unwrap()).collect();
        let mut gaps = Vec::new();
        let hosts = ViewerHosts::of(&distribution, &given, &mut gaps);
        let names = hosts.hosts.iter().map(|host| match host.usage {
            Usage::Certain => host.name.to_string(),
            Usage::OwnDomain | Usage::PolicyUnknown => format!("perhaps {}", host.name),
        });
        (names.collect(), gaps.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn viewers_come_under_aliases_or_else_under_the_distributions_own_domain() {
        const OWN: &str = "d111.cloudfront.net";
        for (own, aliases, given, expected) in [
            (Some(OWN), &[][..], &[][..], &[OWN][..]),
            (Some(OWN), &["www.a.example"], &[], &["www.a.example", "perhaps d111.cloudfront.net"]),
            (
                None,
                &["WWW.a.example", "a.example", "www.a.example"],
                &[],
                &["www.a.example", "a.example"],
            ),
            (None, &[], &["www.a.example"], &["www.a.example"]),
            (None, &[], &[], &[]),
            (None, &["*.a.example"], &[], &["www.a.example"]),
            (None, &["*.a.example", "shop.a.example"], &[], &["shop.a.example"]),
            (
                None,
                &["*.a.example", "shop.a.example"],
                &["x.y.a.example", "b.example"],
                &["shop.a.example", "x.y.a.example"],
            ),
            (
                None,
                &["*.a.example", "a.example", "ba.example"],
                &[],
                &["a.example", "ba.example", "www.a.example"],
            ),
        ] {
            let (names, gaps) = hosts(own, aliases, given);
            assert_eq!(names, expected, "{aliases:?} {given:?}");
            assert_eq!(gaps, [""; 0]);
        }
    }

    #[test]
    fn an_alias_that_is_no_name_does_not_lose_the_others() {
        let (names, gaps) = hosts(Some("192.0.2.1"), &["a..example", "www.a.example"], &[]);
        assert_eq!(names, ["www.a.example"]);
        assert_eq!(
            gaps,
            [
                "alias `a..example`: the domain name `a..example` has an empty label (two dots in a \
             row, or a leading dot); it is left out",
                "the distribution: the domain name `192.0.2.1` is an IP address; CloudFront takes only \
             DNS names as Origin Domain; it is left out",
            ]
        );
    }
}
