//! The first token of a family.

use chancery_domain::{
    grant::Grant,
    id::FamilyId,
    refresh::{RefreshFamily, RefreshToken},
    secret::{OpaqueToken, TokenKind},
    time::Timestamp,
};

use crate::token::Call;

/// A token that leaves with its row and that of its family.
pub(in crate::token::grants) struct FirstToken {
    pub(in crate::token::grants) token: OpaqueToken,
    pub(in crate::token::grants) family: RefreshFamily,
    pub(in crate::token::grants) row: RefreshToken,
}

impl FirstToken {
    /// The family that begins with a grant.
    pub(in crate::token::grants) fn of(call: &Call<'_>, grant: &Grant) -> Self {
        let family = RefreshFamily {
            id: FamilyId::generate(&*call.cx.random, call.now),
            grant: grant.id,
            client: grant.client,
            confirmation: call.confirmation(),
            created_at: call.now,
            expires_at: call.now + call.view.refresh_absolute_ttl(call.client),
        };
        let token = OpaqueToken::generate(TokenKind::Refresh, &*call.cx.random);
        let row = row(call, &token, family.id, family.expires_at, 0);
        Self { token, family, row }
    }
}

/// The row of an unspent token that so many came before.
pub(super) fn row(
    call: &Call<'_>,
    token: &OpaqueToken,
    family: FamilyId,
    family_ends: Timestamp,
    turns: u32,
) -> RefreshToken {
    RefreshToken {
        digest: token.digest(),
        family,
        issued_at: call.now,
        expires_at: ends_at(call, family_ends),
        turns,
        spent: None,
    }
}

/// When a token that is issued or used now is too old, if it is not used again. It never outlives its family.
pub(super) fn ends_at(call: &Call<'_>, family_ends: Timestamp) -> Timestamp {
    (call.now + call.view.refresh_idle_ttl(call.client)).min(family_ends)
}
