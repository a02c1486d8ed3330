//! Lists to their end.

use tonic::Status;

use crate::error::CliError;

/// The largest page that the server gives.
pub(crate) const SIZE: i32 = 1000;

/// Asks for page after page. `page` takes a token and answers with the things on that page and the token of the next.
pub(crate) async fn all<T>(page: impl AsyncFn(String) -> Result<(Vec<T>, String), Status>) -> Result<Vec<T>, CliError> {
    let mut all = Vec::new();
    let mut token = String::new();
    loop {
        let (things, next) = page(token).await?;
        all.extend(things);
        if next.is_empty() {
            return Ok(all);
        }
        token = next;
    }
}
