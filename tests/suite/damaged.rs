//! Events that cannot be read: they are told each time, and nothing is done twice for want of them.

use std::fs;

use hotfix_tests::{Repo, Sandbox, has_ref_files, sandbox};

use crate::fixtures::{TITLE, refused, sample_with};

/// The files of the events of this kind in the ledger of this year.
fn event_files(repo: &Repo<'_>, kind: &str) -> Vec<std::path::PathBuf> {
    let ledger = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let listed = repo.git_ok(["ls-tree", "-r", "--format=%(objectname)", ledger.trim()]);
    let is_meant = |id: &&str| repo.git_ok(["cat-file", "blob", id]).contains(&format!("\"kind\":\"{kind}\""));
    let objects = repo.folder().join(".git/objects");
    let place = |id: &str| objects.join(id.split_at(2).0).join(id.split_at(2).1);
    listed.lines().filter(is_meant).map(place).collect()
}

pub(crate) fn event_file(repo: &Repo<'_>, kind: &str) -> std::path::PathBuf {
    event_files(repo, kind).into_iter().next().expect("it was recorded")
}

/// A disk that lost what the file held; the list is cached already.
pub(crate) fn empty(path: &std::path::Path) {
    fs::remove_file(path).unwrap();
    fs::write(path, "").unwrap();
}

/// An incident that was shipped and deployed.
fn deployed(sandbox: &Sandbox) -> Repo<'_> {
    sandbox.made("damaged::deployed", |sandbox| {
        let repo = sample_with(sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n");
        repo.ok(["open", TITLE, "--severity", "high"]);
        repo.ok(["note", "rolled the database back"]);
        repo.fix_the_bug();
        repo.ok(["ship", "--yes"]);
        repo.ok(["list"]);
        repo
    })
}

#[test]
fn what_cannot_be_read_is_told_by_whatever_shows_it() {
    let sandbox = sandbox!();
    let repo = deployed(&sandbox);
    empty(&event_file(&repo, "noted"));
    for command in ["log", "show", "status"] {
        let said = repo.hotfix([command]).success();
        assert!(said.stderr().contains("note: damaged: HF-"), "{command}: {said}");
    }
    repo.ok(["note", "again"]);
}

#[test]
fn nothing_is_deployed_twice_for_want_of_an_event() {
    let sandbox = sandbox!();
    let repo = deployed(&sandbox);
    // Both are found first: events lie in the order of their ids, and looking for one may read the other.
    for file in ["deploy-started", "deploy-finished"].map(|kind| event_file(&repo, kind)) {
        empty(&file);
    }
    let said = refused(&repo, &["ship", "--yes"], 3);
    assert!(said.contains("2 events of HF-YYYY-ID cannot be read: "), "{said}");
    assert!(said.contains("hint: to go on without them: git hotfix ship --accept-damage \"...\"   # why"), "{said}");
    refused(&repo, &["deploy", "--yes"], 3);
    refused(&repo, &["close"], 3);
    refused(&repo, &["ship", "--yes", "--accept-damage", " "], 2);
    // What was lost may have told that it was deployed.
    let said = repo.hotfix(["ship", "--yes", "--accept-damage", "the disk broke"]).exits_with(4);
    assert!(said.stderr().contains("are lost, and may have told that it was deployed"), "{said}");
    assert_eq!(repo.read("../deploys"), "x\n");
    let log = repo.hotfix(["log"]).success();
    assert!(log.stdout().contains("2 events that cannot be read given up: the disk broke"), "{log}");
    refused(&repo, &["ship", "--yes"], 4);
    repo.ok(["mark", "deployed"]);
    repo.ok(["ship", "--yes"]);
    repo.ok(["close"]);
    assert_eq!(repo.read("../deploys"), "x\n");
}

#[test]
fn an_opening_that_is_lost_is_no_bug() {
    let sandbox = sandbox!();
    let repo = deployed(&sandbox);
    empty(&event_file(&repo, "opened"));
    let listed = repo.hotfix(["list", "--all"]).success();
    let said = repo.hotfix(["log"]).exits_with(3);
    assert!(said.stderr().contains("says that it was opened") && said.stderr().contains("git fsck"), "{said} {listed}");
}

#[test]
fn the_doctor_names_what_is_lost_before_what_seems_in_doubt() {
    let sandbox = sandbox!();
    let repo = deployed(&sandbox);
    fs::remove_file(event_file(&repo, "deploy-finished")).unwrap();
    let said = repo.hotfix(["doctor"]).exits_with(1);
    assert!(
        said.stdout().contains("✗ failure  incidents   HF-") && said.stdout().contains("its object is lost"),
        "{said}"
    );
}

