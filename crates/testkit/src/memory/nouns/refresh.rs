//! Refresh tokens in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::{Fault, WriteError},
    ports::store::{RefreshReads, RefreshTokens},
    refresh::{RefreshFamily, RefreshStanding, RefreshToken, Spent},
    secret::Digest,
    time::Timestamp,
};

use super::{super::Fenced, Nouns};

#[async_trait]
impl RefreshReads for Fenced {
    async fn standing(&self, digest: &Digest) -> Result<Option<RefreshStanding>, Fault> {
        self.nouns(|rows| {
            let token = rows.tokens.get(digest.bytes())?.clone();
            let family = rows.families.get(&token.family)?.clone();
            let child = token.spent.as_ref().and_then(|spent| rows.tokens.get(spent.child.bytes()));
            let child_spent = child.is_some_and(|child| child.spent.is_some());
            Some(RefreshStanding { token, family, child_spent })
        })
    }
}

#[async_trait]
impl RefreshTokens for Fenced {
    async fn begin_family(&self, family: &RefreshFamily, first: &RefreshToken) -> Result<(), WriteError> {
        self.nouns(|rows| {
            rows.families.insert(family.id, family.clone());
            rows.tokens.insert(*first.digest.bytes(), first.clone());
        })?;
        Ok(())
    }

    async fn spend(&self, parent: &Digest, spent: &Spent, child: &RefreshToken) -> Result<bool, Fault> {
        self.nouns(|rows| match rows.tokens.get_mut(parent.bytes()).filter(|parent| parent.spent.is_none()) {
            Some(parent) => {
                parent.spent = Some(spent.clone());
                rows.tokens.insert(*child.digest.bytes(), child.clone());
                true
            }
            None => false,
        })
    }

    async fn renew(&self, token: &Digest, until: Timestamp, most: Option<u32>) -> Result<bool, Fault> {
        self.nouns(|rows| {
            let there = rows.tokens.get_mut(token.bytes());
            let good = there.filter(|it| it.spent.is_none() && most.is_none_or(|most| it.turns < most));
            good.map(|token| (token.expires_at, token.turns) = (until, token.turns + 1)).is_some()
        })
    }
}

impl Nouns {
    /// Families without their grant go, and their tokens with them.
    pub(super) fn forget_families(&mut self) {
        let Self { families, tokens, grants, .. } = self;
        families.retain(|_, family| grants.contains_key(&family.grant));
        tokens.retain(|_, token| families.contains_key(&token.family));
    }
}
