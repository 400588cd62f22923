//! One incident, two clones: the ledger is shared around what they record, and either finishes what the other began.

use hotfix_tests::{Repo, sandbox};

use crate::fixtures::{DEPLOY_KILLS_US, TITLE, two_clones};

const SHIP: [&str; 2] = ["ship", "--yes"];

fn ledger(repo: &Repo<'_>) -> String {
    repo.git_ok(["for-each-ref", "--format=%(objectname) %(refname)", "refs/hotfix/ledger"])
}

fn open(repo: &Repo<'_>) {
    repo.ok(["open", TITLE, "--severity", "high"]);
}

/// How often an event of this kind was recorded.
fn recorded(repo: &Repo<'_>, kind: &str) -> usize {
    let log = repo.hotfix(["log", "--ids"]).success();
    log.stdout().lines().filter(|line| line.split_whitespace().nth(1) == Some(kind)).count()
}

#[test]
fn what_one_records_the_other_builds_on() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "");
    open(&ada);
    // Looking asks nobody.
    let looked = bob.hotfix(["list"]).success();
    assert_eq!(looked.stdout(), "no incidents\n");
    let noted = bob.hotfix(["note", "called the bank"]).success();
    assert!(noted.stderr().contains("events came from origin"), "{noted}");
    ada.ok(["note", "restarted the queue"]);
    let shown = ada.hotfix(["show"]).success();
    assert!(shown.stdout().contains("called the bank"), "{shown}");
    let again = bob.hotfix(["open", TITLE, "--severity", "high"]);
    assert_eq!(bob.hotfix(["list"]).success().stdout().lines().count(), 1, "{again}");
}

#[test]
fn what_was_shared_stays_so_when_production_is_renamed() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "[deploy]\ncommand = [\"true\"]\n");
    open(&ada);
    ada.fix_the_bug();
    ada.ok(["pr"]);
    let origin = ada.origin();
    for arguments in [["branch", "--move", "main", "trunk"], ["symbolic-ref", "HEAD", "refs/heads/trunk", ""]] {
        let arguments = arguments.into_iter().filter(|argument| !argument.is_empty());
        let _ = ada.run(ada.command("git").arg("-C").arg(&origin).args(arguments)).success();
    }
    ada.git_ok(["config", "hotfix.production.branch", "trunk"]);
    ada.ok(SHIP);
    let there = ada.git_ok(["ls-remote", "origin", "refs/hotfix/ledger/*"]);
    let here = ada.git_ok(["for-each-ref", "--format=%(objectname)", "refs/hotfix/ledger"]);
    assert!(there.starts_with(here.trim()), "{there} {here}");
    bob.git_ok(["config", "hotfix.production.branch", "trunk"]);
    bob.ok(["sync"]);
    let said = bob.hotfix(SHIP).success();
    assert!(said.stdout().contains("shipped by Ada"), "{said}");
}

#[test]
fn a_remote_that_is_away_keeps_nobody_from_anything_and_is_told_once() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "");
    open(&ada);
    let origin = ada.origin();
    let away = origin.with_extension("away");
    std::fs::rename(&origin, &away).unwrap();
    let first = ada.hotfix(["note", "one"]).success();
    assert!(first.stderr().contains("does not have what is recorded here until"), "{first}");
    let second = ada.hotfix(["note", "two"]).success();
    assert!(!second.stderr().contains("does not have"), "{second}");
    std::fs::rename(&away, &origin).unwrap();
    ada.ok(["note", "three"]);
    bob.ok(["note", "four"]);
    let shown = bob.hotfix(["show"]).success();
    assert!(["one", "two", "three"].iter().all(|note| shown.stdout().contains(note)), "{shown}");
}

#[test]
fn a_colleague_ships_what_was_proposed_and_whoever_comes_later_finds_it_done() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n");
    open(&ada);
    ada.fix_the_bug();
    ada.ok(["pr"]);
    let status = bob.hotfix(["sync"]).success();
    assert!(status.stdout().contains("came from origin"), "{status}");
    let status = bob.hotfix(["status"]).success();
    assert!(status.stdout().contains("driven by Ada from "), "{status}");
    let shipped = bob.hotfix(SHIP).success();
    assert!(shipped.stderr().contains("taken over: Ada drives HF-"), "{shipped}");
    assert_eq!(bob.read("../deploys"), "x\n");
    let later = ada.hotfix(SHIP).success();
    assert_eq!(ada.read("../deploys"), "x\n", "{later}");
    assert_eq!(ledger(&bob), ledger(&ada));
    ada.ok(["close", "--reason", "it was quick"]);
    assert_eq!((recorded(&ada, "merged"), recorded(&ada, "deploy-started")), (1, 1));
}

