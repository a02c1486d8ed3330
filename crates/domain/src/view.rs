//! The tenant view: what answers most requests, ready in memory.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::{
    claim_mapping::ClaimMappings,
    client::{Client, IdTokenSigning},
    issuer::Issuer,
    key_policy::{KeyPolicy, Margins},
    opaque_access_token,
    ports::{
        client_certificates::JudgeCertificates,
        client_jose::{ClientMacs, ReadClientKeys},
        encryption_keys::OpenEncrypted,
        jose::{MacTokens, Sealer, SignTokens, Untrusted, VerifyTokens},
    },
    profile::Profile,
    resource::{Resource, Resources},
    scope::{BuiltInScope, Scope},
    tenant::Tenant,
    time::Timestamp,
    vocabulary::{AccessTokenFormat, Algorithm, ClientAuthMethod, TokenType},
};

/// A tenant with its policy, its ready-made documents and its keys.
pub struct TenantView {
    /// The tenant.
    pub tenant: Tenant,
    /// Its issuer.
    pub issuer: Issuer,
    /// Its key policy.
    pub key_policy: KeyPolicy,
    /// What the deployment allows for replicas that lag.
    pub margins: Margins,
    /// What it signs with, the default first: each has an active key.
    pub signing_algorithms: Vec<Algorithm>,
    /// Until when the JWK Set is to be kept for a short time only, since a key was compromised.
    pub alarm_until: Option<Timestamp>,
    /// From when on an active key is so old that whoever sees it looks after the tenant's keys itself.
    pub overdue_at: Option<Timestamp>,
    /// Its own scopes, beside the built-in ones.
    pub scopes: Vec<Scope>,
    /// The APIs that its tokens are for.
    pub resources: Resources,
    /// What its tokens and UserInfo say beyond the usual.
    pub claim_mappings: ClaimMappings,
    /// The discovery document, ready to send.
    pub discovery: Document,
    /// The JWK Set, ready to send.
    pub jwk_set: Document,
    /// Signs with its active keys.
    pub signer: Arc<dyn SignTokens>,
    /// Believes what its keys signed.
    pub verifier: Arc<dyn VerifyTokens>,
    /// Signs and believes what is signed with secrets that it shares.
    pub macs: Arc<dyn MacTokens>,
    /// Reads the keys of its clients.
    pub client_keys: Arc<dyn ReadClientKeys>,
    /// Where its endpoints are for clients that show certificates, if that is another place (RFC 8705 section 5).
    pub certificates_at: Option<Issuer>,
    /// Judges the certificates of its clients; none where no certificate can reach this deployment.
    pub client_certificates: Option<Arc<dyn JudgeCertificates>>,
    /// Believes what its clients sign with their secrets.
    pub client_macs: Arc<dyn ClientMacs>,
    /// Opens what its clients encrypted to it; none where it takes nothing encrypted.
    pub opener: Option<Arc<dyn OpenEncrypted>>,
    /// Seals under its key.
    pub sealer: Arc<dyn Sealer>,
    /// How old all of this can be.
    pub freshness: Arc<Freshness>,
}

impl TenantView {
    /// Whether the view is fresh enough to sign (Vs of the key timing).
    #[must_use]
    pub fn may_sign(&self, now: Timestamp) -> bool {
        !self.margins.count() || now.since(self.freshness.at()) <= self.margins.signing_view_age
    }

    /// Whether the view is fresh enough to serve the JWK Set (Vj of the key timing).
    #[must_use]
    pub fn may_serve_keys(&self, now: Timestamp) -> bool {
        !self.margins.count() || now.since(self.freshness.at()) <= self.margins.serving_view_age
    }

    /// What new tokens are signed with where nobody asks for something else.
    #[must_use]
    pub fn default_algorithm(&self) -> Algorithm {
        self.signing_algorithms.first().copied().unwrap_or_else(|| self.key_policy.default_algorithm())
    }

