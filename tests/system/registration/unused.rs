//! Strangers that nobody uses.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{browser::Browser, party::Party};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Office, Registered, app};
use crate::{databases::Site, making::until};

/// One goes, with an event that says why; one that somebody signs in to stays, and so does what operators made. The days are
/// taken away where they are kept, instead of waited for.
pub(super) async fn an_unused_stranger_goes(site: &Site, office: &Office<'_>) -> Result<()> {
    let (unused, used) = (office.registered(&app()).await?, office.registered(&app()).await?);
    let party = Party::discover(office.tenant, &used.client()).await?;
    party.sign_in(&mut Browser::new()?, office.tenant.user()?, "openid").await?;
    // The use is written a little later.
    let noted = format!("SELECT COUNT(*) FROM clients WHERE id = '{}' AND last_used_at IS NOT NULL", used.id);
    until("the use is noted", async || Ok(site.number(&noted).await? == 1)).await?;
    ensure!(status(office, &unused).await? == 200, "no day went by");

    let ninety = 90 * 86_400_000_i64;
    site.execute(&format!("UPDATE clients SET created_at = created_at - {ninety} - 1000")).await?;
    until("it is gone", async || Ok(status(office, &unused).await? == 401)).await?;
    ensure!(status(office, &used).await? == 200, "somebody signed in to that one");
    party.sign_in(&mut Browser::new()?, office.tenant.user()?, "openid").await?;
    let parent = format!("tenants/{}", office.tenant.tenant);
    let own = format!("{parent}/clients/{}", office.tenant.confidential_client()?.client_id);
    site.admin.call("ClientService/GetClient", json!({ "name": own })).await.context("an operator's")?;

    let listed = json!({ "parent": parent, "filter": "action = \"delete\"", "pageSize": 1000 });
    let told = async || -> Result<Option<Value>> {
        let events = site.admin.call("AuditService/ListAuditEvents", listed.clone()).await?;
        let about = |event: &&Value| event.to_string().contains(&format!("\"{}\"", unused.id));
        Ok(events["auditEvents"].as_array().into_iter().flatten().find(about).cloned())
    };
    until("it is told of", async || Ok(told().await?.is_some())).await?;
    let event = told().await?.context("no event")?;
    ensure!(event["reason"] == "unused", "{event}");
    Ok(())
}

/// The status with which the registration is read.
async fn status(office: &Office<'_>, client: &Registered) -> Result<u16> {
    Ok(office.ask(Method::GET, &client.place, Some(&client.token), None).await?.status)
}
