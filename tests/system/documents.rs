//! Tenants as files: a copy issues the same tokens, a failure changes nothing, and of two appliers one wins.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::{
    admin::{Admin, reason},
    http::Http,
    installation::Installation,
    party::random_text,
    program::{Finished, Program},
};
use serde_json::{Map, Value, json};
use tonic::Code;

use crate::{
    client_keys::{ClientKey, now},
    databases::{Database, Site},
};

/// The operators' commands at an installation.
async fn command(installation: &Installation, arguments: &[&str]) -> Result<Finished> {
    let connection = [
        ("CHANCERY_ADMIN_URL", installation.first.admin_url.as_str()),
        ("CHANCERY_ADMIN_KEY", installation.admin_key()),
    ];
    Program::run_with(arguments, &connection).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_on_sqlite_issues_the_same_tokens() -> Result<()> {
    a_copy_issues_the_same_tokens(Database::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_on_postgres_issues_the_same_tokens() -> Result<()> {
    a_copy_issues_the_same_tokens(Database::Postgres).await
}

async fn a_copy_issues_the_same_tokens(database: Database) -> Result<()> {
    let Site { installation, admin, program: _program, .. } = database.site().await?;
    let scope = json!({ "parent": "tenants/acme", "scopeId": "reports-read", "scope": { "value": "reports.read" } });
    admin.call("ScopeService/CreateScope", scope).await?;
    let settings = json!({ "accessTokenTtl": "300s", "jwtBearer": true });
    let settings = json!({ "tenant": { "name": "tenants/acme", "settings": settings } });
    admin.call("TenantService/UpdateTenant", settings).await?;
    let grants = ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_CLIENT_CREDENTIALS", "GRANT_TYPE_JWT_BEARER"];
    let scopes = ["openid", "reports.read"];
    let update = json!({ "name": "tenants/acme/clients/backend-acme", "scopes": scopes, "grantTypes": grants });
    admin.call("ClientService/UpdateClient", json!({ "client": update })).await?;
    let key = ClientKey::generate("ES256")?;
    let trusted = json!({ "issuer": OUTSIDE, "jwks": key.jwks()?, "algorithms": ["ES256"], "subjects": ["job:7"],
        "subjectMapping": "SUBJECT_MAPPING_CLIENT", "clients": ["backend-acme"], "scopes": ["reports.read"] });
    let create = json!({ "parent": "tenants/acme", "trustedIssuerId": "outside", "trustedIssuer": trusted });
    admin.call("TrustedIssuerService/CreateTrustedIssuer", create).await?;

    let exported = command(&installation, &["export", "acme"]).await?;
    assert_eq!(exported.code, Some(0), "{exported:?}");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("acme.yaml");
    std::fs::write(&file, &exported.stdout)?;
    let file = file.display().to_string();
    let same = command(&installation, &["plan", "-f", &file, "--prune"]).await?;
    assert_eq!(same.code, Some(0), "{same:?}");

    let other = database.install().await?;
    let _serving = other.serve(&other.first).await?;
    let planned = command(&other, &["plan", "-f", &file]).await?;
    assert_eq!(planned.code, Some(2), "{planned:?}");
    let warned = "+ tenants/acme/trustedIssuers/outside\n        ! weakens security: ";
    assert!(planned.stdout.contains(warned), "{}", planned.stdout);
    let applied = command(&other, &["apply", "-f", &file, "--yes"]).await?;
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let planned = command(&other, &["plan", "-f", &file, "--prune"]).await?;
    assert_eq!(planned.code, Some(0), "{planned:?}");
    assert_eq!(command(&other, &["export", "acme"]).await?.stdout, exported.stdout);

    let ours = tokens(&installation, &key).await?;
    let theirs = tokens(&other, &key).await?;
    assert_eq!(ours, theirs, "but for issuer, keys, ids and times");
    let clean = command(&other, &["drift", "acme"]).await?;
    assert_eq!(clean.code, Some(0), "{clean:?}");
    let update = json!({ "tenant": { "name": "tenants/acme", "displayName": "By hand" } });
    other.admin(&other.first).await?.call("TenantService/UpdateTenant", update).await?;
    let drifted = command(&other, &["drift", "-f", &file]).await?;
    assert!(drifted.code == Some(2) && drifted.stdout.contains("By hand"), "{drifted:?}");
    Ok(())
}

/// The issuer whose assertions are taken at both.
const OUTSIDE: &str = "https://idp.outside.example";

/// The header and the claims of a token.
type Told = (Map<String, Value>, Map<String, Value>);

/// What tokens of the client say, one of its own and one for an assertion, without what is each deployment's own.
async fn tokens(installation: &Installation, key: &ClientKey) -> Result<[Told; 2]> {
    let admin = installation.admin(&installation.first).await?;
    let of = json!({ "parent": "tenants/acme/clients/backend-acme" });
    let secret = admin.call("ClientService/GenerateClientSecret", of).await?;
    let secret = secret["secret"].as_str().context("no secret")?.to_owned();
    let own = [("grant_type", "client_credentials"), ("scope", "reports.read")];
    let audience = format!("{}/t/acme", installation.public_url());
    let said = json!({ "iss": OUTSIDE, "sub": "job:7", "aud": audience, "iat": now(), "exp": now() + 60, "jti": random_text() });
    let assertion = key.sign("JWT", &said)?;
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let bearer = [("grant_type", grant), ("assertion", &*assertion), ("scope", "reports.read")];
    Ok([token(installation, &secret, &own).await?, token(installation, &secret, &bearer).await?])
}

async fn token(installation: &Installation, secret: &str, form: &[(&str, &str)]) -> Result<Told> {
    let http = Http::new()?;
    let url = format!("{}/t/acme/oauth2/token", installation.public_url());
    let request = http.post(&url)?.basic_auth("backend-acme", Some(secret));
    let answer: Value = request.form(form).send().await?.json().await?;
    let token = answer["access_token"].as_str().with_context(|| format!("{answer}"))?;
    let mut parts = token
        .split('.')
        .take(2)
        .map(|part| -> Result<Map<String, Value>> { Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?) });
    let (mut header, mut claims) = (parts.next().context("a header")??, parts.next().context("claims")??);
    let life = claims["exp"].as_i64().context("exp")? - claims["iat"].as_i64().context("iat")?;
    anyhow::ensure!((295..=300).contains(&life), "lives {life} s");
    for own in ["kid", "iss", "jti", "iat", "exp", "nbf"] {
        let found = [header.get_mut(own), claims.get_mut(own)];
        found.into_iter().flatten().for_each(|value| *value = Value::Null);
    }
    // The audience is made of the issuer where nobody names one.
    if claims.get("aud").and_then(Value::as_str).is_some_and(|aud| aud.starts_with(installation.public_url())) {
        claims.insert("aud".to_owned(), Value::Null);
    }
    Ok((header, claims))
}

fn write(folder: &Path, name: &str, redirect: &str) -> Result<()> {
    let text = format!(
        "# {name}\ntenant:\n  name: {name}\nclients:\n  - name: web\n    kind: web\n    auth_methods: [none]\n    \
         grant_types: [authorization_code]\n    redirect_uris:\n      - {redirect}\n"
    );
    Ok(std::fs::write(folder.join(format!("{name}.yaml")), text)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_one_tenant_stops_no_other_and_leaves_nothing() -> Result<()> {
    let installation = Database::Sqlite.install().await?;
    let _serving = installation.serve(&installation.first).await?;
    let folder = tempfile::tempdir()?;
    for name in ["alpha", "beta", "gamma"] {
        let redirect = if name == "beta" { "not-a-uri" } else { "https://a.example/cb" };
        write(folder.path(), name, redirect)?;
    }
    std::fs::write(folder.path().join("delta.yaml"), "tenant:\n  name: delta\n  profil: oidc\n")?;
    let folder_text = folder.path().display().to_string();
    let unasked = command(&installation, &["apply", "-f", &folder_text]).await?;
    assert!(unasked.code == Some(2) && unasked.stderr.contains("--yes"), "{unasked:?}");
    let tried = command(&installation, &["apply", "-f", &folder_text, "--dry-run"]).await?;
    assert_eq!(tried.code, Some(1), "{tried:?}");
    let applied = command(&installation, &["apply", "-f", &folder_text, "--yes"]).await?;
    assert_eq!(applied.code, Some(1), "{applied:?}");
    let beta = format!("{folder_text}/beta.yaml:10:9: clients[0].redirect_uris[0]");
    let delta = format!("{folder_text}/delta.yaml:3:3: there is no field `profil` here; did you mean `profile`?");
    assert!(applied.stdout.contains(&beta) && applied.stdout.contains(&delta), "{}", applied.stdout);
    assert!(applied.stdout.contains("2 changed (4 to create, 0 to change, 0 to delete)"), "{}", applied.stdout);
    let admin = installation.admin(&installation.first).await?;
    let tenants = admin.call("TenantService/ListTenants", json!({})).await?;
    let names: BTreeSet<_> =
        tenants["tenants"].as_array().context("a list")?.iter().filter_map(|tenant| tenant["name"].as_str()).collect();
    assert_eq!(names, BTreeSet::from(["tenants/alpha", "tenants/gamma"]));

    // Brought up to date, a file keeps what people wrote in it.
    let update = json!({ "tenant": { "name": "tenants/alpha", "displayName": "Alpha" } });
    admin.call("TenantService/UpdateTenant", update).await?;
    let file = folder.path().join("alpha.yaml");
    let updated = command(&installation, &["export", "alpha", "--update", &file.display().to_string()]).await?;
    assert_eq!(updated.code, Some(0), "{updated:?}");
    let text = std::fs::read_to_string(&file)?;
    assert!(text.starts_with("# alpha\n") && text.contains("display_name: Alpha"), "{text}");
    let planned = command(&installation, &["plan", "-f", &file.display().to_string(), "--prune"]).await?;
    assert_eq!(planned.code, Some(0), "{planned:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_applies_with_one_etag_one_wins_on_sqlite() -> Result<()> {
    of_two_applies_with_one_etag_one_wins(Database::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_applies_with_one_etag_one_wins_on_postgres() -> Result<()> {
    of_two_applies_with_one_etag_one_wins(Database::Postgres).await
}

async fn of_two_applies_with_one_etag_one_wins(database: Database) -> Result<()> {
    let Site { admin, program: _program, .. } = database.site().await?;
    for round in 0..5 {
        let exported =
            admin.call("TenantDocumentService/ExportTenantDocument", json!({ "name": "tenants/acme" })).await?;
        let apply = |at: usize| {
            let (admin, mut document): (Admin, Value) = (admin.clone(), exported.clone());
            // Each changes a thing of its own, so that nothing but the document itself is in their way.
            let scope =
                json!({ "name": format!("tenants/acme/scopes/s-{round}-{at}"), "value": format!("{round}.{at}") });
            match document["scopes"].as_array_mut() {
                Some(scopes) => scopes.push(scope),
                None => document["scopes"] = json!([scope]),
            }
            async move {
                let request = json!({ "tenantDocument": document, "prune": true });
                admin.try_call("TenantDocumentService/ApplyTenantDocument", request).await
            }
        };
        let (first, second, third) = tokio::join!(apply(0), apply(1), apply(2));
        let (won, lost): (Vec<_>, Vec<_>) = [first?, second?, third?].into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 2), "{lost:?}");
        for status in lost.into_iter().filter_map(Result::err) {
            assert_eq!((status.code(), reason(&status).as_deref()), (Code::Aborted, Some("ETAG_MISMATCH")));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn where_previews_are_required_commands_plan_first_and_programs_have_to() -> Result<()> {
    let installation = Database::Sqlite.install().await?;
    let config = std::fs::read_to_string(&installation.first.config)?;
    let required = "preview_required = [\"tenants.update\", \"clients.delete\"]\n\n[database]";
    std::fs::write(&installation.first.config, config.replacen("[database]", required, 1))?;
    let _serving = installation.serve(&installation.first).await?;
    let folder = tempfile::tempdir()?;
    write(folder.path(), "alpha", "https://a.example/cb")?;
    let file = folder.path().join("alpha.yaml").display().to_string();
    let made = command(&installation, &["apply", "-f", &file, "--yes"]).await?;
    assert_eq!(made.code, Some(0), "{made:?}");

    let admin = installation.admin(&installation.first).await?;
    let name = json!({ "name": "tenants/alpha" });
    let mut document = admin.call("TenantDocumentService/ExportTenantDocument", name).await?;
    document["clients"] = json!([]);
    let request = json!({ "tenantDocument": document, "prune": true });
    let refused = admin.try_call("TenantDocumentService/ApplyTenantDocument", request).await?;
    let status = refused.err().context("applied unseen")?;
    assert_eq!((status.code(), reason(&status).as_deref()), (Code::FailedPrecondition, Some("PREVIEW_REQUIRED")));

    std::fs::write(folder.path().join("alpha.yaml"), "tenant:\n  name: alpha\n  display_name: Alpha\n")?;
    let applied = command(&installation, &["apply", "-f", &file, "--prune", "--yes"]).await?;
    assert!(applied.code == Some(0) && applied.stdout.contains("1 to change, 1 to delete"), "{applied:?}");
    Ok(())
}
