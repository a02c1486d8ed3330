//! An export of a thousand events, to do things to.

use std::sync::LazyLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chancery_audit::{
    Broken, KeySet, Options, Verified, canonical, checkpoint_line, end_line, event_line, genesis, jwk, link_all,
    read_checkpoint, signed_bytes, verify,
};
use chancery_domain::{
    audit::{Action, Actor, AuditEvent, Author},
    audit_chain::{AuditCheckpoint, AuditHead, SealedEvent},
    change::Noun,
    id::{KeyId, TenantId, UserId},
    time::Timestamp,
    version::Version,
};

/// How many events there are.
pub(crate) const EVENTS: u64 = 1000;
/// After how many a checkpoint comes.
pub(crate) const EACH: u64 = 100;

/// An export of a thousand events, and the key that signed it.
pub(crate) struct Export {
    pub(crate) lines: Vec<String>,
    pub(crate) keys: KeySet,
    signer: Ed25519KeyPair,
}

pub(crate) static EXPORT: LazyLock<Export> = LazyLock::new(|| Export::of(1, 0));

pub(crate) fn tenant() -> TenantId {
    "018f0000-0000-7000-8000-000000000000".parse().expect("an id")
}

pub(crate) fn kid() -> KeyId {
    "audit-1".parse().expect("an id")
}

pub(crate) fn event(number: u64, tenant: Option<TenantId>) -> AuditEvent {
    let at = Timestamp::from_millis(1_772_366_400_000) + std::time::Duration::from_millis(number * 977);
    let user: UserId = format!("018f0000-0000-7000-8000-{number:012}").parse().expect("an id");
    let mut author = Author::from(Actor::User(user));
    if number.is_multiple_of(3) {
        (author.method, author.permission) = (Some("api_key"), Some("users.update"));
        author.request_id = Some(format!("5f7c1c1e-9a3f-4d43-9b6c-{number:012}"));
        author.trace = Some(format!("{number:016x}").into());
    }
    let event = AuditEvent::new(tenant, at, author, Action::SignedIn).about(Noun::User, &user);
    let versions = number.is_multiple_of(2).then(|| Version::new(i64::from(u32::try_from(number).expect("small"))));
    let event = event.between(versions, versions.map(Version::next));
    if number.is_multiple_of(7) { event.noting(format!("note \u{1b}[3{number}m")).because("test") } else { event }
}

impl Export {
    /// The export that begins with event `first`. Another `seed` is another key under the same name.
    pub(crate) fn of(first: u64, seed: u8) -> Self {
        let signer = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key");
        let public = signer.public_key().as_ref().try_into().expect("32 bytes");
        let keys = KeySet::read(&format!(r#"{{"keys":[{}]}}"#, jwk(&kid(), &public))).expect("a key set");
        let mut export = Self { lines: Vec::new(), keys, signer };
        for event in &*SEALED {
            let (position, hash) = (event.position, event.hash);
            if position >= first {
                export.lines.push(event_line(event));
            }
            if position >= first && position.is_multiple_of(EACH) {
                let line = checkpoint_line(&export.checkpoint(AuditHead { position, hash }));
                export.lines.push(line);
            }
        }
        export.lines.push(end_line(EVENTS));
        export
    }

    pub(crate) fn checkpoint(&self, head: AuditHead) -> AuditCheckpoint {
        let AuditHead { position, hash } = head;
        let (at, key) = (Timestamp::from_millis(1_772_366_400_000), kid());
        let unsigned = AuditCheckpoint { tenant: Some(tenant()), position, hash, at, key, signature: Vec::new() };
        let signature = self.signer.sign(&signed_bytes(&unsigned)).as_ref().to_vec();
        AuditCheckpoint { signature, ..unsigned }
    }

    pub(crate) fn options(&self) -> Options {
        Options { keys: Some(self.keys.clone()), ..Options::default() }
    }
}

/// The events, linked.
pub(crate) static SEALED: LazyLock<Vec<SealedEvent>> = LazyLock::new(|| {
    let chain = Some(tenant());
    let mut head = AuditHead { position: 0, hash: genesis(chain) };
    link_all(&mut head, (1..=EVENTS).map(|number| canonical(&event(number, chain))))
});

pub(crate) fn check<T: AsRef<[u8]>>(lines: impl IntoIterator<Item = T>, options: &Options) -> Result<Verified, Broken> {
    let text: Vec<u8> = lines.into_iter().flat_map(|line| [line.as_ref(), b"\n"].concat()).collect();
    let lines: Vec<_> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    verify(lines.into_iter().filter(|line| !line.is_empty()).map(Ok), options)
}

/// What is wrong with the export when its lines are these.
pub(crate) fn wrong(lines: Vec<String>) -> Broken {
    check(lines, &EXPORT.options()).expect_err("it was tampered with")
}

/// The same, read from the last checkpoint before that line on: it is the thousand events that make reading slow.
pub(crate) fn wrong_near<T: AsRef<[u8]>>(lines: &[T], index: usize) -> Broken {
    let block = usize::try_from(EACH + 1).expect("small");
    let begin = index / block * block;
    let after = begin.checked_sub(1).and_then(|last| read_checkpoint(&EXPORT.lines[last]));
    let broken = check(&lines[begin..], &Options { after, ..EXPORT.options() }).expect_err("it was tampered with");
    Broken { line: broken.line + begin as u64, ..broken }
}

/// The index of the line of an event.
pub(crate) fn at(position: u64) -> usize {
    usize::try_from(position - 1 + (position - 1) / EACH).expect("small")
}
