//! Certificates made to harm.

use std::sync::Arc;

use origin_probe::chain::{ChainFacts, TrustAnchors};
use origin_probe::report::{Report, Reports};
use rustls_pki_types::CertificateDer;

use super::stage::{Site, now};
use crate::common::desk::Desk;
use crate::common::hostile::{DOMAIN, Hostile};

#[tokio::test]
async fn no_hostile_certificate_reaches_the_page_as_it_is() {
    let Hostile { chains, root } = Hostile::new();
    let mut anchors = TrustAnchors::none();
    anchors.add_der(&CertificateDer::from(root)).unwrap();
    for (story, served) in chains {
        let chain = Arc::new(ChainFacts::analyse(&served, &anchors));
        let observation = Arc::new(crate::common::by_hand::observation(DOMAIN, vec![chain], now()));
        let report = Arc::new(Report::new(None, observation, now()));
        let reports = Reports::new([Arc::clone(&report.origin)]);
        reports.entries()[0].publish(report);
        let site = Site::new(Desk::new(now), reports).await;
        let page = site.page("/origins/origin.example.com").await;
        let is_ugly = |c: char| {
            c.is_control() && c != '\n'
                || matches!(c, '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let page = page.replace("\r\n", "\n");
        assert_eq!(page.chars().find(|c| is_ugly(*c)), None, "{story}");
        assert!(page.len() < 400_000, "{story}: {} bytes", page.len());
        let pem = site.get("/origins/origin.example.com/chain.pem").await;
        assert_eq!(pem.status, 200, "{story}");
        assert_eq!(pem.body.chars().find(|c| is_ugly(*c) && *c != '\r'), None, "{story}");
    }
}
