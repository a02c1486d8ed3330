//! The keys that clients encrypt to: made when they are wanted, replaced without anybody noticing, and destroyed.

use std::time::Duration;

use chancery_domain::{
    audit::{Action, Actor},
    client::Encryption,
    encryption_key::{EncryptionKey, EncryptionKind},
    fault::WriteError,
    id::TenantId,
    ports::{
        client_jose::{Content, ReadClientKeys},
        encryption_keys::OpenEncrypted,
        store::Store,
    },
    profile::Profile,
    tenant::Tenant,
    time::Clock,
    vocabulary::{Algorithm, ContentEncryption, KeyManagement},
};
use chancery_keys::{
    client_keys::ClientKeyReader,
    encryption::{self, Ask, Opener},
    jwk,
};
use serde_json::Value;

use crate::world::World;

const DAY: Duration = Duration::from_secs(86_400);
const RSA: Encryption = Encryption { alg: KeyManagement::RsaOaep256, enc: ContentEncryption::A256Gcm };
const EC: Encryption = Encryption { alg: KeyManagement::EcdhEsA256Kw, enc: ContentEncryption::A128CbcHs256 };

impl World {
    /// A tenant of the profile `oidc` that takes encrypted requests.
    async fn found_encrypting(&self) -> Tenant {
        let mut tenant = self.found(&[Algorithm::Rs256, Algorithm::Es256]).await;
        tenant.profile = Profile::Oidc;
        tenant.settings.request_object_encryption = true;
        tenant
    }

    async fn encryption_keys(&self, tenant: TenantId) -> Vec<EncryptionKey> {
        Store::read(&self.store, tenant).encryption_keys().all().await.expect("reads")
    }

    async fn look_after(&self, tenant: &Tenant) -> bool {
        encryption::look_after(&self.cx, tenant, Actor::System).await.expect("looked after")
    }

    /// Does that, as an operator would.
    async fn ask(&self, tenant: &Tenant, ask: &Ask) {
        let prepared = encryption::prepare(&self.cx, tenant, ask).await.expect("prepared");
        let tx = Store::begin(&self.store, tenant.id).await.expect("begins");
        prepared.write(tx.as_ref(), Actor::System, Some("a drill"), self.clock.now()).await.expect("written");
        tx.commit().await.expect("commits");
    }

    /// The JWK Set as a relying party finds it.
    async fn whole_set(&self, tenant: TenantId) -> String {
        let (kek, keys) = (self.kek(tenant).await, self.store.keys(tenant));
        let opens = self.encryption_keys(tenant).await;
        let set = jwk::jwk_set(jwk::published(&kek, tenant, &keys), encryption::published(&kek, tenant, &opens));
        String::from_utf8(set).expect("text")
    }

    async fn opener(&self, tenant: TenantId) -> Opener {
        Opener::new(&self.kek(tenant).await, tenant, &self.encryption_keys(tenant).await)
    }

    async fn opens(&self, tenant: TenantId, token: &str) -> bool {
        self.opener(tenant).await.open(token, None).as_deref() == Ok("a.b.c")
    }
}

/// What a relying party encrypts to a key that it finds in the set.
fn encrypt(set: &str, how: Encryption) -> String {
    let keys = ClientKeyReader.read(set).expect("a set that others read");
    keys.encrypt(how, Content::Jwt("a.b.c")).expect("there is a key to encrypt to")
}

/// The names of the keys for that use.
fn kids(set: &str, usage: &str) -> Vec<String> {
    let set: Value = serde_json::from_str(set).expect("JSON");
    let keys = set["keys"].as_array().expect("keys").iter().filter(|key| key["use"] == usage);
    keys.map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
}