#[test]
fn what_a_colleague_drives_is_taken_over_before_anything_of_it_goes() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "");
    open(&ada);
    ada.fix_the_bug();
    ada.ok(["pr"]);
    bob.ok(["sync"]);
    bob.git_ok(["fetch", "--quiet"]);
    bob.git_ok(["switch", "--quiet", "hotfix/coupons-take-off-too-much"]);
    let aborted = bob.hotfix(["abort"]).success();
    let at = |text: &str| aborted.stderr().find(text).unwrap_or_else(|| panic!("no {text}: {aborted}"));
    assert!(at("taken over: Ada drives HF-") < at("delete hotfix/coupons-take-off-too-much on origin"), "{aborted}");
    let log = bob.hotfix(["log"]).success();
    assert!(log.stdout().contains("canceled"), "{log}");
}

#[test]
fn a_deployment_that_died_with_a_laptop_is_known_elsewhere() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, DEPLOY_KILLS_US);
    open(&ada);
    ada.fix_the_bug();
    let killed = ada.run(ada.command("git-hotfix").args(SHIP));
    assert_eq!(killed.code(), None, "{killed}");
    assert_eq!(ada.read("../deploys"), "x\n");
    bob.write("../calm", "");
    let asked = bob.hotfix(SHIP).exits_with(4);
    assert!(asked.stderr().contains("how it ended was not recorded"), "{asked}");
    assert_eq!(ada.read("../deploys"), "x\n", "it did not run twice");
    bob.ok(["mark", "deployed"]);
    bob.ok(SHIP);
    assert_eq!(ada.read("../deploys"), "x\n");
    ada.ok(SHIP);
    assert_eq!(ledger(&bob), ledger(&ada));
}

/// Without its word nobody knows whether the machine that let the fix land has deployed it.
#[test]
fn a_landing_from_elsewhere_without_word_of_a_deployment_asks() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n");
    open(&ada);
    ada.fix_the_bug();
    // It lands, and the laptop dies before anything else is known of it: the deployment was told to nobody.
    let origin = ada.origin();
    ada.ok(SHIP);
    let kinds = ada.hotfix(["log", "--ids"]).success();
    let place = ada.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let tips = ada.git_ok(["log", "--format=%H %s", place.trim()]);
    let before = tips
        .lines()
        .find(|line| line.contains("merged") && !line.contains("deploy"))
        .unwrap_or_else(|| panic!("{tips}{kinds}"));
    let (commit, _) = before.split_once(' ').expect("an id");
    ada.at(&origin).git_ok(["update-ref", place.trim(), commit]);
    std::fs::remove_file(ada.folder().join("../deploys")).unwrap();
    let asked = bob.hotfix(SHIP).exits_with(4);
    assert!(asked.stderr().contains("whether it was deployed from there is not known"), "{asked}");
    assert!(!bob.has("../deploys"), "{asked}");
    bob.ok(["deploy", "--again", "--yes"]);
    assert_eq!(bob.read("../deploys"), "x\n");
}

/// The laptop told nobody that it would land, since the remote took no record; what it merged says whose work it is.
#[test]
fn a_landing_that_was_told_to_nobody_is_not_deployed_twice() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n");
    open(&ada);
    ada.fix_the_bug();
    ada.ok(["pr"]);
    let takes_no_record = "#!/bin/sh\ncase $1 in refs/hotfix/*) exit 1;; esac\n";
    ada.hook("../origin.git/hooks/update", takes_no_record);
    let shipped = ada.hotfix(SHIP).success();
    assert!(shipped.stderr().contains("was not told that deploy begins"), "{shipped}");
    std::fs::remove_file(ada.origin().join("hooks/update")).unwrap();
    bob.ok(["sync"]);
    // Twice, since the first run records that the fix has landed and that Bob drives.
    for _ in 0..2 {
        let asked = bob.hotfix(SHIP).exits_with(4);
        assert!(asked.stderr().contains("landed from another clone, whose record is not here"), "{asked}");
    }
    assert_eq!(ada.read("../deploys"), "x\n");
    bob.ok(["mark", "deployed"]);
    bob.ok(SHIP);
    ada.ok(SHIP);
    bob.ok(["sync"]);
    assert_eq!(ledger(&bob), ledger(&ada));
    assert_eq!(ada.read("../deploys"), "x\n");
}

