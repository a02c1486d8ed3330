//! `chancery check`: everything that is wrong with a configuration, at once.

use std::path::Path;

/// Reads the configuration and says what is wrong with it.
pub(super) fn run(path: &Path) -> anyhow::Result<()> {
    match crate::config::load(path) {
        Ok(config) => {
            println!(
                "{} is in order: {} on {}, admin on {}",
                path.display(),
                config.public_url.as_str(),
                config.http,
                config.admin
            );
            Ok(())
        }
        Err(faults) => {
            println!("{faults}");
            let count = faults.count();
            anyhow::bail!("{count} {} in {}", if count == 1 { "fault" } else { "faults" }, path.display())
        }
    }
}
