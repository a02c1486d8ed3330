//! Taking files up again: SIGHUP asks for it.

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Tells each SIGHUP to whoever listens. The signal ends no process, also where nobody has anything to take up.
pub(super) fn on_signal() -> anyhow::Result<watch::Receiver<()>> {
    let mut hangup = signal(SignalKind::hangup())?;
    let (ask, asked) = watch::channel(());
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            tracing::info!("taking up files again");
            ask.send_replace(());
        }
    });
    Ok(asked)
}
