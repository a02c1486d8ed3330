//! The state of the front door, with everything worked out once that would be the same for each request.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chancery_domain::random;

use crate::{State, pages::assets::Assets};

/// What every handler gets.
pub(crate) struct Front {
    /// The protocol.
    pub(crate) oauth: chancery_oauth::Context,
    /// People.
    pub(crate) accounts: chancery_accounts::Context,
    /// The path that everything is served under, without a slash at its end; empty for most.
    pub(crate) base: String,
    /// Our own origin, as a browser's `Origin` header has it.
    pub(crate) origin: String,
    /// Whether browsers reach us over TLS.
    pub(crate) secure: bool,
    /// Whether this process should get traffic.
    pub(crate) ready: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Whether `X-Forwarded-For` is written by a proxy of ours.
    pub(crate) trusted_proxies: bool,
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
            origin: state.public_url.origin(),
            secure: state.public_url.is_https(),
            oauth: state.oauth,
            accounts: state.accounts,
            ready: state.ready,
            trusted_proxies: state.trusted_proxies,
            numbers,
        }
    }

    /// A number for a request that brought none.
    pub(crate) fn request_number(&self) -> u64 {
        self.numbers.next()
    }
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
