//! Chance from the operating system's generator.

use chancery_domain::random::Random;
use rand::Rng;

/// A cryptographic generator, seeded by the operating system, one for each thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is where chance comes in")]
    fn fill(&self, buffer: &mut [u8]) {
        rand::rng().fill_bytes(buffer);
    }
}
