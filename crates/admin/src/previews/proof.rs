//! The hash of a preview: that this caller was shown what this request would do.

use chancery_domain::{
    secret::{Digest, base64url, from_base64url},
    time::Timestamp,
};
use prost::Message;

use super::Foreseen;
use crate::{
    call::Call,
    context::Context,
    status::{Reason, Refusal},
};

/// What is to be done, whenever it is asked for.
pub(crate) struct Deed {
    /// Which.
    what: String,
    /// The request, without what names the try and not the deed.
    request: Vec<u8>,
}

impl Deed {
    /// What such a request does.
    pub(crate) fn of(what: impl Into<String>, bare: &impl Message) -> Self {
        Self { what: what.into(), request: bare.encode_length_delimited_to_vec() }
    }
}

/// The hash, with the time until which it is good.
pub(super) fn write(
    cx: &Context,
    call: &Call,
    deed: &Deed,
    foreseen: &Foreseen,
    expires: Timestamp,
) -> Result<String, Refusal> {
    let digest = digest(cx, call, deed, foreseen, expires)?;
    Ok(base64url(&[&expires.millis().to_be_bytes()[..], digest.bytes()].concat()))
}

/// Refuses a hash that is not of this caller, this request and this state of things, or too old.
pub(super) fn check(cx: &Context, call: &Call, deed: &Deed, foreseen: &Foreseen, hash: &str) -> Result<(), Refusal> {
    let changed = || {
        let message = "what this would end is not what the preview told, or the preview is of another request or too \
                       old: ask for a new one";
        Refusal::new(Reason::PreviewChanged, message).with("name", foreseen.about.clone())
    };
    let sent = from_base64url(hash).ok_or_else(changed)?;
    let (expires, sent) = sent.split_first_chunk::<8>().ok_or_else(changed)?;
    let expires = Timestamp::from_millis(i64::from_be_bytes(*expires));
    let sent = sent.try_into().map(Digest::from_bytes).map_err(|_| changed())?;
    let is_same = digest(cx, call, deed, foreseen, expires)? == sent;
    if is_same && cx.clock.now() < expires { Ok(()) } else { Err(changed()) }
}

/// What keys would be called that are made anew is nobody's to know, and when tokens end moves with the clock: neither
/// is in `samples`, and times are left out.
fn digest(cx: &Context, call: &Call, deed: &Deed, foreseen: &Foreseen, expires: Timestamp) -> Result<Digest, Refusal> {
    let mut bytes = Vec::new();
    for text in [&call.caller.principal().to_string(), &deed.what, &foreseen.about, &foreseen.version] {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(&expires.millis().to_be_bytes());
    for effect in &foreseen.effects {
        let mut effect = effect.clone();
        effect.until_time = None;
        bytes.extend(effect.encode_length_delimited_to_vec());
    }
    bytes.extend_from_slice(&deed.request);
    Ok(cx.keys.masters.fingerprint("preview", &bytes)?)
}
