//! Over TLS that we end ourselves.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    http::Reply,
    installation::found,
    party::{Party, claims},
};
use hyper::Version;
use rcgen::{DnType, DnValue, KeyPair, SanType};
use serde_json::{Value, json};

use super::{
    authority::{Authority, Shown, ended, named, wanted},
    scene::{Scene, believe},
};
use crate::authorization::scene::confidential;

/// An endpoint, what is asked of it, and the status of the answer.
type Place = (&'static str, &'static [(&'static str, &'static str)], u16);

/// Every place where clients prove themselves, with something that whoever does is answered with.
const PLACES: [Place; 5] = [
    ("token_endpoint", &[("grant_type", "client_credentials")], 200),
    ("introspection_endpoint", &[("token", "a.b.c")], 200),
    ("revocation_endpoint", &[("token", "a.b.c")], 200),
    ("pushed_authorization_request_endpoint", &[("response_type", "code")], 400),
    ("device_authorization_endpoint", &[("scope", "openid")], 200),
];

pub(super) async fn everywhere(scene: &Scene) -> Result<()> {
    let host = json!({ "tlsClientAuthSanDns": "everywhere.example", "authMethods": ["AUTH_METHOD_TLS_CLIENT_AUTH"],
        "grantTypes": ["GRANT_TYPE_CLIENT_CREDENTIALS", "GRANT_TYPE_DEVICE_CODE"] });
    let party = confidential(&scene.site.admin, &scene.site.first, &host).await?;
    let good = scene.authority.gives_to(&["everywhere.example"])?;
    let bad = scene.authority.gives_to(&["elsewhere.example"])?;
    for (endpoint, form, status) in PLACES {
        let reply = scene.call(&party, Some(&good), endpoint, form).await?;
        ensure!(reply.status == status && reply.refusal().1 != "invalid_client", "{endpoint}: {reply:?}");
        for shown in [Some(&bad), None] {
            let reply = scene.call(&party, shown, endpoint, form).await?;
            ensure!(reply.refusal() == (401, "invalid_client"), "{endpoint}: {reply:?}");
        }
        // At the usual address nobody was asked for a certificate.
        let reply = party.call(endpoint, form).await?;
        ensure!(reply.refusal() == (401, "invalid_client"), "{endpoint}: {reply:?}");
    }
    Ok(())
}

pub(super) async fn names(scene: &Scene) -> Result<()> {
    let mut params = wanted(&["names.example", "192.0.2.7", "2001:db8::7"])?;
    params.subject_alt_names.push(SanType::URI("spiffe://example/names".try_into()?));
    params.subject_alt_names.push(SanType::Rfc822Name("names@example.com".try_into()?));
    let subject =
        [(DnType::CountryName, "AT"), (DnType::OrganizationName, "Names, Inc"), (DnType::CommonName, "names")];
    let shown = scene.authority.gives(&named(params, &subject))?;
    for (member, name) in [
        ("tlsClientAuthSubjectDn", r"CN=names,O=Names\, Inc,C=AT"),
        ("tlsClientAuthSanDns", "Names.example"),
        ("tlsClientAuthSanUri", "spiffe://example/names"),
        ("tlsClientAuthSanIp", "192.0.2.7"),
        ("tlsClientAuthSanIp", "2001:DB8::0007"),
        ("tlsClientAuthSanEmail", "names@example.com"),
    ] {
        let party = scene.known_by(member, name).await?;
        scene.takes(&party, &shown).await?;
        scene.refuses(&party, None).await?;
    }
    Ok(())
}

pub(super) async fn expired(scene: &Scene) -> Result<()> {
    let party = scene.known_by("tlsClientAuthSanDns", "expired.example").await?;
    let old = ended(wanted(&["expired.example"])?);
    scene.refuses(&party, Some(&scene.authority.gives(&old)?)).await?;
    let own = Shown::of_its_own(&old)?;
    let self_made = scene.known_by_keys(&[own.jwk(), own.jwk_with_certificate()]).await?;
    scene.refuses(&self_made, Some(&own)).await?;
    scene.takes(&party, &scene.authority.gives_to(&["expired.example"])?).await
}

