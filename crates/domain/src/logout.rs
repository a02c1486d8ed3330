//! The end of sessions, as the clients that took part are told of it.
