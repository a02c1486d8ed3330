//! What is around the content of every page.

use chancery_domain::view::TenantView;

use super::words::Words;
use crate::front::Front;

/// Names and addresses that the layout shows.
pub(super) struct Chrome<'a> {
    /// What people call the tenant; ours where there is none.
    pub(super) tenant: &'a str,
    /// The issuer, so that people can see who asks for their password.
    pub(super) issuer: Option<&'a str>,
    /// Where the style sheet is.
    pub(super) style: &'a str,
    /// Where the seal is.
    pub(super) seal: &'a str,
    /// The language.
    pub(super) words: &'static Words,
}

impl<'a> Chrome<'a> {
    /// The surroundings of a page of that tenant, or of nobody's page.
    pub(super) fn of(front: &'a Front, view: Option<&'a TenantView>) -> Self {
        Self {
            tenant: view.map_or("Chancery", |view| &view.tenant.display_name),
            issuer: view.map(|view| view.issuer.as_str()),
            style: &front.assets.style.path,
            seal: &front.assets.seal.path,
            words: &Words::ENGLISH,
        }
    }

    /// The same in another language.
    pub(super) fn speaking(self, words: &'static Words) -> Self {
        Self { words, ..self }
    }
}
