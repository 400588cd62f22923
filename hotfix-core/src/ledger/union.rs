//! Which bytes stay where two ledgers hold different ones for an event. Nothing but the bytes decides, so that whoever unites the
//! two, and in whatever order, comes to the same.

use crate::domain::{EventId, IncidentId};
use crate::port::Stays;

use super::codec;

/// How well bytes stand for an event, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// They are not what was recorded.
    Damaged,
    /// They are what was recorded.
    Whole,
    /// They say that it was forgotten, which nobody may undo who still has it.
    Forgotten,
}

/// Which of two files of an event stays.
pub(super) fn choose(incident: &IncidentId, event: &EventId, first: &[u8], second: &[u8]) -> Stays {
    let [one, other] = [worth(incident, event, first, second), worth(incident, event, second, first)];
    // Of two that are worth the same the bytes decide: two people may have forgotten one event.
    let is_first = (one, first) >= (other, second);
    match (is_first, one.max(other) == Worth::Forgotten && one != other) {
        (true, false) => Stays::First,
        (false, false) => Stays::Second,
        (true, true) => Stays::FirstOnly,
        (false, true) => Stays::SecondOnly,
    }
}

fn worth(incident: &IncidentId, event: &EventId, bytes: &[u8], beside: &[u8]) -> Worth {
    if let Some(forgotten) = codec::forgotten(incident, event, bytes) {
        // Where the event is at hand, it is known what has to be left of it.
        let recorded = codec::decode(incident, event, beside).ok().filter(|_| EventId::of(beside) == *event);
        let is_right =
            recorded.is_none_or(|recorded| codec::forget(&recorded, &forgotten).is_ok_and(|left| left == bytes));
        return if is_right { Worth::Forgotten } else { Worth::Damaged };
    }
    if EventId::of(bytes) == *event { Worth::Whole } else { Worth::Damaged }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::{EventKind, Fact, Person};
    use crate::ledger::Forgotten;

    #[test]
    fn the_same_bytes_stay_whoever_asks() {
        let incident = IncidentId::from_random(2026, [1; 5]);
        let by = Person { name: "Ada".to_owned(), email: String::new() };
        let kind = EventKind::Noted { text: "the token is tok-1".to_owned(), happened_at: None };
        let fact = Fact { at: Timestamp::UNIX_EPOCH, by: by.clone(), kind };
        let (event, whole) = codec::encode(&incident, Vec::new(), &fact).unwrap();
        let forgotten =
            |reason: &str| Forgotten { at: Timestamp::UNIX_EPOCH, by: by.clone(), reason: reason.to_owned() };
        let by_ada = codec::forget(&event, &forgotten("ada")).unwrap();
        let by_bob = codec::forget(&event, &forgotten("bob")).unwrap();
        // It says of itself that it was forgotten, and is not what would be left of the event.
        let other = Fact { at: Timestamp::MAX, ..fact };
        let (other, _) = codec::encode(&incident, Vec::new(), &other).unwrap();
        let forged = codec::forget(&other, &forgotten("a forger")).unwrap();
        let garbled = whole[1..].to_vec();
        let stays = |one: &[u8], two: &[u8]| {
            let there = choose(&incident, &event.id, one, two);
            let back = choose(&incident, &event.id, two, one);
            let mirrored = match there {
                Stays::First => Stays::Second,
                Stays::Second => Stays::First,
                Stays::FirstOnly => Stays::SecondOnly,
                Stays::SecondOnly => Stays::FirstOnly,
            };
            assert_eq!(back, mirrored);
            there
        };
        assert_eq!(stays(&whole, &garbled), Stays::First);
        assert_eq!(stays(&whole, b""), Stays::First);
        assert_eq!(stays(&whole, &by_ada), Stays::SecondOnly);
        assert_eq!(stays(&garbled, &by_ada), Stays::SecondOnly);
        assert_eq!(stays(&by_bob, &by_ada), Stays::First, "nobody remembers");
        assert_eq!(stays(&whole, &forged), Stays::First);
    }
}
