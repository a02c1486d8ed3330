//! Encryption keys, to which clients encrypt their request objects: one file for each call.

mod delete;
mod list;
mod message;
mod rotate;
mod settle;

use chancery_proto::v1::{
    DeleteEncryptionKeyRequest, ListEncryptionKeysRequest, ListEncryptionKeysResponse, RotateEncryptionKeysRequest,
    RotateEncryptionKeysResponse,
};

pub(crate) use self::settle::settle;
use crate::service::service;

service! {
    /// Answers the calls about encryption keys.
    EncryptionKeys serves encryption_key_service_server::EncryptionKeyService {
        list_encryption_keys(ListEncryptionKeysRequest) -> ListEncryptionKeysResponse = list::list;
        rotate_encryption_keys(RotateEncryptionKeysRequest) -> RotateEncryptionKeysResponse = rotate::rotate;
        delete_encryption_key(DeleteEncryptionKeyRequest) -> () = delete::delete;
    }
}