/// While Bob's tests run, Ada ships to the end; Bob learns of it when he tells that he is about to deploy.
#[test]
fn what_a_colleague_deployed_during_the_tests_is_not_deployed_again() {
    let sandbox = sandbox!();
    let rules = "[test]\ncommand = [\"sh\", \"-c\", \"[ ! -e ../meanwhile ] || sh ../meanwhile\"]\n\
                 [deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n";
    let (ada, bob) = two_clones(&sandbox, rules);
    open(&ada);
    let fix = ada.fix_the_bug();
    ada.git_ok(["push", "--quiet", "origin", "HEAD"]);
    bob.ok(["sync"]);
    bob.git_ok(["fetch", "--quiet"]);
    bob.git_ok(["switch", "--quiet", &ada.branch()]);
    assert_eq!(bob.head(), fix);
    let ada_ships =
        format!("rm ../meanwhile && cd '{}' && git hotfix ship --yes >../ada 2>&1\n", ada.folder().display());
    bob.write("../meanwhile", &ada_ships);
    let shipped = bob.hotfix(SHIP);
    assert!(!bob.has("../meanwhile") && ada.read("../ada").contains("deployed at"), "{shipped}{}", ada.read("../ada"));
    assert!(shipped.stderr().contains("Ada did it meanwhile, so it was not run here"), "{shipped}");
    assert_eq!(ada.read("../deploys"), "x\n", "{shipped}");
    bob.ok(SHIP);
    ada.ok(SHIP);
    bob.ok(["sync"]);
    assert_eq!(ada.read("../deploys"), "x\n");
    assert_eq!(ledger(&bob), ledger(&ada));
}

/// The control: a person who merges by hand deploys nothing.
#[test]
fn what_a_person_merged_is_deployed_by_whoever_ships() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n");
    open(&ada);
    ada.fix_the_bug();
    ada.ok(["pr"]);
    let carol = ada.clone_as("carol");
    let branch = format!("origin/{}", ada.branch());
    carol.git_ok(["merge", "--quiet", "--no-ff", "-m", "Merge the fix", &branch]);
    carol.git_ok(["push", "--quiet"]);
    bob.ok(SHIP);
    assert_eq!(bob.read("../deploys"), "x\n");
}

/// A commit that is on the remote alone is nobody's here to delete, and no reason to stop.
#[test]
fn what_a_colleague_pushes_to_the_branch_after_the_landing_stays_there() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n");
    open(&ada);
    ada.fix_the_bug();
    ada.ok(["pr"]);
    let branch = ada.git_ok(["branch", "--show-current"]).trim().to_owned();
    bob.git_ok(["fetch", "--quiet"]);
    bob.git_ok(["switch", "--quiet", &branch]);
    bob.write("more.txt", "more\n");
    bob.git_ok(["add", "more.txt"]);
    bob.git_ok(["commit", "--quiet", "--message", "One more"]);
    ada.ok(["ship", "--yes", "--skip-deploy"]);
    assert!(!ada.remote_refs().contains(&branch), "it went with the landing");
    bob.git_ok(["push", "--quiet", "origin", "HEAD"]);
    let theirs = format!("{}\trefs/heads/{branch}", bob.git_ok(["rev-parse", "HEAD"]).trim());
    let stays = format!("{branch} on origin stays: it holds commits that origin/main lacks; git fetch origin {branch}");
    let ship = ada.hotfix(SHIP).success();
    assert!(ship.stderr().contains(&stays), "{ship}");
    assert_eq!(ada.read("../deploys"), "x\n");
    let close = ada.hotfix(["close", "--reason", "it was quick"]).success();
    assert!(close.stderr().contains(&stays), "{close}");
    assert!(ada.remote_refs().contains(&theirs), "{}", ada.remote_refs());
}

