//! Refresh tokens: a family is a chain, never a tree.
//!
//! Every use hands out a child and spends the parent. The parent keeps its child sealed under a key that only the
//! parent's own text opens, so that a caller whose answer was lost gets the same child again, for a short while and
//! only as long as the child is unused. Any other second use revokes the grant (RFC 9700 section 4.14.2).

use std::time::Duration;

use crate::{
    confirmation::Confirmation,
    id::{ClientUid, FamilyId, GrantId},
    secret::Digest,
    time::Timestamp,
};

/// The chain of refresh tokens that began with one grant.
#[derive(Clone, Debug)]
pub struct RefreshFamily {
    /// Which family it is.
    pub id: FamilyId,
    /// The grant that it serves.
    pub grant: GrantId,
    /// Whose it is.
    pub client: ClientUid,
    /// The key of whoever began it, where they proved to have one: who goes on with it proves to have the same, or, where
    /// the client authenticates anyway, one of that kind.
    pub confirmation: Option<Confirmation>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it is over, used or not.
    pub expires_at: Timestamp,
}

/// One refresh token as stored.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// Digest of the token.
    pub digest: Digest,
    /// Its family.
    pub family: FamilyId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it is too old if unused.
    pub expires_at: Timestamp,
    /// How many refreshes of its family came before it.
    pub turns: u32,
    /// What became of it.
    pub spent: Option<Spent>,
}

/// What a spent refresh token keeps.
#[derive(Clone, Debug)]
pub struct Spent {
    /// When it was used.
    pub at: Timestamp,
    /// Digest of its child.
    pub child: Digest,
    /// The child, sealed under a key derived from the parent's text.
    pub sealed_child: Vec<u8>,
}

/// A refresh token with its family, and whether its child was used.
#[derive(Clone, Debug)]
pub struct RefreshStanding {
    /// The token.
    pub token: RefreshToken,
    /// Its family.
    pub family: RefreshFamily,
    /// Whether the child of a spent token was used as well.
    pub child_spent: bool,
}

/// What presenting a refresh token means.
#[derive(Debug)]
pub enum Presented<'a> {
    /// It is good: spend it.
    Fresh,
    /// It was spent a moment ago and its child is unused: give the same child.
    Again(&'a Spent),
    /// It was spent: somebody has a copy.
    Replayed,
    /// It or its family is too old.
    Expired,
}

impl RefreshStanding {
    /// What presenting it at `now` means, with the tenant's grace for lost answers.
    #[must_use]
    pub fn presented(&self, grace: Duration, now: Timestamp) -> Presented<'_> {
        if now >= self.family.expires_at {
            return Presented::Expired;
        }
        match &self.token.spent {
            Some(spent) if now < spent.at + grace && !self.child_spent => Presented::Again(spent),
            Some(_) => Presented::Replayed,
            None if now >= self.token.expires_at => Presented::Expired,
            None => Presented::Fresh,
        }
    }
}
