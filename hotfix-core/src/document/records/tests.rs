//! What an edit writes, and that it touches nothing else.

use proptest::prelude::*;

use crate::document::fixture::{BENIGN, HOSTILE, Story, at};
use crate::domain::{Severities, Status};

use super::*;

fn entry(id: &str) -> StatusEntry {
    StatusEntry {
        id: id.parse().unwrap(),
        title: BENIGN.title.parse().unwrap(),
        severity: "High".to_owned(),
        status: Status::Resolved,
        outcome: RecordedOutcome::Deployed,
        date: jiff::civil::date(2026, 11, 22),
        branch: "hotfix/login-fails".parse().unwrap(),
        pull_request: Some(12),
        postmortem: Some("docs/decisions/POSTMORTEM-2026-11-22-login-fails.md".to_owned()),
    }
}

const ID: &str = "HF-2026-7k3mq2xa";

fn edited(old: &str, entry: &StatusEntry) -> String {
    String::from_utf8(status_file(Some(old.as_bytes()), entry).unwrap()).unwrap()
}

#[test]
fn a_new_page_has_both_sections() {
    let page = String::from_utf8(status_file(None, &entry(ID)).unwrap()).unwrap();
    insta::assert_snapshot!(page, @"
    # Status

    ## Incidents

    - 2026-11-22: Login fails for all EU users (HF-2026-7k3mq2xa, High, PR #12, resolved, postmortem `docs/decisions/POSTMORTEM-2026-11-22-login-fails.md`) <!-- hotfix: HF-2026-7k3mq2xa | 2026-11-22 | deployed | High, PR #12 -->

    ## Command History

    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | deployed | High, PR #12 |
    ");
    assert_eq!(edited("", &entry(ID)), page);
}

#[test]
fn a_page_with_a_history_gets_a_row_and_a_record_before_it() {
    let page = "# Project\n\nText.\n## Command History\nIntro:\n\n| Command | Date | Result | Notes |\n|---|---|---|---|\n| /plan | 2026-01-01 | done | x |\n\n## Links\n\n- [a](b)";
    insta::assert_snapshot!(edited(page, &entry(ID)), @"
    # Project

    Text.

    ## Incidents

    - 2026-11-22: Login fails for all EU users (HF-2026-7k3mq2xa, High, PR #12, resolved, postmortem `docs/decisions/POSTMORTEM-2026-11-22-login-fails.md`) <!-- hotfix: HF-2026-7k3mq2xa | 2026-11-22 | deployed | High, PR #12 -->

    ## Command History
    Intro:

    | Command | Date | Result | Notes |
    |---|---|---|---|
    | /plan | 2026-01-01 | done | x |
    | /hotfix | 2026-11-22 | deployed | High, PR #12 |

    ## Links

    - [a](b)
    ");
}

#[test]
fn a_page_without_the_sections_gets_them_after_all_others() {
    insta::assert_snapshot!(edited("# Project\n\n## Links\n\n- [a](b)\n", &entry(ID)), @"
    # Project

    ## Links

    - [a](b)

    ## Incidents

    - 2026-11-22: Login fails for all EU users (HF-2026-7k3mq2xa, High, PR #12, resolved, postmortem `docs/decisions/POSTMORTEM-2026-11-22-login-fails.md`) <!-- hotfix: HF-2026-7k3mq2xa | 2026-11-22 | deployed | High, PR #12 -->

    ## Command History

    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | deployed | High, PR #12 |
    ");
}

#[test]
fn a_second_incident_is_listed_after_the_first() {
    let first = edited("", &entry(ID));
    let second = StatusEntry { pull_request: None, ..entry("HF-2026-00000000") };
    insta::assert_snapshot!(edited(&first, &second), @"
    # Status

    ## Incidents

    - 2026-11-22: Login fails for all EU users (HF-2026-7k3mq2xa, High, PR #12, resolved, postmortem `docs/decisions/POSTMORTEM-2026-11-22-login-fails.md`) <!-- hotfix: HF-2026-7k3mq2xa | 2026-11-22 | deployed | High, PR #12 -->
    - 2026-11-22: Login fails for all EU users (HF-2026-00000000, High, PR local, resolved, postmortem `docs/decisions/POSTMORTEM-2026-11-22-login-fails.md`) <!-- hotfix: HF-2026-00000000 | 2026-11-22 | deployed | High, PR local -->

    ## Command History

    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | deployed | High, PR #12 |
    | /hotfix | 2026-11-22 | deployed | High, PR local |
    ");
}

#[test]
fn an_equal_row_of_another_incident_is_not_ours() {
    let both = edited(&edited("", &entry(ID)), &entry("HF-2026-00000000"));
    assert_eq!(both.matches("| /hotfix | 2026-11-22 | deployed | High, PR #12 |").count(), 2);
    let changed = edited(&both, &StatusEntry { severity: "Critical".to_owned(), ..entry(ID) });
    assert_eq!(changed.matches("| /hotfix | 2026-11-22 | deployed | High, PR #12 |").count(), 1);
    assert_eq!(changed.matches("| /hotfix | 2026-11-22 | deployed | Critical, PR #12 |").count(), 1);
}

#[test]
fn fenced_examples_and_lookalikes_are_left_alone() {
    let page = "```\n## Command History\n| a |\n|---|\n```\n\n> ## Command History\n\n<!--\n## Incidents\n-->\n\n- ## Incidents\n\nCommand History\n---------------\n\n a | b\n --|--\n x | y | z\n";
    insta::assert_snapshot!(edited(page, &entry(ID)), @"
    ```
    ## Command History
    | a |
    |---|
    ```

    > ## Command History

    <!--
    ## Incidents
    -->

    - ## Incidents

    ## Incidents

    - 2026-11-22: Login fails for all EU users (HF-2026-7k3mq2xa, High, PR #12, resolved, postmortem `docs/decisions/POSTMORTEM-2026-11-22-login-fails.md`) <!-- hotfix: HF-2026-7k3mq2xa | 2026-11-22 | deployed | High, PR #12 -->

    Command History
    ---------------

     a | b
     --|--
     x | y | z
    | /hotfix | 2026-11-22, deployed, High, PR #12 |
    ");
}

#[test]
fn subsections_keep_their_content_together() {
    let page =
        "## Incidents\n\nOurs.\n\n### Old\n\nx\n\n## Command History\n\n### 2026\n\n|a|b|\n|-|-|\n|1|2|\n\n### 2025\n";
    insta::assert_snapshot!(edited(page, &entry(ID)), @"
    ## Incidents

    Ours.

    - 2026-11-22: Login fails for all EU users (HF-2026-7k3mq2xa, High, PR #12, resolved, postmortem `docs/decisions/POSTMORTEM-2026-11-22-login-fails.md`) <!-- hotfix: HF-2026-7k3mq2xa | 2026-11-22 | deployed | High, PR #12 -->

    ### Old

    x

    ## Command History

    ### 2026

    |a|b|
    |-|-|
    |1|2|
    | /hotfix | 2026-11-22, deployed, High, PR #12 |

    ### 2025
    ");
}

#[test]
fn what_a_person_wrote_around_a_record_survives_an_update() {
    let page = edited("", &entry(ID)).replace("PR #12 -->\n", "PR #12 --> see also #7\n  - our notes\n");
    let closed = edited(&page, &StatusEntry { status: Status::Closed, ..entry(ID) });
    assert_eq!(closed, page.replace(", resolved,", ", closed,"));
}

#[test]
fn a_row_that_a_person_rewrote_is_theirs() {
    let page = edited("", &entry(ID)).replace("| /hotfix | 2026-11-22 | deployed | High, PR #12 |", "| ours | | | |");
    let closed = edited(&page, &StatusEntry { status: Status::Closed, ..entry(ID) });
    assert_eq!(closed, page.replace(", resolved,", ", closed,"));
}

#[test]
fn byte_order_mark_and_line_endings_stay() {
    let page = "\u{feff}# Project\r\n\r\n## Command History\r\n\r\n| a | b |\r\n|---|---|\r\n| 1 | 2 |";
    let new = edited(page, &entry(ID));
    assert!(new.starts_with("\u{feff}# Project\r\n\r\n## Incidents\r\n\r\n- 2026-11-22: "), "{new:?}");
    assert!(new.ends_with("| 1 | 2 |\r\n| /hotfix | 2026-11-22, deployed, High, PR #12 |\r\n"), "{new:?}");
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
}

/// A page as other people keep it, and what an edit adds.
#[track_caller]
fn added_lines(page: &str) -> String {
    let new = edited(page, &entry(ID));
    assert_eq!(edited(&new, &entry(ID)), new);
    only_adds(page, &new).unwrap();
    let short = |line: &str| match line.split_once(" <!-- hotfix") {
        Some(_) => "(the record)".to_owned(),
        None => line.to_owned(),
    };
    new.lines().map(short).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_history_is_found_by_what_its_heading_says() {
    let table = "| Date | Command | Branch | Result | Notes |\n|---|---|---|---|---|\n";
    for heading in [
        "## 📜 Command History",
        "## 7. Command History",
        "## Command History (newest first)",
        "### COMMAND HISTORY [2026]",
        "**Command History**",
        "__Command history:__",
    ] {
        let page = added_lines(&format!("# Status\n\n{heading}\n\n{table}\n## Links\n"));
        let row = "| 2026-11-22 | /hotfix | hotfix/login-fails | deployed | High, PR #12 |\n\n## Links";
        assert!(page.contains(&format!("{heading}\n\n{table}{row}")), "{page}");
        assert!(!page.contains("## Command History\n"), "{page}");
    }
    let other = added_lines("# Status\n\n## Command Histories\n\n| Date | Command |\n|-|-|\n");
    assert!(other.contains("\n## Command History\n"), "{other}");
}

#[test]
fn a_footer_stays_the_footer() {
    insta::assert_snapshot!(added_lines("# Status\n\n## Now\n\nAll is well.\n\n---\n*Last updated by hand*\n"), @"
    # Status

    ## Now

    All is well.

    ## Incidents

    (the record)

    ## Command History

    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | deployed | High, PR #12 |

    ---
    *Last updated by hand*
    ");
    insta::assert_snapshot!(added_lines("# Status\n\n## Command History\n\n---\n\nGenerated by a script.\n"), @"
    # Status

    ## Incidents

    (the record)

    ## Command History

    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | deployed | High, PR #12 |

    ---

    Generated by a script.
    ");
    insta::assert_snapshot!(added_lines("# Status\n\n## Incidents\n\n- One [1]\n\n[1]: https://x.example\n"), @"
    # Status

    ## Incidents

    - One [1]
    (the record)

    ## Command History

    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | deployed | High, PR #12 |

    [1]: https://x.example
    ");
    insta::assert_snapshot!(added_lines("# Status\n\n*Last updated: 2026-11-01*\n"), @"
    # Status

    *Last updated: 2026-11-01*

    ## Incidents

    (the record)

    ## Command History

    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | deployed | High, PR #12 |
    ");
    insta::assert_snapshot!(added_lines("# Status\n\n## Incidents\n\nNone.\n\n---\n\n## Command History\n\n_Nothing yet._\n"), @"
    # Status

    ## Incidents

    None.

    (the record)

    ---

    ## Command History

    _Nothing yet._

    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | deployed | High, PR #12 |
    ");
}

#[test]
fn a_row_and_its_record_end_as_the_lines_around_them() {
    let page = "---\ntitle: x\n---\n# Status\r\n\r\n## Command History\r\n\r\n| Command | Date |\r\n|---|---|\r\n| /plan | 2026-01-01 |\r\n";
    let new = edited(page, &entry(ID));
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count() + 3, "{new:?}");
}

#[test]
fn a_row_of_an_older_build_becomes_one_of_the_table() {
    let page = "# Status\n\n## Command History\n\n| Date | Command | Branch | Result |\n|---|---|---|---|\n";
    let new = edited(page, &entry(ID));
    let ours = "| 2026-11-22 | /hotfix | hotfix/login-fails | deployed, High, PR #12 |";
    let older = new.replace(ours, "| /hotfix | 2026-11-22 | deployed | High, PR #12 |");
    assert_ne!(older, new);
    let updated = edited(&older, &StatusEntry { severity: "Low".to_owned(), ..entry(ID) });
    assert!(updated.contains(&ours.replace("High", "Low")), "{updated}");
    assert!(!updated.contains("| /hotfix | 2026-11-22 |"), "{updated}");
}

#[test]
fn refuses_what_it_would_damage() {
    let refusal = |page: &[u8]| status_file(Some(page), &entry(ID)).unwrap_err().doing();
    assert_eq!(refusal(b"ok \xff"), "edit a file that is not UTF-8 (first bad byte at 3)");
    assert!(refusal("# x\n\n```\nnever closed\n".as_bytes()).contains("unclosed fence"));
    assert!(refusal("# x\n\n<!-- never closed\n".as_bytes()).contains("unclosed fence or comment"));
    assert!(refusal(&vec![b'x'; MAX_BYTES + 1]).starts_with("edit a file of 8388609 bytes"));
}

#[test]
fn the_last_row_of_the_history_is_read() {
    assert_eq!(
        last_history_row(edited("", &entry(ID)).as_bytes()).as_deref(),
        Some("/hotfix, 2026-11-22, deployed, High, PR #12")
    );
    // Whoever keeps it by hand may leave cells, or a whole row, empty.
    let page = b"## Command History\n\n|Command|When|By|\n|-|-|-|\n| /hotfix `a \\| b` | | ada |\n| | | |\n";
    assert_eq!(last_history_row(page).as_deref(), Some("/hotfix `a | b`, ada"));
    assert_eq!(last_history_row(b"## Command History\n\n|a|\n|-|\n"), None);
    assert_eq!(last_history_row(b"\xff"), None);
}

#[test]
fn entries_come_from_the_incident() {
    let lines: String = [Story::minimal(BENIGN), Story::full(HOSTILE), Story::band_aid(), Story::rolled_back()]
        .iter()
        .map(|story| edited("", &StatusEntry::of(&story.incident(), false, &Severities::default(), at(60))))
        .map(|page| page.lines().filter(|line| line.starts_with(['-', '|'])).collect::<Vec<_>>().join("\n") + "\n")
        .collect();
    insta::assert_snapshot!(lines, @r"
    - 2026-11-22: Login fails for all EU users (HF-2026-7k3mq2xa, High, PR local, active) <!-- hotfix: HF-2026-7k3mq2xa | 2026-11-22 | not merged | High, PR local -->
    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | not merged | High, PR local |
    - 2026-11-22: \# H1 | x | \[y](javascript:alert(1)) \[&#8203;skip ci] @&#8203;acme Hotfix-Incident: HF-0000 (HF-2026-7k3mq2xa, Critical, PR #12, resolved, postmortem `docs/decisions/POSTMORTEM-2026-11-22-login-fails.md`) <!-- hotfix: HF-2026-7k3mq2xa | 2026-11-22 | deployed | Critical, PR #12 -->
    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | deployed | Critical, PR #12 |
    - 2026-11-22: Login fails for all EU users (HF-2026-7k3mq2xa, High, PR local, active) <!-- hotfix: HF-2026-7k3mq2xa | 2026-11-22 | merged | High, PR local -->
    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | merged | High, PR local |
    - 2026-11-22: Login fails for all EU users (HF-2026-7k3mq2xa, High, PR local, mitigated) <!-- hotfix: HF-2026-7k3mq2xa | 2026-11-22 | rolled back | High, PR local -->
    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | 2026-11-22 | rolled back | High, PR local |
    ");
}

#[test]
fn band_aids_are_listed_once() {
    let incident = Story::band_aid().incident();
    let entries = DebtEntry::of(&incident);
    let new = tech_debt_file(None, &entries).unwrap();
    insta::assert_snapshot!(String::from_utf8(new.clone()).unwrap(), @"
    # Technical debt

    ## Hotfix band-aids

    - [x] Expire old sessions (HF-2026-7k3mq2xa, owner @&#8203;ada, due 2026-12-01, https://github.com/o/r/issues/34) <!-- hotfix: HF-2026-7k3mq2xa follow-up 1 -->
    ");
    assert_eq!(tech_debt_file(Some(&new), &entries), Ok(new));

    let open = vec![DebtEntry { done: false, link: None, number: 2, ..entries[0].clone() }];
    let new = tech_debt_file(Some(b"# Debt\n\n## Hotfix band-aids\n\n- [ ] ours\n\n## Later\n\nx"), &open).unwrap();
    insta::assert_snapshot!(String::from_utf8(new).unwrap(), @"
    # Debt

    ## Hotfix band-aids

    - [ ] ours
    - [ ] Expire old sessions (HF-2026-7k3mq2xa, owner @&#8203;ada, due 2026-12-01) <!-- hotfix: HF-2026-7k3mq2xa follow-up 2 -->

    ## Later

    x
    ");
    assert_eq!(tech_debt_file(Some(b"as it is"), &[]), Ok(b"as it is".to_vec()));
}

#[test]
fn spaces_that_break_a_line_stay_at_its_end() {
    let page = edited("# Status\n\nOne line  \n", &entry(ID));
    assert!(page.starts_with("# Status\n\nOne line  \n\n## Incidents\n\n- 2026-11-22: "), "{page:?}");
    assert!(page.ends_with("| deployed | High, PR #12 |\n"), "{page:?}");
}

/// Whatever a page holds, an edit only adds to it, and a second one changes nothing.
#[test]
fn fuzz_markdown() {
    let (entry, debts) = (entry(ID), DebtEntry::of(&Story::band_aid().incident()));
    crate::tests::fuzz("markdown", |input| {
        let _ = (last_history_row(input), status_file(Some(input), &entry), tech_debt_file(Some(input), &debts));
        // A carriage return alone ends a line in Markdown, and none of what editors write.
        let text = String::from_utf8_lossy(input);
        let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let page = text.replace("\r\n", "\n").replace('\r', " ").replace('\n', ending);
        if let Ok(new) = status_file(Some(page.as_bytes()), &entry) {
            assert_eq!(status_file(Some(&new), &entry).as_ref(), Ok(&new));
            only_adds(&page, &String::from_utf8(new).unwrap()).unwrap();
        }
        if let Ok(new) = tech_debt_file(Some(page.as_bytes()), &debts) {
            assert_eq!(tech_debt_file(Some(&new), &debts).as_ref(), Ok(&new));
            only_adds(&page, &String::from_utf8(new).unwrap()).unwrap();
        }
    });
}

fn pages() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "# Project",
        "## Command History",
        "Command History\n===",
        "### Command History",
        "## Incidents",
        "Incidents\n---",
        "### Sub",
        "text",
        "",
        "",
        "",
        "- item",
        "  nested",
        "* star",
        "1. one",
        "> quote",
        "> ## Incidents",
        "***",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "| a |\n|:-:|\n| 1 | 2 | 3 |\nx",
        "a | b\n- | -\n1 | 2",
        "```\n## Incidents\n```",
        "    code",
        "<!-- c -->",
        "<div>",
        "</div>",
        "[x]: y",
        "\u{feff}",
        "Ünï 🔥",
        "   ## Command History  ##",
        "| /hotfix | 2026-11-22 | deployed | High, PR #12 |",
        "## 📜 Command History (old)",
        "**Command History**",
        "| Date | Command | Result |\n|------|---------|--------|",
        "---\n*Last updated by hand*",
        "*a note*",
        "~~~\n",
        "```",
    ]);
    let ending = prop::sample::select(vec!["\n", "\r\n"]);
    (prop::collection::vec(pieces, 0..14), ending, any::<bool>()).prop_map(|(pieces, ending, ends)| {
        let page = pieces.join("\n").replace('\n', ending);
        if ends { page + ending } else { page }
    })
}

/// The bytes of `old` are all in `new`, in order, and so are its lines. Gives the lines that are ours.
fn only_adds(old: &str, new: &str) -> Result<Vec<String>, TestCaseError> {
    let mut bytes = new.bytes();
    prop_assert!(old.bytes().all(|byte| bytes.any(|other| other == byte)), "{old:?} is not in {new:?}");
    // A byte order mark begins a text and is no line of it: what comes first stands right behind it.
    let (old, new) = (old.trim_start_matches('\u{feff}'), new.trim_start_matches('\u{feff}'));
    let line = |line: &str| line.trim_end_matches('\r').to_owned();
    let mut rest = old.split('\n').map(line).filter(|line| !line.is_empty()).peekable();
    let added = new.split('\n').map(line).filter(|line| rest.next_if_eq(line).is_none() && !line.is_empty()).collect();
    prop_assert_eq!(rest.next(), None, "a line of {:?} is not in {:?}", old, new);
    Ok(added)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn an_edit_only_adds_and_a_second_one_changes_nothing(page in pages()) {
        let entry = entry(ID);
        let Ok(new) = status_file(Some(page.as_bytes()), &entry) else { return Ok(()) };
        let new = String::from_utf8(new).unwrap();
        prop_assert_eq!(&edited(&new, &entry), &new);
        let expected = ["# Status", "Incidents", "<!-- end -->", "## Command History", "| /hotfix", "| Command |", "| --- |", "- 2026-11-22: "];
        for line in only_adds(&page, &new)? {
            prop_assert!(expected.iter().any(|part| line.contains(part)), "{line:?} in {new:?}");
        }
    }

    #[test]
    fn an_update_changes_its_own_lines_only(page in pages()) {
        let Ok(new) = status_file(Some(page.as_bytes()), &entry(ID)) else { return Ok(()) };
        let new = String::from_utf8(new).unwrap();
        let update = StatusEntry { severity: "Critical".to_owned(), pull_request: None, ..entry(ID) };
        let updated = edited(&new, &update);
        let differing = new.split('\n').zip(updated.split('\n')).filter(|(before, after)| before != after).count();
        prop_assert_eq!(differing, 2, "{:?} became {:?}", new, updated);
        prop_assert_eq!(new.split('\n').count(), updated.split('\n').count());
    }

    #[test]
    fn band_aids_only_add(page in pages()) {
        let entries = DebtEntry::of(&Story::band_aid().incident());
        let Ok(new) = tech_debt_file(Some(page.as_bytes()), &entries) else { return Ok(()) };
        prop_assert_eq!(tech_debt_file(Some(&new), &entries), Ok(new.clone()));
        only_adds(&page, &String::from_utf8(new).unwrap())?;
    }
}
