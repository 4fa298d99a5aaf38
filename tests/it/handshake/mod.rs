//! `handshake` through its public interface.

mod client_hello;
mod hello;

use origin_probe::handshake::hello::KeyExchange;

#[test]
fn the_name_tells_the_key_exchange() {
    for (code, expected) in [
        (0xc013, KeyExchange::Ecdhe),
        (0xcca9, KeyExchange::Ecdhe),
        (0x009e, KeyExchange::Dhe),
        (0x002f, KeyExchange::Other),
        (0xc004, KeyExchange::Other),
        (0xfafa, KeyExchange::Other),
    ] {
        assert_eq!(KeyExchange::of(code), expected, "{code:#06x}");
    }
}
