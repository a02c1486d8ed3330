//! New certificates while the server serves.

use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::Admin,
    installation::{Installation, free_port},
    program::Program,
};
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

/// The listeners of an installation: the front, the one that asks for certificates, and the admin API.
struct Listeners {
    installation: Installation,
    /// Where certificates are asked for.
    door: String,
}

impl Listeners {
    /// The pages that answer whether the process serves.
    fn pages(&self, page: &str) -> [String; 2] {
        [public_url(&self.installation), self.door.clone()].map(|url| format!("{url}/{page}"))
    }

    /// Those of them to which new connections find this certificate.
    async fn showing(&self, certificate: &str) -> Result<usize> {
        let mut showing = usize::from(operator(&self.installation, certificate).await.is_ok());
        for page in self.pages("livez") {
            showing += usize::from(browser(certificate)?.get(page).send().await.is_ok());
        }
        Ok(showing)
    }

    async fn until_shown(&self, program: &mut Program, certificate: &str) -> Result<()> {
        let shown = async |_: &Program| self.showing(certificate).await.ok().filter(|showing| *showing == 3).map(drop);
        program.until("new certificate", shown).await
    }
}

#[tokio::test]
async fn f49_a_new_certificate_drops_no_connection_and_a_bad_file_keeps_the_old() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let pair = Pair::in_folder(&installation, "server");
    let (old, new, third) = (server_certificate()?, server_certificate()?, server_certificate()?);
    pair.write(&old)?;
    let port = free_port()?;
    let (door, address) = (format!("https://localhost:{port}"), format!("127.0.0.1:{port}"));
    let more = [
        ("CHANCERY_HTTP__MTLS__LISTEN", &*address),
        ("CHANCERY_HTTP__MTLS__PUBLIC_URL", &door),
        ("CHANCERY_HTTP__MTLS__TLS_CERTIFICATE", &pair.certificate),
        ("CHANCERY_HTTP__MTLS__TLS_KEY", &pair.key),
    ];
    let mut program = serve_with_tls(&installation, &pair, &more).await?;
    let listeners = Listeners { installation, door };
    listeners.until_shown(&mut program, &old.cert.pem()).await?;

    // Callers on connections that stand from now on, on every listener.
    let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let mut callers = JoinSet::new();
    for _ in 0..4 {
        let (admin, front) = (operator(&listeners.installation, &old.cert.pem()).await?, browser(&old.cert.pem())?);
        let (pages, stop, calls) = (listeners.pages("readyz"), stop.clone(), calls.clone());
        for page in &pages {
            front.get(page).send().await?.error_for_status()?;
        }
        callers.spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                admin.call("TenantService/ListTenants", json!({})).await?;
                for page in &pages {
                    front.get(page).send().await?.error_for_status()?;
                }
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
    assert_eq!(listeners.showing(&old.cert.pem()).await?, 3);
    assert_eq!(listeners.showing(&new.cert.pem()).await?, 0);

    // A signal asks for the whole pair; without one it is found by itself.
    pair.write(&new)?;
    program.hang_up()?;
    listeners.until_shown(&mut program, &new.cert.pem()).await?;
    assert_eq!(listeners.showing(&old.cert.pem()).await?, 0);
    std::fs::write(&pair.key, "not a key")?;
    std::fs::write(&pair.certificate, "")?;
    program.hang_up()?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(listeners.showing(&new.cert.pem()).await?, 3);
    pair.write(&third)?;
    listeners.until_shown(&mut program, &third.cert.pem()).await?;

    let before = calls.load(Ordering::SeqCst);
    let more = async |_: &Program| (calls.load(Ordering::SeqCst) > before + 8).then_some(());
    program.until("calls after the last certificate", more).await?;
    stop.store(true, Ordering::SeqCst);
    while let Some(ended) = callers.join_next().await {
        ended?.context("a connection was dropped")?;
    }
    Ok(())
}
