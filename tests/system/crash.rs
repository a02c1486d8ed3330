//! `kill -9` in the middle of a run of sign-ins: what was acknowledged is there afterwards, and what was used is used.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{browser::Browser, dev::Tenant, installation::found, party::Party};

use crate::databases::Database;

/// What an application had been told when the lights went out.
#[derive(Default)]
struct Known {
    /// Refresh tokens that were handed out and not used since.
    refresh_tokens: Vec<String>,
    /// Codes with their verifiers that were redeemed.
    used_codes: Vec<(String, String)>,
    /// Codes whose redemption was asked for, and never answered.
    open_codes: Vec<(String, String)>,
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_on_sqlite() -> Result<()> {
    nothing_acknowledged_is_lost(Database::Sqlite).await
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_on_postgres() -> Result<()> {
    nothing_acknowledged_is_lost(Database::Postgres).await
}

async fn nothing_acknowledged_is_lost(database: Database) -> Result<()> {
    let installation = database.install().await?;
    let mut program = installation.serve(&installation.first).await?;
    let tenant = found(&installation.admin(&installation.first).await?, "acme", "PROFILE_OAUTH21").await?;
    for round in 0..3 {
        let known = Arc::new(Mutex::new(Known::default()));
        let applications: Vec<_> =
            (0..8).map(|_| tokio::spawn(sign_in_until_it_breaks(tenant.clone(), Arc::clone(&known)))).collect();
        let so_many = || known.lock().unwrap_or_else(PoisonError::into_inner).refresh_tokens.len();
        let begun = Instant::now();
        while so_many() < 12 + round {
            anyhow::ensure!(begun.elapsed() < Duration::from_secs(60), "only {} sign-ins within a minute", so_many());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        program.kill();
        for application in applications {
            // It ends with the connection that broke.
            let _ = application.await?;
        }
        program = installation.serve(&installation.first).await?;
        let known = std::mem::take(&mut *known.lock().unwrap_or_else(PoisonError::into_inner));
        check(&tenant, &known).await.with_context(|| format!("round {round}"))?;
    }
    Ok(())
}

async fn sign_in_until_it_breaks(tenant: Tenant, known: Arc<Mutex<Known>>) -> Result<()> {
    let note = |it: &dyn Fn(&mut Known)| it(&mut known.lock().unwrap_or_else(PoisonError::into_inner));
    let party = Party::discover(&tenant, tenant.public_client()?).await?;
    let mut browser = Browser::new()?;
    loop {
        let attempt = party.begin("openid offline_access", &[("prompt", "consent")])?;
        let code = (party.obtain_code(&mut browser, tenant.user()?, &attempt).await?, attempt.verifier);
        note(&|known| known.open_codes.push(code.clone()));
        let tokens = party.redeem(&code.0, &code.1).await?.success()?;
        let token = tokens["refresh_token"].as_str().context("no refresh token")?.to_owned();
        note(&|known| {
            known.open_codes.retain(|open| *open != code);
            known.used_codes.push(code.clone());
            known.refresh_tokens.push(token.clone());
        });
    }
}

async fn check(tenant: &Tenant, known: &Known) -> Result<()> {
    let party = Party::discover(tenant, tenant.public_client()?).await?;
    for (at, token) in known.refresh_tokens.iter().enumerate() {
        let refreshed = party.refresh(token).await?;
        anyhow::ensure!(
            refreshed.status == 200,
            "acknowledged refresh token {at} of {} is dead: {} {}",
            known.refresh_tokens.len(),
            refreshed.status,
            refreshed.body
        );
    }
    for (code, verifier) in &known.open_codes {
        let first = party.redeem(code, verifier).await?;
        let second = party.redeem(code, verifier).await?;
        anyhow::ensure!(second.refusal() == (400, "invalid_grant"), "a code worked twice: {first:?} {second:?}");
    }
    // Last, for a code that is presented again takes its tokens with it.
    for (code, verifier) in &known.used_codes {
        let again = party.redeem(code, verifier).await?;
        anyhow::ensure!(again.refusal() == (400, "invalid_grant"), "a used code worked: {again:?}");
    }
    for token in &known.refresh_tokens {
        let dead = party.refresh(token).await?;
        anyhow::ensure!(dead.refusal() == (400, "invalid_grant"), "a replayed code left its tokens alive: {dead:?}");
    }
    Ok(())
}
