//! Clients' keys: when they are fetched, and what serves meanwhile.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use chancery_domain::{
    client::{Client, ClientKeys, Encryption},
    fault::Malformed,
    id::TenantId,
    outbound::{Document, GuardedUri, Reach, RefusedUri},
    ports::{
        client_jose::{ClientJws, ClientKeySet, Content, NotEncrypted, ReadClientKeys, SelfSigned, TypRule},
        client_key_sets::{ClientKeySets, NoClientKeys},
        jose::Untrusted,
        outbound::{CheckUris, Fetch, Fetched, OutboundError},
    },
    time::Clock,
    vocabulary::Algorithm,
};
use chancery_outbound::KeySets;
use chancery_testkit::{FakeClock, SeededRandom, builders};

/// A set that is known by its text.
struct Named(String);

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl ClientKeySet for Named {
    fn verify(&self, _: &str, _: &[Algorithm], _: TypRule) -> Result<ClientJws, Untrusted> {
        Err(Untrusted::UnknownKey)
    }

    fn encrypt(&self, _: Encryption, _: Content<'_>) -> Result<String, NotEncrypted> {
        Err(NotEncrypted::NoKey)
    }

    fn certify(&self, _: &[u8]) -> bool {
        false
    }

    fn can_encrypt(&self, _: Encryption) -> bool {
        false
    }
}

/// Reads whatever does not say that it is bad.
pub(crate) struct Reader;

impl ReadClientKeys for Reader {
    fn read(&self, jwks: &str) -> Result<Arc<dyn ClientKeySet>, Malformed> {
        if jwks == "bad" { Err(Malformed::new("jwks", "is bad")) } else { Ok(Arc::new(Named(jwks.to_owned()))) }
    }

    fn unproven(&self, _: &str) -> Result<ClientJws, Untrusted> {
        Err(Untrusted::Malformed)
    }

    fn self_signed(&self, _: &str, _: &[Algorithm], _: TypRule) -> Result<SelfSigned, Untrusted> {
        Err(Untrusted::Malformed)
    }
}

/// A source that gives what it is told to.
struct FakeSource {
    answer: Mutex<Result<Fetched, OutboundError>>,
    fetches: Mutex<u32>,
}

impl FakeSource {
    fn gives(&self, body: &str, fresh: Option<u64>) {
        let body = Bytes::copy_from_slice(body.as_bytes());
        *self.answer.lock().expect("sound") = Ok(Fetched { body, fresh: fresh.map(Duration::from_secs) });
    }

    fn fails(&self, why: OutboundError) {
        *self.answer.lock().expect("sound") = Err(why);
    }

    fn fetches(&self) -> u32 {
        *self.fetches.lock().expect("sound")
    }
}

impl CheckUris for FakeSource {
    fn check(&self, uri: &str) -> Result<GuardedUri, RefusedUri> {
        Reach::public().check(uri)
    }
}

#[async_trait]
impl Fetch for FakeSource {
    async fn fetch(&self, _: TenantId, _: &GuardedUri, document: Document) -> Result<Fetched, OutboundError> {
        assert_eq!(document, Document::KeySet);
        *self.fetches.lock().expect("sound") += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.answer.lock().expect("sound").clone()
    }
}

struct World {
    clock: Arc<FakeClock>,
    source: Arc<FakeSource>,
    sets: Arc<KeySets>,
    tenant: TenantId,
    client: Client,
}

impl World {
    fn new() -> Self {
        let (clock, random) = (Arc::new(FakeClock::new()), SeededRandom::new(1));
        let answer = Mutex::new(Err(OutboundError::Unreachable));
        let source = Arc::new(FakeSource { answer, fetches: Mutex::default() });
        source.gives("first", None);
        let sets = Arc::new(KeySets::new(Arc::clone(&source) as _, Arc::new(Reader), Arc::clone(&clock) as _));
        let tenant = builders::tenant("acme", &random, clock.now()).id;
        let mut client = builders::public_client("app", &random, clock.now());
        client.metadata.keys = Some(ClientKeys::JwksUri("https://app.example/jwks".parse().expect("an address")));
        Self { clock, source, sets, tenant, client }
    }

    async fn of(&self) -> Result<String, NoClientKeys> {
        self.sets.of(self.tenant, &self.client).await.map(|keys| format!("{keys:?}"))
    }

