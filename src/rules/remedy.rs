//! What to do about a finding, in the words of the place where it is read.

/// Where a remedy is read, and so how a setting of the prober is written there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadIn {
    /// The daemon's pages and API, which follow the configuration file.
    #[default]
    Daemon,
    /// The output of `check`, which follows its options.
    Check,
}

/// A setting of the prober that a remedy may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProberSetting {
    AssumePublic,
    Nameservers,
    /// A second, public view of DNS. `check` takes the nameserver that it is given for the public
    /// view.
    ConfirmWith,
    ReachableFromHere,
    NotReachableFromHere,
    /// `check` connects to whatever address it is given.
    AllowedNetworks,
    /// `check` takes these from a configuration file only.
    Deadline,
    HandshakeTimeout,
    PerAddress,
}

impl ProberSetting {
    /// Every setting.
    pub const ALL: [Self; 9] = [
        Self::AssumePublic,
        Self::Nameservers,
        Self::ConfirmWith,
        Self::ReachableFromHere,
        Self::NotReachableFromHere,
        Self::AllowedNetworks,
        Self::Deadline,
        Self::HandshakeTimeout,
        Self::PerAddress,
    ];

    /// Returns its name where a remedy is read: a key, or an option.
    pub fn named(self, read_in: ReadIn) -> &'static str {
        let (key, option) = match self {
            Self::AssumePublic => ("reachability.assume_public", "--assume-public"),
            Self::Nameservers => ("resolver.nameservers", "--nameserver"),
            Self::ConfirmWith => ("resolver.confirm_with", "--nameserver"),
            Self::ReachableFromHere => ("reachable_from_here: yes", "--reachable yes"),
            Self::NotReachableFromHere => ("reachable_from_here: no", "--reachable no"),
            Self::AllowedNetworks => ("probe_endpoint.allow.networks", "--address"),
            Self::Deadline => ("probe.deadline", "--config (probe.deadline)"),
            Self::HandshakeTimeout => {
                ("probe.handshake_timeout", "--config (probe.handshake_timeout)")
            }
            Self::PerAddress => ("probe.per_address", "--config (probe.per_address)"),
        };
        match read_in {
            ReadIn::Daemon => key,
            ReadIn::Check => option,
        }
    }
}

/// What to do, in whole sentences, as each reader needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedy {
    in_daemon: String,
    in_check: String,
    alternative: String,
}

impl Remedy {
    /// Goes on with words that are the same everywhere.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.in_daemon.push_str(text);
        self.in_check.push_str(text);
        self
    }

    /// Goes on with the name of a setting.
    pub(crate) fn setting(mut self, setting: ProberSetting) -> Self {
        self.in_daemon.push_str(setting.named(ReadIn::Daemon));
        self.in_check.push_str(setting.named(ReadIn::Check));
        self
    }

    /// Ends with a change of the distribution that may be made instead, as half a sentence. It
    /// stands only where the distribution is not known, which decides whether it is safe.
    pub(crate) fn alternative(self, alternative: impl Into<String>) -> Self {
        Self { alternative: alternative.into(), ..self }
    }

    /// Returns the words for one place.
    pub fn read_in(&self, read_in: ReadIn) -> String {
        let sure = self.sure(read_in);
        match self.alternative.as_str() {
            "" => sure.to_owned(),
            alternative => format!("{}; {alternative}.", sure.trim_end_matches('.')),
        }
    }

    /// Returns the same without the alternative.
    pub fn sure(&self, read_in: ReadIn) -> &str {
        match read_in {
            ReadIn::Daemon => &self.in_daemon,
            ReadIn::Check => &self.in_check,
        }
    }
}

impl From<&str> for Remedy {
    fn from(text: &str) -> Self {
        Self::default().text(text)
    }
}

impl From<String> for Remedy {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::RULES;
    use super::ProberSetting;
    use super::ReadIn;
    use super::Remedy;

    #[test]
    fn a_setting_is_named_as_its_reader_writes_it() {
        let remedy = Remedy::from("Ask others with ").setting(ProberSetting::Nameservers).text(".");
        assert_eq!(remedy.read_in(ReadIn::Daemon), "Ask others with resolver.nameservers.");
        assert_eq!(remedy.read_in(ReadIn::Check), "Ask others with --nameserver.");
    }

    #[test]
    fn every_key_that_a_remedy_names_can_be_configured() {
        let example = fs::read_to_string("config/origin-probe.yaml").unwrap();
        for setting in ProberSetting::ALL {
            let named = setting.named(ReadIn::Daemon);
            for key in named.split(':').next().unwrap().split('.') {
                let is_there = example.lines().any(|line| {
                    let line = line.trim_start_matches(['#', ' ', '-']);
                    line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':'))
                        || line.contains(&format!("{{{key}:"))
                        || line.contains(&format!(", {key}:"))
                });
                assert!(is_there, "{named}: {key}");
            }
        }
    }

    /// A remedy that wrote a key out would show it to readers of `check`, too.
    #[test]
    fn no_rule_writes_a_setting_out() {
        let names = |text: &str| {
            ["reachability.", "reachable_from_here", "probe_endpoint.", "confirm_with", "check_all"]
                .into_iter()
                .chain(["resolver.nameservers", "assume_public", "handshake_timeout", "--"])
                .any(|name| text.contains(name))
        };
        for rule in RULES {
            assert!(!names(rule.remedy), "{}: {}", rule.id, rule.remedy);
        }
        for entry in fs::read_dir("src/rules").unwrap() {
            let path = entry.unwrap().path();
            let is_this = path.ends_with("remedy.rs");
            if is_this || path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            for line in text.lines().map(str::trim_start) {
                // What explains a rule is read in the documents.
                let is_code = !line.starts_with("//") && !line.starts_with("explanation:");
                for quoted in line.split('"').skip(1).step_by(2).filter(|_| is_code) {
                    assert!(!names(quoted), "{}: {line}", path.display());
                }
            }
        }
    }
}
