//! Mutual TLS: operators who show a certificate.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use chancery_domain::{role::BuiltInRole, time::Clock};
use chancery_tests::program::Program;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::{Now, Pair, admin_url, bind, serve_with_tls, server_certificate, told};
use crate::databases::Database;

#[tokio::test]
async fn t278_a_certificate_counts_with_its_name_its_time_and_its_authority_on_sqlite() -> Result<()> {
    a_certificate_counts(Database::Sqlite).await
}

#[tokio::test]
async fn t278_a_certificate_counts_with_its_name_its_time_and_its_authority_on_postgres() -> Result<()> {
    a_certificate_counts(Database::Postgres).await
}

async fn a_certificate_counts(database: Database) -> Result<()> {
    let installation = database.install().await?;
    bind(&installation, BuiltInRole::PlatformAuditor, "certificates/ops.example".parse()?).await?;
    let server = Pair::in_folder(&installation, "server");
    server.write(&server_certificate()?)?;

    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let stranger = CertifiedIssuer::self_signed(params.clone(), KeyPair::generate()?)?;
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let client_ca = installation.folder().join("operators.pem").display().to_string();
    std::fs::write(&client_ca, authority.pem())?;
    let day = Duration::from_secs(86_400);
    let by =
        |authority: &CertifiedIssuer<'_, KeyPair>, file: &str, names: &[&str], from: SystemTime, to: SystemTime| {
            let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
            params.not_before = from.into();
            params.not_after = to.into();
            let key = KeyPair::generate()?;
            let pair = Pair::in_folder(&installation, file);
            std::fs::write(&pair.certificate, params.signed_by(&key, authority)?.pem())?;
            std::fs::write(&pair.key, key.serialize_pem())?;
            anyhow::Ok(pair)
        };
    let now = UNIX_EPOCH + Duration::from_millis(Now.now().millis().unsigned_abs());
    let issue = |file: &str, names: &[&str], days: u32| by(&authority, file, names, now, now + day * days);
    let _program = serve_with_tls(&installation, &server, &[("CHANCERY_ADMIN__CLIENT_CA", &client_ca)]).await?;

    let url = admin_url(&installation);
    let call = async |verb: &[&str], shown: &[&str]| {
        let place = ["--admin-url", &*url, "--ca-file", &*server.certificate];
        Program::run(&[verb, &place, shown].concat()).await
    };
    let show = |pair: &Pair| {
        ["--client-certificate", &*pair.certificate, "--client-key", &*pair.key].map(str::to_owned).to_vec()
    };
    let calls_as = async |verb: &[&str], pair: &Pair| {
        let shown = show(pair);
        call(verb, &shown.iter().map(String::as_str).collect::<Vec<_>>()).await
    };
    let known = issue("known", &["ops.example"], 30)?;
    let listed = calls_as(&["tenants", "list"], &known).await?;
    assert!(listed.success, "{listed:?}");
    let denied = calls_as(&["tenants", "create", "acme"], &known).await?;
    assert!(denied.stderr.contains("PERMISSION_DENIED"), "{denied:?}");
    for other in [
        issue("other-name", &["other.example"], 30)?,
        issue("two-names", &["ops.example", "other.example"], 30)?,
        issue("inside-a-name", &["ops.example.other.example"], 30)?,
        issue("long-life", &["ops.example"], 91)?,
    ] {
        let refused = calls_as(&["tenants", "list"], &other).await?;
        assert!(refused.stderr.contains("CERTIFICATE_INVALID"), "{refused:?}");
    }
    // These get no connection on which a call could be made.
    for other in [
        by(&authority, "expired", &["ops.example"], now - day * 30, now - day)?,
        by(&authority, "early", &["ops.example"], now + day, now + day * 30)?,
        by(&stranger, "stranger", &["ops.example"], now, now + day * 30)?,
    ] {
        let refused = calls_as(&["tenants", "list"], &other).await?;
        assert!(!refused.success && refused.stdout.is_empty(), "{refused:?}");
    }
    let keyed = call(&["tenants", "list"], &["--admin-key", installation.admin_key()]).await?;
    assert!(keyed.success, "an API key needs no certificate: {keyed:?}");

    // Taking the role away is what revokes a certificate.
    let owner = ["--admin-url", &*url, "--ca-file", &*server.certificate, "--admin-key", installation.admin_key()];
    let bindings = told(&[&["role-bindings", "list"][..], &owner].concat()).await?;
    let bindings = bindings.as_array().cloned().unwrap_or_default();
    let of_ops = bindings.iter().find(|binding| binding["member"] == "certificates/ops.example");
    let name = of_ops.and_then(|binding| binding["name"].as_str()).context("no binding")?;
    let id = name.rsplit('/').next().unwrap_or_default();
    let deleted = Program::run(&[&["role-bindings", "delete", id][..], &owner].concat()).await?;
    assert!(deleted.success, "{deleted:?}");
    let revoked = calls_as(&["tenants", "list"], &known).await?;
    assert!(revoked.stderr.contains("CERTIFICATE_INVALID"), "{revoked:?}");
    Ok(())
}
