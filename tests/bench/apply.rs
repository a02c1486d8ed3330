//! A fleet of tenants as files: how fast ten thousand documents are applied from a folder, how much memory the server and
//! the command take for it, and whether a page of a list costs the same however many tenants there are.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_domain::{key_policy::KeyPolicy, profile::Profile};
use chancery_tests::{admin::Admin, installation::Installation, program::Program};
use serde_json::json;

use crate::founding;

/// How many documents, unless another number is asked for.
pub(crate) const TENANTS: usize = 10_000;
/// How many tenants the lists have, in turn, for each document that was asked for: a tenth, as many, ten times as many.
const LISTS: [(usize, usize); 3] = [(1, 10), (1, 1), (10, 1)];
/// How many tenants a page holds.
const PAGE: usize = 1000;
/// A page of the longest list may take so many times what one of the shortest takes, in the median.
const MOST_SLOWER: f64 = 2.0;
/// How often the command's memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Applies, applies again, lists; says whether pages stay as fast.
pub(crate) async fn measure(number: usize) -> Result<bool> {
    apply(number).await?;
    lists(number).await
}

async fn apply(number: usize) -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    let program = installation.serve(&installation.first).await?;
    let folder = installation.folder().join("tenants");
    std::fs::create_dir(&folder)?;
    for at in 0..number {
        std::fs::write(folder.join(format!("tenant-{at:06}.yaml")), document(at))?;
    }
    println!("{number} documents of {} bytes, each with a scope and two clients", document(0).len());
    println!("  the server at rest: {} MiB", peak(program.pid())? / 1024);
    let folder = folder.display().to_string();
    for what in ["founded", "applied again, unchanged"] {
        let (took, memory) = command(&installation, &["apply", "-f", &folder, "--yes", "--parallel", "16"]).await?;
        let rate = f64::from(u32::try_from(number)?) / took.as_secs_f64();
        println!(
            "  {what}: {:.1} s, {rate:.0} tenants/s; peak of the command {} MiB",
            took.as_secs_f64(),
            memory / 1024
        );
        println!("    peak of the server so far: {} MiB", peak(program.pid())? / 1024);
    }
    anyhow::ensure!(program.stop().await?.success(), "it did not stop in good order");
    Ok(())
}

fn document(at: usize) -> String {
    format!(
        "# Tenant {at}\ntenant:\n  name: tenant-{at:06}\n  display_name: Tenant {at}\n  settings:\n    \
         access_token_ttl: 15m\nscopes:\n  - name: reports-read\n    value: reports.read\n    description: Read reports\n\
         clients:\n  - name: web\n    kind: web\n    auth_methods: [client_secret_basic]\n    grant_types:\n      \
         - authorization_code\n      - refresh_token\n    redirect_uris:\n      - https://t{at}.example/callback\n    \
         scopes: [openid, profile, reports.read]\n  - name: batch\n    kind: service\n    \
         auth_methods: [client_secret_basic]\n    grant_types: [client_credentials]\n    scopes: [reports.read]\n"
    )
}

/// Runs an operators' command; gives how long it took and the most memory that it had, in KiB.
async fn command(installation: &Installation, arguments: &[&str]) -> Result<(Duration, u64)> {
    let environment = [
        ("CHANCERY_ADMIN_URL", installation.first.admin_url.as_str()),
        ("CHANCERY_ADMIN_KEY", installation.admin_key()),
    ];
    let begun = Instant::now();
    let mut program = Program::start_with(installation.folder(), "command", arguments, &environment)?;
    let mut memory = 0;
    loop {
        // Once it has ended there is nothing to read any more.
        memory = peak(program.pid()).unwrap_or_default().max(memory);
        if let Some(status) = program.ended()? {
            anyhow::ensure!(status.success(), "{arguments:?}: {}{}", program.printed(), program.logged());
            return Ok((begun.elapsed(), memory));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The most memory that a process had, in KiB.
fn peak(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.split_whitespace().next().context("no figure")?.parse()?)
}

async fn lists(number: usize) -> Result<bool> {
    let installation = Installation::on_sqlite().await?;
    let (url, master) = (installation.database_url(), installation.master_key());
    let (mut there, mut medians) = (0, Vec::new());
    for (times, part) in LISTS {
        let all = number * times / part;
        let begun = Instant::now();
        let (storage, cx) = founding::open(url, master, Duration::ZERO).await?;
        founding::found_between(&cx, there, all, &KeyPolicy::of(Profile::Oauth21)).await?;
        storage.close().await?;
        drop(cx);
        let founded = begun.elapsed();
        there = all;
        let program = installation.serve(&installation.first).await?;
        let mut pages = pages(&installation.admin(&installation.first).await?, all).await?;
        anyhow::ensure!(program.stop().await?.success(), "it did not stop in good order");
        pages.sort();
        let (median, longest) = (pages[pages.len() / 2], pages[pages.len() - 1]);
        println!(
            "{all} tenants (founded in {:.1} s), {} pages of {PAGE}: median {:.1} ms, longest {:.1} ms",
            founded.as_secs_f64(),
            pages.len(),
            median.as_secs_f64() * 1e3,
            longest.as_secs_f64() * 1e3
        );
        medians.push(median.as_secs_f64());
    }
    let slower = medians.last().copied().unwrap_or_default() / medians.first().copied().unwrap_or(1.0);
    println!("a page of the longest list takes {slower:.2} times one of the shortest; at most {MOST_SLOWER:.1}");
    Ok(slower <= MOST_SLOWER)
}

/// How long each page took. The shortest list has too few of them, so it is read several times.
async fn pages(admin: &Admin, all: usize) -> Result<Vec<Duration>> {
    let mut took = Vec::new();
    let rounds = (20 * PAGE / all.max(1)).max(1);
    for _ in 0..rounds {
        let (mut token, mut seen) = (String::new(), 0);
        loop {
            let begun = Instant::now();
            let page = admin.call("TenantService/ListTenants", json!({ "pageSize": PAGE, "pageToken": token })).await?;
            took.push(begun.elapsed());
            seen += page["tenants"].as_array().map_or(0, Vec::len);
            page["nextPageToken"].as_str().unwrap_or_default().clone_into(&mut token);
            if token.is_empty() {
                break;
            }
        }
        anyhow::ensure!(seen == all, "{seen} of {all} were listed");
    }
    Ok(took)
}
