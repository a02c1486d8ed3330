//! That a client is in use.

use crate::{
    id::{ClientUid, TenantId},
    time::Timestamp,
};

/// That somebody signed in to a client, or that it got a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientUse {
    /// The tenant.
    pub tenant: TenantId,
    /// The client.
    pub client: ClientUid,
    /// When.
    pub at: Timestamp,
}
