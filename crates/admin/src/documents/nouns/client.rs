//! Clients in documents: without their secrets, without whether they are enabled, and without those that registered
//! themselves.

use chancery_domain::{
    client::{Client, ClientField},
    fault::WriteError,
    id::{ClientId, TenantSlug},
    page::PageRequest,
    ports::store::TenantReader,
    query::{Filter, Query, Relation, Test, Value},
};
use chancery_proto::v1::{self, TenantDocument};
use tonic::async_trait;

use super::super::{
    change::Words,
    frame,
    noun::{Asked, Noun},
    weigh::{destroys, hurts_nobody},
    weights,
};
use crate::{
    clients::{FIELDS, draft, fit, message, write},
    name,
    status::{Reason, Refusal},
    writing::Writing,
};

/// A document holds at most this many.
const MOST: u32 = 1000;

/// Clients.
pub(in super::super) struct ClientNoun;

#[async_trait]
impl Noun for ClientNoun {
    type Thing = Client;
    type Sent = v1::Client;

    const LIST: &'static str = "clients";
    const FIELD: &'static str = "client";
    const WORDS: Words<v1::Client> = Words {
        message: "Client",
        fields: FIELDS,
        create: "clients.create",
        update: "clients.update",
        delete: "clients.delete",
        made: hurts_nobody("A new client, without a secret until one is generated."),
        gone: destroys("Its secrets, the consents that it was given and its grants go with it."),
        weights: weights::CLIENT,
    };

    fn list(document: &TenantDocument) -> &Vec<v1::Client> {
        &document.clients
    }

    fn list_mut(document: &mut TenantDocument) -> &mut Vec<v1::Client> {
        &mut document.clients
    }

    fn name(sent: &v1::Client) -> &str {
        &sent.name
    }

    fn read_name(field: &str, name: &str) -> Result<(TenantSlug, String), Refusal> {
        name::client(field, name).map(|(tenant, id)| (tenant, id.to_string()))
    }

    fn message(tenant: &TenantSlug, thing: &Client) -> v1::Client {
        message::of(tenant, thing)
    }

    async fn stored(rows: &dyn TenantReader, tenant: &TenantSlug) -> Result<Vec<Client>, Refusal> {
        // Those that registered themselves are their own to keep, and no document's to change or to remove.
        let value = Value::Text("operator".to_owned());
        let of_operators = Filter::Test(Test { field: ClientField::RegisteredBy, relation: Relation::Equal, value });
        let page = PageRequest { after: None, size: MOST };
        let page = rows.clients().list(Query { filter: Some(of_operators), ..page.into() }).await?;
        if page.next.is_some() {
            let most = format!("has more than {MOST} clients, the most that a document holds");
            return Err(Refusal::precondition(Reason::DocumentTooLarge, &name::of_tenant(tenant), &most));
        }
        Ok(page.rows)
    }

    fn fresh(asked: &Asked<'_>, id: &str, sent: &v1::Client) -> Result<Client, Refusal> {
        let id: ClientId = id.parse().map_err(|malformed| Refusal::malformed("client.name", &malformed))?;
        draft::fresh(asked.cx, sent, &id, (asked.tenant, asked.policy), asked.now)
    }

    fn changed(asked: &Asked<'_>, sent: &v1::Client, stored: Client) -> Result<Client, Refusal> {
        draft::changed(asked.cx, sent, &stored, (asked.tenant, asked.policy))
    }

    fn admit(tenant: &TenantSlug, _thing: &Client, others: &[&Client]) -> Result<(), Refusal> {
        if others.len() < usize::try_from(MOST).unwrap_or(usize::MAX) {
            return Ok(());
        }
        let most = format!("would have more than {MOST} clients, the most that a document holds");
        Err(Refusal::precondition(Reason::DocumentTooLarge, &name::of_tenant(tenant), &most))
    }

    async fn fit(asked: &Asked<'_>, things: &[&Client]) -> Result<(), Refusal> {
        let things: Vec<Client> = things.iter().map(|thing| (*thing).clone()).collect();
        fit::check_policy_of(&things, asked.policy).map_err(frame::in_policy)
    }

    async fn insert(to: Writing<'_>, thing: &Client) -> Result<(), WriteError> {
        write::insert(to, thing).await
    }

    async fn update(to: Writing<'_>, before: &Client, after: &Client) -> Result<(), WriteError> {
        write::update(to, before, after).await.map(drop)
    }

    async fn delete(to: Writing<'_>, thing: &Client) -> Result<(), WriteError> {
        write::delete(to, thing).await
    }
}
