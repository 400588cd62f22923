use std::path::PathBuf;
use std::process::Command;

use crate::adapter::GitRepository;
use crate::domain::event::{Base, Opened, Origin, Production};
use crate::domain::{EventId, EventKind, Fact, IncidentId, RefName, Severity, Visibility};
use crate::ledger::{Basis, Damage, Ledger, LedgerError};
use crate::port::{
    ConfigRead as _, ErrorKind, Expected, LedgerStore as _, RefUpdate, RefsWrite as _, RepositoryRead as _,
};

use super::sandbox::{Clone, Sandbox};

const REF: &str = "refs/hotfix/ledger/2026";

fn id() -> IncidentId {
    "HF-2026-7k3mq2xa".parse().unwrap()
}

fn fact(repository: &GitRepository, kind: EventKind) -> Fact {
    Fact { at: "2026-03-01T02:00:00Z".parse().unwrap(), by: repository.identity().unwrap(), kind }
}

fn note(repository: &GitRepository, text: &str) -> Fact {
    fact(repository, EventKind::Noted { text: text.to_owned(), happened_at: None })
}

fn opened(repository: &GitRepository) -> Fact {
    let opened = Opened {
        title: "Login fails".parse().unwrap(),
        slug: "login-fails".parse().unwrap(),
        branch: None,
        severity: Severity::High,
        impact: None,
        scope: None,
        source: None,
        visibility: Visibility::Open,
        base: Base { reference: "main".to_owned(), commit: repository.commit_of("main").unwrap().unwrap() },
        production: Production { branch: "main".parse().unwrap(), remote: None },
        policy: None,
        origin: Origin::Branch("main".parse().unwrap()),
    };
    fact(repository, EventKind::Opened(Box::new(opened)))
}

fn with_incident(sandbox: &Sandbox) -> (Clone, GitRepository) {
    let clone = sandbox.repository("clone");
    let repository = clone.open();
    let facts = [opened(&repository), note(&repository, "first")];
    Ledger::new(&repository).append(&id(), Basis::New, &facts).unwrap();
    (clone, repository)
}

#[test]
fn the_layout_is_one_ref_a_year_and_a_file_an_event() {
    let sandbox = Sandbox::new();
    let (clone, repository) = with_incident(&sandbox);
    let loaded = Ledger::new(&repository).load(&id()).unwrap();
    let mut expected: Vec<String> =
        loaded.events.iter().map(|event| format!("1d/HF-2026-7k3mq2xa/{}.json", event.id)).collect();
    expected.sort();
    assert_eq!(clone.git(["ls-tree", "-r", "--name-only", REF]), expected.join("\n"));
    let log = clone.git(["log", "--format=%an <%ae> %aI %cI%n%B", REF]);
    insta::assert_snapshot!(log, @"
    Ada <ada@example.com> 2026-03-01T02:00:00Z 2026-03-01T02:00:00Z
    HF-2026-7k3mq2xa: opened, noted
    ");
    assert_eq!(clone.git(["fsck", "--strict", "--no-dangling"]), "");
    assert_eq!(clone.git(["status", "--porcelain"]), "");
}

#[test]
fn what_was_recorded_is_read_from_any_work_tree() {
    let sandbox = Sandbox::new();
    let (clone, _) = with_incident(&sandbox);
    clone.git(["worktree", "add", "--quiet", "-b", "hotfix/x", "../linked"]);
    let linked = sandbox.at("linked").open();
    let ledger = Ledger::new(&linked);
    ledger.append(&id(), Basis::Any, &[note(&linked, "from the other work tree")]).unwrap();
    clone.git(["gc", "--quiet", "--prune=now"]);
    let repository = clone.open();
    let loaded = Ledger::new(&repository).load(&id()).unwrap();
    assert_eq!(loaded.incident.notes.len(), 2);
    assert_eq!(loaded.damaged, []);
    let listing = Ledger::new(&repository).list().unwrap();
    assert_eq!(listing.incidents.len(), 1);
    drop(repository);
    assert!(clone.path.join(".git/hotfix/cache-v1").exists());
    assert_eq!(ledger.list().unwrap(), listing);
}

#[test]
fn a_small_cache_is_kept_for_prompts_and_never_believed_when_old() {
    let sandbox = Sandbox::new();
    let (clone, repository) = with_incident(&sandbox);
    let is_kept = || clone.path.join(".git/hotfix/open-v1").exists();
    let ledger = Ledger::new(&repository);
    let _ = ledger.incidents().unwrap();
    ledger.append(&id(), Basis::Any, &[note(&repository, "x")]).unwrap();
    drop(repository);
    assert!(is_kept());
    // It was old at once: nobody looked after the note.
    assert_eq!(Ledger::new(&clone.open()).load(&id()).unwrap().incident.notes.len(), 2);
    assert_eq!(Ledger::new(&clone.open()).incidents().unwrap().open().len(), 1);
}

#[test]
fn four_writers_lose_nothing() {
    let sandbox = Sandbox::new();
    let (clone, repository) = with_incident(&sandbox);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let clone = &clone;
            scope.spawn(move || {
                let repository = clone.open();
                for round in 0..4 {
                    let text = format!("{writer} {round}");
                    Ledger::new(&repository).append(&id(), Basis::Any, &[note(&repository, &text)]).unwrap();
                }
            });
        }
    });
    let loaded = Ledger::new(&repository).load(&id()).unwrap();
    assert_eq!(loaded.incident.notes.len(), 17);
    assert_eq!(loaded.incident.heads.len(), 1);
    assert_eq!(clone.git(["rev-list", "--count", REF]), "17");
}

