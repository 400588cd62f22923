//! Switches that were cut short: git is killed, or fails, when it comes to a path whose filter does that, with some of the
//! files written. What git left is taken back; what a person made, before or since, stays to the byte.

use std::fs::{File, Permissions, read_link, remove_file, symlink_metadata};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use crate::domain::ObjectId;
use crate::port::{SwitchRepair as _, SwitchTo, WorktreeRead as _, WorktreeWrite as _};

use super::sandbox::{Clone, Sandbox, refusal};
use super::template::RepositoryTemplate;

const FILES: usize = 30;
/// Where git is killed: it checks out by name.
const KILLED_AT: &str = "d/f015";
const NOT_REACHED: &str = "d/f020";

/// Two commits far apart, the first of them checked out.
struct Apart {
    clone: Clone,
    from: ObjectId,
    to: ObjectId,
}

fn content(number: usize) -> String {
    format!("file {number}\n{}", "a line of it\n".repeat(20))
}

fn beginning(text: &str, of: usize) -> String {
    text.chars().take(of).collect()
}

impl Apart {
    fn new(sandbox: &Sandbox) -> Self {
        static TEMPLATE: OnceLock<RepositoryTemplate> = OnceLock::new();
        Self::of(sandbox.as_in(&TEMPLATE, "clone", |clone| Self::make(clone, "")))
    }

    fn with_attributes(sandbox: &Sandbox, attributes: &str) -> Self {
        let clone = sandbox.empty("clone", &[]);
        Self::make(&clone, attributes);
        Self::of(clone)
    }

    fn make(clone: &Clone, attributes: &str) {
        clone.write(".gitattributes", attributes);
        clone.write("d/changed", "as it was\n");
        clone.write("d/gone", "it goes\n");
        clone.write("folder/inside", "it becomes a file\n");
        clone.hook("d/script", "true");
        clone.commit_all("from");
        for number in 0..FILES {
            clone.write(format!("d/f{number:03}"), &content(number));
        }
        clone.write("d/changed", &"as it is now\n".repeat(9));
        clone.write("d/sub/folder/file", "deep\n");
        clone.git(["rm", "--quiet", "d/gone", "folder/inside"]);
        clone.write("folder", "a file\n");
        symlink("f001", clone.path.join("d/link")).unwrap();
        clone.git(["update-index", "--chmod=-x", "d/script"]);
        std::fs::set_permissions(clone.path.join("d/script"), Permissions::from_mode(0o644)).unwrap();
        clone.commit_all("to");
        clone.git(["switch", "--quiet", "--detach", "HEAD~"]);
    }

    fn of(clone: Clone) -> Self {
        // A file that was copied is another one to git's index.
        clone.git(["update-index", "--refresh"]);
        let (from, to) = (clone.id("HEAD"), clone.id("main"));
        Self { clone, from, to }
    }

    /// git dies by this when it comes to a path, until [`Self::calm`].
    fn cut_at(&self, path: &str, how: &str) {
        self.clone.write(".git/info/attributes", &format!("{path} filter=cut\n"));
        self.clone.git(["config", "filter.cut.smudge", how]);
        self.clone.git(["config", "filter.cut.required", "true"]);
    }

    fn calm(&self) {
        self.clone.write(".git/info/attributes", "");
        let _ = remove_file(self.clone.path.join(".git/index.lock")); // As the book says of a killed git.
    }

    /// The real thing, and proof of it: some files are there, and others are not.
    fn cut(&self) {
        self.cut_at(KILLED_AT, "kill -9 $PPID");
        refusal(self.switch());
        assert!(self.has("d/f014") && !self.has(KILLED_AT) && !self.has(NOT_REACHED), "it was not cut short");
        assert_eq!(self.clone.id("HEAD"), self.from);
        assert!(self.clone.git(["status", "--porcelain"]).lines().count() > 1);
        self.calm();
    }

    fn switch(&self) -> Result<(), crate::port::PortError> {
        self.clone.open().switch(None, &SwitchTo::Commit(self.to.clone()))
    }

    /// How many paths a cut switch left.
    fn left(&self) -> usize {
        self.clone.open().cut_switch().unwrap().map_or(0, |cut| cut.paths)
    }

    fn take_back(&self) {
        self.clone.open().take_back().unwrap();
        assert_eq!(self.left(), 0);
        assert!(!self.has(".git/hotfix-switch"));
    }

