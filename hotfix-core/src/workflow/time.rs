//! Times as people type them at night, by the clocks of whoever reads.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::AmbiguousOffset;
use jiff::{SignedDuration, Timestamp};

use crate::domain::one_line;

use super::{Code, Context, Reader, Refusal, Result};

/// What is understood, for hints.
const EXAMPLES: &str =
    "\"10 minutes ago\", \"1h30m ago\", now, 09:41, \"yesterday 14:05\", \"2026-11-22 09:41\" or 2026-11-22T09:41:00Z";

/// Clocks of two machines differ: an instant that one of them told may be so far ahead.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A time that was typed.
pub(crate) struct TypedTime {
    /// The instant.
    pub(crate) at: Timestamp,
    /// What was guessed, to be told.
    pub(crate) guess: Option<String>,
}

/// Reads a time; `flag` is where it was typed.
///
/// # Errors
/// When it is none, or lies in the future.
pub(crate) fn parse(text: &str, flag: &str, context: &Context<'_>) -> Result<TypedTime> {
    read(text, flag, context.now, context.reader)
}

fn read(text: &str, flag: &str, now: Timestamp, reader: &Reader) -> Result<TypedTime> {
    let text = text.trim();
    let plain = |at| TypedTime { at, guess: None };
    // Told by another machine, most often.
    let (typed, latest) = match text.parse::<Timestamp>() {
        Ok(at) => (Some(plain(at)), now.saturating_add(SKEW).unwrap_or(now)),
        Err(_) => (ago(text, now).map(plain).or_else(|| on_the_clock(text, flag, now, reader)), now),
    };
    let typed = typed
        .ok_or_else(|| Refusal::usage(Code::Time, format!("{flag}: `{}` is no time", one_line(text))).hint(EXAMPLES))?;
    if typed.at > latest {
        let at = reader.second(typed.at);
        return Err(Refusal::usage(Code::Time, format!("{flag}: {at} is in the future")));
    }
    Ok(typed)
}

/// A day, told by a flag: a date, `today`, `yesterday` or `tomorrow`; `example` is one that is understood.
///
/// # Errors
/// When it is none of these.
pub(crate) fn date(text: &str, code: Code, flag: &str, example: &str, context: &Context<'_>) -> Result<Date> {
    let today = today(context.now, context.reader);
    day(text.trim(), today).or_else(|| text.trim().parse().ok()).ok_or_else(|| {
        Refusal::usage(code, format!("{flag}: `{}` is no date", one_line(text))).hint(format!("{flag} {example}"))
    })
}

fn today(now: Timestamp, reader: &Reader) -> Date {
    now.to_zoned(reader.zone.clone()).date()
}

fn day(word: &str, today: Date) -> Option<Date> {
    match word.to_ascii_lowercase().as_str() {
        "today" => Some(today),
        "yesterday" => today.yesterday().ok(),
        "tomorrow" => today.tomorrow().ok(),
        _ => None,
    }
}

/// `now`, `10 minutes ago`, `1h30m ago`, `2 h ago`.
fn ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    if text.eq_ignore_ascii_case("now") {
        return Some(now);
    }
    let mut rest = text.strip_suffix("ago")?.trim();
    let mut whole = SignedDuration::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).filter(|end| *end > 0)?;
        let (digits, after) = rest.split_at_checked(end)?;
        let after = after.trim_start();
        let end = after.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        // The bound keeps the product from overflowing.
        let count: i64 = digits.parse().ok().filter(|count| *count <= 100_000)?;
        whole = whole.checked_add(SignedDuration::from_secs(count * seconds(unit)?))?;
        rest = after.trim_start();
    }
    (!whole.is_zero() || text.starts_with('0')).then(|| now.checked_sub(whole).ok())?
}

fn seconds(unit: &str) -> Option<i64> {
    match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => Some(1),
        "m" | "min" | "mins" | "minute" | "minutes" => Some(60),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(3_600),
        "d" | "day" | "days" => Some(86_400),
        _ => None,
    }
}

/// `2026-11-22 09:41`, `yesterday 14:05`, or `09:41`: the last such time.
fn on_the_clock(text: &str, flag: &str, now: Timestamp, reader: &Reader) -> Option<TypedTime> {
    let today = today(now, reader);
    if let Ok(at) = text.replacen(' ', "T", 1).parse::<DateTime>()
        // A day alone is no time, though jiff takes it for its midnight.
        && text.contains(':')
    {
        return there(at, flag, reader);
    }
    if let Some((word, time)) = text.split_once(' ') {
        let day = day(word, today)?;
        return there(day.to_datetime(time.trim().parse::<Time>().ok()?), flag, reader);
    }
    let time: Time = text.parse().ok()?;
    let typed = there(today.to_datetime(time), flag, reader)?;
    if typed.at <= now {
        return Some(typed);
    }
    // `23:30`, typed in the morning, is last night's.
    let typed = there(today.yesterday().ok()?.to_datetime(time), flag, reader)?;
    let guess = format!("{flag} {text} is taken for yesterday's: {}", reader.minute(typed.at));
    Some(TypedTime { guess: Some(guess), ..typed })
}

