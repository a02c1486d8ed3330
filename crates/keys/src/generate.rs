//! Making key pairs. Only this file and the import know the `rsa` crate, against which a timing advisory stands open
//! (RUSTSEC-2023-0071): it makes keys, checks them and writes them down, and never signs or decrypts.

use std::{convert::Infallible, fmt, sync::Arc};

use aws_lc_rs::signature::{self, KeyPair as _, PqdsaKeyPair, PqdsaSigningAlgorithm};
use chancery_domain::{
    fault::Fault,
    id::{KeyId, SignerName, TenantId},
    key::{Key, Origin, PublicKey},
    key_spec::{KeySpec, RsaBits},
    random::Random,
    secret::base64url,
    time::Timestamp,
    vocabulary::Algorithm,
};
use ed25519_dalek::SigningKey;
use p256::elliptic_curve::{Generate, sec1::ToSec1Point};
use rsa::{
    RsaPrivateKey,
    pkcs8::EncodePrivateKey,
    rand_core::{TryCryptoRng, TryRng},
    traits::PublicKeyParts,
};
use zeroize::Zeroizing;

use crate::{
    custodian::{Custodian, Held},
    jwk::{Curve, Jwk, Numbers},
    kek::TenantKek,
    private_part::PrivatePart,
};

mod pool;

pub use pool::KeyPairPool;

/// A key pair that nobody knows yet. It cannot be printed, and its private part is wiped when it goes.
pub struct KeyPair {
    algorithm: Algorithm,
    private: PrivatePart,
    numbers: Numbers,
    /// Its id, where the custodian was told of it.
    id: Option<KeyId>,
}

impl KeyPair {
    /// Makes a pair, here and now: microseconds for the curves, a good part of a second and more for RSA.
    pub fn make(spec: KeySpec, random: &dyn Random) -> Result<Self, Fault> {
        let algorithm = spec.algorithm;
        let (pkcs8, numbers) = match algorithm {
            Algorithm::Es256 => on_curve!(p256, Curve::P256, random),
            Algorithm::Es384 => on_curve!(p384, Curve::P384, random),
            Algorithm::Es512 => on_curve!(p521, Curve::P521, random),
            Algorithm::EdDsa => ed25519(random)?,
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => rsa(spec.rsa_bits, random)?,
            Algorithm::MlDsa44 => ml_dsa(&signature::ML_DSA_44_SIGNING, random)?,
            Algorithm::MlDsa65 => ml_dsa(&signature::ML_DSA_65_SIGNING, random)?,
            Algorithm::MlDsa87 => ml_dsa(&signature::ML_DSA_87_SIGNING, random)?,
        };
        Ok(Self { algorithm, private: PrivatePart::Here(pkcs8), numbers, id: None })
    }

    /// Has a pair made by a custodian, who keeps the private part. Its label names the tenant and the key.
    pub(crate) async fn make_at(
        custodian: &dyn Custodian,
        spec: KeySpec,
        tenant: TenantId,
        random: &dyn Random,
    ) -> Result<Self, Fault> {
        let id = KeyId::generate(random);
        let Held { reference, public } = custodian.generate(spec, &format!("{tenant}/{id}")).await?;
        let numbers = Numbers::of(spec.algorithm, &public)
            .ok_or_else(|| Fault::bug("a signer made a key of another kind than it was asked for"))?;
        let private = PrivatePart::Held { custodian: custodian.name().clone(), reference };
        Ok(Self { algorithm: spec.algorithm, private, numbers, id: Some(id) })
    }

    /// The name of the custodian who has the private part.
    #[must_use]
    pub const fn custodian(&self) -> Option<&SignerName> {
        match &self.private {
            PrivatePart::Here(_) => None,
            PrivatePart::Held { custodian, .. } => Some(custodian),
        }
    }

    /// A pair made elsewhere, whose numbers are known to belong together. `pkcs8` is its private part (RFC 5958).
    pub(crate) const fn of(algorithm: Algorithm, pkcs8: Zeroizing<Vec<u8>>, numbers: Numbers) -> Self {
        Self { algorithm, private: PrivatePart::Here(pkcs8), numbers, id: None }
    }

    /// The algorithm that the pair is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public part.
    #[cfg(test)]
    pub(crate) const fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// The private part and the numbers of the public one, for a key that signs nothing.
    pub(crate) fn into_parts(self) -> (PrivatePart, Numbers) {
        (self.private, self.numbers)
    }