pub(super) async fn other_names(scene: &Scene) -> Result<()> {
    let party = scene.known_by("tlsClientAuthSanDns", "own.example").await?;
    for other in ["other.example", "sub.own.example", "example", "own.example.other.example", "xown.example"] {
        scene.refuses(&party, Some(&scene.authority.gives_to(&[other])?)).await?;
    }
    let mut elsewhere = wanted(&[])?;
    elsewhere.subject_alt_names.push(SanType::URI("https://own.example".try_into()?));
    elsewhere.subject_alt_names.push(SanType::Rfc822Name("own@own.example".try_into()?));
    scene.refuses(&party, Some(&scene.authority.gives(&elsewhere)?)).await?;
    scene.takes(&party, &scene.authority.gives_to(&["first.example", "own.example"])?).await
}

pub(super) async fn wildcards(scene: &Scene) -> Result<()> {
    let party = scene.known_by("tlsClientAuthSanDns", "app.wild.example").await?;
    for wild in ["*.wild.example", "*", "*.example", "a*.wild.example"] {
        let mut params = wanted(&[])?;
        params.subject_alt_names.push(SanType::DnsName(wild.try_into()?));
        scene.refuses(&party, Some(&scene.authority.gives(&params)?)).await?;
    }
    // Nor can one be registered, which would then be found in every certificate that has it.
    ensure!(scene.known_by("tlsClientAuthSanDns", "*.wild.example").await.is_err());
    scene.takes(&party, &scene.authority.gives_to(&["app.wild.example"])?).await
}

pub(super) async fn common_names(scene: &Scene) -> Result<()> {
    for (member, name) in [
        ("tlsClientAuthSanDns", "common.example"),
        ("tlsClientAuthSanUri", "https://common.example"),
        ("tlsClientAuthSanIp", "192.0.2.9"),
        ("tlsClientAuthSanEmail", "common@example.com"),
    ] {
        let party = scene.known_by(member, name).await?;
        let alone = named(wanted(&[])?, &[(DnType::CommonName, name)]);
        scene.refuses(&party, Some(&scene.authority.gives(&alone)?)).await?;
    }
    Ok(())
}

pub(super) async fn odd_names(scene: &Scene) -> Result<()> {
    let party = scene.known_by("tlsClientAuthSubjectDn", "CN=odd,O=Bank,C=AT").await?;
    let with = |name: &[(DnType, &str)]| scene.authority.gives(&named(wanted(&[])?, name));
    let (common, organization, country) = (DnType::CommonName, DnType::OrganizationName, DnType::CountryName);
    let odd = [
        // What reads the same as text, and is not.
        with(&[(common.clone(), "odd,O=Bank,C=AT")])?,
        with(&[(country.clone(), "AT"), (common.clone(), "odd,O=Bank")])?,
        with(&[(country.clone(), "AT"), (organization.clone(), "Bank+CN=odd")])?,
        with(&[(country.clone(), "AT"), (organization.clone(), "Bank"), (common.clone(), "odd\0")])?,
        with(&[(country.clone(), "AT"), (organization.clone(), "Bank"), (common.clone(), "odd\\")])?,
        // Another order, another case, a part more and a part less.
        with(&[(common.clone(), "odd"), (organization.clone(), "Bank"), (country.clone(), "AT")])?,
        with(&[(country.clone(), "AT"), (organization.clone(), "BANK"), (common.clone(), "odd")])?,
        with(&[(country.clone(), "AT"), (organization.clone(), "Bank"), (common.clone(), " odd")])?,
        with(&[(organization.clone(), "Bank"), (common.clone(), "odd")])?,
        with(&[
            (country.clone(), "AT"),
            (organization.clone(), "Bank"),
            (DnType::OrganizationalUnitName, "x"),
            (common.clone(), "odd"),
        ])?,
        with(&[(country.clone(), "AT"), (organization.clone(), "Bank"), (DnType::OrganizationalUnitName, "odd")])?,
        // A name of an authority's that says nothing at all.
        scene.authority.gives_to(&["odd.example"])?,
    ];
    for shown in &odd {
        scene.refuses(&party, Some(shown)).await?;
    }
    // How the characters are encoded does not matter, as long as everybody reads the same ones.
    let mut params = named(wanted(&[])?, &[(country, "AT")]);
    params.distinguished_name.push(organization, DnValue::PrintableString("Bank".try_into()?));
    params.distinguished_name.push(common.clone(), DnValue::BmpString("odd".try_into()?));
    scene.takes(&party, &scene.authority.gives(&params)?).await?;
    let mut teletex = named(wanted(&[])?, &[(DnType::CountryName, "AT"), (DnType::OrganizationName, "Bank")]);
    teletex.distinguished_name.push(common, DnValue::TeletexString("odd".try_into()?));
    scene.refuses(&party, Some(&scene.authority.gives(&teletex)?)).await
}

