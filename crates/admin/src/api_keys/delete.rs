//! `DeleteApiKey`.

use chancery_domain::{admin_key::AdminReach, audit::Action, change::Noun};
use chancery_proto::v1::DeleteApiKeyRequest;

use super::message;
use crate::{
    call::Call,
    context::Context,
    name, reach,
    status::{Reason, Refusal},
};

/// Removes a key: it is refused from then on.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteApiKeyRequest) -> Result<(), Refusal> {
    let now = cx.clock.now();
    let (parent, id) = name::api_key("name", &request.name)?;
    let reach = match &parent {
        None => reach::platform(call).map(|()| AdminReach::Platform)?,
        Some(slug) => AdminReach::Tenant(reach::writable(cx, call, slug).await?.tenant.id),
    };
    let absent = || Refusal::not_found(Reason::ApiKeyNotFound, "ApiKey", &request.name);
    let found = cx.platform.read().admin_keys().find(id).await?;
    found.filter(|key| key.reach == reach).ok_or_else(absent)?;
    if request.validate_only {
        return Ok(());
    }
    let tx = cx.platform.begin().await?;
    if !tx.admin_keys().delete(id).await? {
        return Err(absent());
    }
    tx.audit(call.event(message::tenant(reach), now, Action::Deleted).about(Noun::AdminKey, &id)).await?;
    Ok(tx.commit().await?)
}
