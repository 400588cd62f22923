//! The zone of this machine's clocks: what `TZ` says, else `/etc/localtime`, by the system's own database.
//!
//! jiff can look that up itself, and lists the whole database first: some 1,300 files for one of them.

use std::path::{Component, Path, PathBuf};

use jiff::tz::TimeZone;

/// Where systems keep their database.
const DATABASES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];

const LOCALTIME: &str = "/etc/localtime";

/// More than any zone takes.
const MOST_BYTES: u64 = 1 << 20;

/// The zone of the clocks of whoever started us; UTC where that cannot be told.
pub fn local() -> TimeZone {
    #[expect(clippy::disallowed_methods, reason = "what every clock of the machine goes by")]
    let (zone, folder) = (std::env::var_os("TZ"), std::env::var_os("TZDIR"));
    match zone {
        None => in_file("local", Path::new(LOCALTIME)),
        Some(zone) => zone.to_str().and_then(|zone| named(zone, folder.map(PathBuf::from))),
    }
    .unwrap_or(TimeZone::UTC)
}

/// As libc reads `TZ`: a file, a name of the database, or a rule; empty is UTC.
fn named(zone: &str, folder: Option<PathBuf>) -> Option<TimeZone> {
    let zone = zone.strip_prefix(':').unwrap_or(zone);
    let path = Path::new(zone);
    if path.is_absolute() {
        return in_file(zone, path);
    }
    let is_name = !zone.is_empty() && path.components().all(|part| matches!(part, Component::Normal(_)));
    let mut folders = folder.into_iter().chain(DATABASES.map(PathBuf::from));
    let found = if is_name { folders.find_map(|folder| in_file(zone, &folder.join(path))) } else { None };
    found.or_else(|| TimeZone::posix(zone).ok())
}

fn in_file(name: &str, path: &Path) -> Option<TimeZone> {
    // Whatever the variable names: neither a pipe nor a disk image.
    path.metadata().ok().filter(|found| found.is_file() && found.len() <= MOST_BYTES)?;
    TimeZone::tzif(name, &std::fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(zone: &str) -> Option<String> {
        let at: jiff::Timestamp = "2026-07-01T12:00:00Z".parse().unwrap();
        Some(at.to_zoned(named(zone, None)?).strftime("%H:%M %Z").to_string())
    }

    #[test]
    fn a_zone_is_a_rule_where_the_database_has_no_such_name() {
        assert_eq!(shown("CET-1CEST,M3.5.0,M10.5.0/3").as_deref(), Some("14:00 CEST"));
        assert_eq!(shown("<+0530>-5:30").as_deref(), Some("17:30 +0530"));
        for nonsense in ["", "no such zone", "../../etc/passwd", "/etc/passwd", "/dev/zero"] {
            assert_eq!(shown(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_name_is_looked_up_in_the_database_of_the_system() {
        if Path::new(DATABASES[0]).join("Europe/Berlin").exists() {
            assert_eq!(shown("Europe/Berlin").as_deref(), Some("14:00 CEST"));
            assert_eq!(shown(":Europe/Berlin").as_deref(), Some("14:00 CEST"));
            assert_eq!(shown("/usr/share/zoneinfo/Europe/Berlin").as_deref(), Some("14:00 CEST"));
        }
    }
}
