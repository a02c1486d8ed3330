//! The refusal that must be remembered: something good for one use was used twice, so somebody has a copy
//! (RFC 9700 sections 4.5 and 4.14.2, OAuth 2.1 section 4.1.3).

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    grant::RevocationReason,
    id::GrantId,
    ports::store::TenantTx,
};

use super::Call;
use crate::error::OAuthError;

/// What was used twice.
#[derive(Clone, Copy)]
pub(super) enum Replay {
    Code,
    Refresh,
}

/// Takes the grant back and **commits**, then gives the error to answer with. The caller has made sure that all else
/// about the request is in order: a stranger with half of the secrets must not be able to end anybody's grant.
pub(super) async fn punish(call: &Call<'_>, tx: Box<dyn TenantTx>, grant: GrantId, replay: Replay) -> OAuthError {
    match revoke(call, tx, grant, replay).await {
        Ok(()) => replay.refusal(),
        Err(error) => error,
    }
}

async fn revoke(call: &Call<'_>, tx: Box<dyn TenantTx>, grant: GrantId, replay: Replay) -> Result<(), OAuthError> {
    let (reason, action) = match replay {
        Replay::Code => (RevocationReason::CodeReplayed, Action::CodeReplayed),
        Replay::Refresh => (RevocationReason::RefreshReplayed, Action::RefreshReplayed),
    };
    let actor = Actor::Client(call.client.id.clone());
    let replayed = AuditEvent::new(Some(call.view.tenant.id), call.now, actor, action).about(Noun::Grant, &grant);
    tx.grants().revoke(grant, reason, call.now).await?;
    tx.audit(replayed.because(reason.label())).await?;
    tx.commit().await?;
    Ok(())
}

impl Replay {
    /// The same as for a code or token that never was.
    pub(super) const fn refusal(self) -> OAuthError {
        match self {
            Self::Code => OAuthError::invalid_grant("the code is unknown, expired, used or not this client's"),
            Self::Refresh => {
                OAuthError::invalid_grant("the refresh token is unknown, expired, used or not this client's")
            }
        }
    }
}