    /// The same pair for another algorithm of its family: an RSA pair does for all six of RSA.
    fn serving(self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self }
    }

    /// The same pair under an id that was chosen for it.
    pub(crate) fn named(self, id: KeyId) -> Self {
        Self { id: Some(id), ..self }
    }

    /// A key row with this pair, sealed for that tenant and known to nobody.
    pub fn into_key(
        self,
        kek: &TenantKek,
        tenant: TenantId,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Key, Fault> {
        let id = self.id.unwrap_or_else(|| KeyId::generate(random));
        let algorithm = self.algorithm;
        let jwk = Jwk::new(id.clone(), algorithm, self.numbers);
        let (jwk, thumbprint) = (jwk.to_json()?, Some(jwk.thumbprint()?));
        let private = kek.seal_private(tenant, &id, algorithm, &self.private)?;
        let seal = kek.seal_public(tenant, &id, algorithm, &jwk)?;
        Ok(Key::generated(PublicKey { id, algorithm, jwk, thumbprint, seal }, Some(private), Origin::Made, now))
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({}, ..)", self.algorithm)
    }
}

/// The three crates of the NIST curves have the same shape and no common trait that says so.
macro_rules! on_curve {
    ($krate:ident, $curve:expr, $random:expr) => {{
        let secret = $krate::SecretKey::generate_from_rng(&mut Chance($random));
        let point = secret.public_key().to_sec1_point(false);
        // SEC 1 section 2.3.3: 04, then x and y at full length.
        let (x, y) = point.as_bytes()[1..].split_at((point.len() - 1) / 2);
        let numbers = Numbers::Ec { crv: $curve, x: base64url(x), y: base64url(y) };
        (encoded(&secret)?, numbers)
    }};
}
use on_curve;

fn ed25519(random: &dyn Random) -> Result<(Zeroizing<Vec<u8>>, Numbers), Fault> {
    let secret = SigningKey::generate(&mut Chance(random));
    let x = base64url(secret.verifying_key().as_bytes());
    Ok((encoded(&secret)?, Numbers::Okp { crv: Curve::Ed25519, x }))
}

/// The private part is the seed alone (RFC 9881 section 6, RFC 9964 section 4).
fn ml_dsa(
    algorithm: &'static PqdsaSigningAlgorithm,
    random: &dyn Random,
) -> Result<(Zeroizing<Vec<u8>>, Numbers), Fault> {
    let seed = Zeroizing::new(chancery_domain::random::bytes::<32>(random));
    let pair = PqdsaKeyPair::from_seed(algorithm, seed.as_ref())
        .map_err(|error| Fault::broken("an ML-DSA key could not be made", error))?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|error| Fault::broken("a private key could not be encoded", error))?;
    let numbers = Numbers::Akp { public: base64url(pair.public_key().as_ref()) };
    Ok((Zeroizing::new(pkcs8.as_ref().to_vec()), numbers))
}

fn rsa(bits: RsaBits, random: &dyn Random) -> Result<(Zeroizing<Vec<u8>>, Numbers), Fault> {
    let secret = RsaPrivateKey::new(&mut Chance(random), bits.bits() as usize)
        .map_err(|error| Fault::broken("an RSA key could not be made", error))?;
    let (n, e) = (base64url(&secret.n_bytes()), base64url(&secret.e_bytes()));
    Ok((encoded(&secret)?, Numbers::Rsa { n, e }))
}

fn encoded(secret: &impl EncodePrivateKey) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let document = secret.to_pkcs8_der().map_err(|error| Fault::broken("a private key could not be encoded", error))?;
    Ok(document.to_bytes())
}

/// Our chance, as the key crates want it.
struct Chance<'a>(&'a dyn Random);

impl TryRng for Chance<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(chancery_domain::random::bytes(self.0)))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(chancery_domain::random::bytes(self.0)))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(buffer);
        Ok(())
    }
}

impl TryCryptoRng for Chance<'_> {}

/// Makes a pair on a thread where it may take its time.
async fn make_aside(spec: KeySpec, random: &Arc<dyn Random>) -> Result<KeyPair, Fault> {
    let random = Arc::clone(random);
    tokio::task::spawn_blocking(move || KeyPair::make(spec, random.as_ref()))
        .await
        .map_err(|error| Fault::broken("making a key pair was cut off", error))?
}
