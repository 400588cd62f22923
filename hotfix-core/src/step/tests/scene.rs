//! A small repository for tests of plans: real commits, refs and files, so that what a plan is told is what git says. What is
//! not git's (reports, files that are read as rules, programs) is given as data.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use git2::{Oid, Repository, Signature, Time};

use crate::adapter::GitRepository;
use crate::config::Config;
use crate::domain::event::{Base, Opened, Production};
use crate::domain::{Event, EventId, EventKind, Fact, Incident, IncidentId, ObjectId, Person, Severity, Workplace};
use crate::evidence::Redactor;
use crate::ledger::Summary;
use crate::port::{
    ErrorKind, EvidenceReport, FilesRead, Head, Look, Operation, PortError, Reports, Unfinished, WorkTreeState,
    Worktree,
};
use crate::workflow::{ActionView, Answers, Context, Done, Network, Plan, Question, Reader, Refusal, Step, Then};

/// A repository as a plan finds it. It is laid out anew for each plan.
pub(crate) struct Scene {
    pub(crate) root: tempfile::TempDir,
    /// What HEAD names; a branch of it is there.
    pub(crate) head: Head,
    pub(crate) refs: BTreeMap<String, ObjectId>,
    pub(crate) remotes: Vec<String>,
    /// Settings of git; where a key is a ref, it is a symbolic one, and `ssh:NAME` is what ssh takes a name for.
    pub(crate) settings: BTreeMap<String, String>,
    /// What is not committed.
    pub(crate) state: WorkTreeState,
    pub(crate) ignored: Vec<String>,
    pub(crate) operation: Option<Operation>,
    /// Further work trees, and what somebody is at in them.
    pub(crate) worktrees: Vec<Worktree>,
    pub(crate) unfinished: Unfinished,
    /// Hooks: scripts, with whether they may run.
    pub(crate) hooks: BTreeMap<String, (String, bool)>,
    /// Where history is cut off.
    pub(crate) cuts: Vec<ObjectId>,
    pub(crate) is_bare: bool,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) reports: BTreeMap<String, Vec<u8>>,
    pub(crate) config: Config,
    pub(crate) events: Vec<EventKind>,
    pub(crate) others: Vec<Summary>,
    pub(crate) done: Vec<Done>,
    pub(crate) answers: Answers,
    pub(crate) network: Network,
    pub(crate) reader: Reader,
}

