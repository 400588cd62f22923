//! Which of the repository's git hooks run in a hotfix, and when? Told without running any; pre-push, whose effect is its
//! answer, is run with `--hooks`, after asking. The others may change files or the message, and are only named.

use std::path::Path;

use crate::config::Deliver;
use crate::domain::{ObjectId, RefName, one_line};
use crate::port::{Expected, GitHook, GitHooks, HookFault, PortError, Push, RefUpdate};
use crate::production::{self, fork, hosting};
use crate::workflow::Health;
use crate::workflow::action::query::PrePush;

use super::push::SLUG;
use super::{CheckVerdict, Examination, Halt, Setup};

const PRE_PUSH: &str = "pre-push";
const AT_COMMITS: &str = "at every commit, yours and hotfix's in the work tree";

/// The hooks that git runs for what hotfix and the person do in a hotfix, and when; of pre-push more is said.
const HOOKS: [(&str, &str); 10] = [
    (PRE_PUSH, ""),
    ("post-checkout", "at open, and whenever a branch is switched to"),
    ("pre-commit", AT_COMMITS),
    ("prepare-commit-msg", AT_COMMITS),
    ("commit-msg", AT_COMMITS),
    ("post-commit", AT_COMMITS),
    ("post-rewrite", "when a commit is amended"),
    ("post-merge", "after ship, where a branch here follows"),
    ("reference-transaction", "whenever git moves a ref"),
    ("post-index-change", "whenever git writes the index"),
];

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let found = setup.context.look.git.hooks(&HOOKS.map(|(name, _)| name))?;
    // husky's folder is made by npm install: in a fresh clone no hook runs, without a word from git.
    if found.is_lost {
        let folder = path_text(&found.folder);
        let message = format!("core.hooksPath names {folder}, which is not there: git runs no hook");
        let fix = if folder.contains(".husky") {
            "npm install, which makes it"
        } else {
            "make it, or git config --unset core.hooksPath"
        };
        return Ok(CheckVerdict::warning(message, fix));
    }
    let faulty: Vec<(&GitHook, &HookFault)> =
        found.hooks.iter().filter_map(|hook| Some((hook, hook.fault.as_ref()?))).collect();
    let pushes = pushes(setup)?;
    let mut verdict = named(&found, &pushes);
    if let Some((hook, _)) = faulty.first() {
        let faults: Vec<String> = faulty.iter().map(|(hook, fault)| describe_fault(hook, fault)).collect();
        let several = format!("{}; {}", faults.join("; "), verdict.message);
        let message = if faulty.len() == found.hooks.len() { faults.join("; ") } else { several };
        verdict = CheckVerdict::warning(message, fix_of_fault(hook));
    }
    // The one hook whose effect is its exit code; others change files or the message.
    let Some(pre_push) = found.hooks.iter().find(|hook| hook.name == PRE_PUSH && hook.fault.is_none()) else {
        return Ok(verdict);
    };
    if pushes.is_empty() {
        return Ok(verdict);
    }
    if !setup.runs_hooks {
        verdict.message.push_str(&format!("; none was run: `{} doctor --hooks` tries pre-push", setup.context.program));
        return Ok(verdict);
    }
    // Git LFS sends its files from there, and that is an effect on the remote.
    if pre_push.uploads {
        verdict.message.push_str("; none was run: pre-push uploads files (Git LFS)");
        return Ok(verdict);
    }
    rehearsed(setup, pre_push, pushes, verdict)
}

/// What pre-push says to these pushes.
fn rehearsed(
    setup: &Setup<'_>,
    hook: &GitHook,
    pushes: Vec<Rehearsal>,
    calm: CheckVerdict,
) -> Result<CheckVerdict, Halt> {
    let git_dir = setup.context.look.git.repository().git_dir.clone();
    // All in one round, as above.
    let mut asked = Vec::new();
    for Rehearsal { push, url, branch, target, .. } in pushes {
        let pre_push = PrePush { program: hook.program.clone(), push, url, git_dir: git_dir.clone() };
        asked.push((branch, target, setup.ask(Examination::PrePush(pre_push))));
    }
    let mut passed = Vec::new();
    let mut noes = Vec::new();
    let mut fix = None;
    for (branch, target, answer) in asked {
        match answer? {
            Ok(_) => passed.push(branch),
            Err(trouble) => {
                noes.push(format!("{}, run as for a push of {branch}, {}", path_text(&hook.file), trouble.message));
                fix.get_or_insert((branch, target));
            }
        }
    }
    let passed =
        if passed.is_empty() { String::new() } else { format!("; pre-push lets {} pass", passed.join(" and ")) };
    let Some((branch, target)) = fix else {
        return Ok(CheckVerdict { message: format!("{}{passed}; no other was run", calm.message), ..calm });
    };
    let fix = fix_of_no(setup, hook, &branch, target);
    // The fix is there by then.
    let state = if target == PushPurpose::Records { Health::Warning } else { Health::Failure };
    Ok(CheckVerdict { state, ..CheckVerdict::warning(format!("{}{passed}", noes.join("; ")), fix) })
}

/// The hooks with when they run, those that run at the same time together.
fn named(found: &GitHooks, pushes: &[Rehearsal]) -> CheckVerdict {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for hook in found.hooks.iter().filter(|hook| hook.fault.is_none()) {
        let when = HOOKS.iter().find(|(name, _)| *name == hook.name).map_or("", |(_, when)| when);
        let when = if hook.name == PRE_PUSH { when_pushed(pushes) } else { when.to_owned() };
        match groups.iter_mut().find(|(known, _)| *known == when) {
            Some((_, names)) => names.push(&hook.name),
            None => groups.push((when, vec![&hook.name])),
        }
    }
    if groups.is_empty() {
        return CheckVerdict::ok("git runs none here");
    }
    let groups: Vec<String> = groups.iter().map(|(when, names)| format!("{}: {when}", names.join(", "))).collect();
    let folder = found.hooks.first().and_then(|hook| hook.file.parent()).unwrap_or(&found.folder);
    CheckVerdict::ok(format!("in {}: {}", path_text(folder), groups.join("; ")))
}

