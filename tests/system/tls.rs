//! Both listeners with certificates of their own, from PEM files.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{installation::Installation, program::Program};

#[tokio::test]
async fn p003_both_listeners_speak_tls_and_the_metadata_say_so() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| installation.folder().join(name));
    std::fs::write(&certificate, certified.cert.pem())?;
    std::fs::write(&key, certified.signing_key.serialize_pem())?;
    let files = format!("tls_certificate = \"{}\"\ntls_key = \"{}\"\n", certificate.display(), key.display());
    let public_url = installation.public_url().replace("http://127.0.0.1", "https://localhost");
    let plain = std::fs::read_to_string(&installation.first.config)?;
    let config = plain
        .replacen(installation.public_url(), &public_url, 1)
        .replace("[http]\n", &format!("[http]\n{files}"))
        .replace("[admin]\n", &format!("[admin]\n{files}"));
    std::fs::write(&installation.first.config, config)?;
    let _program = installation.start(&installation.first, &[])?;

    let trust = reqwest::Certificate::from_pem(certified.cert.pem().as_bytes())?;
    let client = reqwest::Client::builder().tls_certs_only([trust]).no_proxy().build()?;
    let begun = Instant::now();
    while client.get(format!("{public_url}/readyz")).send().await.is_err() {
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(20), "no TLS within 20 s");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let admin_url = installation.first.admin_url.replace("http://127.0.0.1", "https://localhost");
    let ca = certificate.display().to_string();
    let connection =
        ["--admin-url", &admin_url, "--admin-key", installation.admin_key(), "--ca-file", &ca, "--output", "json"];
    let created = Program::run(&[&["tenants", "create", "acme"][..], &connection].concat()).await?;
    assert!(created.success, "{created:?}");
    let tenant: serde_json::Value = serde_json::from_str(&created.stdout)?;
    let issuer = tenant["issuer"].as_str().context("no issuer")?;
    assert_eq!(issuer, format!("{public_url}/t/acme"));
    let document: serde_json::Value =
        client.get(format!("{issuer}/.well-known/openid-configuration")).send().await?.json().await?;
    assert_eq!(document["issuer"], issuer);
    let members = document.as_object().context("an object")?;
    let places = members.iter().filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri");
    for (name, place) in places {
        let place = place.as_str().with_context(|| name.clone())?;
        assert!(place.starts_with(&format!("{public_url}/t/acme/")), "{name}: {place}");
    }

    let plain = ["tenants", "list", "--admin-url", &installation.first.admin_url, "--admin-key", "x"];
    assert!(!Program::run(&plain).await?.success, "the admin listener speaks without TLS as well");
    Ok(())
}
