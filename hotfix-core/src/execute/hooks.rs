//! Commands of the team that run after an event is recorded. One that fails is told, and never stops a hotfix.

use std::time::Duration;

use crate::config::Hooks;
use crate::domain::event::Ending;
use crate::domain::{CommandLine, Event, Printable};
use crate::ledger::codec;
use crate::port::{Act, Finished, Invocation};

use super::program::sentence;

/// A hook that hangs must not keep a fix from production.
const DEADLINE: Duration = Duration::from_secs(30);

/// Runs the hooks of these events, one after the other; what a person should know of those that failed.
pub(super) fn run(act: &Act<'_>, hooks: &Hooks, events: &[Event]) -> Vec<String> {
    let mut failures = Vec::new();
    for event in events {
        // By its stored name: it is what the file of settings and other tools know.
        let name = event.fact.kind.name();
        let Some(command) = hooks.get(name) else { continue };
        // The event is recorded already; there is nothing left to stop.
        if let Err(why) = run_one(act, name, command, event) {
            failures.push(format!("the hook `{name}` {why}; the hotfix goes on"));
        }
    }
    failures
}

fn run_one(act: &Act<'_>, name: &str, command: &CommandLine, event: &Event) -> Result<(), String> {
    let (stored, bytes) = codec::encode(&event.incident, event.parents.clone(), &event.fact)
        .map_err(|error| format!("was not run: {error}"))?;
    let invocation = Invocation {
        command: command.clone(),
        timeout: DEADLINE,
        environment: vec![
            ("HOTFIX_INCIDENT".to_owned(), stored.incident.to_string()),
            ("HOTFIX_EVENT".to_owned(), name.to_owned()),
        ],
        // The stored bytes, so that a hook can check the event's id.
        stdin: Some(bytes),
        ..Invocation::default()
    };
    let finished = act.processes.run(&invocation).map_err(|error| sentence(&error))?;
    match finished.ending {
        Ending::Passed => Ok(()),
        Ending::TimedOut => Err(format!("did not end within {} seconds", DEADLINE.as_secs())),
        Ending::Failed => Err(format!("failed{}", details(&finished))),
    }
}

/// The exit code and the last line that was printed.
fn details(finished: &Finished) -> String {
    let code = finished.exit_code.map(|code| format!(" with exit code {code}")).unwrap_or_default();
    let output = Printable::from_bytes(&finished.output);
    let last = output.as_str().lines().rev().map(str::trim).find(|line| !line.is_empty());
    let last = last.map(|line| format!(": {}", Printable::new(line).one_line().at_most(200))).unwrap_or_default();
    format!("{code}{last}")
}
