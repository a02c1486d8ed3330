//! An application: it sends people to sign in, and uses what it is given.

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    browser::{Answer, Browser},
    dev::{Client, Tenant, User},
    http::{Http, Reply},
};

/// An application that knows its issuer's metadata.
#[derive(Clone)]
pub struct Party {
    /// The issuer's metadata (OpenID Connect Discovery section 3).
    pub metadata: Value,
    /// Who it is.
    pub client: Client,
    http: Http,
}

/// An authorization request on its way.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Where to send the person.
    pub url: Url,
    /// What must come back.
    pub state: String,
    /// What must be in the ID token.
    pub nonce: String,
    /// What proves that the code is its own (RFC 7636 section 4.1).
    pub verifier: String,
}

impl Attempt {
    /// The URL with another value of one parameter.
    #[must_use]
    pub fn with(&self, parameter: &str, value: &str) -> Url {
        let mut changed = self.url.clone();
        let others = self.url.query_pairs().filter(|(name, _)| name != parameter);
        changed.query_pairs_mut().clear().extend_pairs(others).append_pair(parameter, value);
        changed
    }
}

impl Party {
    /// Reads the metadata of its issuer.
    pub async fn discover(tenant: &Tenant, client: &Client) -> Result<Self> {
        Self::discover_by(Http::new()?, tenant, client).await
    }

    /// The same, by that way.
    pub async fn discover_by(http: Http, tenant: &Tenant, client: &Client) -> Result<Self> {
        let url = format!("{}/.well-known/openid-configuration", tenant.issuer);
        let metadata = Reply::read(http.get(&url)?.send().await?).await?.success()?;
        anyhow::ensure!(metadata["issuer"] == tenant.issuer.as_str(), "issuer {}", metadata["issuer"]);
        Ok(Self { metadata, client: client.clone(), http })
    }

    /// The same application, by another way.
    #[must_use]
    pub fn by_way_of(&self, http: Http) -> Self {
        Self { http, ..self.clone() }
    }

    /// The URL of an endpoint, by its name in the metadata.
    pub fn endpoint(&self, name: &str) -> Result<&str> {
        self.metadata[name].as_str().with_context(|| format!("no {name} in the metadata"))
    }

    /// The redirect URI it uses.
    pub fn redirect_uri(&self) -> Result<&str> {
        self.client.redirect_uris.first().map(String::as_str).context("no redirect URI")
    }

    /// Begins an authorization request, with more parameters than the usual ones.
    pub fn begin(&self, scope: &str, more: &[(&str, &str)]) -> Result<Attempt> {
        let [state, nonce] = [random_text(), random_text()];
        let verifier = random_text();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let mut url = Url::parse(self.endpoint("authorization_endpoint")?)?;
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.client.client_id),
            ("redirect_uri", self.redirect_uri()?),
            ("scope", scope),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        url.query_pairs_mut().extend_pairs(more);
        Ok(Attempt { url, state, nonce, verifier })
    }

    /// Sends a person through an authorization request and checks what comes back (RFC 9207 section 2.4).
    pub async fn obtain_code(&self, browser: &mut Browser, user: &User, attempt: &Attempt) -> Result<String> {
        let answer = browser.authorize(attempt.url.as_str(), user, self.redirect_uri()?).await?;
        self.code_in(&answer, attempt)
    }

    /// The code of an answer to that attempt.
    pub fn code_in(&self, answer: &Answer, attempt: &Attempt) -> Result<String> {
        anyhow::ensure!(answer.get("iss").map(String::as_str) == self.metadata["issuer"].as_str(), "iss in {answer:?}");
        anyhow::ensure!(answer.get("state") == Some(&attempt.state), "state in {answer:?}");
        answer.get("code").cloned().with_context(|| format!("no code in {answer:?}"))
    }

    /// From the person to the tokens.
    pub async fn sign_in(&self, browser: &mut Browser, user: &User, scope: &str) -> Result<Value> {
        // Consent is asked for, as OpenID Connect Core section 11 wants it where access outlives the visit.
        let prompt = scope.split(' ').any(|scope| scope == "offline_access");
        let attempt = self.begin(scope, if prompt { &[("prompt", "consent")] } else { &[] })?;
        let code = self.obtain_code(browser, user, &attempt).await?;
        self.redeem(&code, &attempt.verifier).await?.success()
    }

    /// Redeems a code.
    pub async fn redeem(&self, code: &str, verifier: &str) -> Result<Reply> {
        let redirect_uri = self.redirect_uri()?;
        let grant = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)];
        self.token(&[&grant[..], &[("code_verifier", verifier)]].concat()).await
    }

    /// Presents a refresh token.
    pub async fn refresh(&self, token: &str) -> Result<Reply> {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Calls the token endpoint.
    pub async fn token(&self, form: &[(&str, &str)]) -> Result<Reply> {
        self.call("token_endpoint", form).await
    }

    /// Asks what a token is worth.
    pub async fn introspect(&self, token: &str) -> Result<Value> {
        self.call("introspection_endpoint", &[("token", token)]).await?.success()
    }

    /// Gives a token back.
    pub async fn revoke(&self, token: &str) -> Result<Reply> {
        self.call("revocation_endpoint", &[("token", token)]).await
    }

    /// Asks who the token is about.
    pub async fn userinfo(&self, access_token: &str) -> Result<Reply> {
        let request = self.http.get(self.endpoint("userinfo_endpoint")?)?.bearer_auth(access_token);
        Reply::read(request.send().await?).await
    }

    /// Calls an endpoint as itself.
    pub async fn call(&self, endpoint: &str, form: &[(&str, &str)]) -> Result<Reply> {
        let request = self.http.post(self.endpoint(endpoint)?)?;
        let request = match &self.client.client_secret {
            Some(secret) => request.basic_auth(&self.client.client_id, Some(secret)).form(form),
            None => request.form(&[form, &[("client_id", self.client.client_id.as_str())]].concat()),
        };
        Reply::read(request.send().await?).await
    }

    /// The keys that the issuer publishes, with the header fields that say for how long.
    pub async fn keys(&self) -> Result<Reply> {
        Reply::read(self.http.get(self.endpoint("jwks_uri")?)?.send().await?).await
    }
}

/// Text nobody can guess, of 43 characters.
#[must_use]
pub fn random_text() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What a JWT claims, unverified.
pub fn claims(jwt: &str) -> Result<Value> {
    part(jwt, 1)
}

/// The header of a JWT, unverified.
pub fn header(jwt: &str) -> Result<Value> {
    part(jwt, 0)
}

fn part(jwt: &str, at: usize) -> Result<Value> {
    let part = jwt.split('.').nth(at).context("no JWT")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?)
}
