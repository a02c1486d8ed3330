//! Nothing of one tenant is worth anything at another: a generated matrix of everything that a tenant hands out, times
//! every endpoint and every admin call of its neighbour, in every place where it could be presented.

mod admin_calls;
mod belongings;
mod endpoints;

use anyhow::{Context as _, Result};
use chancery_tests::dev::Tenant;

use crate::databases::{Database, Site};
use belongings::Belongings;

#[tokio::test]
async fn nothing_crosses_between_tenants_on_sqlite() -> Result<()> {
    nothing_crosses(Database::Sqlite).await
}

#[tokio::test]
async fn nothing_crosses_between_tenants_on_postgres() -> Result<()> {
    nothing_crosses(Database::Postgres).await
}

async fn nothing_crosses(database: Database) -> Result<()> {
    let site = database.site().await?;
    for (owner, neighbour) in [(&site.first, &site.second), (&site.second, &site.first)] {
        let between = || format!("of {} at {}", owner.tenant, neighbour.tenant);
        let belongings = Belongings::of(&site, owner).await?;
        let let_in = [
            endpoints::that_let_in(&belongings, neighbour).await.with_context(between)?,
            admin_calls::that_let_in(&site, &belongings, owner, neighbour).await.with_context(between)?,
        ];
        assert!(let_in.iter().all(Vec::is_empty), "{}: {let_in:#?}", between());
        // Refused there, and none the worse for it at home.
        belongings.all_work_at_home(&site, owner).await.with_context(|| format!("at {} afterwards", owner.tenant))?;
    }
    Ok(())
}

/// A matrix that lets nothing in would also look like that if it asked the wrong questions.
#[tokio::test]
async fn at_home_the_same_requests_are_let_in() -> Result<()> {
    let site = Database::Sqlite.site().await?;
    for owner in [&site.first, &site.second] {
        let belongings = Belongings::of(&site, owner).await?;
        let let_in = endpoints::that_let_in(&belongings, owner).await?;
        let let_in: Vec<_> = let_in.iter().filter_map(|told| told.split(':').next()).collect();
        for expected in [
            "code as code at token_endpoint",
            "client secret as secret at token_endpoint",
            "client secret as its own client at token_endpoint",
            "access token as bearer at userinfo_endpoint",
            "access token as form token at userinfo_endpoint",
            "access token as token at introspection_endpoint",
            "ID token as hint with a session in a browser",
            "client id as client in a browser",
            "cookie as cookie in a browser",
            "password link as password link in a browser",
            "a sign-in begun elsewhere",
        ] {
            assert!(let_in.iter().any(|place| place.starts_with(expected)), "{expected} is not in {let_in:#?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn tenants_share_no_key() -> Result<()> {
    let site = Database::Sqlite.site().await?;
    let (first, second) = (kids(&site.first).await?, kids(&site.second).await?);
    assert!(first.len() >= 2 && second.len() >= 2, "{first:?} {second:?}");
    assert!(first.iter().all(|kid| !second.contains(kid)), "{first:?} {second:?}");
    Ok(())
}

#[tokio::test]
async fn a_tenant_made_again_under_its_name_revives_nothing() -> Result<()> {
    let site = Database::Sqlite.site().await?;
    let belongings = Belongings::of(&site, &site.first).await?;
    replace_client(&site, &site.first).await?;
    let party = chancery_tests::party::Party::discover(&site.first, site.first.confidential_client()?).await?;
    let refused = party.refresh(&belongings.refresh_token).await?;
    assert!(matches!(refused.refusal(), (400 | 401, "invalid_client" | "invalid_grant")), "{refused:?}");
    Ok(())
}

/// Deletes the confidential client and makes one of the same name.
async fn replace_client(site: &Site, tenant: &Tenant) -> Result<()> {
    let parent = format!("tenants/{}", tenant.tenant);
    let id = &tenant.confidential_client()?.client_id;
    let name = serde_json::json!({ "name": format!("{parent}/clients/{id}") });
    let mut client = site.admin.call("ClientService/GetClient", name.clone()).await?;
    site.admin.call("ClientService/DeleteClient", name).await?;
    for output in ["name", "uid", "state", "createTime", "updateTime", "etag"] {
        client.as_object_mut().context("an object")?.remove(output);
    }
    let again = serde_json::json!({ "parent": parent, "clientId": id, "client": client });
    site.admin.call("ClientService/CreateClient", again).await?;
    Ok(())
}

async fn kids(tenant: &Tenant) -> Result<Vec<String>> {
    let party = chancery_tests::party::Party::discover(tenant, tenant.public_client()?).await?;
    let set = party.keys().await?.success()?;
    let keys = set["keys"].as_array().context("no keys")?;
    Ok(keys.iter().filter_map(|key| key["kid"].as_str().map(str::to_owned)).collect())
}
