//! The audit in memory: chains that are linked as those of a database are.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chancery_audit::{Record, canonical, genesis, link_all};
use chancery_domain::{
    audit::AuditEvent,
    audit_chain::{AuditCheckpoint, AuditEventField, AuditHead, AuditKey, SealedEvent},
    change::Noun,
    fault::{Fault, WriteError},
    id::TenantId,
    page::Page,
    ports::audit::{AuditQuery, AuditReads, Audits, Sealing},
    query::{Query, Value},
    time::Timestamp,
};

use super::{Fenced, locked};

/// What is known of the audit.
#[derive(Clone, Default)]
pub(super) struct Chains {
    linked: BTreeMap<Option<TenantId>, Vec<(Timestamp, SealedEvent)>>,
    waiting: Vec<AuditEvent>,
    sealed_at: Option<Timestamp>,
    checkpoints: Vec<AuditCheckpoint>,
    keys: Vec<AuditKey>,
}

impl Chains {
    /// Takes an event, and links it unless it waits for that.
    pub(super) fn take(&mut self, event: AuditEvent) {
        if event.is_sealed_later() { self.waiting.push(event) } else { self.link(&event) }
    }

    fn link(&mut self, event: &AuditEvent) {
        let mut head = self.head(event.tenant).unwrap_or(AuditHead { position: 0, hash: genesis(event.tenant) });
        let linked = link_all(&mut head, [canonical(event)]).into_iter().map(|linked| (event.at, linked));
        self.linked.entry(event.tenant).or_default().extend(linked);
    }

    fn head(&self, tenant: Option<TenantId>) -> Option<AuditHead> {
        let (_, last) = self.linked.get(&tenant)?.last()?;
        Some(AuditHead { position: last.position, hash: last.hash })
    }

    fn signed(&self, tenant: Option<TenantId>) -> Option<&AuditCheckpoint> {
        self.checkpoints.iter().filter(|one| one.tenant == tenant).max_by_key(|one| one.position)
    }
}

fn value((at, event): &(Timestamp, SealedEvent), field: AuditEventField) -> Option<Value> {
    let record = Record::parse(&event.text)?;
    match field {
        AuditEventField::EventTime => Some(Value::Time(*at)),
        AuditEventField::Actor => Some(Value::Text(record.actor.id)),
        AuditEventField::Action => Some(Value::Text(record.action)),
        AuditEventField::Object => record.object.map(|object| Value::Text(object.id)),
    }
}

#[async_trait]
impl AuditReads for Fenced {
    async fn head(&self, tenant: Option<TenantId>) -> Result<Option<AuditHead>, Fault> {
        Ok(locked(&self.rows).chains.head(tenant))
    }

    async fn events(&self, tenant: Option<TenantId>, query: AuditQuery) -> Result<Vec<SealedEvent>, Fault> {
        let rows = locked(&self.rows);
        let asked = |(at, event): &&(Timestamp, SealedEvent)| {
            event.position > query.after
                && query.until.is_none_or(|until| event.position <= until)
                && query.since.is_none_or(|since| *at >= since)
                && query.before.is_none_or(|before| *at < before)
        };
        let events = rows.chains.linked.get(&tenant).into_iter().flatten().filter(asked);
        Ok(events.take(query.limit as usize).map(|(_, event)| event.clone()).collect())
    }

    async fn list(
        &self,
        tenant: Option<TenantId>,
        (since, before): (Option<Timestamp>, Option<Timestamp>),
        query: Query<AuditEventField>,
    ) -> Result<Page<SealedEvent>, Fault> {
        let rows = locked(&self.rows);
        let between = |(at, _): &&(Timestamp, SealedEvent)| {
            since.is_none_or(|since| *at >= since) && before.is_none_or(|before| *at < before)
        };
        let events = rows.chains.linked.get(&tenant).into_iter().flatten().filter(between).cloned();
        // As wide as every place, so that they stand in the order of their numbers.
        let position = |(_, event): &(Timestamp, SealedEvent)| format!("{:020}", event.position);
        let Page { rows, next } = query.of(events, value, position);
        Ok(Page { rows: rows.into_iter().map(|(_, event)| event).collect(), next })
    }

    async fn checkpoints(
        &self,
        tenant: Option<TenantId>,
        from: u64,
        limit: u32,
    ) -> Result<Vec<AuditCheckpoint>, Fault> {
        let rows = locked(&self.rows);
        let asked = |one: &&AuditCheckpoint| one.tenant == tenant && one.position >= from;
        let mut found: Vec<_> = rows.chains.checkpoints.iter().filter(asked).cloned().collect();
        found.sort_by_key(|one| one.position);
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn unsigned(&self, most: u64, before: Timestamp, limit: u32) -> Result<Vec<Option<TenantId>>, Fault> {
        let rows = locked(&self.rows);
        let due = |tenant: &Option<TenantId>| {
            let head = rows.chains.head(*tenant).map_or(0, |head| head.position);
            let (position, at) = rows.chains.signed(*tenant).map_or((0, None), |one| (one.position, Some(one.at)));
            head > position && (head - position >= most || at.is_none_or(|at| at <= before))
        };
        Ok(rows.chains.linked.keys().copied().filter(due).take(limit as usize).collect())
    }

    async fn sealing(&self) -> Result<Sealing, Fault> {
        let rows = locked(&self.rows);
        let waiting_since = rows.chains.waiting.first().map(|event| event.at);
        Ok(Sealing { waiting_since, sealed_at: rows.chains.sealed_at })
    }

    async fn keys(&self) -> Result<Vec<AuditKey>, Fault> {
        Ok(locked(&self.rows).chains.keys.clone())
    }
}

#[async_trait]
impl Audits for Fenced {
    async fn seal(&self, limit: u32, now: Timestamp) -> Result<u32, Fault> {
        let chains = &mut locked(&self.rows).chains;
        let count = chains.waiting.len().min(limit as usize);
        let batch: Vec<_> = chains.waiting.drain(..count).collect();
        for event in &batch {
            chains.link(event);
        }
        chains.sealed_at = Some(now);
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    async fn insert_checkpoint(&self, checkpoint: &AuditCheckpoint) -> Result<(), WriteError> {
        let chains = &mut locked(&self.rows).chains;
        let is_there = |one: &AuditCheckpoint| one.tenant == checkpoint.tenant && one.position == checkpoint.position;
        if chains.checkpoints.iter().any(is_there) {
            return Err(WriteError::Taken(Noun::AuditCheckpoint));
        }
        chains.checkpoints.push(checkpoint.clone());
        Ok(())
    }

    async fn insert_key(&self, key: &AuditKey) -> Result<(), WriteError> {
        locked(&self.rows).chains.keys.push(key.clone());
        Ok(())
    }
}
