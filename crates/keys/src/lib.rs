//! The life of a signing key; the only room that touches JOSE and key material.
