//! The parameters of an endpoint that takes them as a query or as a form, alike (OpenID Connect Core section 3.1.2.1).

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use chancery_oauth::parameters::Parameters;
use http::Method;

use super::form::{Form, LONG};
use crate::error::Problem;

/// What somebody asks.
pub(crate) struct Asked {
    /// The parameters.
    pub(crate) parameters: Parameters,
    /// Query and form as one, where a form was posted.
    posted: Option<Bytes>,
}

impl Asked {
    /// The longest query that we make of a form, in bytes.
    const LONGEST_QUERY: usize = 6 * 1024;

    /// Whether it came as a form.
    pub(crate) const fn is_form(&self) -> bool {
        self.posted.is_some()
    }

    /// The same question as a GET; none for a form that is too long for that, or not plain ASCII.
    pub(crate) fn as_get(&self, url: &str) -> Option<String> {
        let form = self.posted.as_ref()?;
        let plain = form.len() <= Self::LONGEST_QUERY && form.iter().all(u8::is_ascii_graphic);
        let form = plain.then(|| std::str::from_utf8(form).ok()).flatten()?;
        let query = form.replace('#', "%23");
        Some(format!("{url}?{query}"))
    }
}

impl<S: Sync> FromRequest<S> for Asked {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if request.method() != Method::POST {
            let parameters = Parameters::parse(request.uri().query().unwrap_or_default().as_bytes())?;
            return Ok(Self { parameters, posted: None });
        }
        let query = request.uri().query().unwrap_or_default().to_owned();
        let form = Form::within(request, LONG).await?;
        let (parameters, posted) = joined(&query, form)?;
        Ok(Self { parameters, posted: Some(posted) })
    }
}

/// A form that is posted to a URL with a query asks with both: what stands in each of them stands there twice.
fn joined(query: &str, form: Form) -> Result<(Parameters, Bytes), Problem> {
    if query.is_empty() {
        return Ok((form.parameters, form.body));
    }
    let both = Bytes::from([query.as_bytes(), &form.body].join(&b'&'));
    Ok((Parameters::parse_within(&both, LONG)?, both))
}
