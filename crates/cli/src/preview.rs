//! Showing what a dangerous verb would end, and asking, before it is done.

use std::io::{self, IsTerminal, Write};

use chancery_proto::v1::Preview;
use chancery_proto::v1::preview::{Effect, effect::Kind};
use clap::Args;
use tonic::{Response, Status};
use tonic_types::StatusExt;

use crate::error::CliError;
use crate::moment;
use crate::output::printable;

/// Lets a dangerous verb do its work unasked.
#[derive(Args, Debug)]
pub(crate) struct Sure {
    /// Do it without showing what it ends and asking, as on a terminal it would
    #[arg(long)]
    pub(crate) yes: bool,
}

/// When to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Whatever it ends.
    Always,
    /// Where it ends something.
    IfItEnds,
}

impl Sure {
    /// The hash that the verb goes by: of a preview that was shown and agreed to, or that `--yes` takes as it is. Empty
    /// where nobody is there to be asked.
    pub(crate) async fn of(
        &self,
        trial: bool,
        ask: Ask,
        preview: impl Future<Output = Result<Response<Preview>, Status>>,
    ) -> Result<String, CliError> {
        let someone_is_there = io::stdin().is_terminal() && io::stderr().is_terminal();
        if trial || !(self.yes || someone_is_there) {
            return Ok(String::new());
        }
        let preview = preview.await?.into_inner();
        if self.yes || (ask == Ask::IfItEnds && preview.effects.is_empty()) {
            return Ok(preview.hash);
        }
        let asking = |cause| CliError::Io { what: "cannot ask".to_owned(), cause };
        write!(io::stderr(), "{}\nGo on? [y/N] ", shown(&preview)).map_err(asking)?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map_err(asking)?;
        match answer.trim() {
            "y" | "Y" | "yes" => Ok(preview.hash),
            _ => Err(CliError::Usage("nothing was done".to_owned())),
        }
    }
}

/// Whether the server wants to be shown a preview first.
pub(crate) fn is_required(status: &Status) -> bool {
    status.get_error_details().error_info().is_some_and(|info| info.reason == "PREVIEW_REQUIRED")
}

/// The preview as people read it.
fn shown(preview: &Preview) -> String {
    let mut lines = vec![format!("{} would end:", printable(&preview.name))];
    lines.extend(preview.effects.iter().map(line));
    if preview.effects.is_empty() {
        lines.push("  nothing that is counted".to_owned());
    }
    lines.join("\n")
}

/// One of the things that would end, indented.
pub(crate) fn line(effect: &Effect) -> String {
    let what = match effect.kind() {
        Kind::Unspecified => "something",
        Kind::Clients => "clients",
        Kind::Users => "users",
        Kind::Sessions => "sessions",
        Kind::Grants => "grants",
        Kind::RefreshFamilies => "chains of refresh tokens",
        Kind::Keys => "keys in the JWK Set",
        Kind::SigningKeys => "keys that sign",
        Kind::Tokens => "tokens that would verify",
    };
    let count = match (effect.count, effect.more) {
        (0, _) => "all".to_owned(),
        (count, true) => format!("more than {count}"),
        (count, false) => count.to_string(),
    };
    let until = effect.until_time.as_ref().map(|at| format!(" until {}", moment::for_json(at))).unwrap_or_default();
    let samples = match effect.samples.as_slice() {
        [] => String::new(),
        names => format!(": {}", names.iter().map(|name| printable(name)).collect::<Vec<_>>().join(", ")),
    };
    format!("  {count} {what}{until}{samples}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_what_would_end() {
        let until = prost_types::Timestamp { seconds: 1_772_366_400, nanos: 0 };
        let effect = |kind: Kind, count, more| Effect { kind: kind.into(), count, more, ..Effect::default() };
        let effects = vec![
            Effect { samples: vec!["tenants/acme/clients/web".to_owned()], ..effect(Kind::Clients, 1, false) },
            effect(Kind::Sessions, 10_000, true),
            Effect { until_time: Some(until), ..effect(Kind::Tokens, 0, false) },
        ];
        let preview = Preview { name: "tenants/acme".to_owned(), effects, ..Preview::default() };
        let expected = "tenants/acme would end:\n  1 clients: tenants/acme/clients/web\n  more than 10000 sessions\n  \
                        all tokens that would verify until 2026-03-01T12:00:00Z";
        assert_eq!(shown(&preview), expected);
        assert!(shown(&Preview::default()).contains("nothing"));
    }
}
