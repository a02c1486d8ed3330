//! The pages themselves: small, without outside help, and readable by machines that know the names.

use crate::{
    browser::Browser,
    world::{PASSWORD, World},
};

#[tokio::test]
async fn nothing_comes_from_elsewhere_but_the_applications_logo() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.authorize("acme", "").await;
    let consent = browser.sign_in("acme", &page, "ada", PASSWORD).await;
    for page in [page, consent] {
        for tag in page.body.split('<').filter(|tag| tag.starts_with("link") || tag.starts_with("img")) {
            let own = tag.contains("\"/assets/chancery-") || tag.contains("id=\"client-logo\"");
            assert!(own, "{tag}");
        }
        assert!(page.body.len() < 8 * 1024, "{}", page.body.len());
    }
}

#[tokio::test]
async fn names_are_shown_and_never_run() {
    let world = World::new().await;
    let page = Browser::new(&world).authorize("acme", "").await;
    assert!(page.body.contains("Sundial &#60;Photos&#62;") && !page.body.contains("<Photos>"));
}
