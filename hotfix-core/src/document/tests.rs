//! Each document for each kind of incident, and what hostile text can't do to them.

use super::fixture::{BENIGN, HOSTILE, Story, Texts, at, evidence, object};
use super::*;
use crate::domain::event::{FollowUpAdded, Landing, LandingLine, PreventionGap};

const NOW: i64 = 60;

fn check(name: &str, story: &Story, evidence: &Evidence) {
    let incident = story.incident();
    let shown: String = Document::ALL
        .into_iter()
        .map(|document| {
            let rendered = document.render(&incident, evidence, &Severities::default(), at(NOW)).unwrap();
            format!("=== {}\n{rendered}", document.name())
        })
        .collect();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, shown);
    });
}

#[test]
fn documents_of_an_incident_with_nothing_but_a_title() {
    check("minimal", &Story::minimal(BENIGN), &Evidence::default());
}

#[test]
fn documents_of_a_complete_workflow() {
    check("full", &Story::full(BENIGN), &evidence(&BENIGN));
}

#[test]
fn documents_of_hostile_text() {
    check("hostile", &Story::full(HOSTILE), &evidence(&HOSTILE));
}

#[test]
fn what_merges_say_is_not_what_was_done() {
    let incident = Story::minimal(BENIGN).incident();
    let of = |commits: &[(&str, usize)]| {
        let mut told = evidence(&BENIGN);
        let [like] = told.commits.as_slice() else { panic!("one commit") };
        let commit = |&(message, parents): &(&str, usize)| CommitDetails {
            message: message.to_owned(),
            parents: vec![object('d'); parents],
            ..like.clone()
        };
        told.commits = commits.iter().map(commit).collect();
        Document::Final.render(&incident, &told, &Severities::default(), at(NOW)).unwrap()
    };
    let fix = |shown: &str| shown.lines().find(|line| line.starts_with("Fix: ")).unwrap_or_default().to_owned();
    let mixed = [("Better", 1), ("take production in", 2), ("Merge pull request #3 from dev/x", 1), ("Triple", 1)];
    assert_eq!(fix(&of(&mixed)), "Fix: Triple; Better");
    assert_eq!(fix(&of(&[("Merge hotfix: Login fails", 2)])), "Fix: 2 files changed");
}

#[test]
fn documents_of_a_band_aid() {
    check("band-aid", &Story::band_aid(), &evidence(&BENIGN));
}

#[test]
fn documents_of_a_rolled_back_fix() {
    check("rolled-back", &Story::rolled_back(), &evidence(&BENIGN));
}

/// Headings, the shape of tables and the kinds of blocks, without the texts.
fn outline(markdown: &str) -> Vec<String> {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_FOOTNOTES;
    Parser::new_ext(markdown, options)
        .filter_map(|event| match event {
            Event::Start(Tag::Paragraph) => None, // A text of several paragraphs may have more of them.
            Event::Start(tag) => Some(format!("{tag:?}")),
            Event::Html(html) | Event::InlineHtml(html) => Some(format!("html {html}")),
            _ => None,
        })
        .collect()
}

#[test]
fn hostile_text_leaves_the_outline_as_it_is() {
    let (benign, hostile) = (Story::full(BENIGN).incident(), Story::full(HOSTILE).incident());
    for document in [Document::PullRequest, Document::Postmortem] {
        let render = |incident, texts| {
            outline(&document.render(incident, &evidence(&texts), &Severities::default(), at(NOW)).unwrap())
        };
        assert_eq!(render(&benign, BENIGN), render(&hostile, HOSTILE), "{}", document.name());
    }
}

#[test]
fn messages_name_the_incident_exactly_once() {
    let incident = Story::full(HOSTILE).incident();
    for message in [
        merge_message(&incident, "main", &Severities::default(), at(NOW)).unwrap(),
        records_message(&incident, &Severities::default(), at(NOW)).unwrap(),
    ] {
        assert_eq!(message.matches("Hotfix-Incident:").count(), 1, "{message}");
        assert!(message.ends_with("\n\nHotfix-Incident: HF-2026-7k3mq2xa\n"), "{message}");
        assert!(!message.contains("[skip ci]"), "{message}");
    }
}

