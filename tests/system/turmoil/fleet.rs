//! Three replicas, and what befalls them.

use std::time::{Duration, Instant};

use anyhow::Result;
use chancery_tests::{
    admin::Admin,
    http::Http,
    installation::{Installation, Replica},
    program::Program,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::{databases::empty_postgres, haste::VIEW_AGE};

/// Three processes with all roles on one database.
pub(crate) struct Fleet {
    installation: Installation,
    replicas: Vec<Replica>,
    programs: Vec<Program>,
}

/// What befell them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Blows {
    pub(crate) killed: u32,
    pub(crate) frozen: u32,
}

impl Fleet {
    /// Starts them with those lines in their configurations.
    pub(crate) async fn start(config: &str) -> Result<Self> {
        let installation = Installation::on_with(&empty_postgres().await?, config).await?;
        let mut replicas = vec![installation.first.clone()];
        for name in ["second", "third"] {
            replicas.push(installation.replica(name)?);
        }
        let mut programs = Vec::new();
        for replica in &replicas {
            programs.push(installation.serve(replica).await?);
        }
        Ok(Self { installation, replicas, programs })
    }

    /// The URL that every issuer begins with.
    pub(crate) fn public_url(&self) -> &str {
        self.installation.public_url()
    }

    /// The ways to them, one for each.
    pub(crate) fn ways(&self) -> Result<Vec<Http>> {
        self.replicas.iter().map(|replica| self.installation.way_to(replica)).collect()
    }

    /// An operator at the first.
    pub(crate) async fn admin(&self) -> Result<Admin> {
        self.installation.admin(&self.replicas[0]).await
    }

    /// Kills or freezes one after another until the time is over; at the end all serve. Whoever is frozen sleeps for
    /// longer than its views may sign.
    pub(crate) async fn suffer(&mut self, seed: u64, lasting: Duration) -> Result<Blows> {
        let mut chance = StdRng::seed_from_u64(seed);
        let mut blows = Blows::default();
        let begun = Instant::now();
        for blow in 0.. {
            if begun.elapsed() > lasting {
                break;
            }
            let place = blow % self.programs.len();
            let (program, replica) = (&mut self.programs[place], &self.replicas[place]);
            // Two of five, so that both befall each of three.
            if matches!(blow % 5, 1 | 3) {
                blows.killed += 1;
                program.kill();
                tokio::time::sleep(Duration::from_millis(chance.random_range(1_000..4_000))).await;
                *program = self.installation.serve(replica).await?;
            } else {
                blows.frozen += 1;
                program.freeze()?;
                tokio::time::sleep(VIEW_AGE + Duration::from_millis(chance.random_range(500..9_000))).await;
                program.thaw()?;
            }
            tokio::time::sleep(Duration::from_millis(chance.random_range(200..1_500))).await;
        }
        Ok(blows)
    }
}
