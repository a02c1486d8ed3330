//! Keys of issuers that are known by their names alone: whose metadata are believed, and what serves meanwhile.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chancery_domain::{
    id::TenantId,
    outbound::{Document, GuardedUri, Reach, RefusedUri},
    ports::{
        client_key_sets::{ClientKeySets, NoClientKeys},
        outbound::{CheckUris, Fetch, Fetched, OutboundError},
    },
    scope::ScopeSet,
    time::Clock,
    trusted_issuer::{IssuerKeys, NotDiscovered, SubjectMapping, TrustedIssuer},
    version::Version,
    vocabulary::Algorithm,
};
use chancery_outbound::KeySets;
use chancery_testkit::{FakeClock, SeededRandom, builders};

use crate::key_sets::Reader;

const METADATA: &str = "https://idp.example/.well-known/openid-configuration";
const SECOND: &str = "https://idp.example/.well-known/oauth-authorization-server";

/// Documents by their addresses, and what was asked for.
#[derive(Default)]
struct Site {
    documents: Mutex<HashMap<String, Result<String, OutboundError>>>,
    asked: Mutex<Vec<String>>,
}

impl Site {
    fn gives(&self, uri: &str, document: &str) {
        self.documents.lock().expect("sound").insert(uri.to_owned(), Ok(document.to_owned()));
    }

    fn fails(&self, uri: &str, why: OutboundError) {
        self.documents.lock().expect("sound").insert(uri.to_owned(), Err(why));
    }

    /// What was asked for since this was asked the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("sound"))
    }
}

impl CheckUris for Site {
    fn check(&self, uri: &str) -> Result<GuardedUri, RefusedUri> {
        Reach::public().check(uri)
    }
}

#[async_trait]
impl Fetch for Site {
    async fn fetch(&self, _: TenantId, uri: &GuardedUri, document: Document) -> Result<Fetched, OutboundError> {
        let is_metadata = uri.as_str().contains("/.well-known/");
        assert_eq!(document, if is_metadata { Document::IssuerMetadata } else { Document::KeySet });
        self.asked.lock().expect("sound").push(uri.as_str().to_owned());
        let found = self.documents.lock().expect("sound").get(uri.as_str()).cloned();
        let body = found.unwrap_or(Err(OutboundError::Status(404)))?;
        Ok(Fetched { body: body.into(), fresh: None })
    }
}

struct World {
    clock: Arc<FakeClock>,
    site: Arc<Site>,
    sets: KeySets,
    tenant: TenantId,
    issuer: TrustedIssuer,
}

impl World {
    /// An issuer whose metadata are its own, with keys.
    fn new() -> Self {
        let (clock, site) = (Arc::new(FakeClock::new()), Arc::new(Site::default()));
        site.gives(METADATA, &metadata("https://idp.example", "https://keys.example/jwks"));
        site.gives("https://keys.example/jwks", "first");
        let sets = KeySets::new(Arc::clone(&site) as _, Arc::new(Reader), Arc::clone(&clock) as _);
        let now = clock.now();
        let issuer = TrustedIssuer {
            slug: "idp".parse().expect("a slug"),
            issuer: "https://idp.example".parse().expect("a name"),
            keys: IssuerKeys::Discovered,
            algorithms: [Algorithm::Es256].into(),
            mapping: SubjectMapping::Username,
            subjects: [].into(),
            clients: [].into(),
            scopes: ScopeSet::default(),
            disabled: false,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        };
        Self { tenant: builders::tenant("acme", &SeededRandom::new(1), now).id, clock, site, sets, issuer }
    }

