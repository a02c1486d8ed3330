//! Clients and their secrets.

mod secrets;
pub(crate) mod uses;

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    client::{Client, ClientField, ClientKind, ClientSecret, ClientState, IdTokenSigning},
    fault::{Fault, WriteError},
    id::{ClientId, ClientUid, SecretId},
    page::Page,
    ports::store::{ClientReads, Clients},
    query::Query,
    scope::ScopeSet,
    time::Timestamp,
    version::Version,
};
use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*};

use crate::{
    fault::fault,
    line::{Line, WriteLine},
    query::{Listed, asked},
    row::{Reading, time, to_json},
    rows::{Rows, fenced, page_of},
};

const TABLE: &str = "clients";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clients")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) uid: Uuid,
    pub(crate) id: String,
    pub(crate) display_name: String,
    pub(crate) kind: String,
    pub(crate) auth_methods: String,
    pub(crate) redirect_uris: String,
    pub(crate) post_logout_redirect_uris: String,
    pub(crate) grant_types: String,
    pub(crate) scopes: String,
    pub(crate) skip_consent: bool,
    pub(crate) require_pkce: bool,
    pub(crate) allowed_origins: String,
    pub(crate) logo_uri: Option<String>,
    pub(crate) policy_uri: Option<String>,
    pub(crate) tos_uri: Option<String>,
    /// None is the empty text of the registration.
    pub(crate) id_token_alg: Option<String>,
    pub(crate) metadata: String,
    /// Of the text; none where an operator made it.
    pub(crate) registration_token: Option<Vec<u8>>,
    /// What the column before says, for lists.
    pub(crate) registered_by: String,
    pub(crate) state: String,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

fenced!();

impl Model {
    fn thing(self, secrets: Vec<ClientSecret>) -> Result<Client, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.uid);
        let state =
            row.label("state", &self.state, &[ClientState::Enabled, ClientState::Disabled], ClientState::label)?;
        let kind = row.label("kind", &self.kind, &ClientKind::ALL, ClientKind::label)?;
        let uid = ClientUid::from_uuid(self.uid);
        let mut client = Client::new(uid, row.parse("id", &self.id)?, kind, time(self.created_at)).stored_as(state);
        client.auth_methods = row.json("auth_methods", &self.auth_methods)?;
        client.redirect_uris = row.json("redirect_uris", &self.redirect_uris)?;
        client.post_logout_redirect_uris = row.json("post_logout_redirect_uris", &self.post_logout_redirect_uris)?;
        client.grant_types = row.json("grant_types", &self.grant_types)?;
        client.scopes = ScopeSet::parse(&self.scopes).map_err(|_| row.wrong("scopes"))?;
        client.allowed_origins = row.json("allowed_origins", &self.allowed_origins)?;
        client.display_name = self.display_name;
        client.skip_consent = self.skip_consent;
        client.require_pkce = self.require_pkce;
        client.logo_uri = self.logo_uri;
        client.policy_uri = self.policy_uri;
        client.tos_uri = self.tos_uri;
        client.id_token_signing = row.parse("id_token_alg", self.id_token_alg.as_deref().unwrap_or_default())?;
        client.metadata = row.json("metadata", &self.metadata)?;
        let token = self.registration_token.as_deref();
        client.registration_token = token.map(|token| row.digest("registration_token", token)).transpose()?;
        client.secrets = secrets;
        client.version = Version::new(self.version);
        client.updated_at = time(self.updated_at);
        Ok(client)
    }

    fn of(tenant: Uuid, client: &Client) -> Result<Self, Fault> {
        Ok(Self {
            tenant_id: tenant,
            uid: client.uid.uuid(),
            id: client.id.to_string(),
            display_name: client.display_name.clone(),
            kind: client.kind.label().to_owned(),
            auth_methods: to_json(&client.auth_methods)?,
            redirect_uris: to_json(&client.redirect_uris)?,
            post_logout_redirect_uris: to_json(&client.post_logout_redirect_uris)?,
            grant_types: to_json(&client.grant_types)?,
            scopes: client.scopes.to_string(),
            skip_consent: client.skip_consent,
            require_pkce: client.require_pkce,
            allowed_origins: to_json(&client.allowed_origins)?,
            logo_uri: client.logo_uri.clone(),
            policy_uri: client.policy_uri.clone(),
            tos_uri: client.tos_uri.clone(),
            id_token_alg: registered(client.id_token_signing),
            metadata: to_json(&client.metadata)?,
            registration_token: client.registration_token.map(|token| token.bytes().to_vec()),
            registered_by: client.registered_by().to_owned(),
            state: client.state().label().to_owned(),
            version: client.version.number(),
            created_at: client.created_at.millis(),
            updated_at: client.updated_at.millis(),
        })
    }
}

