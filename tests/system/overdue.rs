//! The worker is dead: the fronts see that a key is over its time, and rotate it themselves.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::Admin,
    installation::{Installation, Replica, found},
    party::{Party, header},
    program::Program,
};
use serde_json::json;

use crate::{databases::empty_postgres, haste::Haste};

const SECOND: Duration = Duration::from_secs(1);
/// The shortest policy that there is: it rotates every 11 s.
const HASTE: Haste = Haste { max_age: SECOND, verifier_cache: SECOND, token_life: SECOND, spare: Duration::ZERO };
/// What is logged.
const ALARM: &str = "over its time";

#[tokio::test]
async fn without_a_worker_two_fronts_rotate_an_overdue_key_once() -> Result<()> {
    let installation = Installation::on_with(&empty_postgres().await?, &HASTE.config()).await?;
    let (other, operator) = (installation.replica("other")?, installation.replica("operator")?);
    let mut fronts = Vec::new();
    for replica in [&installation.first, &other] {
        let mut program = installation.start(replica, &["front"])?;
        installation.until_ready(&mut program, replica).await?;
        fronts.push(program);
    }
    let _operator = installation.start(&operator, &["admin"])?;
    let admin = installation.admin(&operator).await?;
    let begun = Instant::now();
    let tenant = found(&admin, "acme", "PROFILE_OAUTH21").await?;
    let party = Party::discover(&tenant, tenant.confidential_client()?).await?;
    let parties = ways(&installation, &party, &[&installation.first, &other])?;

    let former = signer(&parties[0]).await?;
    let due = HASTE.period() + HASTE.period() / 10;
    loop {
        let [one, two] = [signer(&parties[0]).await?, signer(&parties[1]).await?];
        if one != former && two != former {
            assert_eq!(one, two, "two fronts sign with two new keys");
            break;
        }
        anyhow::ensure!(begun.elapsed() < due + 10 * SECOND, "nobody rotates: {}", logged(&fronts));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let rotated = begun.elapsed();
    assert!(rotated >= due, "rotated after {rotated:?}, before anything was wrong");
    assert!(logged(&fronts).contains(ALARM), "nobody was told: {}", logged(&fronts));

    tokio::time::sleep(2 * SECOND).await;
    let states = states(&admin).await?;
    assert_eq!(states, ["STATE_ACTIVE", "STATE_RETIRING", "STATE_STANDBY"], "rotated more than once");
    for front in &fronts {
        assert!(front.logged().matches(ALARM).count() <= 1, "one alarm is enough: {}", front.logged());
    }
    Ok(())
}

fn ways(installation: &Installation, party: &Party, replicas: &[&Replica]) -> Result<Vec<Party>> {
    replicas.iter().map(|replica| Ok(party.by_way_of(installation.way_to(replica)?))).collect()
}

/// The key that signs a new token.
async fn signer(party: &Party) -> Result<String> {
    let reply = party.token(&[("grant_type", "client_credentials")]).await?.success()?;
    let token = reply["access_token"].as_str().context("no token")?;
    Ok(header(token)?["kid"].as_str().context("no kid")?.to_owned())
}

/// The states of the keys, by name: the first two keys may be of one millisecond.
async fn states(admin: &Admin) -> Result<Vec<String>> {
    let keys = admin.call("KeyService/ListKeys", json!({ "parent": "tenants/acme" })).await?;
    let keys = keys["keys"].as_array().context("no keys")?;
    let mut states: Vec<String> = keys.iter().filter_map(|key| Some(key["state"].as_str()?.to_owned())).collect();
    states.sort_unstable();
    Ok(states)
}

fn logged(programs: &[Program]) -> String {
    programs.iter().map(Program::logged).collect()
}
