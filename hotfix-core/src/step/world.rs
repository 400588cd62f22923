//! A repository for tests of plans: what git would say, as plain data.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::domain::event::{Base, Opened, Origin, Production};
use crate::domain::{Event, EventId, EventKind, Fact, Incident, IncidentId, ObjectId, Person, Severity, Visibility};
use crate::evidence::Redactor;
use crate::ledger::Summary;
use crate::port::{
    Applied, Author, Change, CommitDetails, CommitFilter, ContentRead, ErrorKind, EvidenceReport, FileDiff, FileRules,
    FilesRead, GitHooks, Head, HistoryRead, Look, MergeInMemory, Operation, PortError, Reports, Repository,
    RepositoryRead, SubmoduleCommit, TreeEdit, Unfinished, WorkTreeState, Worktree, WorktreeRead,
};
use crate::workflow::{Answers, Context, Done, Network, Plan, Question, Refusal, Step, Then};

type PortResult<T> = Result<T, PortError>;

/// The world as a plan sees it.
pub(crate) struct World {
    pub(crate) place: Repository,
    pub(crate) head: Head,
    pub(crate) refs: BTreeMap<String, ObjectId>,
    pub(crate) ancestors: BTreeSet<(ObjectId, ObjectId)>,
    pub(crate) remotes: Vec<String>,
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) state: WorkTreeState,
    pub(crate) ignored: Vec<String>,
    pub(crate) changes: Vec<Change>,
    pub(crate) merge: Applied,
    /// What merging into, or picking onto, a commit gives, where it is not `merge`.
    pub(crate) onto: BTreeMap<ObjectId, Applied>,
    /// The lines whose merges only git can make.
    pub(crate) awaits_git: BTreeSet<ObjectId>,
    pub(crate) own: Vec<ObjectId>,
    pub(crate) ahead: usize,
    pub(crate) unfinished: Unfinished,
    pub(crate) messages: BTreeMap<String, ObjectId>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) reports: BTreeMap<String, Vec<u8>>,
    pub(crate) blame: BTreeMap<(String, u32), ObjectId>,
    pub(crate) committed: BTreeMap<(ObjectId, String), Vec<u8>>,
    pub(crate) names: Vec<String>,
    pub(crate) operation: Option<Operation>,
    pub(crate) worktrees: Vec<Worktree>,
    pub(crate) hooks: GitHooks,
    pub(crate) config: Config,
    pub(crate) events: Vec<EventKind>,
    pub(crate) others: Vec<Summary>,
    pub(crate) done: Vec<Done>,
    pub(crate) answers: Answers,
    pub(crate) network: Network,
}

/// The object id that is all this digit.
pub(crate) fn id(digit: char) -> ObjectId {
    digit.to_string().repeat(40).parse().expect("a hex digit repeated is an object id")
}

/// The incident of these tests.
pub(crate) fn incident_id() -> IncidentId {
    IncidentId::from_random(2026, [0; 5])
}

impl World {
    /// On `main` at `aaaa…`, which is what `origin` has; nothing is open.
    pub(crate) fn calm() -> Self {
        Self {
            place: Repository {
                git_dir: PathBuf::from("/shop/.git"),
                common_dir: PathBuf::from("/shop/.git"),
                work_tree: Some(PathBuf::from("/shop")),
                is_shallow: false,
            },
            head: Head::Branch { name: "main".to_owned(), commit: id('a') },
            refs: BTreeMap::from([
                ("refs/heads/main".to_owned(), id('a')),
                ("refs/remotes/origin/main".to_owned(), id('a')),
            ]),
            ancestors: BTreeSet::new(),
            remotes: vec!["origin".to_owned()],
            settings: BTreeMap::new(),
            state: WorkTreeState::default(),
            ignored: Vec::new(),
            changes: Vec::new(),
            merge: Applied::Clean(id('e')),
            onto: BTreeMap::new(),
            awaits_git: BTreeSet::new(),
            own: vec![id('b')],
            ahead: 0,
            unfinished: Unfinished::Nothing,
            messages: BTreeMap::new(),
            files: BTreeMap::new(),
            reports: BTreeMap::new(),
            blame: BTreeMap::new(),
            committed: BTreeMap::new(),
            names: vec!["go.mod".to_owned()],
            operation: None,
            worktrees: Vec::new(),
            hooks: GitHooks::default(),
            config: Config::default(),
            events: Vec::new(),
            others: Vec::new(),
            done: Vec::new(),
            answers: Answers::default(),
            network: Network::AsOfLastFetch,
        }
    }

