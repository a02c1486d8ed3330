//! The form of the audit: how an event is written, how it is linked to the one before, how a chain is signed from time
//! to time, how it is exported, and how anybody can check all that without the server.
//!
//! This room is pure. It does no I/O, knows no table and no door, and holds no private key: storage links with it, the
//! keys room signs with it, the admin door exports with it, and the command line verifies with it.
//!
//! The form, for whoever wants to check it with other means:
//!
//! - An event is one JSON object in ASCII without white space, its members in the order of [`Record`], absent ones left
//!   out. Text that is not printable ASCII is written with `\u` escapes, and so are `<`, `>` and `&`.
//! - `hash = SHA-256("chancery audit event v1" 00 position previous text)`, the position as 8 bytes, the highest first.
//! - The first event of a chain has the position 1 and as `previous`
//!   `SHA-256("chancery audit chain v1" 00 chain)`, where the chain is the tenant's uid or `platform`.
//! - A checkpoint is signed with Ed25519 over `"chancery audit checkpoint v1" 00 text`, its text being JSON as above.
//!
//! To add a member to events: at the end of [`Record`], optional, and never change the meaning of one that is there.
//! What has once been written must verify for ever. A verifier from before the member finds the hash right and the event
//! unknown, and says that it is too old.

mod chain;
mod checkpoint;
mod json;
mod key_set;
mod line;
mod record;
mod verify;

pub use chain::{genesis, link, link_all};
pub use checkpoint::{is_signed, signed_bytes, signed_text};
pub use key_set::{KeySet, jwk};
pub use line::{checkpoint_line, end_line, event_line, read_checkpoint};
pub use record::{ActorRecord, ObjectRecord, Record, canonical};
pub use verify::{Broken, Options, Verified, What, verify};
