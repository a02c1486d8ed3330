//! Names are judged by where they lead, each time that a connection is made, and the connection goes there and nowhere else.

use std::net::TcpListener;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::{
    client_requests::{published::Web, signing::Signer},
    databases::{Database, Site},
    names::Names,
};

/// A host that the deployment names, which may lie inside.
const ALLOWED: &str = "inner.example";

#[tokio::test]
async fn t151_t152_where_names_lead_on_sqlite() -> Result<()> {
    where_names_lead(Database::Sqlite).await
}

#[tokio::test]
async fn t151_t152_where_names_lead_on_postgres() -> Result<()> {
    where_names_lead(Database::Postgres).await
}

async fn where_names_lead(database: Database) -> Result<()> {
    let names = Names::steer().await?;
    let web = Web::open_as(ALLOWED).await?;
    let roots = tempfile::tempdir()?;
    let file = roots.path().join("roots.pem");
    std::fs::write(&file, web.certificate())?;
    let mut environment = names.environment().to_vec();
    environment.push(("CHANCERY_OUTBOUND__ALLOWED_HOSTS", ALLOWED.to_owned()));
    environment.push(("CHANCERY_OUTBOUND__EXTRA_ROOTS", file.display().to_string()));
    let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let site = database.site_with(&environment).await?;
    t152_the_address_that_was_vetted(&names, &web, &site).await.context("vetted")?;
    t151_inside(&names, &web, &site).await.context("inside")?;
    t152_public_first(&names, &web, &site).await.context("public first")
}

/// A client whose keys are at that place, which is taken where it is registered.
async fn at(site: &Site, id: &str, place: &str) -> Result<Signer> {
    let at = json!({ "jwks": Value::Null, "jwksUri": place });
    Signer::register(site, &site.first, id, at).await.context("a name says nothing about where it leads")
}

async fn outcome(signer: &Signer) -> Result<u16> {
    let (status, error) = signer.outcome(&signer.assertion(&json!({}))?).await?;
    ensure!(status == 200 || (status, error.as_str()) == (401, "invalid_client"), "{status} {error}");
    Ok(status)
}

/// One lookup, and the connection goes to what it gave, though the name leads elsewhere by then.
async fn t152_the_address_that_was_vetted(names: &Names, web: &Web, site: &Site) -> Result<()> {
    let elsewhere = TcpListener::bind(("127.0.0.2", web.port()))?;
    elsewhere.set_nonblocking(true)?;
    names.say(ALLOWED, &["127.0.0.1", "127.0.0.2"]);
    let signer = at(site, "vetted", &web.uri("/vetted")).await?;
    web.publish("/vetted", &signer.key.jwks()?);
    ensure!(outcome(&signer).await? == 200, "its keys are there");
    ensure!((names.asked(ALLOWED), web.asked("/vetted")) == (1, 1), "{}", names.asked(ALLOWED));
    ensure!(elsewhere.accept().is_err(), "another address was called");
    // No name leads to a metadata service.
    for (at_place, never) in ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254"].into_iter().enumerate() {
        names.say(ALLOWED, &[never]);
        let before = names.asked(ALLOWED);
        let signer = at(site, &format!("never-{at_place}"), &web.uri(&format!("/never/{at_place}"))).await?;
        ensure!(outcome(&signer).await? == 401, "{never}");
        ensure!(names.asked(ALLOWED) == before + 1, "{never}");
    }
    Ok(())
}

/// Public names that lead inside: taken when they are registered, and refused when they are called.
async fn t151_inside(names: &Names, web: &Web, site: &Site) -> Result<()> {
    let before = web.connections();
    for (number, inside) in [
        "127.0.0.1",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "::1",
        "fc00::1",
        "fe80::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ]
    .into_iter()
    .enumerate()
    {
        let host = format!("inside-{number}.example");
        let looked_up = format!("{host}.");
        names.say(&looked_up, &[inside]);
        let signer = at(site, &format!("inside-{number}"), &format!("https://{host}:{}/jwks", web.port())).await?;
        ensure!(outcome(&signer).await? == 401, "{inside}");
        ensure!((names.asked(&looked_up), names.asked(&host)) == (1, 0), "{inside}: in the DNS alone, and once");
    }
    ensure!(web.connections() == before && web.asked("/jwks") == 0, "somebody was called");
    Ok(())
}

/// A name that leads to the public Internet when it is looked up and inside at once afterwards: whoever looked twice would be
/// led inside. Nobody has the public address.
async fn t152_public_first(names: &Names, web: &Web, site: &Site) -> Result<()> {
    let before = web.connections();
    names.say("turns.example.", &["3ffe::1", "127.0.0.1"]);
    for times in 1..=3 {
        // Each time another document, so that none is remembered.
        let place = format!("https://turns.example:{}/{times}", web.port());
        let signer = at(site, &format!("turns-{times}"), &place).await?;
        ensure!(outcome(&signer).await? == 401, "{times}");
        ensure!(names.asked("turns.example.") == times, "{times}: {}", names.asked("turns.example."));
    }
    ensure!(web.connections() == before, "somebody was called");
    Ok(())
}