    async fn of(&self) -> Result<String, NoClientKeys> {
        self.sets.of_issuer(self.tenant, &self.issuer).await.map(|keys| format!("{keys:?}"))
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

fn metadata(issuer: &str, jwks_uri: &str) -> String {
    format!(r#"{{"issuer":"{issuer}","jwks_uri":"{jwks_uri}"}}"#)
}

#[tokio::test]
async fn metadata_are_read_anew_with_the_keys() {
    let world = World::new();
    assert_eq!(world.of().await, Ok("first".to_owned()));
    assert_eq!(world.site.asked(), [METADATA, "https://keys.example/jwks"]);
    world.pass(599);
    assert_eq!((world.of().await, world.site.asked()), (Ok("first".to_owned()), vec![]));
    // The issuer moves its keys.
    world.site.gives(METADATA, &metadata("https://idp.example", "https://idp.example/keys"));
    world.site.gives("https://idp.example/keys", "second");
    world.pass(1);
    assert_eq!(world.of().await, Ok("second".to_owned()));
    assert_eq!(world.site.asked(), [METADATA, "https://idp.example/keys"]);
    world.pass(61);
    world.site.gives("https://idp.example/keys", "third");
    let newer = world.sets.refresh_issuer_for_unknown_kid(world.tenant, &world.issuer).await;
    assert_eq!(newer.map(|keys| format!("{keys:?}")), Ok("third".to_owned()));
    assert_eq!(world.site.asked(), [METADATA, "https://idp.example/keys"]);
}

#[tokio::test]
async fn t159_metadata_that_become_another_issuers_bring_no_keys_and_take_none() {
    let world = World::new();
    world.of().await.expect("keys");
    world.site.asked();
    world.site.gives("https://evil.example/jwks", "theirs");
    let bad = [
        metadata("https://evil.example", "https://evil.example/jwks"),
        metadata("https://idp.example/", "https://evil.example/jwks"),
        r#"{"jwks_uri":"https://evil.example/jwks"}"#.to_owned(),
        metadata("https://idp.example", "https://10.0.0.1/jwks"),
        "no metadata".to_owned(),
    ];
    world.pass(600);
    for published in &bad {
        world.site.gives(METADATA, published);
        assert_eq!(world.of().await, Ok("first".to_owned()), "{published}");
        assert_eq!(world.site.asked(), [METADATA], "{published}");
        let newer = world.sets.refresh_issuer_for_unknown_kid(world.tenant, &world.issuer).await;
        assert_eq!(newer.map(|keys| format!("{keys:?}")), Ok("first".to_owned()));
        world.pass(60);
    }
    world.site.fails(METADATA, OutboundError::Status(302));
    assert_eq!((world.of().await, world.site.asked()), (Ok("first".to_owned()), vec![METADATA.to_owned()]));
    // After a day nothing of it is left, and then it is itself again.
    world.site.gives(METADATA, &bad[0]);
    world.pass(24 * 3600);
    assert_eq!(world.of().await, Err(NoClientKeys::NotDiscovered(NotDiscovered::OtherIssuer)));
    world.site.gives(METADATA, &metadata("https://idp.example", "https://keys.example/jwks"));
    world.pass(60);
    assert_eq!(world.of().await, Ok("first".to_owned()));
}

#[tokio::test]
async fn metadata_lie_in_one_of_two_places() {
    let world = World::new();
    world.site.fails(METADATA, OutboundError::Status(404));
    world.site.gives(SECOND, &metadata("https://idp.example", "https://keys.example/jwks"));
    assert_eq!(world.of().await, Ok("first".to_owned()));
    assert_eq!(world.site.asked(), [METADATA, SECOND, "https://keys.example/jwks"]);
    // What is there and not good is not looked for elsewhere.
    for why in [OutboundError::Status(302), OutboundError::Status(500), OutboundError::WrongType] {
        let world = World::new();
        world.site.fails(METADATA, why);
        world.site.gives(SECOND, &metadata("https://idp.example", "https://keys.example/jwks"));
        assert_eq!(world.of().await, Err(NoClientKeys::NotDiscovered(NotDiscovered::NotFetched(why))));
        assert_eq!(world.site.asked(), [METADATA]);
    }
}

#[tokio::test]
async fn what_one_tenant_learned_of_an_issuer_no_other_believes() {
    let world = World::new();
    world.of().await.expect("keys");
    world.site.asked();
    let other = builders::tenant("other", &SeededRandom::new(2), world.clock.now()).id;
    world.sets.of_issuer(other, &world.issuer).await.expect("keys");
    assert_eq!(world.site.asked().len(), 2);
    // Nor are keys at an address those of the issuer that is known by its name.
    let at = IssuerKeys::JwksUri("https://keys.example/jwks".parse().expect("an address"));
    let told = TrustedIssuer { keys: at, ..world.issuer.clone() };
    world.sets.of_issuer(world.tenant, &told).await.expect("keys");
    assert_eq!(world.site.asked(), ["https://keys.example/jwks"]);
}
