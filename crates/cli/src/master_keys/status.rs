//! `chancery master-keys status`

use std::time::Duration;

use chancery_proto::v1::{GetRewrapRequest, Rewrap, rewrap::State};
use clap::Args;

use crate::connection::Api;
use crate::error::CliError;
use crate::name;
use crate::output::Output;

/// How long to wait between looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The last re-wrap.
#[derive(Args, Debug)]
pub struct Status {
    /// Look every second while it is running; what moves is told on standard error, the end on standard output
    #[arg(long)]
    watch: bool,
}

impl Status {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let mut told = String::new();
        loop {
            let rewrap = api.master_keys().get_rewrap(GetRewrapRequest {}).await?.into_inner();
            if !self.watch || rewrap.state() != State::Running {
                return Ok(output.one(&rewrap));
            }
            let line = line(&rewrap);
            if line != told {
                eprintln!("{line}");
                told = line;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn line(rewrap: &Rewrap) -> String {
    let Rewrap { done_count, total_count, failed_count, .. } = rewrap;
    let failed = if *failed_count > 0 { format!(", {failed_count} do not open") } else { String::new() };
    format!("{done_count} of {total_count} tenants' keys are sealed under {}{failed}", name::id(&rewrap.target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_how_far_it_is() {
        let rewrap = Rewrap { target: "masterKeys/m2".to_owned(), total_count: 9, done_count: 4, ..Default::default() };
        assert_eq!(line(&rewrap), "4 of 9 tenants' keys are sealed under m2");
        let broken = Rewrap { failed_count: 2, ..rewrap };
        assert_eq!(line(&broken), "4 of 9 tenants' keys are sealed under m2, 2 do not open");
    }
}
