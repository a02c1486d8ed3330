//! Listening for changes that other replicas announce. Only a matter of speed: the feed is read every few seconds anyway.

use std::time::Duration;

use sqlx::{PgPool, postgres::PgListener};
use tokio_util::sync::CancellationToken;

use super::CHANNEL;
use crate::database::Signal;

/// How long to wait before listening again after the database went away.
const AGAIN: Duration = Duration::from_secs(1);

/// Raises the signal at every announcement, until stopped. What was announced while nobody listened is lost, so the
/// signal is raised on every new beginning too.
pub(crate) async fn follow(pool: PgPool, signal: Signal, stop: CancellationToken) {
    let listening = async {
        loop {
            if let Err(error) = listen(&pool, &signal).await {
                tracing::warn!(%error, "announcements of changes are not heard; the feed is still read regularly");
            }
            tokio::time::sleep(AGAIN).await;
        }
    };
    stop.run_until_cancelled(listening).await;
}

async fn listen(pool: &PgPool, signal: &Signal) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    signal.raise();
    // `None` says that the connection was lost and is there again.
    loop {
        listener.try_recv().await?;
        signal.raise();
    }
}
