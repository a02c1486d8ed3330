//! Who is calling, found out before the body is looked at.
//!
//! There is one place where a credential becomes a [`Caller`]: here. Each kind of credential has a file that tells
//! whose it is ([`Known`]); what that caller may do is read anew for every call, so a key, a role or a binding that was
//! deleted counts from the next call on.

mod access_token;
mod api_key;
mod certificate;
mod presented;

use std::sync::Arc;

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    fault::Fault,
    ports::platform::PlatformTx,
    principal::Principal,
    role_binding::Held,
    time::Timestamp,
};
use tonic::codegen::http::HeaderMap;

use self::presented::Presented;
use crate::{context::Context, listener::Peer, status::Refusal};

/// How a caller proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authenticated {
    /// By an API key.
    ApiKey,
    /// By a client certificate.
    Certificate,
    /// By an access token of the system tenant.
    Token {
        /// When the person behind it signed in; nothing for a program.
        auth_time: Option<Timestamp>,
    },
}

impl Authenticated {
    /// The word for it in the log.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Certificate => "certificate",
            Self::Token { .. } => "token",
        }
    }
}

/// Whose a good credential is.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Who it is.
    pub(crate) principal: Principal,
    /// How they proved it.
    pub(crate) authenticated: Authenticated,
    /// What the credential itself is good for: nothing outside counts, whatever roles there are.
    pub(crate) within: AdminReach,
    /// The API key that they showed, if it was one: what it makes ends with it and comes from where it may.
    pub(crate) key: Option<AdminKey>,
    /// Since when there is this principal, where their name can have been another's before.
    pub(crate) born: Option<Timestamp>,
    /// Until when the certificate is good that they showed, if it was one.
    until: Option<Timestamp>,
    /// The access token that they showed, if it was one.
    token: Option<access_token::Shown>,
}

/// A caller whose credential is good. Made here and nowhere else.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    known: Arc<Known>,
    held: Arc<Held>,
}

/// Finds the caller. Unknown, deleted and expired credentials look the same. What stands in `authorization` goes before
/// the certificate of the connection, so that there is one caller for each call; a certificate never mends what is wrong
/// there.
pub(crate) async fn authenticate(cx: &Context, headers: &HeaderMap, peer: Option<&Peer>) -> Result<Caller, Refusal> {
    let certificate = peer.and_then(|peer| peer.certificate.as_deref());
    let known = match (Presented::read(headers)?, certificate) {
        (Some(Presented::ApiKey(key)), _) => api_key::find(cx, &key, peer).await?,
        (Some(Presented::AccessToken(token)), _) => access_token::find(cx, &token).await?,
        (None, Some(certificate)) => certificate::find(certificate, cx.clock.now())?,
        (None, None) => return Err(presented::missing()),
    };
    let given = cx.platform.read().role_bindings().given_to(&known.principal, cx.clock.now()).await?;
    let held = Held::of(given, known.born).fenced(known.within);
    if known.authenticated == Authenticated::Certificate && held.anywhere().is_empty() {
        return Err(certificate::unknown());
    }
    Ok(Caller { known: Arc::new(known), held: Arc::new(held) })
}

impl Caller {
    /// Who it is.
    pub(crate) fn principal(&self) -> &Principal {
        &self.known.principal
    }

    /// How they proved it.
    pub(crate) fn authenticated(&self) -> Authenticated {
        self.known.authenticated
    }

    /// The API key that they showed, if it was one.
    pub(crate) fn key(&self) -> Option<&AdminKey> {
        self.known.key.as_ref()
    }

    /// What they may do, as it was when the call came in.
    pub(crate) fn held(&self) -> &Held {
        &self.held
    }

    /// The same caller, as they would be let in now: for who stays.
    pub(crate) async fn again(&self, cx: &Context) -> Result<Self, Refusal> {
        let (known, now) = (&self.known, cx.clock.now());
        match (&known.principal, &known.token) {
            (Principal::ApiKey(key), _) => api_key::recheck(cx, *key, now).await?,
            (Principal::User(_) | Principal::Client(_), Some(token)) => access_token::recheck(cx, token, now).await?,
            // It has no row of its own: before its end, taking its roles away is what shuts it out.
            (Principal::Certificate(_), _) if known.until.is_some_and(|until| now > until) => {
                return Err(certificate::over());
            }
            (Principal::Certificate(_) | Principal::User(_) | Principal::Client(_), _) => {}
        }
        let given = cx.platform.read().role_bindings().given_to(&known.principal, now).await?;
        let held = Held::of(given, known.born).fenced(known.within);
        Ok(Self { known: Arc::clone(known), held: Arc::new(held) })
    }

    /// What they may do, as it stays until the transaction ends.
    pub(crate) async fn hold(&self, tx: &dyn PlatformTx, now: Timestamp) -> Result<Held, Fault> {
        let given = tx.role_bindings().hold(&self.known.principal, now).await?;
        Ok(Held::of(given, self.known.born).fenced(self.known.within))
    }
}

#[cfg(test)]
impl Caller {
    /// A caller who showed nothing.
    pub(crate) fn in_test(principal: Principal, authenticated: Authenticated, held: Held) -> Self {
        let known = Known {
            principal,
            authenticated,
            within: AdminReach::Platform,
            key: None,
            born: None,
            until: None,
            token: None,
        };
        Self { known: Arc::new(known), held: Arc::new(held) }
    }
}
