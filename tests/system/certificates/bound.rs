//! Access tokens that are bound to a certificate (RFC 8705 section 3).

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    dev::Tenant,
    http::Reply,
    party::{Party, claims},
};
use serde_json::{Value, json};

use super::{
    authority::{Shown, wanted},
    scene::Scene,
};
use crate::{
    authorization::scene::{confidential, text},
    dpop::Prover,
};

/// A client whose tokens are bound, by the method that is said of it.
async fn bound(scene: &Scene, tenant: &Tenant, more: Value) -> Result<Party> {
    let mut whole = json!({ "tlsClientCertificateBoundAccessTokens": true });
    whole.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
    confidential(&scene.site.admin, tenant, &whole).await
}

/// Redeems a code over TLS with that certificate.
async fn signs_in(scene: &Scene, tenant: &Tenant, party: &Party, shown: Option<&Shown>) -> Result<Reply> {
    let attempt = party.begin("openid offline_access", &[("prompt", "consent")])?;
    let code = party.obtain_code(&mut Browser::new()?, tenant.user()?, &attempt).await?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", party.redirect_uri()?),
        ("code_verifier", attempt.verifier.as_str()),
    ];
    scene.call(party, shown, "token_endpoint", &form).await
}

/// Shows a token at `UserInfo`, with that certificate.
async fn about(scene: &Scene, party: &Party, token: &str, shown: Option<&Shown>) -> Result<Reply> {
    let place = text(&party.metadata["mtls_endpoint_aliases"], "userinfo_endpoint")?;
    Reply::read(scene.door.caller(shown)?.get(place).bearer_auth(token).send().await?).await
}

fn is_refused(reply: &Reply) -> Result<()> {
    ensure!(reply.status == 401, "{reply:?}");
    let challenge = reply.header("www-authenticate");
    ensure!(challenge.starts_with("Bearer ") && challenge.contains("error=\"invalid_token\""), "{challenge}");
    Ok(())
}

/// On both profiles, and in every form that access tokens have there.
pub(super) async fn over_another(scene: &Scene) -> Result<()> {
    for tenant in [&scene.site.first, &scene.site.second] {
        let name = format!("bound.{}.example", tenant.tenant);
        let by_name = json!({ "authMethods": ["AUTH_METHOD_TLS_CLIENT_AUTH"], "tlsClientAuthSanDns": name });
        let party = bound(scene, tenant, by_name).await?;
        ensure!(party.metadata["tls_client_certificate_bound_access_tokens"] == true, "{}", party.metadata);
        let own = scene.authority.gives_to(&[&name])?;
        let tokens = signs_in(scene, tenant, &party, Some(&own)).await?.success()?;
        ensure!(tokens["token_type"] == "Bearer", "{tokens}");
        let token = text(&tokens, "access_token")?;
        ensure!(claims(token)?["cnf"] == json!({ "x5t#S256": own.thumbprint() }), "{}", claims(token)?);

        let told = about(scene, &party, token, Some(&own)).await?.success()?;
        ensure!(told["sub"].is_string(), "{told}");
        // Another certificate of the same client is another certificate.
        let renewed = scene.authority.gives_to(&[&name])?;
        for shown in [Some(&renewed), None] {
            is_refused(&about(scene, &party, token, shown).await?)?;
        }
        is_refused(&party.userinfo(token).await?)?;

        let asked = [("token", token)];
        let told = scene.call(&party, Some(&renewed), "introspection_endpoint", &asked).await?.success()?;
        ensure!(told["active"] == true && told["cnf"] == json!({ "x5t#S256": own.thumbprint() }), "{told}");

        // The client proves itself by its name, so it goes on with the new one, and what it gets then is bound to that.
        let refresh = text(&tokens, "refresh_token")?;
        let again = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let later = scene.call(&party, Some(&renewed), "token_endpoint", &again).await?.success()?;
        let token = text(&later, "access_token")?;
        ensure!(about(scene, &party, token, Some(&renewed)).await?.status == 200);
        is_refused(&about(scene, &party, token, Some(&own)).await?)?;
    }
    Ok(())
}

