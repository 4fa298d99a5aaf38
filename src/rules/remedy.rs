//! The remedy for a finding, worded for the place where it is read.

/// Where a remedy is read, which decides how it names a setting of the prober.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadIn {
    /// The daemon's pages and API, which use keys of the configuration file.
    #[default]
    Daemon,
    /// The output of `check`, which uses command-line options.
    Check,
}

/// A setting of the prober that a remedy may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProberSetting {
    AssumePublic,
    Nameservers,
    /// A second, public view of DNS. `check` treats the nameserver that it is given as the public
    /// view.
    ConfirmWith,
    ReachableFromHere,
    NotReachableFromHere,
    /// `check` connects to any address that it is given.
    AllowedNetworks,
    /// `check` reads the following settings only from a configuration file.
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

    /// Returns the key or the option, depending on where the remedy is read.
    pub fn named(self, read_in: ReadIn) -> &'static str {
        let (key, option) = match self {
            Self::AssumePublic => ("reachability.assume_public", "--assume-public"),
            Self::Nameservers => ("resolver.nameservers", "--nameserver"),
            Self::ConfirmWith => ("resolver.confirm_with", "--nameserver"),
            Self::ReachableFromHere => ("reachable_from_here: \"yes\"", "--reachable yes"),
            Self::NotReachableFromHere => ("reachable_from_here: \"no\"", "--reachable no"),
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

/// A remedy in whole sentences, for each place where it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedy {
    in_daemon: String,
    in_check: String,
    alternative: String,
}

impl Remedy {
    /// Appends text that is the same everywhere.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.in_daemon.push_str(text);
        self.in_check.push_str(text);
        self
    }

    /// Appends the name of a setting.
    pub(crate) fn setting(mut self, setting: ProberSetting) -> Self {
        self.in_daemon.push_str(setting.named(ReadIn::Daemon));
        self.in_check.push_str(setting.named(ReadIn::Check));
        self
    }

    /// Appends a change of the distribution that may be made instead: an imperative without a final
    /// period. It is shown only if the distribution, which decides whether it is safe, is unknown.
    pub(crate) fn alternative(self, alternative: impl Into<String>) -> Self {
        Self { alternative: alternative.into(), ..self }
    }

    /// Returns the text for one place.
    pub fn read_in(&self, read_in: ReadIn) -> String {
        let sure = self.sure(read_in);
        match self.alternative.as_str() {
            "" => sure.to_owned(),
            alternative => format!("{sure} Alternatively, {alternative}."),
        }
    }

    /// Returns the text without the alternative.
    pub fn sure(&self, read_in: ReadIn) -> &str {
        match read_in {
            ReadIn::Daemon => &self.in_daemon,
            ReadIn::Check => &self.in_check,
        }
    }
}

impl<T: AsRef<str>> From<T> for Remedy {
    fn from(text: T) -> Self {
        Self::default().text(text.as_ref())
    }
}
