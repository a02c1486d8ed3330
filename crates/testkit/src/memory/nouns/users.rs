//! Users in memory.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::UserId,
    page::Page,
    ports::store::{UserReads, Users},
    query::Query,
    time::Timestamp,
    user::{Login, User, UserField},
    version::Version,
};

use super::{super::Fenced, guarded};

#[async_trait]
impl UserReads for Fenced {
    async fn find(&self, id: UserId) -> Result<Option<User>, Fault> {
        self.nouns(|rows| rows.users.get(&id).cloned())
    }

    async fn find_by_login(&self, login: &Login) -> Result<Option<User>, Fault> {
        let is_of = |user: &User| match login {
            Login::Username(name) => user.username == *name,
            Login::Email(email) => user.email.as_ref() == Some(email),
        };
        self.nouns(|rows| rows.users.values().find(|user| is_of(user)).cloned())
    }

    async fn list(&self, query: Query<UserField>) -> Result<Page<User>, Fault> {
        self.nouns(|rows| query.of(rows.users.values().cloned(), User::field, |user| user.id.to_string()))
    }
}

#[async_trait]
impl Users for Fenced {
    async fn insert(&self, user: &User) -> Result<(), WriteError> {
        self.nouns(|rows| {
            if rows.users.values().any(|there| clashes(there, user)) {
                return Err(WriteError::Taken(Noun::User));
            }
            rows.users.insert(user.id, user.clone());
            Ok(())
        })?
    }

    async fn update(&self, user: &User, now: Timestamp) -> Result<Version, WriteError> {
        self.nouns(|rows| {
            let version = guarded(rows.users.get(&user.id).map(|there| there.version), user.version)?;
            if rows.users.values().any(|there| there.id != user.id && clashes(there, user)) {
                return Err(WriteError::Taken(Noun::User));
            }
            let mut row = user.clone();
            (row.version, row.updated_at) = (version, now);
            rows.users.insert(row.id, row);
            Ok(version)
        })?
    }

    async fn delete(&self, id: UserId, version: Version) -> Result<(), WriteError> {
        self.nouns(|rows| {
            guarded(rows.users.get(&id).map(|there| there.version), version)?;
            rows.users.remove(&id);
            rows.password_links.remove(&id);
            rows.sessions.retain(|_, session| session.user != id);
            rows.consents.retain(|(user, _), _| *user != id);
            rows.codes.retain(|_, code| code.user != id);
            rows.grants.retain(|_, grant| grant.user != id);
            rows.forget_families();
            Ok(())
        })?
    }

    async fn hold(&self, id: UserId) -> Result<Option<User>, Fault> {
        self.find(id).await
    }

    async fn hold_alone(&self, id: UserId) -> Result<Option<User>, Fault> {
        self.find(id).await
    }
}

/// Whether two users would be signed in by the same name or address.
fn clashes(one: &User, other: &User) -> bool {
    one.username == other.username || (one.email.is_some() && one.email == other.email)
}
