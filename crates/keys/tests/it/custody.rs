//! Keys that a custodian holds sign like any other, and what is wrong with the custodian stays with its keys.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chancery_domain::{
    fault::{Fault, FaultKind},
    id::{SignerName, TenantId},
    key::Key,
    key_spec::KeySpec,
    ports::jose::{SignTokens, VerifyTokens},
    tenant::Tenant,
    time::Clock,
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::{
    custodian::{Custodian, Custodians, Held, PrivateKey, PublicNumbers},
    kek::TenantKek,
    ring::Ring,
};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};

use crate::world::World;

const CLAIMS: &[u8] = br#"{"sub":"alice"}"#;

/// Holds P-256 keys, until it is told to misbehave.
struct Vault {
    name: SignerName,
    keys: Mutex<BTreeMap<Vec<u8>, SigningKey>>,
    away: AtomicBool,
    faulty: Arc<AtomicBool>,
}

struct InVault {
    key: SigningKey,
    faulty: Arc<AtomicBool>,
}

impl Vault {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            name: "vault".parse().expect("a name"),
            keys: Mutex::default(),
            away: AtomicBool::new(false),
            faulty: Arc::default(),
        })
    }

    fn held(&self) -> usize {
        self.keys.lock().expect("no panic").len()
    }
}

#[async_trait]
impl Custodian for Vault {
    fn name(&self) -> &SignerName {
        &self.name
    }

    fn holds(&self, spec: KeySpec) -> bool {
        spec.algorithm == Algorithm::Es256
    }

    async fn generate(&self, _: KeySpec, label: &str) -> Result<Held, Fault> {
        let reference = label.as_bytes().to_vec();
        let key = SigningKey::from_slice(&[7; 32]).expect("a scalar");
        let point = key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let public = PublicNumbers::Ec { x: x.to_vec(), y: y.to_vec() };
        self.keys.lock().expect("no panic").insert(reference.clone(), key);
        Ok(Held { reference, public })
    }

    async fn open(&self, _: Algorithm, reference: &[u8]) -> Result<Arc<dyn PrivateKey>, Fault> {
        if self.away.load(Ordering::SeqCst) {
            return Err(Fault::unavailable("the vault is away", "a test"));
        }
        let key = self.keys.lock().expect("no panic").get(reference).cloned();
        let key = key.ok_or_else(|| Fault::bug("the vault has no such key"))?;
        Ok(Arc::new(InVault { key, faulty: Arc::clone(&self.faulty) }))
    }

    async fn destroy(&self, reference: &[u8]) -> Result<(), Fault> {
        self.keys.lock().expect("no panic").remove(reference);
        Ok(())
    }
}

impl PrivateKey for InVault {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let signature: Signature = self.key.sign(message);
        let mut bytes = signature.to_bytes().to_vec();
        if self.faulty.load(Ordering::SeqCst) {
            bytes[40] ^= 1;
        }
        Ok(bytes)
    }

    fn is_slow(&self) -> bool {
        true
    }
}

/// A tenant with a key of Ed25519 in its row and one of P-256 in the vault.
struct Scene {
    world: World,
    vault: Arc<Vault>,
    tenant: Tenant,
    kek: TenantKek,
    held: Key,
}

impl Scene {
    async fn new() -> Self {
        let (mut world, vault) = (World::new(), Vault::new());
        world.cx.custodians = Custodians::new([Arc::clone(&vault) as Arc<dyn Custodian>]);
        let tenant = world.found(&[Algorithm::EdDsa]).await;
        let kek = world.kek(tenant.id).await;
        let pair = world.cx.pair(tenant.id, Algorithm::Es256.into(), Some(&vault.name)).await.expect("a pair");
        assert_eq!(pair.custodian(), Some(&vault.name));
        let now = world.clock.now();
        let key = pair.into_key(&kek, tenant.id, world.cx.random.as_ref(), now).expect("a key");
        let held = key.announce(now).and_then(|key| key.activate(Duration::from_secs(600), now)).expect("lawful");
        Self { world, vault, tenant, kek, held }
    }

    fn id(&self) -> TenantId {
        self.tenant.id
    }

