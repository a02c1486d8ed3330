//! Leases: which of several workers runs a task.

use std::time::Duration;

/// A claim to one task, held for a while by one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseClaim {
    /// The task, such as `rotate_keys`.
    pub task: &'static str,
    /// The process, told apart by a random name.
    pub holder: String,
    /// For how long.
    pub span: Duration,
}
