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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use x509_parser::certificate::X509Certificate;
    use x509_parser::prelude::FromDer;

    use super::{Authorities, Chain};

    /// Returns the common names of a chain's subjects.
    fn subjects(chain: &[Vec<u8>]) -> Vec<String> {
        let subject = |der: &Vec<u8>| {
            let (_, certificate) = X509Certificate::from_der(der).unwrap();
            let name = certificate.subject().iter_common_name().next().unwrap();
            name.as_str().unwrap().to_owned()
        };
        chain.iter().map(subject).collect()
    }

    #[test]
    fn each_shape_serves_its_certificates_in_its_order() {
        let now: Timestamp = "2026-08-01T00:00:00Z".parse().unwrap();
        let authorities = Authorities::new(now).unwrap();
        let (root, issuing) = ("Demo Root CA", "Demo Issuing CA 1");
        for (chain, above, days) in [
            (Chain::Sound, vec![issuing], (-20, 70)),
            (Chain::EndsInTenDays, vec![issuing], (-80, 10)),
            (Chain::Expired, vec![issuing], (-100, -10)),
            (Chain::NotYetValid, vec![issuing], (5, 95)),
            (Chain::SelfSigned, vec![], (-20, 70)),
            (Chain::ExpiredAndSelfSigned, vec![], (-100, -10)),
            (Chain::IntermediateMissing, vec![], (-20, 70)),
            (Chain::OutOfOrder, vec![root, issuing], (-20, 70)),
            (Chain::IntermediateExpired, vec!["Demo Issuing CA 0"], (-20, 70)),
            (Chain::PrivateAuthority, vec!["Shop Internal Issuing CA"], (-20, 70)),
            (Chain::KeyOfAnother, vec![issuing], (-20, 70)),
        ] {
            let served = authorities.serve(chain, &["a.example"]).unwrap();
            let expected: Vec<&str> = std::iter::once("a.example").chain(above).collect();
            assert_eq!(subjects(&served.chain), expected, "{chain:?}");
            let (_, end_entity) = X509Certificate::from_der(&served.chain[0]).unwrap();
            let validity = end_entity.validity();
            let day = |instant: i64| (instant - now.as_second()) / (24 * 60 * 60);
            assert_eq!(
                (day(validity.not_before.timestamp()), day(validity.not_after.timestamp())),
                days,
                "{chain:?}"
            );
        }
    }
}
