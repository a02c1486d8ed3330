//! From names to addresses, and which of those are called.

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::Arc,
};

use async_trait::async_trait;
use chancery_domain::{
    id::TenantId,
    outbound::{AddressKind, RefusedUri},
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;

use crate::turns::Turns;

/// How many addresses of one name are looked at.
const MOST_ADDRESSES: usize = 8;

/// How many names are resolved at once. The machine's resolver cannot be hurried or called off, so what it has begun
/// counts until it is done.
const AT_ONCE: usize = 32;
/// How many of them for one tenant: names whose servers never answer take no other tenant's turns.
const OF_ONE_TENANT: usize = 4;

/// Resolves names.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// The addresses of a name, for a call of that tenant; a name with a dot at its end is looked for nowhere but in the DNS
    /// root.
    async fn addresses(&self, tenant: TenantId, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver.
#[derive(Clone, Debug)]
pub struct SystemLookup {
    turns: Arc<Semaphore>,
    tenants: Arc<Turns<TenantId>>,
}

impl Default for SystemLookup {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), tenants: Arc::new(Turns::new(OF_ONE_TENANT)) }
    }
}

impl SystemLookup {
    /// Does something that cannot be called off, in a turn that it has until it is done, whoever still waits for it.
    async fn in_turn<T: Send + 'static>(
        &self,
        tenant: TenantId,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let own = self.tenants.wait(&tenant).await;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(io::Error::other)?;
        let done = tokio::task::spawn_blocking(move || {
            let _turns = (own, turn);
            work()
        });
        done.await.map_err(io::Error::other)?
    }
}

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, tenant: TenantId, name: &str) -> io::Result<Vec<IpAddr>> {
        let name = name.to_owned();
        let look =
            move || (name.as_str(), 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect());
        self.in_turn(tenant, look).await
    }
}

/// Resolves names for connections: what it does not let through is not connected to, and nothing resolves them again.
pub(crate) struct Vetted {
    /// Whose call it is.
    pub(crate) tenant: TenantId,
    pub(crate) lookup: Arc<dyn Lookup>,
    /// Whether inner addresses are let through.
    pub(crate) inner: bool,
}

impl Resolve for Vetted {
    fn resolve(&self, name: Name) -> Resolving {
        let (tenant, lookup, inner) = (self.tenant, Arc::clone(&self.lookup), self.inner);
        // A public name is looked for in the DNS alone; names of a private network may lean on the machine's own list of
        // hosts and on the domains that it searches.
        let asked = if inner { name.as_str().to_owned() } else { format!("{}.", name.as_str()) };
        Box::pin(async move {
            let found = lookup.addresses(tenant, &asked).await?;
            let vetted: Vec<_> = vet(&found, inner)?.into_iter().map(|address| SocketAddr::new(address, 0)).collect();
            Ok(Box::new(vetted.into_iter()) as Addrs)
        })
    }
}

/// The addresses that are called; when none of those found is one, the name is refused.
fn vet(found: &[IpAddr], inner: bool) -> Result<Vec<IpAddr>, RefusedUri> {
    let fits = |address: &&IpAddr| match AddressKind::of(**address) {
        AddressKind::Public => true,
        AddressKind::Inner => inner,
        AddressKind::Never => false,
    };
    let vetted: Vec<_> = found.iter().filter(fits).take(MOST_ADDRESSES).copied().collect();
    if vetted.is_empty() { Err(RefusedUri::Address) } else { Ok(vetted) }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use chancery_domain::time::Timestamp;
    use chancery_testkit::SeededRandom;
    use tokio::time::timeout;

    use super::*;

    fn tenant(seed: u64) -> TenantId {
        TenantId::generate(&SeededRandom::new(seed), Timestamp::from_seconds(1_700_000_000))
    }

    #[test]
    fn t151_only_what_may_be_called_is_let_through() {
        let addresses =
            |texts: &[&str]| texts.iter().map(|text| text.parse().expect("an address")).collect::<Vec<IpAddr>>();
        let mixed = addresses(&["127.0.0.1", "8.8.8.8", "169.254.169.254", "::ffff:1.1.1.1", "2606:4700::1111"]);
        assert_eq!(vet(&mixed, false), Ok(addresses(&["8.8.8.8", "2606:4700::1111"])));
        assert_eq!(vet(&mixed, true), Ok(addresses(&["127.0.0.1", "8.8.8.8", "2606:4700::1111"])));
        assert_eq!(vet(&addresses(&["10.0.0.1", "fe80::1"]), false), Err(RefusedUri::Address));
        assert_eq!(vet(&addresses(&["169.254.169.254"]), true), Err(RefusedUri::Address));
        assert_eq!(vet(&[], true), Err(RefusedUri::Address));
    }

    #[tokio::test]
    async fn the_machine_knows_itself() {
        let found = SystemLookup::default().addresses(tenant(1), "localhost").await.expect("the machine's own name");
        assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback));
    }

    #[tokio::test]
    async fn t177_names_whose_servers_never_answer_take_the_turns_of_their_tenant_alone() {
        let lookup = SystemLookup::default();
        let (begun, begins) = mpsc::channel();
        let mut answers = Vec::new();
        for _ in 0..OF_ONE_TENANT {
            let (answer, answered) = mpsc::channel::<()>();
            answers.push(answer);
            let (lookup, begun) = (lookup.clone(), begun.clone());
            let stuck = tokio::spawn(async move {
                let work = move || {
                    begun.send(()).map_err(io::Error::other)?;
                    answered.recv().map_err(io::Error::other)
                };
                lookup.in_turn(tenant(1), work).await
            });
            tokio::task::yield_now().await;
            begins.recv().expect("begun");
            // Whoever asked has given up, and the machine's resolver has not.
            stuck.abort();
        }
        let waits = timeout(Duration::from_millis(20), lookup.in_turn(tenant(1), || Ok(())));
        assert!(waits.await.is_err(), "the tenant's turns are taken");
        for _ in 0..AT_ONCE {
            lookup.in_turn(tenant(2), || Ok(())).await.expect("another tenant's turn");
        }
        drop(answers);
        lookup.in_turn(tenant(1), || Ok(())).await.expect("a turn that came free");
    }
}
