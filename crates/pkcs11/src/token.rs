//! The token: found by its label, entered with its PIN.

use std::sync::atomic::{AtomicBool, Ordering};

use chancery_domain::{id::SignerName, key_spec::KeySpec};
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    mechanism::MechanismType,
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};

use crate::{Settings, fault::OpenError, mechanism};

/// A token that was entered once.
pub(crate) struct Token {
    module: Pkcs11,
    settings: Settings,
    /// What it can do, with the smallest and the largest key.
    able: Vec<(MechanismType, usize, usize)>,
    /// Whether it has refused our PIN.
    refused: AtomicBool,
}

impl Token {
    /// Loads the module, finds the token and enters it.
    pub(crate) fn enter(settings: Settings) -> Result<(Self, Session), OpenError> {
        let module = Pkcs11::new(&settings.module)
            .map_err(|cause| OpenError::NoModule { module: settings.module.clone(), cause })?;
        let mut token = Self { module, settings, able: Vec::new(), refused: AtomicBool::new(false) };
        let session = token.session()?;
        let slot = token.slot()?;
        token.able = token.abilities(slot).map_err(|cause| token.silent(cause))?;
        Ok((token, session))
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &SignerName {
        &self.settings.name
    }

    /// A session in which the user is logged in.
    pub(crate) fn session(&self) -> Result<Session, OpenError> {
        let token = self.settings.token.clone();
        if self.refused.load(Ordering::SeqCst) {
            return Err(OpenError::WrongPin { token });
        }
        self.begin()?;
        let slot = self.slot()?;
        let session = self.module.open_rw_session(slot).map_err(|cause| self.silent(cause))?;
        let pin = AuthPin::new(self.settings.pin.expose().into());
        match session.login(UserType::User, Some(&pin)) {
            // Who logs in does so for all sessions of the process.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
                self.refused.store(true, Ordering::SeqCst);
                Err(OpenError::WrongPin { token })
            }
            Err(Error::Pkcs11(RvError::PinLocked, _)) => {
                self.refused.store(true, Ordering::SeqCst);
                Err(OpenError::Locked { token })
            }
            Err(Error::Pkcs11(RvError::UserPinNotInitialized, _)) => Err(OpenError::NoUser { token }),
            Err(cause) => Err(self.silent(cause)),
        }
    }

    /// Whether it can make such a key and sign with it.
    pub(crate) fn holds(&self, spec: KeySpec) -> bool {
        let Some(needs) = mechanism::needs(spec) else { return false };
        let able = |wanted: MechanismType, bits: Option<usize>| {
            self.able.iter().any(|(mechanism, least, most)| {
                *mechanism == wanted && bits.is_none_or(|bits| (*least..=*most).contains(&bits))
            })
        };
        able(needs.signing, None) && able(needs.making, needs.bits)
    }

    fn begin(&self) -> Result<(), OpenError> {
        match self.module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
            Err(cause) => Err(OpenError::NoBeginning { module: self.settings.module.clone(), cause }),
        }
    }

    fn slot(&self) -> Result<Slot, OpenError> {
        let mut there = Vec::new();
        let slots = self.module.get_slots_with_initialized_token().map_err(|cause| self.silent(cause))?;
        for slot in slots {
            let info = self.module.get_token_info(slot).map_err(|cause| self.silent(cause))?;
            there.push((info.label().to_owned(), slot));
        }
        let token = self.settings.token.clone();
        let mut fitting = there.iter().filter(|(label, _)| *label == token);
        match (fitting.next(), fitting.count()) {
            (Some((_, slot)), 0) => Ok(*slot),
            (Some(_), more) => Err(OpenError::Ambiguous { token, count: more + 1 }),
            (None, _) => Err(OpenError::NoToken { token, there: there.into_iter().map(|(label, _)| label).collect() }),
        }
    }

    fn abilities(&self, slot: Slot) -> Result<Vec<(MechanismType, usize, usize)>, Error> {
        let listed = self.module.get_mechanism_list(slot)?;
        // One that is listed and then not known has no sizes; sizes matter only where keys are made.
        let sized = |mechanism| match self.module.get_mechanism_info(slot, mechanism) {
            Ok(info) => (mechanism, info.min_key_size(), info.max_key_size()),
            Err(_) => (mechanism, 0, 0),
        };
        Ok(listed.into_iter().map(sized).collect())
    }

    fn silent(&self, cause: Error) -> OpenError {
        OpenError::NoAnswer { token: self.settings.token.clone(), cause }
    }
}
