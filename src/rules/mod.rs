//! What CloudFront refuses: one file a rule, one table.

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
mod nearest;
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
mod repair;
mod revoked_staple;
mod server_name_refused;
mod signature_unsupported;
mod sslv3_not_offered;
mod trust_anchor_ended;
mod trust_anchor_expiring;
mod trust_anchor_served;
mod unrelated_certificate_served;

use jiff::Timestamp;

pub use connection_remedy::working_family;
pub use finding::Basis;
pub use finding::Doubt;
pub use finding::Effect;
pub use finding::UndecidedReason;
pub use finding::Violation;
pub use nearest::nearest;
pub use nearest::nearest_of;
pub use remedy::ProberSetting;
pub use remedy::ReadIn;
pub use remedy::Remedy;
pub use renewal::Renewal;
pub use renewal::renewals;
pub use repair::Advice;
pub use repair::Repair;
pub use repair::Server;

use crate::chain::ChainFacts;
use crate::cloudfront::Page;
use crate::observation::Endpoint;
use crate::observation::Observation;
use crate::origin::Target;

/// One thing that CloudFront refuses, or that leads there.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case; names the fault. A label value and a contract.
    pub id: &'static str,
    /// One sentence without a full stop.
    pub title: &'static str,
    pub effect: Effect,
    pub basis: Basis,
    /// What a viewer gets; `None` for a notice.
    pub status: Option<u16>,
    /// Where Amazon documents it, or what the reasoning rests on.
    pub citation: Page,
    /// What to do, in general; a violation may know better.
    pub remedy: &'static str,
    /// Why CloudFront refuses it, for `explain`.
    pub explanation: &'static str,
    /// How it is repaired, server by server.
    pub repair: &'static Repair,
    pub(crate) check: Check,
}

/// How a rule looks at an observation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Check {
    /// At the origin as a whole.
    Origin(fn(&Observation) -> Option<Violation>),
    /// At the origin as a whole, which may violate the rule in several ways.
    OriginSeveral(fn(&Observation) -> Vec<Violation>),
    /// At each endpoint.
    Endpoint(fn(&Facts<'_>) -> Option<Violation>),
    /// At each chain read, at one instant.
    Chain(fn(&ChainView<'_>, Timestamp) -> Option<Violation>),
}

/// One endpoint within its observation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) observation: &'a Observation,
    pub(crate) endpoint: &'a Endpoint,
}

/// One chain, as one endpoint served it for one target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChainView<'a> {
    pub(crate) observation: &'a Observation,
    pub(crate) target: &'a Target,
    pub(crate) chain: &'a ChainFacts,
}

impl ChainView<'_> {
    /// Returns what speaks against a judgement that rests on a certificate's absence: a list so
    /// long or tangled that it was not followed to its end.
    pub(crate) fn doubt(&self) -> Option<Doubt> {
        (!self.chain.is_complete).then_some(Doubt::Undocumented)
    }
}

/// Every rule, in the order of the way: name, address, connection, handshake, certificate, chain.
pub static RULES: [&Rule; 48] = [
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

/// Returns the rule with the given id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

/// Returns the instants at which time changes what the rules say of a chain, in either direction.
/// That an anchor ends fails nothing; the renewal notices have their own, which no failure hangs on.
pub fn turning_points(chain: &ChainFacts) -> impl Iterator<Item = Timestamp> {
    chain.turning_points().chain(former_root::turning_point(chain))
}

impl Rule {
    /// Returns every violation of this rule in `observation` at the instant `at`, with the
    /// position of the endpoint it was found at; none stands for the origin as a whole.
    pub(crate) fn violations(
        &'static self,
        observation: &Observation,
        at: Timestamp,
    ) -> Vec<(Option<usize>, Violation)> {
        let endpoints = observation.endpoints.iter().enumerate();
        match self.check {
            Check::Origin(check) => {
                check(observation).into_iter().map(|violation| (None, violation)).collect()
            }
            Check::OriginSeveral(check) => {
                check(observation).into_iter().map(|violation| (None, violation)).collect()
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
