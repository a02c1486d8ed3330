//! What the token endpoint answers (RFC 6749 section 5, OpenID Connect Core sections 3.1.3 and 12).

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chancery_tests::{
    http::{Http, Reply},
    party::{Party, claims},
};
use serde_json::{Value, json};

use super::discovery::profiles;
use crate::authorization::scene::{Scene, text};

/// Tokens of somebody, offline access among them.
async fn tokens(scene: &Scene, party: &Party) -> Result<Value> {
    let attempt = party.begin("openid profile email offline_access", &[])?;
    let code = scene.code(party, &attempt).await?;
    party.redeem(&code, &attempt.verifier).await?.success()
}

fn is_response(reply: &Reply) -> Result<()> {
    ensure!(reply.status == 200 && reply.header("content-type") == "application/json", "{reply:?}");
    ensure!(reply.header("cache-control") == "no-store", "{reply:?}");
    ensure!(reply.body["token_type"] == "Bearer", "{reply:?}");
    ensure!(reply.body["expires_in"].as_u64().is_some_and(|seconds| seconds > 0), "{reply:?}");
    ensure!(reply.body["access_token"].as_str().is_some_and(|token| !token.is_empty()), "{reply:?}");
    Ok(())
}

pub(super) async fn response(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.backend, &scene.hybrid] {
        let attempt = party.begin("openid offline_access", &[])?;
        let code = scene.code(party, &attempt).await?;
        let reply = party.redeem(&code, &attempt.verifier).await?;
        is_response(&reply)?;
        is_response(&party.refresh(text(&reply.body, "refresh_token")?).await?)?;
    }
    for beside in profiles(scene) {
        let party = scene.confidential(beside, &json!({})).await?;
        is_response(&party.token(&[("grant_type", "client_credentials")]).await?)?;
    }
    Ok(())
}

pub(super) async fn errors(scene: &Scene) -> Result<()> {
    for beside in profiles(scene) {
        let party = scene.confidential(beside, &json!({})).await?;
        let code =
            [("grant_type", "authorization_code"), ("code", "chc_unheard"), ("redirect_uri", "https://a.example/")];
        let refresh = ("grant_type", "refresh_token");
        let machine = ("grant_type", "client_credentials");
        let forms: &[(&[(&str, &str)], &str)] = &[
            (&[], "invalid_request"),
            (&[("grant_type", "unheard_of")], "unsupported_grant_type"),
            (&code[..1], "invalid_request"),
            (&code, "invalid_grant"),
            (&[refresh], "invalid_request"),
            (&[refresh, ("refresh_token", "chr_unheard")], "invalid_grant"),
            (&[machine, machine], "invalid_request"),
            (&[machine, ("scope", "unheard:of")], "invalid_scope"),
            (&[machine, ("scope", "a\"b")], "invalid_scope"),
            (&[machine, ("scope", "openid")], "invalid_scope"),
            (&[machine, ("resource", "https://unheard.example/")], "invalid_target"),
        ];
        for (form, error) in forms {
            let reply = party.token(form).await?;
            ensure!(reply.refusal() == (400, error), "{form:?}: {reply:?}");
            is_refusal(&reply)?;
        }
        let mut impostor = party.clone();
        impostor.client.client_secret = Some("wrong".to_owned());
        let mut nobody = party.clone();
        "unheard-of".clone_into(&mut nobody.client.client_id);
        for party in [&impostor, &nobody] {
            for form in [&[machine][..], &code, &[]] {
                let reply = party.token(form).await?;
                ensure!(reply.refusal() == (401, "invalid_client"), "{form:?}: {reply:?}");
                is_refusal(&reply)?;
            }
        }
    }
    Ok(())
}

/// That a refusal has the form of RFC 6749 section 5.2.
fn is_refusal(reply: &Reply) -> Result<()> {
    ensure!(reply.header("content-type") == "application/json", "{reply:?}");
    ensure!(reply.header("cache-control") == "no-store", "{reply:?}");
    let legal = |byte: u8| matches!(byte, 0x20 | 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    ensure!(reply.body["error_description"].as_str().is_some_and(|text| text.bytes().all(legal)), "{reply:?}");
    let members = reply.body.as_object().context("an object")?;
    ensure!(
        members.keys().all(|name| ["error", "error_description", "error_uri"].contains(&name.as_str())),
        "{reply:?}"
    );
    Ok(())
}

/// Every byte, form-encoded.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| all + &format!("%{byte:02X}"))
}

pub(super) async fn secrets(scene: &Scene) -> Result<()> {
    for beside in profiles(scene) {
        let party = scene.confidential(beside, &json!({})).await?;
        let (id, secret) = (&party.client.client_id, party.client.client_secret.as_deref().context("no secret")?);
        let url = party.endpoint("token_endpoint")?;
        let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
        let grant = [("grant_type", "client_credentials")];
        for header in [
            basic(format!("{id}:{secret}")),
            basic(format!("{}:{}", encoded(id), encoded(secret))),
            basic(format!("{id}:{secret}")).replacen("Basic", "basic", 1),
        ] {
            let request = Http::new()?.post(url)?.header("authorization", &header).form(&grant);
            is_response(&Reply::read(request.send().await?).await?).context(header)?;
        }
        let post = [grant[0], ("client_id", id), ("client_secret", secret)];
        is_response(&Reply::read(Http::new()?.post(url)?.form(&post).send().await?).await?)?;
    }
    Ok(())
}

pub(super) async fn refreshing(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.backend, &scene.hybrid] {
        let first = tokens(scene, party).await?;
        let was = claims(text(&first, "id_token")?)?;
        let mut refresh = text(&first, "refresh_token")?.to_owned();
        for scope in [None, Some("openid email"), Some("openid profile email offline_access"), None] {
            tokio::time::sleep(Duration::from_millis(1050)).await;
            let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
            let form: Vec<_> = grant.into_iter().chain(scope.map(|scope| ("scope", scope))).collect();
            let reply = party.token(&form).await?;
            is_response(&reply)?;
            let is = claims(text(&reply.body, "id_token")?)?;
            for claim in ["iss", "sub", "aud", "auth_time", "azp"] {
                ensure!(is[claim] == was[claim], "{claim}: {is} after {was}");
            }
            ensure!(is["iat"].as_i64() > was["iat"].as_i64(), "{is} after {was}");
            let about = party.userinfo(text(&reply.body, "access_token")?).await?.success()?;
            ensure!(about.get("name").is_some() == scope.is_none_or(|scope| scope.contains("profile")), "{about}");
            text(&reply.body, "refresh_token")?.clone_into(&mut refresh);
        }
        // Another client's is nothing, whoever asks, and stays good for its own.
        let other = scene.confidential(party, &json!({})).await?;
        let stolen = other.refresh(&refresh).await?;
        ensure!(stolen.refusal() == (400, "invalid_grant"), "{stolen:?}");
        is_refusal(&stolen)?;
        is_response(&party.refresh(&refresh).await?).context("its own client afterwards")?;
    }
    Ok(())
}
