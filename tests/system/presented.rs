//! Forged and misused JWTs in every place where one is taken: as the proof of a client, as a request, as what a trusted
//! issuer asserts, as a hint, and as a token at the endpoints that read tokens. Each place has its own exact refusal.

mod altered;
mod crossed;
mod floods;
mod places;
mod signed;
mod world;

use crate::databases::on_both;

on_both! {
    t105_unsigned = signed::unsigned;
    t106_a_public_key_as_a_secret = signed::public_key_as_secret;
    t107_other_spellings_of_the_algorithm = signed::spellings;
    t108_t109_extensions_and_other_forms = signed::extensions;
    t112_members_twice = signed::claims::twice;
    t113_t114_times_that_are_none = signed::claims::times;
    t115_another_issuer = signed::claims::issuers;
    t116_another_audience = signed::claims::audiences;
    t118_keys_in_the_header = signed::keys::keys_in_the_header;
    t119_signatures_that_are_none = signed::bytes::signatures;
    t127_odd_encodings = signed::bytes::encodings;
    t128_t129_nested_and_encrypted = signed::bytes::nested;
    t130_two_keys_of_one_name = signed::keys::two_of_one_name;
    t105_to_t129_our_own_tokens_altered = altered::all;
    t117_each_kind_in_every_other_place = crossed::kinds;
    t110_t111_unknown_keys_and_those_of_others = floods::unknown_keys;
    t126_huge_tokens = floods::huge;
    t140_only_what_is_proven_is_remembered = floods::remembered;
}