fn registered(signing: IdTokenSigning) -> Option<String> {
    Some(signing.registered().to_owned()).filter(|algorithm| !algorithm.is_empty())
}

impl<L: Line> Rows<L> {
    /// The names of the clients with these uids. A client that is gone has none.
    pub(crate) async fn client_ids(&self, uids: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, ClientId>, Fault> {
        if uids.is_empty() {
            return Ok(HashMap::new());
        }
        let select = self.select::<Entity>().select_only().column(Column::Uid).column(Column::Id);
        let select = select.filter(Column::Uid.is_in(uids.iter().copied()));
        let rows: Vec<(Uuid, String)> = select.into_tuple().all(&self.line().db()).await.map_err(fault)?;
        let named = rows.into_iter().map(|(uid, id)| {
            let row = Reading::row(TABLE, self.tenant(), &uid);
            Ok((uid, row.parse("id", &id)?))
        });
        named.collect()
    }

    async fn client(&self, filter: impl sea_orm::sea_query::IntoCondition + Send) -> Result<Option<Client>, Fault> {
        let Some(row) = self.one(self.select::<Entity>().filter(filter)).await? else { return Ok(None) };
        let mut secrets = self.secrets_of(vec![row.uid]).await?;
        let secrets = secrets.remove(&row.uid).unwrap_or_default();
        row.thing(secrets).map(Some)
    }
}

impl Listed for Entity {
    type Field = ClientField;

    fn column(field: ClientField) -> Column {
        match field {
            ClientField::DisplayName => Column::DisplayName,
            ClientField::Kind => Column::Kind,
            ClientField::State => Column::State,
            ClientField::RegisteredBy => Column::RegisteredBy,
            ClientField::CreateTime => Column::CreatedAt,
            ClientField::UpdateTime => Column::UpdatedAt,
        }
    }
}

#[async_trait]
impl<L: Line> ClientReads for Rows<L> {
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, Fault> {
        self.client(Column::Id.eq(id.as_str())).await
    }

    async fn find_by_uid(&self, uid: ClientUid) -> Result<Option<Client>, Fault> {
        self.client(Column::Uid.eq(uid.uuid())).await
    }

    async fn list(&self, query: Query<ClientField>) -> Result<Page<Client>, Fault> {
        let select = asked(self.select::<Entity>(), &query, &[Column::Id], |after| Ok(vec![after.into()]))?;
        let rows = self.all_rows(select).await?;
        let mut secrets = self.secrets_of(rows.iter().map(|row| row.uid).collect()).await?;
        let clients = rows.into_iter().map(|row| {
            let secrets = secrets.remove(&row.uid).unwrap_or_default();
            row.thing(secrets)
        });
        let clients = clients.collect::<Result<Vec<_>, _>>()?;
        Ok(page_of(&query.page, clients, |client| query.position(|field| client.field(field), client.id.as_str())))
    }

