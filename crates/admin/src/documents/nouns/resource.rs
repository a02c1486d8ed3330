//! Resources in documents.

use chancery_domain::{
    fault::WriteError,
    id::{ResourceSlug, TenantSlug},
    ports::store::TenantReader,
    resource::Resource,
    scope::ScopeValue,
};
use chancery_proto::v1::{self, TenantDocument};
use tonic::async_trait;

use super::super::{
    change::Words,
    frame,
    noun::{Asked, Noun},
    weigh::{breaks, hurts_nobody},
    weights,
};
use crate::{
    name,
    resources::{FIELDS, draft, fit, message, write},
    status::Refusal,
    writing::Writing,
};

/// Resources, the APIs that tokens are for.
pub(in super::super) struct ResourceNoun;

#[async_trait]
impl Noun for ResourceNoun {
    type Thing = Resource;
    type Sent = v1::Resource;

    const LIST: &'static str = "resources";
    const FIELD: &'static str = "resource";
    const WORDS: Words<v1::Resource> = Words {
        message: "Resource",
        fields: FIELDS,
        create: "resources.create",
        update: "resources.update",
        delete: "resources.delete",
        made: hurts_nobody("A new resource: tokens for its scopes name it as their audience from now on."),
        gone: breaks("Clients that name it are refused, and tokens no longer name it."),
        weights: weights::RESOURCE,
    };

    fn list(document: &TenantDocument) -> &Vec<v1::Resource> {
        &document.resources
    }

    fn list_mut(document: &mut TenantDocument) -> &mut Vec<v1::Resource> {
        &mut document.resources
    }

    fn name(sent: &v1::Resource) -> &str {
        &sent.name
    }

    fn read_name(field: &str, name: &str) -> Result<(TenantSlug, String), Refusal> {
        name::resource(field, name).map(|(tenant, id)| (tenant, id.to_string()))
    }

    fn message(tenant: &TenantSlug, thing: &Resource) -> v1::Resource {
        message::of(tenant, thing)
    }

    async fn stored(rows: &dyn TenantReader, _tenant: &TenantSlug) -> Result<Vec<Resource>, Refusal> {
        Ok(rows.resources().all().await?)
    }

    fn fresh(asked: &Asked<'_>, id: &str, sent: &v1::Resource) -> Result<Resource, Refusal> {
        let slug: ResourceSlug = id.parse().map_err(|malformed| Refusal::malformed("resource.name", &malformed))?;
        fit::among(draft::fresh(asked.cx, asked.tenant, sent, slug, asked.now)?, &[], &scopes(asked), asked.policy)
    }

    fn changed(asked: &Asked<'_>, sent: &v1::Resource, stored: Resource) -> Result<Resource, Refusal> {
        fit::among(message::read(sent, stored)?, &[], &scopes(asked), asked.policy)
    }

    fn admit(tenant: &TenantSlug, thing: &Resource, others: &[&Resource]) -> Result<(), Refusal> {
        draft::admit(tenant, thing, others.iter().copied())
    }

    async fn fit(asked: &Asked<'_>, things: &[&Resource]) -> Result<(), Refusal> {
        let things: Vec<Resource> = things.iter().map(|thing| (*thing).clone()).collect();
        fit::check_policy_of(&things, asked.policy).map_err(frame::in_policy)?;
        let scopes = scopes(asked);
        for thing in &things {
            let checked = fit::among(thing.clone(), &things, &scopes, asked.policy);
            let at = asked.document.resources.iter().position(|sent| sent.name == Self::name_of(asked, thing));
            let path = at.map_or_else(
                || "tenant_document.resources".to_owned(),
                |at| format!("tenant_document.resources[{at}]"),
            );
            checked.map_err(|refusal| refusal.moved(Self::FIELD, &path))?;
        }
        Ok(())
    }

    async fn release(to: Writing<'_>, before: &Resource, after: &Resource) -> Result<(), WriteError> {
        write::release(to, before, after).await
    }

    async fn insert(to: Writing<'_>, thing: &Resource) -> Result<(), WriteError> {
        write::insert(to, thing).await
    }

    async fn update(to: Writing<'_>, before: &Resource, after: &Resource) -> Result<(), WriteError> {
        write::update_released(to, before, after).await
    }

    async fn delete(to: Writing<'_>, thing: &Resource) -> Result<(), WriteError> {
        write::delete(to, thing).await
    }
}

impl ResourceNoun {
    fn name_of(asked: &Asked<'_>, thing: &Resource) -> String {
        name::within(&asked.tenant.slug, "resources", &thing.slug)
    }
}

/// Values of the scopes that there will be.
pub(super) fn scopes(asked: &Asked<'_>) -> Vec<ScopeValue> {
    asked.beside.scopes.iter().filter_map(|scope| scope.value.parse().ok()).collect()
}
