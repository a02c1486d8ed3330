//! The one guarded client for whatever the server fetches and delivers at a client's wish.
//!
//! A client that registers a `jwks_uri` or a logout endpoint has our server call a place of its choosing, from inside our
//! network. So nothing else in the server speaks HTTP to the outside, and what is here gives little away:
//!
//! 1. `domain::outbound` reads the URI, and refuses what can be told by its text;
//! 2. `gate` gives it a turn: few at a time for one tenant and for one place, and not too many over all;
//! 3. `lookup` resolves the host and lets through only addresses that may be called, and the connection goes to one of
//!    those, so nobody can change their mind in between;
//! 4. `trust` believes the certificates of the machine and those that the configuration adds;
//! 5. `answer` takes a status and a body of the right kind and size. Redirects are answers like others, and not wanted.
//!
//! `client` puts these together, under one deadline. `shared` lets those who want the same document wait for one fetch of
//! it, where strangers can ask for it. `key_sets` keeps what clients publish.
//!
//! This room knows no rows, no keys and no tenants' rules. To fetch another kind of document, add it to
//! `domain::outbound::Document`.

mod answer;
mod client;
mod gate;
mod key_sets;
mod lookup;
mod shared;
mod trust;
mod turns;

pub use client::{Outbound, Settings};
pub use key_sets::KeySets;
pub use lookup::{Lookup, SystemLookup};
pub use trust::{TrustError, read_roots};
