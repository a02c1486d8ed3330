//! What clients sign: with their registered keys or with their secrets, and with nothing else.

use chancery_domain::{
    client::Client,
    ports::{
        client_jose::{ClientJws, TypRule},
        client_key_sets::NoClientKeys,
        jose::Untrusted,
    },
    view::TenantView,
    vocabulary::{Algorithm, ClientAlgorithm, MacAlgorithm},
};

use crate::Context;

/// Which algorithms are taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Algorithms<'a> {
    /// Of the client's keys.
    Keys(&'a [Algorithm]),
    /// Of its secrets.
    Secrets(&'a [MacAlgorithm]),
}

impl<'a> Algorithms<'a> {
    /// Those of keys.
    pub(crate) const EVERY_KEY: Self = Self::Keys(Algorithm::ALL);
    /// Those of secrets.
    pub(crate) const EVERY_SECRET: Self = Self::Secrets(MacAlgorithm::ALL);

    /// The one that a client registered.
    pub(crate) fn only(registered: &'a ClientAlgorithm) -> Self {
        match registered {
            ClientAlgorithm::Key(algorithm) => Self::Keys(std::slice::from_ref(algorithm)),
            ClientAlgorithm::Secret(algorithm) => Self::Secrets(std::slice::from_ref(algorithm)),
        }
    }
}

/// What a compact JWS says that the client signed. Time, issuer and audience are the caller's.
pub(crate) async fn verify(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    token: &str,
    algorithms: Algorithms<'_>,
    typ: TypRule,
) -> Result<ClientJws, Untrusted> {
    match algorithms {
        Algorithms::Keys(algorithms) => by_key(cx, view, client, token, algorithms, typ).await,
        Algorithms::Secrets(algorithms) => view.client_macs.verify(client, token, algorithms, typ, cx.clock.now()),
    }
}

/// By its keys. When it signs with one that is not among them, it may have begun to use a new one.
async fn by_key(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    token: &str,
    algorithms: &[Algorithm],
    typ: TypRule,
) -> Result<ClientJws, Untrusted> {
    let tenant = view.tenant.id;
    let known = cx.client_key_sets.of(tenant, client).await.map_err(|why| unknown(client, &why))?;
    match known.verify(token, algorithms, typ) {
        Err(Untrusted::UnknownKey) => {
            let newer = cx.client_key_sets.refresh_for_unknown_kid(tenant, client).await;
            newer.map_err(|why| unknown(client, &why))?.verify(token, algorithms, typ)
        }
        told => told,
    }
}

/// Keys that are not to be had prove nothing. That is the client's to mend, so the log tells why.
fn unknown(client: &Client, why: &NoClientKeys) -> Untrusted {
    tracing::info!(client.id = client.id.as_str(), %why, "nothing that the client signs can be verified");
    Untrusted::UnknownKey
}

/// A time among the claims (a `NumericDate`, RFC 7519 section 2). Outside: it is there and is none. A fraction of a second
/// would be lawful, but nobody writes one, and readers differ in what they make of it; nothing was before 1970.
pub(crate) fn time(jws: &ClientJws, claim: &str) -> Result<Option<i64>, NoTime> {
    match jws.claims.get(claim) {
        None => Ok(None),
        Some(value) => value.as_i64().filter(|seconds| *seconds >= 0).map(Some).ok_or(NoTime),
    }
}

/// What stands there is no time.
#[derive(Debug)]
pub(crate) struct NoTime;
