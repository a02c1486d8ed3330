//! `CreateResource`.

use chancery_domain::{
    audit::Action,
    change::Noun,
    fault::WriteError,
    id::ResourceSlug,
    resource::{Resource, ResourceUri},
    time::Timestamp,
};
use chancery_keys::promise;
use chancery_proto::v1::{self, CreateResourceRequest};

use super::{fit, message};
use crate::{
    call::Call,
    context::Context,
    name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
    status::{Reason, Refusal},
};

/// Adds a resource.
pub(super) async fn create(cx: &Context, call: &Call, request: CreateResourceRequest) -> Result<v1::Resource, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Tenant(&reached), work(cx, call, &reached, named.as_ref(), &request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    reached: &Reached<'_>,
    named: Option<&Named>,
    request: &CreateResourceRequest,
) -> Result<v1::Resource, Refusal> {
    let now = cx.clock.now();
    let resource = read(cx, reached, request, now)?;
    let others = reached.read().resources().all().await?;
    let resource = fit::checked(reached, resource, &others).await?;
    let answer = message::of(&reached.tenant.slug, &resource);
    let about = |error: WriteError| Refusal::from(error).about("Resource", &answer.name);
    if others.iter().any(|other| other.slug == resource.slug || other.identifier == resource.identifier) {
        return Err(about(WriteError::Taken(Noun::Resource)));
    }
    if others.len() >= Resource::MOST {
        let most = format!("has {} resources, the most that a tenant may have", Resource::MOST);
        return Err(Refusal::precondition(Reason::TooManyResources, &request.parent, &most));
    }
    if request.validate_only {
        return Ok(answer);
    }

    let tx = reached.begin().await?;
    tx.resources().insert(&resource).await.map_err(about)?;
    if let Some(life) = resource.access_token_ttl {
        promise::raise(&*tx, life, &cx.keys.margins, now).await?;
    }
    tx.audit(call.event(Some(reached.tenant.id), now, Action::Created).about(Noun::Resource, &resource.slug)).await?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}

fn read(
    cx: &Context,
    reached: &Reached<'_>,
    request: &CreateResourceRequest,
    now: Timestamp,
) -> Result<Resource, Refusal> {
    const IDENTIFIER: &str = "resource.identifier";
    let id = request.resource_id.parse();
    let slug: ResourceSlug = id.map_err(|malformed| Refusal::malformed("resource_id", &malformed))?;
    let sent = request.resource.clone().unwrap_or_default();
    let identifier = sent.identifier.parse();
    let identifier: ResourceUri = identifier.map_err(|malformed| Refusal::malformed(IDENTIFIER, &malformed))?;
    if identifier.as_str() == cx.public_url.issuer_of(&reached.tenant).as_str() {
        return Err(Refusal::field(IDENTIFIER, "must not be the tenant's issuer, which stands for this server itself"));
    }
    message::read(&sent, Resource::new(slug, identifier, now))
}
