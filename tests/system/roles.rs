//! Front, admin and worker, each in a process of its own.

use std::time::{Duration, Instant};

use anyhow::Result;
use chancery_tests::{admin::Admin, browser::Browser, http::Http, installation::found_by, party::Party};
use serde_json::json;

use crate::databases::Database;

#[tokio::test]
async fn the_roles_run_apart_on_one_database() -> Result<()> {
    let installation = Database::Postgres.install().await?;
    let [front, admin, worker] = ["front", "admin", "worker"].map(|name| installation.replica(name));
    let (front, admin, worker) = (front?, admin?, worker?);
    let mut front_program = installation.start(&front, &["front"])?;
    let _admin_program = installation.start(&admin, &["admin"])?;
    let mut worker_program = installation.start(&worker, &["worker"])?;
    installation.until_ready(&mut front_program, &front).await?;

    // What the one made, the other serves.
    let operator = installation.admin(&admin).await?;
    let way = installation.way_to(&front)?;
    let tenant = found_by(&way, &operator, "acme", json!({ "profile": "PROFILE_OAUTH21" })).await?;
    let party = discover_within(Duration::from_secs(6), &way, &tenant).await?;
    party.sign_in(&mut Browser::with(way), tenant.user()?, "openid").await?;

    let http = Http::new()?;
    let answers = async |url: &str| match http.get(url) {
        Ok(request) => request.send().await.is_ok(),
        Err(_) => false,
    };
    assert!(!answers(&admin.http_url).await, "the admin role serves the front");
    assert!(
        Admin::connect(&front.admin_url, installation.admin_key()).await.is_err(),
        "the front serves the admin API"
    );
    assert!(!answers(&worker.http_url).await, "the worker serves the front");
    assert!(
        Admin::connect(&worker.admin_url, installation.admin_key()).await.is_err(),
        "the worker serves the admin API"
    );
    assert!(worker_program.end(Duration::from_millis(500)).await.is_err(), "the worker ended");
    assert!(worker_program.stop().await?.success(), "the worker did not stop in good order");
    Ok(())
}

async fn discover_within(limit: Duration, way: &Http, tenant: &chancery_tests::dev::Tenant) -> Result<Party> {
    let begun = Instant::now();
    loop {
        match Party::discover_by(way.clone(), tenant, tenant.public_client()?).await {
            Err(_) if begun.elapsed() < limit => tokio::time::sleep(Duration::from_millis(50)).await,
            done => return done,
        }
    }
}
