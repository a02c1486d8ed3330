//! Lists that are read a page at a time.

/// Where to begin and how much to bring. The order is always that of the position text, ascending.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// The position of the last row that the caller has, or none for the beginning.
    pub after: Option<String>,
    /// How many rows at most; at least 1.
    pub size: u32,
}

/// A page, and where the next one begins.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The position of the last row here, when there are more.
    pub next: Option<String>,
}
