//! Pushes: what is asked of the remote, and what came of it. `--atomic` is asked for and not believed: every line of the
//! answer is read.

use std::ffi::OsString;

use crate::domain::{ObjectId, Printable};
use crate::port::{ErrorKind, Expected, HookNo, PortError, Push, PushError, RefUpdate, Rejection};

use super::GitRepository;
use super::child::{GitOutput, GitRun};
use super::convert::lossy;
use super::failed_hook::FailedHook;
use super::{push_answer, trouble};

/// What the last line of a failed push says, which is no hook's word.
const FAILED: &str = "error: failed to push some refs to";

const ON_DEMAND: &str = "--recurse-submodules=on-demand";

pub(super) fn push(git: &GitRepository, push: &Push) -> Result<(), PushError> {
    if push.updates.is_empty() {
        return Ok(());
    }
    let (run, answer) = try_push(git, push, &["--atomic"])?;
    // A server that does not know atomic pushes ends before it moves anything.
    let lacks_atomic = lossy(&answer.stderr).contains("does not support --atomic");
    let (run, answer) = match push.updates.as_slice() {
        [_one] if lacks_atomic => try_push(git, push, &[])?,
        _several if lacks_atomic => {
            let why = "its server takes no atomic pushes, and a half landing is none";
            return Err(PortError::new(ErrorKind::Precondition, run.doing(), why)
                .hint("`git config receive.advertiseAtomic true` on the server allows them.")
                .into());
        }
        _ => (run, answer),
    };
    if answer.status.success() { Ok(()) } else { Err(push_failure(git, push, &run, &answer)) }
}

/// Runs a push, and reads what came of it.
pub(super) fn answered(git: &GitRepository, push: &Push, run: &GitRun) -> Result<(), PushError> {
    let answer = git.program.run(run)?;
    if answer.status.success() { Ok(()) } else { Err(push_failure(git, push, run, &answer)) }
}

pub(super) fn rehearse(git: &GitRepository, push: &Push) -> Result<(), PushError> {
    // Without the hook: a rehearsal must not run what the repository brings along.
    let (run, answer) = try_push(git, push, &["--dry-run", "--no-verify"])?;
    if answer.status.success() {
        return Ok(());
    }
    Err(match push_answer::refusal(push, &answer.stdout, &answer.stderr) {
        // Nothing moves in a rehearsal.
        Some(PushError::Refused(rejection)) => Rejection { moved: Vec::new(), ..rejection }.into(),
        Some(other) => other,
        None => trouble(push, &run, &answer).into(),
    })
}

fn push_failure(git: &GitRepository, push: &Push, run: &GitRun, answer: &GitOutput) -> PushError {
    let moved = push_answer::moved(&answer.stdout);
    // A hook first: what it prints may look like anything below.
    let hook = answer.hook.clone().or_else(|| silent_hook(git, answer));
    if let Some(hook) = &hook
        && moved.is_empty()
    {
        return hook_no(git, hook, answer).into();
    }
    if let Some(refusal) = push_answer::refusal(push, &answer.stdout, &answer.stderr) {
        return refusal;
    }
    if let Some(submodules) = unpublished(&lossy(&answer.stderr)) {
        return unpublished_error(run, &submodules).into();
    }
    let error = trouble(push, run, answer);
    // Of several addresses, those before this one took it.
    let Some((first, address)) = push.updates.first().zip(address_left_out(git, push, answer)) else {
        return error.into();
    };
    let reason = error.source.map(|source| source.to_string()).unwrap_or_default();
    let reason = Printable::new(&reason).one_line().at_most(1000).into();
    let remote = push.remote.clone();
    Rejection { remote, name: first.name.clone(), reason, address: Some(address), moved }.into()
}

/// The hook that failed where git's trace is somebody else's: git ended before it asked the remote, and by no error of
/// its own.
fn silent_hook(git: &GitRepository, answer: &GitOutput) -> Option<FailedHook> {
    let said = lossy(&answer.stderr);
    let was_asked = !answer.stdout.is_empty() || said.contains("Everything up-to-date");
    // git ends with 128 where it fails by itself; 1 before any answer is the hook's no.
    if was_asked || answer.status.code() != Some(1) {
        return None;
    }
    let find = GitRun::new("find the hook pre-push", ["rev-parse", "--git-path", "hooks/pre-push"]).reading();
    let path = git.output(&find).map(|path| lossy(&path).trim().to_owned()).ok()?;
    hook_file(git, &path).exists().then(|| FailedHook { name: "pre-push".to_owned(), path })
}

fn hook_file(git: &GitRepository, path: &str) -> std::path::PathBuf {
    git.layout.work_tree.as_ref().unwrap_or(&git.layout.git_dir).join(path)
}

fn hook_no(git: &GitRepository, hook: &FailedHook, answer: &GitOutput) -> HookNo {
    let said = Printable::from_bytes(&answer.stderr);
    let words: Vec<&str> = said.as_str().lines().filter(|line| !line.starts_with(FAILED)).collect();
    let script = std::fs::read(hook_file(git, &hook.path)).unwrap_or_default();
    HookNo {
        path: Printable::new(&hook.path).one_line().into(),
        said: trouble::shown(&words.join("\n"), answer),
        // Without it the remote would have commits whose files nobody can fetch.
        uploads: lossy(&script).contains("lfs"),
    }
}

