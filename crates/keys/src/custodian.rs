//! Custodians: where private keys live that do not live in their rows. A custodian makes a key, signs with it, and
//! never gives it out; the row holds a reference, sealed as a private key would be, so that nobody with a pen for the
//! database can point a row at another key.

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use chancery_domain::{fault::Fault, id::SignerName, key_spec::KeySpec, vocabulary::Algorithm};

/// Something that holds private keys, such as a hardware security module.
#[async_trait]
pub trait Custodian: Send + Sync {
    /// The name that rows know it by. It must never be given to another.
    fn name(&self) -> &SignerName;

    /// Whether it can make and use a key of that kind.
    fn holds(&self, spec: KeySpec) -> bool;

    /// Makes a key. `label` is for people who look into the custodian and means nothing to us.
    async fn generate(&self, spec: KeySpec, label: &str) -> Result<Held, Fault>;

    /// The key of that reference, ready to sign with its algorithm.
    async fn open(&self, algorithm: Algorithm, reference: &[u8]) -> Result<Arc<dyn PrivateKey>, Fault>;

    /// Destroys the key of that reference. One that is gone already is as good.
    async fn destroy(&self, reference: &[u8]) -> Result<(), Fault>;
}

/// A private key at work, wherever it is.
pub trait PrivateKey: Send + Sync {
    /// The signature of its algorithm over `message`, in the form that JWS wants (RFC 7518 section 3, RFC 8037, RFC
    /// 9964).
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Fault>;

    /// Whether that takes so long that it must not be done on a thread that serves others.
    fn is_slow(&self) -> bool;
}

/// A key that a custodian has made.
#[derive(Clone, Debug)]
pub struct Held {
    /// What the custodian finds it by.
    pub reference: Vec<u8>,
    /// Its public part.
    pub public: PublicNumbers,
}

/// The public part of a key, in bytes that begin with the most significant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicNumbers {
    /// Of RSA.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
    /// A point on the curve of the algorithm, both coordinates at full length.
    Ec {
        /// The first coordinate.
        x: Vec<u8>,
        /// The second coordinate.
        y: Vec<u8>,
    },
    /// Of Ed25519 or ML-DSA: as their standards encode it.
    Plain(Vec<u8>),
}

/// The custodians that a process has.
#[derive(Clone, Default)]
pub struct Custodians(Arc<BTreeMap<SignerName, Arc<dyn Custodian>>>);

impl Custodians {
    /// Those, each by its name.
    #[must_use]
    pub fn new(custodians: impl IntoIterator<Item = Arc<dyn Custodian>>) -> Self {
        Self(Arc::new(custodians.into_iter().map(|custodian| (custodian.name().clone(), custodian)).collect()))
    }

    /// The one of that name, if this process has it.
    #[must_use]
    pub fn get(&self, name: &SignerName) -> Option<&Arc<dyn Custodian>> {
        self.0.get(name)
    }

    /// The names of all.
    pub fn names(&self) -> impl Iterator<Item = &SignerName> {
        self.0.keys()
    }

    /// The one that a key needs.
    pub(crate) fn needed(&self, name: &SignerName) -> Result<&Arc<dyn Custodian>, Fault> {
        self.get(name)
            .ok_or_else(|| Fault::unavailable("the signer that holds a key is not configured here", name.as_str()))
    }
}

impl fmt::Debug for Custodians {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
