//! A key is stolen: from the answer to the alarm on nobody here believes it, and soon nobody can learn it here.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::Admin,
    browser::Browser,
    dev::Tenant,
    http::Http,
    installation::{Installation, found},
    party::{Party, header},
    program::Program,
};
use futures::future::try_join_all;
use serde_json::json;

use crate::databases::Database;

/// Within what time of the alarm our own endpoints refuse.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);
/// Within what time of it the key is in no JWK Set.
const UNPUBLISHED_WITHIN: Duration = Duration::from_secs(10);
/// The longest `max-age` that a JWK Set is served with from then on.
const MOST_AGE: u64 = 60;

#[tokio::test]
async fn a_compromised_key_is_refused_by_three_replicas_within_a_second() -> Result<()> {
    let site = Site::start().await?;
    let acme = found(&site.admin, "acme", "PROFILE_OAUTH21").await?;
    let globex = found(&site.admin, "globex", "PROFILE_OIDC").await?;
    let elsewhere = Tokens::take(&globex).await?;
    let earlier = Tokens::take(&acme).await?;
    let rotation = json!({ "parent": "tenants/acme", "immediate": true, "reason": "a test" });
    site.admin.call("KeyService/RotateKeys", rotation).await?;
    let stolen = Tokens::take_of_another_key(&acme, &earlier.kid).await?;
    for tokens in [&elsewhere, &earlier, &stolen] {
        tokens.believed_by(&site.ways).await?;
    }

    let alarm = json!({ "name": format!("tenants/acme/keys/{}", stolen.kid), "reason": "found on a laptop" });
    site.admin.call("KeyService/CompromiseKey", alarm).await?;
    let answered = Instant::now();
    let refused = try_join_all(site.ways.iter().map(|way| stolen.refused_by(way, answered))).await?;
    let unpublished = try_join_all(site.ways.iter().map(|way| stolen.unpublished_by(way, answered))).await?;
    println!("refused after {refused:?}, unpublished after {unpublished:?}");
    assert!(refused.iter().all(|after| *after < REFUSED_WITHIN), "{refused:?}");
    assert!(unpublished.iter().all(|after| *after < UNPUBLISHED_WITHIN), "{unpublished:?}");

    earlier.believed_by(&site.ways).await.context("the key of before")?;
    elsewhere.believed_by(&site.ways).await.context("the other tenant")?;
    let later = Tokens::take_of_another_key(&acme, &stolen.kid).await?;
    later.believed_by(&site.ways).await.context("the key that took over")
}

/// Three replicas with all roles.
struct Site {
    admin: Admin,
    ways: Vec<Http>,
    _installation: Installation,
    _programs: Vec<Program>,
}

impl Site {
    async fn start() -> Result<Self> {
        let installation = Database::Postgres.install().await?;
        let replicas = [installation.first.clone(), installation.replica("second")?, installation.replica("third")?];
        let (mut programs, mut ways) = (Vec::new(), Vec::new());
        for replica in &replicas {
            programs.push(installation.serve(replica).await?);
            ways.push(installation.way_to(replica)?);
        }
        let admin = installation.admin(&replicas[0]).await?;
        Ok(Self { admin, ways, _installation: installation, _programs: programs })
    }
}

/// An access token of a client about itself, and one about a person, signed with the same key.
struct Tokens {
    kid: String,
    backend: Party,
    of_client: String,
    web: Party,
    of_person: String,
}

impl Tokens {
    async fn take(tenant: &Tenant) -> Result<Self> {
        let backend = Party::discover(tenant, tenant.confidential_client()?).await?;
        let web = Party::discover(tenant, tenant.public_client()?).await?;
        let given = backend.token(&[("grant_type", "client_credentials")]).await?.success()?;
        let of_client = given["access_token"].as_str().context("no token")?.to_owned();
        let given = web.sign_in(&mut Browser::new()?, tenant.user()?, "openid").await?;
        let of_person = given["access_token"].as_str().context("no token")?.to_owned();
        let [kid, other] = [header(&of_client)?, header(&of_person)?].map(|header| header["kid"].clone());
        anyhow::ensure!(kid == other, "the key changed in between");
        Ok(Self { kid: kid.as_str().context("no kid")?.to_owned(), backend, of_client, web, of_person })
    }

    async fn take_of_another_key(tenant: &Tenant, former: &str) -> Result<Self> {
        let begun = Instant::now();
        loop {
            match Self::take(tenant).await {
                Ok(tokens) if tokens.kid != former => return Ok(tokens),
                Ok(_) | Err(_) if begun.elapsed() < Duration::from_secs(10) => {}
                Ok(_) => anyhow::bail!("{former} goes on signing"),
                Err(error) => return Err(error),
            }
        }
    }

    /// What introspection (RFC 7662) and UserInfo say at that replica: whether they believe it.
    async fn heard_by(&self, way: &Http) -> Result<[bool; 2]> {
        let introspected = self.backend.by_way_of(way.clone()).introspect(&self.of_client).await?;
        let userinfo = self.web.by_way_of(way.clone()).userinfo(&self.of_person).await?;
        Ok([introspected["active"] == true, userinfo.status == 200])
    }

    async fn believed_by(&self, ways: &[Http]) -> Result<()> {
        for way in ways {
            let heard = self.heard_by(way).await?;
            anyhow::ensure!(heard == [true, true], "{} is not believed: {heard:?}", self.kid);
        }
        Ok(())
    }

    /// How long after the alarm that replica refuses both.
    async fn refused_by(&self, way: &Http, alarm: Instant) -> Result<Duration> {
        loop {
            let asked = alarm.elapsed();
            if self.heard_by(way).await? == [false, false] {
                return Ok(asked);
            }
            anyhow::ensure!(asked < UNPUBLISHED_WITHIN, "{} is believed after {asked:?}", self.kid);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How long after the alarm that replica's JWK Set is without the key, and to be kept for a short time only.
    async fn unpublished_by(&self, way: &Http, alarm: Instant) -> Result<Duration> {
        let party = self.web.by_way_of(way.clone());
        loop {
            let asked = alarm.elapsed();
            let reply = party.keys().await?;
            let max_age =
                reply.header("cache-control").split(',').find_map(|part| part.trim().strip_prefix("max-age="));
            let max_age: u64 = max_age.context("no max-age with the JWK Set")?.parse()?;
            let set = reply.success()?;
            let keys = set["keys"].as_array().context("no keys")?;
            if keys.iter().all(|key| key["kid"] != self.kid.as_str()) && max_age <= MOST_AGE {
                return Ok(asked);
            }
            anyhow::ensure!(asked < 2 * UNPUBLISHED_WITHIN, "{} is published after {asked:?}", self.kid);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
