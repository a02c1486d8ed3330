//! The turn from parent to child, or of a bound token to itself.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    fault::Fault,
    id::GrantId,
    ports::{jose::Purpose, store::TenantTx},
    refresh::{Presented, RefreshStanding, RefreshToken, Spent},
    secret::{OpaqueToken, TokenKind},
    time::Timestamp,
};

use super::first;
use crate::{
    error::OAuthError,
    token::{
        Call,
        replay::{Replay, punish},
    },
};

/// What remains to be written.
pub(in crate::token) enum Rotation {
    /// The parent is to be spent.
    Spend(Box<Spend>),
    /// The token is bound to a key and goes on.
    Keep(Box<Keep>),
    /// The parent was spent a moment ago: its child goes out again and nothing is written but the audit.
    Again(OpaqueToken),
}

/// A child that is ready to take its parent's place.
pub(in crate::token) struct Spend {
    parent: OpaqueToken,
    child: OpaqueToken,
    spent: Spent,
    row: RefreshToken,
    grant: GrantId,
}

/// A bound token on its way to its next use.
pub(in crate::token) struct Keep {
    token: OpaqueToken,
    until: Timestamp,
    grant: GrantId,
}

impl Rotation {
    /// A token that stays what it is, and lives on as if it had just been issued.
    pub(super) fn keep(call: &Call<'_>, token: OpaqueToken, standing: &RefreshStanding) -> Self {
        let until = first::ends_at(call, standing.family.expires_at);
        Self::Keep(Box::new(Keep { token, until, grant: standing.family.grant }))
    }

    /// Makes a child and seals it, so that only the parent's own text opens it.
    pub(super) fn spend(call: &Call<'_>, parent: OpaqueToken, standing: &RefreshStanding) -> Result<Self, Fault> {
        let child = OpaqueToken::generate(TokenKind::Refresh, &*call.cx.random);
        let turns = standing.token.turns.saturating_add(1);
        let row = first::row(call, &child, standing.family.id, standing.family.expires_at, turns);
        let sealed_child =
            call.view.sealer.seal_under(parent.expose(), Purpose::RefreshChild, child.expose().as_bytes())?;
        let spent = Spent { at: call.now, child: row.digest, sealed_child };
        Ok(Self::Spend(Box::new(Spend { parent, child, spent, row, grant: standing.family.grant })))
    }

    /// Opens the child that the parent was spent for.
    pub(super) fn again(call: &Call<'_>, parent: &OpaqueToken, spent: &Spent) -> Result<Self, Fault> {
        open(call, parent, spent).map(Self::Again)
    }

    pub(in crate::token::grants) async fn settle(self, call: &Call<'_>) -> Result<OpaqueToken, OAuthError> {
        match self {
            Self::Spend(spend) => spend.settle(call).await,
            Self::Keep(keep) => keep.settle(call).await,
            Self::Again(child) => {
                call.cx.store.audit_later(refreshed(call).because("again"));
                Ok(child)
            }
        }
    }
}

impl Keep {
    /// One guarded statement: whoever took the token's grant or its last turn meanwhile was first.
    async fn settle(self, call: &Call<'_>) -> Result<OpaqueToken, OAuthError> {
        let most = call.client.metadata.tokens.lifetimes.refresh_max_uses;
        let tx = call.cx.store.begin(call.view.tenant.id).await?;
        if !tx.refresh().renew(&self.token.digest(), self.until, most).await? {
            return Err(Replay::Refresh.refusal());
        }
        tx.audit(refreshed(call).about(Noun::Grant, &self.grant)).await?;
        tx.commit().await?;
        Ok(self.token)
    }
}

impl Spend {
    /// One guarded statement decides whose child it is.
    async fn settle(self, call: &Call<'_>) -> Result<OpaqueToken, OAuthError> {
        let refreshed = refreshed(call).about(Noun::Grant, &self.grant);
        let tx = call.cx.store.begin(call.view.tenant.id).await?;
        if !tx.refresh().spend(&self.parent.digest(), &self.spent, &self.row).await? {
            return self.settle_second(call, tx, refreshed.because("again")).await;
        }
        tx.audit(refreshed).await?;
        tx.commit().await?;
        Ok(self.child)
    }

    /// Another caller was faster. What the token means now is read where that caller's writes are seen, and the commit
    /// waits until they are durable: no token leaves that could be lost.
    async fn settle_second(
        self,
        call: &Call<'_>,
        tx: Box<dyn TenantTx>,
        again: AuditEvent,
    ) -> Result<OpaqueToken, OAuthError> {
        let standing = tx.refresh().standing(&self.parent.digest()).await?.ok_or(Replay::Refresh.refusal())?;
        match standing.presented(call.view.tenant.settings.refresh_grace, call.cx.clock.now()) {
            Presented::Again(spent) => {
                tx.audit(again).await?;
                tx.commit().await?;
                Ok(open(call, &self.parent, spent)?)
            }
            Presented::Replayed => Err(punish(call, tx, self.grant, Replay::Refresh).await),
            Presented::Expired => Err(Replay::Refresh.refusal()),
            Presented::Fresh => Err(Fault::bug("a refresh token could not be spent and is unspent").into()),
        }
    }
}

fn open(call: &Call<'_>, parent: &OpaqueToken, spent: &Spent) -> Result<OpaqueToken, Fault> {
    let child = call.view.sealer.open_under(parent.expose(), Purpose::RefreshChild, &spent.sealed_child);
    let child = child.and_then(|bytes| String::from_utf8(bytes).ok());
    let child = child.and_then(|text| OpaqueToken::parse(TokenKind::Refresh, &text));
    child.ok_or(Fault::bug("the child of a refresh token does not open"))
}

fn refreshed(call: &Call<'_>) -> AuditEvent {
    let actor = Actor::Client(call.client.id.clone());
    AuditEvent::new(Some(call.view.tenant.id), call.now, actor, Action::TokensRefreshed)
}
