//! What people explain later gets into a postmortem that was edited or delivered, where it still says "unknown".

use jiff::Timestamp;

use crate::domain::event::{ExplainTopic, PreventionGap};
use crate::domain::{Incident, Milestone, Severities};

use super::unknown::OpenQuestion;
use super::{Evidence, Preset, RenderError, postmortem};

/// A postmortem with what is known now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// Its text.
    pub text: String,
    /// The recorded root cause as the document would give it, where the text has another one.
    pub missing_root_cause: Option<String>,
}

/// Fills in what `text` says is unknown, and updates what is still as we wrote it; all else stays as it is.
///
/// # Errors
/// When the document cannot be rendered.
pub fn complete(
    preset: Preset,
    text: &str,
    incident: &Incident,
    evidence: &Evidence,
    severities: &Severities,
    now: Timestamp,
) -> Result<Completed, RenderError> {
    let new = postmortem(preset, incident, evidence, severities, now)?;
    // Not `lines()`: a carriage return and a missing last line end must come out as they went in.
    let mut lines: Vec<&str> = text.split('\n').collect();
    let mut drafts = Vec::new();
    for question in OpenQuestion::ALL {
        // Each older draft shows what the document said then; only such words are replaced.
        for before in befores(question, incident) {
            drafts.push((question, postmortem(preset, &before, evidence, severities, now)?));
        }
    }
    let mut missing_root_cause = None;
    for (question, old) in &drafts {
        match question {
            OpenQuestion::Impact | OpenQuestion::RootCause => {
                let (old, new) = what_differs(old, &new);
                replace(&mut lines, &old, &new);
                if *question == OpenQuestion::RootCause && !new.is_empty() {
                    missing_root_cause = position_of(&lines, &new).is_none().then(|| new.join("\n"));
                }
            }
            _ => replace_lines(&mut lines, old, &new, question.command()),
        }
    }
    Ok(Completed { text: lines.join("\n"), missing_root_cause })
}

/// The incident as it was before the question was answered as it is now.
fn befores(question: OpenQuestion, incident: &Incident) -> Vec<Incident> {
    let mut before = incident.clone();
    match question {
        OpenQuestion::Impact => before.impact = None,
        OpenQuestion::UsersAffected => before.scope = None,
        OpenQuestion::Started => drop(before.milestones.remove(&Milestone::Started)),
        OpenQuestion::Over => {
            for milestone in [Milestone::Mitigated, Milestone::Resolved, Milestone::Verified] {
                before.milestones.remove(&milestone);
            }
        }
        OpenQuestion::RootCause => return without_root_cause(incident),
        OpenQuestion::Fix => return Vec::new(), // What landed is known.
        // The follow-up stays; only what it closes was not known.
        OpenQuestion::Gap(gap) => untie(&mut before, gap),
    }
    if before == *incident { Vec::new() } else { vec![before] }
}

/// Before any root cause was recorded, and with each earlier one.
fn without_root_cause(incident: &Incident) -> Vec<Incident> {
    let causes = incident.explanations.iter().filter(|(topic, _)| *topic == ExplainTopic::RootCause).count();
    let first = |count: usize| {
        let mut before = incident.clone();
        let mut seen = 0;
        before.explanations.retain(|(topic, _)| {
            seen += usize::from(*topic == ExplainTopic::RootCause);
            *topic != ExplainTopic::RootCause || seen <= count
        });
        before
    };
    // It may still tell the second of three causes.
    (0..causes).map(first).collect()
}

fn untie(incident: &mut Incident, gap: PreventionGap) {
    for follow_up in incident.follow_ups.iter_mut().filter(|follow_up| follow_up.added.gap == Some(gap)) {
        follow_up.added.gap = None;
    }
}

/// The lines that two drafts do not share at their beginning and end.
fn what_differs<'a>(old: &'a str, new: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    // A line must not count as the beginning and as the end.
    let room = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(old, new)| old == new).count();
    let middle = |lines: Vec<&'a str>| lines.get(start..lines.len() - end).unwrap_or_default().to_vec();
    (middle(old), middle(new))
}

/// The position of these lines, one after the other.
fn position_of(lines: &[&str], wanted: &[&str]) -> Option<usize> {
    (!wanted.is_empty()).then(|| lines.windows(wanted.len()).position(|window| window == wanted)).flatten()
}

fn replace<'a>(lines: &mut Vec<&'a str>, old: &[&str], new: &[&'a str]) {
    if let Some(at) = position_of(lines, old) {
        lines.splice(at..at + old.len(), new.iter().copied());
    }
}

