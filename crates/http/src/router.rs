//! Every route, on one screen.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::State as Extract,
    response::Response,
    routing::{MethodRouter, get, post},
};
use chancery_oauth::endpoints::{
    AUTHORIZE, CHECK_SESSION, CONSENT, DEVICE, DEVICE_AUTHORIZATION, INTROSPECT, JWKS, LOGOUT, PASSWORD,
    PUSHED_AUTHORIZATION, REGISTER, REVOKE, SIGN_IN, SIGN_OUT, TOKEN, USERINFO,
};
use http::HeaderMap;

use crate::{
    State, cors,
    endpoints::{
        authorize, device_authorization, discovery, health, introspect, jwks, logout, pushed, registration, revoke,
        token, userinfo,
    },
    error::Problem,
    extract::tenant::refuse,
    front::Front,
    layers::{
        Surround,
        hosts::{Hosts, Misdirected},
    },
    pages::{assets, check_session, consent, device, landing, password, signin, signout, start},
};

const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

/// The front door, ready to be served. Serve it with the peer's address (`ConnectInfo<SocketAddr>`), which throttling
/// goes by.
pub fn router(state: State) -> Router {
    let front = Arc::new(Front::new(state));
    let inner = routes(Arc::clone(&front));
    Router::new().fallback_service(Hosts { front, inner })
}

/// The door for clients with certificates (RFC 8705 section 5), which has nothing for browsers. Serve it with the peer's
/// address as well, and with what the client of the connection showed ([`Presented`](crate::Presented)).
pub fn router_for_certificates(state: State) -> Router {
    let front = Arc::new(Front::new(state));
    let health = Router::new().route("/livez", read(get(health::live))).route("/readyz", read(get(health::ready)));
    let inner = finish(health.merge(for_clients(&front)), Arc::clone(&front));
    Router::new().fallback_service(Hosts { front, inner })
}

fn routes(front: Arc<Front>) -> Router {
    let base = front.base.clone();
    let issuer = format!("{base}/t/{{tenant}}");
    let at = |path: &str| format!("{issuer}{path}");
    let document = || read(get(discovery::document));
    let mut routes = Router::new()
        // metadata: appended to the issuer, and inserted before its path (RFC 8414 section 3.1)
        .route(&at(OPENID_CONFIGURATION), document())
        .route(&at(AUTHORIZATION_SERVER), document())
        .route(&format!("{OPENID_CONFIGURATION}{issuer}"), document())
        .route(&format!("{AUTHORIZATION_SERVER}{issuer}"), document())
        .route(&at(JWKS), read(get(jwks::set)))
        // for those that are to be clients
        .route(&at(REGISTER), only("POST, OPTIONS", post(registration::register).options(cors::preflight_registration)))
        .route(
            &at(&format!("{REGISTER}/{{client}}")),
            only(
                "GET, PUT, DELETE, OPTIONS",
                get(registration::read)
                    .put(registration::change)
                    .delete(registration::remove)
                    .options(cors::preflight_registration),
            ),
        )
        // for browsers
        .route(&at(AUTHORIZE), only("GET, POST", get(authorize::authorize).post(authorize::authorize)))
        .route(&at(SIGN_IN), only("GET, POST", get(signin::page).post(signin::submit)))
        .route(&at(PASSWORD), only("GET, POST", get(password::page).post(password::submit)))
        .route(&at(DEVICE), only("GET, POST", get(device::page).post(device::submit)))
        .route(&at(CONSENT), only("POST", post(consent::submit)))
        .route(&at(LOGOUT), only("GET, POST", get(logout::logout).post(logout::logout)))
        .route(&at(SIGN_OUT), only("POST", post(signout::submit)))
        .route(&at(CHECK_SESSION), only("GET", get(check_session::page)))
        .route(&at("/"), only("GET", get(start::page)))
        .route(&issuer, only("GET", get(start::page)))
        // for everybody
        .route(&front.assets.style.path, read(get(assets::style)))
        .route(&front.assets.seal.path, read(get(assets::seal)))
        .route("/livez", read(get(health::live)))
        .route("/readyz", read(get(health::ready)))
        .route("/", only("GET", get(landing::show)));
    if !base.is_empty() {
        routes = routes.route(&base, only("GET", get(landing::show)));
        routes = routes.route(&format!("{base}/"), only("GET", get(landing::show)));
    }
    finish(routes.merge(for_clients(&front)), front)
}

/// Where clients prove themselves, and where what they were given is shown.
fn for_clients(front: &Front) -> Router<Arc<Front>> {
    let at = |path: &str| format!("{}/t/{{tenant}}{path}", front.base);
    Router::new()
        .route(&at(TOKEN), only("POST, OPTIONS", post(token::exchange).options(cors::preflight)))
        .route(&at(PUSHED_AUTHORIZATION), only("POST", post(pushed::push)))
        .route(&at(REVOKE), only("POST, OPTIONS", post(revoke::revoke).options(cors::preflight)))
        .route(&at(DEVICE_AUTHORIZATION), only("POST", post(device_authorization::begin)))
        .route(&at(INTROSPECT), only("POST", post(introspect::introspect)))
        .route(
            &at(USERINFO),
            only("GET, POST, OPTIONS", get(userinfo::claims).post(userinfo::claims).options(cors::preflight)),
        )
}

fn finish(routes: Router<Arc<Front>>, front: Arc<Front>) -> Router {
    routes.fallback(nothing_here).layer(Surround(Arc::clone(&front))).with_state(front)
}

/// A document that is read and never changed: GET, HEAD, and a preflight that lets every page in.
fn read(methods: MethodRouter<Arc<Front>>) -> MethodRouter<Arc<Front>> {
    methods.options(cors::preflight_public).fallback(refusing("GET, HEAD, OPTIONS"))
}

/// Exactly these methods: a HEAD must not begin or end anything either.
fn only(allow: &'static str, methods: MethodRouter<Arc<Front>>) -> MethodRouter<Arc<Front>> {
    methods.head(refusing(allow)).fallback(refusing(allow))
}

/// Refuses a method, naming those that would do.
fn refusing(
    allow: &'static str,
) -> impl Fn(Extract<Arc<Front>>, HeaderMap) -> std::future::Ready<Response> + Clone + Send + Sync + 'static {
    move |Extract(front), headers| std::future::ready(refuse(&front, &headers, Problem::MethodNotAllowed(allow)))
}

/// Nothing lives at that path.
async fn nothing_here(
    Extract(front): Extract<Arc<Front>>,
    misdirected: Option<Extension<Misdirected>>,
    headers: HeaderMap,
) -> Response {
    refuse(&front, &headers, if misdirected.is_some() { Problem::Misdirected } else { Problem::NotFound })
}
