//! The rows of one tenant. Every statement about a tenant's table begins here, and so is fenced.

use chancery_domain::{
    audit::AuditEvent,
    change::{ChangeKind, Noun},
    fault::{Fault, WriteError},
    id::TenantId,
    page::{Page, PageRequest},
    ports::{
        answered_pages::AnsweredPages,
        applied_documents::{AppliedDocumentReads, AppliedDocuments},
        claim_mappings::{ClaimMappingReads, ClaimMappings},
        client_secrets::SecretUses,
        client_uses::ClientUses,
        consents::{ConsentLists, ConsentWithdrawals},
        deliveries::Deliveries,
        devices::{DeviceReads, Devices},
        encryption_keys::{EncryptionKeyReads, EncryptionKeys},
        fresh_values::FreshValues,
        grants::{GrantLists, GrantRevocations},
        impact::ImpactReads,
        initial_access_tokens::{InitialAccessTokenReads, InitialAccessTokens},
        password_links::{PasswordLinkReads, PasswordLinks},
        pushed_requests::{PushedRequestReads, PushedRequests},
        replay_memory::{ReplayMemory, ReplayMemoryReads},
        resources::{ResourceReads, Resources},
        session_clients::{SessionClientReads, SessionClients},
        sessions::SessionLists,
        store::{
            ClientReads, Clients, CodeReads, Codes, ConsentReads, Consents, GrantReads, Grants, KeyReads, Keys,
            RefreshReads, RefreshTokens, Requests, ScopeReads, Scopes, SessionReads, Sessions, TenantReader,
            TenantRows, TenantTx, UserReads, Users,
        },
        token_secrets::{TokenSecretReads, TokenSecrets},
        trusted_issuers::{TrustedIssuerReads, TrustedIssuers},
    },
    version::Version,
};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, DeleteMany, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect, QueryTrait, Select, Statement, UpdateMany, Value,
    prelude::Uuid,
    sea_query::{Asterisk, Expr, Func, OnConflict, Query},
};

use crate::{
    audit, changes,
    fault::{fault, write_error},
    line::{Line, Pool, Transaction, WriteLine},
};

/// A table whose rows belong to tenants.
pub(crate) trait Fenced: EntityTrait {
    /// The column that says to which.
    const TENANT: Self::Column;
}

/// Ends the declaration of an entity whose rows belong to tenants.
macro_rules! fenced {
    () => {
        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}

        impl $crate::rows::Fenced for Entity {
            const TENANT: Column = Column::TenantId;
        }
    };
}

pub(crate) use fenced;

/// One tenant's rows, seen along a line.
pub(crate) struct Rows<L> {
    line: L,
    tenant: TenantId,
}

impl<L: Line> Rows<L> {
    pub(crate) const fn new(line: L, tenant: TenantId) -> Self {
        Self { line, tenant }
    }

    /// The line.
    pub(crate) const fn line(&self) -> &L {
        &self.line
    }

    /// The tenant, as its column holds it.
    pub(crate) const fn tenant(&self) -> Uuid {
        self.tenant.uuid()
    }

    /// The tenant.
    pub(crate) const fn tenant_id(&self) -> TenantId {
        self.tenant
    }

    /// A selection from this tenant's rows.
    pub(crate) fn select<E: Fenced>(&self) -> Select<E> {
        E::find().filter(E::TENANT.eq(self.tenant()))
    }

    /// The first row of a selection.
    pub(crate) async fn one<E: EntityTrait>(&self, select: Select<E>) -> Result<Option<E::Model>, Fault> {
        select.one(&self.line.db()).await.map_err(fault)
    }

    /// Every row of a selection.
    pub(crate) async fn all_rows<E: EntityTrait>(&self, select: Select<E>) -> Result<Vec<E::Model>, Fault> {
        select.all(&self.line.db()).await.map_err(fault)
    }

    /// How many rows a selection has, counted by the database and no further than `most`.
    pub(crate) async fn count_up_to<E: EntityTrait>(&self, select: Select<E>, most: u32) -> Result<u32, Fault> {
        let some = select.select_only().expr_as(Expr::val(1), "one").limit(u64::from(most)).into_query();
        let count =
            Query::select().expr_as(Func::count(Expr::col(Asterisk)), "counted").from_subquery(some, "some").to_owned();
        let row = self.line.db().query_one(&count).await.map_err(fault)?;
        let row = row.ok_or_else(|| Fault::bug("a count is no row"))?;
        let counted: i64 = row.try_get("", "counted").map_err(fault)?;
        Ok(u32::try_from(counted).unwrap_or(u32::MAX))
    }

    /// A statement in SQL whose first parameter is the tenant.
    pub(crate) fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        let values = std::iter::once(self.tenant().into()).chain(values);
        Statement::from_sql_and_values(self.line.db().get_database_backend(), sql, values)
    }
}

