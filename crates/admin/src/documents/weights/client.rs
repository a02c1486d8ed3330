use chancery_proto::v1::{
    Client,
    client::{AuthMethod, LogoutScope},
};

use super::super::weigh::{
    HARMLESS, Row,
    Weigh::{Always, By, List, Switch},
    Weight, allowed, breaks, either, hurts_nobody, shortens, weakens,
};

/// Changes of a client.
pub(in super::super) const CLIENT: &[Row<Client>] = &[
    Row(
        &[
            "kind",
            "display_name",
            "logo_uri",
            "policy_uri",
            "tos_uri",
            "require_auth_time",
            "backchannel_logout_session_required",
            "frontchannel_logout_session_required",
        ],
        Always(HARMLESS),
    ),
    // How it proves who it is.
    Row(&["auth_methods"], By(methods)),
    Row(
        &["jwks", "jwks_uri"],
        Always(weakens(
            "Whoever holds the new keys can speak for the client where keys prove who it is, and read what is encrypted \
             for it.",
        )),
    ),
    Row(
        &["token_endpoint_auth_signing_alg", "request_object_signing_alg"],
        Always(breaks("The client is refused if it signs with another algorithm.")),
    ),
    Row(
        &[
            "tls_client_auth_subject_dn",
            "tls_client_auth_san_dns",
            "tls_client_auth_san_uri",
            "tls_client_auth_san_ip",
            "tls_client_auth_san_email",
        ],
        Always(weakens("Whoever has a certificate with the new name can speak for the client.")),
    ),
    // What it may ask for.
    Row(
        &["grant_types"],
        List {
            less: breaks("The client is refused if it asks by a grant that is taken out."),
            more: weakens("The client may obtain tokens in one way more."),
        },
    ),
    Row(
        &["response_types"],
        List {
            less: breaks("The client is refused if it asks for what is taken out."),
            more: weakens("The client may ask for one response type more."),
        },
    ),
    Row(
        &["scopes"],
        List {
            less: breaks("The client is refused if it asks for a scope that is taken out."),
            more: weakens("The client may ask for more."),
        },
    ),
    Row(
        &["exchange_resources"],
        List {
            less: breaks("The client can no longer exchange tokens for a resource that is taken out."),
            more: weakens("The client may exchange the tokens that reach one resource more."),
        },
    ),
    Row(
        &["exchange_impersonates"],
        Switch {
            on: weakens("The tokens that the client exchanges no longer tell that it acts."),
            off: hurts_nobody("The tokens that the client exchanges name it from now on."),
        },
    ),
    // How it asks.
    Row(
        &["redirect_uris"],
        List {
            less: breaks("Sign-ins that return to an address that is taken out are refused."),
            more: weakens("Codes of people who sign in may be sent to one address more."),
        },
    ),
    Row(
        &["allowed_origins"],
        List {
            less: breaks("Scripts of an origin that is taken out can no longer ask for tokens."),
            more: weakens("Scripts of one origin more may read answers meant for the client."),
        },
    ),
    Row(
        &["require_pkce"],
        Switch {
            on: breaks("The client is refused if it sends no PKCE challenge."),
            off: weakens("The client may leave PKCE out where the profile allows it."),
        },
    ),
    Row(
        &["require_pushed_authorization_requests"],
        Switch {
            on: breaks("The client is refused if it sends a request that it did not push before."),
            off: weakens("Requests of the client may be read and changed in the browser."),
        },
    ),
    Row(
        &["require_signed_request_object"],
        Switch {
            on: breaks("The client is refused if it sends a request that it did not sign."),
            off: weakens("Requests of the client may be changed in the browser."),
        },
    ),
    Row(
        &["request_uris"],
        List {
            less: breaks("Requests that name an address that is taken out are refused."),
            more: hurts_nobody("Requests of the client may be fetched from one address more."),
        },
    ),
    Row(
        &["request_object_encryption_alg", "request_object_encryption_enc"],
        Always(breaks("The client is refused if it encrypts its requests in another way.")),
    ),
    // What people are asked.
    Row(
        &["skip_consent"],
        Switch {
            on: weakens("People are no longer asked before the client gets what it wants."),
            off: hurts_nobody("People are asked for consent from now on."),
        },
    ),
    Row(&["default_max_age"], Always(hurts_nobody("People have to sign in again sooner or later than before."))),
    // What it gets.
    Row(&["id_token_signed_response_alg"], By(signature)),
    Row(
        &["authorization_signed_response_alg"],
        Always(breaks("The client must verify signed answers by the new algorithm.")),
    ),
    Row(
        &[
            "userinfo_signed_response_alg",
            "introspection_signed_response_alg",
            "authorization_encrypted_response_alg",
            "authorization_encrypted_response_enc",
            "id_token_encrypted_response_alg",
            "id_token_encrypted_response_enc",
            "userinfo_encrypted_response_alg",
            "userinfo_encrypted_response_enc",
        ],
        Always(breaks("The client must read answers of another form from now on.")),
    ),
    Row(
        &["subject_type", "sector_identifier_uri"],
        Always(breaks("The client may hear another sub for everybody, and take them for strangers.")),
    ),
    Row(
        &["dpop_bound_access_tokens"],
        Switch {
            on: breaks("The client is refused if it does not prove to have a key."),
            off: weakens("The client may get tokens that work for whoever holds them."),
        },
    ),
    Row(
        &["tls_client_certificate_bound_access_tokens"],
        Switch {
            on: breaks("The client gets no tokens any more where it shows no certificate."),
            off: weakens("Whoever takes a token from the client can use it."),
        },
    ),
    Row(
        &[
            "token_lifetimes.access_token_ttl",
            "token_lifetimes.client_credentials_ttl",
            "token_lifetimes.id_token_ttl",
            "token_lifetimes.refresh_idle_ttl",
            "token_lifetimes.refresh_absolute_ttl",
        ],
        Always(weakens("Tokens of the client work for another time: stolen ones too, where it is longer.")),
    ),
    Row(
        &["token_lifetimes.refresh_max_uses"],
        Always(shortens("The number of times that its tokens can be refreshed changes.")),
    ),
    // How people leave.
    Row(
        &["post_logout_redirect_uris"],
        List {
            less: breaks("Browsers no longer return to an address that is taken out."),
            more: hurts_nobody("Browsers may go to one address more after signing out."),
        },
    ),
    Row(&["backchannel_logout_uri"], By(|_, after| told(&after.backchannel_logout_uri))),
    Row(&["frontchannel_logout_uri"], By(|_, after| told(&after.frontchannel_logout_uri))),
    Row(
        &["logout_scope"],
        By(|_, after| {
            either(
                after.logout_scope() == LogoutScope::Client,
                weakens("People who sign out by the client stay signed in elsewhere."),
                hurts_nobody("What else people are signed in to may end when they sign out by the client."),
            )
        }),
    ),
];

fn methods(before: &Client, after: &Client) -> Weight {
    if after.auth_methods.contains(&AuthMethod::None.into()) {
        return weakens("The client needs no secret any more: whoever knows its id can speak for it.");
    }
    allowed(
        &before.auth_methods,
        &after.auth_methods,
        breaks("The client is refused if it authenticates in a way that is taken out."),
        hurts_nobody("The client may authenticate in one way more."),
    )
}

/// What signs its ID tokens. Nothing told stands for the tenant's default, and only HS256 for the client's secret.
fn signature(_: &Client, after: &Client) -> Weight {
    either(
        after.id_token_signed_response_alg == "HS256",
        weakens("Whoever has the client's secret can sign its ID tokens."),
        breaks("The client has to verify its ID tokens by the new algorithm from now on."),
    )
}

/// Where it hears of people who sign out.
const fn told(uri: &str) -> Weight {
    either(
        uri.is_empty(),
        weakens("The client no longer hears of it when somebody signs out elsewhere."),
        hurts_nobody("The client hears there of the end of sessions that begin from now on."),
    )
}