    async fn origins(&self) -> Result<BTreeSet<String>, Fault> {
        let select = self.select::<Entity>().select_only().column(Column::Uid).column(Column::AllowedOrigins);
        let select = select.filter(Column::State.eq(ClientState::Enabled.label()));
        let select = select.filter(Column::AllowedOrigins.ne("[]"));
        let rows: Vec<(Uuid, String)> = select.into_tuple().all(&self.line().db()).await.map_err(fault)?;
        let lists = rows.into_iter().map(|(uid, list)| {
            let row = Reading::row(TABLE, self.tenant(), &uid);
            row.json::<Vec<String>>("allowed_origins", &list)
        });
        Ok(lists.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    async fn self_registered(&self, since: Timestamp, most: u32) -> Result<u32, Fault> {
        let select = self.select::<Entity>().filter(Column::RegistrationToken.is_not_null());
        let select = select.filter(Column::CreatedAt.gte(since.millis()));
        self.count_up_to(select, most).await
    }
}

impl<L: WriteLine> Rows<L> {
    /// Moves a client's version on, if it is still the one that was read.
    async fn move_client_on(&self, client: &Client, now: Timestamp) -> Result<Version, WriteError> {
        let row = ActiveModel {
            version: Set(client.version.next().number()),
            updated_at: Set(now.millis()),
            ..Default::default()
        };
        self.update_client(client, row).await
    }

    async fn update_client(&self, client: &Client, row: ActiveModel) -> Result<Version, WriteError> {
        let update = self.update_to(row).filter(Column::Uid.eq(client.uid.uuid()));
        let update = update.filter(Column::Version.eq(client.version.number()));
        let version = self.run_guarded(update, client.version).await?;
        self.changed(Noun::Client, &client.id).await?;
        Ok(version)
    }
}

#[async_trait]
impl<L: WriteLine> Clients for Rows<L> {
    async fn insert(&self, client: &Client) -> Result<(), WriteError> {
        self.insert_row(Noun::Client, Model::of(self.tenant(), client)?).await?;
        for secret in &client.secrets {
            self.insert_secret(client.uid, secret).await?;
        }
        Ok(self.created(Noun::Client, &client.id).await?)
    }

    async fn update(&self, client: &Client, now: Timestamp) -> Result<Version, WriteError> {
        let row = Model::of(self.tenant(), client)?;
        let row = ActiveModel {
            display_name: Set(row.display_name),
            kind: Set(row.kind),
            auth_methods: Set(row.auth_methods),
            redirect_uris: Set(row.redirect_uris),
            post_logout_redirect_uris: Set(row.post_logout_redirect_uris),
            grant_types: Set(row.grant_types),
            scopes: Set(row.scopes),
            skip_consent: Set(row.skip_consent),
            require_pkce: Set(row.require_pkce),
            allowed_origins: Set(row.allowed_origins),
            logo_uri: Set(row.logo_uri),
            policy_uri: Set(row.policy_uri),
            tos_uri: Set(row.tos_uri),
            id_token_alg: Set(row.id_token_alg),
            metadata: Set(row.metadata),
            registration_token: Set(row.registration_token),
            registered_by: Set(row.registered_by),
            state: Set(row.state),
            version: Set(client.version.next().number()),
            updated_at: Set(now.millis()),
            ..Default::default()
        };
        self.update_client(client, row).await
    }

    async fn delete(&self, id: &ClientId, version: Version) -> Result<(), WriteError> {
        let delete = self.delete_rows::<Entity>().filter(Column::Id.eq(id.as_str()));
        self.delete_guarded(delete.filter(Column::Version.eq(version.number()))).await?;
        Ok(self.deleted(Noun::Client, id).await?)
    }

    async fn add_secret(&self, client: &Client, secret: &ClientSecret) -> Result<Version, WriteError> {
        let version = self.move_client_on(client, secret.created_at).await?;
        self.insert_secret(client.uid, secret).await?;
        Ok(version)
    }

    async fn forget_sealed_secrets(&self, client: ClientUid) -> Result<(), WriteError> {
        self.unseal_secrets(client).await
    }

    async fn delete_secret(&self, client: &Client, secret: SecretId, now: Timestamp) -> Result<Version, WriteError> {
        let version = self.move_client_on(client, now).await?;
        self.remove_secret(client.uid, secret).await?;
        Ok(version)
    }
}
