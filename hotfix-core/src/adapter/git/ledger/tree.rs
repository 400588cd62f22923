//! What lies where in a ledger's tree: `<shard>/<incident>/<event id>.json`, and nothing else. All else is foreign, for ever: what a
//! newer version adds is events.

use std::str::FromStr as _;

use crate::domain::{EventId, IncidentId};

/// Folders above an event: its shard and its incident.
pub(super) const LEVELS: usize = 2;

/// The kinds of entries of a tree, by the first bits of their mode.
const KIND: u32 = 0o170_000;
pub(super) const FOLDER: u32 = 0o040_000;
pub(super) const FILE: u32 = 0o100_000;

/// Whether what is called so, so many folders below the top, can be an event or lead to one.
pub(super) fn is_ours(depth: usize, name: &str, mode: impl Into<u32>) -> bool {
    let kind = mode.into() & KIND;
    match depth {
        0 => kind == FOLDER && name.len() == 2 && name.bytes().all(|digit| digit.is_ascii_hexdigit()),
        1 => kind == FOLDER && IncidentId::from_str(name).is_ok(),
        _ => kind == FILE && name.strip_suffix(".json").is_some_and(|id| EventId::from_str(id).is_ok()),
    }
}