#[test]
fn the_first_append_of_a_year_is_a_compare_and_swap_too() {
    let sandbox = Sandbox::new();
    let (_clone, repository) = with_incident(&sandbox);
    let other: IncidentId = "HF-2026-00000000".parse().unwrap();
    let events = [(EventId::of(b"x"), b"x".to_vec())];
    let late = repository.append(&other, None, &events, "late", jiff::Timestamp::UNIX_EPOCH);
    assert!(matches!(late, Err(crate::port::StoreError::Moved { year: 2026 })), "{late:?}");
}

#[test]
fn a_lost_object_damages_one_event() {
    let sandbox = Sandbox::new();
    let (clone, repository) = with_incident(&sandbox);
    let ledger = Ledger::new(&repository);
    let last = ledger.load(&id()).unwrap().events.pop().unwrap();
    let blob = clone.git(["rev-parse", &format!("{REF}:1d/{}/{}.json", id(), last.id)]);
    let (folder, file) = blob.split_at(2);
    std::fs::remove_file(clone.path.join(".git/objects").join(folder).join(file)).unwrap();
    let repository = clone.open();
    let loaded = Ledger::new(&repository).load(&id()).unwrap();
    assert_eq!(loaded.incident.title.as_given(), "Login fails");
    assert_eq!(loaded.damaged.iter().map(|damaged| &damaged.id).collect::<Vec<_>>(), [&last.id]);
}

#[test]
fn a_taken_lock_is_waited_for_and_then_named() {
    let sandbox = Sandbox::new();
    let (clone, repository) = with_incident(&sandbox);
    let lock = clone.lock_of(REF);
    clone.write(&lock, "");
    match Ledger::new(&repository).append(&id(), Basis::Any, &[note(&repository, "x")]) {
        Err(LedgerError::Store(error)) => {
            assert_eq!(error.kind, ErrorKind::Retry);
            assert!(error.hints[0].contains(&format!("{lock} is ")), "{:?}", error.hints);
        }
        other => panic!("{other:?}"),
    }
    std::fs::remove_file(clone.path.join(lock)).unwrap();
    assert_eq!(Ledger::new(&repository).load(&id()).unwrap().incident.notes.len(), 1);
}

#[test]
fn what_is_too_long_for_an_event_is_damage_of_its_own() {
    let sandbox = Sandbox::new();
    let (clone, repository) = with_incident(&sandbox);
    // One that fits, to see that it is its length.
    for (length, is_read) in [(1 << 20, true), (17 << 20, false)] {
        let bytes = vec![b' '; length];
        let event = EventId::of(&bytes);
        let tip = Ledger::new(&repository).tip(2026).unwrap();
        let stored = [(event.clone(), bytes)];
        repository.append(&id(), tip.as_deref(), &stored, "long", jiff::Timestamp::UNIX_EPOCH).unwrap();
        for packed in [false, true] {
            if packed {
                clone.git(["repack", "-a", "-d", "-q"]);
            }
            let loaded = Ledger::new(&clone.open()).load(&id()).unwrap();
            let found = loaded.damaged.iter().find(|damaged| damaged.id == event).unwrap();
            assert_eq!(found.why == Damage::Lost, !is_read, "{length} {packed}: {found}");
            assert_eq!(loaded.incident.notes.len(), 1);
        }
    }
}