#[test]
fn an_incident_whose_opening_is_lost_can_be_ended_by_a_person() {
    let sandbox = sandbox!();
    let repo = deployed(&sandbox);
    fs::remove_file(event_file(&repo, "opened")).unwrap();
    let said = refused(&repo, &["ship", "--yes", "--accept-damage", "the disk broke"], 3);
    let end = "git hotfix abort --accept-damage \"...\" --incident HF-YYYY-ID   #";
    assert!(said.contains(end) && said.contains("hint: git hotfix ledger repair   #"), "{said}");
    let said = refused(&repo, &["open", TITLE, "--severity", "high"], 3);
    assert!(said.contains(end), "an incident of that name may be open: {said}");
    // Others are none of its business.
    repo.ok(["open", "Search is down", "--severity", "high"]);
    repo.ok(["abort"]);
    let log = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let paths = repo.git_ok(["grep", "-l", "rolled the database back", log.trim()]);
    let id = paths.split('/').find(|part| part.starts_with("HF-")).unwrap().to_owned();
    refused(&repo, &["abort", "--incident", &id], 3);
    refused(&repo, &["abort", "--incident", &id, "--accept-damage", " "], 2);
    let said = repo.hotfix(["abort", "--incident", &id, "--accept-damage", "the disk broke"]).success();
    assert!(said.stdout().contains(&format!("{id} is ended: 1 event of it given up")), "{said}");
    let listed = repo.hotfix(["list", "--all"]).success();
    assert!(listed.stderr().is_empty() && !listed.stdout().contains(&id), "{listed}");
    repo.ok(["ledger", "verify"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    assert_eq!(repo.read("../deploys"), "x\n");
}

#[test]
fn damage_that_was_met_is_remembered_until_it_is_mended() {
    let sandbox = sandbox!();
    let repo = deployed(&sandbox);
    repo.ok(["close"]);
    let id = repo.hotfix(["list", "--all"]).success().stdout().split_whitespace().next().unwrap().to_owned();
    let file = event_file(&repo, "opened");
    let sound = fs::read(&file).unwrap();
    empty(&file);
    // The list is that of before, until somebody reads the events.
    let said = repo.hotfix(["list", "--all"]).success();
    assert!(!said.stderr().contains("damaged"), "{said}");
    let said = repo.hotfix(["doctor"]).exits_with(1);
    assert!(said.stdout().contains(&format!("✗ failure  incidents   {id}: ")), "{said}");
    refused(&repo, &["show", "--incident", &id], 3);
    let said = repo.hotfix(["list", "--all"]).success();
    assert!(said.stderr().contains(&format!("note: damaged: {id}: ")) && said.stdout().contains(&id), "{said}");
    fs::write(&file, sound).unwrap();
    let said = repo.hotfix(["list", "--all"]).success();
    assert!(said.stderr().is_empty() && said.stdout().contains(&id), "{said}");
}

#[test]
fn of_many_that_cannot_be_read_some_are_named() {
    let sandbox = sandbox!();
    let repo = deployed(&sandbox);
    for number in 1..23 {
        repo.ok(["note", &format!("tried {number}")]);
    }
    event_files(&repo, "noted").iter().for_each(|file| empty(file));
    let said = repo.hotfix(["show"]).success().stderr().to_owned();
    assert_eq!(said.matches("its object is lost or damaged, or longer than an event can be").count(), 20, "{said}");
    assert!(said.contains(": 3 events more"), "{said}");
}

#[test]
fn a_file_that_is_lost_from_the_repository_is_no_bug() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[deploy]\ncommand = [\"true\"]\n");
    let id = repo.git_ok(["rev-parse", "HEAD:hotfix.toml"]);
    let (folder, name) = id.trim().split_at(2);
    fs::remove_file(repo.folder().join(".git/objects").join(folder).join(name)).unwrap();
    let said = refused(&repo, &["open", TITLE, "--severity", "high"], 3);
    assert!(said.contains("could not be found") && said.contains("`git fsck` says what is damaged"), "{said}");
}

/// `git fsck` finds these, too.
#[test]
fn a_ref_or_a_pack_that_holds_anything_is_damage_and_no_bug_of_ours() {
    let sandbox = sandbox!();
    let template = deployed(&sandbox);
    let ledger = template.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let blob = template.git_ok(["rev-parse", "HEAD:total.sh"]);
    for (name, content) in [("garbled", "garbage\n"), ("emptied", ""), ("another object", blob.as_str()), ("pack", "")]
    {
        let sandbox = sandbox!();
        let repo = sandbox.copy_of(&template);
        repo.write("../deploys", "x\n");
        if name == "pack" {
            repo.git_ok(["gc", "--quiet"]);
            let cut = "chmod u+w .git/objects/pack/*.pack && truncate -s 700 .git/objects/pack/*.pack";
            let _ = repo.run(repo.command("sh").args(["-c", cut])).success();
        } else if has_ref_files() {
            repo.write(&format!(".git/{ledger}"), content);
        } else {
            continue;
        }
        for command in [&["status"][..], &["note", "x"], &["ship", "--yes"], &["deploy", "--yes"], &["close"]] {
            let said = repo.hotfix(command).exits_with(3);
            assert!(said.stderr().contains("`git fsck` says what is damaged"), "{name}: {said}");
        }
        assert_eq!(repo.read("../deploys"), "x\n", "{name}");
    }
    if !has_ref_files() {
        return;
    }
    // What only remembers stops nobody.
    let seen = ledger.replace("/ledger/", "/seen/");
    template.write(&format!(".git/{seen}"), "garbage\n");
    template.ok(["status"]);
    template.ok(["note", "x"]);
    template.ok(["close"]);
}