    fn has(&self, path: &str) -> bool {
        symlink_metadata(self.clone.path.join(path)).is_ok()
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.clone.path.join(path)).unwrap()
    }

    fn status(&self) -> String {
        self.clone.git(["status", "--porcelain", "--untracked-files=all"])
    }

    fn set_time(&self, path: &str, time: SystemTime) {
        File::options().write(true).open(self.clone.path.join(path)).unwrap().set_modified(time).unwrap();
    }
}

#[test]
fn what_a_killed_git_left_is_taken_back() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.cut();
    let left = apart.left();
    assert!(left > 15, "{left}");
    apart.take_back();
    assert_eq!(apart.status(), "");
    assert_eq!((apart.read("d/changed"), apart.read("d/gone")), ("as it was\n".to_owned(), "it goes\n".to_owned()));
    assert_eq!(apart.read("folder/inside"), "it becomes a file\n");
    assert!(!apart.has("d/sub"), "folders that git made are gone");
    // And then it gets there.
    apart.switch().unwrap();
    assert_eq!((apart.status(), apart.clone.id("HEAD")), (String::new(), apart.to.clone()));
}

#[test]
fn a_switch_that_nobody_cuts_leaves_nothing_to_take_back() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    // The same filter, and it does its work.
    apart.cut_at(KILLED_AT, "cat");
    apart.clone.git(["config", "filter.cut.clean", "cat"]);
    apart.switch().unwrap();
    assert!(apart.has(KILLED_AT) && !apart.has(".git/hotfix-switch"));
    assert_eq!((apart.status(), apart.left()), (String::new(), 0));
}

#[test]
fn the_next_switch_takes_back_what_the_last_one_left() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.cut();
    apart.switch().unwrap();
    assert_eq!((apart.status(), apart.clone.id("HEAD")), (String::new(), apart.to.clone()));
}

#[test]
fn a_fast_forward_in_another_work_tree_is_taken_back_there() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    let other = sandbox.path("other");
    apart.clone.git(["worktree", "add", "--quiet", "-b", "there", other.to_str().unwrap(), apart.from.as_str()]);
    apart.cut_at(KILLED_AT, "kill -9 $PPID");
    refusal(apart.clone.open().fast_forward(&other, &apart.to));
    assert!(other.join("d/f014").exists() && !other.join(NOT_REACHED).exists(), "it was not cut short");
    assert_eq!(apart.left(), 0, "nothing of it is here");
    apart.calm();
    let _ = remove_file(apart.clone.path.join(".git/worktrees/other/index.lock"));
    apart.clone.open().fast_forward(&other, &apart.to).unwrap();
    assert_eq!(sandbox.at("other").git(["status", "--porcelain"]), "");
    assert_eq!(apart.clone.id("there"), apart.to);
}

#[test]
fn a_beginning_of_a_file_is_taken_back_too() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.cut();
    apart.clone.write(KILLED_AT, &beginning(&content(15), 40));
    apart.clone.write("d/f016", "");
    apart.take_back();
    assert_eq!(apart.status(), "");
}

#[test]
fn what_git_reached_with_its_index_is_taken_back_with_it() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    // The moment between the index and HEAD: all is there, and HEAD does not say so.
    apart.cut();
    apart.clone.git(["read-tree", "--reset", "-u", apart.to.as_str()]);
    assert!(apart.has(NOT_REACHED) && apart.clone.id("HEAD") == apart.from);
    apart.take_back();
    assert_eq!(apart.status(), "");
    assert_eq!(apart.read("d/changed"), "as it was\n");
}

#[test]
fn taking_back_can_be_cut_short_too() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.cut();
    // Files come back by name, and this one is the first that is killed at.
    apart.cut_at("d/gone", "kill -9 $PPID");
    refusal(apart.clone.open().take_back());
    assert!(!apart.has("d/gone") && !apart.has("d/f001"), "it was not cut short");
    apart.calm();
    apart.clone.write("d/gone", "it g");
    apart.take_back();
    assert_eq!((apart.status(), apart.read("d/gone")), (String::new(), "it goes\n".to_owned()));
}

#[test]
fn files_that_were_in_the_way_are_as_they_were() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.clone.write(NOT_REACHED, "mine\n");
    apart.clone.write("d/changed", "edited\n");
    apart.clone.write("d/f007", &beginning(&content(7), 9));
    apart.clone.write("d/f008", "");
    let before = apart.status();
    refusal(apart.switch());
    assert!(!apart.has("d/f001"), "git refuses before it begins");
    assert_eq!((apart.left(), apart.status()), (0, before));
    assert!(!apart.has(".git/hotfix-switch"));
    assert_eq!((apart.read(NOT_REACHED), apart.read("d/changed")), ("mine\n".to_owned(), "edited\n".to_owned()));
    assert_eq!((apart.read("d/f007"), apart.read("d/f008")), (beginning(&content(7), 9), String::new()));
}

