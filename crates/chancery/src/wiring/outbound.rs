//! What the house fetches for its clients.

use std::sync::Arc;

use chancery_domain::{
    ports::{client_key_sets::ClientKeySets, outbound::Fetch},
    time::Clock,
};
use chancery_keys::client_keys::ClientKeyReader;
use chancery_outbound::{KeySets, Outbound, Settings};

/// The one guarded client, and what is kept of what it fetched.
pub(crate) struct Outside {
    pub(crate) fetch: Arc<dyn Fetch>,
    pub(crate) client_key_sets: Arc<dyn ClientKeySets>,
}

impl Outside {
    /// The client under these settings.
    pub(crate) fn new(settings: Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let fetch: Arc<dyn Fetch> = Arc::new(Outbound::new(settings)?);
        let sets = KeySets::new(Arc::clone(&fetch), Arc::new(ClientKeyReader), clock);
        Ok(Self { fetch, client_key_sets: Arc::new(sets) })
    }
}
