//! Trusted issuers in documents.

use std::collections::BTreeSet;

use chancery_domain::{
    fault::WriteError,
    id::{ClientId, TenantId, TenantSlug, TrustedIssuerSlug},
    ports::store::TenantReader,
    trusted_issuer::TrustedIssuer,
};
use chancery_proto::v1::{self, TenantDocument};
use tonic::async_trait;

use super::super::{
    change::Words,
    noun::{Asked, MUST_BE_THERE, Noun},
    weigh::{breaks, weakens},
    weights,
};
use crate::{
    context::Context,
    name,
    status::Refusal,
    trusted_issuers::{FIELDS, draft, message, metadata, write},
    writing::Writing,
};

/// Trusted issuers, outside whose assertions are taken for tokens.
pub(in super::super) struct TrustedIssuerNoun;

#[async_trait]
impl Noun for TrustedIssuerNoun {
    type Thing = TrustedIssuer;
    type Sent = v1::TrustedIssuer;

    const LIST: &'static str = "trusted_issuers";
    const FIELD: &'static str = "trusted_issuer";
    const WORDS: Words<v1::TrustedIssuer> = Words {
        message: "TrustedIssuer",
        fields: FIELDS,
        create: "trusted_issuers.create",
        update: "trusted_issuers.update",
        delete: "trusted_issuers.delete",
        made: weakens(
            "Whoever holds its keys can speak for everybody whom it may name, through the clients that it names.",
        ),
        gone: breaks("Clients that come with its assertions are refused."),
        weights: weights::TRUSTED_ISSUER,
    };

    fn list(document: &TenantDocument) -> &Vec<v1::TrustedIssuer> {
        &document.trusted_issuers
    }

    fn list_mut(document: &mut TenantDocument) -> &mut Vec<v1::TrustedIssuer> {
        &mut document.trusted_issuers
    }

    fn name(sent: &v1::TrustedIssuer) -> &str {
        &sent.name
    }

    fn read_name(field: &str, name: &str) -> Result<(TenantSlug, String), Refusal> {
        name::trusted_issuer(field, name).map(|(tenant, id)| (tenant, id.to_string()))
    }

    fn message(tenant: &TenantSlug, thing: &TrustedIssuer) -> v1::TrustedIssuer {
        message::of(tenant, thing)
    }

    async fn stored(rows: &dyn TenantReader, _tenant: &TenantSlug) -> Result<Vec<TrustedIssuer>, Refusal> {
        Ok(rows.trusted_issuers().all().await?)
    }

    fn fresh(asked: &Asked<'_>, id: &str, sent: &v1::TrustedIssuer) -> Result<TrustedIssuer, Refusal> {
        let slug = id.parse();
        let slug: TrustedIssuerSlug =
            slug.map_err(|malformed| Refusal::malformed("trusted_issuer.name", &malformed))?;
        let issuer = draft::fresh(asked.cx, asked.tenant, sent, slug, asked.now)?;
        all_there(asked, sent, &BTreeSet::new())?;
        Ok(issuer)
    }

    fn changed(asked: &Asked<'_>, sent: &v1::TrustedIssuer, stored: TrustedIssuer) -> Result<TrustedIssuer, Refusal> {
        let before = stored.clients.clone();
        let issuer = message::read(sent, stored, &*asked.cx.uris)?;
        all_there(asked, sent, &before)?;
        Ok(issuer)
    }

    fn admit(tenant: &TenantSlug, thing: &TrustedIssuer, others: &[&TrustedIssuer]) -> Result<(), Refusal> {
        draft::admit(tenant, thing, others.iter().copied())
    }

    /// No client goes that an issuer names still.
    async fn fit(asked: &Asked<'_>, things: &[&TrustedIssuer]) -> Result<(), Refusal> {
        let stays = there(asked);
        for thing in things {
            for client in thing.clients.difference(&stays) {
                if asked.removes(client).await? {
                    return Err(Refusal::field(place(asked, thing, client), MUST_BE_THERE));
                }
            }
        }
        Ok(())
    }

    async fn look(
        cx: &Context,
        tenant: TenantId,
        before: Option<&TrustedIssuer>,
        after: &TrustedIssuer,
    ) -> Result<(), Refusal> {
        metadata::check(cx, tenant, before, after).await
    }

    async fn insert(to: Writing<'_>, thing: &TrustedIssuer) -> Result<(), WriteError> {
        write::insert(to, thing).await
    }

    async fn update(to: Writing<'_>, _before: &TrustedIssuer, after: &TrustedIssuer) -> Result<(), WriteError> {
        write::update(to, after).await.map(drop)
    }

    async fn delete(to: Writing<'_>, thing: &TrustedIssuer) -> Result<(), WriteError> {
        write::delete(to, thing).await
    }
}

/// The clients that the tenant will have, but for those that registered themselves.
fn there(asked: &Asked<'_>) -> BTreeSet<ClientId> {
    let id = |client: &v1::Client| name::client("client.name", &client.name).ok().map(|(_, id)| id);
    asked.beside.clients.iter().filter_map(id).collect()
}

/// Refuses a client that nobody knows. One that was named before is taken as it is, so that what was exported can always be
/// applied again where it comes from: the single calls let an issuer name clients before they are there.
fn all_there(asked: &Asked<'_>, sent: &v1::TrustedIssuer, before: &BTreeSet<ClientId>) -> Result<(), Refusal> {
    let stays = there(asked);
    let is_known = |id: &ClientId| stays.contains(id) || before.contains(id);
    let unknown = sent.clients.iter().position(|id| !id.parse().is_ok_and(|id| is_known(&id)));
    unknown.map_or(Ok(()), |at| Err(Refusal::field(format!("trusted_issuer.clients[{at}]"), MUST_BE_THERE)))
}

/// Where in the document an issuer names a client.
fn place(asked: &Asked<'_>, thing: &TrustedIssuer, client: &ClientId) -> String {
    let name = name::within(&asked.tenant.slug, "trustedIssuers", &thing.slug);
    let list = &asked.document.trusted_issuers;
    let found = list.iter().enumerate().find_map(|(at, sent)| {
        let named = sent.clients.iter().position(|id| id == client.as_str());
        named.filter(|_| sent.name == name).map(|named| format!("[{at}].clients[{named}]"))
    });
    format!("tenant_document.trusted_issuers{}", found.unwrap_or_default())
}
