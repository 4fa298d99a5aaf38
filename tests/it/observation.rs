use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use origin_probe::observation::{Endpoint, Failure, Handshake, NotProbed, Observation};
use origin_probe::origin::Origin;

#[test]
fn an_address_that_hung_does_so_until_something_else_is_known() {
    let address = IpAddr::from([192, 0, 2, 1]);
    let (hung, well) = (&[address][..], &[][..]);
    let missed = || Failure::NotProbed { reason: NotProbed::OutOfTime };
    let waited = Duration::from_secs(10);
    for (failure, connect_time, before, expected) in [
        (None, Some(waited), hung, well),
        (Some(Failure::ConnectionRefused { attempts: 3 }), None, hung, well),
        (Some(Failure::HandshakeTimedOut { waited, received: 0 }), Some(waited), well, hung),
        // The endpoint was waiting for a socket, or the probe ended while it was connecting.
        (Some(missed()), None, hung, hung),
        (Some(missed()), None, well, well),
        // The probe ended during its handshake.
        (Some(missed()), Some(waited), well, hung),
    ] {
        let endpoint = Endpoint {
            handshake: Handshake { failure: failure.clone(), connect_time, ..Handshake::default() },
            ..Endpoint::new(address, 0, Timestamp::UNIX_EPOCH)
        };
        let observation = Observation {
            endpoints: vec![endpoint],
            ..Observation::new(
                Arc::new(Origin::with_defaults("a.example".parse().unwrap())),
                Timestamp::UNIX_EPOCH,
            )
        };
        assert_eq!(*observation.hung_addresses(before), *expected, "{failure:?} {before:?}");
    }
}