    /// The `max-age` to serve the JWK Set with.
    #[must_use]
    pub fn jwk_set_max_age(&self, now: Timestamp) -> Duration {
        self.key_policy.max_age_at(self.alarm_until, now)
    }

    /// What signs a client's ID tokens here. Where the profile forbids shared secrets, what the client registered under
    /// another profile does not count.
    #[must_use]
    pub fn id_token_signing(&self, client: &Client) -> SignedBy {
        match client.id_token_signing {
            IdTokenSigning::ClientSecret if self.tenant.profile.allows_shared_secrets() => SignedBy::ClientSecret,
            IdTokenSigning::Key(algorithm) => SignedBy::Key(self.signing_with(Some(algorithm))),
            IdTokenSigning::ClientSecret | IdTokenSigning::TenantKey => SignedBy::Key(self.usual_id_token_algorithm()),
        }
    }

    /// What signs the ID tokens of a client that registered nothing (OpenID Connect Dynamic Client Registration section 2):
    /// where the profile is that of OpenID Connect RS256, as long as the tenant signs with it.
    fn usual_id_token_algorithm(&self) -> Algorithm {
        match self.tenant.profile {
            Profile::Oidc => self.signing_with(Some(Algorithm::Rs256)),
            Profile::Oauth21 => self.default_algorithm(),
        }
    }

    /// The algorithm that was registered, as long as there is a key for it; else the tenant's default.
    #[must_use]
    pub fn signing_with(&self, registered: Option<Algorithm>) -> Algorithm {
        let ready = registered.filter(|algorithm| self.signing_algorithms.contains(algorithm));
        ready.unwrap_or_else(|| self.default_algorithm())
    }

    /// The life of a client's ID tokens.
    #[must_use]
    pub fn id_token_ttl(&self, client: &Client) -> Duration {
        let own = client.metadata.tokens.lifetimes.id_token;
        own.map_or(self.tenant.settings.id_token_ttl, |own| self.promised(own))
    }

    /// The life that a client registered, as far as the tenant's keys have promised to prove anything for so long.
    #[must_use]
    pub fn promised(&self, registered: Duration) -> Duration {
        registered.min(self.key_policy.token_life)
    }

    /// How long a client's refresh token may lie unused.
    #[must_use]
    pub fn refresh_idle_ttl(&self, client: &Client) -> Duration {
        client.metadata.tokens.lifetimes.refresh_idle.unwrap_or(self.tenant.settings.refresh_idle_ttl)
    }

    /// How long a family of a client's refresh tokens lives.
    #[must_use]
    pub fn refresh_absolute_ttl(&self, client: &Client) -> Duration {
        client.metadata.tokens.lifetimes.refresh_absolute.unwrap_or(self.tenant.settings.refresh_absolute_ttl)
    }

    /// The longest life that it gives an access token of a client, whoever that is for.
    #[must_use]
    pub fn longest_access_token_ttl(&self, client: &Client) -> Duration {
        let usual = self.tenant.settings.access_token_ttl.max(Resource::longest_life(self.resources.all()));
        usual.max(client.metadata.tokens.lifetimes.access_token.unwrap_or_default())
    }

    /// The form of its access tokens, as far as its profile allows it.
    #[must_use]
    pub const fn access_token_format(&self) -> AccessTokenFormat {
        match self.tenant.settings.access_token_format {
            AccessTokenFormat::Hmac if !self.tenant.profile.allows_shared_secrets() => AccessTokenFormat::Jwt,
            format @ (AccessTokenFormat::Jwt | AccessTokenFormat::Hmac | AccessTokenFormat::Opaque) => format,
        }
    }

    /// Whether its clients can prove themselves like that.
    #[must_use]
    pub fn offers(&self, method: ClientAuthMethod) -> bool {
        match method {
            ClientAuthMethod::Tls => {
                self.client_certificates.as_ref().is_some_and(|certificates| certificates.has_authorities())
            }
            ClientAuthMethod::SelfSignedTls => self.client_certificates.is_some(),
            ClientAuthMethod::Basic
            | ClientAuthMethod::Post
            | ClientAuthMethod::PrivateKeyJwt
            | ClientAuthMethod::SecretJwt
            | ClientAuthMethod::None => true,
        }
    }

