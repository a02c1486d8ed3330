//! `http.trusted_proxies`: whose word about the caller is believed.

use chancery_domain::source_range::SourceRange;
use chancery_http::TrustedProxies;

use super::{leaves::Leaves, outbound::list};

const PATH: &str = "http.trusted_proxies";

/// Reads it: false or true, or the addresses of the proxies as a list.
pub(super) fn read(leaves: &mut Leaves) -> TrustedProxies {
    let plain = leaves.text(PATH).and_then(|text| text.parse::<bool>().ok());
    if let Some(every) = plain {
        return if every { TrustedProxies::Every } else { TrustedProxies::None };
    }
    let ranges = list(leaves, PATH, |range| {
        range
            .parse::<SourceRange>()
            .map_err(|malformed| format!("true, false, or a list of which each {}", malformed.rule))
    });
    if ranges.is_empty() { TrustedProxies::None } else { TrustedProxies::From(ranges) }
}
