//! Answers, ID tokens and UserInfo that are encrypted for a key of the client, and introspection answers that are signed.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::scene::Scene;

/// What a key is agreed with and what is encrypted with.
const FORMS: [(&str, &str); 4] = [
    ("RSA-OAEP-256", "A128CBC-HS256"),
    ("ECDH-ES", "A256GCM"),
    ("ECDH-ES+A128KW", "A128GCM"),
    ("ECDH-ES+A256KW", "A128CBC-HS256"),
];

/// Signed first, and then encrypted, in every form.
pub(super) async fn nested(scene: &Scene, script: &str) -> Result<()> {
    each(scene, script, &json!({ "userinfoSignedResponseAlg": "RS256", "introspectionSignedResponseAlg": "RS256" }))
        .await
}

/// UserInfo answers that are encrypted and not signed.
pub(super) async fn plain(scene: &Scene, script: &str) -> Result<()> {
    each(scene, script, &json!({ "postLogoutRedirectUris": ["https://left.example/"] })).await
}

async fn each(scene: &Scene, script: &str, more: &Value) -> Result<()> {
    for (alg, enc) in FORMS {
        let keys = scene.keys(json!([{ "alg": alg, "kid": "ours", "use": "enc" }])).await?;
        let mut said = json!({
            "jwks": keys["jwks"],
            "idTokenEncryptedResponseAlg": alg,
            "idTokenEncryptedResponseEnc": enc,
            "userinfoEncryptedResponseAlg": alg,
            "userinfoEncryptedResponseEnc": enc,
            "authorizationEncryptedResponseAlg": alg,
            "authorizationEncryptedResponseEnc": enc,
        });
        said.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        let client = scene.client(said).await?;
        let task = json!({ "key": keys["keys"][0]["private"], "alg": alg, "enc": enc });
        scene.run(script, &client, task).await?;
    }
    Ok(())
}
