//! `CreateApiKey`.

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    audit::Action,
    change::Noun,
    id::AdminKeyId,
    secret::{OpaqueToken, TokenKind},
};
use chancery_proto::v1::{CreateApiKeyRequest, CreateApiKeyResponse};

use super::message;
use crate::{call::Call, context::Context, name, reach, span, status::Refusal, text};

/// Creates a key and tells it, this once: only its digest is kept.
pub(super) async fn create(
    cx: &Context,
    call: &Call,
    request: CreateApiKeyRequest,
) -> Result<CreateApiKeyResponse, Refusal> {
    let now = cx.clock.now();
    let parent = name::api_key_parent("parent", &request.parent)?;
    let reach = match &parent {
        None => reach::platform(call).map(|()| AdminReach::Platform)?,
        Some(slug) => AdminReach::Tenant(reach::writable(cx, call, slug).await?.tenant.id),
    };
    let sent = request.api_key.unwrap_or_default();
    let display_name = text::display_name("api_key.display_name", &sent.display_name)?;
    if display_name.is_empty() {
        return Err(Refusal::field("api_key.display_name", "must say what the key is for"));
    }
    let source_ranges = message::read_source_ranges(&sent.source_ranges)?;
    let life = request.ttl.map_or(Ok(AdminKey::LONGEST_LIFE), |ttl| span::seconds("ttl", ttl))?;
    if life.is_zero() || life > AdminKey::LONGEST_LIFE {
        return Err(Refusal::field("ttl", "must be from 1 s to 90 d"));
    }
    let token = OpaqueToken::generate(TokenKind::AdminKey, &*cx.random);
    let key = AdminKey {
        id: AdminKeyId::generate(&*cx.random, now),
        digest: token.digest(),
        hint: token.hint(),
        display_name,
        reach,
        created_at: now,
        expires_at: now + life,
        source_ranges,
    };

    let tx = cx.platform.begin().await?;
    tx.admin_keys().insert(&key).await?;
    tx.audit(call.event(message::tenant(reach), now, Action::Created).about(Noun::AdminKey, &key.id)).await?;
    tx.commit().await?;
    // The one answer that carries the text.
    let secret = token.expose().to_owned();
    Ok(CreateApiKeyResponse { api_key: Some(message::of(parent.as_ref(), &key)), secret })
}