/// Ships, and dies as soon as the remote took an update, told as a pattern of the shell: its new value and its ref.
fn ship_until(ada: &Repo<'_>, update: &str) {
    let hook = "../origin.git/hooks/post-receive";
    let script =
        "while read -r old new name; do case \"$new $name\" in UPDATE) kill -9 \"$(cat ../pid)\" ;; esac; done";
    ada.hook(hook, &format!("#!/bin/sh\n{}\n", script.replace("UPDATE", update)));
    let killed = ada.run(ada.command("sh").args(["-c", "echo $$ >../pid; exec git-hotfix ship --yes"]));
    assert_eq!(killed.signal(), Some(9), "{killed}");
    std::fs::remove_file(ada.folder().join(hook)).unwrap();
}

/// The laptop dies before it can tell anybody that the fix landed, and its branch may be gone: the merge says whose work it is.
#[test]
fn a_merge_that_nobody_was_told_of_is_taken_over() {
    for update in ["*' refs/heads/main'", "'000000'*' refs/heads/hotfix/'*"] {
        let sandbox = sandbox!();
        let (ada, bob) = two_clones(&sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n");
        open(&ada);
        let branch = ada.branch();
        ada.fix_the_bug();
        ada.git_ok(["push", "--quiet", "origin", "HEAD"]);
        ship_until(&ada, update);
        bob.ok(["sync"]);
        bob.git_ok(["fetch", "--quiet", "--prune", "origin"]);
        let is_there = bob.resolve(&format!("origin/{branch}")).is_some();
        assert_eq!(is_there, update.starts_with('*'), "{update}: it died where it was to die");
        let status = bob.hotfix(["status"]).success();
        assert!(status.to_string().contains("next: git hotfix ship"), "{update}: {status}");
        // Twice, since the first run records that the fix has landed.
        for _ in 0..2 {
            let asked = bob.hotfix(SHIP).exits_with(4);
            assert!(asked.stderr().contains("whether it was deployed from there is not known"), "{update}: {asked}");
        }
        let merge = bob.git_ok(["rev-parse", "--short=9", "origin/main"]);
        let status = bob.hotfix(["status"]).success();
        assert!(status.stdout().contains(&format!("as {} into origin/main", merge.trim())), "{update}: {status}");
        assert!(!bob.has("../deploys"), "{update}");
        bob.ok(["deploy", "--again", "--yes"]);
        bob.ok(["ship", "--yes"]);
        // The laptop is mended, and takes in how it ended.
        ada.ok(["sync"]);
        ada.ok(SHIP);
        bob.ok(["close", "--reason", "it was quick"]);
        ada.ok(["sync"]);
        assert_eq!(ada.read("../deploys"), "x\n", "{update}");
        assert_eq!(ledger(&bob), ledger(&ada), "{update}");
    }
}

#[test]
fn a_branch_that_is_gone_is_with_nobody_and_comes_back() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "");
    open(&ada);
    let branch = ada.branch();
    let delete = |repo: &Repo<'_>| {
        repo.git_ok(["switch", "--quiet", "main"]);
        repo.git_ok(["branch", "--quiet", "--delete", "--force", &branch]);
    };
    // Nothing but her memory, and git's, knows where it was.
    let base = ada.head();
    delete(&ada);
    let status = ada.hotfix(["status"]).success();
    assert!(status.stdout().contains("you opened it; git reflog tells where it was"), "{status}");
    ada.git_ok(["switch", "--quiet", "--create", &branch, &base]);
    let fix = ada.fix_the_bug();
    ada.ok(["pr"]);
    bob.ok(["sync"]);
    let status = bob.hotfix(["status"]).success();
    assert!(status.stdout().contains("it was pushed to origin, and proposed at "), "{status}");
    assert!(status.stderr().contains("next: git hotfix ship   # takes it over from origin; "), "{status}");
    // Deleted there and here; the record names the commit, which git keeps for a while.
    ada.git_ok(["push", "--quiet", "origin", "--delete", &branch]);
    delete(&ada);
    let status = ada.hotfix(["status"]).success();
    let short = fix.get(..9).expect("an id");
    assert!(
        status.stdout().contains(&format!("the branch is gone, and its last commit is here: {short}\n")),
        "{status}"
    );
    assert!(status.stderr().contains(&format!("next: git branch {branch} {short}   # brings it back")), "{status}");
    ada.git_ok(["branch", &branch, short]);
    let status = ada.hotfix(["status"]).success();
    assert!(!status.stdout().contains("the branch is "), "{status}");
    ada.ok(SHIP);
}

