//! Behind a proxy that ends the TLS.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Result, ensure};
use chancery_tests::{http::Reply, party::Party};
use reqwest::redirect::Policy;
use serde_json::json;

use super::{
    authority::Shown,
    scene::{Scene, believe},
};
use crate::{authorization::scene::confidential, databases::Database};

/// The one proxy, by its address.
const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// A site of its own, on the database of the scene's kind.
pub(super) async fn header(scene: &Scene) -> Result<()> {
    let on_postgres = scene.site.installation.database_url().starts_with("postgres");
    let database = if on_postgres { Database::Postgres } else { Database::Sqlite };
    let proxy = PROXY.to_string();
    let environment = [("CHANCERY_HTTP__TRUSTED_PROXIES", &*proxy), ("CHANCERY_HTTP__MTLS__HEADER", "Client-Cert")];
    let site = database.site_with(&environment).await?;
    believe(&site.admin, &site.first, &[scene.authority.pem()]).await?;
    let more = json!({ "authMethods": ["AUTH_METHOD_TLS_CLIENT_AUTH"], "tlsClientAuthSanDns": "proxied.example" });
    let party = confidential(&site.admin, &site.first, &more).await?;
    ensure!(party.metadata.get("mtls_endpoint_aliases").is_none(), "the usual addresses do: {}", party.metadata);

    let good = scene.authority.gives_to(&["proxied.example"])?;
    let other = scene.authority.gives_to(&["other.example"])?;
    sends(&party, PROXY, &[&good.header()]).await?.success()?;
    let jwks = json!({ "keys": [other.jwk()] }).to_string();
    let more = json!({ "authMethods": ["AUTH_METHOD_SELF_SIGNED_TLS_CLIENT_AUTH"], "jwks": jwks });
    let own = confidential(&site.admin, &site.first, &more).await?;
    sends(&own, PROXY, &[&other.header()]).await?.success()?;

    let behind = format!("{}x", good.header());
    for (who, headers) in [
        // The same header, written by whoever else reaches the listener.
        (Ipv4Addr::LOCALHOST, vec![good.header()]),
        (Ipv4Addr::new(127, 0, 0, 3), vec![good.header()]),
        // From the proxy: nothing, another certificate, two of them, and what is none.
        (PROXY, vec![]),
        (PROXY, vec![other.header()]),
        (PROXY, vec![good.header(), other.header()]),
        (PROXY, vec![behind]),
        (PROXY, vec![good.certificate.replace('\n', " ")]),
        (PROXY, vec!["::".to_owned()]),
    ] {
        let headers: Vec<_> = headers.iter().map(String::as_str).collect();
        let reply = sends(&party, who, &headers).await?;
        ensure!(reply.refusal() == (401, "invalid_client"), "{who} {headers:?}: {reply:?}");
    }
    named_otherwise(&party, &good).await
}

/// Headers of other names count nowhere.
async fn named_otherwise(party: &Party, good: &Shown) -> Result<()> {
    for name in ["x-client-cert", "ssl-client-cert", "x-forwarded-client-cert", "client-cert-chain"] {
        let post = from(PROXY)?.post(party.endpoint("token_endpoint")?).header(name, good.header());
        let reply = Reply::read(post.form(&form(party)).send().await?).await?;
        ensure!(reply.refusal() == (401, "invalid_client"), "{name}: {reply:?}");
    }
    Ok(())
}

async fn sends(party: &Party, who: Ipv4Addr, headers: &[&str]) -> Result<Reply> {
    let mut post = from(who)?.post(party.endpoint("token_endpoint")?);
    for header in headers {
        post = post.header("client-cert", *header);
    }
    Reply::read(post.form(&form(party)).send().await?).await
}

fn form(party: &Party) -> [(&str, &str); 2] {
    [("grant_type", "client_credentials"), ("client_id", party.client.client_id.as_str())]
}

fn from(address: Ipv4Addr) -> Result<reqwest::Client> {
    let builder = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
    Ok(builder.local_address(IpAddr::V4(address)).build()?)
}