/// The push address that git did not come to tell of.
fn address_left_out(git: &GitRepository, push: &Push, answer: &GitOutput) -> Option<String> {
    let answered = push_answer::addresses(&answer.stdout);
    if answered.is_empty() {
        return None;
    }
    let ask = GitRun::new("ask for push addresses", ["remote", "get-url", "--push", "--all", "--", &push.remote]);
    let all = git.output(&ask.reading()).ok()?;
    let all: Vec<String> = lossy(&all).lines().map(without_credentials).collect();
    all.get(answered.len()).or_else(|| all.iter().find(|address| !answered.contains(address))).cloned()
}

fn try_push(git: &GitRepository, push: &Push, options: &[&str]) -> Result<(GitRun, GitOutput), PortError> {
    let names: Vec<&str> = push.updates.iter().map(|update| update.name.as_str()).collect();
    let run = GitRun::new(format!("push {} to {}", names.join(", "), push.remote), ["push", "--porcelain"])
        // `push.followTags` would publish tags that nobody looked at.
        .arguments(["--no-follow-tags", submodules_option(git)])
        .arguments(options)
        .arguments(push.updates.iter().map(lease))
        .arguments(["--end-of-options", &push.remote])
        .arguments(push.updates.iter().map(refspec))
        .running_hooks()
        .elsewhere()
        .talking();
    let answer = git.program.run(&run)?;
    Ok((run, answer))
}

/// Whether the person's settings have pushes bring along what only this machine has of submodules.
pub(super) fn brings_submodules(git: &GitRepository) -> bool {
    submodules_option(git) == ON_DEMAND
}

/// A commit of a submodule that nobody else has keeps a push back, unless the person's settings say otherwise.
fn submodules_option(git: &GitRepository) -> &'static str {
    let settings = git.reads.config_snapshot();
    let wanted = settings.string("push.recurseSubmodules").map(|value| lossy(&value).to_ascii_lowercase());
    match wanted.as_deref() {
        Some("no" | "false" | "off" | "0") => "--recurse-submodules=no",
        // With `only`, git would push nothing of ours and be content.
        Some("on-demand" | "only") => ON_DEMAND,
        Some(_) => "--recurse-submodules=check",
        None => match settings.boolean("submodule.recurse") {
            Some(true) => ON_DEMAND,
            Some(false) => "--recurse-submodules=no",
            None => "--recurse-submodules=check",
        },
    }
}

/// The submodules whose commits no remote has, where git held the push back for these.
fn unpublished(said: &str) -> Option<Vec<&str>> {
    let (_, after) = said.split_once("not be found on any remote:\n")?;
    Some(after.lines().take_while(|line| line.starts_with("  ")).map(str::trim).collect())
}

fn unpublished_error(run: &GitRun, submodules: &[&str]) -> PortError {
    let names = Printable::new(&submodules.join(", ")).one_line();
    let why = format!("nobody else has the commit of the submodule {names}, and what names it could not be cloned");
    let error = PortError::new(ErrorKind::Precondition, run.doing(), why);
    let paths = submodules.iter().map(|path| Printable::new(path).one_line().to_string());
    paths.fold(error, |error, path| {
        let path = shell_words::quote(&path).into_owned();
        error.hint(format!(
            "git -C {path} push origin HEAD:refs/heads/<branch>   # publish it, then the same command again"
        ))
    })
}

/// A trouble whose advice names the remote.
fn trouble(push: &Push, run: &GitRun, answer: &GitOutput) -> PortError {
    let mut error = trouble::error(run, answer);
    error.hints.iter_mut().for_each(|hint| *hint = hint.replace(trouble::REMOTE, &push.remote));
    error
}

/// An address as it may be shown: what stands before the host's `@` may be a password.
fn without_credentials(url: &str) -> String {
    let shown = url.split_once("://").and_then(|(scheme, rest)| {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (_, host) = authority.rsplit_once('@')?;
        Some(format!("{scheme}://{host}/{path}"))
    });
    Printable::new(shown.as_deref().unwrap_or(url)).one_line().into()
}

pub(super) fn lease(update: &RefUpdate) -> OsString {
    let expected = match &update.expected {
        Expected::Absent => "",
        Expected::At(id) => id.as_str(),
    };
    // With the value: without it git compares with the tracking ref, which any fetch moves.
    format!("--force-with-lease={}:{expected}", update.name).into()
}

pub(super) fn refspec(update: &RefUpdate) -> OsString {
    // By id and full name: a short one may mean a tag, and the branch here may have moved.
    format!("{}:{}", update.to.as_ref().map_or("", ObjectId::as_str), update.name).into()
}

#[cfg(test)]
mod tests {
    use super::{unpublished, without_credentials};

    #[test]
    fn the_submodules_that_hold_a_push_back_are_read() {
        let said = "The following submodule paths contain changes that can\nnot be found on any remote:\n  lib\n  a b\n\nPlease try\n\n\tgit push\n";
        assert_eq!(unpublished(said), Some(vec!["lib", "a b"]));
        assert_eq!(unpublished("fatal: Aborting.\n"), None);
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        assert_eq!(without_credentials("https://me:secret@host/x.git"), "https://host/x.git");
        assert_eq!(without_credentials("https://host/a@b"), "https://host/a@b");
        assert_eq!(without_credentials("git@host:x.git"), "git@host:x.git");
        assert_eq!(without_credentials("/srv/x.git"), "/srv/x.git");
    }
}