    /// An incident is open, its branch is checked out and holds a fix at `bbbb…`.
    pub(crate) fn fixed() -> Self {
        let mut world = Self::calm();
        world.head = Head::Branch { name: "hotfix/login-fails".to_owned(), commit: id('b') };
        world.refs.insert("refs/heads/hotfix/login-fails".to_owned(), id('b'));
        world.ancestors.insert((id('a'), id('b')));
        world.events = vec![
            EventKind::Opened(Box::new(opened())),
            EventKind::BranchCreated { branch: "hotfix/login-fails".to_owned(), commit: id('a') },
        ];
        world
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
            events.push(Event { id: id.clone(), incident: incident_id(), parents, fact });
            parents = vec![id];
        }
        Incident::replay(&incident_id(), &events).ok()
    }

    /// What the step plans here.
    pub(crate) fn plan(&self, step: &dyn Step) -> Result<Plan, Refusal> {
        let incident = self.incident();
        step.plan(&Context {
            look: Look { git: self, files: self, reports: self },
            redactor: &Redactor::default(),
            now: "2026-11-22T09:41:00Z".parse().expect("a time"),
            config: &self.config,
            policy: None,
            wrong_rules: None,
            incident: incident.as_ref(),
            all: &self.others,
            open: &self.others,
            fresh: &incident_id(),
            known: &self.done.iter().cloned().collect(),
            answers: &self.answers,
            network: self.network,
            program: "git hotfix",
            prefer_cargo: false,
        })
    }

    /// What the step plans here, as a screen: actions as JSON, what is ahead, and what comes after.
    pub(crate) fn shown(&self, step: &dyn Step) -> String {
        match self.plan(step) {
            Ok(plan) => show(&plan),
            Err(refusal) => {
                let hints: String = refusal.hints.iter().map(|hint| format!("hint: {hint}\n")).collect();
                format!("{} {}: {refusal}\n{hints}", refusal.kind.key(), refusal.code)
            }
        }
    }
}

