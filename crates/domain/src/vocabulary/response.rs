//! What follows from the response types and modes.

use super::{ResponseMode, ResponseType};

impl ResponseType {
    /// Reads what somebody asks for: the words may stand in any order (OAuth 2.0 Multiple Response Types section 3).
    #[must_use]
    pub fn asked(text: &str) -> Option<Self> {
        let has = |word: &str| text.split(' ').filter(|own| *own == word).count();
        let words = text.split(' ').count();
        let [code, id_token, token] = ["code", "id_token", "token"].map(|word| has(word) == 1);
        let found = match (code, id_token, token) {
            (true, false, false) => Self::Code,
            (false, true, false) => Self::IdToken,
            (false, true, true) => Self::IdTokenToken,
            (true, true, false) => Self::CodeIdToken,
            (true, false, true) => Self::CodeToken,
            (true, true, true) => Self::CodeIdTokenToken,
            (false, false, _) => return None,
        };
        (found.as_str().split(' ').count() == words).then_some(found)
    }

    /// Whether a code is given.
    #[must_use]
    pub const fn has_code(self) -> bool {
        match self {
            Self::Code | Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken => true,
            Self::IdToken | Self::IdTokenToken => false,
        }
    }

    /// Whether an ID token leaves through the browser.
    #[must_use]
    pub const fn has_id_token(self) -> bool {
        match self {
            Self::IdToken | Self::IdTokenToken | Self::CodeIdToken | Self::CodeIdTokenToken => true,
            Self::Code | Self::CodeToken => false,
        }
    }

    /// Whether an access token leaves through the browser.
    #[must_use]
    pub const fn has_access_token(self) -> bool {
        match self {
            Self::IdTokenToken | Self::CodeToken | Self::CodeIdTokenToken => true,
            Self::Code | Self::IdToken | Self::CodeIdToken => false,
        }
    }

    /// Whether any token leaves through the browser, for which a client needs the grant `implicit`.
    #[must_use]
    pub const fn has_front_channel_token(self) -> bool {
        self.has_id_token() || self.has_access_token()
    }
}

impl ResponseMode {
    /// Whether the answer is signed (JARM section 2.3).
    #[must_use]
    pub const fn is_signed(self) -> bool {
        match self {
            Self::Jwt | Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt => true,
            Self::Query | Self::Fragment | Self::FormPost => false,
        }
    }

    /// Whether the answer stands in a query, where logs and the next page's `Referer` would see it.
    #[must_use]
    pub const fn is_in_query(self) -> bool {
        match self {
            Self::Query | Self::QueryJwt => true,
            Self::Fragment | Self::FormPost | Self::Jwt | Self::FragmentJwt | Self::FormPostJwt => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_response_type_stand_in_any_order() {
        for response_type in ResponseType::ALL {
            assert_eq!(ResponseType::asked(response_type.as_str()), Some(*response_type));
        }
        assert_eq!(ResponseType::asked("token id_token code"), Some(ResponseType::CodeIdTokenToken));
        assert_eq!(ResponseType::asked("id_token code"), Some(ResponseType::CodeIdToken));
        for bad in ["", " ", "token", "none", "code none", "code code", "code  id_token", "Code", "code token token"] {
            assert_eq!(ResponseType::asked(bad), None, "{bad}");
        }
    }
}
