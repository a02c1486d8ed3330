//! Our own signer beside the bare library, for each algorithm.
//!
//! Ours is what the server calls: `SignTokens::sign` of a tenant's key ring, opened from a database, awaited on a
//! runtime of several threads. The floor is the least that makes the same token: with a key of the same kind that the
//! library holds parsed, and a header that was encoded once, it encodes the claims, signs header and claims, and encodes
//! the signature, on the thread that asks.
//!
//! Both are measured in turn, many times; the figure is the median of the ratios of neighbours, floor over ours, by
//! time and by the processor time of the whole process.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, PqdsaKeyPair, RsaEncoding, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_domain::{
    key_policy::KeyPolicy,
    ports::{jose::SignTokens, store::Store},
    profile::Profile,
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::{custodian::Custodians, ring::Ring};
use chancery_tests::party::random_text;
use rustix::time::{ClockId, clock_gettime};

use crate::founding;

/// How often both are measured.
const ROUNDS: usize = 25;
/// How long one measurement takes, about.
const SPAN: Duration = Duration::from_millis(40);
/// The least share of the floor.
const LEAST_SHARE: f64 = 0.95;
/// The size of the claims, which is that of an ordinary access token.
const CLAIMS: usize = 300;

/// Measures every algorithm, prints the table, and says whether all reached the goal.
pub(crate) async fn measure() -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}/signing.db", folder.path().display());
    let (storage, cx) = founding::open(&url, &random_text(), Duration::ZERO).await?;
    storage.migrate().await?;
    let policy = KeyPolicy { algorithms: Algorithm::ALL.to_vec(), ..KeyPolicy::of(Profile::Oauth21) };
    let tenant = founding::found(&cx, 1, &policy).await?[0];
    let rows = Store::read(&storage, tenant);
    let kek = cx.masters.open_kek(tenant, &rows.keys().kek().await?)?;
    let ring: Arc<dyn SignTokens> =
        Arc::new(Ring::open(&kek, tenant, &rows.keys().all().await?, &Custodians::default())?);

    let claims = format!(r#"{{"iss":"https://id.example/t/acme","pad":"{}"}}"#, "x".repeat(CLAIMS - 44));
    anyhow::ensure!(claims.len() == CLAIMS, "{} bytes of claims", claims.len());
    println!("{:<8} {:>12} {:>12} {:>14} {:>14}", "alg", "floor us", "ours us", "share by time", "share by CPU");
    let mut reached = true;
    for algorithm in Algorithm::ALL {
        reached &= compare(*algorithm, &ring, claims.as_bytes()).await?;
    }
    storage.close().await?;
    Ok(reached)
}

async fn compare(algorithm: Algorithm, ring: &Arc<dyn SignTokens>, claims: &[u8]) -> Result<bool> {
    let sample = ring.sign(algorithm, TokenType::AccessToken, claims).await?;
    let (header, _) = sample.split_once('.').context("no header")?;
    let floor = Floor { key: BareKey::generate(algorithm)?, random: SystemRandom::new(), header: format!("{header}.") };
    anyhow::ensure!(floor.sign(claims)?.len() == sample.len(), "they do not make the same token");

    let once = Instant::now();
    for _ in 0..16 {
        floor.sign(claims)?;
    }
    let times = u32::try_from(SPAN.as_nanos() * 16 / once.elapsed().as_nanos().max(1))?.max(8);
    let (mut by_time, mut by_cpu, mut ours_us, mut floor_us) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (begun, cpu) = (Instant::now(), cpu());
        for _ in 0..times {
            std::hint::black_box(floor.sign(claims)?);
        }
        let bare = (begun.elapsed().as_secs_f64(), cpu_since(cpu));
        let (begun, cpu) = (Instant::now(), self::cpu());
        for _ in 0..times {
            std::hint::black_box(ring.sign(algorithm, TokenType::AccessToken, claims).await?);
        }
        let ours = (begun.elapsed().as_secs_f64(), cpu_since(cpu));
        by_time.push(bare.0 / ours.0);
        by_cpu.push(bare.1 / ours.1);
        floor_us.push(bare.0 * 1e6 / f64::from(times));
        ours_us.push(ours.0 * 1e6 / f64::from(times));
    }
    let [by_time, by_cpu, floor_us, ours_us] = [by_time, by_cpu, floor_us, ours_us].map(median);
    let reached = by_time >= LEAST_SHARE && by_cpu >= LEAST_SHARE;
    println!(
        "{algorithm:<8} {floor_us:>12.1} {ours_us:>12.1} {by_time:>14.3} {by_cpu:>14.3}  at least {LEAST_SHARE}: {}",
        if reached { "reached" } else { "MISSED" }
    );
    Ok(reached)
}

/// The floor.
struct Floor {
    key: BareKey,
    random: SystemRandom,
    header: String,
}

enum BareKey {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair),
}

impl BareKey {
    fn generate(algorithm: Algorithm) -> Result<Self> {
        let ec = |curve| EcdsaKeyPair::generate(curve).map(Self::Ec);
        let rsa = |encoding: &'static dyn RsaEncoding| {
            RsaKeyPair::generate(KeySize::Rsa2048).map(|key| Self::Rsa(key, encoding))
        };
        let ml_dsa = |algorithm| PqdsaKeyPair::generate(algorithm).map(Self::MlDsa);
        Ok(match algorithm {
            Algorithm::Es256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::Es512 => ec(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
            Algorithm::EdDsa => Ed25519KeyPair::generate().map(Self::Ed),
            Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_SHA512),
            Algorithm::Ps256 => rsa(&signature::RSA_PSS_SHA256),
            Algorithm::Ps384 => rsa(&signature::RSA_PSS_SHA384),
            Algorithm::Ps512 => rsa(&signature::RSA_PSS_SHA512),
            Algorithm::MlDsa44 => ml_dsa(&signature::ML_DSA_44_SIGNING),
            Algorithm::MlDsa65 => ml_dsa(&signature::ML_DSA_65_SIGNING),
            Algorithm::MlDsa87 => ml_dsa(&signature::ML_DSA_87_SIGNING),
        }?)
    }
}

impl Floor {
    fn sign(&self, claims: &[u8]) -> Result<String> {
        let mut token = String::with_capacity(self.header.len() + claims.len() * 4 / 3 + 360);
        token.push_str(&self.header);
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        match &self.key {
            BareKey::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &self.random, token.as_bytes(), &mut signature)?;
                encode(&mut token, &signature);
            }
            BareKey::Ec(key) => {
                let signature = key.sign(&self.random, token.as_bytes())?;
                encode(&mut token, signature.as_ref());
            }
            BareKey::Ed(key) => {
                let signature = key.sign(token.as_bytes());
                encode(&mut token, signature.as_ref());
            }
            BareKey::MlDsa(key) => {
                let mut signature = vec![0; key.algorithm().signature_len()];
                key.sign(token.as_bytes(), &mut signature)?;
                encode(&mut token, &signature);
            }
        }
        Ok(token)
    }
}

fn encode(token: &mut String, signature: &[u8]) {
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, token);
}

/// The processor time of all threads of this process.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

fn cpu_since(before: Duration) -> f64 {
    cpu().saturating_sub(before).as_secs_f64()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
