//! Counting what would end, in memory.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    grant::Grant,
    ports::impact::{Impact, ImpactReads, SAMPLES, Standing, Tally, Within},
    session::Session,
    time::Timestamp,
};

use super::super::Fenced;

fn tally(names: BTreeSet<String>) -> Tally {
    Tally { count: names.len() as u64, samples: names.into_iter().take(SAMPLES).collect() }
}

fn holds(session: &Session, standing: Standing) -> bool {
    let Standing { now, idle_since } = standing;
    session.ended_at.is_none() && session.expires_at > now && session.last_seen_at > idle_since
}

#[async_trait]
impl ImpactReads for Fenced {
    async fn holding(&self, within: Within, standing: Standing) -> Result<Impact, Fault> {
        self.nouns(|rows| {
            let concerns = |grant: &&Grant| match within {
                Within::Tenant => true,
                Within::Client(client) => grant.client == client,
                Within::User(user) => grant.user == user,
            };
            let live = |grant: &&Grant| grant.revoked.is_none() && grant.expires_at > standing.now;
            let grants: Vec<_> = rows.grants.values().filter(live).filter(concerns).collect();
            let families = rows.families.values().filter(|family| {
                let fresh = rows
                    .tokens
                    .values()
                    .any(|token| token.family == family.id && token.spent.is_none() && token.expires_at > standing.now);
                fresh && family.expires_at > standing.now && grants.iter().any(|grant| grant.id == family.grant)
            });
            let sessions = rows.sessions.values().filter(|session| match within {
                Within::Tenant => true,
                Within::Client(_) => false,
                Within::User(user) => session.user == user,
            });
            let name = |grant: &&Grant| rows.clients.get(&grant.client).map(|client| client.id.to_string());
            let (clients, users) = match within {
                Within::Tenant => (
                    rows.clients.values().map(|client| client.id.to_string()).collect(),
                    rows.users.keys().map(ToString::to_string).collect(),
                ),
                Within::Client(_) => (BTreeSet::new(), grants.iter().map(|grant| grant.user.to_string()).collect()),
                Within::User(_) => (grants.iter().filter_map(name).collect(), BTreeSet::new()),
            };
            Impact {
                clients: tally(clients),
                users: tally(users),
                sessions: sessions.filter(|session| holds(session, standing)).count() as u64,
                families: families.count() as u64,
                grants: grants.len() as u64,
            }
        })
    }

    async fn idle_sessions(&self, standing: Standing, idle_since: Timestamp) -> Result<u64, Fault> {
        self.nouns(|rows| {
            let idle = |session: &&Session| holds(session, standing) && session.last_seen_at <= idle_since;
            rows.sessions.values().filter(idle).count() as u64
        })
    }
}
