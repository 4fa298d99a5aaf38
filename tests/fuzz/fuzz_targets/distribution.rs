//! From what `aws cloudfront` prints to the origins that follow: never a panic, the same result
//! twice, and a document that is read twice changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use origin_probe::distribution::{Derivation, DeriveOptions, derive};
use origin_probe::sources::{Catalogue, Fault};

/// Reads `documents`, and returns what follows from them.
fn read(documents: &[&[u8]]) -> Result<(Vec<Derivation>, Vec<Fault>), String> {
    let mut catalogue = Catalogue::default();
    for document in documents {
        catalogue.read("distribution.json", document).map_err(|error| error.to_string())?;
    }
    catalogue.settle();
    let Catalogue { distributions, account, faults, .. } = catalogue;
    let options = DeriveOptions::default();
    Ok((distributions.iter().map(|one| derive(one, &account, &options)).collect(), faults))
}

fuzz_target!(|data: &[u8]| {
    let once = read(&[data]);
    assert_eq!(once, read(&[data]));
    let (derivations, _) = match once {
        Ok(read) => read,
        Err(error) => {
            assert!(error.len() < 2_000 && !error.contains(|c: char| c.is_control()), "{error:?}");
            return;
        }
    };
    let is_identified = derivations.iter().all(|derivation| !derivation.distribution.is_empty());
    if is_identified {
        let twice = read(&[data, data]).expect("it was read once");
        assert_eq!(derivations.len(), twice.0.len());
    }
});
