//! From the bytes of a nameserver's answer to the addresses of a domain: never a panic, a bounded
//! number of addresses and names, and the same result twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use origin_probe::observation::Family;
use origin_probe::origin::DomainName;
use origin_probe::resolve::read_answer;

fuzz_target!(|message: &[u8]| {
    let domain: DomainName = "origin.example.com".parse().expect("a domain");
    for family in [Family::Ipv4, Family::Ipv6] {
        let answer = read_answer(message, &domain, family);
        assert_eq!(answer, read_answer(message, &domain, family));
        let Some(answer) = answer else { continue };
        assert!(answer.cnames.len() <= 64);
        if let Ok(addresses) = answer.outcome {
            assert!((1..=512).contains(&addresses.len()));
            assert!(addresses.iter().all(|resolved| match family {
                Family::Ipv4 => resolved.address.is_ipv4(),
                Family::Ipv6 => resolved.address.is_ipv6(),
            }));
        }
    }
});
