//! The story: events in the order of their times, and what came of them.

use std::{cmp::Ordering, collections::BinaryHeap, fmt, rc::Rc, sync::Arc, time::Duration};

use chancery_domain::{
    id::KeyId,
    key::Key,
    ports::jose::SignTokens,
    time::Timestamp,
    view::TenantView,
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::{
    alarm::Severity,
    rotate::{Ask, Prepared},
};
use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    Sabotage,
    deployment::{Deployment, Snapshot},
    outages::{Spans, within},
    replica::Replica,
    verifier::Verifier,
};

const REPLICAS: usize = 3;
const VERIFIERS: usize = 24;
const DAY: Duration = Duration::from_secs(86_400);
/// With so many failures the story ends.
const ENOUGH: usize = 20;

/// What kind of story it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) days: u32,
    /// How many tokens are asked for, spread over the time; around rotations there are more.
    pub(crate) tokens: u32,
    /// Of so many tokens one is really signed, and verified by a library of somebody else.
    pub(crate) signed_one_in: u32,
    pub(crate) sabotage: Option<Sabotage>,
}

/// How it went.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) rotations: u32,
    pub(crate) by_replicas: u32,
    pub(crate) too_late: u32,
    pub(crate) tokens: u32,
    pub(crate) refused: u32,
    pub(crate) verified: u32,
    pub(crate) signatures: u32,
    pub(crate) unreachable: u32,
    pub(crate) failures: Vec<String>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rotations, by_replicas, too_late, tokens, refused, verified, signatures, unreachable, failures } =
            self;
        write!(
            f,
            "{rotations} rotations ({by_replicas} by replicas; {too_late} attempts came too late), {tokens} tokens \
             ({refused} refused by stale replicas), {verified} verified, {signatures} of them by signature, \
             {unreachable} without a set to verify by, {} failures",
            failures.len()
        )
    }
}

/// A token that was issued.
struct Token {
    tenant: usize,
    kid: KeyId,
    algorithm: Algorithm,
    issued: Timestamp,
    expires: Timestamp,
    signed: Option<String>,
}

enum Event {
    /// Somebody wants a token; the next one does later.
    Ask,
    /// Somebody wants a token of that tenant.
    AskOf(usize),
    /// A verifier is shown a token.
    Show(usize, Rc<Token>),
    /// A worker looks after a tenant, if that is still what was planned.
    Work(usize, u32),
    /// A worker that has prepared its work writes it, perhaps after it was frozen.
    Finish(usize, Box<Prepared>, Timestamp),
    /// An operator does something.
    Operate,
}

struct At {
    when: Timestamp,
    place: u64,
    event: Event,
}

/// A view that a replica keeps, with the rows that it was made of.
type Kept = Option<(Arc<Snapshot>, TenantView)>;

/// The world with what is to happen in it.
pub(crate) struct Story {
    settings: Settings,
    random: StdRng,
    deployment: Deployment,
    replicas: Vec<Replica>,
    /// The view of each replica of each tenant, kept while its rows are the same.
    views: Vec<Vec<Kept>>,
    verifiers: Vec<Verifier>,
    stalls: Spans,
    idle_workers: Spans,
    agenda: BinaryHeap<At>,
    places: u64,
    /// Counts for each tenant how often the worker's next look was planned anew.
    plans: Vec<u32>,
    /// Until when somebody who is frozen holds the lock on each tenant's keys.
    locked: Vec<Timestamp>,
    until: Timestamp,
    outcome: Outcome,
}

impl Story {
    /// Tells it from its beginning to its end.
    pub(crate) async fn run(settings: Settings) -> Outcome {
        let mut story = Self::begin(settings).await;
        while let Some(At { when, event, .. }) = story.agenda.pop() {
            if when > story.until || story.outcome.failures.len() == ENOUGH {
                break;
            }
            story.deployment.set_now(when);
            story.happen(event).await;
        }
        story.outcome
    }

