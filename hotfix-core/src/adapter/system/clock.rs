//! The machine's clock.

use jiff::Timestamp;

use crate::port::Clock;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
        let now = Timestamp::now();
        // Events hold whole seconds; a run that compares with what it wrote must not see a fraction.
        Timestamp::from_second(now.as_second()).expect("the seconds of an instant are an instant")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_whole_seconds_of_today() {
        let now = SystemClock.now();
        assert_eq!(now.subsec_nanosecond(), 0);
        let file = tempfile::NamedTempFile::new().unwrap();
        let written = Timestamp::try_from(file.as_file().metadata().unwrap().modified().unwrap()).unwrap();
        assert!((written.as_second() - now.as_second()).abs() <= 2, "{now} is not about {written}");
    }
}