fn show(plan: &Plan) -> String {
    let line = |prefix: &str, view: &crate::workflow::ActionView| {
        format!("{prefix} {}\n", serde_json::to_string(view).expect("a view has only text"))
    };
    let mut text: String = plan.actions.iter().map(|action| line("now  ", &action.view())).collect();
    text.extend(plan.ahead.iter().map(|action| line("ahead", action)));
    text.extend(plan.notes.iter().map(|note| format!("note: {note}\n")));
    text.push_str(&match &plan.then {
        Then::LookAgain => "then look again\n".to_owned(),
        Then::Ask(Question::Severity(levels)) => {
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
    Opened {
        title: "Login fails".parse().unwrap(),
        slug: "login-fails".parse().expect("a slug"),
        branch: None,
        severity: Severity::Critical,
        impact: None,
        scope: None,
        source: None,
        visibility: Visibility::Open,
        base: Base { reference: "origin/main".to_owned(), commit: id('a') },
        production: Production { branch: "main".to_owned(), remote: Some("origin".to_owned()) },
        policy: None,
        origin: Origin::Branch("main".to_owned()),
    }
}

impl RepositoryRead for World {
    fn repository(&self) -> &Repository {
        &self.place
    }

    fn head(&self) -> PortResult<Head> {
        Ok(self.head.clone())
    }

    fn commit_of_ref(&self, full_name: &str) -> PortResult<Option<ObjectId>> {
        Ok(self.refs.get(full_name).cloned())
    }

    fn commit_of(&self, revision: &str) -> PortResult<Option<ObjectId>> {
        Ok(self.refs.get(&format!("refs/heads/{revision}")).cloned())
    }

    fn symbolic_ref(&self, full_name: &str) -> PortResult<Option<String>> {
        let default = || (full_name == "refs/remotes/origin/HEAD").then(|| "refs/remotes/origin/main".to_owned());
        Ok(self.settings.get(full_name).cloned().or_else(default))
    }

    fn refs_under(&self, prefix: &str) -> PortResult<Vec<(String, ObjectId)>> {
        let refs = self.refs.iter().filter(|(name, _)| name.starts_with(prefix));
        Ok(refs.map(|(name, commit)| (name.clone(), commit.clone())).collect())
    }

    fn config(&self, key: &str) -> PortResult<Option<String>> {
        Ok(self.settings.get(key).cloned())
    }

    fn remotes(&self) -> PortResult<Vec<String>> {
        Ok(self.remotes.clone())
    }

    fn remote_url(&self, remote: &str) -> PortResult<Option<String>> {
        Ok(self.settings.get(&format!("remote.{remote}.url")).cloned())
    }

    fn ssh_host_name(&self, host: &str) -> Option<String> {
        Some(self.settings.get(&format!("ssh:{host}")).cloned().unwrap_or_else(|| host.to_owned()))
    }

    fn identity(&self) -> PortResult<Person> {
        Ok(Person { name: "Ada".to_owned(), email: "ada@example.com".to_owned() })
    }

    fn hooks(&self, _: &[&str]) -> PortResult<GitHooks> {
        Ok(self.hooks.clone())
    }
}

impl HistoryRead for World {
    fn has_commit(&self, _: &ObjectId) -> PortResult<bool> {
        Ok(true)
    }

    fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> PortResult<bool> {
        Ok(ancestor == descendant || self.ancestors.contains(&(ancestor.clone(), descendant.clone())))
    }

    fn tree_of(&self, commit: &ObjectId) -> PortResult<ObjectId> {
        Ok(commit.clone())
    }

    fn details(&self, commit: &ObjectId) -> PortResult<CommitDetails> {
        let author =
            Author { name: "Ada".to_owned(), email: "ada@example.com".to_owned(), date: "1767603600 +0000".to_owned() };
        let message = "check the token\n\nTwice.\n".to_owned();
        Ok(CommitDetails { id: commit.clone(), parents: vec![id('a')], author, message })
    }

    fn own_commits(&self, _: &[ObjectId], _: &ObjectId) -> PortResult<Vec<CommitDetails>> {
        self.own.iter().map(|commit| self.details(commit)).collect()
    }

    fn commits(
        &self,
        _: Option<&ObjectId>,
        tip: &ObjectId,
        filter: CommitFilter<'_>,
        limit: usize,
    ) -> PortResult<Vec<CommitDetails>> {
        let commit = |id: &ObjectId, name: &str, message: &str| CommitDetails {
            id: id.clone(),
            parents: Vec::new(),
            author: Author { name: name.to_owned(), email: String::new(), date: String::new() },
            message: message.to_owned(),
        };
        Ok(match filter {
            CommitFilter::All => vec![commit(tip, "Ada", "check the token")],
            CommitFilter::Says(text) => {
                self.messages.get(text).map(|id| self.details(id)).transpose()?.into_iter().collect()
            }
            CommitFilter::Marked(_) => Vec::new(),
            CommitFilter::Touching(paths) => {
                let touched = self.blame.iter().filter(|((path, _), _)| paths.contains(path));
                touched.map(|(_, id)| commit(id, "Bo", "sell")).take(limit).collect()
            }
        })
    }

    fn count_between(&self, _: &ObjectId, _: &ObjectId, _: usize) -> PortResult<usize> {
        Ok(self.ahead)
    }

    fn brought_by(&self, commit: &ObjectId, _: &ObjectId) -> PortResult<Option<CommitDetails>> {
        let landed = self.events.iter().find_map(|event| match event {
            EventKind::Merged(landing) if landing.head == *commit => landing.lines.first().map(|line| &line.to),
            _ => None,
        });
        self.details(landed.unwrap_or(commit)).map(Some)
    }

    fn tag_before(&self, _: &ObjectId) -> PortResult<Option<(String, ObjectId)>> {
        Ok(self.refs.get("refs/tags/v1").map(|commit| ("v1".to_owned(), commit.clone())))
    }
}

impl ContentRead for World {
    fn file_at(&self, commit: &ObjectId, path: &str) -> PortResult<Option<Vec<u8>>> {
        Ok(self.committed.get(&(commit.clone(), path.to_owned())).cloned())
    }

    fn top_level_names(&self, _: &ObjectId) -> PortResult<Vec<String>> {
        Ok(self.names.clone())
    }

    fn files(&self, _: &ObjectId) -> PortResult<Vec<String>> {
        Ok(self.blame.keys().map(|(path, _)| path.clone()).collect())
    }

    fn changes(&self, _: &ObjectId, _: &ObjectId) -> PortResult<Vec<Change>> {
        Ok(self.changes.clone())
    }

    fn diff(&self, _: &ObjectId, _: &ObjectId) -> PortResult<Vec<FileDiff>> {
        let bare = |change: &Change| FileDiff {
            change: change.clone(),
            before: String::new(),
            after: String::new(),
            hunks: Vec::new(),
        };
        Ok(self.changes.iter().map(bare).collect())
    }

    fn patch(&self, _: &ObjectId, _: &ObjectId) -> PortResult<Vec<u8>> {
        Ok(b"diff --git a/x b/x\n".to_vec())
    }

    fn last_changes(&self, _: &ObjectId, path: &str, first: u32, last: u32) -> PortResult<Vec<(u32, ObjectId)>> {
        let changed = |line: u32| Some((line, self.blame.get(&(path.to_owned(), line))?.clone()));
        Ok((first..=last).filter_map(changed).collect())
    }

    fn submodule_commits(&self, _: &ObjectId, _: &ObjectId) -> PortResult<Vec<SubmoduleCommit>> {
        Ok(Vec::new())
    }
}

impl MergeInMemory for World {
    fn merge(&self, ours: &ObjectId, _: &ObjectId, _: FileRules<'_>) -> PortResult<Applied> {
        Ok(self.onto(ours))
    }

    fn apply(&self, _: &ObjectId, _: &ObjectId, onto: &ObjectId, _: FileRules<'_>) -> PortResult<Applied> {
        Ok(self.onto(onto))
    }

    fn awaits_git(&self, _: Option<&ObjectId>, ours: &ObjectId, _: &ObjectId) -> PortResult<bool> {
        Ok(self.awaits_git.contains(ours))
    }

    fn edit_tree(&self, base: &ObjectId, _: &[TreeEdit]) -> PortResult<ObjectId> {
        Ok(base.clone())
    }

    fn work_tree_as_tree(&self, _: &[String]) -> PortResult<ObjectId> {
        Ok(self.head.commit().cloned().unwrap_or_else(|| id('0')))
    }
}

impl WorktreeRead for World {
    fn worktrees(&self) -> PortResult<Vec<Worktree>> {
        Ok(self.worktrees.clone())
    }

    fn operation_in_progress(&self) -> PortResult<Option<Operation>> {
        Ok(self.operation)
    }

    fn work_tree_state(&self) -> PortResult<WorkTreeState> {
        Ok(self.state.clone())
    }

    fn untracked_files(&self) -> PortResult<Vec<String>> {
        Ok(self.state.untracked.clone())
    }

    fn ignored_files(&self, _: &dyn Fn(&str) -> bool) -> PortResult<Vec<String>> {
        Ok(self.ignored.clone())
    }

    fn is_clean(&self, _: &Path) -> PortResult<bool> {
        Ok(true)
    }

    fn unfinished(&self, _: &Path) -> PortResult<Unfinished> {
        Ok(self.unfinished.clone())
    }
}

impl World {
    fn onto(&self, commit: &ObjectId) -> Applied {
        self.onto.get(commit).unwrap_or(&self.merge).clone()
    }
}

impl Reports for World {
    fn report(&self, name: &str) -> PortResult<EvidenceReport> {
        let bytes = self.reports.get(name).cloned().ok_or_else(|| {
            PortError::new(ErrorKind::Precondition, format!("read `{name}`"), "there is no such file")
        })?;
        Ok(EvidenceReport { length: bytes.len() as u64, bytes })
    }
}

impl FilesRead for World {
    fn read(&self, path: &str) -> PortResult<Option<Vec<u8>>> {
        Ok(self.files.get(path).cloned())
    }

    fn is_vacant(&self, _: &Path) -> bool {
        true
    }
}
