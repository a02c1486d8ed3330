//! One small JSON document over HTTP, within bounds of time and size.

use std::time::Duration;

use http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use url::Url;

use super::{ProviderError, endpoint::Scheme};

/// An issuer that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// Longer documents are not read, in bytes.
const LONGEST: usize = 256 * 1024;

/// Calls one issuer.
pub(super) struct Fetch {
    pub(super) issuer: String,
    pub(super) scheme: Scheme,
    client: Option<reqwest::Client>,
}

impl Fetch {
    pub(super) fn new(issuer: String, client: Option<reqwest::Client>, scheme: Scheme) -> Self {
        let standard = || reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
        Self { issuer, scheme, client: client.or_else(|| standard().build().ok()) }
    }

    /// The document at that URL, and for how long it is fresh where its answer says so.
    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        what: &'static str,
        url: &str,
    ) -> Result<(T, Option<Duration>), ProviderError> {
        let refuse = |why: &dyn std::fmt::Display| self.refuse(what, why);
        let url = Url::parse(url).map_err(|error| refuse(&error))?;
        if !self.scheme.admits(&url) {
            return Err(refuse(&"the URL is not https"));
        }
        let client = self.client.as_ref().ok_or_else(|| refuse(&"no HTTP client can be built on this machine"))?;
        let call = client.get(url).header(header::ACCEPT, "application/json").timeout(PATIENCE);
        let mut answer = call.send().await.map_err(|error| refuse(&error.without_url()))?;
        if answer.status() != http::StatusCode::OK {
            return Err(refuse(&answer.status()));
        }
        let fresh = freshness(answer.headers());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| refuse(&error.without_url()))? {
            if body.len() + chunk.len() > LONGEST {
                return Err(refuse(&"the answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        // The text of a JSON error tells the place and not the content.
        let document = serde_json::from_slice(&body).map_err(|error| refuse(&error))?;
        Ok((document, fresh))
    }

    pub(super) fn refuse(&self, what: &'static str, why: &dyn std::fmt::Display) -> ProviderError {
        ProviderError { issuer: self.issuer.clone(), what, why: why.to_string() }
    }
}

/// `max-age` less `Age` (RFC 9111 section 4.2), where the answer has it.
fn freshness(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let directives = text(header::CACHE_CONTROL)?.split(',').map(str::trim);
    let max_age = directives.filter_map(|directive| directive.split_once('=')).find_map(|(name, value)| {
        name.eq_ignore_ascii_case("max-age").then(|| value.trim_matches('"').parse().ok()).flatten()
    })?;
    let age = text(header::AGE).and_then(|age| age.parse().ok()).unwrap_or_default();
    Some(Duration::from_secs(max_age).saturating_sub(Duration::from_secs(age)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_how_long_it_is_fresh() {
        let fresh = |control: &'static str, age: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CACHE_CONTROL, http::HeaderValue::from_static(control));
            headers.insert(header::AGE, http::HeaderValue::from_static(age));
            freshness(&headers)
        };
        assert_eq!(fresh("public, max-age=300", "0"), Some(Duration::from_secs(300)));
        assert_eq!(fresh("Max-Age=\"60\"", "20"), Some(Duration::from_secs(40)));
        assert_eq!(fresh("max-age=60", "90"), Some(Duration::ZERO));
        assert_eq!(fresh("no-store", "0"), None);
        assert_eq!(freshness(&HeaderMap::new()), None);
    }
}
