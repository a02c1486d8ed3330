//! Users: one file for each call.

mod claims;
mod create;
mod create_password_link;
pub(crate) mod delete;
pub(crate) mod disable;
mod enable;
mod ending;
pub(crate) mod find;
mod get;
mod list;
mod message;
mod turn;
mod update;

use chancery_proto::v1::{
    CreatePasswordLinkRequest, CreatePasswordLinkResponse, CreateUserRequest, DeleteUserRequest, DisableUserRequest,
    EnableUserRequest, GetUserRequest, ListUsersRequest, ListUsersResponse, UpdateUserRequest, User,
};

use crate::{
    mask::{self, Field},
    service::service,
};

service! {
    /// Answers the calls about users.
    Users serves user_service_server::UserService {
        list_users(ListUsersRequest) -> ListUsersResponse = list::list;
        get_user(GetUserRequest) -> User = get::get;
        create_user(CreateUserRequest) -> User = create::create;
        update_user(UpdateUserRequest) -> User = update::update;
        delete_user(DeleteUserRequest) -> () = delete::delete;
        create_password_link(CreatePasswordLinkRequest) -> CreatePasswordLinkResponse =
            create_password_link::create_password_link;
        disable_user(DisableUserRequest) -> User = disable::disable;
        enable_user(EnableUserRequest) -> User = enable::enable;
    }
}

/// What an update may change.
pub(crate) const FIELDS: &[Field<User>] = mask::fields! {
    User {
        open: username, email, email_verified, claims;
        fixed: ;
        output: name, uid, state, password_set, create_time, update_time, etag;
    }
};
