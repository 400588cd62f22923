//! What people explain later gets into a postmortem that was edited or delivered, where it still says "unknown".

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;

use crate::domain::event::{ExplainTopic, PreventionGap};
use crate::domain::{Incident, Milestone, Severities};

use super::duration::is_lasting;
use super::unknown::OpenQuestion;
use super::{Evidence, Preset, RenderError, postmortem};

/// How the heading of a section begins.
const HEADING: &str = "## ";

const FIX_APPLIED: &str = "## Fix applied";

const FOLLOW_UPS: &str = "## Follow-ups";

#[cfg(feature = "workflow")]
const PREVENTION: &str = "## Prevention";

#[cfg(feature = "workflow")]
const TIMELINE: &str = "## Timeline (UTC)";

/// What that section says where there are none.
const NO_FOLLOW_UPS: &str = "None recorded.";

/// A postmortem with what is known now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// Its text.
    pub text: String,
    /// What was explained, as the document would give it, where the text has something else there.
    pub missing: Vec<(ExplainTopic, String)>,
    /// The follow-ups that the text does not name, because somebody wrote that section; each as the document would give it.
    pub missing_follow_ups: Vec<String>,
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
    // An older version asked without naming the incident; its words have to be found.
    let named = format!(" --incident {}`", incident.id);
    let names_it = text.contains(&named);
    let draft = |incident: &Incident| {
        let draft = postmortem(preset, incident, evidence, severities, now)?;
        Ok::<_, RenderError>(if names_it { draft } else { draft.replace(&named, "`") })
    };
    let new = draft(incident)?;
    if text == new {
        return Ok(Completed { text: new, missing: Vec::new(), missing_follow_ups: Vec::new() });
    }
    // Not `lines()`: a carriage return and a missing last line end must come out as they went in.
    let mut lines: Vec<&str> = text.split('\n').collect();
    let mut drafts = Vec::new();
    for question in OpenQuestion::ALL {
        // Each older draft shows what the document said then; only such words are replaced.
        for before in befores(question, incident) {
            drafts.push((question, draft(&before)?));
        }
    }
    let mut missing = BTreeMap::new();
    for (question, old) in &drafts {
        match question {
            OpenQuestion::Impact | OpenQuestion::RootCause | OpenQuestion::Prevention => {
                let differs = DraftDifference::between(old, &new);
                let section = section(&lines, differs.heading);
                let said = lines.get(section.clone()).unwrap_or_default();
                // What is told now may repeat what was told before.
                let is_told = |at: usize| {
                    let now = position_of(said, &differs.new).map(|now| now..now + differs.new.len());
                    now.is_some_and(|now| now.contains(&at))
                };
                if let Some(at) = position_of(said, &differs.old).filter(|at| !is_told(*at)) {
                    let at = section.start + at;
                    lines.splice(at..at + differs.old.len(), differs.new.iter().copied());
                }
                if let Some(topic) = question.topic().filter(|_| !differs.new.is_empty()) {
                    missing.insert(topic, position_of(&lines, &differs.new).is_none().then(|| differs.new.join("\n")));
                }
            }
            _ => replace_lines(&mut lines, old, &new, question.command()),
        }
    }
    // Not by an older draft: how long it had lasted then is not known any more.
    for line in lines.iter_mut().filter(|line| is_lasting(line)) {
        let now = key(line).and_then(|name| new.lines().find(|now| key(now) == Some(name)));
        if let Some(now) = now.filter(|now| !is_lasting(now)) {
            *line = now;
        }
    }
    let new_lines: Vec<&str> = new.split('\n').collect();
    let mut no_band_aid = incident.clone();
    no_band_aid.follow_ups.iter_mut().for_each(|follow_up| follow_up.added.band_aid = false);
    let old = draft(&no_band_aid)?;
    let old_lines: Vec<&str> = old.split('\n').collect();
    if body(&lines, FIX_APPLIED) == body(&old_lines, FIX_APPLIED) {
        replace_body(&mut lines, &new_lines, FIX_APPLIED);
    }
    let known = earlier_follow_ups(incident).iter().map(draft).collect::<Result<Vec<_>, _>>()?;
    let is_ours = |line: &&str| {
        let mut drafts = known.iter().map(String::as_str).chain([new.as_str()]);
        line.is_empty() || *line == NO_FOLLOW_UPS || drafts.any(|draft| says_in(draft, FOLLOW_UPS, line))
    };
    // One that was emptied was emptied by somebody.
    let says = body(&lines, FOLLOW_UPS);
    if !says.is_empty() && says.iter().all(is_ours) {
        replace_body(&mut lines, &new_lines, FOLLOW_UPS);
    }
    let is_there = |item: &str| lines.iter().any(|line| line.contains(without_check(item)));
    let items = body(&new_lines, FOLLOW_UPS).iter().filter(|line| line.starts_with("- ["));
    let missing_follow_ups = items.filter(|item| !is_there(item)).map(|item| (*item).to_owned()).collect();
    let missing = missing.into_iter().filter_map(|(topic, text)| Some((topic, text?))).collect();
    Ok(Completed { text: lines.join("\n"), missing, missing_follow_ups })
}

