//! Scopes in documents.

use chancery_domain::{
    fault::WriteError,
    id::{ScopeSlug, TenantSlug},
    ports::store::TenantReader,
    resource::Resource,
    scope::{Scope, ScopeValue},
};
use chancery_proto::v1::{self, TenantDocument};
use tonic::async_trait;

use super::super::{
    change::Words,
    noun::{Asked, Noun},
    weigh::{breaks, hurts_nobody},
    weights,
};
use crate::{
    name,
    scopes::{FIELDS, draft, message, write},
    status::Refusal,
    writing::Writing,
};

/// A tenant's own scopes.
pub(in super::super) struct ScopeNoun;

#[async_trait]
impl Noun for ScopeNoun {
    type Thing = Scope;
    type Sent = v1::Scope;

    const LIST: &'static str = "scopes";
    const FIELD: &'static str = "scope";
    const WORDS: Words<v1::Scope> = Words {
        message: "Scope",
        fields: FIELDS,
        create: "scopes.create",
        update: "scopes.update",
        delete: "scopes.delete",
        made: hurts_nobody("A new scope, which no client has yet unless it names it."),
        gone: breaks("Clients that ask for this scope are refused."),
        weights: weights::SCOPE,
    };

    fn list(document: &TenantDocument) -> &Vec<v1::Scope> {
        &document.scopes
    }

    fn list_mut(document: &mut TenantDocument) -> &mut Vec<v1::Scope> {
        &mut document.scopes
    }

    fn name(sent: &v1::Scope) -> &str {
        &sent.name
    }

    fn read_name(field: &str, name: &str) -> Result<(TenantSlug, String), Refusal> {
        name::scope(field, name).map(|(tenant, id)| (tenant, id.to_owned()))
    }

    fn message(tenant: &TenantSlug, thing: &Scope) -> v1::Scope {
        message::of(tenant, thing)
    }

    async fn stored(rows: &dyn TenantReader, _tenant: &TenantSlug) -> Result<Vec<Scope>, Refusal> {
        Ok(rows.scopes().all().await?)
    }

    fn fresh(asked: &Asked<'_>, id: &str, sent: &v1::Scope) -> Result<Scope, Refusal> {
        let slug: ScopeSlug = id.parse().map_err(|malformed| Refusal::malformed("scope.name", &malformed))?;
        draft::fresh(sent.clone(), slug, asked.now)
    }

    fn changed(_asked: &Asked<'_>, sent: &v1::Scope, stored: Scope) -> Result<Scope, Refusal> {
        message::read(sent.clone(), stored)
    }

    fn admit(tenant: &TenantSlug, thing: &Scope, others: &[&Scope]) -> Result<(), Refusal> {
        draft::admit(tenant, thing, others.iter().copied())
    }

    /// A resource names its scopes by their values, and holds them to it: a value does not pass from one scope to another
    /// while it stays with its resource.
    async fn fit(asked: &Asked<'_>, things: &[&Scope]) -> Result<(), Refusal> {
        let Some(rows) = asked.rows else { return Ok(()) };
        let passes = |scope: &Scope| things.iter().any(|one| one.value == scope.value && one.slug != scope.slug);
        for scope in rows.scopes().all().await?.iter().filter(|scope| passes(scope)) {
            let resources = rows.resources().all().await?;
            let stays = |resource: &&Resource| keeps(asked, resource, &scope.value);
            draft::let_go(&asked.tenant.slug, scope, resources.iter().filter(stays))?;
        }
        Ok(())
    }

    async fn insert(to: Writing<'_>, thing: &Scope) -> Result<(), WriteError> {
        write::insert(to, thing).await
    }

    async fn update(to: Writing<'_>, _before: &Scope, after: &Scope) -> Result<(), WriteError> {
        write::update(to, after).await.map(drop)
    }

    async fn delete(to: Writing<'_>, thing: &Scope) -> Result<(), WriteError> {
        write::delete(to, thing).await
    }
}

/// Whether a resource has that scope once the document is applied.
fn keeps(asked: &Asked<'_>, resource: &Resource, scope: &ScopeValue) -> bool {
    let name = name::within(&asked.tenant.slug, "resources", &resource.slug);
    let sent = asked.document.resources.iter().find(|sent| sent.name == name);
    sent.is_some_and(|sent| sent.scopes.iter().any(|value| value == scope.as_str()))
}