fn when_pushed(pushes: &[Rehearsal]) -> String {
    let names: Vec<&str> = pushes.iter().map(|push| push.label.as_str()).collect();
    if names.is_empty() {
        "never, nothing is pushed".to_owned()
    } else {
        format!("at pr, ship and close, for {}", names.join(" and "))
    }
}

/// What a push is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PushPurpose {
    /// The hotfix branch.
    Branch,
    /// The landing on production.
    Production,
    /// The records on production, where a service merges the fix.
    Records,
}

/// A push that a hotfix makes.
struct Rehearsal {
    push: Push,
    url: String,
    branch: String,
    target: PushPurpose,
    label: String,
}

/// The pushes of a hotfix: its branch, and production for the landing or the records. What is pushed is the fix that is checked
/// out, where one is.
fn pushes(setup: &Setup<'_>) -> Result<Vec<Rehearsal>, PortError> {
    let Ok(found) = setup.likely_production() else { return Ok(Vec::new()) };
    let git = setup.context.look.git;
    let (Some(own), Some(tip)) = (&found.remote, git.commit_of_ref(&production::tip_ref(&found))?) else {
        return Ok(Vec::new());
    };
    let head = git.head()?;
    let prefix = &setup.context.config.branch.prefix;
    // Hooks go by names: `hotfix/x` may pass where another branch does not.
    let own_branch = head.branch().filter(|name| name.starts_with(prefix.as_str()));
    let branch = own_branch.map_or_else(|| format!("{prefix}{SLUG}"), str::to_owned);
    let commit = match head.commit() {
        // A hook that looks at the commits must see those that would be pushed.
        Some(commit) if git.is_ancestor(&tip, commit).unwrap_or(false) => commit.clone(),
        _ => tip.clone(),
    };
    let mut pushes = Vec::new();
    if let Some(remote) = fork::remote_of(setup.context, &found, &branch)? {
        let label = own_branch.map_or_else(|| format!("{prefix}<slug>"), str::to_owned);
        pushes.push(Rehearsal { label, ..rehearsal(setup, &remote, &branch, &commit, Expected::Absent)? });
    }
    let is_hosted = matches!(hosting::find(setup.context.look, setup.context.config, Some(own)), Ok(Some(_)));
    let target = if is_hosted { PushPurpose::Records } else { PushPurpose::Production };
    if target == PushPurpose::Production || setup.context.config.records == Deliver::Push {
        let push = rehearsal(setup, own, &found.branch, &commit, Expected::At(tip))?;
        pushes.push(Rehearsal { target, ..push });
    }
    Ok(pushes)
}

fn rehearsal(
    setup: &Setup<'_>,
    remote: &str,
    branch: &str,
    commit: &ObjectId,
    expected: Expected,
) -> Result<Rehearsal, PortError> {
    let git = setup.context.look.git;
    // The hook gets the address of the push, which may differ from that of the fetch.
    let url = match git.config(&format!("remote.{remote}.pushurl"))? {
        Some(url) => url,
        None => git.remote_url(remote)?.unwrap_or_else(|| remote.to_owned()),
    };
    let update = RefUpdate { name: RefName::of_branch(branch), to: Some(commit.clone()), expected };
    let push = Push { remote: remote.to_owned(), updates: vec![update] };
    Ok(Rehearsal { push, url, branch: branch.to_owned(), target: PushPurpose::Branch, label: branch.to_owned() })
}

fn describe_fault(hook: &GitHook, fault: &HookFault) -> String {
    let file = path_text(&hook.file);
    match fault {
        HookFault::NotExecutable => format!("{file} is not executable: git passes over it"),
        HookFault::NoInterpreter(name) if hook.name == PRE_PUSH => {
            format!("{file} cannot run, {} is not there: pushes fail, and may wait for ever", one_line(name))
        }
        HookFault::NoInterpreter(name) => format!("{file} cannot run: {} is not there", one_line(name)),
    }
}

fn fix_of_fault(hook: &GitHook) -> String {
    let file = path_text(&hook.file);
    match hook.fault {
        Some(HookFault::NotExecutable) => format!("chmod +x {file}, or remove it"),
        _ => format!("install that, or correct the first line of {file}"),
    }
}

fn fix_of_no(setup: &Setup<'_>, hook: &GitHook, branch: &str, target: PushPurpose) -> String {
    let program = setup.context.program;
    let file = path_text(&hook.file);
    let here = setup.context.look.git.head().ok().and_then(|head| head.branch().map(one_line));
    let way = match target {
        PushPurpose::Branch => match here {
            Some(here) if here != branch => {
                format!(
                    " (where it goes by the branch that is checked out, here {here}: run it again on a hotfix branch)"
                )
            }
            _ => String::new(),
        },
        PushPurpose::Production => {
            format!(", or have the pushed hotfix branch merged by pull request ({program} pr), which ship takes over")
        }
        // A service merges the fix, so that only the records are pushed there.
        PushPurpose::Records => {
            return format!("let {file} pass {branch}, or: git config hotfix.records.deliver pull-request");
        }
    };
    let past = crate::workflow::without_git_hooks(program, "ship");
    format!("let {file} pass {branch}{way}, or once without git's hooks: {past}")
}

fn path_text(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}