/// A commit of every scene: its letter, its parents, the files that it writes, its author and message. In messages, `{c}` is the
/// id of the commit `c`.
type Told = (char, &'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);

const LOGIN: &str = "package shop\n\nimport \"net/http\"\n\nfunc login(token string) bool {\n\tlog()\n\treturn true\n}\n\nfunc log() {\n}\n";
const FIXED: &str = "package shop\n\nimport \"net/http\"\n\nfunc login(token string) bool {\n\tlog()\n\tvalid := check(token)\n\treturn valid\n}\n\nfunc log() {\n}\n";
const OTHERWISE: &str = "package shop\n\nimport \"net/http\"\n\nfunc login(token string) bool {\n\tlog()\n\treturn len(token) > 9\n}\n\nfunc log() {\n}\n";
const CART: &str = "fn cart() {\n    open();\n    add(1);\n    add(2);\n    add(3);\n    add(4);\n    sell();\n    pay();\n    close();\n}\n";
const CHECKED: &str = "fn cart() {\n    open();\n    add(1);\n    add(2);\n    add(3);\n    add(4);\n    sell();\n    pay();\n    shut();\n}\n";

/// `9` is what was released, `a` production's tip 14 commits later, `b` the fix and `c` its merge; `7` reverts the merge and `8`
/// the revert. `d` and `k` are development, which `k` makes conflict with the fix, `e` is `d` with the fix merged and `q` with
/// the fix squashed, which `r` reverts; `x` adds to the fix. `1`, `2` and `3`
/// are release branches of which `3` has the fix, `o` one that lacks all since `9`, and `n` another that conflicts, settled in `v`; `p` has a script, and `m` is the merge as hotfix makes it.
const HISTORY: [Told; 22] = [
    ('9', "", &[("go.mod", "module shop\n"), ("src/login.go", LOGIN), ("src/cart.rs", CART)], "Bo", "sell"),
    ('s', "9", &[], "Ada", "count the sales"),
    ('a', "s", &[("src/cart.rs", CHECKED)], "Ada", "check the token"),
    ('b', "a", &[("src/login.go", FIXED)], "Ada", "check the token\n\nTwice.\n"),
    ('c', "ab", &[("src/login.go", FIXED)], "Ada", "Merge hotfix: Login fails"),
    ('7', "c", &[("src/login.go", LOGIN)], "Ada", "Revert\n\nThis reverts commit {c}.\n"),
    ('8', "7", &[("src/login.go", FIXED)], "Ada", "Reapply\n\nThis reverts commit {7}.\n"),
    ('d', "a", &[("docs/develop.md", "new\n")], "Bo", "develop"),
    ('k', "a", &[("src/login.go", OTHERWISE)], "Bo", "develop otherwise"),
    ('e', "db", &[("src/login.go", FIXED)], "Ada", "Merge hotfix: Login fails"),
    ('q', "d", &[("src/login.go", FIXED)], "Ada", "check the token (#7)"),
    ('x', "b", &[("docs/fix.md", "twice\n")], "Bo", "say so"),
    ('1', "a", &[("docs/1.md", "1.0\n")], "Bo", "release 1.0"),
    ('2', "a", &[("docs/1.md", "1.10\n")], "Bo", "release 1.10"),
    ('3', "a", &[("src/login.go", FIXED)], "Bo", "check the token in 1.9"),
    ('f', "9", &[("docs/f.md", "f\n")], "Bo", "something else"),
    ('p', "a", &[("ship.sh", "#!/bin/sh\n")], "Bo", "ship by a script"),
    ('o', "9", &[("docs/1.md", "0.9\n")], "Bo", "release 0.9"),
    ('m', "ab", &[("src/login.go", FIXED)], "Ada", "Merge hotfix: Login fails\n\nHotfix-Incident: HF-2026-00000000\n"),
    ('r', "q", &[("src/login.go", LOGIN)], "Bo", "Revert\n\nThis reverts commit {q}.\n"),
    ('n', "9", &[("src/login.go", OTHERWISE)], "Bo", "release 0.8"),
    ('v', "n", &[("src/login.go", FIXED)], "Ada", "check the token\n\n(cherry picked from commit {b})\n"),
];

/// Names that ssh takes for themselves, whatever the settings of whoever runs the tests.
const HOSTS: [&str; 5] = ["github.com", "ssh.github.com", "acme.ghe.com", "ghe.example", "work"];

/// How many commits stand for `s`.
const SALES: usize = 13;

/// The history, written once: the commit and tree of each letter, and the files of a pack that holds all.
struct History {
    ids: BTreeMap<char, (ObjectId, ObjectId)>,
    pack: Vec<(OsString, Vec<u8>)>,
}

static MADE: LazyLock<History> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = Repository::init_bare(folder.path()).expect("it is made");
    let ids = commits(&repository);
    let mut pack = repository.packbuilder().expect("it is made");
    let mut walk = repository.revwalk().expect("it is made");
    ids.values().for_each(|(commit, _)| walk.push(oid(commit)).expect("it is here"));
    pack.insert_walk(&mut walk).expect("all is here");
    let place = repository.path().join("objects/pack");
    pack.write(&place, 0o644).expect("it is written");
    let files = std::fs::read_dir(&place).expect("it is there").flatten();
    let read = |file: std::fs::DirEntry| (file.file_name(), std::fs::read(file.path()).expect("it is there"));
    History { ids, pack: files.map(read).collect() }
});

