//! DPoP proofs (RFC 9449): a client proves with each request that it has the private part of a key, and what it gets is
//! bound to that key.
//!
//! ```text
//! Sent ──► read: form, typ, alg, jwk, signature ──► CHECKS ──► Proof ──► the request's own checks ──► spend
//! ```
//!
//! A proof is good once. It is remembered when all else about its request is in order, so that nobody fills the memory who
//! has nothing that is worth a token; and a proof that was used before is refused before anything else is looked at.
//!
//! To add a check: a function in `checks`, and a line in `CHECKS`.

mod checks;
mod nonce;
mod place;

use std::time::Duration;

use chancery_domain::{
    client::Client,
    confirmation::{Confirmation, Thumbprint},
    fault::Fault,
    ports::{client_jose::TypRule, jose::Untrusted},
    tenant::DpopPolicy,
    time::Timestamp,
    used_once::{Novelty, UsedOnce},
    view::TenantView,
    vocabulary::Algorithm,
};

use self::checks::{CHECKS, Examined, Findings};
pub use self::nonce::current as nonce;
use crate::{
    Context, endpoints,
    error::{ErrorCode, OAuthError},
};

/// What proofs may be signed with: PKCS#1 v1.5 is not among it, nor what makes a proof longer than a header may be.
pub const ALGORITHMS: [Algorithm; 7] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::EdDsa,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
];

/// The one type of proofs (RFC 9449 section 4.2).
const TYP: TypRule = TypRule::OneOf(&["dpop+jwt"]);

/// A longer proof is not looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// What a request has in its `DPoP` headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sent {
    /// There is none.
    #[default]
    Nothing,
    /// There is one.
    One(String),
    /// There are several, of which none counts (RFC 9449 section 4.3).
    Several,
    /// It is no text.
    Unreadable,
}

impl Sent {
    /// Whether there is anything.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::One(_) | Self::Several | Self::Unreadable => true,
        }
    }
}

/// The request that a proof is for.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    /// The method.
    pub(crate) method: &'a str,
    /// The endpoint, relative to the issuer.
    pub(crate) endpoint: &'a str,
    /// The access token that comes with it.
    pub(crate) access_token: Option<&'a str>,
}

/// A proof that is right in itself. Whether it was used before is another question.
#[derive(Debug)]
pub(crate) struct Proof {
    key: Thumbprint,
    jti: String,
    /// Until when some replica could take it for a fresh one.
    until: Timestamp,
}

/// Why a proof is refused.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It is not one for this request.
    Invalid(&'static str),
    /// It must have a nonce of ours that is good now (RFC 9449 section 8).
    UseNonce,
    /// The client used too many lately.
    TooMany,
    /// We are at fault.
    Ours(Fault),
}

/// The proof that a client sends to the token endpoint, if it is new; none where it sends none and need not.
pub(crate) async fn at_token_endpoint(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    sent: &Sent,
) -> Result<Option<Proof>, OAuthError> {
    let proof = of_client(cx, view, client, sent, endpoints::TOKEN).await?;
    let must_be_bound = client.metadata.tokens.dpop_bound || view.tenant.settings.dpop == DpopPolicy::Required;
    if proof.is_none() && must_be_bound {
        return Err(Refused::Invalid(MISSING).into());
    }
    Ok(proof)
}

/// The proof that a client posts to one of its endpoints, if it is new. None where none was sent, or where the tenant does
/// not look at proofs.
pub(crate) async fn of_client(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    sent: &Sent,
    endpoint: &'static str,
) -> Result<Option<Proof>, Refused> {
    match view.tenant.settings.dpop {
        DpopPolicy::Offered | DpopPolicy::Required if sent.is_there() => {}
        DpopPolicy::Off | DpopPolicy::Offered | DpopPolicy::Required => return Ok(None),
    }
    let target = Target { method: "POST", endpoint, access_token: None };
    let proof = Proof::read(view, sent, target, cx.clock.now())?;
    proof.check_new(cx, view, client).await?;
    Ok(Some(proof))
}