impl<L: WriteLine> Rows<L> {
    /// Inserts a row; `Taken` when something of its own is there already. The transaction stays good.
    pub(crate) async fn insert_row<M>(&self, noun: Noun, row: M) -> Result<(), WriteError>
    where
        M: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + sea_orm::ModelTrait,
        <M::Entity as EntityTrait>::ActiveModel: ActiveModelBehavior + Send,
    {
        if insert(&self.line, row).await? { Ok(()) } else { Err(WriteError::Taken(noun)) }
    }

    /// An update of this tenant's rows.
    pub(crate) fn update_rows<E: Fenced>(&self) -> UpdateMany<E> {
        E::update_many().filter(E::TENANT.eq(self.tenant()))
    }

    /// An update to the columns of `row` that are set.
    pub(crate) fn update_to<A>(&self, row: A) -> UpdateMany<A::Entity>
    where
        A: ActiveModelTrait,
        A::Entity: Fenced,
    {
        self.update_rows::<A::Entity>().set(row)
    }

    /// A deletion of this tenant's rows.
    pub(crate) fn delete_rows<E: Fenced>(&self) -> DeleteMany<E> {
        E::delete_many().filter(E::TENANT.eq(self.tenant()))
    }

    /// Runs an update and counts the rows.
    pub(crate) async fn run<E: EntityTrait>(&self, update: UpdateMany<E>) -> Result<u64, WriteError> {
        update.exec(&self.line.db()).await.map(|done| done.rows_affected).map_err(write_error)
    }

    /// Runs a guarded update: exactly one row, or it came too late.
    pub(crate) async fn run_guarded<E: EntityTrait>(
        &self,
        update: UpdateMany<E>,
        version: Version,
    ) -> Result<Version, WriteError> {
        if self.run(update).await? == 1 { Ok(version.next()) } else { Err(WriteError::Stale) }
    }

    /// Runs a guarded deletion: exactly one row, or it came too late.
    pub(crate) async fn delete_guarded<E: EntityTrait>(&self, delete: DeleteMany<E>) -> Result<(), WriteError> {
        let done = delete.exec(&self.line.db()).await.map_err(write_error)?;
        if done.rows_affected == 1 { Ok(()) } else { Err(WriteError::Stale) }
    }

    /// Runs a statement and counts the rows.
    pub(crate) async fn execute(&self, statement: Statement) -> Result<u64, WriteError> {
        self.line.db().execute_raw(statement).await.map(|done| done.rows_affected()).map_err(write_error)
    }

    /// Appends to the change feed, in this transaction, that something is another than before.
    pub(crate) async fn changed(&self, noun: Noun, id: &(impl ToString + Sync + ?Sized)) -> Result<(), Fault> {
        changes::append(&self.line, ChangeKind::Updated, Some(self.tenant), noun, id.to_string()).await
    }

    /// The same of something that was made.
    pub(crate) async fn created(&self, noun: Noun, id: &(impl ToString + Sync + ?Sized)) -> Result<(), Fault> {
        changes::append(&self.line, ChangeKind::Created, Some(self.tenant), noun, id.to_string()).await
    }

    /// The same of something that is gone.
    pub(crate) async fn deleted(&self, noun: Noun, id: &(impl ToString + Sync + ?Sized)) -> Result<(), Fault> {
        changes::append(&self.line, ChangeKind::Deleted, Some(self.tenant), noun, id.to_string()).await
    }
}

/// What a page asks the database for: one row more than it shows, which tells whether there is a next page.
pub(crate) fn page_limit(page: &PageRequest) -> u64 {
    u64::from(page.size.max(1)) + 1
}

/// Makes a page of the rows that came, and says where the next one begins.
pub(crate) fn page_of<T>(page: &PageRequest, mut rows: Vec<T>, position: impl Fn(&T) -> String) -> Page<T> {
    let size = usize::try_from(page.size.max(1)).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    let next = if more { rows.last().map(position) } else { None };
    Page { rows, next }
}

/// Inserts a row. `false` when something of its own is there already; the transaction stays good.
pub(crate) async fn insert<L, M>(line: &L, row: M) -> Result<bool, WriteError>
where
    L: WriteLine,
    M: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + sea_orm::ModelTrait,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelBehavior + Send,
{
    let insert = <M::Entity as EntityTrait>::insert(row.into_active_model());
    let insert = insert.on_conflict(OnConflict::new().do_nothing().to_owned());
    insert.exec_without_returning(&line.db()).await.map(|rows| rows == 1).map_err(write_error)
}

/// A write that cannot come too late, because nothing guards it: what is left is our own failure.
pub(crate) fn unguarded(error: WriteError) -> Fault {
    match error {
        WriteError::Fault(fault) => fault,
        WriteError::Taken(_) | WriteError::Stale => Fault::bug("a write without a guard was refused"),
    }
}

