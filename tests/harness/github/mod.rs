//! A GitHub in this process: what hotfix uses of its interface, with GitHub's own codes, over a bare repository, and
//! every way in which an answer can go wrong.

#![expect(clippy::indexing_slicing, reason = "a test that asks for what is not there has failed")]

mod api;
mod proxy;
mod wire;

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value as Json, json};

pub use proxy::Proxy;
use wire::{paged, read_request, render};

/// The only token that it takes.
pub const TOKEN: &str = "ghp_CanaryCanaryCanaryCanaryCanary0123456";

/// Who owns the repository.
const OWNER: &str = "dev";

/// What goes wrong with a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The connection ends before anything is done.
    CutBefore,
    /// The connection ends after it was done, without an answer.
    CutAfter,
    /// This status, with these headers and this body; nothing is done.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// It is done; the answer breaks off in its middle.
    Truncated,
    /// It is done; the answer is a page for people.
    Html,
    /// Nothing is done, and nothing is said for this long.
    Silence(Duration),
    /// It is done, and nothing is said for this long.
    SilenceAfter(Duration),
}

/// A fault for the next requests whose first line begins like this.
#[derive(Debug, Clone)]
struct Trap {
    begins: String,
    fault: Fault,
    times: usize,
    /// How many such requests pass before.
    passes: usize,
    /// Whether it waits until something was merged.
    after_merge: bool,
}

/// What the repository demands and allows; tests set it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Checks that must pass.
    pub checks: Vec<String>,
    /// Approvals that are needed.
    pub approvals: u32,
    /// Who may write.
    pub collaborators: Vec<String>,
    /// Whether merges go through a queue.
    pub queue: bool,
    /// The ways of merging: merge, squash, rebase.
    pub methods: [bool; 3],
    /// Whether a rule forbids merges on the branch.
    pub is_linear: bool,
    /// Whether the token's owner may pass over the rules.
    pub is_admin: bool,
    /// Whether the token may write.
    pub can_write: bool,
    /// Whether a merged branch is deleted.
    pub deletes_branches: bool,
    /// Whether the token's owner may set labels on issues; those of others are dropped without a word.
    pub can_label: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            checks: Vec::new(),
            approvals: 0,
            collaborators: ["ada", "dev"].map(str::to_owned).to_vec(),
            queue: false,
            methods: [true; 3],
            is_linear: false,
            is_admin: false,
            can_write: true,
            deletes_branches: false,
            can_label: true,
        }
    }
}

/// A pull request.
#[derive(Debug, Clone)]
struct Pull {
    title: String,
    body: String,
    /// Whose branch it is: `dev`'s, or the owner's of a fork.
    owner: String,
    head: String,
    base: String,
    draft: bool,
    state: &'static str,
    merged: Option<String>,
    merged_head: Option<String>,
    automatic: bool,
    labels: Vec<String>,
    reviewers: Vec<String>,
    assignees: Vec<String>,
    /// Who said what, oldest first.
    reviews: Vec<(String, &'static str)>,
}

impl Pull {
    /// How many approve by their last word.
    fn approvals(&self) -> usize {
        let words = self.reviews.iter().filter(|(_, state)| *state != "COMMENTED");
        let last: BTreeMap<&String, &str> = words.map(|(who, state)| (who, *state)).collect();
        last.values().filter(|state| **state == "APPROVED").count()
    }
}

#[derive(Debug, Default)]
struct State {
    settings: Settings,
    pulls: Vec<Pull>,
    issues: Vec<Json>,
    labels: Vec<String>,
    /// By commit and name: in progress (none), or its conclusion.
    runs: BTreeMap<(String, String), Option<String>>,
    traps: Vec<Trap>,
    fired: usize,
    log: Vec<String>,
    /// How many looks at the pull request until the queue, or the automation, merges it.
    patience: usize,
}

/// A running fake server; it ends with the test.
#[derive(Debug, Clone)]
pub struct GitHub {
    address: String,
    repository: PathBuf,
    /// Forks, by their owners.
    forks: BTreeMap<String, PathBuf>,
    state: Arc<Mutex<State>>,
}

impl GitHub {
    /// Serves the bare repository as `dev/shop`.
    pub fn serve(repository: &Path) -> Self {
        Self::serve_with_forks(repository, &[])
    }

    /// The same, with forks of it: whose each is, and its bare repository.
    pub fn serve_with_forks(repository: &Path, forks: &[(&str, &Path)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("this machine has a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let forks = forks.iter().map(|(owner, path)| ((*owner).to_owned(), (*path).to_owned())).collect();
        let github = Self { address, repository: repository.to_owned(), forks, state: Arc::default() };
        let server = github.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                thread::spawn(move || server.talk(stream));
            }
        });
        github
    }

    /// The address of its interface.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The configuration that leads there.
    pub fn hotfix_toml(&self) -> String {
        format!("[forge]\nkind = \"github\"\napi = \"{}\"\nrepository = \"dev/shop\"\n", self.address)
    }

