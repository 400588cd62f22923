//! Questions to the outside: whatever comes of one is an answer.

use std::time::Duration;

use crate::domain::event::Ending;
use crate::domain::{CommandLine, IncidentId, Printable};
use crate::port::{ErrorKind, Invocation, PortError};
use crate::workflow::action::ProductionCheck;
use crate::workflow::action::query::{Answer, Examination, QueryError};

use super::{Done, Executor, Refusal, Result, git, pre_push};

/// How long production may take to say what it runs.
const DEPLOYED_DEADLINE: Duration = Duration::from_secs(20);
/// How long `man` may look for a page.
const MAN_DEADLINE: Duration = Duration::from_secs(20);
/// How long a program may take to answer a question: Cargo may have to fetch its index first.
const ANSWER_DEADLINE: Duration = Duration::from_secs(300);

/// Asks, and keeps the answer or why there is none.
pub(super) fn examine(executor: &mut Executor<'_>, examination: &Examination) -> Done {
    let answer = answer(executor, examination);
    if let (Examination::Output(command), Ok(Answer::Text(text))) = (examination, &answer) {
        executor.workspace.hear(executor.act, command, text);
    }
    Done::Examined { examination: examination.clone(), answer }
}

fn answer(executor: &Executor<'_>, examination: &Examination) -> Result<Answer, QueryError> {
    let yes = || Answer::Text(String::new());
    Ok(match examination {
        Examination::GitVersion => Answer::Text(executor.act.git.version()?),
        Examination::Remote { remote, refs } => Answer::Refs(executor.act.git.inspect_remote(remote, refs)?),
        Examination::Push(push) => match git::published(executor.act.git.rehearse_push(push), Done::Nothing)? {
            Done::Rejected(no) => {
                let location = no.address.map(|address| format!(" at {address}")).unwrap_or_default();
                let message = format!("{}{location} refuses: {}", push.remote, no.reason);
                return Err(QueryError::new(message));
            }
            _ => yes(),
        },
        Examination::PrePush(asked) => pre_push::rehearse(&executor.act, asked).map(|()| yes())?,
        Examination::Deployed(check) => Answer::Text(deployed(executor, check)?),
        Examination::Signing => executor.act.git.rehearse_signing().map(|()| yes())?,
        Examination::Program(program) => Answer::Text(executor.act.processes.find(program)?.display().to_string()),
        Examination::Writable(path) => executor.act.files.check_writable(path).map(|()| yes())?,
        Examination::ManPage(page) => Answer::Text(man_page(executor, page)?),
        Examination::Forge { branch, .. } => Answer::Abilities(Box::new(executor.act.forge.abilities(branch)?)),
        Examination::Output(command) => Answer::Text(output(executor, command)?),
        Examination::Doubts(incident) => Answer::Text(doubts(executor, incident)?.join(", ")),
        Examination::FetchRules { remote } => Answer::Text(executor.act.exchange.fetch_rules(remote).join("\n")),
        Examination::Objects => {
            let damaged = executor.ledger.damaged_objects(executor.act.exchange).map_err(Refusal::from)?;
            Answer::Text(damaged.join("\n"))
        }
        Examination::Audit { remotes } => {
            let audit = executor.ledger.audit(executor.act.exchange, remotes);
            Answer::Audit(Box::new(audit.map_err(Refusal::from)?))
        }
        Examination::Damage => Answer::Text(damage(executor)?),
    })
}

/// What a command or URL says about what production runs.
fn deployed(executor: &Executor<'_>, check: &ProductionCheck) -> Result<String, QueryError> {
    let output = match check {
        ProductionCheck::Url(url) => executor.act.pages.read(url, DEPLOYED_DEADLINE)?,
        ProductionCheck::Command(command) => {
            let finished = executor.act.processes.run(&Invocation::new(command.clone(), DEPLOYED_DEADLINE))?;
            if finished.ending != Ending::Passed {
                let output = Printable::from_bytes(&finished.output).tail(1, 200).one_line();
                return Err(QueryError::new(format!("`{command}` failed: {output}")));
            }
            finished.output
        }
    };
    Ok(Printable::from_bytes(&output).as_str().to_owned())
}

/// Where `man` finds a page.
fn man_page(executor: &Executor<'_>, page: &str) -> Result<String, PortError> {
    let asked = |more: &[&str]| {
        let command: Vec<String> =
            ["man", "-w"].iter().chain(more).chain([&page]).map(|&word| word.to_owned()).collect();
        // A machine without `man` has no page either.
        let finished = executor.act.processes.run(&Invocation::new(command, MAN_DEADLINE)).ok()?;
        let path = Printable::from_bytes(&finished.output).one_line().to_string();
        Some(path).filter(|path| finished.ending == Ending::Passed && path.starts_with('/'))
    };
    if let Some(path) = asked(&[]) {
        return Ok(path);
    }
    let missing = |why: &str| PortError::new(ErrorKind::Precondition, format!("find the manual page {page}"), why);
    for folder in executor.act.processes.manuals() {
        let Some(folder) = folder.to_str() else { continue };
        if asked(&["-M", folder]).is_some() {
            // The colon at the end keeps the system's own pages.
            let mend = format!("export MANPATH=\"{folder}:\"   # in your shell's profile");
            return Err(missing(&format!("it is in {folder}, where man does not look")).hint(mend));
        }
    }
    Err(missing("man has none"))
}

/// What a program prints on its standard output.
fn output(executor: &Executor<'_>, command: &CommandLine) -> Result<String, QueryError> {
    // Progress and warnings go to standard error; the answer must not hold them.
    let invocation = Invocation { apart: true, ..Invocation::new(command.clone(), ANSWER_DEADLINE) };
    let finished = executor.act.processes.run(&invocation)?;
    if finished.ending == Ending::Passed {
        return Ok(String::from_utf8_lossy(&finished.stdout).into_owned());
    }
    let output = Printable::from_bytes(&finished.output);
    let errors: Vec<&str> = output.as_str().lines().map(str::trim).filter(|line| !line.is_empty()).take(6).collect();
    let name = command.first().map(String::as_str).unwrap_or_default();
    let message = if errors.is_empty() { format!("`{name}` failed") } else { errors.join("; ") };
    Err(QueryError::new(message))
}

/// What of an incident was begun without a recorded end.
fn doubts(executor: &Executor<'_>, incident: &IncidentId) -> Result<Vec<String>> {
    // Loaded anew: what lists incidents knows their summaries, which leave doubts out.
    let incident = executor.ledger.load(incident)?.incident;
    let mut doubts = Vec::new();
    doubts.extend(incident.landing_in_doubt.is_some().then(|| "merge".to_owned()));
    doubts.extend(incident.deploys.in_doubt.iter().map(|doubt| doubt.started.part.key().to_owned()));
    doubts.extend(incident.records_in_doubt.is_some().then(|| "records".to_owned()));
    Ok(doubts)
}

/// What is damaged first, and how much else is.
fn damage(executor: &Executor<'_>) -> Result<String> {
    let damaged = executor.ledger.damage()?;
    let others = damaged.len().saturating_sub(1);
    Ok(damaged.first().map_or_else(String::new, |first| {
        let more = if others > 0 { format!(" (and {others} more)") } else { String::new() };
        format!("{}: {}{more}", first.id, first.why)
    }))
}
