//! The written form of an event, version 1: canonical JSON that stays readable for ever.
//!
//! Canonical, so that one event has one sequence of bytes and one id; whatever else a JSON parser would tolerate (duplicate
//! keys, floats) is damage.

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::{Event, EventId, EventKind, Fact, IncidentId, Person};

use super::canonical;

/// The version written today. Newer ones are kept and shown as unknown.
const VERSION: u64 = 1;

/// An event follows no more than this: so many people do not record at one moment. A million of them would be looked for.
const MOST_PARENTS: usize = 10_000;

/// A parent as it is written: 64 digits in quotes, and a comma.
const PARENT_BYTES: usize = 67;

/// Why a stored event cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The store has no bytes for it.
    #[error("its object is lost or damaged, or longer than an event can be")]
    Lost,
    /// Its bytes are not those it was stored with.
    #[error("its bytes have the id {actual}")]
    Altered {
        /// The id that its bytes have.
        actual: EventId,
    },
    /// It is not canonical JSON.
    #[error("it is not canonical JSON")]
    NotCanonical,
    /// It lacks something, or holds something that cannot be.
    #[error("it cannot be read: {why}")]
    Unreadable {
        /// What the parser said.
        why: String,
    },
    /// It is stored under another incident than it names.
    #[error("it belongs to {named}")]
    Misplaced {
        /// The incident it names.
        named: IncidentId,
    },
    /// Another event names it as its parent, but it is not here.
    #[error("it is missing")]
    Missing,
}

/// A stored event that cannot be used. It is left out of every view and hides nothing else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {id}: {why}")]
pub struct Damaged {
    /// The id it should have, which is its file's name.
    pub id: EventId,
    /// What is wrong with it.
    pub why: Damage,
}

/// An event that has no written form.
#[derive(Debug, thiserror::Error)]
#[error("failed to write a `{kind}` event: {source}")]
pub struct Unwritable {
    /// Its kind.
    pub kind: &'static str,
    /// Why.
    pub source: serde_json::Error,
}

/// Who had an event forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// When (UTC).
    pub at: Timestamp,
    /// Who.
    pub by: Person,
    /// Why.
    pub reason: String,
}

impl Forgotten {
    /// What stands in place of each text.
    fn instead(&self) -> String {
        format!("(forgotten: {})", self.reason)
    }
}

/// What surrounds the data of every kind. `data` is absent where the kind says it all.
#[derive(Serialize)]
struct Envelope<'f> {
    at: Timestamp,
    by: Person,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forgotten: Option<&'f Forgotten>,
    incident: IncidentId,
    kind: String,
    #[serde(skip_serializing_if = "is_zero")]
    needs: u32,
    parents: Vec<EventId>,
    v: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(needs: &u32) -> bool {
    *needs == 0
}

/// An [`Envelope`] as it is read: what the data is, its kind tells.
#[derive(Deserialize)]
struct ReadEnvelope<'b> {
    at: Timestamp,
    by: Person,
    #[serde(borrow, default)]
    data: Option<&'b RawValue>,
    #[serde(default)]
    forgotten: Option<Forgotten>,
    incident: IncidentId,
    #[serde(borrow)]
    kind: &'b RawValue,
    #[serde(default)]
    needs: u32,
    #[serde(borrow)]
    parents: &'b RawValue,
    v: u64,
}

/// The parents, unless they are too many: that is told by their length.
fn parents_of(written: &RawValue) -> Result<Vec<EventId>, serde_json::Error> {
    if written.get().len() > MOST_PARENTS * PARENT_BYTES + 1 {
        return Err(serde_json::Error::custom(too_many()));
    }
    serde_json::from_str(written.get())
}

fn too_many() -> String {
    format!("it follows more than {MOST_PARENTS} events")
}

/// The event that `fact` becomes after `parents`, and its stored bytes.
///
/// # Errors
/// When it is of an unknown kind: those are kept as bytes, never written.
pub fn encode(incident: &IncidentId, parents: Vec<EventId>, fact: &Fact) -> Result<(Event, Vec<u8>), Unwritable> {
    let incident = incident.clone();
    let mut event = Event { id: EventId::of(b""), incident, parents, needs: fact.kind.needs(), fact: fact.clone() };
    let bytes = write(&event, None)?;
    event.id = EventId::of(&bytes);
    Ok((event, bytes))
}

/// The bytes that take an event's place, without its texts: under the same id, so that what follows it still follows it.
///
/// # Errors
/// When it is of an unknown kind: which of its data are texts is not known.
pub fn forget(event: &Event, forgotten: &Forgotten) -> Result<Vec<u8>, Unwritable> {
    let mut event = event.clone();
    event.fact.kind = event.fact.kind.without_texts(&forgotten.instead());
    write(&event, Some(forgotten))
}

