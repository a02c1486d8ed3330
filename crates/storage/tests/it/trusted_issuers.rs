//! Trusted issuers are what they were stored as, and what they assert is taken once.

use std::time::Duration;

use chancery_domain::{
    fault::WriteError,
    ports::store::Store,
    scope::ScopeSet,
    secret::Digest,
    trusted_issuer::{IssuerKeys, SubjectMapping, TrustedIssuer},
    version::Version,
    vocabulary::Algorithm,
};
use tokio::task::JoinSet;

use crate::world::{HOUR, World};

super::conformance! {
    a_trusted_issuer_is_kept_changed_and_deleted,
    of_64_uses_of_an_assertion_one_counts,
}

pub(crate) fn issuer(world: &World) -> TrustedIssuer {
    TrustedIssuer {
        slug: "idp".parse().expect("a slug"),
        issuer: "https://idp.example".parse().expect("a name"),
        keys: IssuerKeys::JwksUri("https://idp.example/jwks".parse().expect("a URI")),
        algorithms: [Algorithm::Es256, Algorithm::Rs256].into(),
        mapping: SubjectMapping::Client,
        subjects: ["repo:acme/shop".to_owned()].into(),
        clients: ["ci".parse().expect("an id")].into(),
        scopes: ScopeSet::parse("a b").expect("scopes"),
        disabled: false,
        version: Version::FIRST,
        created_at: world.now(),
        updated_at: world.now(),
    }
}

async fn a_trusted_issuer_is_kept_changed_and_deleted(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let issuer = issuer(&world);
    let tx = world.begin(home.tenant.id).await;
    tx.trusted_issuers().insert(&issuer).await.expect("inserts");
    let twin = TrustedIssuer { slug: "twin".parse().expect("a slug"), ..issuer.clone() };
    assert!(matches!(tx.trusted_issuers().insert(&twin).await, Err(WriteError::Taken(_))));
    tx.commit().await.expect("commits");
    let rows = world.read(home.tenant.id);
    assert_eq!(
        rows.trusted_issuers().find_by_issuer("https://idp.example").await.expect("reads"),
        Some(issuer.clone())
    );
    assert_eq!(rows.trusted_issuers().find_by_issuer("https://idp.example/").await.expect("reads"), None);
    assert_eq!(rows.trusted_issuers().all().await.expect("reads"), std::slice::from_ref(&issuer));
    let elsewhere = world.read(other.tenant.id);
    assert_eq!(elsewhere.trusted_issuers().find(&issuer.slug).await.expect("reads"), None);

    world.clock.advance(HOUR);
    let changed = TrustedIssuer {
        disabled: true,
        mapping: SubjectMapping::Username,
        keys: IssuerKeys::Jwks("{\"keys\":[]}".into()),
        subjects: [].into(),
        ..issuer.clone()
    };
    let tx = world.begin(home.tenant.id).await;
    let version = tx.trusted_issuers().update(&changed, world.now()).await.expect("updates");
    assert!(matches!(tx.trusted_issuers().update(&changed, world.now()).await, Err(WriteError::Stale)));
    let read = tx.trusted_issuers().find(&issuer.slug).await.expect("reads").expect("there");
    assert_eq!(read, TrustedIssuer { version, updated_at: world.now(), ..changed });
    let discovered = TrustedIssuer { keys: IssuerKeys::Discovered, ..read };
    let version = tx.trusted_issuers().update(&discovered, world.now()).await.expect("updates");
    let read = tx.trusted_issuers().find(&issuer.slug).await.expect("reads").expect("there");
    assert_eq!(read, TrustedIssuer { version, ..discovered });
    let spent = Digest::of("test", b"one");
    assert!(tx.trusted_issuers().spend(&issuer.slug, &spent, world.now() + HOUR).await.expect("runs"));
    assert!(matches!(tx.trusted_issuers().delete(&issuer.slug, issuer.version).await, Err(WriteError::Stale)));
    tx.trusted_issuers().delete(&issuer.slug, version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(world.read(home.tenant.id).trusted_issuers().all().await.expect("reads"), []);
}

async fn of_64_uses_of_an_assertion_one_counts(world: World) {
    let home = world.home("acme").await;
    let issuer = issuer(&world);
    let tx = world.begin(home.tenant.id).await;
    tx.trusted_issuers().insert(&issuer).await.expect("inserts");
    tx.commit().await.expect("commits");
    let (digest, until) = (Digest::of("test", b"one"), world.now() + HOUR);
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (storage, tenant, slug) = (world.storage.clone(), home.tenant.id, issuer.slug.clone());
        tasks.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            let first = tx.trusted_issuers().spend(&slug, &digest, until).await.expect("runs");
            tx.commit().await.expect("commits");
            first
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|first| *first).count(), 1);
    world.clock.advance(HOUR + Duration::from_secs(60));
    let tx = world.begin_platform().await;
    tx.purge_expired(world.now(), 100).await.expect("purges");
    tx.commit().await.expect("commits");
    let tx = world.begin(home.tenant.id).await;
    let again = tx.trusted_issuers().spend(&issuer.slug, &digest, until).await.expect("runs");
    assert!(again, "nobody needs to remember what is over by every clock");
}
