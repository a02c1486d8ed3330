//! Mutual TLS: operators who show a certificate.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use chancery_domain::role::BuiltInRole;
use chancery_tests::{installation::Installation, program::Program};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::{Pair, admin_url, bind, serve_with_tls, server_certificate};

#[tokio::test]
async fn an_operator_calls_with_a_certificate_that_has_a_role() -> Result<()> {
    let installation = Installation::on_sqlite().await?;
    bind(&installation, BuiltInRole::PlatformAuditor, "certificates/ops.example".parse()?).await?;
    let server = Pair::in_folder(&installation, "server");
    server.write(&server_certificate()?)?;

    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let client_ca = installation.folder().join("operators.pem").display().to_string();
    std::fs::write(&client_ca, authority.pem())?;
    let issue = |name: &str, days: u64| -> Result<Pair> {
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        params.not_before = SystemTime::now().into();
        params.not_after = (SystemTime::now() + Duration::from_secs(days * 86_400)).into();
        let key = KeyPair::generate()?;
        let pair = Pair::in_folder(&installation, &format!("{name}-{days}"));
        std::fs::write(&pair.certificate, params.signed_by(&key, &authority)?.pem())?;
        std::fs::write(&pair.key, key.serialize_pem())?;
        Ok(pair)
    };
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
    let known = issue("ops.example", 30)?;
    let listed = calls_as(&["tenants", "list"], &known).await?;
    assert!(listed.success, "{listed:?}");
    let denied = calls_as(&["tenants", "create", "acme"], &known).await?;
    assert!(denied.stderr.contains("PERMISSION_DENIED"), "{denied:?}");
    for other in [issue("other.example", 30)?, issue("ops.example", 91)?] {
        let refused = calls_as(&["tenants", "list"], &other).await?;
        assert!(refused.stderr.contains("CERTIFICATE_INVALID"), "{refused:?}");
    }
    let keyed = call(&["tenants", "list"], &["--admin-key", installation.admin_key()]).await?;
    assert!(keyed.success, "an API key needs no certificate: {keyed:?}");
    Ok(())
}
