//! A desk: one thread's session with the token, and what it has found there.

use std::{collections::HashMap, sync::Arc};

use chancery_domain::{fault::Fault, key_spec::KeySpec, vocabulary::Algorithm};
use chancery_keys::custodian::PublicNumbers;
use cryptoki::{
    error::Error,
    object::{Attribute, ObjectClass, ObjectHandle},
    session::Session,
};

use crate::{fault::is_of_the_session, making, mechanism, token::Token};

/// How many handles are remembered before all are forgotten.
const MOST_HANDLES: usize = 10_000;

/// A session of one thread.
pub(crate) struct Desk {
    token: Arc<Token>,
    open: Option<Open>,
}

struct Open {
    session: Session,
    /// Private keys by their ids. Handles are good for as long as the session is.
    handles: HashMap<Vec<u8>, ObjectHandle>,
}

/// Why a desk could not do what it was asked for.
enum Trouble {
    /// The module says so.
    Module(Error),
    /// The key is not in the token.
    NoKey,
}

impl Desk {
    pub(crate) fn new(token: Arc<Token>, session: Option<Session>) -> Self {
        Self { token, open: session.map(Open::new) }
    }

    /// Signs with the key of that id.
    pub(crate) fn sign(&mut self, algorithm: Algorithm, id: &[u8], message: &[u8]) -> Result<Vec<u8>, Fault> {
        self.with("a hardware security module does not sign", |open| {
            let key = open.private_key(id)?;
            Ok(mechanism::sign(&open.session, algorithm, key, message)?)
        })
    }

    /// Makes a key under that id.
    pub(crate) fn make(&mut self, spec: KeySpec, id: &[u8], label: &str) -> Result<PublicNumbers, Fault> {
        self.with("a hardware security module makes no key", |open| Ok(making::make(&open.session, spec, id, label)?))
    }

    /// Destroys what has that id, if anything does.
    pub(crate) fn destroy(&mut self, id: &[u8]) -> Result<(), Fault> {
        self.with("a hardware security module does not destroy a key", |open| {
            open.handles.remove(id);
            for object in open.session.find_objects(&[Attribute::Token(true), Attribute::Id(id.to_vec())])? {
                open.session.destroy_object(object)?;
            }
            Ok(())
        })
    }

    /// Does something in a session. When the session fails it is thrown away, and a failure that may lie with the
    /// session is given one more try in a new one.
    fn with<T>(&mut self, failing: &'static str, work: impl Fn(&mut Open) -> Result<T, Trouble>) -> Result<T, Fault> {
        if let Some(mut open) = self.open.take() {
            match work(&mut open) {
                Err(Trouble::Module(error)) if is_of_the_session(&error) => {
                    tracing::warn!(signer = %self.token.name(), %error, "a session has failed: trying a new one");
                }
                done => return self.settle(open, failing, done),
            }
        }
        let mut open = Open::new(self.token.session()?);
        let done = work(&mut open);
        self.settle(open, failing, done)
    }

    /// Keeps the session, unless it may be in the middle of something.
    fn settle<T>(&mut self, open: Open, failing: &'static str, done: Result<T, Trouble>) -> Result<T, Fault> {
        match done {
            Ok(done) => {
                self.open = Some(open);
                Ok(done)
            }
            Err(Trouble::NoKey) => {
                self.open = Some(open);
                Err(Fault::bug("a hardware security module has no key of that reference"))
            }
            Err(Trouble::Module(error)) if is_of_the_session(&error) => Err(Fault::unavailable(failing, error)),
            Err(Trouble::Module(error)) => Err(Fault::broken(failing, error)),
        }
    }
}

impl Open {
    fn new(session: Session) -> Self {
        Self { session, handles: HashMap::new() }
    }

    fn private_key(&mut self, id: &[u8]) -> Result<ObjectHandle, Trouble> {
        if let Some(known) = self.handles.get(id) {
            return Ok(*known);
        }
        let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Token(true), Attribute::Id(id.to_vec())];
        let found = self.session.find_objects(&wanted)?.first().copied().ok_or(Trouble::NoKey)?;
        if self.handles.len() >= MOST_HANDLES {
            self.handles.clear();
        }
        self.handles.insert(id.to_vec(), found);
        Ok(found)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Module(error)
    }
}
