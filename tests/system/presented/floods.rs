//! Many, and long ones.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::{
    http::{Http, Reply},
    party::{header, random_text},
};
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};

use super::{
    places::{OURS, Place, THEIRS},
    world::World,
};
use crate::authorization::scene::Scene;

pub(super) async fn unknown_keys(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let token = world.token("access_token");
    let (_, rest) = token.split_once('.').context("no token")?;
    let http = Http::new()?;
    let url = world.backend.endpoint("userinfo_endpoint")?;
    let ask = async |kid: &Value| -> Result<Reply> {
        let mut said = header(token)?;
        said["kid"] = kid.clone();
        let forged = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(said.to_string()));
        Reply::read(http.get(url)?.bearer_auth(forged).send().await?).await
    };
    // A thousand names that nobody ever had: each is looked for in memory.
    let names: Vec<_> = (0..1000).map(|_| json!(random_text())).collect();
    let begun = Instant::now();
    let replies: Vec<Reply> = futures::stream::iter(&names).map(&ask).buffer_unordered(16).try_collect().await?;
    ensure!(replies.iter().all(|reply| reply.refusal() == (401, "invalid_token")), "{:?}", replies[0]);
    ensure!(begun.elapsed() < Duration::from_secs(120), "{:?}", begun.elapsed());

    // The issuer of one tenant with the name of a key of another, and the other's own token.
    let tokens = {
        let attempt = scene.hybrid.begin("openid", &[])?;
        let code = scene.code(&scene.hybrid, &attempt).await?;
        scene.hybrid.redeem(&code, &attempt.verifier).await?.success()?
    };
    let theirs = tokens["access_token"].as_str().context("no token")?;
    let reply = ask(&header(theirs)?["kid"]).await?;
    ensure!(reply.refusal() == (401, "invalid_token"), "{reply:?}");
    for place in OURS {
        let own = if matches!(place, Place::Hint | Place::LogoutHint) { "id_token" } else { "access_token" };
        world.refuses(place, tokens[own].as_str().context("none")?, "a token of another tenant").await?;
    }
    let (theirs_header, _) = theirs.split_once('.').context("no token")?;
    world.refuses(Place::UserInfo, &format!("{theirs_header}.{rest}"), "under the other's header").await?;
    world.takes(Place::UserInfo, token, "as it was issued").await
}

pub(super) async fn huge(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let good = world.key.sign("JWT", &world.proof(&json!({})))?;
    let (signed, _) = good.rsplit_once('.').context("no signature")?;
    for place in THEIRS.into_iter().chain(OURS) {
        for (what, token) in [
            ("ten thousand dots", ".".repeat(10_000)),
            ("ten thousand parts", "a.".repeat(10_000)),
            ("a long header", format!("{}.e30.AAAA", "A".repeat(40_000))),
            ("a long signature", format!("{signed}.{}", "A".repeat(40_000))),
        ] {
            let begun = Instant::now();
            world.refuses(place, &token, what).await?;
            ensure!(begun.elapsed() < Duration::from_secs(10), "{what}: {:?}", begun.elapsed());
        }
        world.takes(Place::Proof, &world.key.sign("JWT", &world.proof(&json!({})))?, "a good one in between").await?;
    }
    // A megabyte is not read at all: the connection may break off before the answer.
    let megabyte = "a".repeat(1 << 20);
    let url = world.signer.endpoint("token_endpoint")?;
    let form = [("grant_type", "client_credentials"), ("client_assertion", megabyte.as_str())];
    if let Ok(response) = Http::new()?.post(url)?.form(&form).send().await {
        ensure!(response.status() == 413, "{response:?}");
    }
    world.takes(Place::UserInfo, world.token("access_token"), "afterwards").await
}

/// A proof is used up by whoever could make it, and by nobody else.
pub(super) async fn remembered(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let claims = world.proof(&json!({}));
    let good = world.key.sign("JWT", &claims)?;
    let (signed, signature) = good.rsplit_once('.').context("no signature")?;
    let mut wrong = URL_SAFE_NO_PAD.decode(signature)?;
    wrong[5] ^= 1;
    let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(wrong));
    for _ in 0..8 {
        world.refuses(Place::Proof, &forged, "the same name, forged").await?;
    }
    world.takes(Place::Proof, &good, "the name that others used").await?;
    world.refuses(Place::Proof, &good, "used up").await
}
