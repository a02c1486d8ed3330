//! A key leaves the JWK Set when the last token that it signed is over: not earlier, and not much later.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::Admin,
    dev::Tenant,
    installation::{Installation, found_with},
    party::{Party, header},
    program::Program,
};
use serde_json::{Value, json};

use crate::{
    haste::Haste,
    watch::{LIBRARIES, Verified, Watch},
};

/// How long after its time a key may still be seen: the worker looks every second, and the machine is busy.
const SWEEP: Duration = Duration::from_secs(4);
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_token_of_the_second_before_a_rotation_verifies_to_its_end_and_then_the_key_goes() -> Result<()> {
    let life = 5 * SECOND;
    let site = Site::start(life, life).await?;
    // Until verifiers know the standby key.
    tokio::time::sleep(site.haste.announce()).await;

    let token = Watched::take(&site).await?;
    tokio::time::sleep(SECOND).await;
    let rotated = site.rotate(json!({})).await?;
    let gone = token.gone_after(&site.party, rotated).await?;
    assert!(gone + SECOND >= Haste::retain(life), "it went {gone:?} after the rotation");
    assert!(gone <= Haste::retain(life) + SWEEP, "it went {gone:?} after the rotation");
    token.verified_to_the_end().await
}

#[tokio::test]
async fn a_raised_life_is_promised_before_the_first_longer_token_leaves() -> Result<()> {
    let (short, long) = (2 * SECOND, 10 * SECOND);
    let site = Site::start(12 * SECOND, short).await?;
    let raised = json!({
        "tenant": { "name": "tenants/acme", "settings": { "accessTokenTtl": "10s", "idTokenTtl": "2s" } },
        "updateMask": "settings.accessTokenTtl",
    });
    site.admin.call("TenantService/UpdateTenant", raised).await?;
    let token = loop {
        let reply = site.party.token(&[("grant_type", "client_credentials")]).await?.success()?;
        if reply["expires_in"] == long.as_secs() {
            break Watched::over(&site.party, &reply).await?;
        }
    };
    let rotated = site.rotate(json!({ "immediate": true, "reason": "a test" })).await?;
    // Under the life of before it would be gone after 7 s, and under the cap of the policy after 17 s.
    let gone = token.gone_after(&site.party, rotated).await?;
    assert!(gone + SECOND >= Haste::retain(long), "it went {gone:?} after the rotation");
    assert!(gone <= Haste::retain(long) + SWEEP, "it went {gone:?} after the rotation");
    token.verified_to_the_end().await
}

/// A deployment on SQLite with one tenant.
struct Site {
    haste: Haste,
    admin: Admin,
    party: Party,
    _installation: Installation,
    _program: Program,
}

impl Site {
    /// One whose tokens live no longer than `cap`, with a tenant whose tokens live for `life`.
    async fn start(cap: Duration, life: Duration) -> Result<Self> {
        let haste = Haste { max_age: SECOND, verifier_cache: SECOND, token_life: cap, spare: Duration::ZERO };
        let installation = Installation::on_sqlite_with(&haste.config()).await?;
        let program = installation.serve(&installation.first).await?;
        let admin = installation.admin(&installation.first).await?;
        let life = format!("{}s", life.as_secs());
        let settings = json!({ "accessTokenTtl": life, "idTokenTtl": life });
        let tenant: Tenant = found_with(&admin, "acme", json!({ "settings": settings })).await?;
        let party = Party::discover(&tenant, tenant.confidential_client()?).await?;
        Ok(Self { haste, admin, party, _installation: installation, _program: program })
    }

    /// Rotates the keys, and says when.
    async fn rotate(&self, mut request: Value) -> Result<Instant> {
        request["parent"] = json!("tenants/acme");
        self.admin.call("KeyService/RotateKeys", request).await?;
        Ok(Instant::now())
    }
}

/// A token that is verified by the libraries up to its last second, with the keys as they are then.
struct Watched {
    kid: String,
    watches: Vec<Watch>,
}

impl Watched {
    async fn take(site: &Site) -> Result<Self> {
        Self::over(&site.party, &site.party.token(&[("grant_type", "client_credentials")]).await?.success()?).await
    }

    async fn over(party: &Party, reply: &Value) -> Result<Self> {
        let token = reply["access_token"].as_str().context("no token")?;
        let kid = header(token)?["kid"].as_str().context("no kid")?.to_owned();
        let mut watches = Vec::new();
        for library in LIBRARIES {
            let watch = Watch::start(library, Duration::from_millis(50), Duration::ZERO).await?;
            watch.over(token, party.endpoint("jwks_uri")?, &kid).await?;
            watches.push(watch);
        }
        Ok(Self { kid, watches })
    }

    /// How long after the rotation the key is no longer published.
    async fn gone_after(&self, party: &Party, rotated: Instant) -> Result<Duration> {
        loop {
            let set = party.keys().await?.success()?;
            let keys = set["keys"].as_array().context("no keys")?;
            if keys.iter().all(|key| key["kid"] != self.kid.as_str()) {
                return Ok(rotated.elapsed());
            }
            anyhow::ensure!(rotated.elapsed() < Duration::from_secs(60), "{} stays", self.kid);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn verified_to_the_end(self) -> Result<()> {
        for watch in self.watches {
            let seen = watch.finish().await?;
            let once = Verified { first: 1, middle: 1, last: 1 };
            assert_eq!((seen.verified, seen.late), (once, 0), "{seen:?}");
        }
        Ok(())
    }
}