/// Somebody squashed the fix by hand and deleted its branch; the proposed commit may be gone, too.
#[test]
fn a_squash_whose_branch_is_gone_is_not_shipped_twice() {
    for is_collected in [false, true] {
        let sandbox = sandbox!();
        let (ada, bob) = two_clones(&sandbox, "");
        open(&ada);
        let (fix, branch) = (ada.fix_the_bug(), ada.branch());
        ada.ok(["pr"]);
        if !is_collected {
            // By its path, which leaves no remote-tracking ref.
            bob.git_ok(["fetch", "--quiet", "../origin.git", &branch]);
        }
        let carol = ada.clone_as("carol");
        carol.git_ok(["merge", "--quiet", "--squash", &format!("origin/{branch}")]);
        carol.git_ok(["commit", "--quiet", "--message", "Round the totals"]);
        carol.git_ok(["push", "--quiet", "origin", "HEAD", &format!(":{branch}")]);
        assert_eq!(bob.git(["cat-file", "-e", &fix]).code() == Some(0), !is_collected);
        bob.ok(["sync"]);
        let production = bob.remote_refs();
        let shipped = bob.hotfix(SHIP);
        let shipped = if is_collected {
            // Nothing is left by which it could be told from any other commit: nobody guesses.
            let shipped = shipped.exits_with(4);
            assert!(shipped.stderr().contains("is not known to have landed"), "{shipped}");
            shipped
        } else {
            let shipped = shipped.success();
            assert!(shipped.stderr().contains("is on origin/main already; recorded"), "{shipped}");
            bob.ok(SHIP);
            shipped
        };
        let landed = |refs: &str| refs.lines().find(|line| line.ends_with("refs/heads/main")).map(str::to_owned);
        assert_eq!(landed(&bob.remote_refs()), landed(&production), "{is_collected}: {shipped}");
        ada.ok(SHIP);
        assert_eq!(landed(&ada.remote_refs()), landed(&production), "{is_collected}");
        bob.ok(["sync"]);
        assert_eq!((recorded(&ada, "merged"), recorded(&bob, "merged")), (1, 1), "{is_collected}");
    }
}

#[test]
fn a_deployment_that_died_is_in_doubt_for_whoever_asks_how_things_are() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, DEPLOY_KILLS_US);
    open(&ada);
    ada.fix_the_bug();
    let killed = ada.run(ada.command("git-hotfix").args(SHIP));
    assert_eq!(killed.signal(), Some(9), "{killed}");
    bob.ok(["sync"]);
    let status = bob.hotfix(["status"]).success();
    assert!(status.stdout().contains("not known: the deployment was begun "), "{status}");
    assert!(status.stdout().contains(" by Ada, and how it ended was not recorded\n"), "{status}");
    assert!(status.to_string().contains("git hotfix mark deployed   # if production has the fix"), "{status}");
}

#[test]
fn a_branch_that_was_not_pushed_yet_is_on_somebodys_machine() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "");
    open(&ada);
    bob.ok(["sync"]);
    let told = |words: &str| {
        let status = bob.hotfix(["status"]).success();
        let said = format!("not pushed yet, as of the last fetch of origin: the branch is {words}");
        assert!(status.stdout().contains(&said), "{status}");
    };
    told("with Ada, who opened it\n");
    assert!(!ada.hotfix(["status"]).success().stdout().contains("not pushed yet"));
    ada.fix_the_bug();
    ada.hook(".git/hooks/pre-push", "#!/bin/sh\nexit 1\n");
    let _ = ada.hotfix(["pr"]).exits_with(3);
    bob.ok(["sync"]);
    told("on ");
    assert!(bob.hotfix(["status"]).success().stdout().contains(", where Ada drives it\n"));
    std::fs::remove_file(ada.folder().join(".git/hooks/pre-push")).unwrap();
    ada.ok(["pr"]);
    bob.git_ok(["fetch", "--quiet"]);
    let status = bob.hotfix(["status"]).success();
    assert!(!status.stdout().contains("not pushed yet"), "{status}");
}
