//! A hardware security module as a custodian of keys.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    id::SignerName,
    key_spec::KeySpec,
    random::{self, Random},
    vocabulary::Algorithm,
};
use chancery_keys::custodian::{Custodian, Held, PrivateKey};

use crate::{Settings, desk::Desk, fault::OpenError, queue::Queue, token::Token};

/// How long a signature may take, with the time in the queue.
const SIGNS_WITHIN: Duration = Duration::from_secs(5);
/// How long making or destroying a key may take: RSA of 4096 bits keeps a small token busy for a minute.
const MAKES_WITHIN: Duration = Duration::from_secs(120);

/// A token that makes keys, keeps them and signs with them.
pub struct Hsm {
    token: Arc<Token>,
    queue: Arc<Queue>,
    random: Arc<dyn Random>,
}

/// A key in the token. Its reference is what PKCS#11 calls its id.
struct InToken {
    queue: Arc<Queue>,
    algorithm: Algorithm,
    id: Vec<u8>,
}

impl Hsm {
    /// Loads the module and enters the token: whoever starts with a wrong module, label or PIN hears it at once. Takes
    /// as long as the token does, so not on a thread that serves others.
    pub fn open(settings: Settings, random: Arc<dyn Random>) -> Result<Self, OpenError> {
        let (token, session) = Token::enter(settings)?;
        let token = Arc::new(token);
        let queue = Arc::new(Queue::start(&token, session)?);
        Ok(Self { token, queue, random })
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let queue = Arc::clone(&self.queue);
        tokio::task::spawn_blocking(move || queue.ask(MAKES_WITHIN, work))
            .await
            .map_err(|error| Fault::broken("asking a hardware security module was cut off", error))?
    }
}

#[async_trait]
impl Custodian for Hsm {
    fn name(&self) -> &SignerName {
        self.token.name()
    }

    fn holds(&self, spec: KeySpec) -> bool {
        self.token.holds(spec)
    }

    async fn generate(&self, spec: KeySpec, label: &str) -> Result<Held, Fault> {
        let (id, label) = (random::bytes::<16>(self.random.as_ref()), label.to_owned());
        let public = self.ask(move |desk| desk.make(spec, &id, &label)).await?;
        Ok(Held { reference: id.to_vec(), public })
    }

    /// Does not look for the key yet: what signs finds it, at each desk once.
    async fn open(&self, algorithm: Algorithm, reference: &[u8]) -> Result<Arc<dyn PrivateKey>, Fault> {
        Ok(Arc::new(InToken { queue: Arc::clone(&self.queue), algorithm, id: reference.to_vec() }))
    }

    async fn destroy(&self, reference: &[u8]) -> Result<(), Fault> {
        let id = reference.to_vec();
        self.ask(move |desk| desk.destroy(&id)).await
    }
}

impl PrivateKey for InToken {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let (algorithm, id, message) = (self.algorithm, self.id.clone(), message.to_vec());
        self.queue.ask(SIGNS_WITHIN, move |desk| desk.sign(algorithm, &id, &message))
    }

    fn is_slow(&self) -> bool {
        true
    }
}

impl fmt::Debug for Hsm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hsm({})", self.name())
    }
}