#[test]
fn a_lock_whose_owner_died_is_cleared_and_no_other() {
    let sandbox = Sandbox::new();
    let (clone, _) = with_incident(&sandbox);
    if clone.has_tables() {
        return; // The one lock of all refs is git's alone, and is never cleared.
    }
    let (ours, file) = ("a".repeat(40), ".git/hotfix/tip-2026");
    let taken = |lock: &str| {
        clone.write(format!(".git/{REF}.lock"), lock);
        clone.write(".git/refs/hotfix/seen/2026.lock", lock);
        let repository = clone.open();
        Ledger::new(&repository).append(&id(), Basis::Any, &[note(&repository, "x")]).is_err()
    };
    assert!(taken("") && taken(&ours), "nobody of ours has died");
    // Killed at its lock, at the beginning of what it wrote there, and after that.
    for left in ["", "aaaa", &format!("{ours}\n")] {
        clone.write(file, &format!("moving {ours}\n"));
        assert!(!taken(left), "left: {left:?}");
        assert!(!clone.path.join(format!(".git/{REF}.lock")).exists());
        assert_eq!(
            std::fs::read_to_string(clone.path.join(file)).unwrap(),
            format!("moved  {}\n", clone.git(["rev-parse", REF]))
        );
        assert_eq!(clone.git(["rev-parse", "refs/hotfix/seen/2026"]), clone.git(["rev-parse", REF]));
    }
    // What was recorded before the kill leaves nothing to record; looking is enough then.
    let tip = clone.git(["rev-parse", REF]);
    for (at, then) in [(tip.clone(), format!("moved  {tip}\n")), (ours.clone(), String::new())] {
        clone.write(file, &format!("moving {at}\n"));
        clone.write(".git/refs/hotfix/seen/2026.lock", &format!("{at}\n"));
        let _ = Ledger::new(&clone.open()).incidents().unwrap();
        assert!(!clone.path.join(".git/refs/hotfix/seen/2026.lock").exists());
        assert_eq!(std::fs::read_to_string(clone.path.join(file)).unwrap(), then);
    }
    clone.write(file, &format!("moving {ours}\n"));
    assert!(taken(&"b".repeat(40)), "git writes another commit");
    assert_eq!(std::fs::read_to_string(clone.path.join(format!(".git/{REF}.lock"))).unwrap(), "b".repeat(40));
}

#[test]
fn a_lock_of_another_ref_of_ours_is_cleared_once_its_owner_died() {
    let sandbox = Sandbox::new();
    let (clone, repository) = with_incident(&sandbox);
    if clone.has_tables() {
        return; // The one lock of all refs is git's alone, and is never cleared.
    }
    let (to, file) = (repository.commit_of("HEAD").unwrap().unwrap(), ".git/hotfix/moving");
    let is_moved = |name: &str| {
        let name = RefName::known(name.to_owned());
        let expected = repository.commit_of_ref(&name).unwrap().map_or(Expected::Absent, Expected::At);
        repository.update_refs(&[RefUpdate { name, to: Some(to.clone()), expected }], "moved").is_ok()
    };
    for name in ["refs/hotfix-remotes/origin/2026", &format!("refs/hotfix/switch/{to}")] {
        let lock = format!(".git/{name}.lock");
        let left = |held: &str, told: &str| {
            clone.write(&lock, held);
            std::fs::File::open(clone.path.join(&lock)).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
            clone.write(file, told);
        };
        let told = format!("{to} {name}\n");
        for (held, told) in [("", ""), ("", "torn"), (&*"b".repeat(40), &*told)] {
            left(held, told);
            assert!(!is_moved(name) && clone.path.join(&lock).exists(), "none of ours: {held:?} {told:?}");
        }
        left("", &told);
        let alive = std::fs::File::open(clone.path.join(file)).unwrap();
        alive.lock().unwrap();
        assert!(!is_moved(name) && clone.path.join(&lock).exists(), "its owner lives");
        alive.unlock().unwrap();
        clone.write(&lock, "");
        let soon = std::time::SystemTime::now() + std::time::Duration::from_secs(3_600);
        std::fs::File::open(clone.path.join(&lock)).unwrap().set_modified(soon).unwrap();
        assert!(!is_moved(name) && clone.path.join(&lock).exists(), "somebody may be about to write it");
        for held in ["", to.as_str().get(..4).unwrap_or_default(), &format!("{to}\n")] {
            left(held, &told);
            assert!(is_moved(name) && !clone.path.join(&lock).exists(), "left: {held:?}");
            assert_eq!(std::fs::read_to_string(clone.path.join(file)).unwrap(), "");
        }
        // Whatever of ours moves next clears it.
        left("", &told);
        assert!(is_moved("refs/hotfix/aborted/HF-2026-00000000") && !clone.path.join(&lock).exists());
    }
    clone.write(".git/refs/heads/theirs.lock", "");
    clone.write(file, &format!("{to} refs/heads/theirs\n"));
    assert!(is_moved("refs/hotfix/aborted/HF-2026-00000000"));
    assert!(clone.path.join(".git/refs/heads/theirs.lock").exists(), "a branch is nobody's of ours");
}

