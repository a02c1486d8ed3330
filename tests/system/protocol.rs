//! The lines of the protocol that relying parties and resource servers must see, one case for each, against the running
//! program on both databases and both profiles.
//!
//! Lines whose case lies elsewhere have their number in a name there: the authorization endpoint's and the codes' in
//! `authorization`, clients' keys and requests in `client_requests`, signing out in `logout`.

mod authorization;
mod discovery;
mod keys;
mod person;
mod token_endpoint;
mod tokens;

use crate::databases::on_both;

on_both! {
    p001_the_issuer_is_where_its_metadata_are = discovery::issuer;
    p002_metadata_at_both_places = discovery::places;
    p003_endpoints_lie_under_the_issuer = discovery::endpoints;
    p004_members_have_their_types = discovery::types;
    p005_p008_p009_what_signs = discovery::algorithms;
    p006_scopes_claims_and_languages = discovery::words;
    p010_t259_keys_are_public_and_sound = keys::sound;
    p011_the_old_key_stays_beside_the_new_one = keys::rotated;
    p014_any_order = authorization::any_order;
    p022_a_form_leaves_the_query_alone = authorization::forms;
    p023_refused_with_the_registered_query = authorization::refused_with_query;
    p024_a_code_cannot_be_guessed = authorization::randomness;
    p028_an_expired_hint = authorization::expired_hint;
    p030_the_id_token = tokens::id_token;
    p031_rs256_goes_without_saying = tokens::usual_algorithm;
    p035_every_standard_claim = person::every_claim;
    p035_nothing_empty = person::nothing_empty;
    p036_userinfo = person::userinfo;
    p038_the_token_response = token_endpoint::response;
    p041_errors_are_400_or_401 = token_endpoint::errors;
    p042_both_ways_of_a_secret = token_endpoint::secrets;
    p044_refreshing = token_endpoint::refreshing;
}
