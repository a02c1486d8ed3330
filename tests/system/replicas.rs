//! Two replicas on one PostgreSQL.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::Browser,
    dev::{Client, Tenant},
    http::{Http, Reply},
    installation::Replica,
    party::Party,
    program::Program,
};
use futures::future::try_join_all;
use serde_json::json;

use crate::databases::{Database, Site};

/// What an application asks for that acts for itself.
const GRANT: [(&str, &str); 1] = [("grant_type", "client_credentials")];
/// How many call at once.
const CROWD: usize = 64;

/// A site with a second replica.
struct Pair {
    site: Site,
    second: Replica,
    _second: Program,
}

impl Pair {
    async fn start() -> Result<Self> {
        let site = Database::Postgres.site().await?;
        let second = site.installation.replica("second")?;
        let program = site.installation.serve(&second).await?;
        Ok(Self { site, second, _second: program })
    }

    /// Disables the client at the first.
    async fn disable(&self, tenant: &Tenant, client: &Client) -> Result<()> {
        let name = format!("tenants/{}/clients/{}", tenant.tenant, client.client_id);
        self.site.admin.call("ClientService/DisableClient", json!({ "name": name })).await.map(drop)
    }

    fn ways(&self) -> Result<[Http; 2]> {
        Ok([Http::new()?, self.site.installation.way_to(&self.second)?])
    }
}

/// Waits until an application gets no tokens any more, which takes five seconds at the most.
async fn until_refused(party: &Party) -> Result<()> {
    let begun = Instant::now();
    while party.token(&GRANT).await?.status == 200 {
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(5), "still served after five seconds");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

#[tokio::test]
async fn three_that_start_together_migrate_once() -> Result<()> {
    let installation = Database::Postgres.install().await?;
    let empty = crate::databases::empty_postgres().await?;
    let replicas = ["a", "b", "c"].map(|name| installation.replica_on(name, &empty));
    let replicas = replicas.into_iter().collect::<Result<Vec<_>>>()?;
    let configs: Vec<_> = replicas.iter().map(|replica| replica.config.display().to_string()).collect();
    let migrations = configs.iter().map(|config| async { Program::run(&["migrate", "--config", config]).await });
    for migrated in try_join_all(migrations).await? {
        assert!(migrated.success, "{migrated:?}");
    }
    let again = Program::run(&["migrate", "--config", &configs[0]]).await?;
    assert!(again.success && again.stdout.contains("0 applied"), "{again:?}");
    installation.serve(&replicas[0]).await?;
    Ok(())
}

#[tokio::test]
async fn a_change_is_seen_in_time_though_another_transaction_is_running() -> Result<()> {
    let pair = Pair::start().await?;
    let tenant = &pair.site.first;
    let client = tenant.confidential_client()?;
    let [_, other] = pair.ways()?;
    let party = Party::discover_by(other, tenant, client).await?;
    party.token(&GRANT).await?.success()?;

    // The place in the feed may not pass a transaction that could still add to it; what is committed beyond it counts
    // all the same.
    let slow = "BEGIN; SELECT pg_current_xact_id(); SELECT pg_sleep(30); COMMIT";
    let url = pair.site.installation.database_url();
    let mut slow =
        tokio::process::Command::new("psql").args([url, "-qo", "/dev/null", "-c", slow]).kill_on_drop(true).spawn()?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    pair.disable(tenant, client).await?;
    until_refused(&party).await?;
    anyhow::ensure!(slow.try_wait()?.is_none(), "the other transaction ended too early to be in the way");
    Ok(())
}

#[tokio::test]
async fn a_client_disabled_at_one_is_refused_by_the_other_within_five_seconds() -> Result<()> {
    let pair = Pair::start().await?;
    let tenant = &pair.site.first;
    let client = tenant.confidential_client()?;
    let [_, other] = pair.ways()?;
    let party = Party::discover_by(other, tenant, client).await?;
    let token = party.token(&GRANT).await?.success()?["access_token"].as_str().context("no token")?.to_owned();

    pair.disable(tenant, client).await?;
    until_refused(&party).await?;
    assert_eq!(party.token(&GRANT).await?.refusal(), (401, "invalid_client"));
    let own = party.call("introspection_endpoint", &[("token", &token)]).await?;
    assert_eq!(own.refusal(), (401, "invalid_client"));
    Ok(())
}

#[tokio::test]
async fn a_code_of_one_is_redeemed_at_the_other() -> Result<()> {
    let pair = Pair::start().await?;
    let tenant = &pair.site.second;
    let [one, other] = pair.ways()?;
    let party = Party::discover_by(one, tenant, tenant.public_client()?).await?;
    let mut browser = Browser::new()?;
    let attempt = party.begin("openid offline_access", &[("prompt", "consent")])?;
    let code = party.obtain_code(&mut browser, tenant.user()?, &attempt).await?;
    let elsewhere = party.by_way_of(other.clone());
    let tokens = elsewhere.redeem(&code, &attempt.verifier).await?.success()?;
    party.userinfo(tokens["access_token"].as_str().unwrap_or_default()).await?.success()?;
    // The session is known there as well, and a sign-in that was begun here goes on there.
    let silent = elsewhere.begin("openid", &[("prompt", "none")])?;
    browser.take_way(other.clone());
    elsewhere.obtain_code(&mut browser, tenant.user()?, &silent).await?;
    let mut mixed = Browser::new()?;
    let page = mixed.open(party.begin("openid", &[])?.url.as_str()).await?.page()?;
    mixed.take_way(other);
    let user = tenant.user()?;
    mixed.log_in(&page, &user.username, &user.password).await?.away()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_redemptions_of_one_code_one_succeeds() -> Result<()> {
    let pair = Pair::start().await?;
    let tenant = &pair.site.first;
    let party = Party::discover(tenant, tenant.public_client()?).await?;
    let attempt = party.begin("openid offline_access", &[("prompt", "consent")])?;
    let code = party.obtain_code(&mut Browser::new()?, tenant.user()?, &attempt).await?;
    let replies = at_once(&pair, &party, async |party| party.redeem(&code, &attempt.verifier).await).await?;
    let refusals: Vec<_> = replies.iter().filter(|reply| reply.status != 200).map(Reply::refusal).collect();
    assert_eq!(refusals.len(), CROWD - 1, "{refusals:?}");
    assert!(refusals.iter().all(|refusal| *refusal == (400, "invalid_grant")), "{refusals:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_refreshes_of_one_token_there_is_one_child() -> Result<()> {
    let pair = Pair::start().await?;
    let tenant = &pair.site.first;
    let party = Party::discover(tenant, tenant.public_client()?).await?;
    let tokens = party.sign_in(&mut Browser::new()?, tenant.user()?, "openid offline_access").await?;
    let parent = tokens["refresh_token"].as_str().context("no refresh token")?;
    let replies = at_once(&pair, &party, async |party| party.refresh(parent).await).await?;
    let children: Vec<_> = replies.iter().map(|reply| (reply.status, reply.body["refresh_token"].as_str())).collect();
    assert!(children.iter().all(|child| *child == children[0]), "{children:?}");
    let child = children[0].1.context("no child")?;
    party.refresh(child).await?.success().context("the child")?;
    Ok(())
}

/// The same call from 64 callers at once, every other of them at the second replica.
async fn at_once(pair: &Pair, party: &Party, call: impl AsyncFn(Party) -> Result<Reply>) -> Result<Vec<Reply>> {
    let ways = pair.ways()?;
    let calls = (0..CROWD).map(|at| call(party.by_way_of(ways[at % 2].clone())));
    try_join_all(calls).await
}