    /// Changes what the repository demands.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.state().settings);
    }

    /// The next request that begins like this (`POST /repos/dev/shop/pulls`) meets the fault.
    pub fn trap(&self, begins: &str, fault: Fault) {
        self.trap_often(begins, fault, 1);
    }

    /// So many such requests meet the fault.
    pub fn trap_often(&self, begins: &str, fault: Fault, times: usize) {
        self.state().traps.push(Trap { begins: begins.to_owned(), fault, times, passes: 0, after_merge: false });
    }

    /// The request of this number, from 1 and from now on, meets the fault.
    pub fn trap_nth(&self, number: usize, fault: Fault) {
        let trap = Trap { begins: String::new(), fault, times: 1, passes: number - 1, after_merge: false };
        self.state().traps.push(trap);
    }

    /// Every request that begins like this meets the fault, once something was merged.
    pub fn trap_after_merge(&self, begins: &str, fault: Fault) {
        self.state().traps.push(Trap {
            begins: begins.to_owned(),
            fault,
            times: usize::MAX,
            passes: 0,
            after_merge: true,
        });
    }

    /// All is well from now on.
    pub fn clear_traps(&self) {
        self.state().traps.clear();
    }

    /// How many requests met a fault.
    pub fn fired(&self) -> usize {
        self.state().fired
    }

    /// The requests so far, as method and path, without what only reads.
    pub fn writes(&self) -> Vec<String> {
        self.state().log.iter().filter(|line| !line.starts_with("GET")).cloned().collect()
    }

    /// How often a request that begins like this came.
    pub fn count(&self, begins: &str) -> usize {
        self.state().log.iter().filter(|line| line.starts_with(begins)).count()
    }

    /// Reports a check for a branch's tip; `None` is still running.
    pub fn report(&self, branch: &str, check: &str, conclusion: Option<&str>) {
        let commit = self.tip(branch).expect("the branch is there");
        self.state().runs.insert((commit, check.to_owned()), conclusion.map(str::to_owned));
    }

    /// Approves the pull request.
    pub fn approve(&self, number: usize, who: &str) {
        self.review(number, who, "APPROVED");
    }

    /// Reviews the pull request, in GitHub's words: `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED`.
    pub fn review(&self, number: usize, who: &str, state: &'static str) {
        self.state().pulls[number - 1].reviews.push((who.to_owned(), state));
    }

    /// Merges by itself after so many looks.
    pub fn merge_after_looks(&self, looks: usize) {
        self.state().patience = looks;
    }

    /// What is known of a pull request.
    pub fn pull(&self, number: usize) -> Json {
        let state = self.state();
        let pull = &state.pulls[number - 1];
        json!({
            "title": pull.title, "body": pull.body, "head": format!("{}:{}", pull.owner, pull.head), "base": pull.base, "state": pull.state, "draft": pull.draft, "labels": pull.labels,
            "reviewers": pull.reviewers, "assignees": pull.assignees, "merged": pull.merged, "automatic": pull.automatic,
        })
    }

    /// Opens a pull request behind hotfix's back.
    pub fn open_pull(&self, head: &str, title: &str) {
        let pull = self.new_pull(&json!({ "head": head, "base": "main", "title": title, "body": "" }));
        self.state().pulls.push(pull);
    }

    /// Turns a pull request to another branch behind hotfix's back.
    pub fn retarget_pull(&self, number: usize, base: &str) {
        base.clone_into(&mut self.state().pulls[number - 1].base);
    }

    /// Closes a pull request behind hotfix's back.
    pub fn close_pull(&self, number: usize) {
        self.state().pulls[number - 1].state = "closed";
    }

    /// Merges a pull request behind hotfix's back.
    pub fn merge_pull(&self, number: usize, method: &str) {
        let mut state = self.state();
        self.do_merge(&mut state, number - 1, method, "Merged by somebody");
    }

    /// Merges the target into a pull request's branch, as the button "Update branch" does.
    pub fn update_branch(&self, number: usize) {
        let pull = self.state().pulls[number - 1].clone();
        let (head, base) = (self.tip_of(&pull), self.tip(&pull.base));
        let (head, base) = (head.expect("its branch is there"), base.expect("its target is there"));
        let tree = self.git(&["merge-tree", "--write-tree", &head, &base]).expect("they merge");
        let message = format!("Merge branch '{}' into {}", pull.base, pull.head);
        let commit = self.git(&["commit-tree", &tree, "-m", &message, "-p", &head, "-p", &base]);
        let name = format!("refs/heads/{}", pull.head);
        self.git(&["update-ref", &name, &commit.expect("it is written"), &head]).expect("nobody else moves it");
    }

    /// How many pull requests there are.
    pub fn pulls(&self) -> usize {
        self.state().pulls.len()
    }

    /// Opens an issue behind hotfix's back.
    pub fn open_issue(&self, title: &str) {
        let mut state = self.state();
        let issue = self.new_issue(&state, &json!({ "title": title, "body": "" }));
        state.issues.push(issue);
    }

    /// All issues.
    pub fn issues(&self) -> Vec<Json> {
        self.state().issues.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn git(&self, arguments: &[&str]) -> Option<String> {
        let mut git = Command::new("git");
        git.arg("--git-dir").arg(&self.repository).args(arguments).env("GIT_CONFIG_NOSYSTEM", "1");
        git.env("GIT_CONFIG_GLOBAL", "/dev/null");
        for (who, name) in [("AUTHOR", "GitHub"), ("COMMITTER", "GitHub")] {
            git.env(format!("GIT_{who}_NAME"), name).env(format!("GIT_{who}_EMAIL"), "noreply@github.com");
        }
        let output = git.output().expect("git is installed");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn tip(&self, branch: &str) -> Option<String> {
        self.git(&["rev-parse", "--quiet", "--verify", &format!("refs/heads/{branch}")])
    }

    /// The tip of a pull request's branch. As at GitHub, what a fork has of it is in the repository too.
    fn tip_of(&self, pull: &Pull) -> Option<String> {
        let Some(fork) = self.forks.get(&pull.owner) else {
            return self.tip(&pull.head).filter(|_| pull.owner == OWNER);
        };
        let fork = fork.to_string_lossy();
        let kept = format!("refs/pull/{}/{}/head", pull.owner, pull.head);
        self.git(&["fetch", "--quiet", "--no-tags", &fork, &format!("+refs/heads/{}:{kept}", pull.head)])?;
        self.git(&["rev-parse", "--quiet", "--verify", &kept])
    }

    fn new_issue(&self, state: &State, body: &Json) -> Json {
        let number = 100 + state.issues.len();
        let labels = body["labels"].as_array().cloned().filter(|_| state.settings.can_label).unwrap_or_default();
        json!({
            "number": number, "html_url": format!("https://github.com/dev/shop/issues/{number}"), "state": "open",
            "title": body["title"], "body": body["body"], "labels": labels,
        })
    }

    fn new_pull(&self, body: &Json) -> Pull {
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let head = text("head");
        let (owner, branch) = head.split_once(':').unwrap_or((OWNER, &head));
        Pull {
            title: text("title"),
            body: text("body"),
            owner: owner.to_owned(),
            head: branch.to_owned(),
            base: text("base"),
            draft: body["draft"].as_bool().unwrap_or(false),
            state: "open",
            merged: None,
            merged_head: None,
            automatic: false,
            labels: Vec::new(),
            reviewers: Vec::new(),
            assignees: Vec::new(),
            reviews: Vec::new(),
        }
    }

    /// Talks over one connection until a fault or the other side ends it.
    fn talk(&self, stream: impl Read + Write) {
        let mut reader = BufReader::new(stream);
        while let Some(request) = read_request(&mut reader) {
            let line = format!("{} {}", request.method, request.path);
            let fault = self.fault(&line);
            let answer = match &fault {
                Some(Fault::CutBefore) => break,
                Some(Fault::Silence(time)) => {
                    thread::sleep(*time);
                    break;
                }
                Some(Fault::Answer(status, headers, body)) => render(*status, headers, body),
                _ => {
                    let (status, body) = self.answer(&request);
                    let (body, link) = paged(&self.address, &request, body);
                    let body = if body.is_null() { String::new() } else { body.to_string() };
                    let scopes = ("x-oauth-scopes", "repo, read:org".to_owned());
                    let headers: Vec<_> = std::iter::once(scopes).chain(link.map(|link| ("link", link))).collect();
                    render(status, &headers, &body)
                }
            };
            let (answer, ends) = match fault {
                Some(Fault::CutAfter) => break,
                Some(Fault::SilenceAfter(time)) => {
                    thread::sleep(time);
                    break;
                }
                Some(Fault::Truncated) => (answer.chars().take(answer.len() - answer.len() / 4).collect(), true),
                Some(Fault::Html) => (render(200, &[], "<html>Please log in to the network</html>"), true),
                _ => (answer, false),
            };
            if reader.get_mut().write_all(answer.as_bytes()).is_err() || ends {
                break;
            }
        }
    }

    /// Notes the request, and the fault that it meets.
    fn fault(&self, line: &str) -> Option<Fault> {
        let mut state = self.state();
        state.log.push(line.to_owned());
        let State { traps, pulls, .. } = &mut *state;
        let is_merged = pulls.iter().any(|pull| pull.merged.is_some());
        let is_due = |trap: &Trap| trap.times > 0 && (is_merged || !trap.after_merge);
        let trap = traps.iter_mut().find(|trap| is_due(trap) && line.starts_with(&trap.begins))?;
        if trap.passes > 0 {
            trap.passes -= 1;
            return None;
        }
        trap.times -= 1;
        let fault = trap.fault.clone();
        state.fired += 1;
        Some(fault)
    }
}
