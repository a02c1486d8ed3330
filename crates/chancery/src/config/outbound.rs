//! Whom the server may call at a client's wish.

use std::path::Path;

use chancery_domain::outbound::{AllowedHost, Reach};
use chancery_outbound::{Settings, read_roots};

use super::leaves::Leaves;

/// Reads `[outbound]`: `allowed_hosts` and `extra_roots`, both lists; none is the usual. In a variable they are parted by
/// commas.
pub(super) fn read(leaves: &mut Leaves) -> Settings {
    let allowed =
        list(leaves, "outbound.allowed_hosts", |host| host.parse::<AllowedHost>().map_err(|error| error.to_string()));
    let roots =
        list(leaves, "outbound.extra_roots", |file| read_roots(Path::new(file)).map_err(|error| error.to_string()));
    Settings { reach: Reach::public().and(allowed), roots: roots.into_iter().flatten().collect() }
}

/// A list, as one or as text with commas.
pub(super) fn list<T>(leaves: &mut Leaves, path: &str, read: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
    let whole = leaves.optional_by(path, |text| {
        let each = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        each.map(&read).collect::<Result<Vec<_>, _>>()
    });
    let mut items = whole.unwrap_or_default();
    for index in 0.. {
        let path = format!("{path}.{index}");
        if !leaves.has(&path) {
            break;
        }
        items.extend(leaves.optional_by(&path, &read));
    }
    items
}