/// Writes the commits; dates are fixed, so their ids are, too. Each with its tree.
fn commits(repository: &Repository) -> BTreeMap<char, (ObjectId, ObjectId)> {
    let mut made: BTreeMap<char, Oid> = BTreeMap::new();
    let mut seconds = 1_767_603_600;
    for (letter, parents, files, author, message) in HISTORY {
        let mut parents: Vec<Oid> = parents.chars().map(|parent| made[&parent]).collect();
        let message = made.iter().fold(message.to_owned(), |message, (letter, id)| {
            message.replace(&format!("{{{letter}}}"), &id.to_string())
        });
        for _ in 0..if letter == 's' { SALES } else { 1 } {
            seconds += 60;
            let commits: Vec<_> = parents.iter().map(|id| repository.find_commit(*id).expect("it is made")).collect();
            let base = match commits.first() {
                Some(first) => first.tree().expect("it is made"),
                None => {
                    let empty = repository.treebuilder(None).and_then(|tree| tree.write()).expect("it is made");
                    repository.find_tree(empty).expect("it is made")
                }
            };
            let mut update = git2::build::TreeUpdateBuilder::new();
            for (path, text) in files {
                update.upsert(*path, repository.blob(text.as_bytes()).expect("it is made"), git2::FileMode::Blob);
            }
            let tree = update.create_updated(repository, &base).expect("it is made");
            let tree = repository.find_tree(tree).expect("it is made");
            let email = format!("{}@example.com", author.to_lowercase());
            let by = Signature::new(author, &email, &Time::new(seconds, 0)).expect("a name");
            let commits: Vec<_> = commits.iter().collect();
            #[expect(clippy::disallowed_methods, reason = "a test whose disk is full fails at the next line")]
            let id = repository.commit(None, &by, &by, &message, &tree, &commits).expect("it is made");
            parents = vec![id];
            made.insert(letter, id);
        }
    }
    let ids = |id: Oid| {
        let tree = repository.find_commit(id).expect("it is made").tree_id();
        [id, tree].map(|id| id.to_string().parse().expect("an id"))
    };
    made.into_iter().map(|(letter, id)| (letter, ids(id).into())).collect()
}

/// The commit of a letter, which is how it is shown; of a digit that stands for none, an id that is not here.
pub(crate) fn id(letter: char) -> ObjectId {
    MADE.ids
        .get(&letter)
        .map_or_else(|| letter.to_string().repeat(40).parse().expect("a digit"), |(commit, _)| commit.clone())
}

/// The tree of a commit.
pub(crate) fn tree(letter: char) -> ObjectId {
    MADE.ids[&letter].1.clone()
}

/// The incident of these tests.
pub(crate) fn incident_id() -> IncidentId {
    IncidentId::from_random(2026, [0; 5])
}

/// A repository that was laid out.
pub(crate) struct LaidOut(GitRepository);

impl Scene {
    /// On `main` at `a`, which is what `origin` has; nothing is open.
    pub(crate) fn calm() -> Self {
        Self {
            root: tempfile::tempdir().expect("there is room"),
            head: Head::Branch { name: "main".to_owned(), commit: id('a') },
            refs: BTreeMap::from([
                ("refs/heads/main".to_owned(), id('a')),
                ("refs/remotes/origin/main".to_owned(), id('a')),
            ]),
            remotes: vec!["origin".to_owned()],
            settings: BTreeMap::new(),
            state: WorkTreeState::default(),
            ignored: Vec::new(),
            operation: None,
            worktrees: Vec::new(),
            unfinished: Unfinished::Nothing,
            hooks: BTreeMap::new(),
            cuts: Vec::new(),
            is_bare: false,
            files: BTreeMap::new(),
            reports: BTreeMap::new(),
            config: Config::default(),
            events: Vec::new(),
            others: Vec::new(),
            done: Vec::new(),
            answers: Answers::default(),
            network: Network::AsOfLastFetch,
            reader: Reader::default(),
        }
    }

    /// An incident is open, its branch is checked out and holds a fix at `b`.
    pub(crate) fn fixed() -> Self {
        let mut scene = Self::calm();
        scene.head = Head::Branch { name: "hotfix/login-fails".to_owned(), commit: id('b') };
        scene.refs.insert("refs/heads/hotfix/login-fails".to_owned(), id('b'));
        scene.events = vec![
            EventKind::Opened(Box::new(opened())),
            EventKind::BranchCreated { branch: "hotfix/login-fails".parse().unwrap(), commit: id('a') },
        ];
        scene
    }

