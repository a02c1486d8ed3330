//! Clients that prove themselves by a certificate (RFC 8705), over TLS and behind a proxy that ends it, on both databases:
//! what each of them gets, and whoever shows something else.

pub(crate) mod authority;
mod bound;
mod libraries;
mod proofs;
mod proxied;
mod registered;
pub(crate) mod scene;

use crate::databases::on_both;

on_both! {
    by scene::on;
    a_certificate_proves_a_client_at_every_endpoint = proofs::everywhere;
    each_kind_of_name_is_taken = proofs::names;
    t081_an_expired_certificate = proofs::expired;
    t081_another_name = proofs::other_names;
    t081_a_wildcard = proofs::wildcards;
    t081_a_common_name_alone = proofs::common_names;
    t081_an_odd_distinguished_name = proofs::odd_names;
    t081_a_certificate_of_others = proofs::others;
    t071_another_method = proofs::other_methods;
    a_certificate_of_its_own_proves_a_client_by_its_key = proofs::self_signed;
    t080_a_header_is_dropped_where_certificates_are_asked_for = proofs::forged;
    t139_a_bound_token_over_another_certificate = bound::over_another;
    t132_a_proof_for_the_alias = bound::proofs;
    a_bound_client_needs_its_certificate = bound::without;
    a_public_client_binds_its_tokens = bound::public;
    t257_odd_authorization_headers_over_http_2 = proofs::odd_headers;
    browsers_are_never_asked = proofs::browsers;
    a_code_is_redeemed_with_a_certificate = proofs::code;
    t080_a_header_counts_from_trusted_proxies_alone = proxied::header;
    clients_register_their_certificates_by_themselves = registered::by_itself;
    openid_client_shows_a_certificate = libraries::openid_client;
    oauth4webapi_shows_a_certificate = libraries::oauth4webapi;
    authlib_shows_a_certificate = libraries::authlib;
}
