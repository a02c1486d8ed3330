//! From names to addresses, and which of those are called.

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::Arc,
};

use async_trait::async_trait;
use chancery_domain::outbound::{AddressKind, RefusedUri};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;

/// How many addresses of one name are looked at.
const MOST_ADDRESSES: usize = 8;

/// How many names are resolved at once. The machine's resolver cannot be hurried or called off, so what it has begun
/// counts until it is done.
const AT_ONCE: usize = 32;

/// Resolves names.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// The addresses of a name; one with a dot at its end is looked for nowhere but in the DNS root.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver.
#[derive(Clone, Debug)]
pub struct SystemLookup {
    turns: Arc<Semaphore>,
}

impl Default for SystemLookup {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(io::Error::other)?;
        let name = name.to_owned();
        let looked_up = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            (name.as_str(), 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect())
        });
        looked_up.await.map_err(io::Error::other)?
    }
}

/// Resolves names for connections: what it does not let through is not connected to, and nothing resolves them again.
pub(crate) struct Vetted {
    pub(crate) lookup: Arc<dyn Lookup>,
    /// Whether inner addresses are let through.
    pub(crate) inner: bool,
}

impl Resolve for Vetted {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, inner) = (Arc::clone(&self.lookup), self.inner);
        // A public name is looked for in the DNS alone; names of a private network may lean on the machine's own list of
        // hosts and on the domains that it searches.
        let asked = if inner { name.as_str().to_owned() } else { format!("{}.", name.as_str()) };
        Box::pin(async move {
            let found = lookup.addresses(&asked).await?;
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
    use super::*;

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
        let found = SystemLookup::default().addresses("localhost").await.expect("the machine's own name");
        assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback));
    }
}
