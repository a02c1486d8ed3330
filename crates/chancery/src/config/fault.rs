//! What is wrong with a configuration, and where.

use std::fmt;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The file as a whole: something is missing.
    File,
    /// A line of the file, from 1.
    Line(usize),
    /// An environment variable.
    Environment(String),
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConfigFault {
    /// Where.
    pub place: Place,
    /// What, and what to do about it.
    pub what: String,
}

/// Everything that is wrong, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigFaults {
    file: String,
    faults: Vec<ConfigFault>,
}

impl ConfigFaults {
    /// Collects the faults of a file.
    #[must_use]
    pub(crate) fn new(file: &str, mut faults: Vec<ConfigFault>) -> Self {
        faults.sort();
        Self { file: file.to_owned(), faults }
    }

    /// The file cannot be read at all.
    #[must_use]
    pub(crate) fn unreadable(file: &str, error: &std::io::Error) -> Self {
        let what = format!("cannot be read: {error}");
        Self { file: file.to_owned(), faults: vec![ConfigFault { place: Place::File, what }] }
    }

    /// Each with its place, a line.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.faults.iter().map(|ConfigFault { place, what }| match place {
            Place::File => format!("{}: {what}", self.file),
            Place::Line(line) => format!("{}:{line}: {what}", self.file),
            Place::Environment(name) => format!("{name}: {what}"),
        })
    }
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().collect::<Vec<_>>().join("\n"))
    }
}

impl std::error::Error for ConfigFaults {}
