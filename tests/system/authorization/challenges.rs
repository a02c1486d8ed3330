//! Proof Key for Code Exchange.

use anyhow::{Result, ensure};

use super::scene::{Scene, refused};

pub(super) async fn missing(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.backend] {
        let attempt = party.begin("openid", &[])?;
        refused(party, &attempt, &attempt.with("code_challenge", ""), "invalid_request").await?;
    }
    Ok(())
}

pub(super) async fn methods(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.backend, &scene.hybrid] {
        for method in ["plain", "", "s256", "S512", "S256 "] {
            let attempt = party.begin("openid", &[])?;
            refused(party, &attempt, &attempt.with("code_challenge_method", method), "invalid_request").await?;
        }
    }
    Ok(())
}

pub(super) async fn malformed(scene: &Scene) -> Result<()> {
    let good = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    for challenge in
        ["", &good[1..], &format!("{good}A"), &format!("{good}="), &good.replace('-', "+"), &good.replace('-', "%")]
    {
        let attempt = scene.web.begin("openid", &[])?;
        refused(&scene.web, &attempt, &attempt.with("code_challenge", challenge), "invalid_request").await?;
    }
    Ok(())
}

pub(super) async fn verifiers(scene: &Scene) -> Result<()> {
    let party = &scene.web;
    let attempt = party.begin("openid", &[])?;
    let code = scene.code(party, &attempt).await?;
    for (verifier, error) in [
        (String::new(), "invalid_grant"),
        ("w".repeat(43), "invalid_grant"),
        (format!("{}x", attempt.verifier), "invalid_grant"),
        ("w".repeat(42), "invalid_request"),
        ("w".repeat(129), "invalid_request"),
        (format!("{}+", "w".repeat(43)), "invalid_request"),
        (format!("{}\u{fc}", "w".repeat(43)), "invalid_request"),
    ] {
        let reply = party.redeem(&code, &verifier).await?;
        ensure!(reply.refusal() == (400, error), "{verifier}: {reply:?}");
        ensure!(reply.header("cache-control") == "no-store", "{reply:?}");
    }
    party.redeem(&code, &attempt.verifier).await?.success()?;
    Ok(())
}

pub(super) async fn downgrade(scene: &Scene) -> Result<()> {
    let party = &scene.hybrid;
    let attempt = party.begin("openid", &[])?;
    let url = attempt.with("code_challenge", "");
    let without = chancery_tests::party::Attempt { url, ..attempt.clone() };
    let code = scene.code(party, &without).await?;
    let reply = party.redeem(&code, &attempt.verifier).await?;
    ensure!(reply.refusal() == (400, "invalid_request"), "{reply:?}");
    party.redeem(&code, "").await?.success()?;
    Ok(())
}
