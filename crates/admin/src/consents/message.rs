//! A consent as message.

use chancery_domain::{
    id::{ClientId, TenantSlug, UserId},
    ports::consents::ListedConsent,
};
use chancery_proto::v1;

use crate::{name, span};

/// The name of a consent.
pub(super) fn name(tenant: &TenantSlug, user: UserId, client: &ClientId) -> String {
    format!("{}/consents/{client}", name::within(tenant, "users", user))
}

/// The consent as callers see it.
pub(super) fn of(tenant: &TenantSlug, listed: &ListedConsent) -> v1::Consent {
    let ListedConsent { consent, client } = listed;
    v1::Consent {
        name: name(tenant, consent.user, client),
        user: name::within(tenant, "users", consent.user),
        client: name::within(tenant, "clients", client),
        scopes: consent.scopes.iter().map(ToString::to_string).collect(),
        update_time: Some(span::moment(consent.granted_at)),
    }
}
