//! The public front door: routes, pages and status codes.
//!
//! Its duty is HTTP: it finds the tenant of a path, reads forms, headers and cookies, calls a use-case of `oauth` or
//! `accounts`, and writes the answer down. It decides nothing about the protocol and it is the only room that knows
//! status codes (those of refusals all stand in `error`). It must never know a database, a key or gRPC.
//!
//! - `router`: every route on one screen.
//! - `extract`: what a request brings, read once: tenant, form, client credentials, cookies, bearer token.
//! - `layers`: what is around every request: its number, log line and figures, its time limit, the headers of every
//!   answer.
//! - `endpoints`: machines talk here. `pages`: people look here.
//!
//! To add a page: a template, a file in `pages`, a line in `router`. To add an endpoint: its path in
//! `chancery_oauth::endpoints`, a file in `endpoints`, a line in `router`.
//!
//! # Behind a reverse proxy
//!
//! Every path is served exactly as it stands in the public URL: with `https://id.example/sso` a tenant lives at
//! `/sso/t/{tenant}`, so the proxy must pass `/sso/...` on as it is and not strip it. The inserted metadata forms of
//! RFC 8414 lie outside the base path, at `/.well-known/.../sso/t/{tenant}`. No `Host` and no forwarded header is ever
//! read to build a URL: `Host` says which tenant is meant where one has a host for itself, and a name that is not ours is
//! answered by 421; `X-Forwarded-For` is read, for throttling alone, where the configuration says that a proxy of
//! ours writes it, and so is the one header in which such a proxy passes on the certificate of a client (RFC 9440).

mod cors;
mod endpoints;
mod error;
mod extract;
mod front;
mod layers;
mod pages;
mod proxies;
mod router;

use std::{fmt, sync::Arc};

use chancery_domain::issuer::PublicUrl;

pub use layers::figures::{REQUEST_DURATION, describe_figures};
pub use proxies::{CertificateForm, CertificateHeader, Presented, TrustedProxies};
pub use router::{router, router_for_certificates};

/// What the front door works with.
#[derive(Clone)]
pub struct State {
    /// The protocol.
    pub oauth: chancery_oauth::Context,
    /// People, their passwords and their sessions.
    pub accounts: chancery_accounts::Context,
    /// Where browsers reach us.
    pub public_url: PublicUrl,
    /// Further names of the host that all tenants share, such as one that only the inside knows.
    pub hosts: Vec<String>,
    /// Whether this process should get traffic; asked by `/readyz`.
    pub ready: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Which peers are proxies of ours, so that the last entry of their `X-Forwarded-For` is whom they serve.
    pub trusted_proxies: TrustedProxies,
    /// Where those proxies pass on the certificates of clients, if they do.
    pub certificate_header: Option<CertificateHeader>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}
