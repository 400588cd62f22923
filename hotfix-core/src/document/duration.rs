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

/// What stands around the time that an outage had lasted when its document was written.
const LASTS: (&str, &str) = ("unknown, at least ", " until this was written (");

/// Whether a line of a document says that an outage was not over yet.
pub(super) fn is_lasting(line: &str) -> bool {
    line.split_once(LASTS.0).is_some_and(|(_, rest)| rest.contains(LASTS.1))
}

/// Whether two documents differ in nothing but how long an outage had lasted when each was written.
#[cfg(feature = "workflow")]
pub(crate) fn is_same_but_for_when(one: &str, other: &str) -> bool {
    let is_duration =
        |took: &str| took.split(' ').all(|word| word.parse::<u64>().is_ok() || ["d", "h", "min", "s"].contains(&word));
    let around = |line| -> Option<(&str, &str)> {
        let (before, rest) = str::split_once(line, LASTS.0)?;
        let (took, after) = rest.split_once(LASTS.1)?;
        is_duration(took).then_some((before, after))
    };
    let lines = |text| str::split(text, '\n').map(move |line| around(line).unwrap_or((line, "")));
    lines(one).eq(lines(other))
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
                format!("{}{took}{}{})", LASTS.0, LASTS.1, name(from))
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

    #[cfg(feature = "workflow")]
    #[test]
    fn written_later_a_document_is_the_same_and_with_other_words_it_is_not() {
        let lasting = |at: i64| {
            let from = (Milestone::Opened, Timestamp::UNIX_EPOCH);
            let now = Timestamp::from_second(at).unwrap();
            format!("Before.\n- Duration of outage: {}\nAfter.\n", Outage::Lasting { from }.sentence(now))
        };
        let same = |other: &str| is_same_but_for_when(&lasting(5), other);
        assert!(same(&lasting(5)) && same(&lasting(93_900)));
        for edited in
            [("After.", "Later."), ("5 s", "5 s or so"), ("5 s", "half a day"), ("After.\n", ""), ("opened", "ok")]
        {
            assert!(!same(&lasting(5).replacen(edited.0, edited.1, 1)), "{edited:?}");
        }
    }
}
