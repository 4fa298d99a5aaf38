//! The rules: everything that makes CloudFront fail, one file per rule, in one table.

mod address_not_probed;
mod address_not_public;
mod ca_as_end_entity;
mod certificate_expired;
mod certificate_malformed;
mod certificate_not_yet_valid;
mod certificate_self_signed;
mod certificate_served_twice;
mod chain_constraint_violated;
mod chain_dead_end;
mod chain_out_of_order;
mod chain_too_long;
mod cipher_suite_undocumented;
mod client_certificate_requested;
mod client_certificate_required;
mod common_name_only;
mod connection_closed;
mod connection_refused;
mod connection_remedy;
mod connection_timed_out;
mod default_certificate;
mod doubt;
mod finding;
mod former_root;
mod handshake_refused;
mod handshake_timed_out;
mod host_not_in_certificate;
mod intermediate_expired;
mod intermediate_missing;
mod issuer_signature_invalid;
mod issuer_untrusted;
mod key_mismatch;
mod key_unsupported;
mod key_usage_violated;
mod likely_causes;
mod must_staple_unanswered;
mod name_not_in_certificate;
mod nameservers_disagree;
mod no_certificate;
mod no_shared_cipher_suite;
mod no_shared_group;
mod no_shared_protocol_version;
mod no_usable_address;
mod not_tls;
mod origin_domain_unresolvable;
mod refused_path;
mod remedy;
mod renewal;
mod renewal_overdue;
mod revoked_staple;
mod server_name_refused;
mod signature_unsupported;
mod sslv3_not_offered;
mod topic;
mod trust_anchor_ended;
mod trust_anchor_expiring;
mod trust_anchor_served;
mod undecided_reason;
mod unrelated_certificate_served;

use jiff::Timestamp;

pub use connection_remedy::working_family;
pub use finding::{Basis, Doubt, Effect, Violation};
pub use remedy::{ProberSetting, ReadIn, Remedy};
pub use renewal::{Renewal, renewals};
pub use topic::{Advice, Change, SERVERS, Server, Topic};
pub use undecided_reason::{Blind, ReasonFacts, Threshold, UndecidedReason};

use crate::chain::ChainFacts;
use crate::cloudfront::Page;
use crate::observation::{Endpoint, Failure, Observation};
use crate::origin::{OriginSetting, Target};

/// One fault that makes CloudFront fail, or that may lead to a failure.
#[derive(Debug)]
pub struct Rule {
    pub id: RuleId,
    /// The id in kebab-case, which names the fault. It is a label value and must not change.
    pub name: &'static str,
    /// The version that introduced it.
    pub since: &'static str,
    /// One sentence without a final period.
    pub title: &'static str,
    pub class: Class,
    /// The page where AWS documents it, or that the reasoning is based on.
    pub citation: Page,
    /// The general remedy; a violation may have a more specific one.
    pub remedy: &'static str,
    /// Why CloudFront refuses it, for `explain`.
    pub explanation: &'static str,
    /// The repair for each server product.
    pub repair: Topic,
    pub(crate) check: Check,
}

/// The consequences of a violation for verdicts, viewers and distributions.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    pub effect: Effect,
    pub basis: Basis,
    /// The error that viewers get; `None` for a notice.
    pub error: Option<ViewerError>,
    /// The origin setting of the distribution that the violation depends on.
    pub setting: Option<OriginSetting>,
    /// Whether the rule also applies to plain HTTP: such requests need an address, too.
    pub applies_to_http: bool,
    /// Whether a violation means that the server does not send an issuer that it should send.
    pub is_forgotten_issuer: bool,
}

impl Class {
    /// A documented failure with 502.
    const FAILS: Self = Self {
        effect: Effect::Fails,
        basis: Basis::Documented,
        error: Some(ViewerError::BadGateway),
        setting: None,
        applies_to_http: false,
        is_forgotten_issuer: false,
    };
    /// A possible failure with 502 that is not documented.
    const MAY_FAIL: Self = Self { effect: Effect::MayFail, basis: Basis::Inferred, ..Self::FAILS };
    /// Not a failure by itself.
    const NOTICE: Self =
        Self { effect: Effect::Notice, basis: Basis::Inferred, error: None, ..Self::FAILS };

    const fn on(self, setting: OriginSetting) -> Self {
        Self { setting: Some(setting), ..self }
    }

