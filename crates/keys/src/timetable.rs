//! Time tables: cron expressions in a time zone, as operators write them for the rotation of keys.

use std::time::Duration;

use chancery_domain::{
    key_policy::{CronTable, Unsafety},
    time::Timestamp,
};
use chrono::TimeZone;
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds},
};

/// How many dates ahead are looked at for two that lie too close together: ten years of a weekly table.
const DATES: usize = 520;

/// A time table that was read.
#[derive(Clone, Debug)]
pub struct Timetable {
    cron: Cron,
    zone: Tz,
}

impl Timetable {
    /// Reads a table: five fields, or six of which the first is the second, in a zone of the IANA database. A table
    /// without any date after `now` is refused.
    pub fn read(table: &CronTable, now: Timestamp) -> Result<Self, Unsafety> {
        let parser = CronParser::builder().seconds(Seconds::Optional).build();
        let unreadable = |why: &dyn ToString| Unsafety::Cron(why.to_string().trim_end_matches('.').to_owned());
        let fields = table.expression.split_whitespace().count();
        if !(5..=6).contains(&fields) {
            return Err(unreadable(&format!("it has {fields} fields")));
        }
        let cron = parser.parse(&table.expression).map_err(|error| unreadable(&error))?;
        let zone = table.zone.parse().map_err(|_| Unsafety::Zone)?;
        let read = Self { cron, zone };
        match read.next_after(now) {
            Some(_) => Ok(read),
            None => Err(unreadable(&"it names no date")),
        }
    }

    /// The first date after that moment.
    #[must_use]
    pub fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        // Whole seconds: parts of one would be carried into the date.
        let local = self.zone.timestamp_opt(moment.seconds(), 0).single()?;
        let next = self.cron.find_next_occurrence(&local, false).ok()?;
        Some(Timestamp::from_seconds(next.timestamp()))
    }

    /// The next dates after that moment, as many as asked for.
    pub fn dates_after(&self, moment: Timestamp) -> impl Iterator<Item = Timestamp> {
        std::iter::successors(self.next_after(moment), |date| self.next_after(*date))
    }

    /// Refuses a table of which two dates lie closer together than `least`.
    pub fn leaving(self, least: Duration, now: Timestamp) -> Result<Self, Unsafety> {
        let dates: Vec<_> = self.dates_after(now).take(DATES).collect();
        match dates.windows(2).map(|two| two[1].since(two[0])).min() {
            Some(found) if found < least => Err(Unsafety::Dates { least, found }),
            Some(_) | None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-01 12:00 UTC.
    const NOON: Timestamp = Timestamp::from_seconds(1_772_366_400);

    fn table(expression: &str, zone: &str) -> Result<Timetable, Unsafety> {
        Timetable::read(&CronTable { expression: expression.into(), zone: zone.into() }, NOON)
    }

    fn hours_between(dates: &[Timestamp]) -> Vec<u64> {
        dates.windows(2).map(|two| two[1].since(two[0]).as_secs() / 3600).collect()
    }

    #[test]
    fn dates_follow_the_clocks_of_the_zone() {
        // Europe changes its clocks on 29 March 2026: that Sunday has 23 hours.
        let vienna = table("0 3 * * *", "Europe/Vienna").expect("a table");
        let dates: Vec<_> = vienna.dates_after(Timestamp::from_seconds(1_774_569_600)).take(4).collect();
        assert_eq!(hours_between(&dates), [24, 23, 24]);
        let utc = table("0 0 3 * * *", "UTC").expect("six fields");
        let dates: Vec<_> = utc.dates_after(Timestamp::from_seconds(1_774_569_600)).take(4).collect();
        assert_eq!(hours_between(&dates), [24, 24, 24]);
    }

    #[test]
    fn parts_of_a_second_are_not_carried_into_a_date() {
        let hourly = table("0 * * * *", "UTC").expect("a table");
        let date = NOON + Duration::from_secs(3600);
        for before in [NOON, NOON + Duration::from_millis(1), date - Duration::from_millis(1)] {
            assert_eq!(hourly.next_after(before), Some(date));
        }
    }

    #[test]
    fn what_names_no_date_is_refused() {
        for impossible in ["0 3 30 2 *", "61 * * * *", "* * * *", "0 0 3 * * * 2030", "@reboot", "", "banana * * * *"] {
            let refused = table(impossible, "UTC").expect_err(impossible);
            assert!(matches!(refused, Unsafety::Cron(_)), "{impossible}: {refused}");
        }
        assert_eq!(table("0 3 * * *", "Europe/Atlantis").expect_err("unknown"), Unsafety::Zone);
    }

    #[test]
    fn dates_that_lie_too_close_together_are_found() {
        let least = Duration::from_secs(20 * 86_400);
        assert!(table("0 3 1 * *", "UTC").and_then(|table| table.leaving(least, NOON)).is_ok());
        let refused = table("0 3 1,15 * *", "UTC").and_then(|table| table.leaving(least, NOON)).expect_err("refused");
        assert_eq!(refused, Unsafety::Dates { least, found: Duration::from_secs(14 * 86_400) });
    }
}
