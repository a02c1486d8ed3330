//! Proofs of possession (RFC 9449) from outside: what attackers send, and the exact answer that each gets, on both databases.

mod nonces;
mod proofs;
mod replicas;
mod tokens;

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::{
    http::{Http, Reply},
    party::{Party, random_text},
};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    authorization::scene::{Scene, text},
    client_keys::{ClientKey, now},
    databases::on_both,
};

on_both! {
    p057_who_must_send_a_proof = tokens::required;
    p057_t064_codes_of_pushed_requests = tokens::pushed;
    p059_t100_refresh_tokens = tokens::refreshed;
    t064_codes_that_are_bound_to_a_key = tokens::codes;
    p058_t131_a_proof_twice = proofs::twice;
    p058_t132_another_request = proofs::of_another_request;
    t133_a_wrong_clock = nonces::wrong_clock;
    p058_t134_keys_that_prove_nothing = proofs::unfit_keys;
    t135_proofs_without_their_token = tokens::without_its_token;
    p058_t136_a_bound_token_by_itself = tokens::presented_by_itself;
    t137_two_headers = proofs::two_headers;
    t138_nonces = nonces::stale_and_foreign;
    t138_a_tenant_that_wants_nonces = nonces::wanted;
    t140_what_is_not_remembered = proofs::not_remembered;
    where_proofs_are_off = tokens::off;
    pages_may_send_proofs = tokens::from_pages;
}

/// What an application asks for that acts for itself.
const MACHINE: [(&str, &str); 1] = [("grant_type", "client_credentials")];

const PROOF: (u16, &str) = (400, "invalid_dpop_proof");
const NONCE: (u16, &str) = (400, "use_dpop_nonce");
const GRANT: (u16, &str) = (400, "invalid_grant");

/// Somebody with a key.
pub(crate) struct Prover {
    key: ClientKey,
    alg: String,
}

impl Prover {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self::with(ClientKey::generate("ES256")?))
    }

    pub(crate) fn with(key: ClientKey) -> Self {
        Self { alg: key.alg.clone(), key }
    }

    /// The same, who says to sign with another algorithm.
    pub(crate) fn naming(self, alg: &str) -> Self {
        Self { alg: alg.to_owned(), ..self }
    }

    /// The members of the public key that count (RFC 7638 section 3.2).
    fn jwk(&self) -> Result<Value> {
        let Value::Object(mut jwk) = self.key.jwk()? else { anyhow::bail!("no public key") };
        jwk.retain(|name, _| ["crv", "e", "kty", "n", "x", "y", "pub", "alg"].contains(&name.as_str()));
        Ok(Value::Object(jwk))
    }

    pub(crate) fn thumbprint(&self) -> Result<String> {
        // A map of serde_json is in the order of the names, and written without blanks.
        Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(self.jwk()?.to_string())))
    }

    fn header(&self) -> Result<Value> {
        Ok(json!({ "typ": "dpop+jwt", "alg": self.alg, "jwk": self.jwk()? }))
    }

    /// The proof that says this.
    fn prove(&self, said: &Value) -> Result<String> {
        self.key.sign_with(&self.header()?, said)
    }

    /// A good proof for that request.
    pub(crate) fn proof(&self, method: &str, url: &str) -> Result<String> {
        self.prove(&said(method, url))
    }

    /// A good proof for that request with that token.
    fn proof_with(&self, method: &str, url: &str, token: &str) -> Result<String> {
        let mut said = said(method, url);
        said["ath"] = hash(token).into();
        self.prove(&said)
    }
}

/// What a good proof says.
fn said(method: &str, url: &str) -> Value {
    json!({ "jti": random_text(), "htm": method, "htu": url, "iat": now() })
}

fn hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

/// Calls an endpoint as that client, with these proofs.
async fn call(party: &Party, endpoint: &str, proofs: &[&str], form: &[(&str, &str)]) -> Result<Reply> {
    let request = Http::new()?.post(party.endpoint(endpoint)?)?;
    let mut request = match &party.client.client_secret {
        Some(secret) => request.basic_auth(&party.client.client_id, Some(secret)).form(form),
        None => request.form(&[form, &[("client_id", party.client.client_id.as_str())]].concat()),
    };
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    Reply::read(request.send().await?).await
}

async fn token(party: &Party, proof: &str, form: &[(&str, &str)]) -> Result<Reply> {
    call(party, "token_endpoint", &[proof], form).await
}

/// A token for the client itself, that is bound to the key.
pub(crate) async fn by_itself(party: &Party, prover: &Prover) -> Result<Reply> {
    token(party, &prover.proof("POST", party.endpoint("token_endpoint")?)?, &MACHINE).await
}

