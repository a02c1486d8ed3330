//! Finding an issuer's keys by its name alone: its metadata tell their address, and are believed only where they say that
//! they are its own (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3).

use serde_json::Value;

use super::IssuerName;
use crate::{
    client::JwksUri,
    fault::Malformed,
    id::TenantId,
    outbound::{Document, RefusedUri},
    ports::outbound::{Fetch, OutboundError},
    strict_json,
};

/// How deep values in metadata may lie in one another.
const DEEPEST: u8 = 32;

/// Why nothing is known of where an issuer's keys are. Nothing of what was fetched is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDiscovered {
    /// Its name leads to no metadata.
    #[error("{0}")]
    Name(#[from] Malformed),
    /// Its name leads to a place that we do not call.
    #[error("its metadata lie at a place that is not called: it {0}")]
    Refused(RefusedUri),
    /// Its metadata could not be fetched.
    #[error("its metadata could not be fetched: {0}")]
    NotFetched(#[from] OutboundError),
    /// What is there are no metadata.
    #[error("its metadata are no JSON object")]
    NoMetadata,
    /// The metadata do not say that they are this issuer's (OpenID Connect Discovery 1.0 section 4.3, RFC 8414 section
    /// 3.3).
    #[error("the metadata are not of this issuer")]
    OtherIssuer,
    /// The metadata name no address of keys.
    #[error("its metadata have no jwks_uri that is a URL")]
    NoKeys,
    /// The metadata name an address that we do not call.
    #[error("its metadata have a jwks_uri that is not called: it {0}")]
    KeysRefused(RefusedUri),
}

impl IssuerName {
    /// Where its metadata are looked for, in that order: as OpenID Connect Discovery 1.0 section 4 has it, and where
    /// nothing is there, as RFC 8414 section 3.1 does.
    pub fn metadata_uris(&self) -> Result<[String; 2], Malformed> {
        let rule = "must be an https URL without query and fragment where its metadata are to be read";
        let wrong = || Malformed::new("issuer", rule);
        let is_url = |scheme: &str| matches!(scheme, "https" | "http");
        let (scheme, rest) = self.0.split_once("://").filter(|(scheme, _)| is_url(scheme)).ok_or_else(wrong)?;
        if rest.contains(['?', '#']) {
            return Err(wrong());
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Ok([
            format!("{scheme}://{rest}/.well-known/openid-configuration"),
            format!("{scheme}://{host}/.well-known/oauth-authorization-server{path}"),
        ])
    }

    /// The address of its keys, as its metadata tell it that tenant now.
    pub async fn discover(&self, fetch: &dyn Fetch, tenant: TenantId) -> Result<JwksUri, NotDiscovered> {
        let [first, second] = self.metadata_uris()?;
        let metadata = match metadata(fetch, tenant, &first).await {
            Err(NotDiscovered::NotFetched(OutboundError::Status(404))) => metadata(fetch, tenant, &second).await?,
            told => told?,
        };
        let members = strict_json::object(&metadata, DEEPEST).ok_or(NotDiscovered::NoMetadata)?;
        let member = |name| members.get(name).and_then(Value::as_str);
        if member("issuer") != Some(self.as_str()) {
            return Err(NotDiscovered::OtherIssuer);
        }
        let uri: JwksUri = member("jwks_uri").and_then(|text| text.parse().ok()).ok_or(NotDiscovered::NoKeys)?;
        fetch.check(uri.as_str()).map_err(NotDiscovered::KeysRefused)?;
        Ok(uri)
    }
}

async fn metadata(fetch: &dyn Fetch, tenant: TenantId, uri: &str) -> Result<bytes::Bytes, NotDiscovered> {
    let uri = fetch.check(uri).map_err(NotDiscovered::Refused)?;
    Ok(fetch.fetch(tenant, &uri, Document::IssuerMetadata).await?.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_are_looked_for_in_two_places() {
        for (issuer, first, second) in [
            (
                "https://a.example",
                "https://a.example/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server",
            ),
            (
                "https://a.example/",
                "https://a.example/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server",
            ),
            (
                "https://a.example:8443/t/x",
                "https://a.example:8443/t/x/.well-known/openid-configuration",
                "https://a.example:8443/.well-known/oauth-authorization-server/t/x",
            ),
            (
                "https://a.example/t/x/",
                "https://a.example/t/x/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server/t/x",
            ),
        ] {
            let name: IssuerName = issuer.parse().expect("a name");
            assert_eq!(name.metadata_uris(), Ok([first.to_owned(), second.to_owned()]), "{issuer}");
        }
    }

    #[test]
    fn a_name_that_is_no_plain_url_leads_nowhere() {
        for issuer in
            ["idp", "urn:idp:1", "ftp://a.example", "https://a.example?x=1", "https://a.example/#top", "//a.example"]
        {
            let name: IssuerName = issuer.parse().expect("a name");
            assert!(name.metadata_uris().is_err(), "{issuer}");
        }
    }
}
