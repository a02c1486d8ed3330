//! Which fields a list can be filtered by, for the help of `--filter`. The server knows; this is what it says in the
//! contract, which a test holds against it.

/// The fields of one list.
pub(super) struct Fields {
    /// The verb that lists them.
    list: &'static str,
    names: &'static [&'static str],
    /// A filter that this list takes.
    example: &'static str,
}

const ALL: &[Fields] = &[
    Fields {
        list: "tenants list",
        names: &["display_name", "profile", "state", "create_time", "update_time"],
        example: "state = SUSPENDED",
    },
    Fields {
        list: "clients list",
        names: &["display_name", "kind", "state", "registered_by", "create_time", "update_time"],
        example: "kind = WEB AND state = DISABLED",
    },
    Fields {
        list: "clients secrets list",
        names: &["create_time", "expire_time", "last_use_time"],
        example: r#"expire_time < "2027-01-01T00:00:00Z""#,
    },
    Fields {
        list: "scopes list",
        names: &["value", "built_in", "create_time", "update_time"],
        example: "built_in = false",
    },
    Fields {
        list: "resources list",
        names: &["identifier", "display_name", "create_time", "update_time"],
        example: r#"identifier = "https://orders.example*""#,
    },
    Fields {
        list: "claim-mappings list",
        names: &["claim", "scope", "create_time", "update_time"],
        example: "claim = region",
    },
    Fields {
        list: "trusted-issuers list",
        names: &["issuer", "create_time", "update_time"],
        example: r#"issuer = "https://ci.example""#,
    },
    Fields {
        list: "users list",
        names: &["username", "email", "state", "create_time", "update_time"],
        example: "state = DISABLED",
    },
    Fields {
        list: "sessions list",
        names: &["authenticate_time", "expire_time", "end_time"],
        example: r#"authenticate_time > "2026-03-01T00:00:00Z""#,
    },
    Fields {
        list: "grants list",
        names: &["create_time", "expire_time", "revoke_time"],
        example: r#"create_time > "2026-03-01T00:00:00Z""#,
    },
    Fields { list: "consents list", names: &["update_time"], example: r#"update_time > "2026-03-01T00:00:00Z""# },
    Fields {
        list: "keys list",
        names: &["algorithm", "state", "create_time"],
        example: "algorithm = ES256 AND state = ACTIVE",
    },
    Fields { list: "master-keys list", names: &["configured", "seals", "in_use"], example: "in_use = true" },
    Fields { list: "encryption-keys list", names: &["state", "create_time"], example: "state = PUBLISHED" },
    Fields { list: "token-secrets list", names: &["state", "create_time"], example: "state = ACTIVE" },
    Fields {
        list: "initial-access-tokens list",
        names: &["display_name", "create_time", "expire_time"],
        example: r#"display_name = "partner*""#,
    },
    Fields {
        list: "api-keys list",
        names: &["display_name", "create_time", "expire_time"],
        example: r#"expire_time < "2027-01-01T00:00:00Z""#,
    },
    Fields {
        list: "roles list",
        names: &["display_name", "built_in", "create_time", "update_time"],
        example: "built_in = true",
    },
    Fields {
        list: "role-bindings list",
        names: &["member", "create_time", "expire_time"],
        example: r#"member = "certificates/audit.example""#,
    },
    Fields {
        list: "approvals list",
        names: &["method", "permission", "requester", "state", "create_time", "expire_time"],
        example: "state = PENDING",
    },
    Fields { list: "audit list", names: &["event_time", "actor", "action", "object"], example: "action = delete" },
    Fields { list: "audit keys", names: &["genuine", "create_time"], example: "genuine = true" },
];

/// The fields of the list of that name; none where nothing is listed.
pub(super) fn of(list: &str) -> Option<&'static Fields> {
    ALL.iter().find(|fields| fields.list == list)
}

impl Fields {
    /// The help of `--filter`.
    pub(super) fn help(&self) -> String {
        format!("Only those that fit (AIP-160), by {}: `{}`", self.names.join(", "), self.example)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The comments of the contract, each on one line.
    fn contract() -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto/chancery/admin/v1");
        let files = fs::read_dir(folder).expect("the contract").map(|entry| entry.expect("a file").path());
        files.map(|path| fs::read_to_string(path).expect("read").replace("\n  // ", " ")).collect()
    }

    /// The request that asks for a list.
    fn request(list: &str) -> String {
        let things = match list.strip_suffix(" list").unwrap_or(list) {
            "audit" => "audit-events",
            "audit keys" => "audit-keys",
            "clients secrets" => "client-secrets",
            noun => noun,
        };
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        format!("List{}Request", things.split('-').map(capital).collect::<String>())
    }

    #[test]
    fn the_fields_are_those_of_the_contract() {
        let contract = contract();
        for fields in ALL {
            let message = contract.split_once(&format!("message {} {{", request(fields.list))).expect(fields.list).1;
            let told = message.split_once("(AIP-160), over ").expect(fields.list).1;
            let names: Vec<_> = fields.names.iter().map(|name| format!("`{name}`")).collect();
            assert!(told.starts_with(&format!("{}: ", names.join(", "))), "{}", fields.list);
            let known = |word: &&str| fields.names.contains(word);
            assert!(fields.example.split(" AND ").all(|part| part.split(' ').next().as_ref().is_some_and(known)));
        }
    }
}
