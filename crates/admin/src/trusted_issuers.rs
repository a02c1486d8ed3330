//! Trusted issuers, outside whose assertions are taken for tokens: one file for each call.

mod create;
mod delete;
pub(crate) mod draft;
mod find;
mod get;
mod list;
pub(crate) mod message;
pub(crate) mod metadata;
mod update;
pub(crate) mod write;

use chancery_proto::v1::{
    CreateTrustedIssuerRequest, DeleteTrustedIssuerRequest, GetTrustedIssuerRequest, ListTrustedIssuersRequest,
    ListTrustedIssuersResponse, TrustedIssuer, UpdateTrustedIssuerRequest,
};

use crate::{
    mask::{self, Field},
    service::service,
};

service! {
    /// Answers the calls about trusted issuers.
    TrustedIssuers serves trusted_issuer_service_server::TrustedIssuerService {
        list_trusted_issuers(ListTrustedIssuersRequest) -> ListTrustedIssuersResponse = list::list;
        get_trusted_issuer(GetTrustedIssuerRequest) -> TrustedIssuer = get::get;
        create_trusted_issuer(CreateTrustedIssuerRequest) -> TrustedIssuer = create::create;
        update_trusted_issuer(UpdateTrustedIssuerRequest) -> TrustedIssuer = update::update;
        delete_trusted_issuer(DeleteTrustedIssuerRequest) -> () = delete::delete;
    }
}

/// What an update may change.
pub(crate) const FIELDS: &[Field<TrustedIssuer>] = mask::fields! {
    TrustedIssuer {
        open: jwks, jwks_uri, discover, algorithms, subject_mapping, subjects, clients, scopes, disabled;
        fixed: issuer;
        output: name, create_time, update_time, etag;
    }
};
