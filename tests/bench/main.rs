//! Measures Chancery against a floor: a server that parses, signs and answers, and does nothing else. Both run on one
//! core in turn, with the load on the other; server CPU per request is the figure, requests per second the check.
//!
//! `chancery-bench` takes about a minute and ends with failure where a goal is missed, and so do the others:
//! `chancery-bench signing` measures our signer beside the bare library, in half a minute, and `chancery-bench keys-due`
//! ten thousand tenants whose keys fall due together (or as many as are named behind), in some minutes; `chancery-bench
//! apply` ten thousand documents applied from a folder (or as many), and lists of up to a hundred thousand tenants.
//! `chancery-bench floor` is the floor itself.

mod apply;
mod floor;
mod founding;
mod keys_due;
mod load;
mod report;
mod server;
mod signing;
mod target;

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::runtime::Runtime;

use load::Load;
use report::{Line, Sample};
use server::Server;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Times that each case is measured on each server, in turn.
const ROUNDS: usize = 5;
/// How long one measurement takes.
const SPAN: Duration = Duration::from_millis(1200);
/// The least share of the floor: floor CPU per request over Chancery's.
const LEAST_SHARE: f64 = 0.5;
/// The least number of durable refreshes a second.
const LEAST_REFRESHES: f64 = 1500.0;

fn main() -> ExitCode {
    let asked = std::env::args().nth(1);
    let done = match asked.as_deref() {
        None => alone().and_then(|runtime| runtime.block_on(measure())),
        Some("floor") => alone().and_then(|runtime| runtime.block_on(floor::serve()).map(|()| true)),
        Some("signing") => many().and_then(|runtime| runtime.block_on(runtime.spawn(signing::measure()))?),
        Some("keys-due") => {
            let number = std::env::args().nth(2).and_then(|number| number.parse().ok()).unwrap_or(keys_due::TENANTS);
            many().and_then(|runtime| runtime.block_on(keys_due::measure(number)))
        }
        Some("apply") => {
            let number = std::env::args().nth(2).and_then(|number| number.parse().ok()).unwrap_or(apply::TENANTS);
            many().and_then(|runtime| runtime.block_on(apply::measure(number)))
        }
        Some(other) => {
            Err(anyhow::anyhow!("{other}: there are signing, keys-due and apply, and without a word the server"))
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chancery-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A runtime on one thread.
fn alone() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// A runtime on all cores, as the server's is.
fn many() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Measures the server, prints the table, and says whether every goal was reached.
async fn measure() -> Result<bool> {
    let cores = std::thread::available_parallelism()?.get();
    anyhow::ensure!(cores >= 2, "two cores are needed: one for the server, one for the load");
    pin_to(1)?;
    let (chancery, target) = Server::chancery().await.context("starting chancery")?;
    let floor = Server::floor(&target).await.context("starting the floor")?;
    let mut lines = Vec::new();
    for case in target.cases() {
        let at_floor = case.at(&floor.origin)?;
        let (mut floors, mut ours) = (Vec::new(), Vec::new());
        for (server, load) in [(&floor, &at_floor), (&chancery, &case)] {
            sample(server, load, SPAN / 4).await?;
        }
        for _ in 0..ROUNDS {
            floors.push(sample(&floor, &at_floor, SPAN).await?);
            ours.push(sample(&chancery, &case, SPAN).await?);
        }
        lines.push(Line::compared(case.name, &floors, &ours, LEAST_SHARE));
    }
    let mut refreshes = Vec::new();
    let load = target.refreshes().await.context("64 refresh tokens")?;
    for _ in 0..ROUNDS {
        refreshes.push(sample(&chancery, &load, SPAN * 2).await?);
    }
    lines.push(Line::alone(load.name, &refreshes, LEAST_REFRESHES));
    report::print(&lines);
    Ok(lines.iter().all(|line| line.reached))
}

async fn sample(server: &Server, load: &Load, span: Duration) -> Result<Sample> {
    let before = server.cpu()?;
    let run = load.run(span).await.with_context(|| format!("{} at {}", load.name, server.origin))?;
    let cpu = server.cpu()?.saturating_sub(before);
    Ok(Sample { per_second: run.requests / run.span.as_secs_f64(), cpu: cpu.as_secs_f64() / run.requests })
}

/// Keeps this process, and the load with it, on one core.
fn pin_to(core: usize) -> Result<()> {
    let own = std::process::id().to_string();
    let done = Command::new("taskset").args(["-a", "-p", "-c", &core.to_string(), &own]).output();
    anyhow::ensure!(done.context("taskset (Debian's util-linux) is missing")?.status.success(), "taskset failed");
    Ok(())
}