    async fn begin(settings: Settings) -> Self {
        let mut random = StdRng::seed_from_u64(settings.seed);
        let deployment = Deployment::found(settings.seed, settings.sabotage).await;
        let (from, until) = (deployment.now(), deployment.now() + settings.days * DAY);
        let replicas: Vec<_> = (0..REPLICAS).map(|_| Replica::new(&mut random, from, until)).collect();
        let tenants = deployment.tenants.len();
        let mut story = Self {
            views: replicas.iter().map(|_| (0..tenants).map(|_| None).collect()).collect(),
            verifiers: (0..VERIFIERS).map(|place| Verifier::new(place, &mut random)).collect(),
            stalls: Spans::scattered(&mut random, from, until, 86_400, 1, 1800),
            idle_workers: Spans::scattered(&mut random, from, until, 50 * 86_400, 60, 100 * 86_400),
            agenda: BinaryHeap::new(),
            places: 0,
            plans: vec![0; tenants],
            locked: vec![from; tenants],
            outcome: Outcome::default(),
            settings,
            random,
            deployment,
            replicas,
            until,
        };
        for tenant in 0..tenants {
            story.plan_work(tenant);
        }
        story.later(Duration::ZERO, Event::Ask);
        story.later(DAY, Event::Operate);
        story
    }

    fn at(&mut self, when: Timestamp, event: Event) {
        self.places += 1;
        self.agenda.push(At { when, place: self.places, event });
    }

    fn later(&mut self, span: Duration, event: Event) {
        self.at(self.deployment.now() + span, event);
    }

    /// The worker comes when its clock ticks after the due date, and just then many ask for tokens.
    fn plan_work(&mut self, tenant: usize) {
        let now = self.deployment.now();
        let due = self.deployment.due(tenant).max(now) + within(&mut self.random, 15);
        self.plans[tenant] += 1;
        self.at(due, Event::Work(tenant, self.plans[tenant]));
        let many = if due > now + Duration::from_secs(60) { self.settings.tokens / 20_000 } else { 0 };
        for _ in 0..many {
            let when = due - Duration::from_secs(60) + within(&mut self.random, 180);
            self.at(when, Event::AskOf(tenant));
        }
    }

    async fn happen(&mut self, event: Event) {
        match event {
            Event::Ask => {
                let mean = u64::from(self.settings.days) * 86_400_000 / u64::from(self.settings.tokens);
                let pause = self.random.random_range(0..=mean * 19 / 10);
                self.later(Duration::from_millis(pause), Event::Ask);
                let tenant = self.random.random_range(0..self.deployment.tenants.len());
                self.issue(tenant).await;
            }
            Event::AskOf(tenant) => self.issue(tenant).await,
            Event::Show(verifier, token) => self.show(verifier, &token),
            Event::Work(tenant, plan) if plan == self.plans[tenant] => self.work(tenant).await,
            Event::Work(..) => {}
            Event::Finish(tenant, prepared, looked) => self.finish(tenant, *prepared, looked).await,
            Event::Operate => self.operate().await,
        }
    }

    /// A replica is asked for a token; one that does not answer or may not sign sends the client to another.
    async fn issue(&mut self, tenant: usize) {
        let now = self.deployment.now();
        let first = self.random.random_range(0..REPLICAS);
        for replica in (0..REPLICAS).map(|next| (first + next) % REPLICAS) {
            if !self.replicas[replica].answers(now) {
                continue;
            }
            let local = self.replicas[replica].clock(now);
            self.look(replica, tenant);
            let Some((known, view)) = &self.views[replica][tenant] else { continue };
            let overdue = view.overdue_at.is_some_and(|at| at <= local);
            if !view.may_sign(local) && self.settings.sabotage != Some(Sabotage::SigningWithoutLimit) {
                self.outcome.refused += 1;
                continue;
            }
            let algorithm = view.default_algorithm();
            let key = known.keys.iter().find(|key| key.algorithm == algorithm && key.is_active());
            let kid = key.expect("the default has an active key").id.clone();
            let longer = if self.settings.sabotage == Some(Sabotage::LongerThanPromised) { 3 } else { 1 };
            let expires = local + known.policy.token_life * longer;
            let signed = self.outcome.tokens.is_multiple_of(self.settings.signed_one_in);
            let ring = Arc::clone(&known.ring);
            let signed = if signed { Some(sign(&*ring, algorithm, expires).await) } else { None };
            self.outcome.tokens += 1;
            // A replica may be frozen between signing and answering.
            let frozen = self.random.random_range(0..100) == 0;
            let issued = now + within(&mut self.random, if frozen { 3600 } else { 0 });
            self.hand_out(Token { tenant, kid, algorithm, issued, expires, signed });
            if overdue && !self.stalls.hold(now) {
                self.outcome.by_replicas += self.rotate(tenant, Ask::Due).await;
            }
            return;
        }
    }

