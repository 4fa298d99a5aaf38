//! The certificate authorities of the demo, and the chains that they issue.

use jiff::Timestamp;

use super::DemoError;
use super::pki::{Authority, AuthorityOptions, CaIssuers, EndEntity, Issued, SelfSigned, Window};
use super::scenario::{Chain, SOON_DAYS, SOUND_DAYS};
use super::server::ServedCertificate;

/// The authorities that issue all chains of the demo.
#[derive(Debug)]
pub(super) struct Authorities {
    pub(super) root: Authority,
    issuing: Authority,
    expired: Authority,
    private: Authority,
    now: Timestamp,
}

impl Authorities {
    pub(super) fn new(now: Timestamp) -> Result<Self, DemoError> {
        let years = Window::days(-2 * YEAR..8 * YEAR, now);
        let options = AuthorityOptions { path_length: Some(0), ..AuthorityOptions::default() };
        let root = Authority::root("Demo Root CA", years)?;
        let issuing =
            root.intermediate("Demo Issuing CA 1", Window::days(-YEAR..4 * YEAR, now), &options)?;
        let expired =
            root.intermediate("Demo Issuing CA 0", Window::days(-2 * YEAR..-5, now), &options)?;
        let without_address = AuthorityOptions { ca_issuers: CaIssuers::Absent, ..options };
        let private = Authority::root("Shop Internal Root", years)?.intermediate(
            "Shop Internal Issuing CA",
            years,
            &without_address,
        )?;
        Ok(Self { root, issuing, expired, private, now })
    }

    /// Issues a certificate for the names and returns the chain of the given kind with its key.
    pub(super) fn serve(
        &self,
        chain: Chain,
        names: &[&str],
    ) -> Result<ServedCertificate, DemoError> {
        let end_entity = |days| EndEntity::new(names, Window::days(days, self.now));
        let sound = end_entity(-20..SOUND_DAYS);
        let expired = end_entity(-100..-10);
        let issued = match chain {
            Chain::Expired => self.issuing.issue(&expired),
            Chain::EndsInTenDays => self.issuing.issue(&end_entity(-80..SOON_DAYS)),
            Chain::NotYetValid => self.issuing.issue(&end_entity(5..95)),
            Chain::SelfSigned => sound.self_signed(SelfSigned::OpensslRequest),
            Chain::ExpiredAndSelfSigned => expired.self_signed(SelfSigned::OpensslRequest),
            Chain::IntermediateExpired => self.expired.issue(&sound),
            Chain::PrivateAuthority => {
                self.private.issue(&EndEntity { ca_issuers: CaIssuers::Absent, ..sound.clone() })
            }
            Chain::Sound | Chain::IntermediateMissing | Chain::OutOfOrder | Chain::KeyOfAnother => {
                self.issuing.issue(&sound)
            }
        }?;
        let above = match chain {
            Chain::SelfSigned | Chain::ExpiredAndSelfSigned | Chain::IntermediateMissing => vec![],
            Chain::OutOfOrder => vec![self.root.der(), self.issuing.der()],
            Chain::IntermediateExpired => vec![self.expired.der()],
            Chain::PrivateAuthority => vec![self.private.der()],
            Chain::Sound
            | Chain::EndsInTenDays
            | Chain::Expired
            | Chain::NotYetValid
            | Chain::KeyOfAnother => vec![self.issuing.der()],
        };
        let Issued { der, key } = issued;
        let key = match chain {
            Chain::KeyOfAnother => self.issuing.issue(&sound)?.key,
            _ => key,
        };
        Ok(ServedCertificate::new(std::iter::once(der).chain(above).collect(), key))
    }
}

/// In days.
const YEAR: i64 = 365;
