//! The verifier: reads an export and names the first thing in it that is not as it was written.

use std::{fmt, io};

use chancery_domain::audit_chain::{AuditCheckpoint, AuditHash, SealedEvent};

use crate::{chain, checkpoint, key_set::KeySet, line::Line, record::Record};

/// What to hold an export against.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The public keys that may have signed checkpoints. Without them signatures are not looked at.
    pub keys: Option<KeySet>,
    /// The checkpoint behind which the export begins. Without it the export must begin with the first event.
    pub after: Option<AuditCheckpoint>,
    /// A checkpoint that was kept elsewhere, and that the export must reach.
    pub until: Option<AuditCheckpoint>,
}

/// An export that is as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The chain: the tenant's uid, or `platform`.
    pub chain: String,
    /// The place of the first event. None where there is no event behind the checkpoint that was given.
    pub first: Option<u64>,
    /// The place of the last event, or of that checkpoint.
    pub last: u64,
    /// How many checkpoints there are.
    pub checkpoints: u64,
    /// Whether their signatures were verified.
    pub signed: bool,
}

/// The first thing that is wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    /// The line, from 1.
    pub line: u64,
    /// The place in the chain that it is about, as far as that can be told.
    pub position: u64,
    /// What is wrong.
    pub what: What,
}

/// What is wrong with an export.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum What {
    /// The line cannot be read.
    #[error("the line cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    /// The line is not one that an export has.
    #[error("edited: this is no line of an export")]
    Foreign,
    /// The event or its hash is not the one that was written.
    #[error("edited: the hash is not that of the event")]
    Edited,
    /// The event is as it was written, and says what this version has no word for.
    #[error("unknown: the event was written by a newer version; use a newer verifier")]
    Unknown,
    /// The hash of the event before is not the one that stands there.
    #[error("edited: the link to the event before does not fit")]
    Unlinked,
    /// One event or several are gone.
    #[error("missing: the events {from} to {to} are not there")]
    Missing {
        /// The first one.
        from: u64,
        /// The last one.
        to: u64,
    },
    /// Events do not stand in the order that they were written in.
    #[error("re-ordered: the event {0} is out of its place")]
    Reordered(u64),
    /// The event is of another chain.
    #[error("foreign: this is of another chain, {0}")]
    OtherChain(String),
    /// The export does not begin with the first event.
    #[error("missing: the export begins in the middle, and no checkpoint before it is given")]
    NoBeginning,
    /// What was signed is not what stands before.
    #[error("re-written: another event {0} was there when the checkpoint was signed")]
    Rewritten(u64),
    /// A checkpoint was not signed by the key that it names.
    #[error("edited: the checkpoint is not signed by its key {0}")]
    Unsigned(String),
    /// A checkpoint names a key that is not among those given.
    #[error("unknown: the checkpoint is signed by the key {0}, which is not among those given")]
    UnknownKey(String),
    /// The end is cut off.
    #[error("truncated: the export does not go on to its end")]
    Truncated,
    /// Something follows the end.
    #[error("edited: something follows the end of the export")]
    BehindTheEnd,
    /// There is nothing.
    #[error("truncated: there is no event")]
    Empty,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, event {}: {}", self.line, self.position, self.what)
    }
}

impl std::error::Error for Broken {}

/// Verifies an export, line by line, each without its end.
pub fn verify(lines: impl IntoIterator<Item = io::Result<Vec<u8>>>, options: &Options) -> Result<Verified, Broken> {
    let mut walk = Walk::new(options);
    let mut lines = lines.into_iter();
    for line in lines.by_ref() {
        walk.line += 1;
        if let Err(what) = walk.step(line) {
            return Err(walk.broken(what, lines));
        }
    }
    walk.line += 1;
    walk.finish().map_err(|what| Broken { line: walk.line, position: walk.position + 1, what })
}

/// How far the reader has come.
struct Walk<'a> {
    options: &'a Options,
    line: u64,
    /// The chain, once an event or a checkpoint has named it.
    chain: Option<String>,
    first: Option<u64>,
    position: u64,
    hash: Option<AuditHash>,
    checkpoints: u64,
    last_is_signed: bool,
    reached: bool,
    ended: bool,
}

impl<'a> Walk<'a> {
    fn new(options: &'a Options) -> Self {
        let after = options.after.as_ref();
        Self {
            options,
            line: 0,
            chain: after.map(|checkpoint| chain::name(checkpoint.tenant)),
            first: None,
            position: after.map_or(0, |checkpoint| checkpoint.position),
            hash: after.map(|checkpoint| checkpoint.hash),
            checkpoints: 0,
            last_is_signed: after.is_some(),
            reached: options.until.is_none(),
            ended: false,
        }
    }

