//! What a page must remember until its form comes back: sealed into the form, tied to one browser, good for a while.
//!
//! Nothing is stored on our side, so nobody can fill anything up by opening pages. The seal opens only for the purpose
//! it was made for, at the tenant that made it, together with the browser's cookie (see [`Visit::browser`]).

use std::time::Duration;

use chancery_domain::{
    fault::Fault,
    ports::jose::Purpose,
    secret::{base64url, from_base64url},
    time::Timestamp,
};
use chancery_oauth::parameters::Parameters;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{error::Problem, extract::visit::Visit};

/// How long a page waits for its person.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// How long a page that may be answered once is remembered after its answer: longer than any replica takes it for good.
pub(super) const REMEMBERED: Duration = LIFE.saturating_mul(2);

/// The name of the form field, or of the parameter.
pub(super) const FIELD: &str = "flow";

#[derive(Serialize, Deserialize)]
struct Flow<T> {
    until: Timestamp,
    state: T,
}

/// Seals the state for the form of a page.
pub(super) fn seal<T: Serialize>(visit: &Visit, purpose: Purpose, state: &T) -> Result<String, Fault> {
    let flow = Flow { until: visit.front.oauth.clock.now() + LIFE, state };
    let plain = serde_json::to_vec(&flow).map_err(|error| Fault::broken("a flow could not be written", error))?;
    let sealed = visit.view.sealer.seal(purpose, visit.browser.digest().bytes(), &plain)?;
    Ok(base64url(&sealed))
}

/// Opens the state that came back in a form.
pub(super) fn open<T: DeserializeOwned>(visit: &Visit, purpose: Purpose, form: &Parameters) -> Result<T, Problem> {
    let sealed = from_base64url(form.one(FIELD)?).ok_or(Problem::ForeignFlow)?;
    let plain = visit.view.sealer.open(purpose, visit.browser.digest().bytes(), &sealed);
    let flow: Option<Flow<T>> = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
    let flow = flow.filter(|flow| visit.front.oauth.clock.now() < flow.until);
    flow.map(|flow| flow.state).ok_or(Problem::ForeignFlow)
}
