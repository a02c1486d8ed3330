//! The commands: one file each.

mod admin_key;
mod check;
mod dev;
mod master_key;
mod migrate;
mod reload;
mod serve;
mod stop;

use std::{path::Path, process::ExitCode, sync::Arc};

use chancery_cli::{CliError, Line, Output, Sight};
use chancery_storage::Storage;

use crate::{
    command::{AdminKey, Chancery, Command},
    config::{self, Config},
    wiring::{self, DatabaseClock, Log},
};

/// Carries a command out.
pub(crate) async fn run(line: Line<Chancery>) -> ExitCode {
    if let Some(sight) = line.watch.clone() {
        return follow(&line, sight).await;
    }
    let Chancery { command, connection, output } = line.parsed;
    let done = match command {
        Command::Dev(dev) => dev::run(dev, output).await,
        Command::Serve(serve) => serve::run(serve).await,
        Command::Migrate(with) => migrate::run(&with.config, output).await,
        Command::Check(with) => check::run(&with.config, output),
        Command::MasterKey { file } => master_key::run(file.as_deref(), output),
        Command::AdminKey(AdminKey::Create(asked)) => admin_key::create(&asked, output).await,
        Command::Completions { shell } => {
            chancery_cli::completions(shell, chancery_cli::command::<Chancery>()).map_err(anyhow::Error::from)
        }
        Command::Bootstrap(command) => {
            return ended(chancery_cli::bootstrap(command, &connection, output).await, output);
        }
        Command::Login(command) => return ended(chancery_cli::sign_in(command, &connection, output).await, output),
        Command::Context(verb) => return ended(chancery_cli::contexts(verb, &connection, output), output),
        Command::Admin(command) => {
            let done = chancery_cli::run(*command, &connection, output).await;
            if line.trial && done.is_ok() {
                eprintln!("nothing was done: this is what would be");
            }
            return ended(done, output);
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

/// What the commands of the server itself begin with.
struct Opened {
    config: Config,
    /// The log is written for as long as this is held.
    log: Log,
    storage: Storage,
    clock: Arc<DatabaseClock>,
}

/// Reads the configuration, starts the log and opens the store, in this order.
async fn open(path: &Path) -> anyhow::Result<Opened> {
    let config = config::load(path)?;
    let log = wiring::start_log(&config.log)?;
    let (storage, clock) = wiring::open_storage(config.database_url.expose(), config.database_connections).await?;
    Ok(Opened { config, log, storage, clock })
}

/// Looks again and again.
async fn follow(line: &Line<Chancery>, sight: Sight) -> ExitCode {
    let Chancery { connection, output, .. } = &line.parsed;
    let command = || line.again().ok()?.command.of_operators();
    ended(chancery_cli::follow(command, sight, connection, *output).await, *output)
}

/// How an operators' command ends.
fn ended(done: Result<(), CliError>, output: Output) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(output),
    }
}