    /// Whether its access tokens can be bound to certificates (RFC 8705 section 3).
    #[must_use]
    pub const fn binds_to_certificates(&self) -> bool {
        self.client_certificates.is_some()
    }

    /// What an access token of this tenant says, of whatever form it is. Time, issuer and audience are the caller's.
    pub fn access_token(&self, token: &str) -> Result<Map<String, Value>, Untrusted> {
        match opaque_access_token::open(&*self.sealer, token) {
            Some(claims) => claims,
            None => self.verifier.verify(token, TokenType::AccessToken),
        }
    }

    /// What the consent page says of a scope, if the scope exists here.
    #[must_use]
    pub fn describe(&self, scope: &str) -> Option<&str> {
        let own = || self.scopes.iter().find(|own| own.value.as_str() == scope).map(|own| own.description.as_str());
        BuiltInScope::find(scope).map(|built_in| built_in.description).or_else(own)
    }
}

impl fmt::Debug for TenantView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantView").field("tenant", &self.tenant.slug).finish_non_exhaustive()
    }
}

/// What signs an ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedBy {
    /// The tenant's key of that algorithm.
    Key(Algorithm),
    /// The secret of the client, by HS256.
    ClientSecret,
}

/// Bytes with their entity tag (RFC 9110 section 8.8.3).
#[derive(Clone, Debug)]
pub struct Document {
    /// What is sent.
    pub body: Bytes,
    /// A strong entity tag, quotes included.
    pub etag: String,
}

impl Document {
    /// A document whose tag is the digest of its bytes.
    #[must_use]
    pub fn new(body: Vec<u8>) -> Self {
        let digest = crate::secret::Digest::of("document", &body);
        let etag = format!("\"{}\"", crate::secret::base64url(&digest.bytes()[..16]));
        Self { body: body.into(), etag }
    }
}

/// As of when something in memory is right: when the change feed was last read to its end, or, for a view that a change
/// has overtaken, when that was the last time before the change. A request may hold such a view for as long as its
/// process was frozen; it must not look fresh only because the feed is being read again.
#[derive(Debug)]
pub struct Freshness {
    at: AtomicI64,
    shared: Option<Arc<Freshness>>,
}

impl Freshness {
    /// Fresh as of that moment.
    #[must_use]
    pub const fn new(at: Timestamp) -> Self {
        Self { at: AtomicI64::new(at.millis()), shared: None }
    }

    /// As fresh as everything else, until a change overtakes it.
    #[must_use]
    pub const fn following(shared: Arc<Self>) -> Self {
        Self { at: AtomicI64::new(i64::MAX), shared: Some(shared) }
    }

    /// As of when it is fresh.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        // What is shared comes first: whoever sees it refreshed sees also what was overtaken before that.
        let shared = self.shared.as_ref().map_or(i64::MAX, |shared| shared.at().millis());
        Timestamp::from_millis(self.at.load(Ordering::Acquire).min(shared))
    }

    /// The feed was read to its end again; `began` is the time before the reading began.
    pub fn refresh(&self, began: Timestamp) {
        self.at.fetch_max(began.millis(), Ordering::AcqRel);
    }

    /// A change overtook it, and it was right as of `at`: it gets no fresher.
    pub fn overtaken(&self, at: Timestamp) {
        self.at.fetch_min(at.millis(), Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_change_overtook_gets_no_fresher() {
        let at = Timestamp::from_millis;
        let shared = Arc::new(Freshness::new(at(1_000)));
        let [kept, overtaken] = [(); 2].map(|()| Freshness::following(Arc::clone(&shared)));
        shared.refresh(at(2_000));
        assert_eq!((kept.at(), overtaken.at()), (at(2_000), at(2_000)));
        overtaken.overtaken(shared.at());
        shared.refresh(at(9_000));
        assert_eq!((kept.at(), overtaken.at()), (at(9_000), at(2_000)));
    }
}
