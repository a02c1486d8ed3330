//! The commands: one file each.

mod admin_key;
mod check;
mod dev;
mod migrate;
mod serve;
mod stop;

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::command::{AdminKey, Chancery, Command};

/// Carries a command out.
pub(crate) async fn run(chancery: Chancery) -> ExitCode {
    let Chancery { command, connection, output } = chancery;
    let done = match command {
        Command::Dev(dev) => dev::run(dev, output).await,
        Command::Serve(serve) => serve::run(serve).await,
        Command::Migrate(with) => migrate::run(&with.config).await,
        Command::Check(with) => check::run(&with.config),
        Command::MasterKey => master_key(),
        Command::AdminKey(AdminKey::Create { config, name, tenant, role, days }) => {
            admin_key::create(&config, &name, tenant.as_deref(), role.as_deref(), days).await
        }
        Command::Completions { shell } => {
            chancery_cli::completions(shell, &mut Chancery::command()).map_err(anyhow::Error::from)
        }
        Command::Admin(command) => {
            return match chancery_cli::run(*command, connection, output).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => error.report(output),
            };
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chancery: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a command like the others")]
fn master_key() -> anyhow::Result<()> {
    println!("{}", crate::config::new_master_key(&crate::wiring::SystemRandom));
    Ok(())
}
