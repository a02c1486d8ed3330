//! Certified software that others wrote completes each of its flows: every one on its own, on both databases, at a tenant on
//! the profile `oidc`. `tests/world/README.md` tells which software shows what.
//!
//! The flows of a database share one site.

mod answers;
mod apache;
mod dpop;
mod encrypted;
mod grants;
pub(crate) mod scene;

use anyhow::Result;

use crate::databases::Database;

/// Makes of each flow, a function with what it is given beside the scene, a test on SQLite and one on PostgreSQL.
macro_rules! on_both {
    ($($name:ident = $flow:path $(, $given:expr)*;)*) => {
        mod on_sqlite {
            use super::*;
            $(#[test] fn $name() -> Result<()> { on_both!(Sqlite, $flow $(, $given)*) })*
        }
        mod on_postgres {
            use super::*;
            $(#[test] fn $name() -> Result<()> { on_both!(Postgres, $flow $(, $given)*) })*
        }
    };
    ($database:ident, $flow:path $(, $given:expr)*) => {
        scene::on(Database::$database, async |scene| $flow(scene $(, $given)*).await)
    };
}

on_both! {
    openid_client_takes_an_answer_by_form_post = answers::openid_client, "form_post", "posted";
    openid_client_takes_a_hybrid_answer = answers::openid_client, "hybrid", "fragment";
    openid_client_takes_a_hybrid_answer_by_form_post = answers::openid_client, "hybrid_form_post", "posted";
    openid_client_takes_an_implicit_answer = answers::openid_client, "implicit", "fragment";
    openid_client_takes_an_implicit_answer_by_form_post = answers::openid_client, "implicit_form_post", "posted";
    openid_client_takes_a_signed_answer = answers::openid_client, "jarm", "query";
    openid_client_takes_a_signed_answer_to_a_pushed_request = answers::openid_client, "jarm_pushed", "query";
    oauth4webapi_takes_an_answer = answers::oauth4webapi, "query";
    oauth4webapi_takes_an_answer_by_form_post = answers::oauth4webapi, "form_post";
    oauth4webapi_takes_a_hybrid_answer = answers::oauth4webapi, "hybrid";
    oauth4webapi_takes_a_hybrid_answer_by_form_post = answers::oauth4webapi, "hybrid_form_post";
    oauth4webapi_takes_a_detached_signature = answers::oauth4webapi, "detached";
    oauth4webapi_takes_a_detached_signature_by_form_post = answers::oauth4webapi, "detached_form_post";
    oauth4webapi_takes_a_signed_answer = answers::oauth4webapi, "jarm";
    oauth4webapi_takes_a_signed_answer_by_form_post = answers::oauth4webapi, "jarm_form_post";
    oauth4webapi_connects_a_device = grants::device, "oauth4webapi_grants.mjs";
    oauth4webapi_exchanges_a_token = grants::exchange, "oauth4webapi_grants.mjs";
    oauth4webapi_presents_an_assertion = grants::jwt_bearer, "oauth4webapi_grants.mjs";
    authlib_takes_a_code = answers::authlib, &["code"];
    authlib_takes_implicit_answers = answers::authlib, &["id_token", "id_token token"];
    authlib_takes_hybrid_answers = answers::authlib, &["code id_token", "code token", "code id_token token"];
    authlib_takes_a_signed_answer = answers::authlib_signed;
    authlib_connects_a_device = grants::device, "authlib_grants.py";
    authlib_exchanges_a_token = grants::exchange, "authlib_grants.py";
    authlib_presents_an_assertion = grants::jwt_bearer, "authlib_grants.py";
    pyjwt_verifies_what_leaves_through_the_browser = answers::pyjwt;
    openid_client_decrypts = encrypted::nested, "openid_encrypted.mjs";
    oauth4webapi_decrypts = encrypted::nested, "oauth4webapi_encrypted.mjs";
    jose_decrypts = encrypted::plain, "jose_encrypted.mjs";
    authlib_decrypts = encrypted::nested, "authlib_encrypted.py";
    openid_client_proves_a_key = dpop::flows, "openid_dpop.mjs";
    oauth4webapi_proves_a_key = dpop::flows, "oauth4webapi_dpop.mjs";
    mod_auth_openidc_takes_a_code = apache::code;
    mod_auth_openidc_takes_an_answer_by_form_post = apache::form_post;
    mod_auth_openidc_takes_hybrid_answers = apache::each, &["code id_token", "code token", "code id_token token"];
    mod_auth_openidc_takes_implicit_answers = apache::each, &["id_token", "id_token token"];
    mod_auth_openidc_asks_by_post = apache::request_by_post;
    mod_auth_openidc_proves_itself_by_its_secret_in_other_ways = apache::client_secrets;
    mod_auth_openidc_proves_itself_by_a_key = apache::private_key_jwt;
    mod_auth_openidc_signs_its_request = apache::signed_request;
    mod_auth_openidc_refreshes_its_token = apache::refresh;
    mod_auth_openidc_takes_signed_userinfo = apache::signed_userinfo;
    mod_auth_openidc_signs_out_at_the_issuer = apache::logout;
    mod_auth_openidc_is_told_of_a_logout_by_the_issuer = apache::told, "backchannelLogoutUri", "backchannel";
    mod_auth_openidc_is_told_of_a_logout_by_the_browser = apache::told, "frontchannelLogoutUri", "get";
    mod_auth_openidc_guards_an_api = apache::api;
}
