//! A watcher that is cut off again and again, by its connection or its process, against what the writers did.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::Admin,
    installation::{Installation, found},
    program::Program,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::databases::Database;

/// How often the watcher is cut off.
const CUTS: u32 = 200;
/// One in so many cuts is the end of a process.
const PROCESS_EACH: u32 = 10;
/// How many write.
const WRITERS: usize = 4;

/// What became of which thing.
type Told = (String, String);

#[tokio::test]
async fn nothing_is_missed_or_doubled_on_sqlite() -> Result<()> {
    nothing_is_missed_or_doubled(Database::Sqlite).await
}

#[tokio::test]
async fn nothing_is_missed_or_doubled_on_postgres() -> Result<()> {
    nothing_is_missed_or_doubled(Database::Postgres).await
}

async fn nothing_is_missed_or_doubled(database: Database) -> Result<()> {
    let installation = database.install().await?;
    let _first = installation.serve(&installation.first).await?;
    let mut urls = vec![installation.first.admin_url.clone()];
    let mut _second = None;
    if matches!(database, Database::Postgres) {
        let second = installation.replica("second")?;
        _second = Some(installation.serve(&second).await?);
        urls.push(second.admin_url);
    }
    let admin = installation.admin(&installation.first).await?;
    for tenant in ["acme", "globex"] {
        found(&admin, tenant, "PROFILE_OAUTH21").await?;
    }
    let mut watcher = Watcher::begin(installation, admin.clone(), urls.clone()).await?;
    let enough = Arc::new(AtomicBool::new(false));
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        let admin = admin.anew(&urls[number % urls.len()])?;
        writers.push(tokio::spawn(write(admin, number, Arc::clone(&enough))));
    }
    for cut in 1..=CUTS {
        if cut % PROCESS_EACH == 0 { watcher.as_process(cut).await? } else { watcher.as_connection().await? }
    }
    enough.store(true, Ordering::SeqCst);
    let mut written = Vec::new();
    for writer in writers {
        written.push(writer.await??);
    }
    let expected: usize = written.iter().map(Vec::len).sum();
    watcher.hear_to_the_end(expected).await?;

    for (number, expected) in written.iter().enumerate() {
        let seen = watcher.of(&format!("/clients/w{number}-"));
        anyhow::ensure!(&seen == expected, "writer {number}: {}", difference(&seen, expected));
    }
    let contested = watcher.of("/clients/contested");
    let alternates = contested
        .iter()
        .enumerate()
        .all(|(at, (_, kind))| kind == if at % 2 == 0 { "KIND_CREATED" } else { "KIND_DELETED" });
    anyhow::ensure!(alternates, "a thing that many make and delete: {contested:?}");
    anyhow::ensure!(expected > 300, "only {expected} changes");
    Ok(())
}

/// Makes, changes and deletes until it is enough, one after the other, and tells what was acknowledged. Beside that it
/// fights with the others over one thing.
async fn write(admin: Admin, number: usize, enough: Arc<AtomicBool>) -> Result<Vec<Told>> {
    let parent = if number.is_multiple_of(2) { "tenants/acme" } else { "tenants/globex" };
    let mut done = Vec::new();
    let mut round = 0;
    while !enough.load(Ordering::SeqCst) {
        round += 1;
        let id = format!("w{number}-{round}");
        let name = format!("{parent}/clients/{id}");
        let client = json!({
            "kind": "KIND_SERVICE", "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC"],
            "grantTypes": ["GRANT_TYPE_CLIENT_CREDENTIALS"],
        });
        let create = json!({ "parent": parent, "clientId": id, "client": client });
        admin.call("ClientService/CreateClient", create).await?;
        done.push((name.clone(), "KIND_CREATED".to_owned()));
        if round % 2 == 0 {
            let update = json!({ "client": { "name": name, "displayName": "other" }, "updateMask": "displayName" });
            admin.call("ClientService/UpdateClient", update).await?;
            done.push((name.clone(), "KIND_UPDATED".to_owned()));
        }
        if round % 3 == 0 {
            admin.call("ClientService/DeleteClient", json!({ "name": name })).await?;
            done.push((name, "KIND_DELETED".to_owned()));
        }
        let contested = json!({ "parent": "tenants/acme", "clientId": "contested", "client": client });
        // Whoever is too late is refused.
        let _ = admin.try_call("ClientService/CreateClient", contested).await?;
        let name = json!({ "name": "tenants/acme/clients/contested" });
        let _ = admin.try_call("ClientService/DeleteClient", name).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(done)
}