#[test]
fn what_was_removed_before_is_not_brought_back() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    remove_file(apart.clone.path.join("d/gone")).unwrap();
    apart.clone.write(NOT_REACHED, "mine\n");
    refusal(apart.switch());
    assert_eq!((apart.left(), apart.status()), (0, format!(" D d/gone\n?? {NOT_REACHED}")));
    remove_file(apart.clone.path.join(NOT_REACHED)).unwrap();
    apart.cut();
    apart.take_back();
    assert_eq!(apart.status(), " D d/gone");
}

#[test]
fn work_beside_a_cut_switch_stays() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.clone.write("README", "edited before\n");
    apart.clone.write("staged", "staged before\n");
    apart.clone.git(["add", "staged"]);
    apart.clone.write("src/lib.rs", "staged, too\n");
    apart.clone.git(["add", "src/lib.rs"]);
    apart.clone.write("untracked", "before\n");
    let before = apart.status();
    apart.cut();
    apart.take_back();
    assert_eq!(apart.status(), before);
    assert_eq!((apart.read("README"), apart.read("untracked")), ("edited before\n".to_owned(), "before\n".to_owned()));
    assert_eq!(apart.clone.git(["show", ":staged"]), "staged before");
}

/// What a person did after the cut, in paths of the other side: all of it stays.
#[test]
fn work_in_the_paths_of_a_cut_switch_stays() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.cut();
    let path = |name: &str| apart.clone.path.join(name);
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    // Where git had been.
    apart.clone.write("d/f001", &format!("{}and more\n", content(1)));
    apart.clone.write("d/changed", "edited since\n");
    std::fs::set_permissions(path("d/f002"), Permissions::from_mode(0o755)).unwrap();
    apart.clone.write("d/f003", "staged since\n");
    apart.clone.git(["add", "d/f003"]);
    apart.set_time("d/f004", long_ago);
    // Where it had not.
    apart.clone.write("d/f020", "untracked\n");
    apart.clone.write("d/f021", &beginning(&content(21), 30));
    apart.set_time("d/f021", long_ago);
    apart.clone.write("d/f022", &content(22).replace('\n', "\r\n"));
    symlink("f020", path("d/f023")).unwrap();
    std::fs::create_dir(path("d/f024")).unwrap();
    apart.clone.write("d/f024/inside", "mine\n");
    apart.take_back();

    assert_eq!(apart.read("d/f001"), format!("{}and more\n", content(1)));
    assert_eq!(apart.read("d/changed"), "edited since\n");
    assert_eq!(symlink_metadata(path("d/f002")).unwrap().permissions().mode() & 0o111, 0o111);
    assert_eq!(
        (apart.read("d/f003"), apart.clone.git(["show", ":d/f003"])),
        ("staged since\n".into(), "staged since".into())
    );
    assert_eq!(apart.read("d/f004"), content(4));
    assert_eq!((apart.read("d/f020"), apart.read("d/f021")), ("untracked\n".to_owned(), beginning(&content(21), 30)));
    assert_eq!(apart.read("d/f022"), content(22).replace('\n', "\r\n"));
    assert_eq!(read_link(path("d/f023")).unwrap(), Path::new("f020"));
    assert_eq!(apart.read("d/f024/inside"), "mine\n");
    let stays = " M d/changed\nA  d/f003\n?? d/f001\n?? d/f002\n?? d/f004\n?? d/f020\n?? d/f021\n?? d/f022\n?? d/f023\n?? d/f024/inside";
    assert_eq!(apart.status(), stays);
}

#[test]
fn nothing_is_followed_out_of_the_work_tree() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.cut();
    // Somebody keeps the folder elsewhere, with what looks like git's files.
    let elsewhere = sandbox.path("elsewhere");
    std::fs::rename(apart.clone.path.join("d"), &elsewhere).unwrap();
    symlink(&elsewhere, apart.clone.path.join("d")).unwrap();
    apart.clone.open().take_back().unwrap();
    assert_eq!(std::fs::read_to_string(elsewhere.join("f001")).unwrap(), content(1));
    assert!(!elsewhere.join("gone").exists() && elsewhere.join("f014").exists());
    assert_eq!(apart.left(), 0);
}

