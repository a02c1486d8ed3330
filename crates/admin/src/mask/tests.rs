use std::collections::BTreeSet;

use chancery_proto::v1::{Client, Tenant, TenantSettings, client::Kind};
use prost_reflect::DescriptorPool;
use tonic::Code;

use super::*;
use crate::{claim_mappings, clients, keys, resources, roles, scopes, tenants, trusted_issuers, users};

fn mask(paths: &[&str]) -> FieldMask {
    FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() }
}

fn stored() -> Tenant {
    let span = |seconds| Some(prost_types::Duration { seconds, nanos: 0 });
    Tenant {
        display_name: "Acme".into(),
        profile: 1,
        settings: Some(TenantSettings { code_ttl: span(60), access_token_ttl: span(600), ..Default::default() }),
        uid: "stored".into(),
        ..Default::default()
    }
}

fn updated(paths: Option<&[&str]>, sent: &Tenant) -> Result<Tenant, Code> {
    let mut stored = stored();
    let mask = paths.map(mask);
    apply(tenants::FIELDS, "tenant", mask.as_ref(), sent, &mut stored)
        .map(|()| stored)
        .map_err(|refusal| refusal.into_status("t").code())
}

#[test]
fn without_a_mask_the_fields_that_are_set_change() {
    let settings =
        TenantSettings { code_ttl: Some(prost_types::Duration { seconds: 30, nanos: 0 }), ..Default::default() };
    let sent = Tenant { settings: Some(settings), uid: "sent".into(), ..Default::default() };
    for paths in [None, Some([].as_slice())] {
        let new = updated(paths, &sent).expect("updated");
        assert_eq!((new.display_name.as_str(), new.uid.as_str()), ("Acme", "stored"));
        let settings = new.settings.expect("settings");
        assert_eq!(settings.code_ttl.expect("kept").seconds, 30);
        assert_eq!(settings.access_token_ttl.expect("kept").seconds, 600);
    }
}

#[test]
fn a_masked_field_changes_even_to_nothing() {
    let new = updated(Some(&["display_name", "settings.code_ttl"]), &Tenant::default()).expect("updated");
    assert_eq!((new.display_name.as_str(), new.profile), ("", 1));
    let settings = new.settings.expect("settings");
    assert!(settings.code_ttl.is_none() && settings.access_token_ttl.is_some());
}

#[test]
fn a_star_replaces_and_a_message_takes_what_lies_in_it() {
    let new = updated(Some(&["*"]), &Tenant::default()).expect("updated");
    assert_eq!((new.display_name.as_str(), new.profile, new.uid.as_str()), ("", 0, "stored"));
    let new = updated(Some(&["settings"]), &Tenant::default()).expect("updated");
    assert_eq!(new.display_name, "Acme");
    assert_eq!(new.settings, Some(TenantSettings::default()));
}

#[test]
fn an_unknown_path_is_refused_and_an_output_is_not_looked_at() {
    for bad in ["displayName", "settings.nothing", "set", "display_name.x", "", "*x"] {
        assert_eq!(updated(Some(&["display_name", bad]), &Tenant::default()), Err(Code::InvalidArgument), "{bad}");
    }
    assert_eq!(updated(Some(&["state", "uid", "etag"]), &Tenant::default()), Ok(stored()));
}

#[test]
fn what_is_fixed_may_be_sent_but_not_differ() {
    let update = |kind: Kind, paths: Option<&[&str]>| {
        let mut stored = Client { kind: Kind::Web.into(), ..Default::default() };
        let sent = Client { kind: kind.into(), display_name: "new".into(), ..Default::default() };
        apply(clients::FIELDS, "client", paths.map(mask).as_ref(), &sent, &mut stored).is_ok()
    };
    assert!(update(Kind::Web, None));
    assert!(update(Kind::Unspecified, Some(&["*"])));
    assert!(!update(Kind::Native, None));
    assert!(!update(Kind::Native, Some(&["kind"])));
    assert!(update(Kind::Native, Some(&["display_name"])));
}

/// A field that is added to the contract must be listed, or no update could ever reach it.
#[test]
fn every_field_of_a_resource_is_listed() {
    every_field_is_listed(claim_mappings::FIELDS, "ClaimMapping");
    every_field_is_listed(clients::FIELDS, "Client");
    every_field_is_listed(keys::FIELDS, "KeyPolicy");
    every_field_is_listed(resources::FIELDS, "Resource");
    every_field_is_listed(roles::FIELDS, "Role");
    every_field_is_listed(scopes::FIELDS, "Scope");
    every_field_is_listed(tenants::FIELDS, "Tenant");
    every_field_is_listed(trusted_issuers::FIELDS, "TrustedIssuer");
    every_field_is_listed(users::FIELDS, "User");
}

/// Where the list goes into a message, it lists what is in there and not the message.
fn every_field_is_listed<T>(fields: &[Field<T>], message: &str) {
    let listed: BTreeSet<_> = fields.iter().map(|field| field.path.to_owned()).collect();
    assert_eq!(listed.len(), fields.len(), "{message} lists a field twice");
    let pool = DescriptorPool::decode(chancery_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let told = pool.get_message_by_name(&format!("chancery.admin.v1.{message}")).expect("a message");
    let paths = told.fields().flat_map(|field| {
        let within = format!("{}.", field.name());
        match field.kind().as_message() {
            Some(inner) if listed.iter().any(|path| path.starts_with(&within)) => {
                inner.fields().map(|inner| format!("{within}{}", inner.name())).collect()
            }
            Some(_) | None => vec![field.name().to_owned()],
        }
    });
    assert_eq!(listed, paths.collect(), "{message}");
}
