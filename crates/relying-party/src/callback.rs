//! The browser comes back: the answer becomes a session, or nothing.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use axum_extra::extract::CookieJar;
use chancery_resource_server::provider::Metadata;
use url::form_urlencoded;

use crate::{
    attempt::Attempt,
    error::SignInError,
    id_token::{self, Expected},
    provider,
    relying_party::RelyingParty,
    routes::leave,
    store::Kind,
    token,
    user::User,
};

/// An authorization answer (RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207).
#[derive(Default)]
struct Answer {
    state: Option<String>,
    iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

/// Checks the answer, begins a session under a new cookie and goes where the person wanted to go.
pub(crate) async fn callback(
    State(rp): State<RelyingParty>,
    jar: CookieJar,
    RawQuery(query): RawQuery,
) -> Result<Response, SignInError> {
    let answer = Answer::parse(&query.unwrap_or_default())?;
    let state = answer.state.as_deref().ok_or(SignInError::Malformed)?;
    let cookie_name = rp.attempt_cookie(state);
    let cookie = jar.get(&cookie_name).ok_or(SignInError::NotBegunHere)?;
    let attempt = Attempt::take(&rp, cookie.value(), state).await?;
    let metadata = rp.0.provider.metadata().await?;
    let code = answer.code_from(&metadata)?;
    let user = sign_in(&rp, &metadata, &attempt, code).await?;
    let session = begin_session(&rp, &jar, &user).await?;
    let jar = jar.add(rp.no_cookie(cookie_name));
    let jar = jar.add(rp.cookie(rp.session_cookie(), session, rp.0.session_life));
    Ok(leave(jar, &attempt.return_to))
}

impl Answer {
    /// Reads the answer. What we do not know is ignored, what we know stands once.
    fn parse(query: &str) -> Result<Self, SignInError> {
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let field = match &*name {
                "state" => &mut answer.state,
                "iss" => &mut answer.iss,
                "code" => &mut answer.code,
                "error" => &mut answer.error,
                _ => continue,
            };
            if field.replace(value.into_owned()).is_some() {
                return Err(SignInError::Malformed);
            }
        }
        Ok(answer)
    }

    /// The code, if the answer is of this provider and no refusal.
    fn code_from(&self, metadata: &Metadata) -> Result<&str, SignInError> {
        let from_here = match &self.iss {
            Some(iss) => *iss == metadata.issuer,
            None => !metadata.authorization_response_iss_parameter_supported,
        };
        if !from_here {
            return Err(SignInError::Issuer);
        }
        match (&self.error, &self.code) {
            (Some(error), _) => Err(provider::refused(Some(error))),
            (None, Some(code)) => Ok(code),
            (None, None) => Err(SignInError::Malformed),
        }
    }
}

/// Exchanges the code and learns who it is about.
async fn sign_in(rp: &RelyingParty, metadata: &Metadata, attempt: &Attempt, code: &str) -> Result<User, SignInError> {
    let tokens = provider::exchange(rp, metadata, attempt, code).await?;
    let verified = rp.0.provider.verify(&tokens.id_token).await.map_err(SignInError::IdToken)?;
    let max_age = rp.0.parameters.iter().find(|(name, _)| name == "max_age");
    let expected = Expected {
        issuer: &metadata.issuer,
        client_id: &rp.0.client_id,
        nonce: &attempt.nonce,
        access_token: &tokens.access_token,
        max_age: max_age.and_then(|(_, seconds)| seconds.parse().ok()),
        now: rp.seconds(),
    };
    let mut claims = id_token::check(verified, &expected)?;
    let subject = claims.get("sub").and_then(|sub| sub.as_str()).ok_or(SignInError::Claim("sub"))?.to_owned();
    if let Some(endpoint) = metadata.userinfo_endpoint.as_deref().filter(|_| rp.0.scope != "openid") {
        let told = provider::user_info(rp, endpoint, &tokens.access_token, &subject).await?;
        // What the ID token says is signed, so it stands.
        for (name, value) in told {
            claims.entry(name).or_insert(value);
        }
    }
    let life = i64::try_from(rp.0.session_life.as_secs()).unwrap_or(i64::MAX);
    Ok(User {
        issuer: metadata.issuer.clone(),
        subject,
        claims,
        access_token: tokens.access_token,
        access_token_expires_at: rp.seconds() + tokens.expires_in.map_or(0, i64::from),
        id_token: tokens.id_token,
        expires_at: rp.seconds().saturating_add(life),
    })
}

/// A new session under a new cookie; the one that this browser had before is over.
async fn begin_session(rp: &RelyingParty, jar: &CookieJar, user: &User) -> Result<String, SignInError> {
    if let Some(old) = jar.get(&rp.session_cookie()) {
        rp.0.store.take(Kind::Session, &token::sha256(old.value())).await?;
    }
    let session = token::random()?;
    let record = serde_json::to_vec(user).map_err(|_| SignInError::Unavailable("a record is not JSON"))?;
    rp.0.store.put(Kind::Session, &token::sha256(&session), record, rp.now() + rp.0.session_life).await?;
    Ok(session)
}
