//! Proofs that prove nothing, or the wrong thing.

use anyhow::{Context as _, Result};
use chancery_tests::party::random_text;
use serde_json::{Value, json};

use super::{MACHINE, PROOF, Prover, by_itself, call, is, machines, parties, redeem, said, sign_in, token, userinfo};
use crate::{authorization::scene::Scene, client_keys::ClientKey};

pub(super) async fn twice(scene: &Scene) -> Result<()> {
    for party in machines(scene).await? {
        let prover = Prover::new()?;
        let proof = prover.proof("POST", party.endpoint("token_endpoint")?)?;
        token(&party, &proof, &MACHINE).await?.success()?;
        is(&token(&party, &proof, &MACHINE).await?, PROOF)?;
        by_itself(&party, &prover).await?.success()?;
    }
    for party in parties(scene).await? {
        // A whole request that is sent again: the proof is what is refused, and so nothing is taken back.
        let prover = Prover::new()?;
        let attempt = party.begin("openid", &[])?;
        let code = scene.code(&party, &attempt).await?;
        let proof = prover.proof("POST", party.endpoint("token_endpoint")?)?;
        let tokens = redeem(&party, &[&proof], &code, &attempt.verifier).await?.success()?;
        is(&redeem(&party, &[&proof], &code, &attempt.verifier).await?, PROOF)?;
        let access = tokens["access_token"].as_str().context("no token")?;
        let url = party.endpoint("userinfo_endpoint")?;
        let proof = prover.proof_with("GET", url, access)?;
        userinfo(&party, "DPoP", access, &[&proof]).await?.success()?;
        let again = userinfo(&party, "DPoP", access, &[&proof]).await?;
        super::challenged(&again, "DPoP", "invalid_dpop_proof")?;
    }
    Ok(())
}

pub(super) async fn of_another_request(scene: &Scene) -> Result<()> {
    for party in machines(scene).await? {
        let prover = Prover::new()?;
        let url = party.endpoint("token_endpoint")?;
        let with = |name: &str, value: Value| {
            let mut said = said("POST", url);
            said[name] = value;
            prover.prove(&said)
        };
        let port = url::Url::parse(url)?.port().context("a port")?;
        for (name, value) in [
            ("htm", json!("GET")),
            ("htm", json!("post")),
            ("htm", Value::Null),
            ("htm", json!(["POST"])),
            ("htu", json!(party.endpoint("revocation_endpoint")?)),
            ("htu", json!(format!("{}?a=b", party.endpoint("revocation_endpoint")?))),
            ("htu", json!(format!("{url}/"))),
            ("htu", json!(format!("{url}/../revoke"))),
            ("htu", json!(url.replace("http://", "https://"))),
            ("htu", json!(url.replace(&format!(":{port}"), &format!(":{}", port ^ 1)))),
            ("htu", json!(url.replace("http://", "http://somebody@"))),
            ("htu", json!("/oauth2/token")),
            ("htu", json!(7)),
            ("htu", json!({ "url": url })),
            ("htu", Value::Null),
            ("jti", Value::Null),
            ("jti", json!("")),
            ("jti", json!(7)),
            ("jti", json!("a".repeat(513))),
            ("iat", Value::Null),
            ("iat", json!("now")),
        ] {
            let reply = token(&party, &with(name, value.clone())?, &MACHINE).await?;
            is(&reply, PROOF).with_context(|| format!("{name} {value}"))?;
        }
        // How scheme and host are written does not count, nor do query and fragment, nor what else is said.
        for (name, value) in [
            ("htu", json!(url.replace("http://", "HTTP://"))),
            ("htu", json!(format!("{url}?a=b#c"))),
            ("whatever", json!({ "more": [1, 2] })),
            ("exp", json!(1)),
        ] {
            token(&party, &with(name, value)?, &MACHINE).await?.success()?;
        }
    }
    Ok(())
}

/// What somebody does to the header of a proof.
type Change<'a> = &'a dyn Fn(&mut Value);

