//! New certificates while the server serves.

use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result};
use chancery_tests::{admin::Admin, installation::Installation, program::Program};
use serde_json::json;
use tokio::task::JoinSet;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

use super::{Pair, admin_url, public_url, serve_with_tls, server_certificate};

/// A client of the front that trusts this certificate, over one connection that it keeps.
fn browser(trusted: &str) -> Result<reqwest::Client> {
    let root = reqwest::Certificate::from_pem(trusted.as_bytes())?;
    Ok(reqwest::Client::builder().tls_certs_only([root]).no_proxy().timeout(Duration::from_secs(20)).build()?)
}

/// An operator who trusts this certificate, over one connection.
async fn operator(installation: &Installation, trusted: &str) -> Result<Admin> {
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(trusted));
    let endpoint = Endpoint::from_shared(admin_url(installation))?.tls_config(tls)?;
    Admin::over(endpoint, installation.admin_key()).await
}

/// Whether new connections to both listeners find this certificate.
async fn is_shown(installation: &Installation, certificate: &str) -> Result<bool> {
    let front = browser(certificate)?.get(format!("{}/livez", public_url(installation))).send().await.is_ok();
    Ok(front && operator(installation, certificate).await.is_ok())
}

async fn until_shown(program: &mut Program, installation: &Installation, certificate: &str) -> Result<()> {
    let shown = async |_: &Program| is_shown(installation, certificate).await.ok().filter(|shown| *shown).map(drop);
    program.until("new certificate", shown).await
}

#[tokio::test]
async fn f49_a_new_certificate_drops_no_connection_and_a_bad_file_keeps_the_old() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let pair = Pair::in_folder(&installation, "server");
    let (old, new, third) = (server_certificate()?, server_certificate()?, server_certificate()?);
    pair.write(&old)?;
    let mut program = serve_with_tls(&installation, &pair, &[]).await?;
    until_shown(&mut program, &installation, &old.cert.pem()).await?;

    // Callers on connections that stand from now on, on both listeners.
    let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let mut callers = JoinSet::new();
    for _ in 0..4 {
        let (admin, front) = (operator(&installation, &old.cert.pem()).await?, browser(&old.cert.pem())?);
        let (url, stop, calls) = (format!("{}/readyz", public_url(&installation)), stop.clone(), calls.clone());
        front.get(&url).send().await?.error_for_status()?;
        callers.spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                admin.call("TenantService/ListTenants", json!({})).await?;
                front.get(&url).send().await?.error_for_status()?;
                calls.fetch_add(1, Ordering::SeqCst);
            }
            anyhow::Ok(())
        });
    }

    // A pair that does not go together changes nothing, and is told.
    std::fs::write(&pair.certificate, new.cert.pem())?;
    program.hang_up()?;
    let told = async |program: &Program| program.logged().contains("the new one cannot be used").then_some(());
    program.until("complaint", told).await?;
    assert!(is_shown(&installation, &old.cert.pem()).await?);
    assert!(!is_shown(&installation, &new.cert.pem()).await?);

    // A signal asks for the whole pair; without one it is found by itself.
    pair.write(&new)?;
    program.hang_up()?;
    until_shown(&mut program, &installation, &new.cert.pem()).await?;
    assert!(!is_shown(&installation, &old.cert.pem()).await?);
    std::fs::write(&pair.key, "not a key")?;
    std::fs::write(&pair.certificate, "")?;
    program.hang_up()?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(is_shown(&installation, &new.cert.pem()).await?);
    pair.write(&third)?;
    until_shown(&mut program, &installation, &third.cert.pem()).await?;

    let before = calls.load(Ordering::SeqCst);
    let more = async |_: &Program| (calls.load(Ordering::SeqCst) > before + 8).then_some(());
    program.until("calls after the last certificate", more).await?;
    stop.store(true, Ordering::SeqCst);
    while let Some(ended) = callers.join_next().await {
        ended?.context("a connection was dropped")?;
    }
    Ok(())
}
