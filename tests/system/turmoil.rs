//! Keys rotate every few seconds on three replicas, of which one after another is killed or frozen, and no verifier
//! notices.

mod answers;
mod door;
mod fleet;

use std::{
    collections::BTreeSet,
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::Admin,
    dev::Tenant,
    http::Http,
    installation::found,
    party::{Party, header},
};
use futures::future::try_join_all;
use serde_json::json;

use crate::{
    haste::{Haste, SKEW},
    watch::{LIBRARIES, Watch},
};
use answers::Answers;
use door::Door;
use fleet::Fleet;

/// What befalls the replicas is drawn from this, unless `TURMOIL_SEED` says otherwise.
const SEED: u64 = 20_261_122;
/// For how long something befalls them.
const LASTING: Duration = Duration::from_secs(122);
/// How long an answer is waited for; whoever is frozen does not give one in that time.
const PATIENCE: Duration = Duration::from_secs(1);
/// The policy of every tenant. It rotates every 18 s.
const HASTE: Haste = Haste {
    max_age: Duration::from_secs(1),
    verifier_cache: Duration::from_secs(3),
    token_life: Duration::from_secs(5),
    spare: Duration::from_secs(1),
};
/// How many rotations each tenant makes in that time, at the least.
const ROTATIONS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_verifier_notices_that_replicas_are_killed_and_frozen_while_keys_rotate() -> Result<()> {
    let seed = seed();
    println!("TURMOIL_SEED={seed}");
    let mut fleet = Fleet::start(&HASTE.config()).await?;
    let tenants = found_three(&fleet.admin().await?).await?;
    let verifiers = Arc::new(Verifiers::start(&fleet).await?);

    let over = Arc::new(AtomicBool::new(false));
    let mut clients = Vec::new();
    let mut readers = Vec::new();
    for tenant in &tenants {
        let client = Client::of(tenant, &fleet, &verifiers).await?;
        let answers = Arc::clone(&client.answers);
        for party in client.parties.clone() {
            readers.push(tokio::spawn(read_until(party, Arc::clone(&answers), Arc::clone(&over))));
        }
        clients.push(tokio::spawn(client.use_until(Arc::clone(&over))));
    }
    let begun = Instant::now();
    let blows = fleet.suffer(seed, LASTING).await?;
    println!("{blows:?} in {:?}", begun.elapsed());
    over.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await?;
    }
    let (mut tokens, mut unsure) = (0, 0);
    for (client, tenant) in clients.into_iter().zip(&tenants) {
        let taken = client.await?.with_context(|| format!("at {}", tenant.tenant))?;
        println!("{}: {taken:?}", tenant.tenant);
        assert!(taken.signers.len() > ROTATIONS, "{} rotated {} times", tenant.tenant, taken.signers.len() - 1);
        assert!(taken.unanswered > 0, "nobody met a replica that was dead or frozen");
        unsure += taken.unsure;
        tokens += taken.tokens;
    }
    assert!(blows.killed > 2 && blows.frozen > 2, "{blows:?}");
    assert!(unsure > 0, "nobody met a replica that had just woken and was not sure of its keys");
    let verifiers = Arc::into_inner(verifiers).context("somebody still takes tokens")?;
    verifiers.finish(tokens).await?;
    one_active_each(&fleet.admin().await?, &tenants).await
}