impl Proof {
    /// Reads a proof for that request and looks at everything but whether it is new (RFC 9449 section 4.3).
    pub(crate) fn read(view: &TenantView, sent: &Sent, target: Target<'_>, now: Timestamp) -> Result<Self, Refused> {
        let text = match sent {
            Sent::Nothing => return Err(Refused::Invalid(MISSING)),
            Sent::Several => return Err(Refused::Invalid("there is more than one DPoP header")),
            Sent::Unreadable => return Err(Refused::Invalid("the DPoP header is not plain ASCII")),
            Sent::One(text) if text.len() > LONGEST => return Err(Refused::Invalid("the DPoP proof is too long")),
            Sent::One(text) => text,
        };
        let signed =
            view.client_keys.self_signed(text, &ALGORITHMS, TYP).map_err(|why| Refused::Invalid(unsigned(why)))?;
        let examined = Examined { view, said: &signed.jws, target, now };
        let mut found = Findings { jti: String::new(), until: now };
        for (name, check) in CHECKS {
            if let Err(refused) = check(&examined, &mut found) {
                tracing::debug!(check = name, "a DPoP proof is refused");
                return Err(refused);
            }
        }
        Ok(Self { key: signed.thumbprint, jti: found.jti, until: found.until })
    }

    /// The key that it is by.
    pub(crate) const fn key(&self) -> Thumbprint {
        self.key
    }

    /// What is issued for it is bound to this.
    pub(crate) const fn confirmation(&self) -> Confirmation {
        Confirmation::Jkt(self.key)
    }

    /// Refuses one that was used before: one read.
    async fn check_new(&self, cx: &Context, view: &TenantView, client: &Client) -> Result<(), Refused> {
        let used = cx.store.read(view.tenant.id).replay_memory().is_used(&self.used_by(client)).await;
        if used.map_err(Refused::Ours)? { Err(USED) } else { Ok(()) }
    }

    /// Uses it up: the first to do so is believed. Durable when this returns.
    pub(crate) async fn spend(&self, cx: &Context, view: &TenantView, client: &Client) -> Result<(), Refused> {
        match self.insert(cx, view, client).await.map_err(Refused::Ours)? {
            Novelty::New => Ok(()),
            Novelty::Used => Err(USED),
            Novelty::TooMany => Err(Refused::TooMany),
        }
    }

    async fn insert(&self, cx: &Context, view: &TenantView, client: &Client) -> Result<Novelty, Fault> {
        let tx = cx.store.begin(view.tenant.id).await?;
        let novelty = tx.replay_memory().spend(&self.used_by(client), cx.clock.now()).await?;
        tx.commit().await?;
        Ok(novelty)
    }

    fn used_by(&self, client: &Client) -> UsedOnce {
        UsedOnce::proof(client.uid, &self.key, &self.jti, self.until)
    }
}

/// What somebody hears who shows no key.
pub(crate) const MISSING: &str = "a DPoP proof is missing";

/// The refusal of a proof that was used before.
const USED: Refused = Refused::Invalid("the DPoP proof was used before");

/// How long to wait for room in the memory of proofs.
const ROOM_WITHIN: Duration = Duration::from_secs(10);

/// What is wrong with a text that no key proves.
const fn unsigned(why: Untrusted) -> &'static str {
    match why {
        Untrusted::Malformed => "the DPoP proof must be one JWT in the compact form",
        Untrusted::WrongType => "typ of the DPoP proof must be dpop+jwt",
        Untrusted::WrongAlgorithm => "alg of the DPoP proof must be one of dpop_signing_alg_values_supported",
        Untrusted::UnknownKey => "jwk of the DPoP proof must be a sound public key for its alg, and nothing private",
        Untrusted::BadSignature => "the signature of the DPoP proof does not fit its jwk",
    }
}

impl From<Refused> for OAuthError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Invalid(hint) => Self::new(ErrorCode::InvalidDpopProof, hint),
            Refused::UseNonce => {
                Self::new(ErrorCode::UseDpopNonce, "the DPoP proof needs the nonce of the DPoP-Nonce header")
            }
            Refused::TooMany => Self::TooMany { retry_after: ROOM_WITHIN },
            Refused::Ours(fault) => Self::Ours(fault),
        }
    }
}
