//! The operators' commands against a running server.

use anyhow::{Context as _, Result};
use chancery_tests::{
    dev::Dev,
    program::{Finished, Program},
};
use serde_json::Value;

/// An operators' command, with the connection in the environment as people have it.
async fn command(dev: &Dev, arguments: &[&str]) -> Result<Finished> {
    let connection = [
        ("CHANCERY_ADMIN_URL", dev.announced.admin_url.as_str()),
        ("CHANCERY_ADMIN_KEY", dev.announced.admin_key.as_str()),
    ];
    Program::run_with(arguments, &connection).await
}

async fn json(dev: &Dev, arguments: &[&str]) -> Result<Value> {
    let done = command(dev, &[arguments, &["--output", "json"]].concat()).await?;
    anyhow::ensure!(done.success, "{arguments:?}: {done:?}");
    serde_json::from_str(&done.stdout).with_context(|| format!("{arguments:?}: {}", done.stdout))
}

#[tokio::test]
async fn a_tenant_is_set_up_with_commands_alone() -> Result<()> {
    let dev = Dev::start().await?;
    let tenant = json(&dev, &["tenants", "create", "initech", "--profile", "oidc"]).await?;
    assert_eq!(tenant["name"], "tenants/initech", "{tenant}");
    let machine = ["clients", "create", "initech", "--id", "job", "--kind", "service", "--grant", "client_credentials"];
    let client = json(&dev, &machine).await?;
    let secret = find(&client, "secret").with_context(|| format!("no secret in {client}"))?;
    let issuer = tenant["issuer"].as_str().context("no issuer")?;
    let http = chancery_tests::http::Http::new()?;
    let request = http.post(&format!("{issuer}/oauth2/token"))?.basic_auth("job", Some(secret));
    let reply = request.form(&[("grant_type", "client_credentials")]).send().await?;
    assert!(reply.status().is_success(), "{}", reply.text().await?);

    let listed = command(&dev, &["tenants", "list"]).await?;
    assert!(listed.success && listed.stdout.contains("initech"), "{listed:?}");
    for noun in ["clients", "scopes", "users", "keys"] {
        let listed = command(&dev, &[noun, "list", "initech"]).await?;
        assert!(listed.success, "{noun}: {listed:?}");
        assert!(json(&dev, &[noun, "list", "initech"]).await?.is_array(), "{noun}");
    }
    Ok(())
}

#[tokio::test]
async fn a_refusal_names_its_reason() -> Result<()> {
    let dev = Dev::start().await?;
    let refused = command(&dev, &["tenants", "get", "nobody"]).await?;
    assert!(!refused.success && refused.stdout.is_empty(), "{refused:?}");
    assert!(refused.stderr.contains("nobody"), "{refused:?}");
    let denied =
        Program::run(&["tenants", "list", "--admin-url", &dev.announced.admin_url, "--admin-key", "cha_x"]).await?;
    assert!(!denied.success, "{denied:?}");
    assert!(!denied.stderr.contains("cha_x"), "{denied:?}");
    Ok(())
}

#[tokio::test]
async fn every_command_explains_itself() -> Result<()> {
    for topic in
        ["dev", "serve", "migrate", "check", "tenants", "clients", "scopes", "users", "keys", "master-keys", "audit"]
    {
        let help = Program::run(&[topic, "--help"]).await?;
        assert!(help.success && help.stdout.contains("Example"), "{topic}: {}", help.stdout);
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = Program::run(&["completions", shell]).await?;
        assert!(script.success && script.stdout.contains("chancery"), "{shell}");
    }
    Ok(())
}

#[tokio::test]
async fn the_commands_that_dev_proposes_work() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let arguments = ["dev", "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
    let mut program = Program::start(folder.path(), "dev", &arguments)?;
    let proposed = |program: &Program| -> Vec<String> {
        let printed = program.printed();
        let lines = printed.lines().skip_while(|line| !line.starts_with("Try next")).skip(1);
        lines.take_while(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned()).collect()
    };
    let commands = program
        .until("three commands", async |program| Some(proposed(program)).filter(|found| found.len() >= 3))
        .await?;
    for line in commands {
        let output = tokio::process::Command::new("sh").args(["-c", &line]).current_dir("/").output().await?;
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// The first text under that name, however deep.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    match value {
        Value::Object(members) => {
            members.get(name).and_then(Value::as_str).or_else(|| members.values().find_map(|member| find(member, name)))
        }
        Value::Array(items) => items.iter().find_map(|item| find(item, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
