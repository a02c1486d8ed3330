//! The operators' commands against a running server.

use anyhow::{Context as _, Result};
use chancery_tests::{
    dev::Dev,
    installation::Installation,
    program::{Finished, Program},
};
use serde_json::{Value, json};

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
async fn scripts_tell_refusals_apart_by_their_number() -> Result<()> {
    let dev = Dev::start().await?;
    let tenant = dev.announced.tenants.first().context("no tenant")?.tenant.as_str();
    let plain_as_tls = dev.announced.admin_url.replacen("http://", "https://", 1);
    for (arguments, code, said) in [
        (vec!["tenants", "get", tenant], 0, ""),
        (vec!["tenants", "resume", tenant], 1, "TENANT_ACTIVE"),
        (vec!["tenants", "get"], 2, "Usage: chancery tenants get [OPTIONS] <TENANT>"),
        (vec!["tenants", "delete", tenant, "--validate-only"], 0, "nothing was done"),
        (vec!["clients", "delete", tenant, "tenants/nobody/clients/web"], 2, "is none of tenants/"),
        (vec!["tenants", "get", "nobody"], 3, "TENANT_NOT_FOUND"),
        (vec!["tenants", "list", "--admin-key", "cha_x"], 4, "--admin-key-file"),
        (vec!["tenants", "create", tenant], 5, "TENANT_EXISTS"),
        (vec!["tenants", "update", tenant, "--display-name", "x", "--etag", "old"], 5, "repeat with the etag"),
        (vec!["tenants", "list", "--admin-url", "http://127.0.0.1:1"], 6, "--admin-url"),
        (vec!["tenants", "list", "--admin-url", &dev.announced.public_url], 6, "names the admin port"),
        (vec!["tenants", "list", "--admin-url", &plain_as_tls], 6, "http:// or https://"),
    ] {
        let done = command(&dev, &arguments).await?;
        assert_eq!(done.code, Some(code), "{arguments:?}: {done:?}");
        assert!(done.stderr.contains(said), "{arguments:?}: {}", done.stderr);
    }
    Ok(())
}

#[tokio::test]
async fn a_context_spares_the_connection_and_the_tenant() -> Result<()> {
    let dev = Dev::start().await?;
    let folder = tempfile::tempdir()?;
    let config = folder.path().display().to_string();
    let environment = [("XDG_CONFIG_HOME", config.as_str())];
    let run = async |arguments: &[&str]| Program::run_with(arguments, &environment).await;
    let tenant = dev.announced.tenants.first().context("no tenant")?.tenant.as_str();
    let key = folder.path().join("key");
    std::fs::write(&key, &dev.announced.admin_key)?;
    let (url, key) = (dev.announced.admin_url.as_str(), key.display().to_string());

    let nobody = run(&["tenants", "list"]).await?;
    assert!(nobody.code == Some(4) && nobody.stderr.contains("chancery context --help"), "{nobody:?}");
    let add = ["context", "add", "here", "--admin-url", url, "--admin-key-file", &key, "--tenant", tenant];
    assert!(run(&add).await?.success);
    assert_eq!(run(&add).await?.code, Some(2), "it is there already");
    let elsewhere = ["context", "add", "away", "--admin-url", "https://127.0.0.1:1", "--admin-key", "hush", "--unused"];
    assert!(run(&elsewhere).await?.success);

    let clients = run(&["clients", "list", "--output", "yaml"]).await?;
    assert!(clients.success && clients.stdout.contains(&format!("name: tenants/{tenant}/clients/")), "{clients:?}");
    assert_eq!(run(&["tenants", "list", "--context", "away"]).await?.code, Some(6));
    let other = [("XDG_CONFIG_HOME", config.as_str()), ("CHANCERY_TENANT", "nobody")];
    assert_eq!(Program::run_with(&["clients", "list"], &other).await?.code, Some(3), "the environment goes first");

    let listed = run(&["context", "list"]).await?;
    assert!(listed.stdout.contains("here  yes") && !listed.stdout.contains("hush"), "{listed:?}");
    let shown = run(&["context", "show", "away", "-o", "json"]).await?;
    assert!(shown.success && !shown.stdout.contains("hush"), "{shown:?}");
    assert!(run(&["context", "use", "away"]).await?.success);
    assert!(run(&["context", "remove", "away"]).await?.success);
    let gone = run(&["tenants", "list", "--context", "away"]).await?;
    assert!(gone.code == Some(2) && gone.stderr.contains("there are: here"), "{gone:?}");
    Ok(())
}

