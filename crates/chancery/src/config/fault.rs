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

    /// How many there are.
    #[must_use]
    pub(crate) fn count(&self) -> usize {
        self.faults.len()
    }
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            match &fault.place {
                Place::File => write!(f, "{}: {}", self.file, fault.what)?,
                Place::Line(line) => write!(f, "{}:{line}: {}", self.file, fault.what)?,
                Place::Environment(name) => write!(f, "{name}: {}", fault.what)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigFaults {}
