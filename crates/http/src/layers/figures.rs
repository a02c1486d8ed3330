//! The figures of requests: how many of each route were answered how, and how long that took. No figure tells of a
//! single tenant.

use std::{
    array,
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::StatusCode;
use metrics::{Histogram, Unit, describe_histogram, histogram};

/// Requests by `route` (its template) and `status` (its class), with the time until their answer began.
pub const REQUEST_DURATION: &str = "chancery_http_request_duration_seconds";

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Tells whoever collects the figures what they mean.
pub fn describe_figures() {
    describe_histogram!(REQUEST_DURATION, Unit::Seconds, "Time until the answer, by route and class of status");
}

/// The figures of one route, looked up with its first request.
#[derive(Clone, Default)]
pub(crate) struct Figures(Arc<OnceLock<[Histogram; CLASSES.len()]>>);

impl Figures {
    /// Notes an answer of that route.
    pub(crate) fn answered(&self, route: &str, status: StatusCode, took: Duration) {
        let of_route = self.0.get_or_init(|| {
            array::from_fn(
                |class| histogram!(REQUEST_DURATION, "route" => route.to_owned(), "status" => CLASSES[class]),
            )
        });
        if let Some(figure) = usize::from(status.as_u16() / 100).checked_sub(1).and_then(|class| of_route.get(class)) {
            figure.record(took);
        }
    }
}
