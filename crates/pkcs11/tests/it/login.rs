//! Who starts with something wrong hears what it is.

use chancery_domain::secret::Secret;
use chancery_pkcs11::{OpenError, Settings};

use crate::softhsm::{SoftHsm, open, within};

fn refusal(settings: Settings) -> String {
    open(settings).expect_err("refused").to_string()
}

#[test]
fn a_wrong_module_token_or_pin_is_named() {
    within("login::a_wrong_module_token_or_pin_is_named", async |softhsm: SoftHsm| {
        let right = softhsm.settings.clone();
        let module = Settings { module: "/nowhere/libhsm.so".into(), ..right.clone() };
        let said = refusal(module);
        assert!(said.starts_with("cannot load the PKCS#11 module /nowhere/libhsm.so: "), "{said}");

        let text = tempfile::NamedTempFile::new().expect("a file");
        let no_module = Settings { module: text.path().to_owned(), ..right.clone() };
        let said = refusal(no_module);
        assert!(said.starts_with("cannot load the PKCS#11 module "), "{said}");

        softhsm.add_token("second");
        let said = refusal(Settings { token: "third".to_owned(), ..right.clone() });
        assert!(said.starts_with(r#"no token has the label "third"; the module has "#), "{said}");
        assert!(said.contains(r#""first""#) && said.contains(r#""second""#), "{said}");

        let wrong = Settings { pin: Secret::new("9999".to_owned()), ..right.clone() };
        let refused = open(wrong).expect_err("refused");
        assert!(matches!(&refused, OpenError::WrongPin { token } if token == "first"), "{refused}");
        assert!(!format!("{refused} {refused:?}").contains("9999"));
        assert!(open(right).is_ok());
    });
}

#[test]
fn two_tokens_of_one_label_are_not_guessed_between() {
    within("login::two_tokens_of_one_label_are_not_guessed_between", async |softhsm: SoftHsm| {
        softhsm.add_token("first");
        let said = refusal(softhsm.settings.clone());
        assert_eq!(said, r#"2 tokens have the label "first"; give them labels of their own"#);
    });
}

#[test]
fn nothing_secret_is_printed() {
    within("login::nothing_secret_is_printed", async |softhsm: SoftHsm| {
        let settings = &softhsm.settings;
        let shown = format!("{settings:?} {:?}", softhsm.open());
        assert!(!shown.contains(settings.pin.expose()), "{shown}");
    });
}
