//! What goes wrong on the way to the server, where nothing of the server's has answered.

use std::error::Error;
use std::fmt::Write;

use tonic::{Code, Status};

/// Why the server was not reached: the whole chain of causes. None where the server itself refused.
pub(super) fn causes(status: &Status) -> Option<String> {
    let mut next = Some(status.source()?);
    let (mut causes, mut last) = (String::new(), String::new());
    while let Some(cause) = next {
        let text = cause.to_string();
        if text != last {
            let between = if causes.is_empty() { "" } else { ": " };
            let _ = write!(causes, "{between}{text}");
        }
        last = text;
        next = cause.source();
    }
    Some(causes)
}

/// Whether something answers that speaks another protocol. TLS that meets a plain port says so by its own error; who hangs
/// up on HTTP/2 leaves one of several, by how far things were, and so does a server that goes away in the middle.
pub(super) fn is_foreign(code: Code, causes: &str) -> bool {
    let hung_up = matches!(code, Code::Unknown | Code::Internal) || causes.contains("connection closed");
    hung_up || causes.contains("InvalidContentType")
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn only_what_has_a_cause_of_its_own_went_wrong_on_the_way() {
        assert_eq!(causes(&Status::internal("the store is in pieces")), None);
        let away = Status::from_error(io::Error::from(io::ErrorKind::ConnectionRefused).into());
        assert_eq!(causes(&away).as_deref(), Some("connection refused"));
        assert!(!is_foreign(Code::Unavailable, "connection refused"));
        assert!(is_foreign(Code::Cancelled, "operation was canceled: connection closed"));
        assert!(!is_foreign(Code::Cancelled, "Timeout expired"));
        assert!(is_foreign(Code::Unavailable, "received corrupt message of type InvalidContentType"));
    }
}
