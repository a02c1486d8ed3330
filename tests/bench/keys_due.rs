//! Ten thousand tenants whose keys fall due together, on SQLite: how long the worker of `chancery serve` takes for them,
//! how much of a core, whether each is rotated once, and what callers of the token endpoint notice.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_domain::{
    id::TenantId,
    key_policy::KeyPolicy,
    ports::{platform::PlatformStore, store::Store},
    profile::Profile,
};
use chancery_storage::Storage;
use chancery_tests::{
    http::Http,
    installation::{Installation, found, free_port},
    party::Party,
};

use crate::{founding, server::cpu_of};

/// How many tenants, unless another number is asked for.
pub(crate) const TENANTS: u32 = 10_000;
/// How long ago they were founded: longer than the period and its spread, so that all are due.
const AGE: Duration = Duration::from_secs(33 * 86_400);
/// The most of one core that the whole process may take meanwhile.
const MOST_SHARE: f64 = 0.20;
/// How often somebody asks for a token.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// How long is measured when all is done, to compare.
const AFTERWARDS: Duration = Duration::from_secs(15);

/// Founds, rotates and measures; says whether each was rotated once and within the share.
pub(crate) async fn measure(number: u32) -> Result<bool> {
    let all = usize::try_from(number)?;
    let installation = Installation::on_sqlite().await?;
    let (url, master) = (installation.database_url(), installation.master_key());
    let begun = Instant::now();
    let (storage, cx) = founding::open(url, master, AGE).await?;
    let tenants = founding::found(&cx, all, &KeyPolicy::of(Profile::Oauth21)).await?;
    let due = PlatformStore::read(&storage).keys_due(founding::now(), u32::MAX).await?.len();
    anyhow::ensure!(due == all, "{due} of {number} are due");
    storage.close().await?;
    drop(cx);
    println!("{number} tenants founded in {:.1} s, all of them due", begun.elapsed().as_secs_f64());

    let replica = &installation.first;
    let port = free_port()?;
    let text = std::fs::read_to_string(&replica.config)?;
    std::fs::write(&replica.config, format!("{text}\n[metrics]\nlisten = \"127.0.0.1:{port}\"\n"))?;
    let figures = format!("http://127.0.0.1:{port}/metrics");
    let begun = Instant::now();
    let program = installation.serve(replica).await?;
    let cpu = cpu_of(program.pid())?;
    let tenant = found(&installation.admin(replica).await?, "asking", "PROFILE_OAUTH21").await?;
    let party = Party::discover(&tenant, tenant.confidential_client()?).await?;

    let meanwhile = ask_until(&party, async || Ok(rotations(&figures).await? >= f64::from(number))).await?;
    let (took, used) = (begun.elapsed(), cpu_of(program.pid())?.saturating_sub(cpu));
    let (calm, before) = (Instant::now(), cpu_of(program.pid())?);
    let afterwards = ask_until(&party, async || Ok(calm.elapsed() > AFTERWARDS)).await?;
    let at_rest = cpu_of(program.pid())?.saturating_sub(before).as_secs_f64() / calm.elapsed().as_secs_f64();
    anyhow::ensure!(program.stop().await?.success(), "it did not stop in good order");

    let share = used.as_secs_f64() / took.as_secs_f64();
    let once = rotated_once(url, master, &tenants).await?;
    println!("rotated in {:.1} s with {:.2} s of processor time", took.as_secs_f64(), used.as_secs_f64());
    println!(
        "  {:.1} % of one core, {:.1} % at rest; at most {:.0} %",
        share * 100.0,
        at_rest * 100.0,
        MOST_SHARE * 100.0
    );
    println!("  rotated exactly once: {once} of {number}");
    println!("  token requests meanwhile:  {meanwhile}");
    println!("  token requests afterwards: {afterwards}");
    Ok(once == all && share < MOST_SHARE)
}

/// How long token requests took.
struct Waits(Vec<Duration>);

impl std::fmt::Display for Waits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |hundredth: usize| {
            let place = (self.0.len() * hundredth / 100).min(self.0.len().saturating_sub(1));
            self.0.get(place).copied().unwrap_or_default().as_secs_f64() * 1e3
        };
        write!(f, "{} asked, median {:.1} ms, p99 {:.1} ms, longest {:.1} ms", self.0.len(), at(50), at(99), at(100))
    }
}

/// Asks for a token again and again until that is so.
async fn ask_until(party: &Party, so: impl AsyncFn() -> Result<bool>) -> Result<Waits> {
    let mut waits = Vec::new();
    let mut looked = Instant::now();
    loop {
        let begun = Instant::now();
        party.token(&[("grant_type", "client_credentials")]).await?.success()?;
        waits.push(begun.elapsed());
        if looked.elapsed() > Duration::from_secs(1) {
            looked = Instant::now();
            if so().await? {
                waits.sort();
                return Ok(Waits(waits));
            }
        }
        tokio::time::sleep(ASK_EVERY.saturating_sub(begun.elapsed())).await;
    }
}

/// How many rotations were made because they were due.
async fn rotations(url: &str) -> Result<f64> {
    let text = Http::new()?.get(url)?.send().await?.text().await?;
    let line = text.lines().find(|line| line.starts_with("chancery_keys_rotations_total{") && line.contains("\"due\""));
    line.and_then(|line| line.rsplit_once(' ')).map_or(Ok(0.0), |(_, figure)| figure.parse().context("no figure"))
}

/// How many have three keys, one of each state that follows on a single rotation.
async fn rotated_once(url: &str, master: &str, tenants: &[TenantId]) -> Result<usize> {
    let (storage, _cx) = founding::open(url, master, Duration::ZERO).await?;
    let mut once = 0;
    for tenant in tenants {
        let mut states = states(&storage, *tenant).await?;
        states.sort_unstable();
        once += usize::from(states == ["active", "retiring", "standby"]);
    }
    storage.close().await?;
    Ok(once)
}

async fn states(storage: &Storage, tenant: TenantId) -> Result<Vec<&'static str>> {
    let keys = Store::read(storage, tenant).keys().all().await?;
    Ok(keys.iter().map(|key| key.state().label()).collect())
}