/// The text with the rows on top, the fix, the gaps and the timeline as `new` tells them, where they are still as `old` told them.
#[cfg(feature = "workflow")]
pub(crate) fn renewed(text: &str, old: &str, new: &str) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let (old_top, new_top) = (top(&old), top(&new));
    if top(&lines) == old_top {
        lines.splice(..old_top.len(), new_top.iter().copied());
    } else {
        let there = ..top(&lines).len();
        renew_items(lines.get_mut(there).unwrap_or_default(), old_top, new_top);
    }
    for heading in [FIX_APPLIED, TIMELINE] {
        if body(&lines, heading) == body(&old, heading) {
            replace_body(&mut lines, &new, heading);
        }
    }
    let there = body_range(&lines, PREVENTION);
    renew_items(lines.get_mut(there).unwrap_or_default(), body(&old, PREVENTION), body(&new, PREVENTION));
    lines.join("\n")
}

/// Renews the rows and items among these lines that are still as they were, each by the one about the same.
#[cfg(feature = "workflow")]
fn renew_items<'a>(lines: &mut [&'a str], old: &[&str], new: &[&'a str]) {
    for line in lines.iter_mut().filter(|line| key(line).is_some() && old.contains(line)) {
        *line = new.iter().find(|now| key(now) == key(line)).unwrap_or(line);
    }
}

/// The lines above the first section.
#[cfg(feature = "workflow")]
fn top<'l, 'a>(lines: &'l [&'a str]) -> &'l [&'a str] {
    let end = lines.iter().position(|line| line.starts_with(HEADING)).unwrap_or_default();
    lines.get(..end).unwrap_or_default()
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
        OpenQuestion::RootCause => return without_explanation(incident, ExplainTopic::RootCause),
        OpenQuestion::Prevention => return without_explanation(incident, ExplainTopic::Prevention),
        OpenQuestion::Fix => return Vec::new(), // What landed is known.
        // The follow-up stays; only what it closes was not known.
        OpenQuestion::Gap(gap) => untie(&mut before, gap),
    }
    if before == *incident { Vec::new() } else { vec![before] }
}

/// Before any explanation of this was recorded, and with each earlier one.
fn without_explanation(incident: &Incident, about: ExplainTopic) -> Vec<Incident> {
    let told = incident.explanations.iter().filter(|(topic, _)| *topic == about).count();
    let first = |count: usize| {
        let mut before = incident.clone();
        let mut seen = 0;
        before.explanations.retain(|(topic, _)| {
            seen += usize::from(*topic == about);
            *topic != about || seen <= count
        });
        before
    };
    // It may still tell the second of three.
    (0..told).map(first).collect()
}

fn untie(incident: &mut Incident, gap: PreventionGap) {
    for follow_up in incident.follow_ups.iter_mut().filter(|follow_up| follow_up.added.gap == Some(gap)) {
        follow_up.added.gap = None;
    }
}

/// The incident as it may have been before its follow-ups were done, linked or filed. Those added since need no such draft: the
/// items of the others are the same without them.
fn earlier_follow_ups(incident: &Incident) -> Vec<Incident> {
    let mut befores = Vec::new();
    for (is_open, is_filed) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut before = incident.clone();
        for follow_up in &mut before.follow_ups {
            follow_up.done &= !is_open;
            follow_up.link = None;
            follow_up.issue = follow_up.issue.take().filter(|_| is_filed);
        }
        befores.push(before);
    }
    let mut not_filed = incident.clone();
    not_filed.follow_ups.iter_mut().for_each(|follow_up| follow_up.issue = None);
    befores.push(not_filed);
    befores
}

/// An item of the list without its box, which somebody may have ticked.
fn without_check(item: &str) -> &str {
    item.strip_prefix("- [").and_then(|item| item.split_once("] ")).map_or(item, |(_, item)| item)
}

fn says_in(draft: &str, heading: &str, wanted: &str) -> bool {
    draft.split('\n').skip_while(|line| *line != heading).any(|line| line == wanted)
}

/// What stands under this heading, without the blank lines at its ends; nothing where there is no such heading.
fn body<'l, 'a>(lines: &'l [&'a str], heading: &str) -> &'l [&'a str] {
    lines.get(body_range(lines, heading)).unwrap_or_default()
}

