//! Issuers that are trusted by their names alone: their metadata say where their keys are (OpenID Connect Discovery 1.0
//! section 4, RFC 8414 section 3), and are believed only where they are their own.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    admin::reason,
    dev::Tenant,
    party::{Party, random_text},
    program::Program,
};
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::{extend, until_offered};
use crate::{
    client_keys::{ClientKey, now},
    client_requests::published::Web,
    databases::{Database, Site},
};

const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const OPENID: &str = "/.well-known/openid-configuration";

#[tokio::test(flavor = "multi_thread")]
async fn t159_metadata_of_another_issuer_are_not_believed_on_sqlite() -> Result<()> {
    of(Database::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn t159_metadata_of_another_issuer_are_not_believed_on_postgres() -> Result<()> {
    of(Database::Postgres).await
}

async fn of(database: Database) -> Result<()> {
    let web = Web::open().await?;
    let (site, _roots) = web.site(database).await?;
    let tenant = &site.first;
    extend(&site.admin, tenant, tenant.confidential_client()?, json!({ "grantTypes": ["GRANT_TYPE_JWT_BEARER"] }))
        .await?;
    let on = json!({ "name": format!("tenants/{}", tenant.tenant), "settings": { "jwtBearer": true } });
    let message = json!({ "tenant": on, "updateMask": "settings.jwtBearer" });
    site.admin.call("TenantService/UpdateTenant", message).await?;
    until_offered(tenant, BEARER).await?;
    let upstream = Upstream {
        web: &web,
        site: &site,
        tenant,
        party: Party::discover(tenant, tenant.confidential_client()?).await?,
    };
    upstream.refused().await.context("refused at creation")?;
    upstream.believed().await.context("believed")?;
    upstream.later().await.context("another's later")
}

struct Upstream<'a> {
    web: &'a Web,
    site: &'a Site,
    tenant: &'a Tenant,
    party: Party,
}

impl Upstream<'_> {
    /// What is created under that id for that issuer, or why not.
    async fn create(&self, id: &str, issuer: &str, validate_only: bool) -> Result<Result<Value, Status>> {
        let trusted = json!({ "issuer": issuer, "discover": true, "algorithms": ["ES256"], "scopes": ["profile"],
            "subjectMapping": "SUBJECT_MAPPING_USERNAME", "clients": [self.party.client.client_id] });
        let parent = format!("tenants/{}", self.tenant.tenant);
        let message = json!({ "parent": parent, "trustedIssuerId": id, "trustedIssuer": trusted,
            "validateOnly": validate_only });
        self.site.admin.try_call("TrustedIssuerService/CreateTrustedIssuer", message).await
    }

    /// The ids of those that are there.
    async fn there(&self) -> Result<Vec<String>> {
        let parent = json!({ "parent": format!("tenants/{}", self.tenant.tenant) });
        let listed = self.site.admin.call("TrustedIssuerService/ListTrustedIssuers", parent).await?;
        let names = listed["trustedIssuers"].as_array().cloned().unwrap_or_default();
        Ok(names.iter().filter_map(|one| Some(one["name"].as_str()?.rsplit('/').next()?.to_owned())).collect())
    }

    /// What an assertion of that issuer about the tenant's user gets, signed by that key.
    async fn presents(&self, issuer: &str, key: &ClientKey) -> Result<(u16, String)> {
        let said = json!({ "iss": issuer, "sub": self.tenant.user()?.username, "aud": self.tenant.issuer,
            "iat": now(), "exp": now() + 60, "jti": random_text() });
        let assertion = key.sign("JWT", &said)?;
        let form = [("grant_type", BEARER), ("assertion", assertion.as_str()), ("scope", "profile")];
        let reply = self.party.token(&form).await?;
        let (status, error) = reply.refusal();
        Ok((status, error.to_owned()))
    }

    /// Nothing is stored of an issuer whose metadata are not good, whether it is tried or meant.
    async fn refused(&self) -> Result<()> {
        let (mismatch, unfit) =
            ((Code::InvalidArgument, "ISSUER_METADATA_MISMATCH"), (Code::FailedPrecondition, "ISSUER_METADATA_UNFIT"));
        let loud = self.web.uri("/loud").replace("localhost", "LOCALHOST");
        let good = |path: &str| json!({ "issuer": self.web.uri(path), "jwks_uri": self.web.uri("/stolen") });
        let whole = |head: &str, body: &str| {
            format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        };
        let with = |path: &str, member: &str, value: Value| {
            let mut metadata = good(path);
            metadata[member] = value;
            metadata.to_string()
        };
        self.web.publish("/elsewhere", &good("/moved").to_string());
        let moved = format!("302 Found\r\nLocation: {}", self.web.uri("/elsewhere"));
        for (path, metadata, expected) in [
            ("/other", with("/other", "issuer", json!(self.web.uri("/another"))), mismatch),
            ("/slash", with("/slash", "issuer", json!(self.web.uri("/slash/"))), mismatch),
            ("/loud", with("/loud", "issuer", json!(loud)), mismatch),
            ("/list", with("/list", "issuer", json!([self.web.uri("/list")])), mismatch),
            ("/nameless", json!({ "jwks_uri": self.web.uri("/stolen") }).to_string(), mismatch),
            ("/moved", whole(&moved, ""), unfit),
            ("/page", whole("200 OK\r\nContent-Type: text/html", &good("/page").to_string()), unfit),
            ("/array", "[]".to_owned(), unfit),
            ("/broken", good("/broken").to_string() + "}", unfit),
            ("/keyless", json!({ "issuer": self.web.uri("/keyless") }).to_string(), unfit),
            ("/private", with("/private", "jwks_uri", json!("https://10.0.0.1/jwks")), unfit),
            ("/inside", with("/inside", "jwks_uri", json!("https://[::1]/jwks")), unfit),
            ("/cloud", with("/cloud", "jwks_uri", json!("http://169.254.169.254/jwks")), unfit),
            ("/plain", with("/plain", "jwks_uri", json!(self.web.uri("/stolen").replace("https", "http"))), unfit),
        ] {
            self.web.publish(&format!("{path}{OPENID}"), &metadata);
            for validate_only in [true, false] {
                let refused = self.create("upstream", &self.web.uri(path), validate_only).await?;
                let status = refused.err().with_context(|| format!("{path} was taken"))?;
                let told = (status.code(), reason(&status));
                ensure!(told == (expected.0, Some(expected.1.to_owned())), "{path}: {status:?}");
            }
        }
        ensure!(self.web.asked("/elsewhere") + self.web.asked("/stolen") == 0, "nothing else is called");
        let absent = self.create("upstream", &self.web.uri("/absent"), false).await?.err().context("taken")?;
        ensure!(reason(&absent).as_deref() == Some("ISSUER_METADATA_UNFIT"), "{absent:?}");
        let plain = self.web.uri("/plain").replace("https", "http");
        for name in ["urn:idp", "https://10.0.0.1", "https://localhost:1/idp", &plain, &self.web.uri("/query?x=1")] {
            let status = self.create("upstream", name, false).await?.err().context("taken")?;
            let told = (status.code(), reason(&status));
            ensure!(told == (Code::InvalidArgument, Some("FIELD_INVALID".to_owned())), "{name}: {status:?}");
        }
        ensure!(self.there().await?.is_empty(), "something was stored");
        Ok(())
    }

    /// The good path, in both places where metadata may lie, by the API and on the command line.
    async fn believed(&self) -> Result<()> {
        let (key, stranger) = (ClientKey::generate("ES256")?, ClientKey::generate("ES256")?);
        self.web.publish("/jwks", &key.jwks()?);
        let (idp, company) = (self.web.uri("/idp"), self.web.uri("/company"));
        let metadata = |issuer: &str| json!({ "issuer": issuer, "jwks_uri": self.web.uri("/jwks") }).to_string();
        self.web.publish(&format!("/idp{OPENID}"), &metadata(&idp));
        self.web.publish("/.well-known/oauth-authorization-server/company", &metadata(&company));
        let tried = self.create("idp", &idp, true).await??;
        ensure!(tried["discover"] == true && self.there().await?.is_empty(), "{tried}");
        self.create("idp", &idp, false).await??;
        let client = self.party.client.client_id.as_str();
        let arguments = [
            "trusted-issuers",
            "create",
            &self.tenant.tenant,
            "company",
            "--issuer",
            &company,
            "--discover",
            "--algorithm",
            "ES256",
            "--subject-mapping",
            "username",
            "--client",
            client,
            "--scope",
            "profile",
        ];
        let installation = &self.site.installation;
        let connection = [
            ("CHANCERY_ADMIN_URL", installation.first.admin_url.as_str()),
            ("CHANCERY_ADMIN_KEY", installation.admin_key()),
        ];
        let made = Program::run_with(&arguments, &connection).await?;
        ensure!(made.code == Some(0), "{made:?}");
        ensure!(self.there().await? == ["company", "idp"]);
        for issuer in [&idp, &company] {
            let (status, error) = self.presents(issuer, &key).await?;
            ensure!(status == 200, "{issuer}: {status} {error}");
            ensure!(self.presents(issuer, &stranger).await? == (400, "invalid_grant".to_owned()));
        }
        Ok(())
    }

    /// Metadata that become another issuer's bring no keys.
    async fn later(&self) -> Result<()> {
        let (key, thief) = (ClientKey::generate("ES256")?, ClientKey::generate("ES256")?);
        self.web.publish("/taken/jwks", &key.jwks()?);
        self.web.publish("/thief/jwks", &thief.jwks()?);
        let (issuer, metadata) = (self.web.uri("/taken"), format!("/taken{OPENID}"));
        let own = json!({ "issuer": issuer, "jwks_uri": self.web.uri("/taken/jwks") });
        self.web.publish(&metadata, &own.to_string());
        self.create("taken", &issuer, false).await??;
        ensure!(self.web.asked(&metadata) == 1);
        let theirs = json!({ "issuer": self.web.uri("/thief"), "jwks_uri": self.web.uri("/thief/jwks") });
        self.web.publish(&metadata, &theirs.to_string());
        for signer in [&thief, &key] {
            ensure!(self.presents(&issuer, signer).await? == (400, "invalid_grant".to_owned()));
        }
        ensure!(self.web.asked(&metadata) >= 2, "they are read again with the keys");
        ensure!(self.web.asked("/thief/jwks") + self.web.asked("/taken/jwks") == 0, "no keys of anybody's");
        Ok(())
    }
}