#[test]
fn whoever_holds_the_turn_is_waited_for() {
    let sandbox = Sandbox::new();
    let (clone, repository) = with_incident(&sandbox);
    let held = std::fs::File::open(clone.path.join(".git/hotfix/tip-2026")).unwrap();
    held.lock().unwrap();
    let ledger = Ledger::new(&repository);
    match ledger.append(&id(), Basis::Any, &[note(&repository, "x")]) {
        Err(LedgerError::Store(error)) => assert_eq!(error.kind, ErrorKind::Retry),
        other => panic!("{other:?}"),
    }
    held.unlock().unwrap();
    ledger.append(&id(), Basis::Any, &[note(&repository, "x")]).unwrap();
}

/// Where [`an_append_in_a_process_of_its_own`] finds its repository.
const FOLDER: &str = "HOTFIX_TEST_APPEND_IN";

#[test]
fn an_append_is_on_the_disk_before_it_returns() {
    let sandbox = Sandbox::new();
    let (clone, repository) = with_incident(&sandbox);
    let settings = repository.durable().unwrap().repository.config().unwrap();
    assert!(settings.get_bool("core.fsyncObjectFiles").unwrap());
    let Ok(strace) = which::which("strace") else {
        return; // The setting above is all that can be seen without it.
    };
    let trace = sandbox.path("trace");
    let child = Command::new(strace)
        .args(["-f", "-y", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat", "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "adapter::tests::ledger::an_append_in_a_process_of_its_own"])
        .env(FOLDER, &clone.path)
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    let trace = std::fs::read_to_string(trace).unwrap();
    let synced: Vec<&str> = trace.lines().filter(|line| line.contains("sync(")).collect();
    let objects = synced.iter().filter(|line| line.contains("/objects/") && line.contains("tmp_object")).count();
    assert_eq!(objects, 5, "a blob, three trees and the commit:\n{trace}");
    let last_object = synced.iter().rposition(|line| line.contains("/objects/")).unwrap();
    if clone.has_tables() {
        let table = synced.iter().position(|line| line.contains("/reftable/")).unwrap();
        assert!(last_object < table, "objects, then the table:\n{trace}");
        return;
    }
    let tip = synced.iter().position(|line| line.contains("/refs/hotfix/ledger/2026.lock")).unwrap();
    let folder = synced.iter().rposition(|line| line.contains("/refs/hotfix/ledger>")).unwrap();
    assert!(last_object < tip && tip < folder, "objects, then the ref, then its folder:\n{trace}");
}

#[test]
#[ignore = "run under strace by an_append_is_on_the_disk_before_it_returns"]
fn an_append_in_a_process_of_its_own() {
    let repository = GitRepository::open(&PathBuf::from(std::env::var_os(FOLDER).unwrap())).unwrap();
    Ledger::new(&repository).append(&id(), Basis::Any, &[note(&repository, "durable")]).unwrap();
}

#[test]
fn an_odd_name_does_not_stop_the_record() {
    let sandbox = Sandbox::new();
    let (clone, _) = with_incident(&sandbox);
    clone.git(["config", "user.name", " Ada <the> first "]);
    clone.git(["config", "user.email", ""]);
    let repository = clone.open();
    Ledger::new(&repository).append(&id(), Basis::Any, &[note(&repository, "x")]).unwrap();
    assert_eq!(clone.git(["log", "-1", "--format=%an <%ae>", REF]), "Ada the first <unknown>");
}

#[test]
fn bare_repositories_and_submodules_have_a_ledger_too() {
    let sandbox = Sandbox::new();
    let (clone, origin) = sandbox.with_remote();
    origin.set_up();
    clone.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../origin.git", "library"]);
    let submodule = sandbox.at("clone/library");
    submodule.set_up();
    for place in [origin, submodule] {
        let repository = place.open();
        Ledger::new(&repository).append(&id(), Basis::New, &[opened(&repository)]).unwrap();
        assert!(Ledger::new(&repository).load(&id()).is_ok());
    }
}
