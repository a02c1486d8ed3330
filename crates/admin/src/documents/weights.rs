//! What to think of when a field changes: a table for each message that documents hold.

#[cfg(test)]
mod tests;
