//! What was recorded is found again: by words, files, people; and given to other programs and back.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, opened, refused};

/// An incident that was shipped and closed, with something left to do.
fn closed(sandbox: &Sandbox) -> Repo<'_> {
    sandbox.made("find::closed", |sandbox| {
        let repo = opened(sandbox);
        repo.ok(["note", "the gateway answered 502"]);
        repo.ok(["follow-up", "add", "Price by one function"]);
        repo.fix_the_bug();
        repo.ok(["ship", "--yes"]);
        repo.ok(["close", "--reason", "it was quick"]);
        repo.ok(["open", "Search is down", "--severity", "medium"]);
        repo
    })
}

fn listed(repo: &Repo<'_>, arguments: &[&str]) -> Vec<String> {
    let json = repo.hotfix_json([&["list"], arguments].concat());
    let incidents = json["incidents"].as_array().expect("a list");
    incidents.iter().map(|incident| incident["title"].as_str().expect("a title").to_owned()).collect()
}

#[test]
fn incidents_are_found_by_what_was_in_them() {
    let sandbox = sandbox!();
    let repo = closed(&sandbox);
    assert_eq!(listed(&repo, &[]), ["Search is down"]);
    assert_eq!(listed(&repo, &["--grep", "GATEWAY"]), [TITLE]);
    assert_eq!(listed(&repo, &["--grep", "nothing of the kind"]), [""; 0]);
    assert_eq!(listed(&repo, &["--path", "total.sh"]), [TITLE]);
    assert_eq!(listed(&repo, &["--path", "total"]), [""; 0], "no file and no folder is called so");
    assert_eq!(listed(&repo, &["--author", "nobody"]), [""; 0]);
    assert_eq!(listed(&repo, &["--all", "--until", "2020-01-01"]), [""; 0]);
    assert_eq!(listed(&repo, &["--all", "--since", "2020-01-01"]).len(), 2);
    insta::assert_snapshot!(repo.hotfix(["list", "--severity", "critical"]).success(), @"
    no incident matches
    ------- stderr -------
    hint: git hotfix list --all   # shows every one
    ");
    let said = refused(&repo, &["list", "--until", "soon"], 2);
    assert!(said.contains("--until"), "{said}");
}

#[test]
fn an_incident_is_named_by_its_id_the_beginning_of_it_or_its_slug() {
    let sandbox = sandbox!();
    let repo = closed(&sandbox);
    let title = |named: &str| repo.hotfix_json(["show", named])["incident"]["title"].as_str().map(str::to_owned);
    let all = repo.hotfix_json(["list", "--all"])["incidents"].clone();
    // By slug: of two that were opened within one second either may be the first.
    for slug in ["search-is-down", "coupons-take-off-too-much"] {
        let incident = all.as_array().expect("a list").iter().find(|incident| incident["slug"] == slug);
        let incident = incident.expect("it is listed");
        let (id, known) = (incident["id"].as_str().expect("an id"), incident["title"].as_str().map(str::to_owned));
        let (beginning, random) = (id.get(..12).expect("it is longer"), id.get(8..12).expect("it is longer"));
        let branch = format!("hotfix/{slug}");
        let names = [id, beginning, random, &beginning.to_ascii_lowercase(), slug, &branch];
        names.iter().for_each(|named| assert_eq!(title(named), known, "{named}"));
    }
    let said = refused(&repo, &["show", "HF-2"], 2);
    assert!(said.contains("ID: HF-2 could be any of 2 incidents") && said.contains("# Search is down"), "{said}");
    let said = refused(&repo, &["reopen", " "], 2);
    assert!(said.contains("ID: say which incident, by its id"), "{said}");
    let said = refused(&repo, &["reopen", "nope"], 3);
    assert!(said.contains("ID: no incident has nope as its id"), "{said}");
    let said = refused(&repo, &["note", "x", "--incident", "search"], 3);
    assert!(said.contains("--incident: no incident has search as its id"), "{said}");
    // `status` takes one as `show` does, and `undo` takes events.
    let status = repo.hotfix_json(["status", "search-is-down"])["incident"].clone();
    assert_eq!(status["title"], "Search is down");
    let id = status["id"].as_str().expect("an id");
    let said = refused(&repo, &["undo", id], 2);
    assert!(said.contains("git hotfix undo --incident HF-YYYY-ID   # your last command there"), "{said}");
    // A slug may come again: the one that is open is meant.
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.ok(["open", TITLE, "--severity", "medium"]);
    let again = repo.hotfix_json(["show", "coupons-take-off-too-much"])["incident"]["status"].clone();
    assert_ne!(again, "closed");
}

#[test]
fn who_opens_an_incident_hears_of_those_that_were_alike() {
    let sandbox = sandbox!();
    let repo = closed(&sandbox);
    repo.git_ok(["switch", "--quiet", "main"]);
    let said = repo.hotfix(["open", "Coupons take off nothing", "--severity", "high"]).success();
    assert!(said.stderr().contains("closed: Coupons take off too much"), "{said}");
    assert!(said.stderr().contains("still to be done: Price by one function"), "{said}");
    repo.git_ok(["switch", "--quiet", "main"]);
    let other = repo.hotfix(["open", "The invoice is blank", "--severity", "high"]).success();
    assert!(!other.stderr().contains("note: like "), "{other}");
}

#[test]
fn all_that_is_recorded_goes_out_and_comes_back() {
    let sandbox = sandbox!();
    let repo = closed(&sandbox);
    let exported = repo.hotfix(["ledger", "export"]).success();
    let bob = repo.clone_as("bob");
    bob.write("../incidents.ndjson", exported.stdout());
    let events = exported.stdout().lines().count();
    let imported = bob.hotfix(["ledger", "import", "../incidents.ndjson"]).success();
    assert_eq!(imported.stdout(), format!("{events} new, 0 here already\n"));
    let again = bob.hotfix(["ledger", "import", "../incidents.ndjson"]).success();
    assert_eq!(again.stdout(), format!("0 new, {events} here already\n"));
    assert_eq!(bob.hotfix(["ledger", "export"]).success().stdout(), exported.stdout());
    assert_eq!(
        bob.hotfix(["log", "--ids", "--incident", &id(&repo)]).success().stdout(),
        repo.hotfix(["log", "--ids", "--incident", &id(&repo)]).success().stdout()
    );
    let table = repo.hotfix(["ledger", "export", "--format", "csv"]).success();
    assert_eq!(table.stdout().lines().count(), 3, "{table}");
    assert!(table.stdout().starts_with("id,title,severity,status,"), "{table}");
    bob.write("../bad.ndjson", &exported.stdout().replace("502", "503"));
    let bad = refused(&bob, &["ledger", "import", "../bad.ndjson"], 2);
    assert!(bad.contains("its bytes have the id"), "{bad}");
    std::fs::write(bob.folder().join("../latin.ndjson"), b"\n{\"\xe9\"}\n").unwrap();
    let latin = refused(&bob, &["ledger", "import", "../latin.ndjson"], 2);
    assert!(latin.contains("error: ../latin.ndjson: line 2: it is not UTF-8"), "{latin}");
    let none = refused(&bob, &["ledger", "import", "../none"], 3);
    assert!(none.contains("read `../none`"), "{none}");
    let format = refused(&bob, &["ledger", "export", "--format", "xml"], 2);
    assert!(format.contains("ndjson, csv"), "{format}");
}

/// The closed one.
fn id(repo: &Repo<'_>) -> String {
    let json = repo.hotfix_json(["list", "--status", "closed"]);
    json["incidents"][0]["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_ledger_that_was_filled_is_a_ledger() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let filler = env!("CARGO_BIN_EXE_fill-ledger");
    let folder = repo.folder().to_str().expect("a path").to_owned();
    for _ in 0..2 {
        let _ = repo.run(repo.command(filler).args([&folder, "120", "4"])).success();
    }
    assert_eq!(listed(&repo, &["--all"]).len(), 121);
    assert_eq!(listed(&repo, &[]).len(), 3);
    let doctor = repo.hotfix(["doctor", "--offline"]);
    assert!(!doctor.stderr().contains("damaged"), "{doctor}");
}
