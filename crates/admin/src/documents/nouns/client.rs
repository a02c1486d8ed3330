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
use chancery_proto::v1::{
    self, TenantDocument,
    client::{AuthMethod, LogoutScope},
    tenant_document_change::Risk,
};
use tonic::async_trait;

use super::super::{
    change::{HARMLESS, Weight, Words, allowed, switched},
    frame,
    noun::{Asked, Noun},
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
        made: Weight(Risk::None, "A new client, without a secret until one is generated."),
        gone: Weight(Risk::Destroys, "Its secrets, the consents that it was given and its grants go with it."),
        weigh,
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

fn weigh(path: &str, before: &v1::Client, after: &v1::Client) -> Weight {
    let none = AuthMethod::None.into();
    match path {
        "auth_methods" if after.auth_methods.contains(&none) => {
            Weight(Risk::WeakensSecurity, "The client needs no secret any more: whoever knows its id can speak for it.")
        }
        "auth_methods" => allowed(
            &before.auth_methods,
            &after.auth_methods,
            Weight(Risk::BreaksClients, "The client is refused if it authenticates in a way that is taken out."),
            Weight(Risk::None, "The client may authenticate in one way more."),
        ),
        "redirect_uris" => allowed(
            &before.redirect_uris,
            &after.redirect_uris,
            Weight(Risk::BreaksClients, "Sign-ins that return to an address that is taken out are refused."),
            Weight(Risk::WeakensSecurity, "Codes of people who sign in may be sent to one address more."),
        ),
        "post_logout_redirect_uris" => allowed(
            &before.post_logout_redirect_uris,
            &after.post_logout_redirect_uris,
            Weight(Risk::BreaksClients, "Browsers no longer return to an address that is taken out."),
            Weight(Risk::None, "Browsers may go to one address more after signing out."),
        ),
        "grant_types" => allowed(
            &before.grant_types,
            &after.grant_types,
            Weight(Risk::BreaksClients, "The client is refused if it asks by a grant that is taken out."),
            Weight(Risk::WeakensSecurity, "The client may obtain tokens in one way more."),
        ),
        "scopes" => allowed(
            &before.scopes,
            &after.scopes,
            Weight(Risk::BreaksClients, "The client is refused if it asks for a scope that is taken out."),
            Weight(Risk::WeakensSecurity, "The client may ask for more."),
        ),
        "skip_consent" => switched(
            after.skip_consent,
            Weight(Risk::WeakensSecurity, "People are no longer asked before the client gets what it wants."),
            Weight(Risk::None, "People are asked for consent from now on."),
        ),
        "require_pkce" => switched(
            after.require_pkce,
            Weight(Risk::BreaksClients, "The client is refused if it sends no PKCE challenge."),
            Weight(Risk::WeakensSecurity, "The client may leave PKCE out where the profile allows it."),
        ),
        "allowed_origins" => allowed(
            &before.allowed_origins,
            &after.allowed_origins,
            Weight(Risk::BreaksClients, "Scripts of an origin that is taken out can no longer ask for tokens."),
            Weight(Risk::WeakensSecurity, "Scripts of one origin more may read answers meant for the client."),
        ),
        _ => weigh_metadata(path, before, after),
    }
}

/// What only some clients register.
fn weigh_metadata(path: &str, before: &v1::Client, after: &v1::Client) -> Weight {
    match path {
        "require_pushed_authorization_requests" => switched(
            after.require_pushed_authorization_requests,
            Weight(Risk::BreaksClients, "The client is refused if it sends a request that it did not push before."),
            Weight(Risk::WeakensSecurity, "Requests of the client may be read and changed in the browser."),
        ),
        "require_signed_request_object" => switched(
            after.require_signed_request_object,
            Weight(Risk::BreaksClients, "The client is refused if it sends a request that it did not sign."),
            Weight(Risk::WeakensSecurity, "Requests of the client may be changed in the browser."),
        ),
        "token_endpoint_auth_signing_alg" | "request_object_signing_alg" => {
            Weight(Risk::BreaksClients, "The client is refused if it signs with another algorithm.")
        }
        "request_object_encryption_alg" | "request_object_encryption_enc" => {
            Weight(Risk::BreaksClients, "The client is refused if it encrypts its requests in another way.")
        }
        "request_uris" => allowed(
            &before.request_uris,
            &after.request_uris,
            Weight(Risk::BreaksClients, "Requests that name an address that is taken out are refused."),
            Weight(Risk::None, "Requests of the client may be fetched from one address more."),
        ),
        "response_types" => allowed(
            &before.response_types,
            &after.response_types,
            Weight(Risk::BreaksClients, "The client is refused if it asks for what is taken out."),
            Weight(Risk::WeakensSecurity, "The client may ask for one response type more."),
        ),
        "dpop_bound_access_tokens" => switched(
            after.dpop_bound_access_tokens,
            Weight(Risk::BreaksClients, "The client is refused if it does not prove to have a key."),
            Weight(Risk::WeakensSecurity, "The client may get tokens that work for whoever holds them."),
        ),
        "default_max_age" => Weight(Risk::None, "People have to sign in again sooner or later than before."),
        "authorization_signed_response_alg" => {
            Weight(Risk::BreaksClients, "The client must verify signed answers by the new algorithm.")
        }
        "id_token_signed_response_alg" if after.id_token_signed_response_alg == "HS256" => {
            Weight(Risk::WeakensSecurity, "Whoever has the client's secret can sign its ID tokens.")
        }
        "id_token_signed_response_alg" => {
            Weight(Risk::BreaksClients, "The client has to verify its ID tokens by the new algorithm from now on.")
        }
        "jwks" | "jwks_uri" => Weight(
            Risk::WeakensSecurity,
            "Whoever holds the new keys can speak for the client where keys prove who it is, and read what is encrypted for \
             it.",
        ),
        "tls_client_auth_subject_dn"
        | "tls_client_auth_san_dns"
        | "tls_client_auth_san_uri"
        | "tls_client_auth_san_ip"
        | "tls_client_auth_san_email" => {
            Weight(Risk::WeakensSecurity, "Whoever has a certificate with the new name can speak for the client.")
        }
        "tls_client_certificate_bound_access_tokens" => switched(
            after.tls_client_certificate_bound_access_tokens,
            Weight(Risk::BreaksClients, "The client gets no tokens any more where it shows no certificate."),
            Weight(Risk::WeakensSecurity, "Whoever takes a token from the client can use it."),
        ),
        "backchannel_logout_uri" => told(&before.backchannel_logout_uri, &after.backchannel_logout_uri),
        "frontchannel_logout_uri" => told(&before.frontchannel_logout_uri, &after.frontchannel_logout_uri),
        "logout_scope" => switched(
            after.logout_scope() == LogoutScope::Client,
            Weight(Risk::WeakensSecurity, "People who sign out by the client stay signed in elsewhere."),
            Weight(Risk::None, "What else people are signed in to may end when they sign out by the client."),
        ),
        "exchange_resources" => allowed(
            &before.exchange_resources,
            &after.exchange_resources,
            Weight(Risk::BreaksClients, "The client can no longer exchange tokens for a resource that is taken out."),
            Weight(Risk::WeakensSecurity, "The client may exchange the tokens that reach one resource more."),
        ),
        "exchange_impersonates" => switched(
            after.exchange_impersonates,
            Weight(Risk::WeakensSecurity, "The tokens that the client exchanges no longer tell that it acts."),
            Weight(Risk::None, "The tokens that the client exchanges name it from now on."),
        ),
        _ => weigh_tokens(path),
    }
}

/// What its tokens look like, and how long they live.
fn weigh_tokens(path: &str) -> Weight {
    match path {
        "userinfo_signed_response_alg"
        | "introspection_signed_response_alg"
        | "authorization_encrypted_response_alg"
        | "authorization_encrypted_response_enc"
        | "id_token_encrypted_response_alg"
        | "id_token_encrypted_response_enc"
        | "userinfo_encrypted_response_alg"
        | "userinfo_encrypted_response_enc" => {
            Weight(Risk::BreaksClients, "The client must read answers of another form from now on.")
        }
        "subject_type" | "sector_identifier_uri" => {
            Weight(Risk::BreaksClients, "The client may hear another sub for everybody, and take them for strangers.")
        }
        "token_lifetimes.access_token_ttl"
        | "token_lifetimes.client_credentials_ttl"
        | "token_lifetimes.id_token_ttl"
        | "token_lifetimes.refresh_idle_ttl"
        | "token_lifetimes.refresh_absolute_ttl" => Weight(
            Risk::WeakensSecurity,
            "Tokens of the client work for another time: stolen ones too, where it is longer.",
        ),
        "token_lifetimes.refresh_max_uses" => {
            Weight(Risk::ShortensLife, "The number of times that its tokens can be refreshed changes.")
        }
        _ => HARMLESS,
    }
}

fn told(before: &str, after: &str) -> Weight {
    switched(
        after.is_empty() && !before.is_empty(),
        Weight(Risk::WeakensSecurity, "The client no longer hears of it when somebody signs out elsewhere."),
        Weight(Risk::None, "The client hears there of the end of sessions that begin from now on."),
    )
}