    /// Brings a replica's view up to what it can have read.
    fn look(&mut self, replica: usize, tenant: usize) {
        let now = self.deployment.now();
        let read = self.replicas[replica].last_read(now, &self.stalls);
        let known = Arc::clone(self.deployment.as_of(tenant, read));
        let read = self.replicas[replica].clock(read);
        let kept = &mut self.views[replica][tenant];
        match kept {
            Some((before, view)) if Arc::ptr_eq(before, &known) => {
                view.freshness = Arc::new(chancery_domain::view::Freshness::new(read));
            }
            _ => {
                let view = self.deployment.view(tenant, &known, read);
                *kept = Some((known, view));
            }
        }
    }

    /// A token is shown twice: sometime in its life, and often at its very last moment.
    fn hand_out(&mut self, token: Token) {
        let token = Rc::new(token);
        for last in [false, self.random.random_range(0..2) == 0] {
            let verifier = self.random.random_range(0..VERIFIERS);
            let end = self.verifiers[verifier].last_moment(token.expires);
            let life = u64::try_from(end.since(token.issued).as_millis()).expect("a day");
            let when =
                if last { end } else { token.issued + Duration::from_millis(self.random.random_range(0..=life)) };
            if when >= token.issued && when <= end {
                self.at(when, Event::Show(verifier, Rc::clone(&token)));
            }
        }
    }

    fn show(&mut self, verifier: usize, token: &Token) {
        let now = self.deployment.now();
        let slowest = self.deployment.latest(token.tenant).policy.verifier_cache;
        let known = self.verifiers[verifier].known(token.tenant, slowest, now).cloned();
        let known = known.or_else(|| self.fetch(verifier, token.tenant));
        let Some(known) = known else {
            self.outcome.unreachable += 1;
            return;
        };
        if known.published.contains(&token.kid) {
            self.outcome.verified += 1;
            if let Some(signed) = &token.signed {
                verify(signed, token, &known.jwk_set);
                self.outcome.signatures += 1;
            }
        } else {
            let state =
                self.deployment.latest(token.tenant).keys.iter().find(|key| key.id == token.kid).map(Key::state);
            let (tenant, kid) = (token.tenant, &token.kid);
            let (issued, expires) = (token.issued, token.expires);
            let what =
                format!("tenant {tenant}, {kid} ({state:?}), issued {issued:?}, expires {expires:?}, at {now:?}");
            self.outcome.failures.push(what);
        }
    }

    /// A verifier asks for the JWK Set, of whichever replica answers.
    fn fetch(&mut self, verifier: usize, tenant: usize) -> Option<Arc<Snapshot>> {
        let now = self.deployment.now();
        let first = self.random.random_range(0..REPLICAS);
        for replica in (0..REPLICAS).map(|next| (first + next) % REPLICAS) {
            if !self.replicas[replica].answers(now) {
                continue;
            }
            self.look(replica, tenant);
            let Some((known, view)) = &self.views[replica][tenant] else { continue };
            let local = self.replicas[replica].clock(now);
            if view.may_serve_keys(local) || self.settings.sabotage == Some(Sabotage::ServingWithoutLimit) {
                let known = Arc::clone(known);
                let received = now + within(&mut self.random, 5);
                self.verifiers[verifier].keep(tenant, received, Arc::clone(&known));
                return Some(known);
            }
        }
        None
    }

