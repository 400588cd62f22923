//! Durations and instants as people read them, and how long users felt an incident.

use jiff::Timestamp;

use crate::domain::{Incident, Milestone};

/// An instant to the minute: `2026-11-22 09:41 UTC`.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A duration to the minute, `2 h 05 min`; below a minute in seconds.
pub(crate) fn duration(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) if seconds < 60 => format!("{seconds} s"),
        (0, 0) => format!("{minutes} min"),
        (0, _) => format!("{hours} h {minutes:02} min"),
        (_, _) => format!("{days} d {hours} h {minutes:02} min"),
    }
}

/// How long users felt it, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outage {
    /// From one milestone to another.
    Over { from: (Milestone, Timestamp), to: (Milestone, Timestamp) },
    /// It began, and nobody said that it is over.
    Lasting { from: (Milestone, Timestamp) },
    /// The milestones contradict each other.
    Contradictory { from: (Milestone, Timestamp), to: (Milestone, Timestamp) },
}

impl Outage {
    pub(crate) fn of(incident: &Incident) -> Self {
        let reached = |milestone| incident.milestones.get(&milestone).map(|at| (milestone, *at));
        // The earliest that anybody knows of; opening comes after either.
        let from = [Milestone::Started, Milestone::Detected].into_iter().find_map(reached);
        let from = from.unwrap_or((Milestone::Opened, incident.opened_at()));
        match [Milestone::Mitigated, Milestone::Resolved, Milestone::Verified].into_iter().find_map(reached) {
            None => Self::Lasting { from },
            // People type times at night; a negative duration helps nobody.
            Some(to) if to.1 < from.1 => Self::Contradictory { from, to },
            Some(to) => Self::Over { from, to },
        }
    }

    /// How long, and how that is known.
    pub(super) fn sentence(&self, now: Timestamp) -> String {
        let seconds = |from: &Timestamp, to: &Timestamp| to.as_second().saturating_sub(from.as_second());
        let name = |(milestone, at): &(Milestone, Timestamp)| format!("{milestone} {}", instant(*at));
        // Detected is not started: users may have felt it for longer.
        let least = |from: &Milestone| if *from == Milestone::Started { "" } else { "at least " };
        match self {
            Self::Over { from, to } => {
                let took = duration(seconds(&from.1, &to.1));
                format!("{}{took} ({}, {})", least(&from.0), name(from), name(to))
            }
            Self::Lasting { from } => {
                let took = duration(seconds(&from.1, &now).max(0));
                format!("unknown, at least {took} until this was written ({})", name(from))
            }
            Self::Contradictory { from, to } => format!("unknown, {} is before {}", name(to), name(from)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_at_a_glance() {
        let shown: Vec<String> = [0, 59, 60, 3_599, 3_600, 7_500, 93_900].into_iter().map(duration).collect();
        assert_eq!(shown, ["0 s", "59 s", "1 min", "59 min", "1 h 00 min", "2 h 05 min", "1 d 2 h 05 min"]);
    }
}
