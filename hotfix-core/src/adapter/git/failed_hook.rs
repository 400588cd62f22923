//! Which hook said no. Its words stand among git's and mean nothing of the remote's; git itself tells which one failed in its
//! trace of events, which no hook can imitate.

use std::path::Path;

use serde::Deserialize;
use tempfile::NamedTempFile;

use super::environment;

/// Where git writes its trace; whoever has it set already keeps it.
const TRACE: &str = "GIT_TRACE2_EVENT";
/// Settings of the system or the person that do the same.
const TRACE_SETTING: &str = "trace2.eventtarget";

/// A hook that ended with a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FailedHook {
    /// Its name, for example `pre-push`.
    pub(super) name: String,
    /// Its file, as git started it.
    pub(super) path: String,
}

/// Whether somebody has git's trace already: it is theirs.
pub(super) fn is_traced(settings: &gix::Repository) -> bool {
    environment::variable(TRACE).is_some() || settings.config_snapshot().string(TRACE_SETTING).is_some()
}

/// A trace of one run of git.
pub(super) struct HookWatch(NamedTempFile);

impl HookWatch {
    /// `None` where there is no place for the trace.
    pub(super) fn new() -> Option<Self> {
        NamedTempFile::new().ok().map(Self)
    }

    pub(super) fn variable(&self) -> (&'static str, &Path) {
        (TRACE, self.0.path())
    }

    /// The last hook that failed. Those of programs that git or a hook started count for these.
    pub(super) fn failed(&self) -> Option<FailedHook> {
        let text = std::fs::read_to_string(self.0.path()).ok()?;
        failed(&text)
    }
}

#[derive(Deserialize)]
struct TraceEvent {
    event: String,
    sid: String,
    child_id: Option<u64>,
    hook_name: Option<String>,
    argv: Option<Vec<String>>,
    code: Option<i64>,
}

fn failed(trace: &str) -> Option<FailedHook> {
    let events: Vec<TraceEvent> = trace.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    // A hook may run git itself, which writes into the same trace.
    let own = &events.first()?.sid;
    let mine = |event: &&TraceEvent| event.sid == *own;
    let ended = events.iter().filter(mine).filter(|event| event.event == "child_exit" && event.code != Some(0));
    // The last: git goes on after some hooks that fail.
    ended.rev().find_map(|end| {
        let started =
            events.iter().filter(mine).find(|event| event.event == "child_start" && event.child_id == end.child_id)?;
        let name = started.hook_name.clone()?;
        let path = started.argv.iter().flatten().next().cloned().unwrap_or_else(|| name.clone());
        Some(FailedHook { name, path })
    })
}

#[cfg(test)]
mod tests {
    use super::failed;

    #[test]
    fn the_hook_of_this_git_that_failed_is_found() {
        let trace = r#"{"event":"version","sid":"a","exe":"2.47.3"}
{"event":"child_start","sid":"a","child_id":0,"child_class":"transport/file","argv":["git-receive-pack"]}
{"event":"child_start","sid":"a","child_id":1,"child_class":"hook","hook_name":"pre-push","argv":[".husky/pre-push","origin"]}
{"event":"child_start","sid":"a/b","child_id":0,"hook_name":"post-checkout","argv":["x"]}
{"event":"child_exit","sid":"a/b","child_id":0,"code":1}
{"event":"child_exit","sid":"a","child_id":1,"code":127}
{"event":"child_exit","sid":"a","child_id":0,"code":128}
"#;
        let hook = failed(trace).unwrap();
        assert_eq!((hook.name.as_str(), hook.path.as_str()), ("pre-push", ".husky/pre-push"));
        assert_eq!(failed(&trace.replace("127", "0")), None, "the hook was content");
        assert_eq!(failed("not a trace"), None);
    }
}
