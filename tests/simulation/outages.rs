//! What goes wrong, and when: all of it known from the seed before the story begins.

use chancery_domain::time::Timestamp;
use rand::{Rng, RngExt, rngs::StdRng};

/// Spans of time that do not overlap, in order, in milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spans(Vec<(i64, i64)>);

impl Spans {
    /// Spans between `from` and `until`, on average one in `every` seconds, each between `least` and `most` seconds
    /// long; short ones are more frequent than long ones.
    pub(crate) fn scattered(
        random: &mut StdRng,
        from: Timestamp,
        until: Timestamp,
        every: i64,
        least: i64,
        most: i64,
    ) -> Self {
        let mut spans = Vec::new();
        let mut at = from.millis();
        loop {
            at += random.random_range(0..2_000 * every);
            if at >= until.millis() {
                return Self(spans);
            }
            let share: f64 = random.random::<f64>().powi(3);
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "seconds of a simulation")]
            let length = least + ((most - least) as f64 * share) as i64;
            spans.push((at, at + 1000 * length.max(1)));
            at += 1000 * length;
        }
    }

    /// The span that a moment lies in.
    pub(crate) fn around(&self, moment: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let moment = moment.millis();
        let place = self.0.partition_point(|(begin, _)| *begin <= moment).checked_sub(1)?;
        let (begin, end) = self.0[place];
        (moment < end).then(|| (Timestamp::from_millis(begin), Timestamp::from_millis(end)))
    }

    /// Whether a moment lies in one of them.
    pub(crate) fn hold(&self, moment: Timestamp) -> bool {
        self.around(moment).is_some()
    }
}

/// A whole number of milliseconds below that many seconds.
pub(crate) fn within(random: &mut impl Rng, seconds: u64) -> std::time::Duration {
    std::time::Duration::from_millis(random.random_range(0..=seconds * 1000))
}
