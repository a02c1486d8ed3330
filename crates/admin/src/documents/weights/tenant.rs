use chancery_proto::v1::{
    Tenant, TenantSettings,
    tenant::Profile,
    tenant_settings::{AccessTokenFormat, DpopPolicy, LogoutScope},
};

use super::super::weigh::{
    HARMLESS, Row,
    Weigh::{self, Always, By, List, Span, Switch},
    Weight, breaks, either, hurts_nobody, shortens, weakens,
};

/// Changes of a tenant.
pub(in super::super) const TENANT: &[Row<Tenant>] = &[
    Row(&["display_name", "issuer_host"], Always(HARMLESS)),
    Row(
        &["profile"],
        By(|_, after| {
            either(
                after.profile() == Profile::Oauth21,
                breaks("Clients are refused that send no PKCE challenge."),
                weakens("Clients may leave PKCE out, and secrets may sign tokens."),
            )
        }),
    ),
    // How long tokens and sessions live.
    Row(&["settings.access_token_ttl", "settings.id_token_ttl", "settings.code_ttl"], TOKEN_LIFE),
    Row(
        &["settings.refresh_grace"],
        Span {
            longer: weakens("A refresh token that was copied can be used beside its owner for longer."),
            shorter: breaks("Clients that use one refresh token twice lose their grant sooner."),
        },
    ),
    Row(
        &["settings.refresh_idle_ttl", "settings.refresh_absolute_ttl"],
        Span { longer: LONGER_TOKEN, shorter: SHORTER_SESSION },
    ),
    Row(&["settings.session_idle_ttl", "settings.session_absolute_ttl"], SESSION_LIFE),
    // What tokens are.
    Row(&["settings.access_token_format"], By(|_, after| format(after))),
    Row(&["settings.ml_dsa"], Always(hurts_nobody("What signs does not change by this alone."))),
    Row(&["settings.dpop"], By(proofs)),
    Row(
        &["settings.dpop_nonce_required"],
        Switch {
            on: breaks("Clients are refused whose proofs of possession do without the server's nonce."),
            off: weakens("Proofs of possession may be made ahead of time again."),
        },
    ),
    // What clients may do, and who they are.
    Row(
        &["settings.response_types"],
        List {
            less: breaks("Applications are refused that ask for what is taken out."),
            more: weakens("Tokens may leave through the browser."),
        },
    ),
    Row(
        &["settings.require_pushed_authorization_requests"],
        Switch {
            on: breaks("Applications are refused that send requests that they did not push before."),
            off: weakens("Requests may be read and changed in the browser."),
        },
    ),
    Row(
        &["settings.request_object_encryption"],
        Switch {
            on: hurts_nobody("Clients may encrypt their authorization requests."),
            off: breaks("Clients that encrypt their authorization requests are refused."),
        },
    ),
    Row(
        &["settings.token_exchange"],
        Switch {
            on: weakens("Clients may exchange tokens of others within their rules."),
            off: breaks("Clients that exchange tokens are refused."),
        },
    ),
    Row(
        &["settings.jwt_bearer"],
        Switch {
            on: weakens("Trusted issuers can speak for people and clients within their rules."),
            off: breaks("Clients that come with assertions are refused."),
        },
    ),
    Row(
        &["settings.device_authorization"],
        Switch {
            on: weakens("Whoever talks people into typing a code gets tokens for them."),
            off: breaks("Devices that cannot show a browser are refused."),
        },
    ),
    Row(&["settings.registration"], Always(weakens("Who may register clients, or what those may have, is another."))),
    Row(
        &["settings.client_certificate_authorities"],
        List {
            less: breaks("Clients are refused that show a certificate of an authority that is taken out."),
            more: weakens("One authority more says which certificate is whose."),
        },
    ),
    // How people come and go.
    Row(
        &["settings.sign_up_uri"],
        Always(hurts_nobody("People who are to make themselves an account are sent elsewhere.")),
    ),
    Row(
        &["settings.frontchannel_logout", "settings.session_management"],
        Always(breaks("Clients that hear of signing out by frames in the browser hear of it otherwise.")),
    ),
    Row(
        &["settings.logout_scope"],
        By(|_, after| {
            either(
                of(after, TenantSettings::logout_scope) == LogoutScope::Client,
                weakens("People who sign out by one client stay signed in to the others."),
                hurts_nobody("People who sign out by one client are signed out of all."),
            )
        }),
    ),
];

const LONGER_TOKEN: Weight = weakens("What is stolen works for longer.");
const SHORTER_SESSION: Weight = shortens("People have to sign in again sooner.");

const TOKEN_LIFE: Weigh<Tenant> =
    Span { longer: LONGER_TOKEN, shorter: shortens("Applications have to ask for new tokens sooner.") };
const SESSION_LIFE: Weigh<Tenant> =
    Span { longer: weakens("People stay signed in for longer on what they leave behind."), shorter: SHORTER_SESSION };

/// A setting; the usual one where none is told.
fn of<T: Default>(tenant: &Tenant, setting: fn(&TenantSettings) -> T) -> T {
    tenant.settings.as_ref().map(setting).unwrap_or_default()
}

fn format(after: &Tenant) -> Weight {
    match of(after, TenantSettings::access_token_format) {
        AccessTokenFormat::Hmac => weakens("Whoever can verify access tokens can make them too."),
        AccessTokenFormat::Unspecified | AccessTokenFormat::Jwt => {
            breaks("Resource servers have to verify access tokens by the JWK Set.")
        }
        AccessTokenFormat::Opaque => {
            breaks("Resource servers have to ask the introspection endpoint about access tokens.")
        }
    }
}

/// How tokens are bound to keys.
fn proofs(before: &Tenant, after: &Tenant) -> Weight {
    match of(after, TenantSettings::dpop) {
        DpopPolicy::Required => breaks("Clients are refused that do not prove to have a key with each token request."),
        DpopPolicy::Off => {
            weakens("Tokens are bound to nothing any more, and what is bound from before can no longer be refreshed.")
        }
        DpopPolicy::Unspecified | DpopPolicy::Offered => either(
            of(before, TenantSettings::dpop) == DpopPolicy::Required,
            weakens("Clients may leave out the proof that binds tokens to their key."),
            hurts_nobody("Clients may have their tokens bound to a key."),
        ),
    }
}
