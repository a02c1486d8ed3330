//! Key pairs that are ready before they are asked for.

use std::{fmt, sync::Arc, time::Duration};

use chancery_domain::{
    fault::Fault,
    key_spec::{KeySpec, RsaBits},
    random::Random,
    vocabulary::Algorithm,
};
use tokio::{
    sync::{Mutex, Semaphore, mpsc},
    task::JoinSet,
    time::sleep,
};

use super::{KeyPair, make_aside};

/// How many RSA pairs of the usual size lie ready.
const READY: usize = 8;
/// How many are made at a time while fewer lie ready: two, so that a first tenant waits for one pair and not for two.
const MAKERS: usize = 2;
/// How many of another size are made at a time; who asks for more waits. Each keeps a core busy for a second or so.
const LARGE_AT_A_TIME: usize = 2;
/// How long a maker rests after a failure, which no key crate has ever shown.
const REST: Duration = Duration::from_secs(1);

/// RSA pairs of the usual size made in the background, one stock for all six RSA algorithms. The other kinds are made
/// when they are asked for: the curves are quick enough, and large RSA pairs are asked for too seldom to lie ready.
/// Creating a tenant takes what lies ready and waits only when the stock is used up.
pub struct KeyPairPool {
    random: Arc<dyn Random>,
    ready: Mutex<mpsc::Receiver<KeyPair>>,
    large: Semaphore,
    /// The makers end with the pool.
    _makers: JoinSet<()>,
}

impl KeyPairPool {
    /// Begins to fill the stock. To be called within a Tokio runtime.
    #[must_use]
    pub fn start(random: Arc<dyn Random>) -> Self {
        // A maker holds its finished pair until there is a place, so those count as ready too.
        let (stock, ready) = mpsc::channel(READY - MAKERS);
        let mut makers = JoinSet::new();
        for _ in 0..MAKERS {
            makers.spawn(fill(stock.clone(), Arc::clone(&random)));
        }
        Self { random, ready: Mutex::new(ready), large: Semaphore::new(LARGE_AT_A_TIME), _makers: makers }
    }

    /// A pair that has never been used.
    pub async fn pair(&self, spec: impl Into<KeySpec> + Send) -> Result<KeyPair, Fault> {
        let spec = spec.into();
        match spec.algorithm {
            Algorithm::Es256 | Algorithm::EdDsa | Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => {
                KeyPair::make(spec, self.random.as_ref())
            }
            Algorithm::Es384 | Algorithm::Es512 => make_aside(spec, &self.random).await,
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => self.rsa(spec).await,
        }
    }

    async fn rsa(&self, spec: KeySpec) -> Result<KeyPair, Fault> {
        match spec.rsa_bits {
            RsaBits::Rsa2048 => match self.ready.lock().await.recv().await {
                Some(pair) => Ok(pair.serving(spec.algorithm)),
                None => make_aside(spec, &self.random).await,
            },
            RsaBits::Rsa3072 | RsaBits::Rsa4096 => {
                let turn = self.large.acquire().await;
                let _turn = turn.map_err(|error| Fault::broken("nobody makes large RSA keys any more", error))?;
                make_aside(spec, &self.random).await
            }
        }
    }
}

impl fmt::Debug for KeyPairPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPairPool(..)")
    }
}

async fn fill(stock: mpsc::Sender<KeyPair>, random: Arc<dyn Random>) {
    loop {
        match make_aside(Algorithm::Rs256.into(), &random).await {
            Ok(pair) => {
                if stock.send(pair).await.is_err() {
                    return;
                }
            }
            Err(fault) => {
                tracing::error!(error = %fault, "no RSA key pair could be made");
                sleep(REST).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::RsaKeyPair;
    use chancery_testkit::SeededRandom;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_rsa_pair_has_the_size_that_was_asked_for() {
        let pool = KeyPairPool::start(Arc::new(SeededRandom::new(5)));
        for rsa_bits in RsaBits::ALL {
            let pair = pool.pair(KeySpec { algorithm: Algorithm::Ps256, rsa_bits }).await.expect("a pair");
            let signs = RsaKeyPair::from_pkcs8(&pair.private.bytes()).expect("the signing library takes it");
            assert_eq!(signs.public_modulus_len() * 8, rsa_bits.bits() as usize);
        }
    }
}