#[test]
fn what_a_cut_switch_left_is_taken_back_after_a_commit_too() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.cut();
    // One path of the switch becomes the person's, another is committed as git brought it.
    apart.clone.write("d/f003", "a work of mine\n");
    apart.clone.git(["add", "d/f001"]);
    apart.clone.git(["commit", "--quiet", "-m", "went on"]);
    apart.clone.write("mine", "mine\n");
    assert!(apart.left() > 10);
    apart.clone.open().take_back().unwrap();
    assert_eq!(apart.status(), "?? d/f003\n?? mine");
    assert!(apart.has("d/f001"));
    assert_eq!(apart.left(), 0);
}

#[test]
fn a_switch_that_a_person_ended_is_no_remainder() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.cut();
    apart.clone.git(["switch", "--quiet", "--force", "--detach", apart.to.as_str()]);
    apart.clone.write("d/f003", "");
    assert_eq!(apart.left(), 0);
    let before = apart.status();
    apart.clone.open().take_back().unwrap();
    assert_eq!(apart.status(), before);
}

#[test]
fn files_that_filters_wrote_are_known() {
    let sandbox = Sandbox::new();
    let apart = Apart::with_attributes(&sandbox, "* text=auto eol=crlf\n");
    apart.cut();
    assert!(apart.read("d/f001").contains("it\r\n"), "the filter did its work");
    let partly = beginning(&apart.read("d/f001"), 50);
    apart.clone.write("d/f001", &partly);
    apart.clone.write("d/f003", &format!("{}mine\r\n", apart.read("d/f003")));
    apart.clone.write("d/f020", "mine\r\n");
    apart.take_back();
    assert_eq!(apart.status(), "?? d/f003\n?? d/f020");
    assert_eq!(apart.read("d/f020"), "mine\r\n");
    assert!(apart.read("d/f003").ends_with("it\r\nmine\r\n"));
}

#[test]
fn a_filter_that_is_not_reversible_is_asked_for_what_it_writes() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.clone.git(["config", "filter.shout.smudge", "tr a-z A-Z"]);
    let attributes = format!("d/f* filter=shout\n{KILLED_AT} filter=cut\n");
    apart.clone.git(["config", "filter.cut.smudge", "kill -9 $PPID"]);
    apart.clone.write(".git/info/attributes", &attributes);
    refusal(apart.switch());
    assert!(apart.read("d/f014").starts_with("FILE 14") && !apart.has(NOT_REACHED), "it was not cut short");
    apart.calm();
    apart.clone.write(".git/info/attributes", "d/f* filter=shout\n");
    apart.clone.write("d/f002", "FILE");
    apart.clone.write("d/f003", "FILE 3, AND MINE\n");
    apart.take_back();
    assert_eq!(apart.status(), "?? d/f003");
}

#[test]
fn who_is_at_it_is_left_in_peace() {
    let sandbox = Sandbox::new();
    let apart = Apart::new(&sandbox);
    apart.cut();
    let intent = File::open(apart.clone.path.join(".git/hotfix-switch")).unwrap();
    intent.lock().unwrap();
    let before = apart.status();
    assert!(refusal(apart.clone.open().cut_switch()).hints[0].contains("same command again"));
    refusal(apart.clone.open().take_back());
    refusal(apart.switch());
    assert_eq!(apart.status(), before);
    // Not by its end: a program that another test starts in this moment may still hold it.
    intent.unlock().unwrap();
    apart.take_back();
    assert_eq!(apart.status(), "");
}

#[test]
fn a_submodule_that_nobody_fetched_is_no_remainder() {
    let sandbox = Sandbox::new();
    let library = sandbox.repository("library");
    let apart = Apart::new(&sandbox);
    let add = |at: &ObjectId| {
        apart.clone.git(["update-index", "--add", "--cacheinfo", &format!("160000,{},module", at.as_str())]);
        apart.clone.git(["commit", "--quiet", "-m", "module"]);
        apart.clone.id("HEAD")
    };
    let from = add(&library.id("HEAD"));
    std::fs::create_dir(apart.clone.path.join("module")).unwrap();
    let to = add(&library.commit_all("second"));
    apart.clone.git(["switch", "--quiet", "--detach", from.as_str()]);
    let clone = apart.clone.open();
    apart.clone.write(".git/index.lock", "");
    refusal(clone.switch(None, &SwitchTo::Commit(to)));
    assert_eq!(apart.left(), 0);
    assert!(apart.has("module"));
}

