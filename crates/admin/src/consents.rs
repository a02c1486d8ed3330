//! Consents: one file for each call.

mod find;
mod get;
mod list;
mod message;
mod revoke;

use chancery_proto::v1::{
    Consent, GetConsentRequest, ListConsentsRequest, ListConsentsResponse, RevokeConsentRequest, RevokeConsentResponse,
};

use crate::service::service;

service! {
    /// Answers the calls about consents.
    Consents serves consent_service_server::ConsentService {
        list_consents(ListConsentsRequest) -> ListConsentsResponse = list::list;
        get_consent(GetConsentRequest) -> Consent = get::get;
        revoke_consent(RevokeConsentRequest) -> RevokeConsentResponse = revoke::revoke;
    }
}
