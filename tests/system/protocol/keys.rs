//! The published keys (RFC 7517).

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::{
    installation::found_with,
    party::{Party, header},
};
use serde_json::{Value, json};

use crate::authorization::scene::{Scene, text};

/// What a public key of each kind says beside what it is for (RFC 7518 section 6, RFC 8037 section 2, RFC 9964).
fn members_of(kty: &str) -> Option<&'static [&'static str]> {
    match kty {
        "EC" => Some(&["crv", "x", "y"]),
        "OKP" => Some(&["crv", "x"]),
        "RSA" => Some(&["n", "e"]),
        "AKP" => Some(&["pub"]),
        _ => None,
    }
}

fn bytes(jwk: &Value, member: &str) -> Result<Vec<u8>> {
    Ok(URL_SAFE_NO_PAD.decode(text(jwk, member)?)?)
}

/// That a key is public, complete, and long enough.
fn is_sound(jwk: &Value) -> Result<()> {
    let own = members_of(text(jwk, "kty")?).with_context(|| format!("an unknown kind of key: {jwk}"))?;
    for (name, value) in jwk.as_object().context("an object")? {
        let about = ["kty", "kid", "use", "alg", "key_ops"].contains(&name.as_str());
        ensure!(about || own.contains(&name.as_str()), "{name} in {jwk}");
        ensure!(name == "key_ops" || value.as_str().is_some_and(|value| !value.is_empty()), "{name} in {jwk}");
    }
    ensure!(jwk["use"] == "sig" && own.iter().all(|name| jwk[name].is_string()), "{jwk}");
    match (text(jwk, "kty")?, jwk["crv"].as_str()) {
        ("RSA", None) => {
            let modulus = bytes(jwk, "n")?;
            ensure!(modulus.len() >= 256 && modulus[0] >= 0x80, "{} bytes of modulus", modulus.len());
            ensure!(bytes(jwk, "e")? == [1, 0, 1], "{jwk}");
        }
        ("EC", Some(curve)) => {
            let size = match curve {
                "P-256" => 32,
                "P-384" => 48,
                "P-521" => 66,
                other => anyhow::bail!("the curve {other}"),
            };
            ensure!(bytes(jwk, "x")?.len() == size && bytes(jwk, "y")?.len() == size, "{jwk}");
        }
        ("OKP", Some("Ed25519")) => ensure!(bytes(jwk, "x")?.len() == 32, "{jwk}"),
        ("AKP", None) => ensure!(bytes(jwk, "pub")?.len() >= 1312, "{jwk}"),
        other => anyhow::bail!("{other:?} in {jwk}"),
    }
    Ok(())
}

async fn published(party: &Party) -> Result<Vec<Value>> {
    let keys = party.keys().await?.success()?["keys"].as_array().cloned().context("no keys")?;
    let names: BTreeSet<_> = keys.iter().map(|jwk| jwk["kid"].as_str()).collect();
    ensure!(!names.contains(&None) && names.len() == keys.len() && !keys.is_empty(), "{keys:?}");
    keys.iter().try_for_each(is_sound)?;
    Ok(keys)
}

/// The usual keys of both profiles, and one of every algorithm.
pub(super) async fn sound(scene: &Scene) -> Result<()> {
    published(&scene.web).await?;
    let usual = published(&scene.hybrid).await?;
    ensure!(usual.iter().any(|jwk| jwk["alg"] == "RS256"), "{usual:?}");

    for (slug, algorithms) in
        [("keys-one", ["ES256", "ES384", "ES512", "EdDSA"]), ("keys-two", ["RS384", "PS512", "ML-DSA-44", "ML-DSA-87"])]
    {
        let settings = json!({ "profile": "PROFILE_OIDC", "settings": { "mlDsa": true } });
        let tenant = found_with(scene.admin(), slug, settings).await?;
        let name = format!("tenants/{slug}/keyPolicy");
        let policy = json!({ "name": name, "algorithms": algorithms, "defaultAlgorithm": algorithms[0] });
        let update = json!({ "keyPolicy": policy, "updateMask": "algorithms,defaultAlgorithm" });
        scene.admin().call("KeyService/UpdateKeyPolicy", update).await?;
        let party = Party::discover(&tenant, tenant.public_client()?).await?;
        let begun = Instant::now();
        loop {
            let keys = published(&party).await?;
            if algorithms.iter().all(|alg| keys.iter().any(|jwk| jwk["alg"] == *alg)) {
                break;
            }
            ensure!(begun.elapsed() < Duration::from_secs(30), "{keys:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}

pub(super) async fn rotated(scene: &Scene) -> Result<()> {
    for profile in ["PROFILE_OAUTH21", "PROFILE_OIDC"] {
        let slug = format!("turning-{}", profile[8..].to_lowercase());
        let tenant = found_with(scene.admin(), &slug, json!({ "profile": profile })).await?;
        let party = Party::discover(&tenant, tenant.confidential_client()?).await?;
        let signed_by = async || -> Result<Value> {
            let tokens = party.token(&[("grant_type", "client_credentials")]).await?.success()?;
            Ok(header(text(&tokens, "access_token")?)?["kid"].clone())
        };
        let (before, first) = (published(&party).await?, signed_by().await?);
        let rotate = json!({ "parent": format!("tenants/{slug}"), "immediate": true, "reason": "to be seen" });
        scene.admin().call("KeyService/RotateKeys", rotate).await?;
        let begun = Instant::now();
        let second = loop {
            let now = signed_by().await?;
            if now != first {
                break now;
            }
            ensure!(begun.elapsed() < Duration::from_secs(20), "{first} goes on");
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let after = published(&party).await?;
        let named = |keys: &[Value], kid: &Value| keys.iter().find(|jwk| jwk["kid"] == *kid).cloned();
        let (old, new) = (named(&after, &first).context("the old key is gone")?, named(&after, &second));
        let new = new.context("what signs is not published")?;
        ensure!(named(&before, &first) == Some(old.clone()), "the old key changed: {old}");
        for member in
            members_of(text(&new, "kty")?).context("a kind")?.iter().filter(|name| !["crv", "e"].contains(name))
        {
            ensure!(new[member] != old[member], "the same material: {member}");
        }
        ensure!(after.iter().any(|jwk| named(&before, &jwk["kid"]).is_none()), "no new kid: {after:?}");
    }
    Ok(())
}
