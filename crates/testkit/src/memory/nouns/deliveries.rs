//! The outbox in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chancery_domain::{
    delivery::Delivery,
    fault::{Fault, WriteError},
    id::TenantId,
    ports::deliveries::{Deliveries, DeliveryQueue, DeliveryReads, Owed, Wish},
    time::Timestamp,
};

use super::super::{Fenced, locked};

#[async_trait]
impl Deliveries for Fenced {
    async fn insert(&self, delivery: &Delivery) -> Result<(), WriteError> {
        self.nouns(|rows| rows.deliveries.insert(delivery.id, delivery.clone()))?;
        Ok(())
    }
}

#[async_trait]
impl DeliveryReads for Fenced {
    async fn is_any_due(&self, now: Timestamp) -> Result<bool, Fault> {
        let rows = locked(&self.rows);
        Ok(rows.nouns.values().flat_map(|rows| rows.deliveries.values()).any(|it| it.next_attempt_at <= now))
    }
}

#[async_trait]
impl DeliveryQueue for Fenced {
    async fn claim(&self, now: Timestamp, until: Timestamp, wish: &Wish) -> Result<Vec<Owed>, Fault> {
        let mut rows = locked(&self.rows);
        let all = rows.nouns.iter_mut().flat_map(|(tenant, rows)| rows.deliveries.values_mut().map(|it| (*tenant, it)));
        let mut due: Vec<_> =
            all.filter(|(_, it)| it.next_attempt_at <= now && !wish.not_for.contains(&it.place)).collect();
        due.retain(|(tenant, _)| !wish.not_of.contains(tenant));
        due.sort_by_key(|(_, it)| (it.next_attempt_at, it.id));
        let mut of_place: BTreeMap<String, u32> = BTreeMap::new();
        due.retain(|(_, it)| {
            let turn = of_place.entry(it.place.clone()).or_default();
            *turn += 1;
            *turn <= wish.of_one_place
        });
        let mut of_tenant: BTreeMap<TenantId, u32> = BTreeMap::new();
        due.retain(|(tenant, _)| {
            let turn = of_tenant.entry(*tenant).or_default();
            *turn += 1;
            *turn <= wish.of_one_tenant
        });
        due.truncate(usize::try_from(wish.most).unwrap_or(usize::MAX));
        let claim = |(tenant, it): (_, &mut Delivery)| {
            it.attempts += 1;
            it.next_attempt_at = until;
            Owed { tenant, delivery: it.clone() }
        };
        Ok(due.into_iter().map(claim).collect())
    }

    async fn settle(&self, owed: &Owed) -> Result<bool, Fault> {
        let mut rows = locked(&self.rows);
        let Some(rows) = rows.nouns.get_mut(&owed.tenant) else { return Ok(false) };
        let before = rows.deliveries.len();
        rows.deliveries.retain(|id, it| *id != owed.delivery.id || it.attempts != owed.delivery.attempts);
        Ok(rows.deliveries.len() < before)
    }

    async fn put_off(&self, owed: &Owed, until: Timestamp, error: &str) -> Result<bool, Fault> {
        let mut rows = locked(&self.rows);
        let there = rows.nouns.get_mut(&owed.tenant).and_then(|rows| rows.deliveries.get_mut(&owed.delivery.id));
        let Some(it) = there.filter(|it| it.attempts == owed.delivery.attempts) else { return Ok(false) };
        it.next_attempt_at = until;
        it.last_error = Some(error.to_owned());
        Ok(true)
    }
}
