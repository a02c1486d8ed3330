//! What operators and machines get wrong: keys, ports, files, and a database that goes away.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_testkit::postgres::Cluster;
use chancery_tests::{
    browser::Browser,
    installation::{Installation, found},
    party::{Party, random_text},
    program::Program,
};

use crate::databases::Database;

/// The start of a replica that must fail, and what it says.
async fn failed_start(installation: &Installation) -> Result<String> {
    let mut program = installation.start(&installation.first, &[])?;
    let status = program.end(Duration::from_secs(20)).await?;
    anyhow::ensure!(!status.success(), "it started");
    Ok(program.logged() + &program.printed())
}

#[tokio::test]
async fn a_wrong_master_key_refuses_the_start_and_is_named() -> Result<()> {
    for database in [Database::Sqlite, Database::Postgres] {
        let installation = database.install().await?;
        let program = installation.serve(&installation.first).await?;
        found(&installation.admin(&installation.first).await?, "acme", "PROFILE_OAUTH21").await?;
        anyhow::ensure!(program.stop().await?.success(), "it did not stop in good order");

        let config = std::fs::read_to_string(&installation.first.config)?;
        let wrong = config.replace(installation.master_key(), &random_text());
        std::fs::write(&installation.first.config, &wrong)?;
        let said = failed_start(&installation).await?;
        assert!(said.contains("master key first"), "{said}");
        assert!(!said.contains(installation.master_key()), "{said}");

        // Another key under another name does not do either, and the right one still does.
        std::fs::write(&installation.first.config, wrong.replace("\"first\"", "\"second\""))?;
        assert!(failed_start(&installation).await?.contains("first"));
        std::fs::write(&installation.first.config, &config)?;
        installation.serve(&installation.first).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_database_that_goes_away_is_waited_for() -> Result<()> {
    let cluster = tokio::task::spawn_blocking(Cluster::start).await?;
    let installation = Installation::on(&cluster.fresh(None)).await?;
    let _program = installation.serve(&installation.first).await?;
    let tenant = found(&installation.admin(&installation.first).await?, "acme", "PROFILE_OAUTH21").await?;
    let party = Party::discover(&tenant, tenant.public_client()?).await?;
    let mut browser = Browser::new()?;
    let tokens = party.sign_in(&mut browser, tenant.user()?, "openid offline_access").await?;
    let refresh = tokens["refresh_token"].as_str().context("no refresh token")?;

    cluster.pause();
    let asked = Instant::now();
    let refused = party.refresh(refresh).await?;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(!refused.header("retry-after").is_empty(), "{:?}", refused.headers);
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    let page = browser.open(party.begin("openid", &[])?.url.as_str()).await?.page()?;
    assert_eq!(page.status, 503, "{}", page.html);

    cluster.resume();
    let back = Instant::now();
    loop {
        let reply = party.refresh(refresh).await?;
        if reply.status == 200 {
            break;
        }
        anyhow::ensure!(reply.status == 503, "{reply:?}");
        anyhow::ensure!(back.elapsed() < Duration::from_secs(20), "it did not heal by itself");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    party.sign_in(&mut browser, tenant.user()?, "openid").await?;
    Ok(())
}

#[tokio::test]
async fn a_taken_port_is_said_so() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let port = installation.first.http_url.rsplit(':').next().context("a port")?.to_owned();
    let _taken = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    let said = failed_start(&installation).await?;
    assert!(said.contains(&port) && said.contains("http.listen"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_second_process_on_one_file_is_refused() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let _program = installation.serve(&installation.first).await?;
    let second = installation.replica("second")?;
    let mut program = installation.start(&second, &[])?;
    assert!(!program.end(Duration::from_secs(20)).await?.success());
    assert!(program.logged().contains("chancery.db"), "{}", program.logged());
    Ok(())
}

#[tokio::test]
async fn a_database_without_its_schema_says_what_to_do() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let empty = format!("sqlite://{}/empty.db", installation.folder().display());
    let replica = installation.replica_on("empty", &empty)?;
    let mut program = installation.start(&replica, &[])?;
    assert!(!program.end(Duration::from_secs(20)).await?.success());
    assert!(program.logged().contains("chancery migrate"), "{}", program.logged());
    Ok(())
}

#[tokio::test]
async fn every_fault_of_a_configuration_is_told_with_its_line() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bad.toml");
    let lines = [
        "public_url = \"http://id.example\"",
        "[http]",
        "listne = \"127.0.0.1:8080\"",
        "[admin]",
        "listen = \"somewhere\"",
        "[database]",
        "url = \"mysql://x\"",
        "[[keys.master]]",
        "id = \"first\"",
        "value = \"short\"",
    ];
    std::fs::write(&file, lines.join("\n"))?;
    let path = file.display().to_string();
    for command in ["check", "serve", "migrate"] {
        let said = Program::run(&[command, "--config", &path]).await?;
        assert!(!said.success, "{said:?}");
        let all = said.stdout + &said.stderr;
        for line in [1, 3, 5, 7, 10] {
            assert!(all.contains(&format!("bad.toml:{line}:")), "{command}: line {line} not in\n{all}");
        }
        assert!(all.contains("did you mean http.listen?"), "{all}");
        assert!(!all.contains("short"), "a secret is in\n{all}");
    }
    Ok(())
}

#[tokio::test]
async fn a_good_configuration_passes_the_check() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let config = installation.first.config.display().to_string();
    let said = Program::run(&["check", "--config", &config]).await?;
    assert!(said.success, "{said:?}");
    let said = Program::run_with(&["check", "--config", &config], &[("CHANCERY_HTTP__LISTEN", "nowhere")]).await?;
    assert!(!said.success && said.stdout.contains("CHANCERY_HTTP__LISTEN"), "{said:?}");
    Ok(())
}
