//! Certificates with extensions and names that the demo's authorities do not write.

use std::sync::Arc;

use origin_probe::chain::ChainFacts;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};

use super::stage::DOMAIN;
use crate::common::by_hand;

/// An authority with its certificate.
pub(super) struct Ca {
    params: CertificateParams,
    key: KeyPair,
    pub(super) der: Vec<u8>,
}

impl Ca {
    /// Makes a root whose subject has these parts, in this order.
    pub(super) fn root(subject: &[(DnType, &str)]) -> Self {
        let params = ca_params(subject);
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { params, key, der }
    }

    /// Makes a root with a common name alone.
    pub(super) fn named(common_name: &str) -> Self {
        Self::root(&[(DnType::CommonName, common_name)])
    }

    /// Makes an authority below this one, which says on the public web where its issuer is.
    pub(super) fn intermediate(&self, change: fn(&mut CertificateParams)) -> Self {
        let mut params = ca_params(&[(DnType::CommonName, "Hand-made CA")]);
        params.custom_extensions.push(ca_issuers());
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let der = self.sign(&params, &key);
        Self { params, key, der }
    }

    /// Certifies another authority's name and key, too.
    pub(super) fn cross_sign(&self, other: &Self) -> Vec<u8> {
        self.sign(&other.params, &other.key)
    }

    /// Issues a certificate for the origin domain.
    pub(super) fn issue(&self, change: fn(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::new([DOMAIN.to_owned()]).unwrap();
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(SERIAL.to_vec().into());
        change(&mut params);
        self.sign(&params, &KeyPair::generate().unwrap())
    }

    /// Analyses a served list with this authority as the only trust anchor.
    pub(super) fn chain(&self, served: &[Vec<u8>]) -> Option<Arc<ChainFacts>> {
        Some(by_hand::chain(served, &self.der))
    }

    fn sign(&self, params: &CertificateParams, key: &KeyPair) -> Vec<u8> {
        let issuer = Issuer::from_params(&self.params, &self.key);
        params.signed_by(key, &issuer).unwrap().der().to_vec()
    }
}

/// The serial number of every end entity.
pub(super) const SERIAL: &[u8] = &[0x11, 0x22, 0x33];

/// Asks for a stapled status (RFC 7633 §4.1).
pub(super) fn must_staple(params: &mut CertificateParams) {
    let oid = &[1, 3, 6, 1, 5, 5, 7, 1, 24];
    let features = vec![0x30, 3, 2, 1, 5];
    params.custom_extensions.push(CustomExtension::from_oid_content(oid, features));
}

/// Makes the end entity a CA.
pub(super) fn with_ca_flag(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

/// For the other end of a connection.
pub(super) fn for_clients(params: &mut CertificateParams) {
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
}

/// The year 2020 was its last.
pub(super) fn over(params: &mut CertificateParams) {
    params.not_after = rcgen::date_time_ymd(2020, 12, 31);
}

pub(super) fn unchanged(_: &mut CertificateParams) {}

fn ca_params(subject: &[(DnType, &str)]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in subject {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.use_authority_key_identifier_extension = true;
    params
}

/// The authority information access with one CA Issuers address (RFC 5280 §4.2.2.1).
fn ca_issuers() -> CustomExtension {
    let url = b"http://aia.example.com/root.der";
    let length = u8::try_from(url.len()).unwrap();
    let method = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];
    let description = [&method[..], &[0x86, length], url].concat();
    let head = [0x30, length + 14, 0x30, length + 12];
    let content = [&head[..], &description].concat();
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content)
}