#[tokio::test]
async fn p010_keys_to_encrypt_to_stand_in_the_set_beside_those_that_sign() {
    let world = World::new();
    let tenant = world.found_encrypting().await;
    let before = world.whole_set(tenant.id).await;
    assert!(world.look_after(&tenant).await && !world.look_after(&tenant).await, "once");
    let set = world.whole_set(tenant.id).await;
    assert_eq!(kids(&set, "sig"), kids(&before, "sig"));
    let opening = kids(&set, "enc");
    assert_eq!(opening.len(), 2);
    assert!(!opening.iter().any(|kid| kids(&set, "sig").contains(kid)) && opening[0] != opening[1], "{set}");
    let read: Value = serde_json::from_str(&set).expect("JSON");
    let members = |kty: &str| {
        let keys = read["keys"].as_array().expect("keys").iter();
        let key = keys.filter(|key| key["use"] == "enc").find(|key| key["kty"] == kty).expect("a key");
        key.as_object().expect("an object").keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(members("RSA"), ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!(members("EC"), ["crv", "kid", "kty", "use", "x", "y"]);
    for how in [RSA, EC] {
        let token = encrypt(&set, how);
        assert!(world.opens(tenant.id, &token).await);
        let opener = world.opener(tenant.id).await;
        assert!(opener.open(&token, Some(how)).is_ok());
        let other = Encryption { enc: ContentEncryption::A128Gcm, ..how };
        assert!(opener.open(&token, Some(other)).is_err(), "registered otherwise");
    }
}

#[tokio::test]
async fn a_tenant_that_takes_nothing_encrypted_has_no_keys_and_costs_nothing() {
    let world = World::new();
    let mut tenant = world.found_encrypting().await;
    let events = world.store.audit().len();
    tenant.settings.request_object_encryption = false;
    assert_eq!(encryption::ready(&world.cx, &tenant).await.expect("reads"), []);
    assert!(!world.look_after(&tenant).await);
    tenant.settings.request_object_encryption = true;
    tenant.profile = Profile::Oauth21;
    assert!(!world.look_after(&tenant).await, "the profile takes no request objects");
    assert_eq!(world.store.audit().len(), events);

    tenant.profile = Profile::Oidc;
    let ready = encryption::ready(&world.cx, &tenant).await.expect("made when they are needed");
    assert_eq!(ready, encryption::ready(&world.cx, &tenant).await.expect("reads"));
    assert_eq!(ready.iter().filter(|key| key.is_published()).count(), 2);
}

#[tokio::test]
async fn a_former_key_opens_for_one_more_period_and_is_destroyed_then() {
    let world = World::new();
    let tenant = world.found_encrypting().await;
    world.look_after(&tenant).await;
    let first = world.whole_set(tenant.id).await;
    let tokens = [encrypt(&first, RSA), encrypt(&first, EC)];

    world.clock.advance(DAY * 28);
    assert!(!world.look_after(&tenant).await, "a period has 30 days, give or take");
    world.clock.advance(DAY * 4);
    assert!(world.look_after(&tenant).await);
    let second = world.whole_set(tenant.id).await;
    let (before, after) = (kids(&first, "enc"), kids(&second, "enc"));
    assert!(after.len() == 2 && !after.iter().any(|kid| before.contains(kid)), "{first} {second}");
    for token in &tokens {
        assert!(world.opens(tenant.id, token).await, "the client has the old set in its cache");
    }
    world.clock.advance(DAY * 27);
    world.look_after(&tenant).await;
    assert!(world.opens(tenant.id, &tokens[0]).await);
    world.clock.advance(DAY * 6);
    assert!(world.look_after(&tenant).await);
    for token in &tokens {
        assert!(!world.opens(tenant.id, token).await, "its key is gone");
    }
    let late = encrypt(&second, RSA);
    assert!(world.opens(tenant.id, &late).await, "the next one goes on");
    assert_eq!(world.encryption_keys(tenant.id).await.len(), 4, "two published, two before");

    let told = world.store.audit().into_iter().filter(|event| {
        let object = event.object.as_ref().map(|(_, id)| id.as_str());
        object == before.first().map(String::as_str)
    });
    let actions: Vec<_> = told.map(|event| event.action).collect();
    assert_eq!(actions, [Action::Created, Action::Withdrawn, Action::Deleted]);
}

#[tokio::test]
async fn a_text_that_names_no_key_is_tried_with_the_two_newest() {
    let world = World::new();
    let tenant = world.found_encrypting().await;
    world.look_after(&tenant).await;
    let first = world.whole_set(tenant.id).await.replace("\"kid\"", "\"name\"");
    let token = encrypt(&first, EC);
    world.clock.advance(DAY);
    world.ask(&tenant, &Ask::Rotate).await;
    assert!(world.opens(tenant.id, &token).await);
    world.clock.advance(DAY);
    world.ask(&tenant, &Ask::Rotate).await;
    assert!(!world.opens(tenant.id, &token).await, "bounded work, however many keys there are");
}

#[tokio::test]
async fn switched_off_the_keys_leave_the_set_and_go_when_it_is_off_for_long() {
    let world = World::new();
    let mut tenant = world.found_encrypting().await;
    world.look_after(&tenant).await;
    let token = encrypt(&world.whole_set(tenant.id).await, RSA);
    tenant.settings.request_object_encryption = false;
    assert!(world.look_after(&tenant).await);
    assert_eq!(kids(&world.whole_set(tenant.id).await, "enc").len(), 0);

    tenant.settings.request_object_encryption = true;
    assert!(world.look_after(&tenant).await);
    assert!(world.opens(tenant.id, &token).await, "it was a mistake: nothing is lost");
    tenant.settings.request_object_encryption = false;
    assert!(world.look_after(&tenant).await);
    world.clock.advance(DAY * 33);
    assert!(world.look_after(&tenant).await);
    assert_eq!(world.encryption_keys(tenant.id).await, []);
}

#[tokio::test]
async fn a_key_that_leaked_goes_at_once_and_its_place_is_filled() {
    let world = World::new();
    let tenant = world.found_encrypting().await;
    world.look_after(&tenant).await;
    let first = world.whole_set(tenant.id).await;
    let tokens = [encrypt(&first, RSA), encrypt(&first, EC)];
    let keys = world.encryption_keys(tenant.id).await;
    let leaked = keys.iter().find(|key| key.kind == EncryptionKind::Rsa).expect("a key");
    world.ask(&tenant, &Ask::Destroy(leaked.id.clone())).await;
    assert!(!world.opens(tenant.id, &tokens[0]).await);
    assert!(world.opens(tenant.id, &tokens[1]).await, "the other is untouched");
    let set = world.whole_set(tenant.id).await;
    assert!(kids(&set, "enc").len() == 2 && !set.contains(leaked.id.as_str()), "{set}");
    assert!(world.store.audit().iter().any(|event| event.note.as_deref() == Some("a drill")));
}

#[tokio::test]
async fn of_two_that_move_the_keys_at_once_one_is_written() {
    let world = World::new();
    let tenant = world.found_encrypting().await;
    for ask in [Ask::Due, Ask::Rotate] {
        let prepared = [
            encryption::prepare(&world.cx, &tenant, &ask).await.expect("prepared"),
            encryption::prepare(&world.cx, &tenant, &ask).await.expect("prepared"),
        ];
        let mut written = 0;
        for one in &prepared {
            let tx = Store::begin(&world.store, tenant.id).await.expect("begins");
            match one.write(tx.as_ref(), Actor::System, None, world.clock.now()).await {
                Ok(()) => {
                    tx.commit().await.expect("commits");
                    written += 1;
                }
                Err(WriteError::Stale) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(written, 1, "{ask:?}");
        assert_eq!(kids(&world.whole_set(tenant.id).await, "enc").len(), 2);
    }
}

#[tokio::test]
async fn t312_t314_a_row_that_somebody_wrote_or_moved_is_neither_published_nor_opened_with() {
    let world = World::new();
    let (tenant, other) = (world.found_encrypting().await, world.found_encrypting().await);
    world.look_after(&tenant).await;
    world.look_after(&other).await;
    let kek = world.kek(tenant.id).await;
    let good = world.encryption_keys(tenant.id).await;
    let token = encrypt(&world.whole_set(tenant.id).await, EC);
    let theirs = world.encryption_keys(other.id).await;

    let bent = |bend: fn(&mut EncryptionKey)| {
        let mut keys = good.clone();
        keys.iter_mut().for_each(bend);
        keys
    };
    let jwk = bent(|key| key.public_jwk = key.public_jwk.replace("\"x\":\"", "\"x\":\"A").replace("AQAB", "AQAC"));
    let id = bent(|key| key.id = "another".parse().expect("an id"));
    for bent in [jwk, id, theirs] {
        assert_eq!(encryption::published(&kek, tenant.id, &bent).len(), 0);
        assert!(Opener::new(&kek, tenant.id, &bent).open(&token, None).is_err());
    }
    // A private part from elsewhere does not open in this row.
    let mut swapped = good.clone();
    let (first, second) = (swapped[0].private.clone(), swapped[1].private.clone());
    (swapped[0].private, swapped[1].private) = (second, first);
    assert!(Opener::new(&kek, tenant.id, &swapped).open(&token, None).is_err());
    assert!(Opener::new(&kek, tenant.id, &good).open(&token, None).is_ok());
}
