//! Users.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::UserId,
    page::Page,
    ports::store::{UserReads, Users},
    query::Query,
    time::Timestamp,
    user::{Login, PasswordHash, User, UserField, UserState},
    version::Version,
};
use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*, sea_query::LockType};

use crate::{
    fault::{is_taken, write_error},
    line::{Line, WriteLine},
    query::{Listed, asked, id_of},
    row::{Reading, time, to_json},
    rows::{Rows, fenced, page_of},
};

const TABLE: &str = "users";

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) username: String,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: bool,
    pub(crate) claims: String,
    pub(crate) password: Option<String>,
    pub(crate) state: String,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

fenced!();

/// Shows which row it is and nothing about the person.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("users::Model").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Reads the state of a user, for users themselves and for grants that hang on it.
pub(crate) fn state_of(row: &Reading, state: &str) -> Result<UserState, Fault> {
    row.label("state", state, &[UserState::Enabled, UserState::Disabled], UserState::label)
}

impl Model {
    fn thing(self) -> Result<User, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.id);
        let state = state_of(&row, &self.state)?;
        let username = row.parse("username", &self.username)?;
        let mut user = User::new(UserId::from_uuid(self.id), username, time(self.created_at)).stored_as(state);
        user.email = self.email.map(|email| row.parse("email", &email)).transpose()?;
        user.email_verified = self.email_verified;
        user.claims = row.json("claims", &self.claims)?;
        user.password = self.password.map(PasswordHash::new);
        user.version = Version::new(self.version);
        user.updated_at = time(self.updated_at);
        Ok(user)
    }

    fn of(tenant: Uuid, user: &User) -> Result<Self, Fault> {
        Ok(Self {
            tenant_id: tenant,
            id: user.id.uuid(),
            username: user.username.as_str().to_owned(),
            email: user.email.as_ref().map(|email| email.as_str().to_owned()),
            email_verified: user.email_verified,
            claims: to_json(&user.claims)?,
            password: user.password.as_ref().map(|password| password.phc().to_owned()),
            state: user.state().label().to_owned(),
            version: user.version.number(),
            created_at: user.created_at.millis(),
            updated_at: user.updated_at.millis(),
        })
    }
}

impl Listed for Entity {
    type Field = UserField;

    fn column(field: UserField) -> Column {
        match field {
            UserField::Username => Column::Username,
            UserField::Email => Column::Email,
            UserField::State => Column::State,
            UserField::CreateTime => Column::CreatedAt,
            UserField::UpdateTime => Column::UpdatedAt,
        }
    }
}

#[async_trait]
impl<L: Line> UserReads for Rows<L> {
    async fn find(&self, id: UserId) -> Result<Option<User>, Fault> {
        let select = self.select::<Entity>().filter(Column::Id.eq(id.uuid()));
        self.one(select).await?.map(Model::thing).transpose()
    }

    async fn find_by_login(&self, login: &Login) -> Result<Option<User>, Fault> {
        let filter = match login {
            Login::Username(name) => Column::Username.eq(name.as_str()),
            Login::Email(address) => Column::Email.eq(address.as_str()),
        };
        self.one(self.select::<Entity>().filter(filter)).await?.map(Model::thing).transpose()
    }

    async fn list(&self, query: Query<UserField>) -> Result<Page<User>, Fault> {
        let own = |after: &str| id_of(after, |id: UserId| id.uuid());
        let select = asked(self.select::<Entity>(), &query, &[Column::Id], own)?;
        let rows = self.all_rows(select).await?;
        let users = rows.into_iter().map(Model::thing).collect::<Result<Vec<_>, _>>()?;
        Ok(page_of(&query.page, users, |user| query.position(|field| user.field(field), &user.id.to_string())))
    }
}

impl<L: WriteLine> Rows<L> {
    async fn locked(&self, id: UserId, lock: LockType) -> Result<Option<User>, Fault> {
        let select = self.select::<Entity>().filter(Column::Id.eq(id.uuid()));
        self.one(select.lock(lock)).await?.map(Model::thing).transpose()
    }
}

#[async_trait]
impl<L: WriteLine> Users for Rows<L> {
    async fn insert(&self, user: &User) -> Result<(), WriteError> {
        self.insert_row(Noun::User, Model::of(self.tenant(), user)?).await?;
        Ok(self.created(Noun::User, &user.id).await?)
    }

    async fn update(&self, user: &User, now: Timestamp) -> Result<Version, WriteError> {
        let row = Model::of(self.tenant(), user)?;
        let next = user.version.next();
        let row = ActiveModel {
            username: Set(row.username),
            email: Set(row.email),
            email_verified: Set(row.email_verified),
            claims: Set(row.claims),
            password: Set(row.password),
            state: Set(row.state),
            version: Set(next.number()),
            updated_at: Set(now.millis()),
            ..Default::default()
        };
        let update = self.update_to(row).filter(Column::Id.eq(user.id.uuid()));
        let update = update.filter(Column::Version.eq(user.version.number()));
        // Name and address can be somebody else's, which is not the same as having come too late.
        match update.exec(&self.line().db()).await {
            Ok(done) if done.rows_affected == 1 => {}
            Ok(_) => return Err(WriteError::Stale),
            Err(error) if is_taken(&error) => return Err(WriteError::Taken(Noun::User)),
            Err(error) => return Err(write_error(error)),
        }
        self.changed(Noun::User, &user.id).await?;
        Ok(next)
    }

    async fn delete(&self, id: UserId, version: Version) -> Result<(), WriteError> {
        let delete = self.delete_rows::<Entity>().filter(Column::Id.eq(id.uuid()));
        self.delete_guarded(delete.filter(Column::Version.eq(version.number()))).await?;
        Ok(self.deleted(Noun::User, &id).await?)
    }

    /// A lock on the key alone would not keep an update away. On SQLite the one writer is enough, here and below.
    async fn hold(&self, id: UserId) -> Result<Option<User>, Fault> {
        self.locked(id, LockType::Share).await
    }

    /// The lock that an update takes: what refers to the user can still be written.
    async fn hold_alone(&self, id: UserId) -> Result<Option<User>, Fault> {
        self.locked(id, LockType::NoKeyUpdate).await
    }
}
