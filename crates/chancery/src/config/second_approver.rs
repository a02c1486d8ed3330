//! Which calls of the admin API need a second caller.

use chancery_domain::permission::{Permission, PermissionSet};

use super::leaves::Leaves;

/// Reads `admin.second_approver`, a list of permissions; none is the usual. In a variable they are parted by commas.
pub(super) fn read(leaves: &mut Leaves) -> PermissionSet {
    let path = "admin.second_approver";
    let all = leaves.optional_by(path, |text| {
        let codes = text.split(',').map(str::trim).filter(|code| !code.is_empty());
        codes.map(read_one).collect::<Result<Vec<_>, _>>()
    });
    let mut permissions = all.unwrap_or_default();
    for index in 0.. {
        let path = format!("{path}.{index}");
        if !leaves.has(&path) {
            break;
        }
        permissions.extend(leaves.optional_by(&path, read_one));
    }
    permissions.into_iter().collect()
}

fn read_one(code: &str) -> Result<Permission, String> {
    code.parse().map_err(|_| format!("{code} is no permission; `chancery roles get platform.owner` shows them all"))
}
