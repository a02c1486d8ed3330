//! Libraries that others wrote prove clients by a certificate: for themselves, and for somebody who signs in.

use anyhow::{Result, ensure};
use chancery_tests::{browser::Browser, party::Party};
use serde_json::json;

use super::{
    authority::{Shown, wanted},
    scene::Scene,
};
use crate::script;

pub(super) async fn openid_client(scene: &Scene) -> Result<()> {
    both(scene, "openid_certificates.mjs").await
}

pub(super) async fn oauth4webapi(scene: &Scene) -> Result<()> {
    both(scene, "oauth4webapi_certificates.mjs").await
}

pub(super) async fn authlib(scene: &Scene) -> Result<()> {
    both(scene, "authlib_certificates.py").await
}

/// As a client that an authority vouches for, and as one with a certificate of its own making.
async fn both(scene: &Scene, script: &str) -> Result<()> {
    let host = format!("{}.example", script.split('.').next().unwrap_or_default().replace('_', "-"));
    let vouched = scene.known_by("tlsClientAuthSanDns", &host).await?;
    run(scene, script, &vouched, &scene.authority.gives_to(&[&host])?, "tls_client_auth").await?;
    let own = Shown::of_its_own(&wanted(&[&host])?)?;
    let self_made = scene.known_by_keys(&[own.jwk_with_certificate()]).await?;
    run(scene, script, &self_made, &own, "self_signed_tls_client_auth").await
}

async fn run(scene: &Scene, name: &str, party: &Party, shown: &Shown, method: &str) -> Result<()> {
    let tenant = &scene.site.first;
    let task = json!({
        "issuer": tenant.issuer, "client": party.client, "method": method, "certificate": shown.certificate,
        "key": shown.key, "trusted": scene.door.certificate,
    });
    let said = script::run(name, &task, &mut Browser::new()?, tenant.user()?).await?;
    ensure!(said["sub"].is_string(), "{said}");
    Ok(())
}