/// Who had the event forgotten that these bytes are stored for; `None` where it stands there as it was recorded, or as
/// something else.
pub fn forgotten(incident: &IncidentId, id: &EventId, bytes: &[u8]) -> Option<Forgotten> {
    if EventId::of(bytes) == *id || decode(incident, id, bytes).is_err() {
        return None;
    }
    serde_json::from_slice::<ReadEnvelope<'_>>(bytes).ok()?.forgotten
}

/// Of which incident these bytes are an event, as it was recorded.
pub(super) fn incident_of(bytes: &[u8]) -> Option<IncidentId> {
    if !bytes.starts_with(b"{\"at\":") {
        return None; // Canonical, it begins so.
    }
    let envelope: ReadEnvelope<'_> = serde_json::from_slice(bytes).ok()?;
    let is_event = envelope.forgotten.is_none() && decode(&envelope.incident, &EventId::of(bytes), bytes).is_ok();
    is_event.then_some(envelope.incident)
}

/// Reads the event that is stored under `incident` and `id`.
///
/// # Errors
/// When it is damaged. An unknown kind or a newer version is not damage.
pub fn decode(incident: &IncidentId, id: &EventId, bytes: &[u8]) -> Result<Event, Damaged> {
    read(incident, id, bytes).map_err(|why| Damaged { id: id.clone(), why })
}

fn write(event: &Event, forgotten: Option<&Forgotten>) -> Result<Vec<u8>, Unwritable> {
    let Event { incident, parents, needs, fact, .. } = event;
    let write = || -> Result<Vec<u8>, serde_json::Error> {
        if parents.len() > MOST_PARENTS {
            return Err(serde_json::Error::custom(too_many())); // Nobody could read it.
        }
        let mut kind = serde_json::to_value(&fact.kind)?;
        let envelope = Envelope {
            at: fact.at,
            by: fact.by.clone(),
            data: kind.get_mut("data").map(Value::take),
            forgotten,
            incident: incident.clone(),
            kind: fact.kind.name().to_owned(),
            needs: *needs,
            parents: parents.clone(),
            v: VERSION,
        };
        canonical::write(serde_json::to_value(envelope)?)
    };
    write().map_err(|source| Unwritable { kind: fact.kind.name(), source })
}

fn read(incident: &IncidentId, id: &EventId, bytes: &[u8]) -> Result<Event, Damage> {
    if bytes.is_empty() {
        return Err(Damage::Lost);
    }
    let actual = EventId::of(bytes);
    let is_whole = actual == *id;
    // Of what was forgotten this is known too; of anything else nothing is read.
    if !is_whole && !is_forgotten(bytes) {
        return Err(Damage::Altered { actual });
    }
    if !canonical::is_written(bytes) {
        let json: Result<Value, _> = serde_json::from_slice(bytes);
        return Err(json.map_or_else(unreadable, |_| Damage::NotCanonical));
    }
    let envelope: ReadEnvelope<'_> = serde_json::from_slice(bytes).map_err(unreadable)?;
    if envelope.incident != *incident {
        return Err(Damage::Misplaced { named: envelope.incident });
    }
    let kind = kind_of(&envelope).map_err(unreadable)?;
    let parents = parents_of(envelope.parents).map_err(unreadable)?;
    let ReadEnvelope { at, by, incident, needs, forgotten, .. } = envelope;
    let instead = forgotten.filter(|_| !is_whole).map(|forgotten| forgotten.instead());
    if instead.is_some_and(|instead| kind.clone().without_texts(&instead) != kind) {
        return Err(Damage::Altered { actual });
    }
    Ok(Event { id: id.clone(), incident, parents, needs, fact: Fact { at, by, kind } })
}

/// Whether these bytes say that they took an event's place.
fn is_forgotten(bytes: &[u8]) -> bool {
    let envelope: Result<ReadEnvelope<'_>, _> = serde_json::from_slice(bytes);
    envelope.is_ok_and(|envelope| envelope.forgotten.is_some())
}

fn kind_of(envelope: &ReadEnvelope<'_>) -> Result<EventKind, serde_json::Error> {
    let kind = envelope.kind.get();
    // A colleague's newer version must not make our list fail.
    if envelope.v > VERSION {
        return Ok(EventKind::Unknown { kind: serde_json::from_str(kind)? });
    }
    // The tag before the content: the other way round serde would have to keep the content until it knows the tag.
    let tagged = match envelope.data {
        Some(data) => format!("{{\"kind\":{kind},\"data\":{data}}}"),
        None => format!("{{\"kind\":{kind}}}"),
    };
    serde_json::from_str(&tagged).or_else(|error| {
        let kind: String = serde_json::from_str(kind)?;
        if is_known(&kind) { Err(error) } else { Ok(EventKind::Unknown { kind }) }
    })
}

/// Whether this version has such a kind: then it is its data that the parser complains about.
fn is_known(kind: &str) -> bool {
    EventKind::NAMES.contains(&kind)
}

#[expect(clippy::needless_pass_by_value, reason = "it is a `map_err` function")]
fn unreadable(error: serde_json::Error) -> Damage {
    Damage::Unreadable { why: error.to_string() }
}

#[cfg(test)]
mod tests;
