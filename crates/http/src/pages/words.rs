//! What the pages say to people who sign in and consent, in each language that we have.
//!
//! To add a language: a constant here and a place in [`Words::ALL`], and its tag in
//! `chancery_oauth::discovery::UI_LOCALES`; the test below holds the two together. The other pages speak English.

use std::time::Duration;

/// The words of one language.
pub(super) struct Words {
    /// Its tag (RFC 5646).
    pub(super) tag: &'static str,
    /// Stands before the issuer.
    pub(super) you_are_at: &'static str,
    /// The heading of the sign-in page, and its button.
    pub(super) sign_in: &'static str,
    /// Stands before the application's name.
    pub(super) to_continue_to: &'static str,
    /// What people sign in with.
    pub(super) login: &'static str,
    /// The password.
    pub(super) password: &'static str,
    /// Name and password do not match; the same whichever of them is wrong.
    pub(super) wrong: &'static str,
    /// Too many tries; how long to wait.
    pub(super) too_many: fn(Duration) -> String,
    /// Too many people at once.
    pub(super) busy: &'static str,
    /// Stands around the application's name in the title of the consent page.
    pub(super) allow_it: (&'static str, &'static str),
    /// Stands behind the application's name.
    pub(super) asks: &'static str,
    /// Says that nobody vouches for an application that registered itself.
    pub(super) unverified: &'static str,
    /// Stands before the host of such an application.
    pub(super) answers_at: &'static str,
    /// The title where a request of such an application was refused.
    pub(super) cannot_go_on: &'static str,
    /// What to think of it.
    pub(super) go_on_if: &'static str,
    /// Stands before where it would like the browser to go.
    pub(super) go_on_to: &'static str,
    /// Stands before the person's name.
    pub(super) signed_in_as: &'static str,
    /// Stands before what the application would like.
    pub(super) would_like: &'static str,
    /// The button to refuse.
    pub(super) deny: &'static str,
    /// The button to allow.
    pub(super) allow: &'static str,
    /// Stands before where the browser goes afterwards.
    pub(super) back_to: &'static str,
    /// The link to the privacy policy.
    pub(super) policy: &'static str,
    /// The link to the terms of service.
    pub(super) terms: &'static str,
    /// What a scope that everybody knows stands for, where it is not told in English.
    pub(super) scope: fn(&str) -> Option<&'static str>,
}

