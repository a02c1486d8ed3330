//! `ListClientSecrets`.

use chancery_domain::client::ClientSecret;
use chancery_proto::v1::{ListClientSecretsRequest, ListClientSecretsResponse};

use super::{find::find, message};
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Secrets of a client, oldest first unless asked otherwise, without their text.
pub(super) async fn list_secrets(
    cx: &Context,
    call: &Call,
    request: ListClientSecretsRequest,
) -> Result<ListClientSecretsResponse, Refusal> {
    let (tenant, id) = name::client("parent", &request.parent)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let client = find(&reached, &id).await?;
    // Ids begin with the time at which they were made.
    let page = query.of(client.secrets.clone(), ClientSecret::field, |secret| secret.id.to_string());
    let client_secrets = page.rows.iter().map(|secret| message::of_secret(&tenant, &client, secret)).collect();
    Ok(ListClientSecretsResponse { client_secrets, next_page_token: asked.token(page.next)? })
}
