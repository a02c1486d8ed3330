//! What attackers send to the endpoints for clients, and the exact answer that each gets, on both databases: the token
//! endpoint and the proofs of clients, introspection, revocation, UserInfo, and the published documents.

mod devices;
mod documents;
mod forms;
mod introspection;
mod outage;
mod outside;
pub(crate) mod proofs;
mod revocation;
mod steered;
mod userinfo;

use anyhow::{Result, ensure};
use chancery_tests::http::Reply;

use crate::databases::on_both;

on_both! {
    t065_a_get = forms::by_get;
    t066_credentials_in_the_url = forms::in_the_url;
    t067_two_proofs_at_once = proofs::two_at_once;
    t068_a_wrong_secret = proofs::wrong_secret;
    t069_an_unknown_client_looks_like_a_wrong_secret = proofs::unknown_client;
    t070_malformed_basic = proofs::malformed_basic;
    t071_t072_another_method_or_none = proofs::other_methods;
    t079_t120_t121_unfit_keys = proofs::unfit_keys;
    t080_a_certificate_in_a_header = proofs::forged_certificate;
    t082_t084_grants_that_there_are_not = forms::unknown_grants;
    t083_a_grant_of_others = forms::foreign_grant;
    t085_what_is_no_form = forms::no_form;
    t086_a_parameter_twice = forms::repeated;
    t087_a_parameter_without_a_value = forms::empty;
    t088_parameters_of_other_grants = forms::of_other_grants;
    t089_nothing_is_echoed = forms::echoes;
    p049_t151_t158_places_inside_and_other_schemes = outside::unfit_places;
    t223_t224_devices_that_hurry_and_foreign_codes = devices::hurry;
    t222_guessed_user_codes = devices::guessed;
    t247_introspection_without_a_proof = introspection::unproven;
    t248_a_token_for_others = introspection::for_others;
    t249_what_is_cut_off = introspection::cut_off;
    t250_a_wrong_hint = introspection::wrong_hint;
    t251_revoking_what_is_anothers = revocation::of_another;
    t252_revoking_what_is_unknown = revocation::unknown;
    t254_a_refresh_token_takes_all_with_it = revocation::whole_grant;
    t255_a_token_in_the_url = userinfo::in_the_url;
    t256_tokens_that_do_not_open_userinfo = userinfo::unfit;
    t257_odd_authorization_headers = userinfo::odd_headers;
    t258_metadata_are_the_same_for_every_host = documents::constant;
    t261_a_signed_answer_for_an_ordinary_client = introspection::signed_for_nobody;
    t260_nobody_is_found_by_webfinger = documents::webfinger;
}

/// That a refusal is exactly this, kept by nobody, and not to be guessed at.
fn is(reply: &Reply, expected: (u16, &str)) -> Result<()> {
    ensure!(reply.refusal() == expected, "{expected:?} was expected of {reply:?}");
    ensure!(reply.header("cache-control") == "no-store", "{reply:?}");
    ensure!(reply.header("content-type") == "application/json", "{reply:?}");
    ensure!(reply.header("x-content-type-options") == "nosniff", "{reply:?}");
    let legal = |byte: u8| matches!(byte, 0x20 | 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    ensure!(reply.body["error_description"].as_str().is_some_and(|text| text.bytes().all(legal)), "{reply:?}");
    Ok(())
}

const CLIENT: (u16, &str) = (401, "invalid_client");
const REQUEST: (u16, &str) = (400, "invalid_request");
const GRANT: (u16, &str) = (400, "invalid_grant");
