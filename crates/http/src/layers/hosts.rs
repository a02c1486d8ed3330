//! Which host a request names: the one that all tenants share, one that a tenant has for itself, or one that is not ours.
//!
//! This is the outermost of all, because it decides what the path means: at a tenant's own host the path begins at its
//! issuer. Nothing of the header is ever written anywhere; it is compared, and looked up.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
};

use axum::{body::Body, extract::Request, response::Response};
use chancery_domain::issuer::IssuerHost;
use futures::future::Either;
use http::{Uri, header::HOST, uri::PathAndQuery};
use tower::Service;

use crate::front::Front;

/// Marks a request that came in by the host that its tenant has for itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByHost;

/// Marks a request for a host that is not ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Misdirected;

/// Puts the tenant of a request's host into its path.
#[derive(Clone)]
pub(crate) struct Hosts<S> {
    pub(crate) front: Arc<Front>,
    pub(crate) inner: S,
}

impl<S> Service<Request> for Hosts<S>
where
    S: Service<Request, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<S::Future, Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let host = named(&request);
        let shared = |name: &str| self.front.hosts.iter().any(|host| host.eq_ignore_ascii_case(name));
        // Load balancers ask for the health by whatever address they have, and style sheets are nobody's.
        if host.is_none_or(shared) || self.front.is_for_everybody(request.uri().path()) {
            return Either::Left(self.inner.call(request));
        }
        let host = host.and_then(|name| name.to_ascii_lowercase().parse::<IssuerHost>().ok());
        let clone = self.inner.clone();
        let (front, mut inner) = (Arc::clone(&self.front), std::mem::replace(&mut self.inner, clone));
        Either::Right(Box::pin(async move {
            let request = directed(&front, host, request).await;
            inner.call(request).await
        }))
    }
}

/// The host that a request names, without the port. Two names are none that we have.
fn named(request: &Request) -> Option<&str> {
    let mut entries = request.headers().get_all(HOST).iter();
    let name = match (request.uri().authority(), entries.next()) {
        (Some(authority), _) => authority.as_str(),
        (None, None) => return None,
        (None, Some(entry)) => entry.to_str().ok().filter(|_| entries.next().is_none()).unwrap_or_default(),
    };
    let name = name.rsplit_once('@').map_or(name, |(_, host)| host);
    let end = if name.starts_with('[') { name.find(']').map(|at| at + 1) } else { name.find(':') };
    Some(end.map_or(name, |end| &name[..end]))
}

/// The request with its tenant in the path, or marked as not for us.
async fn directed(front: &Front, host: Option<IssuerHost>, mut request: Request) -> Request {
    let found = match &host {
        Some(host) => front.oauth.directory.tenant_at(host).await,
        None => Ok(None),
    };
    let path = match found {
        Ok(Some(slug)) => {
            request.extensions_mut().insert(ByHost);
            let asked = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
            format!("{}/t/{slug}{asked}", front.base).parse::<Uri>().ok()
        }
        Ok(None) => None,
        Err(fault) => {
            // The store is away: what comes next finds that out too, and says so.
            tracing::error!(%fault, "could not look a host up");
            None
        }
    };
    *request.uri_mut() = path.unwrap_or_else(|| {
        request.extensions_mut().insert(Misdirected);
        Uri::from_static("*")
    });
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_once_and_without_its_port() {
        let name = |uri: &str, hosts: &[&str]| {
            let mut request = Request::get(uri);
            for host in hosts {
                request = request.header(HOST, *host);
            }
            named(&request.body(Body::empty()).expect("a request")).map(str::to_owned)
        };
        assert_eq!(name("/", &[]), None);
        assert_eq!(name("/", &["id.example"]).as_deref(), Some("id.example"));
        assert_eq!(name("/", &["id.example:8443"]).as_deref(), Some("id.example"));
        assert_eq!(name("/", &["[::1]:8080"]).as_deref(), Some("[::1]"));
        assert_eq!(name("/", &["a.example", "b.example"]).as_deref(), Some(""));
        assert_eq!(name("https://h2.example:1/x", &["other.example"]).as_deref(), Some("h2.example"));
    }
}
