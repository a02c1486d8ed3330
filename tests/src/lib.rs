//! Everything that crosses rooms.