fn body_range(lines: &[&str], heading: &str) -> Range<usize> {
    if !lines.contains(&heading) {
        return 0..0;
    }
    let section = section(lines, Some(heading));
    let is_said = |at: &usize| lines.get(*at).is_some_and(|line| !line.is_empty());
    let start = (section.start + 1..section.end).find(is_said);
    let end = (section.start + 1..section.end).rfind(is_said);
    start.zip(end).map_or(0..0, |(start, end)| start..end + 1)
}

fn replace_body<'a>(lines: &mut Vec<&'a str>, new: &[&'a str], heading: &str) {
    let (there, new) = (body_range(lines, heading), body(new, heading));
    if !there.is_empty() && !new.is_empty() {
        lines.splice(there, new.iter().copied());
    }
}

/// The lines that two drafts do not share at their beginning and end.
struct DraftDifference<'o, 'n> {
    old: Vec<&'o str>,
    new: Vec<&'n str>,
    /// The heading that they stand under.
    heading: Option<&'o str>,
}

impl<'o, 'n> DraftDifference<'o, 'n> {
    fn between(old: &'o str, new: &'n str) -> Self {
        let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
        let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
        // A line must not count as the beginning and as the end.
        let room = old.len().min(new.len()) - start;
        let end = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(old, new)| old == new).count();
        let heading = old.iter().take(start).rev().find(|line| line.starts_with(HEADING)).copied();
        let middle = |length: usize| start..length - end;
        Self {
            old: old.get(middle(old.len())).unwrap_or_default().to_vec(),
            new: new.get(middle(new.len())).unwrap_or_default().to_vec(),
            heading,
        }
    }
}

