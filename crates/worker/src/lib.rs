//! The clock: wakes the tasks; the store says what is due.
