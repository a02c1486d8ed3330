//! What the use-cases of this room reach the world through.

use std::sync::Arc;

use chancery_domain::{
    ports::{client_key_sets::ClientKeySets, directory::Directory, outbound::Fetch, store::Store},
    random::Random,
    time::Clock,
};

/// The ports of this room. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The rows.
    pub store: Arc<dyn Store>,
    /// Tenants and clients in memory.
    pub directory: Arc<dyn Directory>,
    /// The keys that clients publish.
    pub client_key_sets: Arc<dyn ClientKeySets>,
    /// What clients publish for us to read, request objects among it.
    pub fetch: Arc<dyn Fetch>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}