/// Where the section with this heading is; everything, where there is none.
// Two sections may say the same.
fn section(lines: &[&str], heading: Option<&str>) -> Range<usize> {
    let start = heading.and_then(|heading| lines.iter().position(|line| *line == heading));
    let Some(start) = start else { return 0..lines.len() };
    let length = lines.iter().skip(start + 1).take_while(|line| !line.starts_with(HEADING)).count();
    start..start + 1 + length
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
            .then(61, EventKind::Explained { topic: ExplainTopic::Prevention, text: "a test".to_owned() })
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
        -What was broken for users is unknown; tell it with `git hotfix triage --impact TEXT --incident HF-2026-7k3mq2xa`.
        -- Users affected: unknown; tell it with `git hotfix triage --scope TEXT --incident HF-2026-7k3mq2xa`.
        -- When it started is unknown; tell it with `git hotfix mark started --at TIME --incident HF-2026-7k3mq2xa`.
        -Unknown; tell it with `git hotfix postmortem --root-cause TEXT --incident HF-2026-7k3mq2xa`.
        -What prevents it from happening again is unknown; tell it with `git hotfix postmortem --prevention TEXT --incident HF-2026-7k3mq2xa`.
        -- Monitoring gap: unknown; tell it with `git hotfix follow-up add TEXT --gap monitoring --incident HF-2026-7k3mq2xa`.
        -None recorded.
        +| Started | 2026-11-22 09:41 UTC |
        +no totals
        +- Users affected: EU
        +two
        +paragraphs
        +a test
        +- Monitoring gap: watch totals
        +- [ ] watch totals (monitoring gap)
        ");
        assert!(completed.missing.is_empty() && completed.text.contains("\nMine.\n"));
    }

    #[test]
    fn a_postmortem_of_an_older_version_is_completed_too() {
        let named = format!(" --incident {}`", Story::minimal(BENIGN).incident().id);
        let older = draft(Story::minimal(BENIGN)).replace(&named, "`");
        assert!(older.contains("`git hotfix triage --scope TEXT`"), "{older}");
        let completed = told(Story::minimal(BENIGN).then(61, cause("nobody rounded")), &older).text;
        let asked = "Unknown; tell it with `git hotfix postmortem --root-cause TEXT`.";
        assert_eq!(completed, older.replace(asked, "nobody rounded"));
    }

    #[test]
    fn a_cause_of_ones_own_stays_and_what_was_told_is_handed_out() {
        let own = draft(Story::minimal(BENIGN)).replace(
            "Unknown; tell it with `git hotfix postmortem --root-cause TEXT --incident HF-2026-7k3mq2xa`.",
            "Mine.",
        );
        let completed = told(Story::minimal(BENIGN).then(61, cause("theirs")), &own);
        assert_eq!((completed.text, completed.missing), (own, vec![(ExplainTopic::RootCause, "theirs".to_owned())]));
    }

    #[test]
    fn what_two_sections_say_is_replaced_in_the_one_that_is_meant() {
        let same = || {
            let triaged = crate::domain::event::Triaged { impact: Some("unknown".to_owned()), ..Default::default() };
            Story::minimal(BENIGN).then(49, EventKind::Triaged(triaged)).then(50, cause("unknown"))
        };
        let completed = told(same().then(61, cause("a stale key")), &draft(same()));
        assert!(completed.text.contains("## Root cause\n\na stale key\n"), "{}", completed.text);
        assert_eq!(completed.text.matches("a stale key").count(), 1, "{}", completed.text);
        assert_eq!(told(same().then(61, cause("a stale key")), &completed.text).text, completed.text);
    }

    fn owed(text: &str) -> EventKind {
        let added = crate::domain::event::FollowUpAdded::new(text);
        EventKind::FollowUpAdded(crate::domain::event::FollowUpAdded { band_aid: true, ..added })
    }

    fn done(number: u32) -> EventKind {
        EventKind::FollowUpDone { number, link: Some("https://example.com/1".to_owned()) }
    }

    #[test]
    fn follow_ups_that_come_late_get_into_their_section() {
        let first = || Story::minimal(BENIGN).then(50, owed("round"));
        let anew = |text: &str| told(first().then(61, owed("test it")).then(62, done(1)), text);
        let section = |text: &str| text.split(FOLLOW_UPS).nth(1).unwrap().to_owned();
        let all = "\n\n- [x] round (https://example.com/1)\n- [ ] test it\n";
        for said in [draft(Story::minimal(BENIGN)), draft(first())] {
            let completed = anew(&said);
            assert_eq!((section(&completed.text).as_str(), completed.missing_follow_ups.len()), (all, 0), "{said}");
            assert_eq!(completed.text.matches("It is a band-aid").count(), 1, "{said}");
            assert_eq!(anew(&completed.text).text, completed.text);
        }
        // A section of somebody's own after it stays apart.
        let more = format!("{}\n## Mine\n\nMore.\n", draft(first()));
        assert_eq!(section(&anew(&more).text), format!("{all}\n## Mine\n\nMore.\n"));
    }

    #[test]
    fn follow_ups_that_somebody_wrote_stay_and_those_that_lack_are_named() {
        let story = || Story::minimal(BENIGN).then(50, owed("round")).then(61, owed("test it"));
        let own = draft(Story::minimal(BENIGN).then(50, owed("round"))).replace("[ ] round", "[x] round, by me");
        let completed = told(story(), &own);
        assert_eq!((completed.text, completed.missing_follow_ups), (own, vec!["- [ ] test it".to_owned()]));
        let emptied = draft(Story::minimal(BENIGN)).replace("None recorded.\n", "");
        assert_eq!(told(story(), &emptied).missing_follow_ups.len(), 2);
    }

    #[test]
    fn a_cause_that_repeats_an_earlier_one_is_told_once() {
        let first = || Story::minimal(BENIGN).then(50, cause("a stale key"));
        let edited = format!("{}Mine.\n", draft(first()));
        let anew = |text: &str| told(first().then(61, cause("we had\n\na stale key\n\nin the cache")), text).text;
        let completed = anew(&edited);
        assert!(completed.contains("\nwe had\n\na stale key\n\nin the cache\n"), "{completed}");
        assert_eq!(anew(&completed), completed);
    }

    #[test]
    fn how_long_it_lasted_gets_into_an_edited_one() {
        let marked = |milestone| EventKind::Marked { milestone, reached_at: at(30) };
        let edited = format!("{}Mine.\n", draft(Story::minimal(BENIGN)));
        assert!(edited.lines().any(is_lasting), "{edited}");
        let story =
            || Story::minimal(BENIGN).then(61, EventKind::Marked { milestone: Milestone::Started, reached_at: at(0) });
        let completed = told(story().then(62, marked(Milestone::Resolved)), &edited).text;
        assert!(!completed.lines().any(is_lasting), "{completed}");
        assert!(completed.contains("- Duration of outage: 30 min ("), "{completed}");
        // As long as nobody says that it is over the line stays: it tells when it was written.
        assert!(told(story(), &edited).text.lines().any(is_lasting));
    }

    #[test]
    fn a_cause_that_was_told_is_told_anew() {
        let first = draft(Story::minimal(BENIGN).then(50, cause("first")));
        let completed = told(Story::minimal(BENIGN).then(50, cause("first")).then(61, cause("second")), &first);
        assert!(completed.text.contains("\nsecond\n") && !completed.text.contains("\nfirst\n"), "{}", completed.text);
        assert_eq!(told(Story::minimal(BENIGN).then(61, cause("second")), &completed.text).text, completed.text);
    }
}
