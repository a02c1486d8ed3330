//! The table, and whether the goals were reached.

/// One measurement.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// Requests a second.
    pub(crate) per_second: f64,
    /// Seconds of the server's processor for one request.
    pub(crate) cpu: f64,
}

/// One row.
pub(crate) struct Line {
    /// Whether the goal was reached.
    pub(crate) reached: bool,
    text: String,
}

impl Line {
    /// A case that both servers answered.
    pub(crate) fn compared(name: &str, floor: &[Sample], ours: &[Sample], least: f64) -> Self {
        let by_cpu = median(floor, |sample| sample.cpu) / median(ours, |sample| sample.cpu);
        let by_rate = median(ours, |sample| sample.per_second) / median(floor, |sample| sample.per_second);
        let reached = by_cpu >= least;
        let text = format!(
            "{}\n{}\n{:<27} share of the floor: {by_cpu:.2} by CPU, {by_rate:.2} by rate; at least {least:.2}: {}",
            row(name, "floor", floor),
            row("", "chancery", ours),
            "",
            verdict(reached)
        );
        Self { reached, text }
    }

    /// A case with a goal of its own, in requests a second.
    pub(crate) fn alone(name: &str, ours: &[Sample], least: f64) -> Self {
        let reached = median(ours, |sample| sample.per_second) >= least;
        let text = format!("{}\n{:<27} at least {least:.0}/s: {}", row(name, "chancery", ours), "", verdict(reached));
        Self { reached, text }
    }
}

/// Prints all rows.
pub(crate) fn print(lines: &[Line]) {
    println!("{:<27} {:<9} {:>9} {:>17} {:>12}", "case", "server", "req/s", "(least - most)", "CPU us/req");
    for line in lines {
        println!("{}", line.text);
    }
}

fn row(name: &str, server: &str, samples: &[Sample]) -> String {
    let rates = || samples.iter().map(|sample| sample.per_second);
    let range =
        format!("({:.0} - {:.0})", rates().fold(f64::INFINITY, f64::min), rates().fold(f64::NEG_INFINITY, f64::max));
    let (rate, cpu) = (median(samples, |sample| sample.per_second), median(samples, |sample| sample.cpu) * 1e6);
    format!("{name:<27} {server:<9} {rate:>9.0} {range:>17} {cpu:>12.1}")
}

fn median(samples: &[Sample], figure: impl Fn(&Sample) -> f64) -> f64 {
    let mut figures: Vec<_> = samples.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

const fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "MISSED" }
}
