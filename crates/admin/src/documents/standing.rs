//! What a tenant has, as a document.

use chancery_domain::{
    id::{TenantId, TenantSlug},
    key_policy::KeyPolicy,
    ports::store::TenantReader,
    secret::{Digest, base64url},
    tenant::Tenant,
    version::Version,
};
use chancery_proto::v1::{self, TenantDocument};
use prost::Message;

use super::{LARGEST, PARTS, compare};
use crate::{
    context::Context,
    etag,
    keys::{self, policy_message},
    name,
    status::{Reason, Refusal},
    tenants::{self, message},
};

/// A document about a tenant as it stands, with its etag.
pub(super) async fn read(cx: &Context, tenant: &Tenant, rows: &dyn TenantReader) -> Result<TenantDocument, Refusal> {
    let policy = rows.keys().policy().await?;
    let mut document = frame(cx, tenant, &policy);
    for part in PARTS {
        part.export(rows, &tenant.slug, &mut document).await?;
    }
    document.etag = etag(tenant.id, &document);
    Ok(document)
}

/// Refuses a document that is too large to be sent.
pub(super) fn bounded(tenant: &TenantSlug, document: &TenantDocument) -> Result<(), Refusal> {
    if document.encoded_len() <= LARGEST {
        return Ok(());
    }
    let most = format!("has or would have more than the {} MiB that a document holds", LARGEST / (1024 * 1024));
    Err(Refusal::precondition(Reason::DocumentTooLarge, &name::of_tenant(tenant), &most))
}

/// The part of a document that is no list.
pub(super) fn frame(cx: &Context, tenant: &Tenant, policy: &KeyPolicy) -> TenantDocument {
    TenantDocument {
        tenant: Some(of_tenant(cx, tenant)),
        key_policy: Some(of_policy(&tenant.slug, policy)),
        ..TenantDocument::default()
    }
}

/// The tenant as documents have it.
pub(super) fn of_tenant(cx: &Context, tenant: &Tenant) -> v1::Tenant {
    compare::bare("Tenant", tenants::FIELDS, &message::of(cx, tenant))
}

/// The key policy as documents have it.
pub(super) fn of_policy(tenant: &TenantSlug, policy: &KeyPolicy) -> v1::KeyPolicy {
    compare::bare("KeyPolicy", keys::FIELDS, &policy_message::settable(tenant, policy))
}

/// The tag of a document: of all that is in it, and of the tenant that it is about.
pub(super) fn etag(tenant: TenantId, document: &TenantDocument) -> String {
    let bytes = TenantDocument { etag: String::new(), ..document.clone() }.encode_to_vec();
    let digest = base64url(Digest::of("tenant-document", &bytes).bytes());
    etag::of(format_args!("document {tenant} {digest}"), Version::FIRST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_could_not_be_sent_back_is_refused() {
        let acme = "acme".parse().expect("a slug");
        let with = |length| {
            let tenant = v1::Tenant { display_name: "x".repeat(length), ..v1::Tenant::default() };
            TenantDocument { tenant: Some(tenant), ..TenantDocument::default() }
        };
        let frame = with(LARGEST).encoded_len() - LARGEST;
        assert!(bounded(&acme, &with(LARGEST - frame)).is_ok());
        let refused = bounded(&acme, &with(LARGEST - frame + 1)).expect_err("too large");
        assert_eq!(refused.reason(), Reason::DocumentTooLarge);
    }
}
