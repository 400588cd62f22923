//! Fills the ledger of a repository with incidents, for measurements: `fill-ledger <repo> <incidents> <events>`.
//!
//! Of each hundred incidents one is open, the others are closed. They get there by one `git fast-import`, after what is there.

use std::error::Error;
use std::io::{BufWriter, Write};
use std::process::{Command, ExitCode, Stdio};

use hotfix_core::domain::event::{Base, EventKind, Fact, Opened, Person, Production};
use hotfix_core::domain::{EventId, IncidentId, Severity, sha256_hex};
use hotfix_core::ledger::codec;
use jiff::Timestamp;

/// The year of all of them.
const YEAR: i16 = 2026;
/// One in so many is open.
const OPEN: u32 = 100;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [repository, incidents, events] = arguments.as_slice() else {
        return failed("usage: fill-ledger <repo> <incidents> <events>");
    };
    let (Ok(incidents), Ok(events)) = (incidents.parse(), events.parse()) else {
        return failed("<incidents> and <events> are numbers");
    };
    match fill(repository, incidents, events) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error.to_string()),
    }
}

#[expect(clippy::print_stderr, reason = "a program of its own, beside the product")]
fn failed(why: &str) -> ExitCode {
    eprintln!("error: {why}");
    ExitCode::FAILURE
}

fn fill(repository: &str, incidents: usize, events: usize) -> Result<(), Box<dyn Error>> {
    let place = format!("refs/hotfix/ledger/{YEAR:04}");
    let is_there = Command::new("git").args(["-C", repository, "rev-parse", "--quiet", "--verify", &place]).output()?;
    let mut git = Command::new("git")
        .args(["-C", repository, "fast-import", "--quiet", "--date-format=raw"])
        .stdin(Stdio::piped())
        .spawn()?;
    let mut stream = BufWriter::new(git.stdin.take().ok_or("git reads nothing")?);
    let mut paths = Vec::new();
    for number in 0..incidents {
        for (path, bytes) in incident(number, events)? {
            paths.push(path);
            write!(stream, "blob\nmark :{}\ndata {}\n", paths.len(), bytes.len())?;
            stream.write_all(&bytes)?;
        }
    }
    let message = format!("{incidents} incidents");
    write!(stream, "commit {place}\ncommitter Filler <filler@example.com> 1767225600 +0000\n")?;
    write!(stream, "data {}\n{message}\n", message.len())?;
    if is_there.status.success() {
        writeln!(stream, "from {place}^0")?;
    }
    for (mark, path) in (1..).zip(&paths) {
        writeln!(stream, "M 100644 :{mark} {path}")?;
    }
    stream.flush()?;
    drop(stream);
    if git.wait()?.success() { Ok(()) } else { Err("git fast-import failed".into()) }
}

/// A path, and what lies there.
type EventFile = (String, Vec<u8>);

/// The files of an incident: its opening, notes, and an end.
fn incident(number: usize, events: usize) -> Result<Vec<EventFile>, Box<dyn Error>> {
    let number = u32::try_from(number)?;
    let [a, b, c, d] = number.to_be_bytes();
    let id = IncidentId::from_random(YEAR, [1, a, b, c, d]);
    let shard: String = sha256_hex(id.as_str().as_bytes()).chars().take(2).collect();
    let by = Person { name: "Filler".to_owned(), email: "filler@example.com".to_owned() };
    let start = Timestamp::from_second(1_767_225_600 + i64::from(number) * 300)?;
    let base = Base { reference: "main".to_owned(), commit: "ca82a6dff817ec66f44342007202690a93763949".parse()? };
    let production = Production { branch: "main".parse()?, remote: None };
    let (title, slug) = (format!("Part {number} is down").parse()?, format!("part-{number}-is-down").parse()?);
    let mut kinds = vec![EventKind::Opened(Box::new(Opened::new(title, slug, Severity::High, base, production)))];
    let is_open = number.is_multiple_of(OPEN);
    let notes = events.saturating_sub(if is_open { 1 } else { 2 });
    let note = |note: usize| EventKind::Noted { text: format!("look {note} at part {number}"), happened_at: None };
    kinds.extend((0..notes).map(note));
    if !is_open && events > 1 {
        kinds.push(EventKind::Closed { reason: None });
    }
    let mut parents: Vec<EventId> = Vec::new();
    let mut files = Vec::new();
    for (minute, kind) in (0..).zip(kinds) {
        let at = start + jiff::SignedDuration::from_mins(minute);
        let (event, bytes) = codec::encode(&id, parents, &Fact { at, by: by.clone(), kind })?;
        files.push((format!("{shard}/{id}/{}.json", event.id), bytes));
        parents = vec![event.id];
    }
    Ok(files)
}