pub(super) async fn without(scene: &Scene) -> Result<()> {
    let tenant = &scene.site.first;
    // It proves itself by a secret, and shows a certificate to bind its tokens to.
    let party = bound(scene, tenant, json!({ "authMethods": ["AUTH_METHOD_CLIENT_SECRET_POST"] })).await?;
    let secret = party.client.client_secret.clone().context("no secret")?;
    let own = Shown::of_its_own(&wanted(&["whoever"])?)?;
    let form = [("grant_type", "client_credentials"), ("client_secret", secret.as_str())];
    let given = scene.call(&party, Some(&own), "token_endpoint", &form).await?.success()?;
    ensure!(claims(text(&given, "access_token")?)?["cnf"]["x5t#S256"] == own.thumbprint());
    let none = scene.call(&party, None, "token_endpoint", &form).await?;
    ensure!(none.refusal() == (400, "invalid_request"), "{none:?}");
    let usual = party.token(&form[..1]).await?;
    ensure!(usual.refusal() != (200, ""), "{usual:?}");
    // A client that registered nothing of the kind gets tokens that are bound to nothing.
    let free = scene.known_by_keys(&[own.jwk()]).await?;
    let given = scene.asks(&free, Some(&own)).await?.success()?;
    ensure!(claims(text(&given, "access_token")?)?.get("cnf").is_none(), "{given}");
    let in_browser = json!({ "responseTypes": ["code token"],
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_IMPLICIT"] });
    ensure!(bound(scene, &scene.site.second, in_browser).await.is_err(), "a browser shows no certificate");
    Ok(())
}

/// Whoever takes its refresh token has not its certificate.
pub(super) async fn public(scene: &Scene) -> Result<()> {
    let tenant = &scene.site.first;
    let party = bound(
        scene,
        tenant,
        json!({ "authMethods": ["AUTH_METHOD_NONE"],
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN"] }),
    )
    .await?;
    let [own, other] = [Shown::of_its_own(&wanted(&["own"])?)?, Shown::of_its_own(&wanted(&["own"])?)?];
    let none = signs_in(scene, tenant, &party, None).await?;
    ensure!(none.refusal() == (400, "invalid_request"), "{none:?}");
    let tokens = signs_in(scene, tenant, &party, Some(&own)).await?.success()?;
    let token = text(&tokens, "access_token")?;
    ensure!(about(scene, &party, token, Some(&own)).await?.status == 200);
    is_refused(&about(scene, &party, token, Some(&other)).await?)?;
    let again = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token")?)];
    let stolen = scene.call(&party, Some(&other), "token_endpoint", &again).await?;
    ensure!(stolen.refusal() == (400, "invalid_grant"), "{stolen:?}");
    ensure!(scene.call(&party, None, "token_endpoint", &again).await?.status == 400);
    scene.call(&party, Some(&own), "token_endpoint", &again).await?.success().map(drop)
}

/// A proof names the URL that its request goes to, the alias as well, and is good once wherever it is shown.
pub(super) async fn proofs(scene: &Scene) -> Result<()> {
    let party = scene.known_by("tlsClientAuthSanDns", "proof.example").await?;
    let own = scene.authority.gives_to(&["proof.example"])?;
    let place = text(&party.metadata["mtls_endpoint_aliases"], "token_endpoint")?;
    let prover = Prover::new()?;
    let form = [("grant_type", "client_credentials"), ("client_id", party.client.client_id.as_str())];
    let ask = async |proof: &str| {
        let request = scene.door.caller(Some(&own))?.post(place).header("dpop", proof).form(&form);
        Reply::read(request.send().await?).await
    };
    for named in [place, party.endpoint("token_endpoint")?] {
        let proof = prover.proof("POST", named)?;
        let tokens = ask(&proof).await?.success()?;
        ensure!(tokens["token_type"] == "DPoP", "{tokens}");
        let said = claims(text(&tokens, "access_token")?)?;
        ensure!(said["cnf"] == json!({ "jkt": prover.thumbprint()? }), "{said}");
        let again = ask(&proof).await?;
        ensure!(again.refusal() == (400, "invalid_dpop_proof"), "{named}: {again:?}");
    }
    let of_second = place.replace(&scene.site.first.tenant, &scene.site.second.tenant);
    for other in [&of_second, text(&party.metadata["mtls_endpoint_aliases"], "userinfo_endpoint")?] {
        let reply = ask(&prover.proof("POST", other)?).await?;
        ensure!(reply.refusal() == (400, "invalid_dpop_proof"), "{other}: {reply:?}");
    }
    Ok(())
}