/// A work tree that git was killed in making.
fn half_made(sandbox: &Sandbox, attributes: &str) -> (Apart, Clone) {
    let apart = Apart::with_attributes(sandbox, attributes);
    let kill = "kill -9 $(ps -o ppid= -p $PPID) $PPID";
    apart.cut_at(KILLED_AT, kill);
    let linked = sandbox.path("linked");
    refusal(apart.clone.open().add_worktree(&linked, "hotfix/x", &apart.to));
    assert!(linked.join("d/f014").exists() && !linked.join(NOT_REACHED).exists(), "it was not cut short");
    apart.calm();
    let trees = apart.clone.open().worktrees().unwrap();
    assert!(trees.iter().any(|tree| !tree.is_current && tree.branch.is_none()), "{trees:?}");
    assert!(apart.clone.open().is_half_made(&linked).unwrap());
    (apart, sandbox.at("linked"))
}

#[test]
fn a_work_tree_that_was_made_by_half_is_made_anew() {
    for attributes in ["", "* text=auto eol=crlf\n"] {
        let sandbox = Sandbox::new();
        let (apart, linked) = half_made(&sandbox, attributes);
        linked.write("d/f016", &beginning(&content(16), 7));
        apart.clone.open().add_worktree(&linked.path, "hotfix/x", &apart.to).unwrap();
        assert_eq!((linked.git(["status", "--porcelain"]), linked.id("hotfix/x")), (String::new(), apart.to.clone()));
        assert!(!apart.clone.open().is_half_made(&linked.path).unwrap());
        // One that is finished is left as it is.
        linked.write("mine", "x\n");
        assert!(refusal(apart.clone.open().remove_worktree(&linked.path, &apart.to)).source.is_some());
        assert!(linked.path.join("mine").exists());
    }
}

#[test]
fn what_a_person_has_in_a_work_tree_that_was_made_by_half_stays() {
    let sandbox = Sandbox::new();
    let (apart, linked) = half_made(&sandbox, "");
    let remove = || apart.clone.open().remove_worktree(&linked.path, &apart.to);
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    let file = linked.path.join("d/f003");
    for spoil in ["edited", "older", "more", "link", "executable"] {
        let before = std::fs::read(&file).unwrap();
        let modified = symlink_metadata(&file).unwrap().modified().unwrap();
        match spoil {
            "edited" => std::fs::write(&file, "mine\n").unwrap(),
            "older" => File::options().write(true).open(&file).unwrap().set_modified(long_ago).unwrap(),
            "more" => linked.write(".env", "KEY=1\n"),
            "link" => symlink("f003", linked.path.join("d/f025")).unwrap(),
            _ => std::fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap(),
        }
        let error = refusal(remove());
        assert!(error.hints[0].contains("Move what is yours"), "{spoil}: {error:?}");
        assert!(file.exists() && linked.path.join("d/f014").exists(), "{spoil}");
        let _ = (remove_file(linked.path.join(".env")), remove_file(linked.path.join("d/f025")));
        std::fs::write(&file, before).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
    }
    remove().unwrap();
    assert!(!linked.path.exists());
}

#[test]
fn a_work_tree_of_which_git_removed_the_beginning_is_made_anew_or_removed() {
    // git that cannot go on removes its own files first; before that it writes them one after the other.
    let gone = ["HEAD", "commondir HEAD locked index.lock", "gitdir", "", "gitdir commondir HEAD locked logs", ".git"];
    for (gone, is_aborted) in gone.into_iter().flat_map(|gone| [(gone, false), (gone, true)]) {
        let sandbox = Sandbox::new();
        let (apart, linked) = half_made(&sandbox, "");
        let git_dir = apart.clone.path.join(".git/worktrees/linked");
        match gone {
            "" => std::fs::remove_dir_all(git_dir).unwrap(),
            ".git" => remove_file(linked.path.join(".git")).unwrap(),
            names => names.split(' ').for_each(|name| drop(remove_file(git_dir.join(name)))),
        }
        assert!(apart.clone.open().is_half_made(&linked.path).unwrap(), "{gone}");
        linked.write("mine", "x\n");
        let go_on = || match is_aborted {
            true => apart.clone.open().remove_worktree(&linked.path, &apart.to),
            false => apart.clone.open().add_worktree(&linked.path, "hotfix/x", &apart.to),
        };
        assert!(refusal(go_on()).hints[0].contains("Move what is yours"), "{gone}");
        assert!(linked.path.join("mine").exists() && linked.path.join("d/f014").exists(), "{gone}");
        remove_file(linked.path.join("mine")).unwrap();
        go_on().unwrap();
        if is_aborted {
            assert!(!linked.path.exists() && apart.clone.open().worktrees().unwrap().len() == 1, "{gone}");
            continue;
        }
        assert_eq!((linked.git(["status", "--porcelain"]), linked.id("hotfix/x")), (String::new(), apart.to.clone()));
    }
}