async fn redeem(party: &Party, proofs: &[&str], code: &str, verifier: &str) -> Result<Reply> {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", party.redirect_uri()?),
        ("code_verifier", verifier),
    ];
    call(party, "token_endpoint", proofs, &form).await
}

async fn refresh(party: &Party, proofs: &[&str], token: &str) -> Result<Reply> {
    call(party, "token_endpoint", proofs, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

/// The tokens of a sign-in, bound to the key.
async fn sign_in(scene: &Scene, party: &Party, prover: &Prover, scope: &str) -> Result<Map<String, Value>> {
    let more: &[_] = if scope.contains("offline_access") { &[("prompt", "consent")] } else { &[] };
    let attempt = party.begin(scope, more)?;
    let code = scene.code(party, &attempt).await?;
    let proof = prover.proof("POST", party.endpoint("token_endpoint")?)?;
    let tokens = redeem(party, &[&proof], &code, &attempt.verifier).await?.success()?;
    ensure!(tokens["token_type"] == "DPoP", "{tokens}");
    Ok(tokens.as_object().context("an object")?.clone())
}

/// That a refusal of an endpoint for clients is exactly this.
fn is(reply: &Reply, expected: (u16, &str)) -> Result<()> {
    ensure!(reply.refusal() == expected, "{expected:?} was expected of {reply:?}");
    ensure!(reply.header("cache-control") == "no-store", "{reply:?}");
    ensure!(reply.headers.contains_key("dpop-nonce") == (expected == NONCE), "{reply:?}");
    ensure!(reply.body.get("access_token").is_none(), "{reply:?}");
    Ok(())
}

/// What `UserInfo` says to a token with that scheme and these proofs.
async fn userinfo(party: &Party, scheme: &str, access_token: &str, proofs: &[&str]) -> Result<Reply> {
    let request = Http::new()?.get(party.endpoint("userinfo_endpoint")?)?;
    let mut request = request.header("authorization", format!("{scheme} {access_token}"));
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    Reply::read(request.send().await?).await
}

/// That a refusal of `UserInfo` is exactly this, with a challenge of that scheme.
fn challenged(reply: &Reply, scheme: &str, error: &str) -> Result<()> {
    ensure!(reply.refusal() == (401, error), "{error} was expected of {reply:?}");
    let challenge = reply.header("www-authenticate");
    ensure!(challenge.starts_with(&format!("{scheme} realm=\"")), "{reply:?}");
    ensure!(challenge.contains(&format!("error=\"{error}\"")), "{reply:?}");
    ensure!(challenge.contains("algs=\"ES256 ") == (scheme == "DPoP"), "{reply:?}");
    ensure!(reply.headers.contains_key("dpop-nonce") == (error == "use_dpop_nonce"), "{reply:?}");
    ensure!(reply.body.get("sub").is_none(), "{reply:?}");
    Ok(())
}

/// A public client of the tenant on `oauth21` and confidential ones of both, each this case's alone.
async fn parties(scene: &Scene) -> Result<[Party; 3]> {
    let public = scene.client("KIND_WEB", &["https://proving.example/cb"]).await?;
    Ok([
        public,
        scene.confidential(&scene.web, &json!({})).await?,
        scene.confidential(&scene.hybrid, &json!({})).await?,
    ])
}

/// Those of them that can act for themselves.
async fn machines(scene: &Scene) -> Result<[Party; 2]> {
    let [_, first, second] = parties(scene).await?;
    Ok([first, second])
}

/// The nonce of a refusal.
fn nonce(reply: &Reply) -> Result<String> {
    let nonce = reply.header("dpop-nonce");
    ensure!(!nonce.is_empty(), "no nonce in {reply:?}");
    Ok(nonce.to_owned())
}

/// The text of a member of a token response.
fn of<'a>(tokens: &'a Map<String, Value>, name: &str) -> Result<&'a str> {
    tokens.get(name).and_then(Value::as_str).with_context(|| format!("no {name}"))
}

/// A tenant of its own with these settings, and its confidential client that may act for itself.
async fn tenant_with(scene: &Scene, slug: &str, settings: Value) -> Result<[Party; 2]> {
    let of = json!({ "profile": "PROFILE_OAUTH21", "settings": settings });
    let tenant = chancery_tests::installation::found_with(scene.admin(), slug, of).await?;
    let public = Party::discover(&tenant, tenant.public_client()?).await?;
    let confidential = Party::discover(&tenant, tenant.confidential_client()?).await?;
    ensure!(text(&public.metadata, "issuer")? == tenant.issuer, "{}", public.metadata);
    Ok([public, confidential])
}