    async fn work(&mut self, tenant: usize) {
        let now = self.deployment.now();
        let held_up = [&self.idle_workers, &self.stalls].into_iter().find_map(|spans| spans.around(now));
        if let Some((_, end)) = held_up {
            let when = end + within(&mut self.random, 15);
            self.at(when, Event::Work(tenant, self.plans[tenant]));
            return;
        }
        if self.deployment.due(tenant) > now {
            self.plan_work(tenant);
            return;
        }
        let prepared = self.deployment.prepare(tenant, Ask::Due).await.expect("prepared");
        // One worker in ten is frozen before it writes, for up to half a day; another comes by meanwhile, unless the
        // frozen one has begun to write and holds the lock.
        let frozen = self.random.random_range(0..10) == 0;
        let writes = frozen && self.random.random_range(0..2) == 0;
        let pause = within(&mut self.random, if frozen { 43_200 } else { 2 });
        // He looks at the clock before he is frozen or after it, or anywhere in between.
        let looked = now + within(&mut self.random, if writes { 0 } else { pause.as_secs() });
        if writes {
            self.locked[tenant] = now + pause;
        }
        self.later(pause, Event::Finish(tenant, Box::new(prepared), looked));
        if frozen && !writes {
            self.later(Duration::from_secs(15), Event::Work(tenant, self.plans[tenant]));
        }
    }

    async fn finish(&mut self, tenant: usize, prepared: Prepared, looked: Timestamp) {
        if let Some((_, end)) = self.stalls.around(self.deployment.now()) {
            self.at(end, Event::Finish(tenant, Box::new(prepared), looked));
            return;
        }
        match self.deployment.apply(tenant, prepared, looked).await {
            Some(rotations) => self.outcome.rotations += rotations,
            None => self.outcome.too_late += 1,
        }
        self.plan_work(tenant);
    }

    /// Rotates from beginning to end. Gives the number of keys that went to work.
    async fn rotate(&mut self, tenant: usize, ask: Ask) -> u32 {
        if self.locked[tenant] > self.deployment.now() {
            return 0;
        }
        let Ok(prepared) = self.deployment.prepare(tenant, ask).await else { return 0 };
        let now = self.deployment.now();
        let rotations = self.deployment.apply(tenant, prepared, now).await.unwrap_or_default();
        self.outcome.rotations += rotations;
        rotations
    }

    /// Operators change lives and algorithms, rotate, and raise alarms.
    async fn operate(&mut self) {
        let pause = within(&mut self.random, 4 * 86_400);
        self.later(pause, Event::Operate);
        if self.stalls.hold(self.deployment.now()) {
            return;
        }
        let tenant = self.random.random_range(0..self.deployment.tenants.len());
        if self.locked[tenant] > self.deployment.now() {
            return;
        }
        match self.random.random_range(0..10) {
            0..4 => {
                let life = [600, 3600, 6 * 3600, 86_400][self.random.random_range(0..4)];
                self.deployment.promise(tenant, Duration::from_secs(life)).await;
            }
            4..6 => {
                let both = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Es384];
                let (first, second) = (self.random.random_range(0..3), self.random.random_range(0..3));
                let mut algorithms = vec![both[first], both[second]];
                algorithms.dedup();
                self.deployment.change_algorithms(tenant, algorithms).await;
            }
            6..8 => {
                self.rotate(tenant, Ask::Now { algorithm: None, immediate: false }).await;
            }
            8 => self.outcome.rotations += self.deployment.alarm(tenant, Severity::Tainted).await,
            _ => self.outcome.rotations += self.deployment.alarm(tenant, Severity::Compromised).await,
        }
        self.plan_work(tenant);
    }
}

async fn sign(ring: &impl SignTokens, algorithm: Algorithm, expires: Timestamp) -> String {
    let claims = format!(r#"{{"exp":{}}}"#, expires.seconds());
    ring.sign(algorithm, TokenType::AccessToken, claims.as_bytes()).await.expect("signed")
}

/// By a library of somebody else, from the JWK Set alone.
fn verify(signed: &str, token: &Token, jwk_set: &[u8]) {
    let set: JwkSet = serde_json::from_slice(jwk_set).expect("a JWK Set");
    let key = DecodingKey::from_jwk(set.find(token.kid.as_str()).expect("the key")).expect("a key");
    let mut validation = Validation::new(token.algorithm.as_str().parse().expect("an algorithm"));
    // Its own clock is not that of the story.
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<serde_json::Value>(signed, &key, &validation).expect("a signature that fits");
}

impl PartialEq for At {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for At {}

impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for At {
    /// The earliest is the greatest, as the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.when, other.place).cmp(&(self.when, self.place))
    }
}
