//! Sessions that the provider ended: what logout tokens said, kept for as long as a session could live.
//!
//! A store keeps records by key and cannot look for sessions, so what is kept is the end: a session is held against it
//! whenever it is used. An end that comes before the session it is about is therefore not lost either.

use serde_json::{Value, json};

use crate::{
    relying_party::RelyingParty,
    store::{Kind, StoreError},
    token,
    user::User,
};

/// What a logout token is about.
pub(crate) enum About<'a> {
    /// One session at the provider, by its `sid`.
    Session(&'a str),
    /// Every session of a user that began until then, in seconds since 1970.
    Subject(&'a str, i64),
}

impl About<'_> {
    fn key(&self) -> String {
        match self {
            Self::Session(sid) => key("sid", sid),
            Self::Subject(subject, _) => key("sub", subject),
        }
    }
}

impl RelyingParty {
    /// Remembers an end.
    pub(crate) async fn note_end(&self, about: &About<'_>) -> Result<(), StoreError> {
        let until = match about {
            About::Session(_) => Value::Null,
            About::Subject(_, until) => json!(until),
        };
        let record = until.to_string().into_bytes();
        self.0.store.put(Kind::Ended, &about.key(), record, self.now() + self.0.session_life).await
    }

    /// Whether the token of that `jti` was here before.
    pub(crate) async fn was_here(&self, jti: &str) -> Result<bool, StoreError> {
        Ok(self.0.store.get(Kind::Ended, &key("jti", jti)).await?.is_some())
    }

    /// Remembers that the token of that `jti` was here. What a token says holds for a few minutes, so the ends of sessions
    /// are never too many to remember it among them.
    pub(crate) async fn note_token(&self, jti: &str) -> Result<(), StoreError> {
        self.0.store.put(Kind::Ended, &key("jti", jti), Vec::new(), self.now() + self.0.session_life).await
    }

    /// Whether the provider ended the session of that user.
    pub(crate) async fn has_ended(&self, user: &User) -> Result<bool, StoreError> {
        if !self.0.hears_logout {
            return Ok(false);
        }
        if let Some(sid) = user.text("sid")
            && self.0.store.get(Kind::Ended, &key("sid", sid)).await?.is_some()
        {
            return Ok(true);
        }
        let until = self.0.store.get(Kind::Ended, &key("sub", &user.subject)).await?;
        let until = until.and_then(|record| serde_json::from_slice::<i64>(&record).ok());
        let began = user.claims.get("iat").and_then(Value::as_i64).unwrap_or_default();
        Ok(until.is_some_and(|until| began <= until))
    }
}

fn key(of: &str, value: &str) -> String {
    token::sha256(&format!("{of} {value}"))
}
