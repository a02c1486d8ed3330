//! Key pairs that are ready before they are asked for.

use std::{fmt, sync::Arc, time::Duration};

use chancery_domain::{fault::Fault, random::Random, vocabulary::Algorithm};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
    time::sleep,
};

use super::{KeyPair, make_aside};

/// How many RSA pairs lie ready.
const READY: usize = 8;
/// How many are made at a time while fewer lie ready: two, so that a first tenant waits for one pair and not for two.
const MAKERS: usize = 2;
/// How long a maker rests after a failure, which no key crate has ever shown.
const REST: Duration = Duration::from_secs(1);

/// RSA pairs made in the background, one stock for all six RSA algorithms; the curves are quick enough to be made when
/// asked for. Creating a tenant takes what lies ready and waits only when the stock is used up.
pub struct KeyPairPool {
    random: Arc<dyn Random>,
    ready: Mutex<mpsc::Receiver<KeyPair>>,
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
        Self { random, ready: Mutex::new(ready), _makers: makers }
    }

    /// A pair that has never been used.
    pub async fn pair(&self, algorithm: Algorithm) -> Result<KeyPair, Fault> {
        match algorithm {
            Algorithm::Es256 | Algorithm::EdDsa | Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => {
                KeyPair::make(algorithm, self.random.as_ref())
            }
            Algorithm::Es384 | Algorithm::Es512 => make_aside(algorithm, &self.random).await,
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => match self.ready.lock().await.recv().await {
                Some(pair) => Ok(pair.serving(algorithm)),
                None => make_aside(algorithm, &self.random).await,
            },
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
        match make_aside(Algorithm::Rs256, &random).await {
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
