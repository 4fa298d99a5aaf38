//! The way by which a source delivers what it has read.

use std::sync::Arc;

use jiff::Timestamp;

use super::Reading;
use super::Register;
use super::SourceName;

/// A source's way to the register; a copy leads to the same place.
#[derive(Clone, Debug)]
pub struct Post {
    source: SourceName,
    register: Arc<Register>,
    clock: fn() -> Timestamp,
}

impl Post {
    /// Returns the way of `source`; `clock` tells when something is delivered.
    pub fn new(source: SourceName, register: Arc<Register>, clock: fn() -> Timestamp) -> Self {
        Self { source, register, clock }
    }

    /// Delivers what a look has brought.
    pub fn deliver(&self, reading: Reading) {
        self.register.take(&self.source, reading, (self.clock)());
    }

    /// Says that a look found everything as it was delivered last.
    pub fn nothing_new(&self) {
        self.register.nothing_new(&self.source, (self.clock)());
    }
}
