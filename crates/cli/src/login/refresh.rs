//! Another access token, where the one in the context is over or about to be.

use time::OffsetDateTime;

use super::{issuer::Issuer, keep};
use crate::connection::Connection;
use crate::error::CliError;

/// Renewed so many seconds before the end, so that no call meets it.
const MARGIN: i64 = 30;

/// Renews the tokens that the connection will show, if it will show some and they are over.
pub(crate) async fn fresh(connection: &Connection) -> Result<(), CliError> {
    let Some((name, login, ca_file)) = connection.shown_login()? else { return Ok(()) };
    if OffsetDateTime::now_utc().unix_timestamp() < login.expires_at.saturating_sub(MARGIN) {
        return Ok(());
    }
    let again = || CliError::sign_in(format!("the sign-in of context {name} is over: run `chancery login`"));
    let Some(refresh_token) = login.refresh_token else { return Err(again()) };
    let issuer = Issuer::discover(&login.issuer, ca_file.as_deref()).await?;
    // Two commands at once are given the same tokens: the issuer answers a repetition for a few seconds alike.
    let asked =
        [("grant_type", "refresh_token"), ("client_id", &*login.client_id), ("refresh_token", refresh_token.expose())];
    let tokens = match issuer.token(&asked).await {
        Ok(tokens) => tokens,
        Err(CliError::SignIn { is_away: false, .. }) => return Err(again()),
        Err(error) => return Err(error),
    };
    keep(connection, &name, tokens.login(issuer.url(), &login.client_id, Some(refresh_token)))
}
