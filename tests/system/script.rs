//! Scripts of `tests/world`, which use client libraries that others wrote. A script gets its task as one line of JSON;
//! where it needs a person it prints `OPEN <url>` and reads the URL at which the person arrived, and behind a blank the form
//! that their browser posted there, if it did.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use chancery_tests::{
    browser::{Browser, Landing},
    dev::User,
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
};

/// Runs a script to its end; `user` is the person before the browser. Returns what it printed last, as JSON.
pub(crate) async fn run(script: &str, task: &Value, browser: &mut Browser, user: &User) -> Result<Value> {
    tokio::time::timeout(Duration::from_secs(120), converse(script, task, browser, user))
        .await
        .with_context(|| format!("{script} did not end within two minutes"))?
        .with_context(|| script.to_owned())
}

async fn converse(script: &str, task: &Value, browser: &mut Browser, user: &User) -> Result<Value> {
    let mut child = start(script)?;
    let mut input = child.stdin.take().context("stdin")?;
    let mut output = BufReader::new(child.stdout.take().context("stdout")?).lines();
    let mut errors = child.stderr.take().context("stderr")?;
    input.write_all(format!("{task}\n").as_bytes()).await?;
    let mut last = String::new();
    while let Some(line) = output.next_line().await? {
        if let Some(url) = line.strip_prefix("OPEN ") {
            let arrived = visit(browser, user, url).await?;
            input.write_all(format!("{arrived}\n").as_bytes()).await?;
        } else {
            last = line;
        }
    }
    let mut complaint = String::new();
    errors.read_to_string(&mut complaint).await?;
    let status = child.wait().await?;
    anyhow::ensure!(status.success(), "{status}\n{last}\n{complaint}");
    serde_json::from_str(&last).with_context(|| format!("its last line: {last}"))
}

/// Starts a script; it ends with what is returned.
pub(crate) fn start(script: &str) -> Result<Child> {
    let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("world");
    let python = Path::new(script).extension().is_some_and(|extension| extension == "py");
    let interpreter = if python { world.join(".venv/bin/python") } else { "node".into() };
    Command::new(&interpreter)
        .arg(script)
        .current_dir(&world)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("starting {}; tests/run installs what it needs", interpreter.display()))
}

/// Where the person arrives who opens that URL, signs in and allows what is asked, and what their browser posts there.
async fn visit(browser: &mut Browser, user: &User, url: &str) -> Result<String> {
    let mut landing = browser.open(url).await?;
    for _ in 0..4 {
        let page = match landing {
            Landing::Away(url) => return Ok(url.into()),
            Landing::Page(page) => page,
        };
        if let Some(form) = page.form_away()? {
            return Ok(format!("{} {}", form.action, serde_html_form::to_string(&form.fields)?));
        }
        landing = if page.has("login-submit") {
            browser.log_in(&page, &user.username, &user.password).await?
        } else if page.has("consent-allow") {
            browser.press(&page, "consent-allow").await?
        } else if page.has("device-allow") {
            browser.press(&page, "device-allow").await?
        } else if page.has("logout-confirm") {
            browser.press(&page, "logout-confirm").await?
        } else {
            return Ok(page.url.into());
        };
    }
    bail!("no end after four pages from {url}")
}
