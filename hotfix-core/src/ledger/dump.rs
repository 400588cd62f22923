//! All events as lines of text, and back without loss: for other programs, and for a copy that needs no git.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::{EventId, IncidentId};
use crate::port::{Stays, StoreError, StoredEvent};

use super::append::tried;
use super::{Ledger, LedgerError, codec, union};

/// One event as a line: its id, and the bytes that are stored for it, which are JSON.
#[derive(Debug, Serialize, Deserialize)]
struct DumpedEvent<'d> {
    event: EventId,
    #[serde(borrow)]
    stored: &'d RawValue,
}

/// Where an event belongs that stands in a line.
#[derive(Debug, Deserialize)]
struct Belonging {
    incident: IncidentId,
}

/// What came of reading events back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// How many events were not here.
    pub new: usize,
    /// How many were here already.
    pub known: usize,
}

/// Why a line is no event.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {why}")]
#[non_exhaustive]
pub struct BadLine {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Why events were not read back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A line is no event. Nothing was recorded.
    #[error(transparent)]
    Line(#[from] BadLine),
    /// The ledger could not be read or written. What was recorded by then stays.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Ledger<'_> {
    /// Gives every event as a line of JSON, by year, incident and id, to `each`; how many there were that are damaged, and were
    /// left out.
    ///
    /// # Errors
    /// When the store cannot be read, or `each` fails.
    pub fn export(&self, each: &mut dyn FnMut(&str) -> std::io::Result<()>) -> Result<usize, ExportError> {
        let mut damaged = 0;
        for (year, tip) in self.store.tips().map_err(LedgerError::from)? {
            let mut incidents = self.store.incidents(year, &tip).map_err(LedgerError::from)?;
            incidents.sort();
            for (id, revision) in incidents {
                let mut events = self.store.events(&id, &revision).map_err(LedgerError::from)?;
                events.sort();
                for (event, bytes) in events {
                    match line(&id, event, &bytes) {
                        Some(line) => each(&line)?,
                        None => damaged += 1,
                    }
                }
            }
        }
        Ok(damaged)
    }

    /// Records the events of such lines that are not here. Nothing is recorded where one of the lines is none.
    ///
    /// # Errors
    /// As [`ImportError`] says.
    pub fn import(&self, lines: &[u8]) -> Result<Imported, ImportError> {
        let mut events: Vec<(IncidentId, StoredEvent)> = Vec::new();
        let lines = lines.split(|byte| *byte == b'\n');
        for (number, line) in (1..).zip(lines).filter(|(_, line)| !line.trim_ascii().is_empty()) {
            events.push(read(line).map_err(|why| BadLine { line: number, why })?);
        }
        events.sort();
        events.dedup();
        let mut imported = Imported::default();
        for of_one in events.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((id, _)) = of_one.first() else { continue };
            let new = self.import_one(id, of_one)?;
            imported.new += new;
            imported.known += of_one.len() - new;
        }
        Ok(imported)
    }

    fn import_one(&self, id: &IncidentId, events: &[(IncidentId, StoredEvent)]) -> Result<usize, LedgerError> {
        tried(|| {
            let tip = self.tip(id.year())?;
            let here = tip.as_deref().map(|tip| self.stored(tip, id)).transpose()?.flatten().unwrap_or_default();
            let is_new = |(event, bytes): &StoredEvent| match here.iter().find(|(known, _)| known == event) {
                Some((_, known)) => {
                    known != bytes
                        && matches!(union::choose(id, event, known, bytes), Stays::Second | Stays::SecondOnly)
                }
                None => true,
            };
            let new: Vec<StoredEvent> =
                events.iter().map(|(_, stored)| stored).filter(|stored| is_new(stored)).cloned().collect();
            let is_here = |stored: &&StoredEvent| here.iter().any(|(known, _)| *known == stored.0);
            if let (Some((event, bytes)), Some(tip)) = (new.iter().find(is_here), &tip)
                && let Some(forgotten) = codec::forgotten(id, event, bytes)
            {
                // From what comes now nobody may get to the old bytes; then again for what is left.
                let message = format!("{id}: forgotten");
                let replaced = self.store.replace(id, tip, (event, bytes), &message, forgotten.at);
                return Ok(replaced.and(Err(StoreError::Moved { year: id.year() })));
            }
            let at =
                new.iter().filter_map(|(event, bytes)| codec::decode(id, event, bytes).ok()).map(|event| event.fact.at);
            let Some(at) = at.max() else { return Ok(Ok(0)) };
            let message = format!("{id}: imported");
            Ok(self.store.append(id, tip.as_deref(), &new, &message, at).map(|_| new.len()))
        })
    }
}

