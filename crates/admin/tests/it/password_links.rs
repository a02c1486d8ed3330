//! Links by which people choose their passwords. No call of the API sets or tells one.

use std::time::Duration;

use chancery_domain::{
    ports::store::Store,
    secret::{OpaqueToken, TokenKind},
};
use chancery_proto::{
    FILE_DESCRIPTOR_SET,
    v1::{CreatePasswordLinkRequest, DisableUserRequest},
};
use prost::Message;
use tonic::Code;

use crate::{
    people::People,
    world::{refusal, seconds},
};

const PREFIX: &str = "https://id.example/t/acme/password?link=";

/// What stands in a link.
fn token(uri: &str) -> OpaqueToken {
    let text = uri.strip_prefix(PREFIX).unwrap_or_else(|| panic!("{uri}"));
    OpaqueToken::parse(TokenKind::PasswordLink, text).expect("a link of ours")
}

#[test]
fn t282_no_request_takes_a_password_and_no_answer_has_one() {
    let set = prost_types::FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("descriptors");
    let ours = set.file.iter().filter(|file| file.package() == "chancery.admin.v1");
    let fields = ours
        .flat_map(|file| &file.message_type)
        .flat_map(|message| message.field.iter().map(move |field| format!("{}.{}", message.name(), field.name())));
    let named: Vec<_> = fields.filter(|field| field.contains("password")).collect();
    assert_eq!(named, ["User.password_set"]);
}

#[tokio::test]
async fn a_link_is_told_once_and_kept_as_a_digest() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    let request = |ttl| CreatePasswordLinkRequest { name: people.ada.name.clone(), ttl, validate_only: false };
    let made = operator.users.create_password_link(request(None)).await.expect("made").into_inner();
    let rows = people.world.store.read(people.tenant());
    let link = rows.password_links().find(&token(&made.uri).digest()).await.expect("read").expect("there");
    assert_eq!(link.expires_at, link.created_at + Duration::from_secs(86_400));
    assert_eq!(made.expire_time.expect("a time").seconds, link.expires_at.seconds());
    assert!(!format!("{made:?}{link:?}").contains("chp_"), "a link cannot be printed");
    assert_eq!(people.audited(), ["password_link.create"]);

    // Another takes its place.
    let next = operator.users.create_password_link(request(seconds(604_800))).await.expect("made").into_inner();
    assert!(rows.password_links().find(&token(&made.uri).digest()).await.expect("read").is_none());
    assert!(rows.password_links().find(&token(&next.uri).digest()).await.expect("read").is_some());
    for wrong in [seconds(0), seconds(604_801)] {
        assert_eq!(refusal(operator.users.create_password_link(request(wrong)).await).1, "FIELD_INVALID");
    }
}

#[tokio::test]
async fn a_disabled_user_has_no_link() {
    let people = People::new().await;
    let mut operator = people.operator.clone();
    let request = || CreatePasswordLinkRequest { name: people.ada.name.clone(), ..Default::default() };
    let made = operator.users.create_password_link(request()).await.expect("made").into_inner();
    let disable = DisableUserRequest { name: people.ada.name.clone(), ..Default::default() };
    operator.users.disable_user(disable).await.expect("disabled");
    let rows = people.world.store.read(people.tenant());
    assert!(rows.password_links().find(&token(&made.uri).digest()).await.expect("read").is_none());
    let refused = refusal(operator.users.create_password_link(request()).await);
    assert_eq!(refused, (Code::FailedPrecondition, "USER_DISABLED".into()));
}
