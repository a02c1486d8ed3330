//! People: passwords, sessions, consents and throttling.
