//! The secret of a client that registers itself.

use chancery_domain::{
    client::{Client, ClientSecret},
    fault::Fault,
    id::SecretId,
    ports::jose::Purpose,
    secret::{OpaqueToken, SealedSecret, TokenKind},
    time::Timestamp,
    view::TenantView,
    vocabulary::ClientAuthMethod,
};

use crate::Context;

/// Whether the client needs one, to prove itself or for what is signed with it.
pub(super) fn is_needed(client: &Client) -> bool {
    let proves = client.auth_methods.iter().any(|method| match method {
        ClientAuthMethod::Basic | ClientAuthMethod::Post | ClientAuthMethod::SecretJwt => true,
        ClientAuthMethod::PrivateKeyJwt
        | ClientAuthMethod::Tls
        | ClientAuthMethod::SelfSignedTls
        | ClientAuthMethod::None => false,
    });
    proves || client.needs_sealed_secrets()
}

/// A new one, which does not expire; sealed as well where the server computes with it.
pub(super) fn generate(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    now: Timestamp,
) -> Result<(OpaqueToken, ClientSecret), Fault> {
    let token = OpaqueToken::generate(TokenKind::ClientSecret, &*cx.random);
    let id = SecretId::generate(&*cx.random, now);
    let sealed = if client.needs_sealed_secrets() {
        let context = ClientSecret::context(client.uid, id);
        // Sealed as the octets of the text: those are the key.
        Some(SealedSecret(view.sealer.seal(Purpose::ClientSecret, &context, token.expose().as_bytes())?))
    } else {
        None
    };
    let (digest, hint) = (token.digest(), token.hint());
    let secret = ClientSecret { id, digest, sealed, hint, created_at: now, expires_at: None, last_used_at: None };
    Ok((token, secret))
}
