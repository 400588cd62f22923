//! The written form of an event, version 1: canonical JSON that stays readable for ever.
//!
//! Canonical: UTF-8, keys sorted, integers only, no white space, one newline at the end. Then one event has one sequence
//! of bytes and one id, and whatever else a JSON parser would tolerate (duplicate keys, floats) is damage.

use std::io::Write;

use jiff::Timestamp;
use serde::de::value::MapDeserializer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{Event, EventId, EventKind, Fact, IncidentId, Person};

/// The version written today. Newer ones are kept and shown as unknown.
const VERSION: u64 = 1;

/// Why a stored event cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
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

/// What surrounds the data of every kind. `data` is absent where the kind says it all.
#[derive(Serialize, Deserialize)]
struct Envelope {
    at: Timestamp,
    by: Person,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    incident: IncidentId,
    kind: String,
    parents: Vec<EventId>,
    v: u64,
}

/// The event that `fact` becomes after `parents`, and its stored bytes.
///
/// # Errors
/// When it is of an unknown kind: those are kept as bytes, never written.
pub fn encode(incident: &IncidentId, parents: Vec<EventId>, fact: &Fact) -> Result<(Event, Vec<u8>), Unwritable> {
    let bytes = write(incident, &parents, fact).map_err(|source| Unwritable { kind: fact.kind.name(), source })?;
    let event = Event { id: EventId::of(&bytes), incident: incident.clone(), parents, fact: fact.clone() };
    Ok((event, bytes))
}

/// Reads the event that is stored under `incident` and `id`.
///
/// # Errors
/// When it is damaged. An unknown kind or a newer version is not damage.
pub fn decode(incident: &IncidentId, id: &EventId, bytes: &[u8]) -> Result<Event, Damaged> {
    read(incident, id, bytes).map_err(|why| Damaged { id: id.clone(), why })
}

fn write(incident: &IncidentId, parents: &[EventId], fact: &Fact) -> Result<Vec<u8>, serde_json::Error> {
    let mut kind = serde_json::to_value(&fact.kind)?;
    let envelope = Envelope {
        at: fact.at,
        by: fact.by.clone(),
        data: kind.get_mut("data").map(Value::take),
        incident: incident.clone(),
        kind: fact.kind.name().to_owned(),
        parents: parents.to_vec(),
        v: VERSION,
    };
    canonical(serde_json::to_value(envelope)?)
}

fn read(incident: &IncidentId, id: &EventId, bytes: &[u8]) -> Result<Event, Damage> {
    let actual = EventId::of(bytes);
    if actual != *id {
        return Err(Damage::Altered { actual });
    }
    let mut value: Value = serde_json::from_slice(bytes).map_err(unreadable)?;
    value.sort_all_objects();
    // Written again and compared: that excludes all that a parser would let pass.
    if has_float(&value) || !is_written_as(&value, bytes) {
        return Err(Damage::NotCanonical);
    }
    let envelope: Envelope = serde_json::from_value(value).map_err(unreadable)?;
    if envelope.incident != *incident {
        return Err(Damage::Misplaced { named: envelope.incident });
    }
    let kind = kind_of(envelope.v, envelope.kind, envelope.data).map_err(unreadable)?;
    let fact = Fact { at: envelope.at, by: envelope.by, kind };
    Ok(Event { id: actual, incident: envelope.incident, parents: envelope.parents, fact })
}

fn kind_of(version: u64, kind: String, data: Option<Value>) -> Result<EventKind, serde_json::Error> {
    // A colleague's newer version must not make our list fail.
    if version > VERSION {
        return Ok(EventKind::Unknown { kind });
    }
    // The tag before the content: the other way round serde would have to keep the content until it knows the tag.
    let tagged = [("kind", Some(Value::String(kind.clone()))), ("data", data)];
    let tagged = tagged.into_iter().filter_map(|(name, value)| Some((name, value?)));
    match EventKind::deserialize(MapDeserializer::new(tagged)) {
        Err(_) if !is_known(&kind) => Ok(EventKind::Unknown { kind }),
        known => known,
    }
}

/// Whether this version has such a kind: only then is the kind alone not what the parser complains about.
fn is_known(kind: &str) -> bool {
    match serde_json::from_value::<EventKind>(serde_json::json!({ "kind": kind })) {
        Ok(_) => true,
        // serde has no list of variants to ask; a test holds its words.
        Err(error) => !error.to_string().starts_with("unknown variant"),
    }
}

fn canonical(mut value: Value) -> Result<Vec<u8>, serde_json::Error> {
    value.sort_all_objects();
    let mut bytes = serde_json::to_vec(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Whether these are the bytes that the value has in canonical form, provided that its keys are sorted.
fn is_written_as(value: &Value, bytes: &[u8]) -> bool {
    let mut rest = Rest(bytes);
    serde_json::to_writer(&mut rest, value).is_ok() && rest.0 == b"\n"
}

/// What is still expected; to write anything else fails.
struct Rest<'b>(&'b [u8]);

impl Write for Rest<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(std::io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(has_float),
        Value::Object(fields) => fields.values().any(has_float),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is a `map_err` function")]
fn unreadable(error: serde_json::Error) -> Damage {
    Damage::Unreadable { why: error.to_string() }
}

#[cfg(test)]
mod tests;