/// Replaces rows and items that say something else now, and takes out the one that only asked.
fn replace_lines<'a>(lines: &mut Vec<&'a str>, old: &str, new: &'a str, command: &str) {
    for before in old.lines().filter(|before| !new.lines().any(|now| now == *before)) {
        let now = key(before).and_then(|name| new.lines().find(|now| key(now) == Some(name)));
        match now {
            Some(now) => replace(lines, &[before], &[now]),
            // A row that names the command is our own question, and answered.
            None if before.contains(command) => replace(lines, &[before], &[]),
            None => {}
        }
    }
}

/// What a row or an item is about: `| Started | ...`, `- Users affected: ...`.
fn key(line: &str) -> Option<&str> {
    match line.strip_prefix("| ") {
        Some(row) => row.split(" |").next(),
        None => line.strip_prefix("- ").and_then(|item| item.split_once(": ")).map(|(name, _)| name),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{BENIGN, Story, at};
    use super::super::preset;
    use super::*;
    use crate::domain::EventKind;

    fn told(story: Story, text: &str) -> Completed {
        let preset = preset("default").unwrap();
        let (evidence, severities) = (Evidence::default(), Severities::default());
        complete(preset, text, &story.incident(), &evidence, &severities, at(90)).unwrap()
    }

    fn draft(story: Story) -> String {
        let (evidence, severities) = (Evidence::default(), Severities::default());
        postmortem(preset("default").unwrap(), &story.incident(), &evidence, &severities, at(60)).unwrap()
    }

    fn cause(text: &str) -> EventKind {
        EventKind::Explained { topic: ExplainTopic::RootCause, text: text.to_owned() }
    }

    #[test]
    fn what_is_told_later_takes_the_place_of_unknown_and_nothing_else() {
        let edited = draft(Story::minimal(BENIGN)).replace("## Follow-ups", "Mine.\n\n## Follow-ups");
        let triaged = crate::domain::event::Triaged {
            impact: Some("no totals".to_owned()),
            scope: Some("EU".to_owned()),
            ..Default::default()
        };
        let started = EventKind::Marked { milestone: Milestone::Started, reached_at: at(0) };
        let gap = crate::domain::event::FollowUpAdded {
            text: "watch totals".to_owned(),
            band_aid: false,
            gap: Some(PreventionGap::Monitoring),
            owner: None,
            due: None,
        };
        let story = Story::minimal(BENIGN)
            .then(61, cause("two\n\nparagraphs"))
            .then(62, EventKind::Triaged(triaged))
            .then(63, started)
            .then(64, EventKind::FollowUpAdded(gap));
        let completed = told(story, &edited);
        let (before, after): (Vec<&str>, Vec<&str>) = (edited.lines().collect(), completed.text.lines().collect());
        let gone: String =
            before.iter().filter(|line| !after.contains(line)).map(|line| format!("-{line}\n")).collect();
        let come: String =
            after.iter().filter(|line| !before.contains(line)).map(|line| format!("+{line}\n")).collect();
        insta::assert_snapshot!(format!("{gone}{come}"), @"
        -| Started | unknown |
        -What was broken for users is unknown; tell it with `git hotfix triage --impact TEXT`.
        -- Users affected: unknown; tell it with `git hotfix triage --scope TEXT`.
        -- When it started is unknown; tell it with `git hotfix mark started --at TIME`.
        -Unknown; tell it with `git hotfix postmortem --root-cause TEXT`.
        -- Monitoring gap: unknown; tell it with `git hotfix follow-up add TEXT --gap monitoring`.
        +| Started | 2026-11-22 09:41 UTC |
        +no totals
        +- Users affected: EU
        +two
        +paragraphs
        +- Monitoring gap: watch totals
        ");
        assert!(completed.missing_root_cause.is_none() && completed.text.contains("\nMine.\n"));
    }

    #[test]
    fn a_cause_of_ones_own_stays_and_what_was_told_is_handed_out() {
        let own = draft(Story::minimal(BENIGN))
            .replace("Unknown; tell it with `git hotfix postmortem --root-cause TEXT`.", "Mine.");
        let completed = told(Story::minimal(BENIGN).then(61, cause("theirs")), &own);
        assert_eq!((completed.text, completed.missing_root_cause.as_deref()), (own, Some("theirs")));
    }

    #[test]
    fn a_cause_that_was_told_is_told_anew() {
        let first = draft(Story::minimal(BENIGN).then(50, cause("first")));
        let completed = told(Story::minimal(BENIGN).then(50, cause("first")).then(61, cause("second")), &first);
        assert!(completed.text.contains("\nsecond\n") && !completed.text.contains("\nfirst\n"), "{}", completed.text);
        assert_eq!(told(Story::minimal(BENIGN).then(61, cause("second")), &completed.text).text, completed.text);
    }
}