pub(super) async fn unfit_keys(scene: &Scene) -> Result<()> {
    for party in machines(scene).await? {
        let prover = Prover::new()?;
        let url = party.endpoint("token_endpoint")?;
        let with = |change: Change<'_>| -> Result<String> {
            let mut header = prover.header()?;
            change(&mut header);
            prover.key.sign_with(&header, &said("POST", url))
        };
        let other = Prover::new()?.jwk()?;
        let changes: [(&str, Change<'_>); 12] = [
            ("none", &|it| it["alg"] = json!("none")),
            ("RS256", &|it| it["alg"] = json!("RS256")),
            ("HS256", &|it| it["alg"] = json!("HS256")),
            ("no alg", &|it| it["alg"] = Value::Null),
            ("a private key", &|it| it["jwk"]["d"] = json!("AQ")),
            ("a symmetric key", &|it| it["jwk"] = json!({ "kty": "oct", "k": "AQ" })),
            ("no key", &|it| it["jwk"] = Value::Null),
            ("a key by name", &|it| it["kid"] = it["jwk"]["x"].take()),
            ("somebody else's key", &|it| it["jwk"] = other.clone()),
            ("another type", &|it| it["typ"] = json!("JWT")),
            ("no type", &|it| it["typ"] = Value::Null),
            ("an extension", &|it| it["crit"] = json!(["exp"])),
        ];
        for (what, change) in changes {
            is(&token(&party, &with(change)?, &MACHINE).await?, PROOF).with_context(|| what.to_owned())?;
        }
        // Signed in earnest by a key of RSA, and with a secret that everybody knows.
        let rsa = Prover::with(ClientKey::generate("RS256")?);
        is(&by_itself(&party, &rsa).await?, PROOF)?;
        let shared = ClientKey::shared("HS256", b"a secret that everybody knows well")?;
        let header = json!({ "typ": "dpop+jwt", "alg": "HS256", "jwk": { "kty": "oct", "k": "YQ" } });
        is(&token(&party, &shared.sign_with(&header, &said("POST", url))?, &MACHINE).await?, PROOF)?;
        // What is no proof at all.
        let good = prover.proof("POST", url)?;
        let cut = &good[..=good.rfind('.').context("a dot")?];
        for text in ["", "x", "a.b.c", cut, &format!("{good}A"), &format!("{good}.x"), &"a".repeat(9_000)] {
            is(&token(&party, text, &MACHINE).await?, PROOF).with_context(|| format!("{text:.20}"))?;
        }
    }
    Ok(())
}

pub(super) async fn two_headers(scene: &Scene) -> Result<()> {
    for party in machines(scene).await? {
        let prover = Prover::new()?;
        let url = party.endpoint("token_endpoint")?;
        let [first, second] = [prover.proof("POST", url)?, prover.proof("POST", url)?];
        is(&call(&party, "token_endpoint", &[&first, &second], &MACHINE).await?, PROOF)?;
        is(&call(&party, "token_endpoint", &[&first, &first], &MACHINE).await?, PROOF)?;
        is(&token(&party, &format!("{first}, {second}"), &MACHINE).await?, PROOF)?;
        // Neither was used up.
        token(&party, &first, &MACHINE).await?.success()?;
    }
    for party in parties(scene).await? {
        let prover = Prover::new()?;
        let tokens = sign_in(scene, &party, &prover, "openid").await?;
        let (url, access) = (party.endpoint("userinfo_endpoint")?, super::of(&tokens, "access_token")?);
        let [first, second] = [prover.proof_with("GET", url, access)?, prover.proof_with("GET", url, access)?];
        let reply = userinfo(&party, "DPoP", access, &[&first, &second]).await?;
        super::challenged(&reply, "DPoP", "invalid_dpop_proof")?;
    }
    Ok(())
}

/// Whoever has no key, no proof or nothing to prove it for leaves nothing behind.
pub(super) async fn not_remembered(scene: &Scene) -> Result<()> {
    for party in parties(scene).await? {
        let prover = Prover::new()?;
        let url = party.endpoint("token_endpoint")?;
        let good = prover.proof("POST", url)?;
        let forged = format!("{}.{}", &good[..good.rfind('.').context("a dot")?], random_text());
        is(&redeem(&party, &[&forged], "chc_x", &random_text()).await?, PROOF)?;
        // The proof is right, and nothing else is: so it can still be used.
        for _ in 0..2 {
            let reply = redeem(&party, &[&good], &format!("chc_{}", "A".repeat(43)), &random_text()).await?;
            is(&reply, super::GRANT)?;
        }
        let attempt = party.begin("openid", &[])?;
        let code = scene.code(&party, &attempt).await?;
        redeem(&party, &[&good], &code, &attempt.verifier).await?.success()?;
    }
    Ok(())
}
