//! The result of one address for one server name, in the JSON contract.

use std::net::IpAddr;

use serde::Serialize;

use crate::chain::{Certificate, Keeping, Path, Served};
use crate::observation::{Endpoint, Failure, TlsParameters};
use crate::verdict::Connections;

use super::super::Report;
use super::Second;

#[derive(Clone, Debug, Serialize)]
pub(super) struct EndpointJson<'a> {
    address: IpAddr,
    server_name: Option<&'a str>,
    /// The wildcard alias that the server name is an instance of.
    stands_for: Option<&'a str>,
    engine: &'static str,
    /// Null if nothing was negotiated.
    tls: Option<TlsJson<'a>>,
    served_chain: Vec<CertificateJson<'a>>,
    /// Whether the whole chain was kept; null if none was read. If it was not kept, names may be
    /// missing.
    chain_kept: Option<bool>,
    path_not_after: Option<Second>,
    /// Every path to a trust anchor, whether valid now or not.
    paths: Vec<PathJson<'a>>,
    failure: Option<FailureJson>,
    /// The latest connections, as far as they count. If only some of them failed, the other fields
    /// describe one that did.
    connections: ConnectionsJson,
    /// Whether the last DNS answer left the address out, and an earlier one did not.
    remembered: bool,
}

#[derive(Clone, Debug, Serialize)]
struct ConnectionsJson {
    seen: u16,
    failed: u16,
}

impl<'a> EndpointJson<'a> {
    /// Returns the JSON of the endpoint at `position`.
    pub(super) fn new(report: &'a Report, position: usize, endpoint: &'a Endpoint) -> Self {
        let observation = &*report.observation;
        let Connections { seen, failed } = report.verdict.connections(observation, position);
        let chain = endpoint.chain.as_deref();
        let served = chain.map(|chain| chain.served.as_slice()).unwrap_or_default();
        let target = observation.target_of(endpoint);
        Self {
            address: endpoint.address,
            server_name: target.map(|target| target.server_name.as_str()),
            stands_for: target.and_then(|target| target.stands_for.as_deref()),
            engine: endpoint.handshake.engine.as_str(),
            tls: endpoint.handshake.tls.as_ref().map(TlsJson::new),
            served_chain: served.iter().map(CertificateJson::new).collect(),
            chain_kept: chain.map(|chain| chain.keeping == Keeping::Kept),
            path_not_after: chain.and_then(|chain| chain.path_not_after()).map(Second),
            paths: chain.iter().flat_map(|chain| &chain.paths).map(PathJson::new).collect(),
            failure: endpoint.handshake.failure.as_ref().map(FailureJson::new),
            connections: ConnectionsJson { seen, failed },
            remembered: endpoint.is_remembered,
        }
    }
}

#[derive(Clone, Debug, Serialize)]
struct TlsJson<'a> {
    version: &'a str,
    cipher_suite: &'a str,
    group: Option<&'a str>,
}

impl<'a> TlsJson<'a> {
    fn new(tls: &'a TlsParameters) -> Self {
        Self { version: &tls.version, cipher_suite: &tls.cipher_suite, group: tls.group.as_deref() }
    }
}

/// One entry of the served list. Bytes that are not a certificate keep their position, with every
/// field null; the violation `certificate-malformed` gives the error.
#[derive(Clone, Debug, Default, Serialize)]
struct CertificateJson<'a> {
    subject: Option<&'a str>,
    issuer: Option<&'a str>,
    serial: Option<&'a str>,
    not_before: Option<Second>,
    not_after: Option<Second>,
    sha256: Option<String>,
    dns_names: Vec<&'a str>,
}

impl<'a> CertificateJson<'a> {
    fn new(served: &'a Served) -> Self {
        served.certificate().map(Self::of).unwrap_or_default()
    }

    fn of(certificate: &'a Certificate) -> Self {
        Self {
            subject: Some(certificate.subject.as_str()),
            issuer: Some(certificate.issuer.as_str()),
            serial: Some(&certificate.serial),
            not_before: Some(Second(certificate.not_before)),
            not_after: Some(Second(certificate.not_after)),
            sha256: Some(certificate.sha256_hex()),
            dns_names: certificate.dns_names.iter().map(|name| &**name).collect(),
        }
    }
}

/// One path to a trust anchor. The anchor's own expiry is null if it is not known; verifiers do not
/// check it.
#[derive(Clone, Debug, Serialize)]
struct PathJson<'a> {
    trust_anchor: &'a str,
    trust_anchor_not_after: Option<Second>,
    not_before: Second,
    not_after: Second,
}

impl<'a> PathJson<'a> {
    fn new(path: &'a Path) -> Self {
        Self {
            trust_anchor: &path.anchor,
            trust_anchor_not_after: path.anchor_not_after.map(Second),
            not_before: Second(path.not_before),
            not_after: Second(path.not_after),
        }
    }
}

#[derive(Clone, Debug, Serialize)]
struct FailureJson {
    stage: &'static str,
    kind: &'static str,
    detail: String,
}

impl FailureJson {
    fn new(failure: &Failure) -> Self {
        Self { stage: failure.stage(), kind: failure.kind(), detail: failure.to_string() }
    }
}
