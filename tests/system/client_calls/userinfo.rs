//! Tokens at `UserInfo` (RFC 6750, OpenID Connect Core section 5.3).

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    http::{Http, Reply},
    party::{Party, random_text},
};
use reqwest::header::HeaderValue;
use serde_json::json;
use url::Url;

use crate::authorization::scene::{Scene, text};

/// That a refusal is exactly this, with its challenge (RFC 6750 section 3).
fn challenged(reply: &Reply, expected: (u16, &str)) -> Result<()> {
    ensure!(reply.refusal() == expected, "{expected:?} was expected of {reply:?}");
    ensure!(reply.header("cache-control") == "no-store", "{reply:?}");
    let challenge = reply.header("www-authenticate");
    ensure!(challenge.starts_with("Bearer realm=\""), "{reply:?}");
    ensure!(expected.1.is_empty() || challenge.contains(&format!("error=\"{}\"", expected.1)), "{reply:?}");
    ensure!(reply.body.get("sub").is_none(), "{reply:?}");
    Ok(())
}

async fn tokens(scene: &Scene, party: &Party, scope: &str) -> Result<serde_json::Value> {
    let attempt = party.begin(scope, &[])?;
    let code = scene.code(party, &attempt).await?;
    party.redeem(&code, &attempt.verifier).await?.success()
}

pub(super) async fn in_the_url(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.hybrid] {
        let tokens = tokens(scene, party, "openid").await?;
        let token = text(&tokens, "access_token")?;
        let canary = random_text();
        for given in [token, canary.as_str()] {
            let mut url = Url::parse(party.endpoint("userinfo_endpoint")?)?;
            url.query_pairs_mut().append_pair("access_token", given);
            for method in [reqwest::Method::GET, reqwest::Method::POST] {
                let bare = Http::new()?.request(method.clone(), &url);
                let both = Http::new()?.request(method, &url).bearer_auth(token);
                for request in [bare, both] {
                    challenged(&Reply::read(request.send().await?).await?, (400, "invalid_request"))?;
                }
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let logged = scene.site.program.logged();
        ensure!(!logged.contains(&canary) && !logged.contains(token), "it stands in the log");
        party.userinfo(token).await?.success()?;
        // In two ways at once, and in the form of a GET.
        let url = party.endpoint("userinfo_endpoint")?;
        let twice = Http::new()?.post(url)?.bearer_auth(token).form(&[("access_token", token)]);
        challenged(&Reply::read(twice.send().await?).await?, (400, "invalid_request"))?;
        let repeated = Http::new()?.post(url)?.form(&[("access_token", token), ("access_token", token)]);
        challenged(&Reply::read(repeated.send().await?).await?, (400, "invalid_request"))?;
    }
    Ok(())
}

pub(super) async fn unfit(scene: &Scene) -> Result<()> {
    for party in [&scene.backend, &scene.hybrid] {
        let all = tokens(scene, party, "openid offline_access").await?;
        for kind in ["id_token", "refresh_token"] {
            challenged(&party.userinfo(text(&all, kind)?).await?, (401, "invalid_token"))
                .with_context(|| kind.to_owned())?;
        }
        let without = tokens(scene, party, "profile").await?;
        ensure!(without.get("id_token").is_none(), "{without}");
        challenged(&party.userinfo(text(&without, "access_token")?).await?, (403, "insufficient_scope"))?;
        let machine = scene.confidential(party, &json!({})).await?;
        let own = machine.token(&[("grant_type", "client_credentials")]).await?.success()?;
        challenged(&machine.userinfo(text(&own, "access_token")?).await?, (403, "insufficient_scope"))?;
        // None at all: nothing is named (RFC 6750 section 3.1).
        let bare = Http::new()?.get(party.endpoint("userinfo_endpoint")?)?.send().await?;
        let bare = Reply::read(bare).await?;
        challenged(&bare, (401, ""))?;
        ensure!(!bare.header("www-authenticate").contains("error"), "{bare:?}");
    }
    Ok(())
}

pub(super) async fn odd_headers(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.hybrid] {
        let tokens = tokens(scene, party, "openid").await?;
        let token = text(&tokens, "access_token")?;
        let url = party.endpoint("userinfo_endpoint")?;
        let get = || Http::new()?.get(url);
        for odd in [
            format!("Bearer\t{token}"),
            format!("Bearer {token}\tx"),
            format!("Bearer {token} {token}"),
            format!("Bearer {token}, Basic eDp5"),
            format!("Bearer {token},Bearer {token}"),
            format!("Bearer Bearer {token}"),
            format!("Basic {token}"),
            format!("DPoP {token}"),
            format!("Bearer {token}%"),
            format!("Bearer \"{token}\""),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            "Bearer  ".to_owned(),
            String::new(),
            token.to_owned(),
            format!("Bearer{token}"),
        ] {
            let reply = Reply::read(get()?.header("authorization", &odd).send().await?).await?;
            ensure!(matches!(reply.status, 400 | 401), "{odd:.20}: {reply:?}");
            ensure!(reply.header("www-authenticate").starts_with("Bearer"), "{odd:.20}: {reply:?}");
            ensure!(reply.body.get("sub").is_none(), "{odd:.20}: {reply:?}");
        }
        for bytes in [&b"Bearer \xff\xfe"[..], b"\xa0Bearer x", b"Bearer \xe2\x80\x8bx"] {
            let reply =
                Reply::read(get()?.header("authorization", HeaderValue::from_bytes(bytes)?).send().await?).await?;
            ensure!(matches!(reply.status, 400 | 401), "{reply:?}");
        }
        let two = get()?.header("authorization", format!("Bearer {token}")).header("authorization", "Bearer x");
        challenged(&Reply::read(two.send().await?).await?, (400, "invalid_request"))?;
        // Longer than any header that we read: that is said before anybody looks for a token.
        let long = get()?.header("authorization", format!("Bearer {}", "x".repeat(65_536))).send().await?;
        ensure!(matches!(long.status().as_u16(), 400 | 401), "{long:?}");
        for good in [format!("Bearer {token}"), format!("bearer {token}"), format!("BEARER   {token}")] {
            Reply::read(get()?.header("authorization", good).send().await?).await?.success()?;
        }
    }
    Ok(())
}
