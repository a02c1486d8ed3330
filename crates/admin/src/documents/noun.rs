//! What a list of things in a document has to know how to do, for every noun the same.

use std::{collections::BTreeMap, marker::PhantomData};

use chancery_domain::{
    fault::WriteError,
    id::{ClientId, TenantId, TenantSlug},
    key_policy::KeyPolicy,
    ports::store::TenantReader,
    tenant::Tenant,
    time::Timestamp,
};
use chancery_proto::v1::{TenantDocument, TenantDocumentChange};
use prost::Message;
use prost_types::FieldMask;
use tonic::async_trait;

use super::{
    change::{self, Words},
    compare,
};
use crate::{context::Context, mask, name, status::Refusal, writing::Writing};

/// A noun whose things documents hold.
#[async_trait]
pub(super) trait Noun: Send + Sync + 'static {
    /// A thing as stored.
    type Thing: Clone + Send + Sync;
    /// A thing as sent.
    type Sent: Message + Default + Clone + Send + Sync + 'static;

    /// The list in the document: `clients`.
    const LIST: &'static str;
    /// What refusals of the noun's own room begin the paths of fields with: `client`.
    const FIELD: &'static str;
    /// What is said of its changes.
    const WORDS: Words<Self::Sent>;

    /// The list in a document.
    fn list(document: &TenantDocument) -> &Vec<Self::Sent>;
    /// The same, to put things in.
    fn list_mut(document: &mut TenantDocument) -> &mut Vec<Self::Sent>;
    /// The name that a thing was sent under.
    fn name(sent: &Self::Sent) -> &str;
    /// The tenant and the id in a name, which stands in that field.
    fn read_name(field: &str, name: &str) -> Result<(TenantSlug, String), Refusal>;
    /// The thing as callers see it.
    fn message(tenant: &TenantSlug, thing: &Self::Thing) -> Self::Sent;
    /// Everything that the tenant has of it; refused where that is more than a document holds.
    async fn stored(rows: &dyn TenantReader, tenant: &TenantSlug) -> Result<Vec<Self::Thing>, Refusal>;
    /// A new thing of that id.
    fn fresh(asked: &Asked<'_>, id: &str, sent: &Self::Sent) -> Result<Self::Thing, Refusal>;
    /// A stored thing as it is to be, all of it.
    fn changed(asked: &Asked<'_>, sent: &Self::Sent, stored: Self::Thing) -> Result<Self::Thing, Refusal>;
    /// Refuses a new thing that cannot stand beside the others.
    fn admit(_tenant: &TenantSlug, _thing: &Self::Thing, _others: &[&Self::Thing]) -> Result<(), Refusal> {
        Ok(())
    }
    /// Refuses what will be there where it does not go together.
    async fn fit(_asked: &Asked<'_>, _things: &[&Self::Thing]) -> Result<(), Refusal> {
        Ok(())
    }
    /// Looks outside for what a thing, new or another than before, leans on there. Asked last, and for nobody who could not
    /// write it.
    async fn look(
        _cx: &Context,
        _tenant: TenantId,
        _before: Option<&Self::Thing>,
        _after: &Self::Thing,
    ) -> Result<(), Refusal> {
        Ok(())
    }
    /// Lets go of what a thing will not hold any more, before anything else is written; its audit event comes with the
    /// update.
    async fn release(_to: Writing<'_>, _before: &Self::Thing, _after: &Self::Thing) -> Result<(), WriteError> {
        Ok(())
    }
    /// Writes a new thing, with its audit event.
    async fn insert(to: Writing<'_>, thing: &Self::Thing) -> Result<(), WriteError>;
    /// Writes a thing in place of what it was, with its audit event; guarded by the version that was read.
    async fn update(to: Writing<'_>, before: &Self::Thing, after: &Self::Thing) -> Result<(), WriteError>;
    /// Removes a thing, with its audit event; guarded by the version that was read.
    async fn delete(to: Writing<'_>, thing: &Self::Thing) -> Result<(), WriteError>;
}

/// What a plan is asked for.
pub(super) struct Asked<'a> {
    /// What the call works with.
    pub(super) cx: &'a Context,
    /// The tenant as it is to be.
    pub(super) tenant: &'a Tenant,
    /// Its key policy as it is to be.
    pub(super) policy: &'a KeyPolicy,
    /// What lists that come first will hold, with what only the server tells of it.
    pub(super) beside: TenantDocument,
    /// Its rows; none of a tenant that is not there yet.
    pub(super) rows: Option<&'a dyn TenantReader>,
    /// What was sent.
    pub(super) document: &'a TenantDocument,
    /// Whether what was not sent goes.
    pub(super) prune: bool,
    /// When.
    pub(super) now: Timestamp,
}

/// What is said of a client that goes while something names it still.
pub(super) const MUST_BE_THERE: &str = "must be a client that the tenant has once the document is applied";

impl Asked<'_> {
    /// Whether a client goes with the document. Those that registered themselves are no document's to remove.
    pub(super) async fn removes(&self, client: &ClientId) -> Result<bool, Refusal> {
        let Some(rows) = self.rows else { return Ok(false) };
        let name = name::within(&self.tenant.slug, "clients", client);
        if self.beside.clients.iter().any(|stays| stays.name == name) {
            return Ok(false);
        }
        let found = rows.clients().find(client).await?;
        Ok(found.is_some_and(|client| !client.registered_itself()))
    }
}

/// A list of a document, whatever its noun.
#[async_trait]
pub(super) trait Part: Send + Sync {
    /// Puts what the tenant has into a document.
    async fn export(
        &self,
        rows: &dyn TenantReader,
        tenant: &TenantSlug,
        document: &mut TenantDocument,
    ) -> Result<(), Refusal>;
    /// What has to be written to make the list what was sent. Everything about it that can be refused is refused here.
    async fn plan(&self, asked: &Asked<'_>) -> Result<Box<dyn Planned>, Refusal>;
    /// What is different in the list between two documents.
    fn differences(&self, before: &TenantDocument, after: &TenantDocument) -> Vec<TenantDocumentChange>;
}

/// A list that is ready to be written.
#[async_trait]
pub(super) trait Planned: Send + Sync {
    /// Puts the things as they are, and as they are to be, into two documents.
    fn tell(&self, before: &mut TenantDocument, after: &mut TenantDocument);
    /// Puts the things as they are to be, with what only the server tells of them, into a document.
    fn stand(&self, document: &mut TenantDocument);
    /// Looks outside for what new and changed things of that tenant lean on there.
    async fn look(&self, cx: &Context, tenant: TenantId) -> Result<(), Refusal>;
    /// Lets go of what things will not hold any more.
    async fn release(&self, to: Writing<'_>) -> Result<(), Refusal>;
    /// Removes what goes.
    async fn delete(&self, to: Writing<'_>) -> Result<(), Refusal>;
    /// Writes what is new or changed.
    async fn write(&self, to: Writing<'_>) -> Result<(), Refusal>;
}

/// The list of one noun.
pub(super) struct Of<N>(PhantomData<fn() -> N>);

impl<N> Of<N> {
    /// It holds nothing.
    pub(super) const NEW: Self = Self(PhantomData);
}

/// What is done with one thing.
enum Step<T> {
    Create(T),
    Update(T, T),
    Delete(T),
    Keep(T),
}

struct Steps<N: Noun> {
    tenant: TenantSlug,
    steps: Vec<Step<N::Thing>>,
}

fn bare<N: Noun>(tenant: &TenantSlug, thing: &N::Thing) -> N::Sent {
    compare::bare(N::WORDS.message, N::WORDS.fields, &N::message(tenant, thing))
}

#[async_trait]
impl<N: Noun> Part for Of<N> {
    async fn export(
        &self,
        rows: &dyn TenantReader,
        tenant: &TenantSlug,
        document: &mut TenantDocument,
    ) -> Result<(), Refusal> {
        *N::list_mut(document) = N::stored(rows, tenant).await?.iter().map(|thing| bare::<N>(tenant, thing)).collect();
        Ok(())
    }

    async fn plan(&self, asked: &Asked<'_>) -> Result<Box<dyn Planned>, Refusal> {
        let slug = &asked.tenant.slug;
        let stored = match asked.rows {
            Some(rows) => N::stored(rows, slug).await?,
            None => Vec::new(),
        };
        let mut stored: BTreeMap<String, N::Thing> =
            stored.into_iter().map(|thing| (N::name(&N::message(slug, &thing)).to_owned(), thing)).collect();
        let mut steps: Vec<Step<N::Thing>> = Vec::with_capacity(stored.len());
        let mut seen = BTreeMap::new();
        for (at, sent) in N::list(asked.document).iter().enumerate() {
            let path = format!("tenant_document.{}[{at}]", N::LIST);
            let (tenant, id) = N::read_name(&format!("{path}.name"), N::name(sent))?;
            if tenant != *slug {
                return Err(Refusal::field(
                    format!("{path}.name"),
                    "must lie in the tenant that the document is about",
                ));
            }
            if seen.insert(id.clone(), at).is_some() {
                return Err(Refusal::field(format!("{path}.name"), "must stand in the document once"));
            }
            let step = match stored.remove(N::name(sent)) {
                None => N::fresh(asked, &id, sent).map(Step::Create),
                Some(before) => changed::<N>(asked, sent, before),
            };
            steps.push(step.map_err(|refusal| refusal.moved(N::FIELD, &path))?);
        }
        let rest = stored.into_values();
        steps.extend(rest.map(|thing| if asked.prune { Step::Delete(thing) } else { Step::Keep(thing) }));
        admit::<N>(slug, &steps)?;
        N::fit(asked, &steps.iter().filter_map(Step::stays).collect::<Vec<_>>()).await?;
        Ok(Box::new(Steps::<N> { tenant: slug.clone(), steps }))
    }

    fn differences(&self, before: &TenantDocument, after: &TenantDocument) -> Vec<TenantDocumentChange> {
        let named = |document| N::list(document).iter().map(|one| (N::name(one), one)).collect::<BTreeMap<_, _>>();
        let (before, mut after) = (named(before), named(after));
        let words = N::WORDS;
        let mut changes = Vec::new();
        for (name, one) in before {
            changes.extend(change::between(&words, name, Some(one), after.remove(name)));
        }
        changes.extend(after.into_iter().filter_map(|(name, one)| change::between(&words, name, None, Some(one))));
        changes
    }
}

/// By the rules of an update of everything.
fn changed<N: Noun>(asked: &Asked<'_>, sent: &N::Sent, before: N::Thing) -> Result<Step<N::Thing>, Refusal> {
    let words = N::WORDS;
    let everything = FieldMask { paths: vec!["*".to_owned()] };
    let is = N::message(&asked.tenant.slug, &before);
    let mut wanted = is.clone();
    mask::apply(words.fields, N::FIELD, Some(&everything), sent, &mut wanted)?;
    let after = N::changed(asked, &wanted, before.clone())?;
    let will_be = N::message(&asked.tenant.slug, &after);
    let same = compare::differences(words.message, words.fields, Some(&is), &will_be).is_empty();
    Ok(if same { Step::Keep(before) } else { Step::Update(before, after) })
}

/// Each new thing beside all the others that will be there.
fn admit<N: Noun>(tenant: &TenantSlug, steps: &[Step<N::Thing>]) -> Result<(), Refusal> {
    for (at, step) in steps.iter().enumerate() {
        let Step::Create(thing) = step else { continue };
        let others = steps.iter().enumerate().filter(|(other, _)| *other != at).filter_map(|(_, step)| step.stays());
        let others: Vec<_> = others.collect();
        N::admit(tenant, thing, &others)?;
    }
    Ok(())
}

impl<T> Step<T> {
    /// The thing as it will be, if it will.
    const fn stays(&self) -> Option<&T> {
        match self {
            Self::Create(thing) | Self::Update(_, thing) | Self::Keep(thing) => Some(thing),
            Self::Delete(_) => None,
        }
    }

    /// The thing as it is, if it is.
    const fn stands(&self) -> Option<&T> {
        match self {
            Self::Update(thing, _) | Self::Keep(thing) | Self::Delete(thing) => Some(thing),
            Self::Create(_) => None,
        }
    }
}

#[async_trait]
impl<N: Noun> Planned for Steps<N> {
    fn tell(&self, before: &mut TenantDocument, after: &mut TenantDocument) {
        let told = |thing: &N::Thing| {
            let message = bare::<N>(&self.tenant, thing);
            (N::name(&message).to_owned(), message)
        };
        // In the order in which a store lists them.
        let stand: BTreeMap<_, _> = self.steps.iter().filter_map(Step::stands).map(told).collect();
        let stay: BTreeMap<_, _> = self.steps.iter().filter_map(Step::stays).map(told).collect();
        *N::list_mut(before) = stand.into_values().collect();
        *N::list_mut(after) = stay.into_values().collect();
    }

    fn stand(&self, document: &mut TenantDocument) {
        let stay = self.steps.iter().filter_map(Step::stays);
        *N::list_mut(document) = stay.map(|thing| N::message(&self.tenant, thing)).collect();
    }

    async fn look(&self, cx: &Context, tenant: TenantId) -> Result<(), Refusal> {
        // Those that were sent come first, in the order in which they were.
        for (at, step) in self.steps.iter().enumerate() {
            let looked = match step {
                Step::Create(after) => N::look(cx, tenant, None, after).await,
                Step::Update(before, after) => N::look(cx, tenant, Some(before), after).await,
                Step::Delete(_) | Step::Keep(_) => Ok(()),
            };
            looked.map_err(|refusal| refusal.moved(N::FIELD, &format!("tenant_document.{}[{at}]", N::LIST)))?;
        }
        Ok(())
    }

    async fn release(&self, to: Writing<'_>) -> Result<(), Refusal> {
        for step in &self.steps {
            match step {
                Step::Update(before, after) => N::release(to, before, after).await?,
                Step::Create(_) | Step::Delete(_) | Step::Keep(_) => {}
            }
        }
        Ok(())
    }

    async fn delete(&self, to: Writing<'_>) -> Result<(), Refusal> {
        for step in &self.steps {
            if let Step::Delete(thing) = step {
                N::delete(to, thing).await?;
            }
        }
        Ok(())
    }

    async fn write(&self, to: Writing<'_>) -> Result<(), Refusal> {
        for step in &self.steps {
            match step {
                Step::Create(thing) => {
                    let about = |error| Refusal::from(error).about(N::WORDS.message, &self.name_of(thing));
                    N::insert(to, thing).await.map_err(about)?;
                }
                Step::Update(before, after) => N::update(to, before, after).await?,
                Step::Delete(_) | Step::Keep(_) => {}
            }
        }
        Ok(())
    }
}

impl<N: Noun> Steps<N> {
    fn name_of(&self, thing: &N::Thing) -> String {
        N::name(&N::message(&self.tenant, thing)).to_owned()
    }
}
