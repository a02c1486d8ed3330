//! How much guessing is let through.

use std::time::Duration;

use chancery_domain::pushed_request::PushedRequest;

/// The limits of a throttle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For one account, and for one account from a source that is known there.
    pub account: Limit,
    /// For one source address.
    pub source: Limit,
    /// For the codes of devices that are typed at one source address.
    pub code: Limit,
    /// For one client from one source address, and for the tokens of registrations from one source address.
    pub client: Limit,
    /// How many requests may be pushed from one source address for one client that proves nothing, within the life of one.
    pub pushes: u32,
    /// At most this many counters are kept; beyond, those go that were quiet for the longest time. One takes less
    /// than 200 bytes.
    pub most_counters: usize,
}

/// When waiting begins and how it grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The failure after which one first has to wait.
    pub from: u32,
    /// For how long then; every further failure doubles it.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// Failures are forgotten after so long without another.
    pub forget: Duration,
}

impl Limits {
    /// For serving people. An account can be tried about a hundred times a day.
    #[must_use]
    pub const fn strict() -> Self {
        Self {
            account: Limit {
                from: 5,
                first: Duration::from_secs(1),
                longest: Duration::from_secs(900),
                forget: Duration::from_secs(86_400),
            },
            // Many people can sit behind one address.
            source: Limit {
                from: 30,
                first: Duration::from_secs(1),
                longest: Duration::from_secs(300),
                forget: Duration::from_secs(3600),
            },
            code: Limit {
                from: 5,
                first: Duration::from_secs(10),
                longest: Duration::from_secs(600),
                forget: Duration::from_secs(3600),
            },
            // A client's secret has 256 random bits: this is for the log and the processor more than for the secret.
            client: Limit {
                from: 20,
                first: Duration::from_secs(1),
                longest: Duration::from_secs(300),
                forget: Duration::from_secs(3600),
            },
            // Many people can sit behind one address, and push from there where the client is an application of theirs.
            pushes: PushedRequest::MOST_WAITING / 10,
            most_counters: 100_000,
        }
    }

    /// For trying Chancery out: wide enough for scripts that sign in without end.
    #[must_use]
    pub const fn wide() -> Self {
        let wide = Limit {
            from: 10_000,
            first: Duration::from_millis(100),
            longest: Duration::from_secs(1),
            forget: Duration::from_secs(60),
        };
        let (account, source, code) = (Limit { ..wide }, Limit { ..wide }, Limit { ..wide });
        Self { account, source, code, client: wide, pushes: PushedRequest::MOST_WAITING, most_counters: 100_000 }
    }
}

impl Limit {
    /// The wait after that many failures.
    pub(super) fn delay(&self, failures: u32) -> Duration {
        match failures.checked_sub(self.from) {
            None => Duration::ZERO,
            Some(more) => self.first.saturating_mul(2_u32.saturating_pow(more)).min(self.longest),
        }
    }
}
