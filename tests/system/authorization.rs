//! The authorization endpoint and its codes, against the running program on both databases: what attackers try and the
//! exact answer that each gets, and what relying parties must see.
//!
//! The cases of a database share one site and its sign-ins. What changes people or clients makes its own.

mod challenges;
mod claims;
mod codes;
mod constants;
mod pages;
mod people;
mod redirects;
mod registration;
mod requests;
mod responses;
pub(crate) mod scene;

use crate::databases::on_both;

on_both! {
    t001_an_unregistered_redirect_uri = redirects::unregistered;
    t002_p017_a_registered_one_with_more = redirects::with_more;
    t003_traversal = redirects::traversal;
    t004_user_info_and_backslash = redirects::user_info;
    t005_look_alike_hosts = redirects::look_alikes;
    t006_other_spellings = redirects::spellings;
    t007_odd_bytes = redirects::odd_bytes;
    t008_one_parameter_more = redirects::one_parameter_more;
    t009_a_fragment = redirects::fragment;
    t010_redirects_carry_no_token_and_no_fragment = redirects::no_foreign_fragment;
    t011_a_parameter_twice = requests::repeated;
    t012_a_redirect_uri_with_our_words = registration::our_words;
    t013_dangerous_schemes = registration::dangerous_schemes;
    t014_a_private_scheme_without_a_dot = registration::undotted_scheme;
    t015_plain_http = registration::plain_http;
    t016_loopback_look_alikes = redirects::loopback_look_alikes;
    t017_only_the_port_of_a_loopback_differs = redirects::loopback_port;
    t018_port_freedom_is_for_native_clients = redirects::loopback_of_the_web;
    t019_p017_a_missing_redirect_uri = redirects::missing;
    t020_an_unknown_client = requests::unknown_client;
    t021_prompt_none_with_a_bad_client = requests::silent_and_bad;
    t023_p007_response_types_that_are_off = responses::switched_off;
    t024_edited_pages = pages::edited;
    t025_p022_tokens_in_a_query = responses::in_a_query;
    t026_a_script_in_state = pages::script_in_state;
    t026_t033_a_browser_runs_nothing_of_it = pages::in_a_browser;
    t027_a_preflight = requests::preflight;
    t028_foreign_origins = requests::foreign_origins;
    t029_p026_prompt_none_and_login = requests::none_and_login;
    t030_p025_silence = people::silence;
    t031_max_age = requests::max_age;
    t032_p028_hints_of_others = people::foreign_hints;
    t033_a_login_hint_with_markup = pages::login_hint;
    t034_claims_that_are_none = claims::malformed;
    t035_a_huge_scope = requests::huge_scope;
    t036_what_the_client_may_not_have = requests::beyond_the_ceiling;
    t037_p019_long_states = requests::long_states;
    t038_t039_methods_and_redirects = requests::methods;
    t040_p021_iss_is_the_issuer = responses::issuer;
    t041_t042_no_challenge = challenges::missing;
    t043_t044_other_methods = challenges::methods;
    t045_t049_malformed_challenges = challenges::malformed;
    t046_t048_verifiers = challenges::verifiers;
    t047_a_verifier_without_a_challenge = challenges::downgrade;
    t050_t051_p039_a_code_used_twice = codes::replayed;
    t052_sixty_four_redemptions = codes::at_once;
    t053_p040_an_old_code = codes::too_old;
    t054_p040_the_code_of_another_client = codes::of_another_client;
    t055_another_redirect_uri = codes::for_another_place;
    t056_the_code_of_another_tenant = codes::of_another_tenant;
    t057_t058_what_is_no_code = codes::none_at_all;
    t059_who_is_gone_in_between = codes::gone_in_between;
    t060_nothing_leaks_from_pages = pages::no_leaks;
    t062_an_injected_code = codes::injected;
    t063_one_challenge_for_everybody = constants::warned_of;
    p013_get_and_post_alike = requests::by_post;
    p014_superfluous_parameters = requests::superfluous;
    p015_p018_acr = claims::acr;
    p016_a_missing_response_type = responses::missing_type;
    p018_a_query_of_its_own = redirects::own_query;
    p020_nonces = responses::nonces;
    p023_the_user_refuses = people::refuses;
    p026_p027_signing_in_again = people::again;
    p029_offline_access = people::offline;
    p032_p033_every_response_type = responses::every_type;
    p034_an_id_token_alone = responses::id_token_alone;
    p037_single_claims = claims::single;
    p039_a_code_used_twice_ends_what_left_beside_it = responses::replayed_hybrid;
    p060_signed_answers = responses::signed;
    every_parameter_at_its_longest = requests::longest;
    making_an_account_on_the_way = people::sign_up;
}
