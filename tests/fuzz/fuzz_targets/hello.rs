//! What a server answers to the second-chance hello: never a panic, never more held than allowed,
//! and the same answer however the bytes are cut.
//!
//! The first byte of the input is the size of the pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use origin_probe::handshake::hello::{Answer, Progress, Reader};
use origin_probe::observation::Ending;

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Answer {
    let mut reader = Reader::default();
    for piece in pieces {
        if reader.push(piece) == Progress::Done {
            break;
        }
    }
    let answer = reader.ended(Ending::Closed);
    assert!(answer.received <= 256 * 1024);
    let served: usize = answer.served.iter().flatten().map(Vec::len).sum();
    assert!(served <= 112 * 1024);
    // Bytes after the end are not waited for, so that how many came in depends on the pieces.
    Answer { received: 0, ..answer }
}

fuzz_target!(|data: &[u8]| {
    let Some((size, bytes)) = data.split_first() else { return };
    let whole = read(std::iter::once(bytes));
    let cut = read(bytes.chunks(usize::from(*size).max(1)));
    assert_eq!(whole, cut);
});