#[test]
fn the_proposal_for_a_line_says_how_it_was_made() {
    let picked = LineProposal {
        incident: "HF-2026-7k3mq2xa".to_owned(),
        line: "release/1.0".to_owned(),
        production: "main".to_owned(),
        number: Some(12),
        commit: "1".repeat(40),
        picked: vec!["2".repeat(40), "3".repeat(40)],
        merged: None,
        is_settled: false,
    };
    let merged = LineProposal {
        line: "develop".to_owned(),
        picked: Vec::new(),
        merged: Some("hotfix/a`b".to_owned()),
        ..picked.clone()
    };
    let settled = LineProposal { number: None, picked: Vec::new(), is_settled: true, ..picked.clone() };
    let rendered = [picked, merged, settled].map(|proposal| proposal.render().unwrap());
    insta::assert_snapshot!(rendered.join("===\n"), @"
    Takes the fix of HF-2026-7k3mq2xa to `release/1.0`.

    - Fix: #12, merged into `main` as 1111111111111111111111111111111111111111
    - Picked: 2222222222222222222222222222222222222222, 3333333333333333333333333333333333333333
    ===
    Takes the fix of HF-2026-7k3mq2xa to `develop`.

    - Fix: #12, merged into `main` as 1111111111111111111111111111111111111111
    - Merged: ``hotfix/a`b``

    Please merge it by a merge commit: a squash would bring the same changes back at the next merge.
    ===
    Takes the fix of HF-2026-7k3mq2xa to `release/1.0`.

    - Fix: `main` has it as 1111111111111111111111111111111111111111
    - Conflicts with the release branch were settled by hand
    ");
}

#[test]
fn a_title_and_a_body_fit_the_hosting_service() {
    const LONG: Texts = Texts { title: BENIGN.title, text: BENIGN.text, path: BENIGN.path, name: BENIGN.name };
    let huge = "@a `".repeat(20_000);
    let noted = |story: Story, minute| {
        let waiver = crate::domain::event::Waiver { check: "guard".to_owned(), reason: huge.clone() };
        story.then(minute, EventKind::Waived(waiver))
    };
    let incident = (0..40).fold(Story::minimal(LONG), noted).incident();
    let body = pull_request(&incident, &Evidence::default(), &Severities::default(), at(NOW)).unwrap();
    assert!(body.chars().count() <= MAX_BODY, "{}", body.chars().count());
    assert!(body.contains("Long texts are cut here; the postmortem has them whole."));

    let mut incident = incident;
    incident.title = "A".repeat(5_000).parse().unwrap();
    assert_eq!(pull_request_title(&incident).chars().count(), MAX_TITLE);
    let line = line_title(&incident, &"release/".repeat(60));
    assert_eq!((line.chars().count(), line.matches(" (into release/").count()), (MAX_TITLE, 1));
}

#[test]
fn what_is_unknown_is_listed_with_the_command_that_tells_it() {
    insta::assert_snapshot!(unknowns(&Story::minimal(BENIGN).incident(), &Evidence::default()).join("\n"), @"
    what was broken for users: git hotfix triage --impact TEXT
    how many users were affected: git hotfix triage --scope TEXT
    when it started: git hotfix mark started --at TIME
    when it was over for users: git hotfix mark resolved --at TIME
    the root cause: git hotfix postmortem --root-cause TEXT
    what the fix changes: git hotfix pr --fix TEXT
    what prevents it from happening again: git hotfix postmortem --prevention TEXT
    the test gap: git hotfix follow-up add TEXT --gap test
    the monitoring gap: git hotfix follow-up add TEXT --gap monitoring
    the validation gap: git hotfix follow-up add TEXT --gap validation
    ");
    insta::assert_snapshot!(unknowns(&Story::full(BENIGN).incident(), &evidence(&BENIGN)).join("\n"), @"the validation gap: git hotfix follow-up add TEXT --gap validation");
}

#[test]
fn the_summary_says_how_far_it_came() {
    let said = |story: Story, is_taken_out| {
        let evidence = Evidence { is_taken_out, ..Evidence::default() };
        let text = summary(&story.incident(), &evidence, &Severities::default(), at(NOW)).unwrap();
        let deployed = text.lines().find(|line| line.starts_with("Deployed: ")).unwrap_or_default().to_owned();
        format!("{} | {deployed}", text.lines().next().unwrap_or_default())
    };
    insta::assert_snapshot!(said(Story::full(BENIGN), false), @"✅ HOTFIX DEPLOYED | Deployed: 2026-11-22 10:01 UTC");
    insta::assert_snapshot!(said(Story::full(BENIGN), true), @"⚠ HOTFIX TAKEN BACK | Deployed: 2026-11-22 10:01 UTC, taken back since");
    insta::assert_snapshot!(said(Story::band_aid(), false), @"✅ HOTFIX MERGED | Deployed: merged, not deployed by hotfix (2026-11-22 09:59 UTC)");
    insta::assert_snapshot!(said(Story::rolled_back(), false), @"⚠ HOTFIX ROLLED BACK | Deployed: deployed, then rolled back");
    insta::assert_snapshot!(said(Story::minimal(BENIGN), false), @"INCIDENT ENDED WITHOUT A HOTFIX | Deployed: not merged, not deployed");
}

#[test]
fn a_gap_that_is_none_is_said_and_owes_nothing() {
    let told = |text: &str| {
        let gap = Some(PreventionGap::Monitoring);
        let added = FollowUpAdded { gap, ..FollowUpAdded::new(text) };
        let incident = Story::minimal(BENIGN).then(50, EventKind::FollowUpAdded(added)).incident();
        let written =
            postmortem(DEFAULT_PRESET, &incident, &Evidence::default(), &Severities::default(), at(NOW)).unwrap();
        assert!(written.contains(&format!("- Monitoring gap: {text}\n")), "{written}");
        (
            incident.follow_ups[0].done,
            written.contains("## Follow-ups\n\nNone recorded."),
            incident.timeline.last().unwrap().text.clone(),
        )
    };
    assert_eq!(told("None, the alert is there"), (true, true, "monitoring gap: None, the alert is there".to_owned()));
    assert_eq!(told("none"), (true, true, "monitoring gap: none".to_owned()));
    assert_eq!(told("nonesuch alert"), (false, false, "follow-up: nonesuch alert".to_owned()));
    assert!(!told("none of the alerts has an owner").0);
}

#[test]
fn a_postmortem_is_found_by_its_marker_only() {
    let incident = Story::full(HOSTILE).incident();
    let written = postmortem(DEFAULT_PRESET, &incident, &Evidence::default(), &Severities::default(), at(NOW)).unwrap();
    assert!(is_postmortem_of(&incident, written.as_bytes()));

    let mut other = incident;
    other.id = "HF-2026-00000000".parse().unwrap();
    assert!(!is_postmortem_of(&other, written.as_bytes()), "the note in it names that incident");
}

#[test]
fn every_template_of_the_folder_is_used() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/document/templates");
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let presets = PRESETS.iter().map(|preset| preset.template.name);
    let mut used: Vec<String> =
        Document::ALL.iter().map(|document| document.template().name).chain(presets).map(str::to_owned).collect();
    used.push(LINE_PROPOSAL.name.to_owned());
    files.sort();
    used.sort();
    used.dedup();
    assert_eq!(files, used);
}

#[test]
fn a_second_landing_is_told_with_its_own_time() {
    let line = |to| LandingLine { branch: "main".parse().unwrap(), from: object('b'), to: object(to) };
    let landed = |head, to| {
        EventKind::Merged(Landing { head: object(head), lines: vec![line(to)], tag: None, past_rules: None })
    };
    let story = Story::minimal(BENIGN).then(20, landed('c', 'd')).then(40, landed('e', 'f'));
    let (evidence, severities) = (Evidence::default(), Severities::default());
    let text = postmortem(preset("default").unwrap(), &story.incident(), &evidence, &severities, at(60)).unwrap();
    let merged: Vec<&str> = text.lines().filter(|line| line.starts_with("- Merged into")).collect();
    insta::assert_snapshot!(merged.join("\n"), @"- Merged into origin/main as `fffffffff`, 2026-11-22 10:21 UTC");
}
