//! Times as people type them at night.

use jiff::{SignedDuration, Timestamp, civil};

use super::{Code, Refusal, Result};

/// A time for people, to the second.
pub(crate) fn human(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Reads `2026-11-22T09:41:00Z`, `2026-11-22 09:41` (UTC), `09:41` (the last such time, UTC), `15m ago` or `2h ago`.
///
/// # Errors
/// When it is none of these, or lies in the future; `flag` is named.
pub(crate) fn parse(text: &str, flag: &str, now: Timestamp) -> Result<Timestamp> {
    let text = text.trim();
    let at = text
        .parse::<Timestamp>()
        .ok()
        .or_else(|| ago(text, now))
        .or_else(|| text.replacen(' ', "T", 1).parse::<civil::DateTime>().ok().and_then(utc))
        .or_else(|| last(text, now))
        .ok_or_else(|| {
            Refusal::usage(Code::Time, format!("{flag}: `{}` is no time", crate::domain::one_line(text)))
                .hint("2026-11-22T09:41:00Z, \"2026-11-22 09:41\" (UTC), 09:41 (UTC) or \"15m ago\"")
        })?;
    // Clocks of two machines differ: a few minutes ahead are no mistake.
    if at > now.saturating_add(SignedDuration::from_mins(5)).unwrap_or(now) {
        return Err(Refusal::usage(Code::Time, format!("{flag}: {} is in the future", human(at))));
    }
    Ok(at)
}

/// A day, told by a flag; `example` is one that is understood.
pub(crate) fn date(text: &str, code: Code, flag: &str, example: &str) -> Result<civil::Date> {
    text.trim().parse().map_err(|_| {
        Refusal::usage(code, format!("{flag}: `{}` is no date", crate::domain::one_line(text)))
            .hint(format!("{flag} {example}"))
    })
}

fn utc(at: civil::DateTime) -> Option<Timestamp> {
    at.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    let amount = text.strip_suffix("ago")?.trim();
    let unit = amount.chars().next_back()?;
    // The bound keeps the product below from overflowing.
    let count: i64 = amount.strip_suffix(unit)?.trim().parse().ok().filter(|count| (0..=100_000).contains(count))?;
    let duration = match unit {
        's' => SignedDuration::from_secs(count),
        'm' => SignedDuration::from_mins(count),
        'h' => SignedDuration::from_hours(count),
        'd' => SignedDuration::from_hours(count * 24),
        _ => return None,
    };
    now.checked_sub(duration).ok()
}

fn last(text: &str, now: Timestamp) -> Option<Timestamp> {
    let time: civil::Time = text.parse().ok()?;
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let at = utc(today.to_datetime(time))?;
    // `23:30`, typed in the morning, is last night's.
    if at <= now { Some(at) } else { utc(today.yesterday().ok()?.to_datetime(time)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> String {
        let now: Timestamp = "2026-11-22T09:41:00Z".parse().expect("a time");
        parse(text, "--at", now).map_or_else(|refusal| refusal.to_string(), |at| at.to_string())
    }

    #[test]
    fn reads_what_people_type() {
        assert_eq!(at("2026-11-22T10:00:00+02:00"), "2026-11-22T08:00:00Z");
        assert_eq!(at("2026-11-21 09:00"), "2026-11-21T09:00:00Z");
        assert_eq!(at("09:30"), "2026-11-22T09:30:00Z");
        assert_eq!(at("23:30"), "2026-11-21T23:30:00Z");
        assert_eq!(at("15m ago"), "2026-11-22T09:26:00Z");
        assert_eq!(at("2 h ago"), "2026-11-22T07:41:00Z");
    }

    #[test]
    fn refuses_the_rest() {
        assert_eq!(at("yesterday"), "--at: `yesterday` is no time");
        assert_eq!(at("2026-11-22T10:00:00Z"), "--at: 2026-11-22 10:00:00 UTC is in the future");
        assert_eq!(at("-5m ago"), "--at: `-5m ago` is no time");
        assert_eq!(at("99999999999999999999m ago"), "--at: `99999999999999999999m ago` is no time");
    }
}
