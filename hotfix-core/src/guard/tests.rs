//! What each check finds, and what a waiver changes.

use super::*;
use crate::config::{Config, Globs};
use crate::port::ChangeKind;

fn change(path: &str) -> Change {
    Change {
        path: path.to_owned(),
        renamed_from: None,
        kind: ChangeKind::Modified,
        added: 3,
        removed: 1,
        first_line: 7,
        is_binary: false,
    }
}

fn config(max_files: u32, max_lines: u32, forbid: &[&str]) -> Config {
    let mut config = Config::default();
    config.guard.max_files = max_files;
    config.guard.max_lines = max_lines;
    config.guard.forbid = Globs::new(forbid.iter().copied()).unwrap();
    config
}

fn check(changes: &[Change], config: &Config, waived: &[&str]) -> String {
    let tree = "d".repeat(40).parse().unwrap();
    let files: Vec<FileDiff> = changes
        .iter()
        .map(|change| FileDiff {
            change: change.clone(),
            before: String::new(),
            after: String::new(),
            hunks: Vec::new(),
        })
        .collect();
    let run = inspect(&files, config, None, &tree, &|check| waived.contains(&check));
    let findings = run.findings.iter().map(|finding| {
        let place = finding.file.as_ref().map(|file| format!(" {file}:{}", finding.line.unwrap_or(0)));
        format!("{:?} {}{}: {}\n", finding.level, finding.check, place.unwrap_or_default(), finding.message)
    });
    format!("{} files, {} lines\n{}", run.files, run.lines, findings.collect::<String>())
}

#[test]
fn a_small_fix_passes() {
    assert_eq!(check(&[change("src/a.rs")], &config(1, 4, &[]), &[]), "1 files, 4 lines\n");
}

#[test]
fn every_check_finds_what_it_is_for() {
    let changes = [
        change("src/a.rs"),
        change("deploy/prod.yaml"),
        Change { renamed_from: Some("deploy/old.yaml".to_owned()), ..change("old.yaml") },
        Change { is_binary: true, kind: ChangeKind::Added, ..change("dump.bin") },
        Change { is_binary: true, kind: ChangeKind::Deleted, ..change("gone.bin") },
        Change { is_binary: true, ..change("bun.lockb") },
        Change { kind: ChangeKind::Deleted, first_line: 0, ..change("tests/login.rs") },
        Change { renamed_from: Some("src/login.test.ts".to_owned()), ..change("src/login.bak") },
    ];
    insta::assert_snapshot!(check(&changes, &config(2, 10, &["deploy/**"]), &["too-big"]), @"
    6 files, 24 lines
    Error forbidden-path deploy/prod.yaml:7: guard.forbid keeps hotfixes away from this file
    Error forbidden-path old.yaml:7: guard.forbid keeps hotfixes away from this file
    Error binary dump.bin:7: this file is not text
    Error deleted-test tests/login.rs:0: this test file is deleted
    Error deleted-test src/login.bak:7: the test file src/login.test.ts is no longer one under this name
    Warning too-big: the fix changes 6 files, more than 2 (waived)
    Warning too-big: the fix changes 24 lines, more than 10 (waived)
    Warning lock-file bun.lockb:7: this lock file changes, and no manifest does
    Warning rename old.yaml:7: this file was deploy/old.yaml
    Warning rename src/login.bak:7: this file was src/login.test.ts
    ");
}

#[test]
fn tests_and_lock_files_do_not_count() {
    let changes = [change("Cargo.lock"), change("web/yarn.lock"), change("tests/data.json"), change("src/a.test.ts")];
    assert_eq!(check(&changes, &config(0, 0, &[]), &[]), "0 files, 0 lines\n");
}

#[test]
fn sizes_saturate() {
    let huge = || Change { added: u32::MAX, removed: u32::MAX, ..change("a") };
    assert!(check(&[huge(), huge()], &config(9, 9, &[]), &[]).contains(&format!("changes {} lines", u32::MAX)));
}

#[test]
fn every_file_of_the_folder_is_in_the_list() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guard");
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.retain(|file| !matches!(file.as_str(), "mod.rs" | "tests.rs" | "lines.rs" | "dependencies.rs"));
    let mut listed: Vec<String> = CHECKS.iter().map(|check| format!("{}.rs", check.id.replace('-', "_"))).collect();
    files.sort();
    listed.sort();
    assert_eq!(files, listed);
}