impl Words {
    /// Every language, the usual one first.
    const ALL: [&'static Self; 3] = [&Self::ENGLISH, &Self::GERMAN, &Self::FRENCH];

    pub(super) const ENGLISH: Self = Self {
        tag: "en",
        you_are_at: "You are at",
        sign_in: "Sign in",
        to_continue_to: "to continue to",
        login: "E-mail or username",
        password: "Password",
        wrong: "That name and password do not match.",
        too_many: |wait| {
            let wait = match wait.as_secs() {
                0..=1 => "in a second".to_owned(),
                seconds @ 2..=90 => format!("in {seconds} seconds"),
                seconds => format!("in {} minutes", seconds.div_ceil(60)),
            };
            format!("Too many attempts. Try again {wait}.")
        },
        busy: "Many people are signing in right now. Try again.",
        allow_it: ("Allow", "?"),
        asks: "asks for your permission",
        unverified: "Nobody has verified this application.",
        answers_at: "It answers at",
        cannot_go_on: "This application cannot go on",
        go_on_if: "It asked for something that it does not get here. Go on only if you know it.",
        go_on_to: "Go on to",
        signed_in_as: "You are signed in as",
        would_like: "It would like to",
        deny: "Do not allow",
        allow: "Allow",
        back_to: "Either way you go back to",
        policy: "Privacy policy",
        terms: "Terms of service",
        scope: |_| None,
    };

    const GERMAN: Self = Self {
        tag: "de",
        you_are_at: "Sie sind bei",
        sign_in: "Anmelden",
        to_continue_to: "weiter zu",
        login: "E-Mail oder Benutzername",
        password: "Passwort",
        wrong: "Name und Passwort passen nicht zusammen.",
        too_many: |wait| {
            let wait = match wait.as_secs() {
                0..=1 => "in einer Sekunde".to_owned(),
                seconds @ 2..=90 => format!("in {seconds} Sekunden"),
                seconds => format!("in {} Minuten", seconds.div_ceil(60)),
            };
            format!("Zu viele Versuche. Versuchen Sie es {wait} noch einmal.")
        },
        busy: "Gerade melden sich viele an. Versuchen Sie es noch einmal.",
        allow_it: ("Erlauben:", ""),
        asks: "bittet um Ihre Erlaubnis",
        unverified: "Niemand hat diese Anwendung geprüft.",
        answers_at: "Sie antwortet unter",
        cannot_go_on: "Diese Anwendung kommt nicht weiter",
        go_on_if: "Sie hat um etwas gebeten, das sie hier nicht bekommt. Gehen Sie nur weiter, wenn Sie sie kennen.",
        go_on_to: "Weiter zu",
        signed_in_as: "Sie sind angemeldet als",
        would_like: "Die Anwendung möchte",
        deny: "Nicht erlauben",
        allow: "Erlauben",
        back_to: "In jedem Fall kehren Sie zurück zu",
        policy: "Datenschutz",
        terms: "Nutzungsbedingungen",
        scope: |scope| match scope {
            "openid" => Some("Wissen, wer Sie bei diesem Anbieter sind"),
            "profile" => Some("Ihren Namen und Ihr Profil sehen"),
            "email" => Some("Ihre E-Mail-Adresse sehen"),
            "address" => Some("Ihre Postanschrift sehen"),
            "phone" => Some("Ihre Telefonnummer sehen"),
            "offline_access" => Some("Angemeldet bleiben, während Sie weg sind"),
            _ => None,
        },
    };

    const FRENCH: Self = Self {
        tag: "fr",
        you_are_at: "Vous êtes chez",
        sign_in: "Se connecter",
        to_continue_to: "pour continuer vers",
        login: "E-mail ou nom d’utilisateur",
        password: "Mot de passe",
        wrong: "Ce nom et ce mot de passe ne correspondent pas.",
        too_many: |wait| {
            let wait = match wait.as_secs() {
                0..=1 => "dans une seconde".to_owned(),
                seconds @ 2..=90 => format!("dans {seconds} secondes"),
                seconds => format!("dans {} minutes", seconds.div_ceil(60)),
            };
            format!("Trop de tentatives. Réessayez {wait}.")
        },
        busy: "Beaucoup de personnes se connectent en ce moment. Réessayez.",
        allow_it: ("Autoriser", " ?"),
        asks: "demande votre autorisation",
        unverified: "Personne n’a vérifié cette application.",
        answers_at: "Elle répond à l’adresse",
        cannot_go_on: "Cette application ne peut pas continuer",
        go_on_if: "Elle a demandé quelque chose qu’elle n’obtient pas ici. Ne continuez que si vous la connaissez.",
        go_on_to: "Continuer vers",
        signed_in_as: "Vous êtes connecté en tant que",
        would_like: "L’application souhaite",
        deny: "Refuser",
        allow: "Autoriser",
        back_to: "Dans tous les cas, vous retournez vers",
        policy: "Confidentialité",
        terms: "Conditions d’utilisation",
        scope: |scope| match scope {
            "openid" => Some("Savoir qui vous êtes chez ce fournisseur"),
            "profile" => Some("Voir votre nom et votre profil"),
            "email" => Some("Voir votre adresse e-mail"),
            "address" => Some("Voir votre adresse postale"),
            "phone" => Some("Voir votre numéro de téléphone"),
            "offline_access" => Some("Rester connecté en votre absence"),
            _ => None,
        },
    };

    /// Those of the first language that we have, whatever the country; else the usual ones.
    pub(super) fn among(asked: &[String]) -> &'static Self {
        let of = |tag: &str| {
            let language = tag.split('-').next().unwrap_or_default();
            Self::ALL.into_iter().find(|words| words.tag.eq_ignore_ascii_case(language))
        };
        asked.iter().find_map(|tag| of(tag)).unwrap_or(&Self::ENGLISH)
    }
}

#[cfg(test)]
mod tests {
    use chancery_oauth::discovery::UI_LOCALES;

    use super::*;

    #[test]
    fn we_speak_what_the_metadata_say() {
        assert_eq!(Words::ALL.map(|words| words.tag).as_slice(), UI_LOCALES.as_slice());
        for (asked, spoken) in
            [("de-CH en", "de"), ("tlh FR-ca de", "fr"), ("en-GB de", "en"), ("tlh", "en"), ("deu", "en"), ("", "en")]
        {
            let asked: Vec<_> = asked.split(' ').map(str::to_owned).collect();
            assert_eq!(Words::among(&asked).tag, spoken, "{asked:?}");
        }
    }
}