/// The instant at which clocks show this; they show it twice where they are set back, and never where they go forward.
fn there(at: DateTime, flag: &str, reader: &Reader) -> Option<TypedTime> {
    let shown = reader.zone.to_ambiguous_zoned(at);
    let offset = shown.offset();
    let at = shown.compatible().ok()?.timestamp();
    let guess = match offset {
        AmbiguousOffset::Unambiguous { .. } => None,
        AmbiguousOffset::Fold { .. } => Some("that was twice; the first time is taken"),
        AmbiguousOffset::Gap { .. } => Some("clocks went forward over that; the time after it is taken"),
    };
    let guess = guess.map(|guess| format!("{flag}: {guess}, {}", reader.minute(at)));
    Some(TypedTime { at, guess })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    /// A winter's morning in Berlin, an hour ahead of UTC.
    const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

    fn in_zone(zone: TimeZone, now: &str, text: &str) -> String {
        let reader = Reader { zone, ..Reader::default() };
        let now: Timestamp = now.parse().expect("a time");
        match read(text, "--at", now, &reader) {
            Ok(TypedTime { at, guess: None }) => at.to_string(),
            Ok(TypedTime { at, guess: Some(guess) }) => format!("{at}; {guess}"),
            Err(refusal) => refusal.to_string(),
        }
    }

    fn at(text: &str) -> String {
        in_zone(TimeZone::UTC, "2026-11-22T09:41:00Z", text)
    }

    fn in_berlin(text: &str) -> String {
        in_zone(TimeZone::posix(BERLIN).expect("a zone"), "2026-11-22T09:41:00Z", text)
    }

    #[test]
    fn reads_what_people_type() {
        assert_eq!(at("2026-11-22T10:00:00+02:00"), "2026-11-22T08:00:00Z");
        assert_eq!(at("2026-11-21 09:00"), "2026-11-21T09:00:00Z");
        assert_eq!(at("09:30"), "2026-11-22T09:30:00Z");
        for text in ["15m ago", "15 minutes ago", "15 min ago", "900s ago", "15mins ago"] {
            assert_eq!(at(text), "2026-11-22T09:26:00Z", "{text}");
        }
        for text in ["1h30m ago", "1h 30m ago", "90 minutes ago", "1 hour 30 minutes ago"] {
            assert_eq!(at(text), "2026-11-22T08:11:00Z", "{text}");
        }
        assert_eq!(at("2 h ago"), "2026-11-22T07:41:00Z");
        assert_eq!(at("now"), "2026-11-22T09:41:00Z");
        assert_eq!(at("0m ago"), "2026-11-22T09:41:00Z");
        assert_eq!(at("yesterday 14:05"), "2026-11-21T14:05:00Z");
        assert_eq!(at("today 08:05"), "2026-11-22T08:05:00Z");
    }

    #[test]
    fn a_clock_is_the_readers_own() {
        assert_eq!(in_berlin("10:30"), "2026-11-22T09:30:00Z");
        assert_eq!(in_berlin("yesterday 14:05"), "2026-11-21T13:05:00Z");
        assert_eq!(in_berlin("2026-07-01 14:05"), "2026-07-01T12:05:00Z");
        assert_eq!(in_berlin("2026-11-22T09:30:00Z"), "2026-11-22T09:30:00Z");
    }

    #[test]
    fn what_is_guessed_is_told() {
        let night = "--at 23:30 is taken for yesterday's: 2026-11-21 23:30 CET";
        assert_eq!(in_berlin("23:30"), format!("2026-11-21T22:30:00Z; {night}"));
        // Clocks go back at three.
        let twice = "--at: that was twice; the first time is taken, 2026-10-25 02:30 CEST";
        assert_eq!(in_berlin("2026-10-25 02:30"), format!("2026-10-25T00:30:00Z; {twice}"));
        // And forward at two: nobody's clock showed it.
        let never = "--at: clocks went forward over that; the time after it is taken, 2026-03-29 03:30 CEST";
        assert_eq!(in_berlin("2026-03-29 02:30"), format!("2026-03-29T01:30:00Z; {never}"));
        assert_eq!(in_berlin("2026-03-29 03:30"), "2026-03-29T01:30:00Z", "the control");
    }

    #[test]
    fn refuses_the_rest() {
        for text in
            ["yesterday", "-5m ago", "99999999999999999999m ago", "ago", "5 ago", "5x ago", "2026-11-21", "", "h ago"]
        {
            assert_eq!(at(text), format!("--at: `{text}` is no time"));
        }
        assert_eq!(at("2026-11-22T10:00:00Z"), "--at: 2026-11-22 10:00:00 UTC is in the future");
        assert_eq!(at("2026-11-22 09:42"), "--at: 2026-11-22 09:42:00 UTC is in the future");
        assert_eq!(in_berlin("today 14:05"), "--at: 2026-11-22 14:05:00 CET is in the future");
        assert_eq!(at("tomorrow 01:00"), "--at: 2026-11-23 01:00:00 UTC is in the future");
        // Another machine's clock may be a little ahead.
        assert_eq!(at("2026-11-22T09:44:00Z"), "2026-11-22T09:44:00Z");
    }
}