    const fn with(self, error: ViewerError) -> Self {
        Self { error: Some(error), ..self }
    }

    const fn by(self, basis: Basis) -> Self {
        Self { basis, ..self }
    }

    const fn of_http_too(self) -> Self {
        Self { applies_to_http: true, ..self }
    }
}

/// The error that viewers get from a failure. It also decides for which failover criteria of an
/// origin group CloudFront fails over to the secondary origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewerError {
    /// The origin refuses the connection: 502.
    ConnectionRefused,
    /// CloudFront cannot use the connection: 502.
    BadGateway,
    /// No answer in time: 504.
    GatewayTimeout,
}

impl ViewerError {
    /// Returns the HTTP status code.
    pub fn status(self) -> u16 {
        match self {
            Self::ConnectionRefused | Self::BadGateway => 502,
            Self::GatewayTimeout => 504,
        }
    }
}

/// The part of an observation that a rule checks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Check {
    /// The origin as a whole.
    Origin(fn(&Observation) -> Option<Violation>),
    /// The origin as a whole, with any number of violations.
    OriginSeveral(fn(&Observation) -> Vec<Violation>),
    /// Each endpoint.
    Endpoint(fn(&Facts<'_>) -> Option<Violation>),
    /// Each chain that was read, at one instant.
    Chain(fn(&ChainView<'_>, Timestamp) -> Option<Violation>),
}

/// One endpoint and its observation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) observation: &'a Observation,
    pub(crate) endpoint: &'a Endpoint,
}

impl Facts<'_> {
    /// Returns the violation of a rule for the failures that `is_reported` selects, in their own
    /// words.
    pub(crate) fn failure(&self, is_reported: impl Fn(&Failure) -> bool) -> Option<Violation> {
        let failure = self.endpoint.handshake.failure.as_ref().filter(|it| is_reported(it))?;
        Some(Violation::new(format!("{}: {failure}", self.endpoint.address)))
    }
}

/// One chain, as an endpoint served it for a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChainView<'a> {
    pub(crate) observation: &'a Observation,
    pub(crate) target: &'a Target,
    pub(crate) chain: &'a ChainFacts,
}

impl ChainView<'_> {
    /// Returns the doubt about a missing certificate: the list was too long or too complex to be
    /// followed to its end.
    pub(crate) fn doubt(&self) -> Option<Doubt> {
        (!self.chain.is_complete).then_some(Doubt::Undocumented)
    }

    /// Returns the verb for a validity that ends at `end`. A finding may describe a future instant,
    /// so the tense depends on the probe.
    fn expires_or_expired(&self, end: Timestamp) -> &'static str {
        match self.observation.started_at > end {
            true => "expired",
            false => "expires",
        }
    }
}

/// The id of a rule, in the order of [`RULES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleId {
    OriginDomainUnresolvable,
    NoUsableAddress,
    AddressNotPublic,
    NameserversDisagree,
    AddressNotProbed,
    ConnectionRefused,
    ConnectionTimedOut,
    ConnectionClosed,
    NotTls,
    HandshakeTimedOut,
    Sslv3NotOffered,
    NoSharedProtocolVersion,
    NoSharedCipherSuite,
    NoSharedGroup,
    CipherSuiteUndocumented,
    ServerNameRefused,
    HandshakeRefused,
    ClientCertificateRequired,
    ClientCertificateRequested,
    NoCertificate,
    CertificateMalformed,
    KeyMismatch,
    KeyUnsupported,
    ChainTooLong,
    CertificateServedTwice,
    CaAsEndEntity,
    NameNotInCertificate,
    CommonNameOnly,
    HostNotInCertificate,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateSelfSigned,
    ChainOutOfOrder,
    UnrelatedCertificateServed,
    TrustAnchorServed,
    IntermediateMissing,
    IssuerSignatureInvalid,
    IssuerUntrusted,
    IntermediateExpired,
    ChainDeadEnd,
    ChainConstraintViolated,
    KeyUsageViolated,
    SignatureUnsupported,
    TrustAnchorEnded,
    RevokedStaple,
    MustStapleUnanswered,
    RenewalOverdue,
    TrustAnchorExpiring,
}

