//! What may be set of a trusted issuer, at creation and later.

use std::{fs, path::PathBuf};

use chancery_proto::v1::{TrustedIssuer, trusted_issuer};
use clap::{Args, ValueEnum};

use crate::{error::CliError, mask::Mask};

/// The fields of a trusted issuer beside what it is called. A list that is given takes the place of the whole list.
#[derive(Args, Debug)]
pub(super) struct Fields {
    /// Its public keys: a JWK Set; takes the place of --jwks-uri and --discover
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks: Option<PathBuf>,
    /// Where it publishes its public keys; takes the place of --jwks and --discover
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// Read where it publishes them from its metadata, which its name leads to; takes the place of --jwks and --jwks-uri
    #[arg(long, conflicts_with_all = ["jwks", "jwks_uri"])]
    discover: bool,
    /// What it may sign with; may be repeated
    #[arg(long = "algorithm", value_name = "ALG")]
    algorithms: Option<Vec<String>>,
    /// Whom its subjects stand for
    #[arg(long, value_enum, value_name = "MAPPING")]
    subject_mapping: Option<SubjectMapping>,
    /// A subject that it may speak of; may be repeated; every one where none is given
    #[arg(long = "subject", value_name = "TEXT")]
    subjects: Option<Vec<String>>,
    /// A client that may present what it asserts; may be repeated
    #[arg(long = "client", value_name = "CLIENT_ID")]
    clients: Option<Vec<String>>,
    /// A scope that clients get for it; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Option<Vec<String>>,
    /// Take nothing of it
    #[arg(long)]
    disabled: Option<bool>,
}

/// The mappings of `TrustedIssuer.SubjectMapping`.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum SubjectMapping {
    /// The user of that id
    UserId,
    /// The user of that username
    Username,
    /// The client that presents it, which then acts for itself
    Client,
}

impl Fields {
    /// Puts what was given into a trusted issuer. Keys by value, at an address and by its name take each other's place.
    pub(super) fn apply(self, issuer: &mut TrustedIssuer, mask: &mut Mask) -> Result<(), CliError> {
        let read = |file: PathBuf| CliError::reading(&file, fs::read_to_string(&file));
        let jwks = self.jwks.map(read).transpose()?;
        let ways = [("jwks", jwks.is_some()), ("jwks_uri", self.jwks_uri.is_some()), ("discover", self.discover)];
        if ways.iter().any(|(_, is_given)| *is_given) {
            ways.iter().filter(|(_, is_given)| !is_given).for_each(|(way, _)| mask.empty(way));
        }
        mask.take("jwks", jwks, &mut issuer.jwks);
        mask.take("jwks_uri", self.jwks_uri, &mut issuer.jwks_uri);
        mask.take("discover", self.discover.then_some(true), &mut issuer.discover);
        mask.take("algorithms", self.algorithms, &mut issuer.algorithms);
        let mapping = self.subject_mapping.map(SubjectMapping::number);
        mask.take("subject_mapping", mapping, &mut issuer.subject_mapping);
        mask.take("subjects", self.subjects, &mut issuer.subjects);
        mask.take("clients", self.clients, &mut issuer.clients);
        mask.take("scopes", self.scopes, &mut issuer.scopes);
        mask.take("disabled", self.disabled, &mut issuer.disabled);
        Ok(())
    }
}

impl SubjectMapping {
    fn number(self) -> i32 {
        match self {
            Self::UserId => trusted_issuer::SubjectMapping::UserId,
            Self::Username => trusted_issuer::SubjectMapping::Username,
            Self::Client => trusted_issuer::SubjectMapping::Client,
        }
        .into()
    }
}
