//! The audit from end to end: the program writes it, seals it and signs it; an export is checked with no server to ask.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    dev::Dev,
    http::Http,
    program::{Finished, Program},
};
use serde_json::Value;

/// How long what clients do may take to get its place.
const PATIENCE: Duration = Duration::from_secs(20);

async fn command(dev: &Dev, arguments: &[&str]) -> Result<Finished> {
    let connection = [
        ("CHANCERY_ADMIN_URL", dev.announced.admin_url.as_str()),
        ("CHANCERY_ADMIN_KEY", dev.announced.admin_key.as_str()),
    ];
    Program::run_with(arguments, &connection).await
}

async fn told(dev: &Dev, arguments: &[&str]) -> Result<String> {
    let done = command(dev, arguments).await?;
    ensure!(done.success, "{arguments:?}: {done:?}");
    Ok(done.stdout)
}

#[tokio::test]
async fn what_was_done_is_exported_and_checked_without_a_server() -> Result<()> {
    let dev = Dev::start().await?;
    let tenant: Value =
        serde_json::from_str(&told(&dev, &["tenants", "create", "initech", "--output", "json"]).await?)?;
    let machine = ["clients", "create", "initech", "--id", "job", "--kind", "service", "--grant", "client_credentials"];
    let client: Value = serde_json::from_str(&told(&dev, &[&machine[..], &["--output", "json"]].concat()).await?)?;
    let secret = client["secret"].as_str().context("a secret")?;
    let issuer = tenant["issuer"].as_str().context("an issuer")?;
    let request = Http::new()?.post(&format!("{issuer}/oauth2/token"))?.basic_auth("job", Some(secret));
    let reply = request.form(&[("grant_type", "client_credentials")]).send().await?;
    ensure!(reply.status().is_success(), "{}", reply.text().await?);

    let sealed = async {
        loop {
            let events = told(&dev, &["audit", "list", "--tenant", "initech"]).await?;
            if events.contains("client_token.issue") {
                return anyhow::Ok(events);
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    let events = tokio::time::timeout(PATIENCE, sealed).await.context("it has no place")??;
    ensure!(events.lines().filter(|line| line.contains("create")).count() >= 2, "{events}");

    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (export, keys) = (path("initech.jsonl"), path("keys.json"));
    told(&dev, &["audit", "export", "--tenant", "initech", "--file", &export]).await?;
    fs::write(&keys, told(&dev, &["audit", "keys", "--jwks"]).await?)?;
    drop(dev);

    let verified = verify(&export, &keys).await?;
    ensure!(verified.success && verified.stdout.contains("their signatures verify"), "{verified:?}");
    let text = fs::read_to_string(&export)?;
    ensure!(text.lines().count() >= 5, "{text}");
    for (number, line) in text.lines().enumerate().filter(|(_, line)| line.contains(r#""type":"event""#)) {
        let edited = text.replacen(line, &line.replace("initech", "umbrella").replace("\"done\"", "\"refused\""), 1);
        names(&folder.path().join("edited.jsonl"), &edited, &keys, number + 1).await?;
        let missing = text.replacen(&format!("{line}\n"), "", 1);
        names(&folder.path().join("missing.jsonl"), &missing, &keys, number + 1).await?;
        // Places in the number, in both hashes and in the event itself.
        for place in [28, 50, 100, line.len() / 2, line.len() * 3 / 4, line.len() - 1] {
            let mut flipped = line.to_owned().into_bytes();
            flipped[place] ^= 1;
            let flipped = text.replacen(line, std::str::from_utf8(&flipped)?, 1);
            names(&folder.path().join("flipped.jsonl"), &flipped, &keys, number + 1).await?;
        }
    }
    Ok(())
}

async fn verify(export: &str, keys: &str) -> Result<Finished> {
    Program::run(&["audit", "verify", export, "--keys", keys]).await
}

/// That the verifier refuses that text and names that line.
async fn names(file: &Path, text: &str, keys: &str, line: usize) -> Result<()> {
    fs::write(file, text)?;
    let refused = verify(&file.display().to_string(), keys).await?;
    ensure!(!refused.success && refused.stderr.contains(&format!("line {line}, event")), "{refused:?}");
    Ok(())
}
