use crate::report::sample::Sample;
use origin_probe::report::pem;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

#[test]
fn what_was_served_can_be_read_back() {
    let report = Sample::of("www.shop.example").serving("192.0.2.1").report();
    let chain = report.observation.endpoints[0].chain.as_ref().unwrap();
    let text = pem(chain);
    assert!(text.starts_with("# 0 s:CN=www.shop.example\n#   i:CN=Example Issuing CA 1"));
    assert!(text.lines().all(|line| line.len() <= 64 || line.starts_with('#')));
    let read: Vec<Vec<u8>> =
        CertificateDer::pem_slice_iter(text.as_bytes()).map(|der| der.unwrap().to_vec()).collect();
    let served: Vec<Vec<u8>> = chain.certificates().map(|(_, c)| c.der().to_vec()).collect();
    assert_eq!(read, served);
}