/// Somebody who keeps nothing but what was told and the last token.
struct Watcher {
    installation: Installation,
    admin: Admin,
    urls: Vec<String>,
    token: String,
    seen: Vec<Told>,
    random: StdRng,
}

impl Watcher {
    async fn begin(installation: Installation, admin: Admin, urls: Vec<String>) -> Result<Self> {
        let mut answers = admin.follow("WatchService/WatchChanges", json!({})).await??;
        let first = answers.next().await?.context("an answer at once")?;
        let token = first["resumeToken"].as_str().context("a token")?.to_owned();
        Ok(Self { installation, admin, urls, token, seen: Vec::new(), random: StdRng::seed_from_u64(7) })
    }

    fn url(&mut self) -> String {
        let at = self.random.random_range(0..self.urls.len());
        self.urls[at].clone()
    }

    fn hear(&mut self, answer: &Value) -> Result<bool> {
        answer["resumeToken"].as_str().context("a token")?.clone_into(&mut self.token);
        let change = &answer["change"];
        let (name, kind) = (change["name"].as_str(), change["kind"].as_str());
        let told = name.is_some();
        self.seen.extend(name.zip(kind).map(|(name, kind)| (name.to_owned(), kind.to_owned())));
        Ok(told)
    }

    /// Hears a few changes on a connection of its own, which then breaks.
    async fn as_connection(&mut self) -> Result<()> {
        let most = self.random.random_range(0..8);
        let url = self.url();
        let admin = self.admin.anew(&url)?;
        let mut answers = admin.follow("WatchService/WatchChanges", json!({ "resumeToken": self.token })).await??;
        let mut heard = 0;
        while heard < most {
            let Ok(answer) = timeout(Duration::from_secs(20), answers.next()).await else {
                anyhow::bail!("nothing is told");
            };
            heard += u32::from(self.hear(&answer?.context("an end")?)?);
        }
        Ok(())
    }

    /// Hears a few changes as a command, which is then killed.
    async fn as_process(&mut self, number: u32) -> Result<()> {
        let url = self.url();
        let connection = [("CHANCERY_ADMIN_URL", url.as_str()), ("CHANCERY_ADMIN_KEY", self.installation.admin_key())];
        let arguments = ["watch", "--output", "json", "--resume", &self.token];
        let folder = self.installation.folder();
        let mut program = Program::start_with(folder, &format!("watcher{number}"), &arguments, &connection)?;
        let most = self.random.random_range(1..8);
        let enough = async |program: &Program| (program.printed().lines().count() > most).then_some(());
        program.until("lines", enough).await?;
        program.kill();
        let printed = program.printed();
        // What was cut off in the middle of a line was not told.
        for line in printed.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            self.hear(&serde_json::from_str(line).with_context(|| line.to_owned())?)?;
        }
        Ok(())
    }

    /// Hears all that is left.
    async fn hear_to_the_end(&mut self, expected: usize) -> Result<()> {
        let mut answers =
            self.admin.follow("WatchService/WatchChanges", json!({ "resumeToken": self.token })).await??;
        let begun = Instant::now();
        while self.of("/clients/w").len() < expected {
            anyhow::ensure!(begun.elapsed() < Duration::from_secs(30), "{} of {expected}", self.of("/clients/w").len());
            if let Ok(answer) = timeout(Duration::from_secs(5), answers.next()).await {
                self.hear(&answer?.context("an end")?)?;
            }
        }
        // What is doubled may come yet.
        while let Ok(answer) = timeout(Duration::from_secs(2), answers.next()).await {
            self.hear(&answer?.context("an end")?)?;
        }
        Ok(())
    }

    /// What was told of things with that in their names, in order.
    fn of(&self, part: &str) -> Vec<Told> {
        self.seen.iter().filter(|(name, _)| name.contains(part)).cloned().collect()
    }
}

/// What one list has more often than the other.
fn difference(seen: &[Told], expected: &[Told]) -> String {
    let mut counts: BTreeMap<&Told, i32> = BTreeMap::new();
    for one in seen {
        *counts.entry(one).or_default() += 1;
    }
    for one in expected {
        *counts.entry(one).or_default() -= 1;
    }
    counts.retain(|_, count| *count != 0);
    if counts.is_empty() { "in another order".to_owned() } else { format!("{counts:?}") }
}
