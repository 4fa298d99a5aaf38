//! What DNS said, as the contract shows it.

use std::net::IpAddr;
use std::net::SocketAddr;

use serde::Serialize;

use crate::observation::Observation;
use crate::observation::Resolution;
use crate::observation::ResolutionFailure;
use crate::observation::ResolvedAddress;
use crate::origin::DomainName;

/// The view of DNS whose addresses were probed; empty where nobody asked.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ResolutionJson<'a> {
    cnames: Vec<&'a str>,
    addresses: Vec<AddressJson>,
    nameserver: Option<SocketAddr>,
    error: Option<&'static str>,
}

impl<'a> ResolutionJson<'a> {
    pub(super) fn new(observation: &'a Observation) -> Self {
        let Some(resolution) = probed_view(observation) else { return Self::default() };
        Self {
            cnames: resolution.cnames().iter().map(DomainName::as_str).collect(),
            addresses: resolution.addresses().map(AddressJson::new).collect(),
            nameserver: resolution.answers.iter().find_map(|answer| answer.nameserver),
            error: error(resolution).map(ResolutionFailure::kind),
        }
    }
}

/// Returns the second view where its addresses were the ones probed, the first otherwise.
fn probed_view(observation: &Observation) -> Option<&Resolution> {
    let first = observation.resolution.as_ref()?;
    let was_probed = |second: &&Resolution| {
        let mut answered = second.addresses().map(|resolved| resolved.address);
        answered.any(|address| observation.endpoints.iter().any(|e| e.address == address))
    };
    Some(first.confirmation.as_deref().filter(was_probed).unwrap_or(first))
}

/// Returns the first failure. That one family has no records is none while the other has.
fn error(resolution: &Resolution) -> Option<&ResolutionFailure> {
    let has_address = resolution.addresses().next().is_some();
    let failures = || resolution.failures().map(|(_, failure)| failure);
    failures()
        .find(|failure| **failure != ResolutionFailure::NoData)
        .or_else(|| failures().next().filter(|_| !has_address))
}

#[derive(Clone, Debug, Serialize)]
struct AddressJson {
    address: IpAddr,
    ttl_seconds: u32,
}

impl AddressJson {
    fn new(resolved: &ResolvedAddress) -> Self {
        Self { address: resolved.address, ttl_seconds: resolved.ttl_seconds }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use crate::observation::Family;
    use crate::observation::FamilyAnswer;
    use crate::observation::Resolution;
    use crate::observation::ResolutionFailure;
    use crate::observation::ResolvedAddress;
    use crate::observation::View;
    use crate::report::OriginJson;
    use crate::report::sample::Sample;

    fn value(sample: Sample) -> Value {
        serde_json::to_value(OriginJson::new(&sample.report())).unwrap()
    }

    fn answer(
        family: Family,
        outcome: Result<&str, ResolutionFailure>,
        nameserver: &str,
    ) -> FamilyAnswer {
        FamilyAnswer {
            family,
            cnames: Vec::new(),
            outcome: outcome.map(|address| {
                vec![ResolvedAddress { address: address.parse().unwrap(), ttl_seconds: 60 }]
            }),
            nameserver: Some(nameserver.parse().unwrap()),
        }
    }

    fn resolved(view: View, answers: Vec<FamilyAnswer>) -> Resolution {
        Resolution { answers, view, confirmation: None }
    }

    #[test]
    fn an_address_given_by_hand_leaves_the_resolution_empty() {
        assert_eq!(
            value(Sample::of("www.shop.example").serving("192.0.2.1"))["resolution"],
            json!({"cnames": [], "addresses": [], "nameserver": null, "error": null})
        );
    }

    #[test]
    fn the_view_that_was_probed_is_shown() {
        let confirmation = |address| {
            let second = vec![answer(Family::Ipv4, Ok(address), "203.0.113.53:53")];
            let first = answer(Family::Ipv4, Err(ResolutionFailure::NxDomain), "10.0.0.2:53");
            Some(Resolution {
                confirmation: Some(Box::new(resolved(View::Configured, second))),
                ..resolved(View::System, vec![first])
            })
        };
        let mut sample = Sample::of("www.shop.example").serving("192.0.2.1");
        sample.resolution = confirmation("192.0.2.1");
        assert_eq!(
            value(sample)["resolution"],
            json!({
                "cnames": [],
                "addresses": [{"address": "192.0.2.1", "ttl_seconds": 60}],
                "nameserver": "203.0.113.53:53",
                "error": null
            })
        );
        let mut sample = Sample::of("www.shop.example");
        sample.resolution = confirmation("10.1.1.1");
        assert_eq!(
            value(sample)["resolution"],
            json!({
                "cnames": [], "addresses": [], "nameserver": "10.0.0.2:53", "error": "nxdomain"
            })
        );
    }

    #[test]
    fn a_family_without_records_is_an_error_only_when_there_is_no_address() {
        let no_data = || Err(ResolutionFailure::NoData);
        for (ipv4, ipv6, error) in [
            (Ok("192.0.2.1"), no_data(), Value::Null),
            (no_data(), no_data(), json!("no-data")),
            (no_data(), Err(ResolutionFailure::ServFail), json!("servfail")),
            (Ok("192.0.2.1"), Err(ResolutionFailure::CnameLoop), json!("cname-loop")),
        ] {
            let mut sample = Sample::of("www.shop.example");
            let answers = vec![
                answer(Family::Ipv4, ipv4, "[2001:db8::53]:53"),
                answer(Family::Ipv6, ipv6, "[2001:db8::53]:53"),
            ];
            sample.resolution = Some(resolved(View::System, answers));
            assert_eq!(value(sample)["resolution"]["error"], error);
        }
    }
}