    /// The incident that the events tell.
    pub(crate) fn incident(&self) -> Option<Incident> {
        let by = Person { name: "Ada".to_owned(), email: "ada@example.com".to_owned() };
        let at = "2026-11-22T09:00:00Z".parse().expect("a time");
        let mut parents = Vec::new();
        let mut events = Vec::new();
        for (place, kind) in self.events.iter().enumerate() {
            let id = EventId::of(&place.to_be_bytes());
            let fact = Fact { at, by: by.clone(), kind: kind.clone() };
            events.push(Event { id: id.clone(), incident: incident_id(), parents, needs: 0, fact });
            parents = vec![id];
        }
        Incident::replay(&incident_id(), &events).ok()
    }

    /// What the step plans here.
    pub(crate) fn plan(&self, step: &dyn Step) -> Result<Plan, Refusal> {
        self.ask(&self.lay_out().0, |context| step.plan(context))
    }

    /// Asks something of this repository, or of another one in its place.
    pub(crate) fn ask<T>(&self, git: &GitRepository, question: impl FnOnce(&Context<'_>) -> T) -> T {
        let incident = self.incident();
        question(&Context {
            look: Look { git, files: self, reports: self },
            redactor: &Redactor::default(),
            now: "2026-11-22T09:41:00Z".parse().expect("a time"),
            config: &self.config,
            policy: None,
            wrong_rules: None,
            incident: incident.as_ref(),
            names_incident: false,
            incidents: &self.others.clone().into(),
            new_id: &incident_id(),
            known: &self.done.iter().cloned().collect(),
            answers: &self.answers,
            network: self.network,
            workplace: &Workplace::new("here", "laptop"),
            reader: &self.reader,
            program: "git hotfix",
            prefer_cargo: false,
        })
    }

    /// What a plan may look at.
    pub(crate) fn look<'a>(&'a self, repository: &'a LaidOut) -> Look<'a> {
        Look { git: &repository.0, files: self, reports: self }
    }

    /// What the step plans here, as a screen: actions as JSON, what is ahead, and what comes after.
    pub(crate) fn shown(&self, step: &dyn Step) -> String {
        self.readable(&match self.plan(step) {
            Ok(plan) => show(&plan),
            Err(refusal) => {
                let hints: String = refusal.hints.iter().map(|hint| format!("hint: {hint}\n")).collect();
                format!("{} {}: {refusal}\n{hints}", refusal.kind.key(), refusal.code)
            }
        })
    }

    /// A text with letters in place of ids, and the repository at `/shop`.
    pub(crate) fn readable(&self, text: &str) -> String {
        let root = self.top().with_file_name("");
        let text = text.replace(root.to_str().expect("a plain path"), "/");
        MADE.ids.iter().fold(text, |text, (letter, (commit, _))| {
            let letters = |count| letter.to_string().repeat(count);
            text.replace(commit.as_str(), &letters(40)).replace(commit.short(), &letters(9))
        })
    }

    fn top(&self) -> PathBuf {
        self.root.path().canonicalize().expect("it is there").join("shop")
    }

    /// Makes the repository.
    #[expect(clippy::disallowed_methods, reason = "the folder is of the test's own")]
    pub(crate) fn lay_out(&self) -> LaidOut {
        let top = self.top();
        for there in std::fs::read_dir(top.with_file_name("")).expect("it is there").flatten() {
            std::fs::remove_dir_all(there.path()).expect("it can be removed");
        }
        let git_dir = if self.is_bare { top.clone() } else { top.join(".git") };
        self.set_up(&git_dir);
        let repository = Repository::open(&git_dir).expect("it is made");
        self.check_out(&repository);
        for worktree in &self.worktrees {
            self.link(&repository, worktree);
        }
        let opened = GitRepository::open(&top).expect("it is a repository");
        HOSTS.into_iter().for_each(|host| opened.take_ssh_host_for(host, host));
        for (key, name) in &self.settings {
            key.strip_prefix("ssh:").into_iter().for_each(|host| opened.take_ssh_host_for(host, name));
        }
        LaidOut(opened)
    }

    /// Writes the git directory as files: that takes a fraction of the time of making it step by step.
    fn set_up(&self, git_dir: &Path) {
        let hooks = if self.is_bare { "hooks" } else { ".git/hooks" };
        let bare = self.is_bare.to_string();
        let mut settings = BTreeMap::from([
            ("core.repositoryFormatVersion".to_owned(), "0"),
            ("core.bare".to_owned(), bare.as_str()),
            ("core.hooksPath".to_owned(), hooks),
            ("user.name".to_owned(), "Ada"),
            ("user.email".to_owned(), "ada@example.com"),
            ("commit.gpgSign".to_owned(), "false"),
        ]);
        for remote in &self.remotes {
            settings.insert(format!("remote.{remote}.url"), "/srv/shop.git");
        }
        let is_setting = |key: &str| !key.starts_with("ssh:") && !key.starts_with("refs/");
        settings.extend(
            self.settings.iter().filter(|(key, _)| is_setting(key)).map(|(key, value)| (key.clone(), &**value)),
        );
        let line = |(key, value): (String, &str)| {
            let (section, key) = key.rsplit_once('.').expect("a key");
            let section =
                section.split_once('.').map_or(section.to_owned(), |(name, rest)| format!("{name} \"{rest}\""));
            format!("[{section}]\n\t{key} = \"{value}\"\n")
        };
        write(&git_dir.join("config"), settings.into_iter().map(line).collect::<String>());
        for (name, bytes) in &MADE.pack {
            write(&git_dir.join("objects/pack").join(name), bytes);
        }
        let mut refs = self.refs.clone();
        let head = match &self.head {
            Head::Branch { name, commit } => {
                refs.insert(format!("refs/heads/{name}"), commit.clone());
                format!("ref: refs/heads/{name}\n")
            }
            Head::Detached { commit } => format!("{commit}\n"),
            Head::Unborn { name } => format!("ref: refs/heads/{name}\n"),
        };
        write(&git_dir.join("HEAD"), head);
        let packed: String = refs.iter().map(|(name, commit)| format!("{commit} {name}\n")).collect();
        write(&git_dir.join("packed-refs"), format!("# pack-refs with: sorted \n{packed}"));
        let origin = self.remotes.iter().any(|remote| remote == "origin");
        let default = ("refs/remotes/origin/HEAD".to_owned(), "refs/remotes/origin/main".to_owned());
        let symbolic = origin.then_some(default).into_iter().chain(self.settings.clone());
        for (name, target) in symbolic.filter(|(name, _)| name.starts_with("refs/")) {
            write(&git_dir.join(name), format!("ref: {target}\n"));
        }
        if !self.cuts.is_empty() {
            write(&git_dir.join("shallow"), self.cuts.iter().map(|cut| format!("{cut}\n")).collect::<String>());
        }
        for folder in ["refs/heads", "hooks"] {
            std::fs::create_dir_all(git_dir.join(folder)).expect("it is made");
        }
        for (name, (script, may_run)) in &self.hooks {
            use std::os::unix::fs::PermissionsExt as _;
            let path = git_dir.join("hooks").join(name);
            write(&path, script);
            let mode = if *may_run { 0o755 } else { 0o644 };
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
        }
    }

    fn check_out(&self, repository: &Repository) {
        let Some(top) = repository.workdir() else { return };
        repository.checkout_head(Some(git2::build::CheckoutBuilder::new().force())).expect("it is made");
        for path in self.state.changed.iter().chain(&self.state.untracked).chain(&self.ignored) {
            write(&top.join(path), "changed\n");
        }
        write(&repository.path().join("info/exclude"), self.ignored.join("\n"));
        conflict(repository, &self.state.conflicted);
        if let Some(operation) = self.operation {
            let file = match operation {
                Operation::Merge => "MERGE_HEAD",
                Operation::Rebase => "rebase-merge/head-name",
                Operation::Am => "rebase-apply/applying",
                Operation::CherryPick => "CHERRY_PICK_HEAD",
                Operation::Revert => "REVERT_HEAD",
                Operation::Bisect => "BISECT_LOG",
            };
            write(&repository.path().join(file), format!("{}\n", id('9')));
        }
    }

    /// Makes a linked work tree.
    #[expect(clippy::disallowed_methods, reason = "its refs are in files")]
    fn link(&self, repository: &Repository, worktree: &Worktree) {
        let path = self.top().with_file_name("").join(worktree.path.strip_prefix("/").expect("it is absolute"));
        let branch = worktree.branch.as_deref().expect("it is on a branch");
        let name = format!("refs/heads/{branch}");
        let reference = match repository.find_reference(&name) {
            Ok(found) => found,
            Err(_) => repository.reference(&name, oid(&id('d')), true, "").expect("it is made"),
        };
        let mut options = git2::WorktreeAddOptions::new();
        options.reference(Some(&reference));
        let name = branch.replace('/', "-");
        repository.worktree(&name, &path, Some(&options)).expect("it is made");
        let linked = Repository::open(&path).expect("it is made");
        if self.unfinished != Unfinished::Nothing {
            write(&linked.path().join("MERGE_HEAD"), format!("{}\n", id('b')));
        }
        if let Unfinished::Conflicts(paths) = &self.unfinished {
            conflict(&linked, paths);
        }
    }
}

/// Leaves conflicts in the index.
fn conflict(repository: &Repository, paths: &[String]) {
    let mut index = repository.index().expect("it is there");
    for path in paths {
        let mut entry = index.get_path(Path::new(path), 0).expect("it is tracked");
        index.remove(Path::new(path), 0).expect("it is tracked");
        for stage in 1..=3 {
            entry.id = repository.blob(format!("{stage}\n").as_bytes()).expect("it is made");
            entry.flags = entry.flags & !0x3000 | stage << 12;
            index.add(&entry).expect("it is made");
        }
    }
    index.write().expect("it is made");
}

#[expect(clippy::disallowed_methods, reason = "the folder is the test's own")]
fn write(path: &Path, text: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("it is made");
    std::fs::write(path, text).expect("it is written");
}

#[expect(clippy::disallowed_methods, reason = "its ids are of SHA-1")]
fn oid(id: &ObjectId) -> Oid {
    Oid::from_str(id.as_str()).expect("an id")
}

fn show(plan: &Plan) -> String {
    let line = |prefix: &str, view: &ActionView| {
        format!("{prefix} {}\n", serde_json::to_string(view).expect("a view has only text"))
    };
    let mut text: String = plan.actions.iter().map(|action| line("now  ", &action.view())).collect();
    text.extend(plan.ahead.iter().map(|action| line("ahead", action)));
    text.extend(plan.notes.iter().map(|note| format!("note: {note}\n")));
    text.extend(plan.notes_after.iter().map(|note| format!("note, once that is done: {note}\n")));
    text.push_str(&match &plan.then {
        Then::LookAgain => "then look again\n".to_owned(),
        Then::Ask(Question::Severity { levels, .. }) => {
            let keys: Vec<&str> = levels.iter().map(|level| level.severity.key()).collect();
            format!("then ask how bad it is: {}\n", keys.join(", "))
        }
        Then::Ask(question) => format!("then ask {question:?}\n"),
        Then::AskOrAssume(question) => format!("then ask {question:?}, or take it for a yes\n"),
        Then::Offer(question, otherwise) => format!("then offer {question:?}, or: {otherwise}\n"),
        Then::OfferMore(question, otherwise) => format!("then offer {question:?}, or: {}", otherwise.text),
        Then::Finish(outcome) => match &outcome.failure {
            Some(failure) => format!("{}then fail: {failure}\n", outcome.text),
            None => format!("then finish:\n{}", outcome.text),
        },
    });
    text
}

/// What was opened in these tests.
pub(crate) fn opened() -> Opened {
    let (title, slug) = ("Login fails".parse().expect("a title"), "login-fails".parse().expect("a slug"));
    let base = Base { reference: "origin/main".to_owned(), commit: id('a') };
    let production = Production { branch: "main".parse().unwrap(), remote: Some("origin".to_owned()) };
    Opened::new(title, slug, Severity::Critical, base, production)
}

impl Reports for Scene {
    fn whole(&self, name: &str) -> Result<Vec<u8>, PortError> {
        Ok(self.report(name)?.bytes.to_vec())
    }

    fn report(&self, name: &str) -> Result<EvidenceReport, PortError> {
        let bytes = self.reports.get(name).cloned().ok_or_else(|| {
            PortError::new(ErrorKind::Precondition, format!("read `{name}`"), "there is no such file")
        })?;
        Ok(EvidenceReport { length: bytes.len() as u64, bytes: bytes.into() })
    }
}

impl FilesRead for Scene {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, PortError> {
        Ok(self.files.get(path).cloned())
    }

    fn is_linked(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    fn is_vacant(&self, _: &Path) -> bool {
        true
    }
}
