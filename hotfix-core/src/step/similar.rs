//! Past incidents that look like the new one: what was broken, which files were touched.

use std::collections::BTreeSet;

use crate::domain::{Attachment, Title, one_line};
use crate::ledger::Summary;
use crate::workflow::Context;

use super::status::touched;

/// How many are shown.
const SHOWN: usize = 3;
/// How many are looked into for files, the likeliest by their words and the newest.
const LOOKED_INTO: usize = 50;
/// A file in common says as much as so many words.
const A_FILE: usize = 3;
/// What counts as alike.
const LEAST: usize = 2;
/// Shorter ones say little in most languages.
const SHORTEST_WORD: usize = 4;
/// Words that most titles of incidents hold.
const COMMON: [&str; 14] = [
    "broken",
    "cannot",
    "down",
    "error",
    "errors",
    "fail",
    "failing",
    "fails",
    "from",
    "production",
    "slow",
    "users",
    "when",
    "with",
];

/// Says which past incidents look like one of this title with this evidence, likeliest first, and what they left undone.
pub(super) fn notes(context: &Context<'_>, title: &Title, evidence: &[&Attachment]) -> Vec<String> {
    let Ok(all) = context.incidents.all() else { return Vec::new() };
    let wanted = words(&title.to_string());
    let common = |summary: &Summary| words(&summary.title.to_string()).intersection(&wanted).count();
    let frames: BTreeSet<&str> =
        evidence.iter().flat_map(|attachment| &attachment.frames).map(|frame| frame.file.as_str()).collect();
    let mut likely: Vec<(usize, &Summary)> =
        all.iter().filter(|summary| !summary.status.is_open()).map(|summary| (common(summary), summary)).collect();
    // Stable: among those alike the newest come first.
    likely.sort_by(|(one, _), (other, _)| other.cmp(one));
    likely.retain(|(words, _)| *words >= LEAST || !frames.is_empty());
    likely.truncate(LOOKED_INTO);
    if !frames.is_empty() {
        for (score, summary) in &mut likely {
            let Ok(loaded) = context.incidents.load(&summary.id) else { continue };
            let files = touched(context, &loaded.incident);
            *score += A_FILE * files.iter().filter(|file| frames.contains(file.as_str())).count();
        }
        likely.sort_by(|(one, _), (other, _)| other.cmp(one));
    }
    let shown = likely.into_iter().filter(|(score, _)| *score >= LEAST).take(SHOWN);
    shown.map(|(_, summary)| note(context, summary)).collect()
}

fn note(context: &Context<'_>, summary: &Summary) -> String {
    let opened = summary.opened_at().strftime("%Y-%m-%d");
    let mut note = format!("like {} of {opened}, {}: {}", summary.id, summary.status, summary.title);
    let loaded = context.incidents.load(&summary.id).ok();
    let undone = loaded.iter().flat_map(|loaded| &loaded.incident.follow_ups).find(|follow_up| !follow_up.done);
    if let Some(undone) = undone {
        note.push_str(&format!("; still to be done: {}", one_line(&undone.added.text)));
    }
    note
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|character: char| !character.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| word.chars().count() >= SHORTEST_WORD && !COMMON.contains(&word.as_str())).collect()
}
