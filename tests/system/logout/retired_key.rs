//! A hint that a key signed which has left the JWK Set.

use std::time::{Duration, Instant};

use anyhow::Result;
use chancery_testkit::postgres::Cluster;
use chancery_tests::{
    browser::Browser,
    installation::{Installation, found},
    party::{Party, header},
};

use super::{id_token, sign_out, silently};
use crate::haste::Haste;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn t218_a_hint_by_a_retired_key_still_proves_who_asks_on_sqlite() -> Result<()> {
    t218(Installation::on_sqlite_with(&haste().config()).await?).await
}

#[tokio::test]
async fn t218_a_hint_by_a_retired_key_still_proves_who_asks_on_postgres() -> Result<()> {
    let url = tokio::task::spawn_blocking(|| Cluster::shared().fresh(None)).await?;
    t218(Installation::on_with(&url, &haste().config()).await?).await
}

fn haste() -> Haste {
    Haste { max_age: SECOND, verifier_cache: SECOND, token_life: 2 * SECOND, spare: Duration::ZERO }
}

async fn t218(installation: Installation) -> Result<()> {
    let _program = installation.serve(&installation.first).await?;
    let admin = installation.admin(&installation.first).await?;
    let tenant = found(&admin, "acme", "PROFILE_OAUTH21").await?;
    let party = Party::discover(&tenant, tenant.public_client()?).await?;
    let mut browser = Browser::new()?;
    let hint = id_token(&party, &mut browser, &tenant).await?;
    let kid = header(&hint)?["kid"].clone();
    // The keys follow each other every few seconds.
    let patience = Instant::now() + 60 * SECOND;
    while party.keys().await?.body["keys"].as_array().is_some_and(|keys| keys.iter().any(|key| key["kid"] == kid)) {
        anyhow::ensure!(Instant::now() < patience, "{kid} is still in the set");
        tokio::time::sleep(SECOND / 2).await;
    }
    let place = party.client.post_logout_redirect_uris[0].as_str();
    let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", place)];
    assert_eq!(sign_out(&party, &mut browser, &parameters).await?.away()?.as_str(), place);
    assert_eq!(silently(&party, &mut browser, &tenant).await?, "login_required");
    Ok(())
}