/// Why events were not given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Nobody takes them.
    #[error(transparent)]
    Output(#[from] std::io::Error),
}

fn line(incident: &IncidentId, event: EventId, bytes: &[u8]) -> Option<String> {
    codec::decode(incident, &event, bytes).ok()?;
    let stored: &RawValue = serde_json::from_slice(bytes).ok()?;
    serde_json::to_string(&DumpedEvent { event, stored }).ok()
}

/// The event of a line, whole or forgotten.
fn read(line: &[u8]) -> Result<(IncidentId, StoredEvent), String> {
    // Said so: some shells write another encoding where they write what a program prints to a file.
    let line = str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
    let DumpedEvent { event, stored } = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let Belonging { incident } = serde_json::from_str(stored.get()).map_err(|error| error.to_string())?;
    let bytes = format!("{}\n", stored.get()).into_bytes();
    codec::decode(&incident, &event, &bytes).map_err(|damaged| damaged.to_string())?;
    Ok((incident, (event, bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EventKind, Fact, Person};
    use crate::ledger::{Basis, Forgotten, MemoryStore};

    fn dumped(ledger: Ledger<'_>) -> String {
        let mut text = String::new();
        let mut add = |line: &str| {
            text.push_str(&format!("{line}\n"));
            Ok(())
        };
        ledger.export(&mut add).unwrap();
        text
    }

    #[test]
    fn what_is_given_comes_back_byte_by_byte() {
        let (here, there) = (MemoryStore::new(), MemoryStore::new());
        let ledger = Ledger::new(&here);
        let id = IncidentId::from_random(2026, [1; 5]);
        let by = Person { name: "Ada".to_owned(), email: String::new() };
        let at = "2026-03-01T02:00:00Z".parse().unwrap();
        let note = |text: &str| Fact {
            at,
            by: by.clone(),
            kind: EventKind::Noted { text: text.to_owned(), happened_at: None },
        };
        let events = ledger.append(&id, Basis::New, &[note("one"), note("the token is tok-1"), note("three")]).unwrap();
        let forgotten = Forgotten { at, by: by.clone(), reason: "a token".to_owned() };
        let before = dumped(ledger);
        let _ = ledger.forget(&id, &events[1].id, &forgotten);
        let text = dumped(ledger);
        assert!(before.contains("tok-1") && !text.contains("tok-1"), "{text}");
        let other = Ledger::new(&there);
        assert_eq!(other.import(text.as_bytes()).unwrap(), Imported { new: 3, known: 0 });
        assert_eq!(dumped(other), text);
        assert_eq!(
            other.import(before.as_bytes()).unwrap(),
            Imported { new: 0, known: 3 },
            "what is forgotten stays so"
        );
        assert_eq!(dumped(other), text);
        let (altered, garbled) = (text.replace("three", "four"), [text.as_bytes(), b"{\"\xff\"}\r\n"].concat());
        for (bad, why) in [
            (b"{".as_slice(), "line 1"),
            (altered.as_bytes(), "its bytes have the id"),
            (b"\n \r\n[]", "line 3"),
            (&garbled, "line 4: it is not UTF-8"),
        ] {
            let error = Ledger::new(&MemoryStore::new()).import(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