/// An authority counts for the tenant that names it, and for what it may say.
pub(super) async fn others(scene: &Scene) -> Result<()> {
    let party = scene.known_by("tlsClientAuthSanDns", "others.example").await?;
    let stranger = Authority::new("known")?;
    for shown in [
        stranger.gives_to(&["others.example"])?,
        scene.of_second.gives_to(&["others.example"])?,
        Shown::of_its_own(&wanted(&["others.example"])?)?,
    ] {
        scene.refuses(&party, Some(&shown)).await?;
    }
    let mut for_servers = wanted(&["others.example"])?;
    for_servers.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    scene.refuses(&party, Some(&scene.authority.gives(&for_servers)?)).await?;
    scene.takes(&party, &scene.authority.gives_to(&["others.example"])?).await?;

    // What the tenant no longer believes counts no longer.
    let admin = &scene.site.admin;
    let tenant = found(admin, "fickle", "PROFILE_OAUTH21").await?;
    believe(admin, &tenant, &[scene.of_second.pem()]).await?;
    let more = json!({ "authMethods": ["AUTH_METHOD_TLS_CLIENT_AUTH"], "tlsClientAuthSanDns": "fickle.example" });
    let party = confidential(admin, &tenant, &more).await?;
    let shown = scene.of_second.gives_to(&["fickle.example"])?;
    scene.takes(&party, &shown).await?;
    believe(admin, &tenant, &[]).await?;
    scene.refuses(&party, Some(&shown)).await?;
    believe(admin, &tenant, &[scene.authority.pem(), scene.of_second.pem()]).await?;
    scene.takes(&party, &shown).await
}

pub(super) async fn other_methods(scene: &Scene) -> Result<()> {
    let shown = scene.authority.gives_to(&["methods.example"])?;
    let by_name = scene.known_by("tlsClientAuthSanDns", "methods.example").await?;
    let by_key = scene.known_by_keys(&[Shown::of_its_own(&wanted(&[])?)?.jwk()]).await?;
    scene.refuses(&by_key, Some(&shown)).await?;
    let with_secret = confidential(&scene.site.admin, &scene.site.first, &json!({})).await?;
    scene.refuses(&with_secret, Some(&shown)).await?;
    // A secret that a client has besides proves nothing, with a certificate or without.
    let secret = by_name.client.client_secret.clone().unwrap_or_else(|| "chx_wrong".to_owned());
    let posted = [("grant_type", "client_credentials"), ("client_secret", secret.as_str())];
    for shown in [Some(&shown), None] {
        let reply = scene.call(&by_name, shown, "token_endpoint", &posted).await?;
        ensure!(reply.refusal() == (401, "invalid_client"), "{reply:?}");
    }
    // A client that proves itself by its secret may do so where certificates are asked for.
    let own = with_secret.client.client_secret.clone().unwrap_or_default();
    let posted = [("grant_type", "client_credentials"), ("client_secret", own.as_str())];
    for shown in [Some(&shown), None] {
        scene.call(&with_secret, shown, "token_endpoint", &posted).await?.success()?;
    }
    Ok(())
}

pub(super) async fn self_signed(scene: &Scene) -> Result<()> {
    let key = KeyPair::generate()?;
    let shown = Shown::renewed(&wanted(&["whoever.example"])?, &key)?;
    let renewed = Shown::renewed(&named(wanted(&[])?, &[(DnType::CommonName, "somebody")]), &key)?;
    let by_key = scene.known_by_keys(&[shown.jwk()]).await?;
    scene.takes(&by_key, &shown).await?;
    scene.takes(&by_key, &renewed).await?;
    let by_certificate = scene.known_by_keys(&[shown.jwk_with_certificate()]).await?;
    scene.takes(&by_certificate, &shown).await?;
    scene.refuses(&by_certificate, Some(&renewed)).await?;
    for party in [&by_key, &by_certificate] {
        scene.refuses(party, Some(&Shown::of_its_own(&wanted(&["whoever.example"])?)?)).await?;
        scene.refuses(party, Some(&scene.authority.gives_to(&["whoever.example"])?)).await?;
    }
    Ok(())
}