    fn step(&mut self, line: io::Result<Vec<u8>>) -> Result<(), What> {
        let line = line.map_err(|error| What::Unreadable(error.kind()))?;
        if self.line == 1
            && let Some(after) = &self.options.after
        {
            self.signed(after)?;
            self.arrive()?;
        }
        if self.ended {
            return Err(What::BehindTheEnd);
        }
        match std::str::from_utf8(&line).ok().and_then(Line::read).ok_or(What::Foreign)? {
            Line::Event(event) => self.event(&event),
            Line::Checkpoint(checkpoint) => self.checkpoint(&checkpoint),
            Line::End(position) if position == self.position && self.last_is_signed => {
                self.ended = true;
                Ok(())
            }
            Line::End(position) if position > self.position => {
                Err(What::Missing { from: self.position + 1, to: position })
            }
            Line::End(position) if position == self.position => Err(What::Truncated),
            Line::End(_) => Err(What::Foreign),
        }
    }

    fn event(&mut self, event: &SealedEvent) -> Result<(), What> {
        // What is edited is called so, and not by what it was edited to.
        let is_whole = chain::link(event.position, &event.previous, &event.text) == event.hash;
        if !is_whole {
            return Err(What::Edited);
        }
        let chain = chain::name(Record::parse(&event.text).ok_or(What::Unknown)?.tenant);
        match &self.chain {
            Some(ours) if *ours != chain => return Err(What::OtherChain(chain)),
            Some(_) => {}
            None => self.chain = Some(chain.clone()),
        }
        if event.position != self.position + 1 {
            let begins = self.hash.is_none() && self.first.is_none();
            return Err(if begins { What::NoBeginning } else { What::Reordered(event.position) });
        }
        let previous = self.hash.unwrap_or_else(|| chain::of_name(&chain));
        if event.previous != previous {
            return Err(What::Unlinked);
        }
        self.first.get_or_insert(event.position);
        (self.position, self.hash, self.last_is_signed) = (event.position, Some(event.hash), false);
        self.arrive()
    }

    /// Looks whether this is the place of the checkpoint that the export has to reach.
    fn arrive(&mut self) -> Result<(), What> {
        match &self.options.until {
            Some(until) if until.position == self.position => {
                self.signed(until)?;
                self.reached = true;
                self.fits(until)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn checkpoint(&mut self, checkpoint: &AuditCheckpoint) -> Result<(), What> {
        self.signed(checkpoint)?;
        if checkpoint.position > self.position {
            return Err(What::Missing { from: self.position + 1, to: checkpoint.position });
        }
        if checkpoint.position < self.position {
            return Err(What::Reordered(checkpoint.position));
        }
        self.fits(checkpoint)?;
        self.checkpoints += 1;
        self.last_is_signed = true;
        Ok(())
    }

    fn fits(&self, checkpoint: &AuditCheckpoint) -> Result<(), What> {
        let chain = chain::name(checkpoint.tenant);
        if self.chain.as_ref().is_some_and(|ours| *ours != chain) {
            return Err(What::OtherChain(chain));
        }
        if self.hash == Some(checkpoint.hash) { Ok(()) } else { Err(What::Rewritten(checkpoint.position)) }
    }

    fn signed(&self, checkpoint: &AuditCheckpoint) -> Result<(), What> {
        let Some(keys) = &self.options.keys else { return Ok(()) };
        let key = checkpoint.key.to_string();
        match keys.find(&checkpoint.key) {
            None => Err(What::UnknownKey(key)),
            Some(public) if checkpoint::is_signed(checkpoint, public) => Ok(()),
            Some(_) => Err(What::Unsigned(key)),
        }
    }

    fn finish(&self) -> Result<Verified, What> {
        let Some(chain) = &self.chain else { return Err(What::Empty) };
        if !self.ended || !self.reached {
            return Err(What::Truncated);
        }
        Ok(Verified {
            chain: chain.clone(),
            first: self.first,
            last: self.position,
            checkpoints: self.checkpoints,
            signed: self.options.keys.is_some(),
        })
    }

    /// Names the place. An event that stands too early may be one of those that were moved, or what is before it may be
    /// gone: the lines behind it tell.
    fn broken(&self, what: What, rest: impl Iterator<Item = io::Result<Vec<u8>>>) -> Broken {
        let expected = self.position + 1;
        let is_early = matches!(&what, What::Reordered(found) if *found > expected) || what == What::NoBeginning;
        let what = match (what, is_early && has(rest, expected)) {
            (What::NoBeginning, true) => What::Reordered(expected),
            (What::Reordered(found), false) if found > expected => What::Missing { from: expected, to: found - 1 },
            (what, _) => what,
        };
        Broken { line: self.line, position: expected, what }
    }
}

/// Whether the event of that place is there.
fn has(lines: impl Iterator<Item = io::Result<Vec<u8>>>, position: u64) -> bool {
    let mut events = lines.filter_map(|line| match Line::read(std::str::from_utf8(&line.ok()?).ok()?)? {
        Line::Event(event) => Some(event.position),
        Line::Checkpoint(_) | Line::End(_) => None,
    });
    events.any(|found| found == position)
}
