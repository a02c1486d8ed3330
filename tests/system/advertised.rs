//! The metadata tell the truth: whatever a tenant advertises is tried, value by value, and works, and what it does not
//! advertise is refused. A member that nobody tries here fails the test.

mod answers;
mod dpop;
mod grants;
mod proofs;
mod refusals;
mod requests;
mod signing_out;
mod tenants;
mod tokens;
mod trial;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::{client_requests::published::Web, databases::Database};
use trial::Trial;

#[tokio::test]
async fn p012_every_value_that_is_advertised_works_and_no_other_on_sqlite() -> Result<()> {
    every_tenant(Database::Sqlite).await
}

#[tokio::test]
async fn p012_every_value_that_is_advertised_works_and_no_other_on_postgres() -> Result<()> {
    every_tenant(Database::Postgres).await
}

async fn every_tenant(database: Database) -> Result<()> {
    let web = Web::open().await?;
    let (site, _roots) = web.site(database).await?;
    let applications = crate::logout::applications::Applications::start().await?;
    let mut untrue = Vec::new();
    for kind in tenants::KINDS {
        let trial = Trial::of(&site.admin, kind, &web, &applications).await.context(kind.slug)?;
        let members = trial.metadata().as_object().context("an object")?.clone();
        for (member, value) in &members {
            if let Err(why) = tried(&trial, member, value).await {
                untrue.push(format!("{member} of {}: {value}: {why:#}", kind.slug));
            }
        }
        if let Err(why) = refusals::all(&trial).await {
            untrue.push(format!("what {} does not advertise: {why:#}", kind.slug));
        }
        if let Err(why) = signing_out::exactly_when_on(&trial, &members).await {
            untrue.push(format!("signing out of {}: {why:#}", kind.slug));
        }
    }
    tenants::pushing(&site.admin).await?;
    ensure!(untrue.is_empty(), "{untrue:#?}");
    Ok(())
}

/// Tries what a member says.
async fn tried(trial: &Trial<'_>, member: &str, value: &Value) -> Result<()> {
    if value.as_array().is_some_and(Vec::is_empty) {
        bail!("nothing is offered");
    }
    match member {
        "issuer" => ensure!(value == trial.tenant.issuer.as_str()),
        "authorization_endpoint" | "token_endpoint" | "userinfo_endpoint" | "jwks_uri" => trial.signs_in().await?,
        "introspection_endpoint" | "revocation_endpoint" => trial.tells_and_takes_back().await?,
        "end_session_endpoint" => signing_out::end_session(trial).await?,
        "pushed_authorization_request_endpoint" => requests::pushed(trial).await?,
        "dpop_signing_alg_values_supported" => dpop::algorithms(trial).await?,
        "device_authorization_endpoint" => grants::device(trial).await?,
        "registration_endpoint" => requests::registered(trial).await?,
        "check_session_iframe" => signing_out::check_session(trial).await?,
        "scopes_supported" => answers::scopes(trial).await?,
        "claims_supported" => answers::claims(trial).await?,
        "claim_types_supported" => ensure!(*value == serde_json::json!(["normal"])),
        "subject_types_supported" => tokens::subjects(trial).await?,
        "response_types_supported" => answers::types(trial).await?,
        "response_modes_supported" => answers::modes(trial).await?,
        "grant_types_supported" => grants::all(trial).await?,
        "prompt_values_supported" => answers::prompts(trial).await?,
        "code_challenge_methods_supported" => answers::challenges(trial).await?,
        "acr_values_supported" => answers::acr(trial).await?,
        "display_values_supported" | "ui_locales_supported" => answers::pages(trial).await?,
        "authorization_response_iss_parameter_supported" => answers::issuer(trial).await?,
        "claims_parameter_supported" => ensure!(value == true),
        "id_token_signing_alg_values_supported" => tokens::id_tokens(trial).await?,
        "userinfo_signing_alg_values_supported" => tokens::userinfo(trial).await?,
        "introspection_signing_alg_values_supported" => tokens::introspection(trial).await?,
        "authorization_signing_alg_values_supported" => tokens::answers(trial).await?,
        "id_token_encryption_alg_values_supported" | "id_token_encryption_enc_values_supported" => {
            tokens::encrypted(trial, "id_token").await?;
        }
        "userinfo_encryption_alg_values_supported" | "userinfo_encryption_enc_values_supported" => {
            tokens::encrypted(trial, "userinfo").await?;
        }
        "authorization_encryption_alg_values_supported" | "authorization_encryption_enc_values_supported" => {
            tokens::encrypted(trial, "authorization").await?;
        }
        "token_endpoint_auth_methods_supported"
        | "revocation_endpoint_auth_methods_supported"
        | "introspection_endpoint_auth_methods_supported" => proofs::methods(trial, member).await?,
        "token_endpoint_auth_signing_alg_values_supported"
        | "revocation_endpoint_auth_signing_alg_values_supported"
        | "introspection_endpoint_auth_signing_alg_values_supported" => proofs::algorithms(trial, member).await?,
        "request_parameter_supported" => requests::by_value(trial).await?,
        "request_uri_parameter_supported" => requests::by_reference(trial).await?,
        "require_request_uri_registration" => requests::unregistered(trial).await?,
        "request_object_signing_alg_values_supported" => requests::algorithms(trial).await?,
        "request_object_encryption_alg_values_supported" | "request_object_encryption_enc_values_supported" => {
            requests::encrypted(trial).await?;
        }
        "require_pushed_authorization_requests" => ensure!(value == false, "plain requests were tried"),
        "backchannel_logout_supported" | "backchannel_logout_session_supported" => {
            ensure!(value == true);
            signing_out::backchannel(trial).await?;
        }
        "frontchannel_logout_supported" | "frontchannel_logout_session_supported" => {
            ensure!(value == true);
            signing_out::frontchannel(trial).await?;
        }
        _ => bail!("nobody tries this member"),
    }
    Ok(())
}