/// Where the handshake tells the certificate, a header tells nothing.
pub(super) async fn forged(scene: &Scene) -> Result<()> {
    let party = scene.known_by("tlsClientAuthSanDns", "forged.example").await?;
    let good = scene.authority.gives_to(&["forged.example"])?;
    let other = scene.authority.gives_to(&["other.example"])?;
    let place = party.metadata["mtls_endpoint_aliases"]["token_endpoint"].as_str().unwrap_or_default();
    let form = [("grant_type", "client_credentials"), ("client_id", party.client.client_id.as_str())];
    for shown in [Some(&other), None] {
        let post = scene.door.caller(shown)?.post(place).header("client-cert", good.header()).form(&form);
        let reply = Reply::read(post.send().await?).await?;
        ensure!(reply.refusal() == (401, "invalid_client"), "{reply:?}");
    }
    let post = scene.door.caller(Some(&good))?.post(place).header("client-cert", other.header()).form(&form);
    Reply::read(post.send().await?).await?.success().map(drop)
}

/// What is no token is refused as it is over HTTP/1.1, however long it is.
pub(super) async fn odd_headers(scene: &Scene) -> Result<()> {
    let party = Party::discover(&scene.site.first, scene.site.first.public_client()?).await?;
    let place = party.metadata["mtls_endpoint_aliases"]["userinfo_endpoint"].as_str().context("no alias")?;
    let long = format!("Bearer {}", "x".repeat(65_536));
    for odd in ["Bearer\tx", "Bearer x, Basic eDp5", "Basic eDp5, Bearer x", "Bearer Bearer x", &long] {
        let answer = scene.door.caller(None)?.get(place).header("authorization", odd).send().await?;
        ensure!(answer.version() == Version::HTTP_2, "{answer:?}");
        let reply = Reply::read(answer).await?;
        ensure!(matches!(reply.status, 400 | 401), "{odd:.30}: {reply:?}");
        ensure!(reply.header("www-authenticate").starts_with("Bearer"), "{odd:.30}: {reply:?}");
    }
    Ok(())
}

/// The listener for certificates has nothing for them.
pub(super) async fn browsers(scene: &Scene) -> Result<()> {
    let there = format!("{}/t/{}", scene.door.url, scene.site.first.tenant);
    for path in ["/oauth2/authorize?client_id=x", "/signin", "/oauth2/logout", "/.well-known/openid-configuration", "/"]
    {
        let status = scene.door.caller(None)?.get(format!("{there}{path}")).send().await?.status();
        ensure!(status == 404, "{path}: {status}");
    }
    ensure!(scene.door.caller(None)?.get(format!("{}/readyz", scene.door.url)).send().await?.status() == 200);
    let party = Party::discover(&scene.site.first, scene.site.first.public_client()?).await?;
    let aliases = party.metadata["mtls_endpoint_aliases"].as_object().cloned().unwrap_or_default();
    for name in aliases.keys() {
        let usual = party.endpoint(name)?.trim_start_matches(scene.site.installation.public_url());
        ensure!(aliases[name] == format!("{}{usual}", scene.door.url), "{name}: {aliases:?}");
    }
    ensure!(aliases.len() == 6 && !aliases.contains_key("authorization_endpoint"), "{aliases:?}");
    Ok(())
}

pub(super) async fn code(scene: &Scene) -> Result<()> {
    let party = scene.known_by("tlsClientAuthSanDns", "code.example").await?;
    let shown = scene.authority.gives_to(&["code.example"])?;
    let user = scene.site.first.user()?;
    let attempt = party.begin("openid offline_access", &[("prompt", "consent")])?;
    let code = party.obtain_code(&mut Browser::new()?, user, &attempt).await?;
    let redirect_uri = party.redirect_uri()?;
    let grant = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", redirect_uri)];
    let redeem = [&grant[..], &[("code_verifier", attempt.verifier.as_str())]].concat();
    let stranger = scene.authority.gives_to(&["stranger.example"])?;
    let refused = scene.call(&party, Some(&stranger), "token_endpoint", &redeem).await?;
    ensure!(refused.refusal() == (401, "invalid_client"), "{refused:?}");
    let tokens = scene.call(&party, Some(&shown), "token_endpoint", &redeem).await?.success()?;
    let text = |name: &str| tokens[name].as_str().unwrap_or_default().to_owned();
    ensure!(claims(&text("id_token"))?["iss"] == scene.site.first.issuer.as_str());
    let refresh = text("refresh_token");
    let again = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    ensure!(scene.call(&party, None, "token_endpoint", &again).await?.refusal() == (401, "invalid_client"));
    scene.call(&party, Some(&shown), "token_endpoint", &again).await?.success()?;
    let about: Value = party.userinfo(&text("access_token")).await?.success()?;
    ensure!(about["sub"].is_string(), "{about}");
    Ok(())
}