impl TenantReader for Rows<Pool> {
    fn clients(&self) -> &dyn ClientReads {
        self
    }

    fn scopes(&self) -> &dyn ScopeReads {
        self
    }

    fn users(&self) -> &dyn UserReads {
        self
    }

    fn sessions(&self) -> &dyn SessionReads {
        self
    }

    fn session_clients(&self) -> &dyn SessionClientReads {
        self
    }

    fn session_lists(&self) -> &dyn SessionLists {
        self
    }

    fn consents(&self) -> &dyn ConsentReads {
        self
    }

    fn consent_lists(&self) -> &dyn ConsentLists {
        self
    }

    fn grants(&self) -> &dyn GrantReads {
        self
    }

    fn grant_lists(&self) -> &dyn GrantLists {
        self
    }

    fn password_links(&self) -> &dyn PasswordLinkReads {
        self
    }

    fn pushed_requests(&self) -> &dyn PushedRequestReads {
        self
    }

    fn replay_memory(&self) -> &dyn ReplayMemoryReads {
        self
    }

    fn codes(&self) -> &dyn CodeReads {
        self
    }

    fn devices(&self) -> &dyn DeviceReads {
        self
    }
    fn trusted_issuers(&self) -> &dyn TrustedIssuerReads {
        self
    }

    fn refresh(&self) -> &dyn RefreshReads {
        self
    }

    fn keys(&self) -> &dyn KeyReads {
        self
    }

    fn encryption_keys(&self) -> &dyn EncryptionKeyReads {
        self
    }

    fn token_secrets(&self) -> &dyn TokenSecretReads {
        self
    }

    fn initial_access_tokens(&self) -> &dyn InitialAccessTokenReads {
        self
    }

    fn applied_documents(&self) -> &dyn AppliedDocumentReads {
        self
    }

    fn resources(&self) -> &dyn ResourceReads {
        self
    }

    fn claim_mappings(&self) -> &dyn ClaimMappingReads {
        self
    }
    fn impact(&self) -> &dyn ImpactReads {
        self
    }
}

#[async_trait::async_trait]
impl<L: WriteLine> TenantRows for Rows<L> {
    fn clients(&self) -> &dyn Clients {
        self
    }

    fn scopes(&self) -> &dyn Scopes {
        self
    }

    fn users(&self) -> &dyn Users {
        self
    }

    fn sessions(&self) -> &dyn Sessions {
        self
    }

    fn session_clients(&self) -> &dyn SessionClients {
        self
    }

    fn consents(&self) -> &dyn Consents {
        self
    }

    fn consent_withdrawals(&self) -> &dyn ConsentWithdrawals {
        self
    }

    fn grants(&self) -> &dyn Grants {
        self
    }

    fn grant_revocations(&self) -> &dyn GrantRevocations {
        self
    }

    fn password_links(&self) -> &dyn PasswordLinks {
        self
    }

    fn pushed_requests(&self) -> &dyn PushedRequests {
        self
    }

    fn answered_pages(&self) -> &dyn AnsweredPages {
        self
    }

    fn fresh_values(&self) -> &dyn FreshValues {
        self
    }

    fn replay_memory(&self) -> &dyn ReplayMemory {
        self
    }

    fn secret_uses(&self) -> &dyn SecretUses {
        self
    }

    fn client_uses(&self) -> &dyn ClientUses {
        self
    }

    fn codes(&self) -> &dyn Codes {
        self
    }

    fn devices(&self) -> &dyn Devices {
        self
    }
    fn trusted_issuers(&self) -> &dyn TrustedIssuers {
        self
    }

    fn refresh(&self) -> &dyn RefreshTokens {
        self
    }

    fn keys(&self) -> &dyn Keys {
        self
    }

    fn encryption_keys(&self) -> &dyn EncryptionKeys {
        self
    }

    fn token_secrets(&self) -> &dyn TokenSecrets {
        self
    }

    fn initial_access_tokens(&self) -> &dyn InitialAccessTokens {
        self
    }

    fn applied_documents(&self) -> &dyn AppliedDocuments {
        self
    }

    fn resources(&self) -> &dyn Resources {
        self
    }

    fn claim_mappings(&self) -> &dyn ClaimMappings {
        self
    }

    fn deliveries(&self) -> &dyn Deliveries {
        self
    }

    fn requests(&self) -> &dyn Requests {
        self
    }

    async fn audit(&self, event: AuditEvent) -> Result<(), Fault> {
        audit::write(&self.line, std::slice::from_ref(&event)).await
    }
}

#[async_trait::async_trait]
impl TenantTx for Rows<Transaction> {
    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.line.commit().await
    }
}