    async fn refresh(&self) -> Result<String, NoClientKeys> {
        self.sets.refresh_for_unknown_kid(self.tenant, &self.client).await.map(|keys| format!("{keys:?}"))
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn keys_are_fetched_once_while_they_are_fresh() {
    let world = World::new();
    assert_eq!(world.of().await, Ok("first".to_owned()));
    world.source.gives("second", None);
    world.pass(599);
    assert_eq!((world.of().await, world.source.fetches()), (Ok("first".to_owned()), 1));
    world.pass(1);
    assert_eq!((world.of().await, world.source.fetches()), (Ok("second".to_owned()), 2));
}

#[tokio::test]
async fn freshness_is_what_the_server_says_within_bounds() {
    for (says, fresh_for) in [(0, 60), (300, 300), (1_000_000, 3600)] {
        let world = World::new();
        world.source.gives("first", Some(says));
        world.of().await.expect("keys");
        world.pass(fresh_for - 1);
        world.of().await.expect("keys");
        assert_eq!(world.source.fetches(), 1, "{says}");
        world.pass(1);
        world.of().await.expect("keys");
        assert_eq!(world.source.fetches(), 2, "{says}");
    }
}

#[tokio::test]
async fn t110_t323_p043_unknown_kids_cost_one_fetch_a_minute() {
    let world = World::new();
    assert_eq!(world.of().await, Ok("first".to_owned()));
    world.pass(61);
    world.source.gives("second", None);
    let asked = (0..1000).map(|_| world.refresh());
    let all = futures_of(asked).await;
    assert!(all.iter().all(|keys| keys.as_deref() == Ok("second")));
    assert_eq!(world.source.fetches(), 2, "a thousand callers at once, one fetch");
    world.pass(59);
    world.refresh().await.expect("keys");
    assert_eq!(world.source.fetches(), 2);
    world.pass(1);
    world.refresh().await.expect("keys");
    assert_eq!(world.source.fetches(), 3);
}

async fn futures_of<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut done = Vec::new();
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    std::future::poll_fn(|cx| {
        waiting.retain_mut(|future| match future.as_mut().poll(cx) {
            std::task::Poll::Ready(output) => {
                done.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

#[tokio::test]
async fn t157_the_last_good_set_serves_while_its_source_fails_for_a_day() {
    let world = World::new();
    world.of().await.expect("keys");
    world.pass(600);
    world.source.fails(OutboundError::TooSlow);
    assert_eq!((world.of().await, world.source.fetches()), (Ok("first".to_owned()), 2));
    world.pass(59);
    assert_eq!(
        (world.of().await, world.source.fetches()),
        (Ok("first".to_owned()), 2),
        "a place that fails is left in peace"
    );
    world.source.gives("bad", None);
    world.pass(1);
    assert_eq!((world.of().await, world.source.fetches()), (Ok("first".to_owned()), 3), "what is no set replaces none");
    world.pass(24 * 3600 - 660);
    assert_eq!(world.of().await, Err(NoClientKeys::Malformed(Malformed::new("jwks", "is bad"))));
    world.source.gives("second", None);
    world.pass(60);
    assert_eq!(world.of().await, Ok("second".to_owned()));
}

#[tokio::test]
async fn t157_a_source_that_never_gave_keys_is_asked_every_ten_seconds() {
    let world = World::new();
    world.source.fails(OutboundError::TooLong);
    for _ in 0..3 {
        assert_eq!(world.of().await, Err(NoClientKeys::NotFetched(OutboundError::TooLong)));
        assert_eq!(world.refresh().await, Err(NoClientKeys::NotFetched(OutboundError::TooLong)));
    }
    assert_eq!(world.source.fetches(), 1);
    world.pass(10);
    world.source.gives("first", None);
    assert_eq!((world.of().await, world.source.fetches()), (Ok("first".to_owned()), 2));
}

#[tokio::test]
async fn t110_a_caller_who_hangs_up_has_not_saved_the_cool_down() {
    let world = World::new();
    for _ in 0..20 {
        let _hung_up = tokio::time::timeout(Duration::ZERO, world.refresh()).await;
    }
    assert_eq!((world.of().await, world.source.fetches()), (Ok("first".to_owned()), 1));
}

#[tokio::test]
async fn tenants_share_no_keys_that_were_fetched() {
    let world = World::new();
    world.of().await.expect("keys");
    let other = builders::tenant("other", &SeededRandom::new(2), world.clock.now()).id;
    world.sets.of(other, &world.client).await.expect("keys");
    assert_eq!(world.source.fetches(), 2);
}

#[tokio::test]
async fn registered_keys_are_what_the_client_has_now() {
    let mut world = World::new();
    world.client.metadata.keys = Some(ClientKeys::Jwks("one".to_owned()));
    assert_eq!((world.of().await, world.refresh().await), (Ok("one".to_owned()), Ok("one".to_owned())));
    world.client.metadata.keys = Some(ClientKeys::Jwks("two".to_owned()));
    assert_eq!((world.of().await, world.source.fetches()), (Ok("two".to_owned()), 0));
    world.client.metadata.keys = None;
    assert_eq!(world.of().await, Err(NoClientKeys::NotRegistered));
}

#[tokio::test]
async fn t151_a_place_inside_is_refused_when_its_keys_are_wanted() {
    let mut world = World::new();
    world.client.metadata.keys = Some(ClientKeys::JwksUri("https://10.0.0.1/jwks".parse().expect("an address")));
    let refused = OutboundError::Refused { why: RefusedUri::Address };
    assert_eq!((world.of().await, world.source.fetches()), (Err(NoClientKeys::NotFetched(refused)), 0));
}