impl RuleId {
    pub fn rule(self) -> &'static Rule {
        RULES[self as usize]
    }

    /// Returns the id in kebab-case.
    pub fn as_str(self) -> &'static str {
        self.rule().name
    }
}

/// Every rule, in the order of a connection: name, address, TCP, handshake, certificate, chain.
pub static RULES: &[&Rule] = &[
    &origin_domain_unresolvable::RULE,
    &no_usable_address::RULE,
    &address_not_public::RULE,
    &nameservers_disagree::RULE,
    &address_not_probed::RULE,
    &connection_refused::RULE,
    &connection_timed_out::RULE,
    &connection_closed::RULE,
    &not_tls::RULE,
    &handshake_timed_out::RULE,
    &sslv3_not_offered::RULE,
    &no_shared_protocol_version::RULE,
    &no_shared_cipher_suite::RULE,
    &no_shared_group::RULE,
    &cipher_suite_undocumented::RULE,
    &server_name_refused::RULE,
    &handshake_refused::RULE,
    &client_certificate_required::RULE,
    &client_certificate_requested::RULE,
    &no_certificate::RULE,
    &certificate_malformed::RULE,
    &key_mismatch::RULE,
    &key_unsupported::RULE,
    &chain_too_long::RULE,
    &certificate_served_twice::RULE,
    &ca_as_end_entity::RULE,
    &name_not_in_certificate::RULE,
    &common_name_only::RULE,
    &host_not_in_certificate::RULE,
    &certificate_expired::RULE,
    &certificate_not_yet_valid::RULE,
    &certificate_self_signed::RULE,
    &chain_out_of_order::RULE,
    &unrelated_certificate_served::RULE,
    &trust_anchor_served::RULE,
    &intermediate_missing::RULE,
    &issuer_signature_invalid::RULE,
    &issuer_untrusted::RULE,
    &intermediate_expired::RULE,
    &chain_dead_end::RULE,
    &chain_constraint_violated::RULE,
    &key_usage_violated::RULE,
    &signature_unsupported::RULE,
    &trust_anchor_ended::RULE,
    &revoked_staple::RULE,
    &must_staple_unanswered::RULE,
    &renewal_overdue::RULE,
    &trust_anchor_expiring::RULE,
];

const _: () = {
    let mut place = 0;
    while place < RULES.len() {
        assert!(RULES[place].id as usize == place, "the table must be in the order of the ids");
        place += 1;
    }
};

pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == id)
}

/// Returns the rule whose id is most similar to an unknown id.
pub fn nearest(id: &str) -> Option<&'static Rule> {
    crate::origin::nearest(id, RULES.iter().map(|rule| rule.name)).and_then(find)
}

/// Returns the instants at which the result of the rules for a chain changes, in either direction.
/// The expiry of a root is left out, because it fails nothing. So are renewal notices, which have
/// their own instants.
pub fn turning_points(chain: &ChainFacts) -> impl Iterator<Item = Timestamp> {
    chain.turning_points().chain(former_root::turning_point(chain))
}

impl Rule {
    /// Returns the HTTP status code that viewers get; `None` for a notice.
    pub fn status(&self) -> Option<u16> {
        self.class.error.map(ViewerError::status)
    }

    /// Returns every violation of this rule in `observation` at the instant `at`, with the position
    /// of its endpoint; `None` for the origin as a whole.
    pub(crate) fn violations(
        &'static self,
        observation: &Observation,
        at: Timestamp,
    ) -> Vec<(Option<usize>, Violation)> {
        let endpoints = observation.endpoints.iter().enumerate();
        match self.check {
            Check::Origin(check) => check(observation).into_iter().map(|v| (None, v)).collect(),
            Check::OriginSeveral(check) => {
                check(observation).into_iter().map(|v| (None, v)).collect()
            }
            Check::Endpoint(check) => endpoints
                .filter_map(|(position, endpoint)| {
                    let facts = Facts { observation, endpoint };
                    Some((Some(position), check(&facts)?))
                })
                .collect(),
            Check::Chain(check) => endpoints
                .filter_map(|(position, endpoint)| {
                    let view = ChainView {
                        observation,
                        target: observation.target_of(endpoint)?,
                        chain: endpoint.chain.as_ref()?,
                    };
                    let violation = check(&view, at)?;
                    Some((Some(position), default_certificate::put_first(&view, violation)))
                })
                .collect(),
        }
    }
}