    fn ring(&self, custodians: &Custodians) -> Ring {
        let mut keys = self.world.store.keys(self.id());
        keys.push(self.held.clone());
        Ring::open(&self.kek, self.id(), &keys, custodians).expect("opens")
    }
}

async fn signs(ring: &Ring, algorithm: Algorithm) -> Result<String, Fault> {
    ring.sign(algorithm, TokenType::AccessToken, CLAIMS).await
}

#[tokio::test]
async fn a_key_in_custody_signs_and_is_not_in_its_row() {
    let scene = Scene::new().await;
    let ring = scene.ring(&scene.world.cx.custodians);
    let token = signs(&ring, Algorithm::Es256).await.expect("signed");
    assert_eq!(ring.verify(&token, TokenType::AccessToken).expect("believed")["sub"], "alice");
    let known = scene.vault.keys.lock().expect("no panic").keys().next().cloned().expect("a key");
    assert_eq!(String::from_utf8(known).expect("text"), format!("{}/{}", scene.id(), scene.held.id));
}

#[tokio::test]
async fn a_custodian_that_is_away_harms_no_other_key_and_comes_back() {
    let scene = Scene::new().await;
    scene.vault.away.store(true, Ordering::SeqCst);
    let ring = scene.ring(&scene.world.cx.custodians);
    let fault = signs(&ring, Algorithm::Es256).await.expect_err("away");
    assert_eq!(fault.kind(), FaultKind::Unavailable);
    assert!(signs(&ring, Algorithm::EdDsa).await.is_ok());
    scene.vault.away.store(false, Ordering::SeqCst);
    assert!(signs(&ring, Algorithm::Es256).await.is_ok(), "without a new view");
}

#[tokio::test]
async fn without_its_signer_a_key_still_proves_and_the_others_sign() {
    let scene = Scene::new().await;
    let token = signs(&scene.ring(&scene.world.cx.custodians), Algorithm::Es256).await.expect("signed");
    let ring = scene.ring(&Custodians::default());
    assert!(signs(&ring, Algorithm::Es256).await.is_err());
    assert!(signs(&ring, Algorithm::EdDsa).await.is_ok());
    assert!(ring.verify(&token, TokenType::AccessToken).is_ok());
    let stranger = "elsewhere".parse().expect("a name");
    let pair = scene.world.cx.pair(scene.id(), Algorithm::Es256.into(), Some(&stranger)).await;
    assert!(pair.expect_err("nobody of that name").to_string().contains("elsewhere"));
}

#[tokio::test]
async fn a_faulty_signature_never_leaves() {
    let scene = Scene::new().await;
    let ring = scene.ring(&scene.world.cx.custodians);
    scene.vault.faulty.store(true, Ordering::SeqCst);
    let fault = signs(&ring, Algorithm::Es256).await.expect_err("thrown away");
    assert!(fault.to_string().contains("did not verify"), "{fault}");
    scene.vault.faulty.store(false, Ordering::SeqCst);
    assert!(signs(&ring, Algorithm::Es256).await.is_ok());
}

#[tokio::test]
async fn a_key_that_is_let_go_of_is_gone_from_its_custodian() {
    let scene = Scene::new().await;
    let cx = &scene.world.cx;
    assert_eq!(scene.vault.held(), 1);
    cx.release(&scene.kek, scene.id(), &scene.held).await.expect("destroyed");
    assert_eq!(scene.vault.held(), 0);
    cx.release(&scene.kek, scene.id(), &scene.held).await.expect("gone already");
    let here = scene.world.the(scene.id(), "active");
    cx.release(&scene.kek, scene.id(), &here).await.expect("nothing to do");
}

#[tokio::test]
async fn a_reference_moved_to_another_row_opens_nothing() {
    let scene = Scene::new().await;
    let mut moved = scene.world.the(scene.id(), "active");
    moved.private.clone_from(&scene.held.private);
    let ring = Ring::open(&scene.kek, scene.id(), &[moved], &scene.world.cx.custodians).expect("opens");
    assert!(signs(&ring, Algorithm::EdDsa).await.is_err());
}
