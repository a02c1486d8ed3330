//! What a token signs is what a JWS holds.

use std::{sync::Arc, time::Duration};

use chancery_domain::{
    id::TenantId,
    key_policy::KeyPolicy,
    key_spec::{KeySpec, RsaBits},
    ports::{
        jose::{SignTokens, VerifyTokens},
        store::Store,
    },
    profile::Profile,
    random::Random,
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::{
    Context,
    custodian::{Custodian, Custodians},
    found, jwk,
    master::MasterKeys,
    ring::Ring,
};
use chancery_testkit::{FakeClock, SeededRandom, builders, memory::MemoryStore};
use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Map, Value};

use crate::softhsm::{SoftHsm, within};

const CLAIMS: &[u8] = br#"{"iss":"https://id.example/t/acme","sub":"alice","exp":4102444800}"#;

/// A tenant of a process that has the token.
struct Scene {
    cx: Context,
    store: MemoryStore,
    tenant: TenantId,
}

impl Scene {
    async fn new(softhsm: &SoftHsm) -> Self {
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
        let (store, clock) = (MemoryStore::default(), Arc::new(FakeClock::new()));
        let masters = MasterKeys::new(vec![("first".parse().expect("an id"), [9; 32])]).expect("master keys");
        let custodians = Custodians::new([Arc::new(softhsm.open()) as Arc<dyn Custodian>]);
        let cx = Context { custodians, ..Context::over(&store, clock, random, masters) };
        let tenant = builders::tenant("acme", cx.random.as_ref(), cx.clock.now());
        let policy = KeyPolicy::of(Profile::Oauth21);
        let founding = found::prepare(&cx, &tenant, &policy).await.expect("prepared");
        let tx = Store::begin(&store, tenant.id).await.expect("begins");
        founding.write(tx.as_ref()).await.expect("written");
        tx.commit().await.expect("commits");
        Self { cx, store, tenant: tenant.id }
    }

    /// A token signed with a new key of that kind, and the JWK Set that it verifies by.
    async fn signed(&self, spec: KeySpec) -> (Ring, String, Vec<u8>) {
        let sealed = Store::read(&self.store, self.tenant).keys().kek().await.expect("a key");
        let kek = self.cx.masters.open_kek(self.tenant, &sealed).expect("opens");
        let signer = "vault".parse().expect("a name");
        let pair = self.cx.pair(self.tenant, spec, Some(&signer)).await.expect("a pair");
        let now = self.cx.clock.now();
        let key = pair.into_key(&kek, self.tenant, self.cx.random.as_ref(), now).expect("a key");
        let keys = [key.announce(now).and_then(|key| key.activate(Duration::from_secs(600), now)).expect("lawful")];
        let ring = Ring::open(&kek, self.tenant, &keys, &self.cx.custodians).expect("opens");
        let token = ring.sign(spec.algorithm, TokenType::AccessToken, CLAIMS).await.expect("signed");
        (ring, token, jwk::jwk_set(jwk::published(&kek, self.tenant, &keys), []))
    }
}

#[test]
fn every_algorithm_of_the_token_signs_and_verifies() {
    within("signing::every_algorithm_of_the_token_signs_and_verifies", async |softhsm: SoftHsm| {
        let scene = Scene::new(&softhsm).await;
        let hsm = softhsm.open();
        let mut able = Vec::new();
        for algorithm in Algorithm::ALL.iter().copied().filter(|algorithm| hsm.holds((*algorithm).into())) {
            able.push(algorithm.as_str());
            let (ring, token, set) = scene.signed(algorithm.into()).await;
            assert_eq!(ring.verify(&token, TokenType::AccessToken).expect("believed")["sub"], "alice");
            if algorithm != Algorithm::Es512 {
                believed_by_others(algorithm, &token, &set);
            }
        }
        let all = ["ES256", "ES384", "ES512", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
        assert_eq!(able, all, "what SoftHSM is known to do");
    });
}

fn believed_by_others(algorithm: Algorithm, token: &str, jwk_set: &[u8]) {
    let set: JwkSet = serde_json::from_slice(jwk_set).expect("a JWK Set");
    let header = jsonwebtoken::decode_header(token).expect("a header");
    let jwk = set.find(&header.kid.expect("a kid")).expect("published");
    let validation = Validation::new(algorithm.as_str().parse().expect("an algorithm"));
    let key = DecodingKey::from_jwk(jwk).expect("a public key");
    let read = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation).expect("believed");
    assert_eq!(read.claims["sub"], "alice");
}

#[test]
fn an_rsa_key_has_the_size_that_was_asked_for() {
    within("signing::an_rsa_key_has_the_size_that_was_asked_for", async |softhsm: SoftHsm| {
        let scene = Scene::new(&softhsm).await;
        let spec = KeySpec { algorithm: Algorithm::Ps256, rsa_bits: RsaBits::Rsa3072 };
        let (_, token, set) = scene.signed(spec).await;
        believed_by_others(spec.algorithm, &token, &set);
        let signature = token.rsplit('.').next().expect("a signature");
        assert_eq!(signature.len(), 3072 / 6);
    });
}

#[test]
fn what_the_token_cannot_do_is_known_beforehand() {
    within("signing::what_the_token_cannot_do_is_known_beforehand", async |softhsm: SoftHsm| {
        let hsm = softhsm.open();
        assert!(!hsm.holds(Algorithm::MlDsa44.into()), "PKCS#11 2.40 does not know it");
        let fault = hsm.generate(Algorithm::MlDsa44.into(), "x").await.expect_err("refused");
        assert!(fault.to_string().contains("makes no key"), "{fault}");
    });
}