/// What a command that goes on looking has printed, in its order.
fn answers(program: &Program) -> Vec<Value> {
    serde_json::Deserializer::from_str(&program.printed()).into_iter().map_while(Result::ok).collect()
}

#[tokio::test]
async fn a_list_that_is_watched_is_told_again_when_it_changes() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let mut server = installation.serve(&installation.first).await?;
    let connection = [
        ("CHANCERY_ADMIN_URL", installation.first.admin_url.as_str()),
        ("CHANCERY_ADMIN_KEY", installation.admin_key()),
    ];
    let arguments = ["tenants", "list", "--watch", "--output", "json"];
    let mut watcher = Program::start_with(installation.folder(), "watcher", &arguments, &connection)?;
    watcher.until("first answer", async |program| answers(program).first().cloned()).await?;

    // Many changes at once are one reason to look, and without one nobody asks.
    let admin = installation.admin(&installation.first).await?;
    for number in 0..10 {
        admin.call("TenantService/CreateTenant", json!({ "tenantId": format!("many{number}") })).await?;
    }
    let has = |name: &'static str| {
        async move |program: &Program| answers(program).last().filter(|told| told.to_string().contains(name)).cloned()
    };
    watcher.until("the tenants", has("tenants/many9")).await?;
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    let looks = |server: &Program| server.logged().matches("TenantService/ListTenants").count();
    let made = looks(&server);
    assert!((2..=11).contains(&made), "{made} looks");

    // The connection goes, and the server with it; what changes next is told.
    server.kill();
    drop(server);
    let server = installation.serve(&installation.first).await?;
    let admin = installation.admin(&installation.first).await?;
    admin.call("TenantService/CreateTenant", json!({ "tenantId": "initech" })).await?;
    watcher.until("what came after the cut", has("tenants/initech")).await?;

    watcher.interrupt()?;
    let status = watcher.end(std::time::Duration::from_secs(10)).await?;
    assert_eq!(status.code(), Some(0), "{}", watcher.logged());
    drop(server);
    Ok(())
}

#[tokio::test]
async fn whatever_is_watched_is_shown_at_once_to_those_who_may() -> Result<()> {
    let dev = Dev::start().await?;
    let tenant = dev.announced.tenants[0].tenant.as_str();
    let connection = [
        ("CHANCERY_ADMIN_URL", dev.announced.admin_url.as_str()),
        ("CHANCERY_ADMIN_KEY", dev.announced.admin_key.as_str()),
    ];
    for (noun, of) in [
        ("clients", vec![tenant]),
        ("scopes", vec![tenant]),
        ("resources", vec![tenant]),
        ("claim-mappings", vec![tenant]),
        ("users", vec![tenant]),
        ("sessions", vec![tenant]),
        ("grants", vec![tenant]),
        ("keys", vec![tenant]),
        ("token-secrets", vec![tenant]),
        ("encryption-keys", vec![tenant]),
        ("api-keys", vec![]),
        ("roles", vec![]),
        ("role-bindings", vec![]),
        ("approvals", vec![]),
        ("audit", vec![]),
        ("master-keys", vec![]),
    ] {
        let arguments = [&[noun, "list"], of.as_slice(), &["--watch", "--output", "json"]].concat();
        let mut watcher = Program::start_with(dev.folder(), noun, &arguments, &connection)?;
        let shown = watcher.until("an answer", async |program| answers(program).first().cloned()).await;
        shown.with_context(|| format!("{noun}: {}", watcher.logged()))?;
    }

    let reader = ["api-keys", "create", "--display-name", "reader", "--tenant", tenant, "--role", "tenant.reader"];
    let reader = json(&dev, &reader).await?;
    let key = find(&reader, "secret").with_context(|| format!("no key in {reader}"))?;
    // Who may look and is not told of changes looks every now and then; who may not look either is refused.
    let arguments = ["clients", "list", tenant, "--watch", "--output", "json", "--admin-key", key];
    let mut watcher = Program::start_with(dev.folder(), "reader", &arguments, &connection[..1])?;
    watcher.until("an answer", async |program| answers(program).first().cloned()).await?;
    let arguments = ["tenants", "list", "--watch", "--admin-key", key];
    let refused = Program::run_with(&arguments, &connection[..1]).await?;
    assert!(!refused.success && refused.stderr.contains("tenants.list"), "{refused:?}");
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
    for topic in [
        "dev",
        "serve",
        "migrate",
        "check",
        "tenants",
        "clients",
        "scopes",
        "users",
        "keys",
        "master-keys",
        "context",
        "audit",
    ] {
        let help = Program::run(&[topic, "--help"]).await?;
        assert!(help.success && help.stdout.contains("Example"), "{topic}: {}", help.stdout);
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
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
