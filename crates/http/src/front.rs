//! The state of the front door, with everything worked out once that would be the same for each request.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chancery_domain::random;

use crate::{CertificateHeader, State, TrustedProxies, pages::assets::Assets};

/// What every handler gets.
pub(crate) struct Front {
    /// The protocol.
    pub(crate) oauth: chancery_oauth::Context,
    /// People.
    pub(crate) accounts: chancery_accounts::Context,
    /// The path that everything is served under, without a slash at its end; empty for most.
    pub(crate) base: String,
    /// The hosts that all tenants share, in small letters: that of the public URL, and what it is called inside.
    pub(crate) hosts: Vec<String>,
    /// Whether browsers reach us over TLS.
    pub(crate) secure: bool,
    /// Whether this process should get traffic.
    pub(crate) ready: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Which peers are proxies of ours.
    pub(crate) trusted_proxies: TrustedProxies,
    /// Where those pass on the certificates of clients.
    pub(crate) certificate_header: Option<CertificateHeader>,
    /// The style sheet and the seal.
    pub(crate) assets: Assets,
    numbers: RequestNumbers,
}

impl Front {
    /// Works out what stays the same.
    pub(crate) fn new(state: State) -> Self {
        let base = state.public_url.base_path();
        let numbers = RequestNumbers::new(u64::from_be_bytes(random::bytes(&*state.oauth.random)));
        Self {
            assets: Assets::under(&base),
            base,
            hosts: shared_hosts(&state),
            secure: state.public_url.is_https(),
            oauth: state.oauth,
            accounts: state.accounts,
            ready: state.ready,
            trusted_proxies: state.trusted_proxies,
            certificate_header: state.certificate_header,
            numbers,
        }
    }

    /// Whether that path is the same at every host.
    pub(crate) fn is_for_everybody(&self, path: &str) -> bool {
        matches!(path, "/livez" | "/readyz") || path == self.assets.style.path || path == self.assets.seal.path
    }

    /// A number for a request that brought none.
    pub(crate) fn request_number(&self) -> u64 {
        self.numbers.next()
    }
}

/// The public URL's host, with all that a loopback address is called, and those of the configuration.
fn shared_hosts(state: &State) -> Vec<String> {
    const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
    let public = state.public_url.host();
    let mut hosts = state.hosts.clone();
    if LOOPBACK.contains(&public.as_str()) {
        hosts.extend(LOOPBACK.map(str::to_owned));
    }
    hosts.push(public);
    hosts
}

/// Numbers that are unique in this process and begin at a random place, so that two processes hardly ever share one.
struct RequestNumbers {
    first: u64,
    count: AtomicU64,
}

impl RequestNumbers {
    const fn new(first: u64) -> Self {
        Self { first, count: AtomicU64::new(0) }
    }

    /// An odd factor visits every number before it repeats, and neighbours look nothing alike in a log.
    fn next(&self) -> u64 {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        self.first.wrapping_add(count.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
}
