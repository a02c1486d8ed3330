//! That a client which registered itself is in use: one that nobody uses goes after a while
//! ([`RegistrationPolicy::days_unused`](chancery_domain::registration::RegistrationPolicy::days_unused)).

use chancery_domain::{
    client::{Client, ClientUse},
    time::Timestamp,
    view::TenantView,
};

use crate::Context;

/// Notes that somebody signed in to that client, or that it got a token.
pub(crate) fn note(cx: &Context, view: &TenantView, client: &Client, at: Timestamp) {
    if client.registered_itself() {
        cx.store.client_used(ClientUse { tenant: view.tenant.id, client: client.uid, at });
    }
}
