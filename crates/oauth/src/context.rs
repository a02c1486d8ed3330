//! What the use-cases of this room reach the world through.

use std::sync::Arc;

use chancery_domain::{
    ports::{directory::Directory, store::Store},
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
