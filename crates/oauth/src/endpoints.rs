//! Where the endpoints of a tenant are, relative to its issuer: the one place that says so.

use chancery_domain::password_link::PasswordLink;

/// The authorization endpoint (RFC 6749 section 3.1).
pub const AUTHORIZE: &str = "/oauth2/authorize";
/// The pushed authorization request endpoint (RFC 9126 section 2).
pub const PUSHED_AUTHORIZATION: &str = "/oauth2/par";
/// The token endpoint (RFC 6749 section 3.2).
pub const TOKEN: &str = "/oauth2/token";
/// The UserInfo endpoint (OpenID Connect Core section 5.3).
pub const USERINFO: &str = "/oauth2/userinfo";
/// The device authorization endpoint (RFC 8628 section 3.1).
pub const DEVICE_AUTHORIZATION: &str = "/oauth2/device_authorization";
/// The introspection endpoint (RFC 7662 section 2).
pub const INTROSPECT: &str = "/oauth2/introspect";
/// The revocation endpoint (RFC 7009 section 2).
pub const REVOKE: &str = "/oauth2/revoke";
/// The end-session endpoint (OpenID Connect RP-Initiated Logout section 2).
pub const LOGOUT: &str = "/oauth2/logout";
/// The page that says whether a session is the same (OpenID Connect Session Management section 3.3).
pub const CHECK_SESSION: &str = "/oauth2/session";
/// The client registration endpoint (RFC 7591 section 3); a slash and its `client_id` make a client's own (RFC 7592).
pub const REGISTER: &str = "/register";
/// The JWK Set (RFC 7517 section 5).
pub const JWKS: &str = "/oauth2/jwks";

/// The page where people sign in.
pub const SIGN_IN: &str = "/signin";
/// The page where people who were given a link choose their password.
pub const PASSWORD: &str = PasswordLink::PATH;
/// The page where people type the code of a device, and decide about its wish.
pub const DEVICE: &str = "/device";
/// The page where people allow or deny.
pub const CONSENT: &str = "/consent";
/// The page where people confirm that they sign out.
pub const SIGN_OUT: &str = "/signout";