#[expect(clippy::disallowed_methods, reason = "a failing seed is replayed by naming it")]
fn seed() -> u64 {
    std::env::var("TURMOIL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED)
}

/// Tenants that sign with ES256 and RS256, and one that changes from ES256 to Ed25519 while it is being watched.
async fn found_three(admin: &Admin) -> Result<Vec<Tenant>> {
    let mut tenants = Vec::new();
    for (slug, profile) in [("acme", "PROFILE_OAUTH21"), ("globex", "PROFILE_OIDC"), ("initech", "PROFILE_OAUTH21")] {
        tenants.push(found(admin, slug, profile).await?);
    }
    let policy = json!({ "name": "tenants/initech/keyPolicy", "algorithms": ["EdDSA"], "defaultAlgorithm": "EdDSA" });
    let change = json!({ "keyPolicy": policy, "updateMask": "algorithms,defaultAlgorithm" });
    admin.call("KeyService/UpdateKeyPolicy", change).await?;
    Ok(tenants)
}

async fn one_active_each(admin: &Admin, tenants: &[Tenant]) -> Result<()> {
    for tenant in tenants {
        let parent = json!({ "parent": format!("tenants/{}", tenant.tenant) });
        let keys = admin.call("KeyService/ListKeys", parent).await?;
        let keys = keys["keys"].as_array().context("no keys")?;
        let so_many = |state| keys.iter().filter(|key| key["state"] == state).count();
        assert_eq!((so_many("STATE_ACTIVE"), so_many("STATE_STANDBY")), (1, 1), "{keys:?}");
    }
    Ok(())
}

/// Reads the keys of one issuer at one replica, again and again.
async fn read_until(party: Party, answers: Arc<Answers>, over: Arc<AtomicBool>) {
    while !over.load(Ordering::SeqCst) {
        // Whoever is dead or frozen, or not sure of his keys, gives no answer.
        let _ = tokio::time::timeout(PATIENCE, answers.ask(&party, HASTE.verifier_cache)).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
}

/// Each library twice: asking the replicas itself, and by way of a cache that honours `max-age`. Neither holds a key for
/// longer than the policy allows for. One more does, to see that whatever they missed would be seen.
struct Verifiers {
    watches: Vec<(Watch, Door)>,
    negligent: (Watch, Door),
    public_url: String,
}

impl Verifiers {
    async fn start(fleet: &Fleet) -> Result<Self> {
        let mut watches = Vec::new();
        for library in LIBRARIES {
            for keeps in [false, true] {
                let cache =
                    if keeps { HASTE.verifier_cache.saturating_sub(HASTE.max_age) } else { HASTE.verifier_cache };
                let door = Door::open(fleet.public_url(), fleet.ways()?, keeps).await?;
                watches.push((Watch::start(library, cache, SKEW).await?, door));
            }
        }
        let door = Door::open(fleet.public_url(), fleet.ways()?, false).await?;
        let negligent = (Watch::start(LIBRARIES[0], 2 * HASTE.period(), SKEW).await?, door);
        Ok(Self { watches, negligent, public_url: fleet.public_url().to_owned() })
    }

    async fn watch(&self, token: &str, jwks_uri: &str, about: &str) -> Result<()> {
        let all = self.watches.iter().chain([&self.negligent]);
        let watching = all.map(|(watch, door)| async move {
            watch.over(token, &door.through(jwks_uri, &self.public_url), about).await
        });
        try_join_all(watching).await.map(drop)
    }

    /// Every token verified at every moment of its life. Where the machine was too busy to look in time, nothing is
    /// proved; that may be so for few.
    async fn finish(self, tokens: u32) -> Result<()> {
        let finishing = self.watches.into_iter().chain([self.negligent]).map(|(watch, door)| async move {
            let seen = watch.finish().await;
            drop(door);
            seen
        });
        let mut all = try_join_all(finishing).await?;
        let negligent = all.pop().context("no verifiers")?;
        println!("{all:?}, with too long a cache: {} failures", negligent.failures.len());
        assert!(!negligent.failures.is_empty(), "a verifier with too long a cache missed nothing");
        for seen in all {
            assert!(seen.failures.is_empty(), "{:#?}", seen.failures);
            let verified = seen.verified;
            assert_eq!(verified.first + verified.middle + verified.last + seen.late, 3 * tokens);
            assert!(seen.late * 10 < tokens, "{} of {tokens} were verified too late", seen.late);
            assert!(seen.unreachable * 10 < tokens, "the keys could not be read {} times", seen.unreachable);
        }
        Ok(())
    }
}

/// A client that takes tokens wherever it is given them.
struct Client {
    parties: Vec<Party>,
    answers: Arc<Answers>,
    verifiers: Arc<Verifiers>,
}

/// What a client got.
#[derive(Debug, Default)]
struct Taken {
    tokens: u32,
    /// The keys that signed them.
    signers: BTreeSet<String>,
    /// How often nobody was there, or took too long.
    unanswered: u32,
    /// How often a replica was not sure of its keys.
    unsure: u32,
}

impl Client {
    async fn of(tenant: &Tenant, fleet: &Fleet, verifiers: &Arc<Verifiers>) -> Result<Self> {
        let party = Party::discover(tenant, tenant.confidential_client()?).await?;
        let parties = fleet.ways()?.into_iter().map(|way: Http| party.by_way_of(way)).collect();
        Ok(Self { parties, answers: Arc::default(), verifiers: Arc::clone(verifiers) })
    }

    async fn use_until(self, over: Arc<AtomicBool>) -> Result<Taken> {
        let mut taken = Taken::default();
        let mut at = 0;
        while !over.load(Ordering::SeqCst) {
            at = (at + 1) % self.parties.len();
            if let Some(token) = take(&self.parties[at], &mut taken).await? {
                self.look_at(&token, at, &mut taken).await?;
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        }
        Ok(taken)
    }

    /// Whatever JWK Set a verifier may hold now has the key of a new token.
    async fn look_at(&self, token: &str, at: usize, so_far: &mut Taken) -> Result<()> {
        let kid = header(token)?["kid"].as_str().context("no kid")?.to_owned();
        let (held, lacking) = self.answers.lacking(&kid, HASTE.verifier_cache);
        anyhow::ensure!(lacking == 0, "{lacking} of {held} answers lack {kid}, with which replica {at} signs");
        let about = format!("signed with {kid} by replica {at}");
        self.verifiers.watch(token, self.parties[at].endpoint("jwks_uri")?, &about).await?;
        so_far.tokens += 1;
        so_far.signers.insert(kid);
        Ok(())
    }
}

/// A token of that replica, if it gives one in time.
async fn take(party: &Party, taken: &mut Taken) -> Result<Option<String>> {
    let grant = [("grant_type", "client_credentials")];
    let Ok(Ok(reply)) = tokio::time::timeout(PATIENCE, party.token(&grant)).await else {
        taken.unanswered += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
        return Ok(None);
    };
    if reply.status == 503 {
        taken.unsure += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
        return Ok(None);
    }
    let body = reply.success()?;
    Ok(Some(body["access_token"].as_str().context("no token")?.to_owned()))
}
