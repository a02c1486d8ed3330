//! Our own tokens with one thing altered: whoever alters them has no key of ours.

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    places::{OURS, Place},
    world::World,
};
use crate::{authorization::scene::Scene, client_keys::ClientKey};

/// What can be made of a token without its key.
fn alterations(token: &str, jwks: &Value) -> Result<Vec<(String, String)>> {
    let parts: Vec<_> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { anyhow::bail!("three parts") };
    let decoded = |part: &str| -> Result<Value> { Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?) };
    let encoded = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let (said, claims) = (decoded(header)?, decoded(payload)?);
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |what: &str, token: String| all.push((what.to_owned(), token));
    let under = |changes: Value| -> Result<String> {
        let mut said = said.clone();
        for (name, value) in changes.as_object().context("an object")? {
            said[name] = value.clone();
        }
        Ok(encoded(&said))
    };
    for alg in [json!("none"), json!("None"), json!("HS256"), json!("rs256"), json!(["RS256"]), json!(1), json!(null)] {
        let head = under(json!({ "alg": alg }))?;
        for signature in ["", signature] {
            add(&format!("alg {alg}"), format!("{head}.{payload}.{signature}"));
        }
    }
    for key in jwks["keys"].as_array().into_iter().flatten() {
        for secret in [key.to_string(), key["n"].as_str().or(key["x"].as_str()).unwrap_or_default().to_owned()] {
            let shared = ClientKey::shared("HS256", secret.as_bytes())?;
            let head = under(json!({ "alg": "HS256", "kid": key["kid"] }))?;
            add("a public key as a secret", shared.sign_parts(&head, payload)?);
        }
    }
    let other = ClientKey::generate("RS256")?;
    for change in [
        json!({ "jwk": other.jwk()? }),
        json!({ "jku": "http://127.0.0.1:9/keys" }),
        json!({ "kid": other.kid }),
        json!({ "kid": "../../etc/passwd" }),
        json!({}),
    ] {
        add(&change.to_string(), other.sign_parts(&under(change)?, payload)?);
    }
    for change in [json!({ "crit": ["exp"] }), json!({ "b64": false, "crit": ["b64"] }), json!({ "typ": "x" })] {
        add(&change.to_string(), format!("{}.{payload}.{signature}", under(change)?));
    }
    for (claim, value) in [
        ("iss", json!("https://evil.example")),
        ("sub", json!("somebody-else")),
        ("aud", json!(["https://everybody.example"])),
        ("exp", json!(4_102_444_800_u64)),
        ("scope", json!("openid profile email address phone")),
    ] {
        let mut changed = claims.clone();
        changed[claim] = value;
        add(claim, format!("{header}.{}.{signature}", encoded(&changed)));
    }
    let mut flipped = URL_SAFE_NO_PAD.decode(signature)?;
    flipped[0] ^= 1;
    let zeros = vec![0; flipped.len()];
    for (what, bytes) in [("a bit of the signature", &flipped[..]), ("zeros", &zeros), ("short", &flipped[..31])] {
        add(what, format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode(bytes)));
    }
    add("no signature", format!("{header}.{payload}."));
    add("detached", format!("{header}..{signature}"));
    add("padded", format!("{header}=.{payload}.{signature}"));
    add("a part more", format!("{token}.x"));
    add("five parts", format!("{token}.x.y"));
    add("twice", format!("{token}.{token}"));
    Ok(all)
}

pub(super) async fn all(scene: &Scene) -> Result<()> {
    let world = World::of(scene).await?;
    let jwks = world.backend.keys().await?.success()?;
    let [access, id] = ["access_token", "id_token"].map(|kind| world.token(kind));
    for place in OURS {
        let own = if matches!(place, Place::Hint | Place::LogoutHint) { id } else { access };
        // Taking it back would end the others.
        if place != Place::Revocation {
            world.takes(place, own, "as it was issued").await?;
        }
        for (what, token) in alterations(own, &jwks)? {
            world.refuses(place, &token, &what).await?;
        }
    }
    Ok(())
}
