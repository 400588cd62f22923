//! One command: what was typed is driven in a terminal, and what came of it is told.

use std::path::Path;
use std::process::ExitCode;

use crate::domain::event::DeployPart;
use crate::domain::{Incident, Severity, SeverityLevel};
use crate::drive::{Host, Options, Run, drive};
use crate::evidence::Redactor;
use crate::port::{FilesRead as _, FilesWrite as _};
use crate::step::after_unknown_end;
use crate::workflow::{ActionView, Answers, Code, Context, Done, Outcome, Reader, Refusal, Step, TextQuestion, Topic};

use super::looking::Looking;
use super::tell::{tell, tell_parts};
use super::terminal::Underway;
use super::{Command, Globals, Program, Terminal, Work, completions, drill, json, man, wire};

/// Carries a command out.
///
/// `tree` gives the whole command line as clap knows it, for what is made from it.
pub(super) fn run(program: Program, globals: &Globals, command: &mut Command, tree: fn() -> clap::Command) -> ExitCode {
    // Before any program starts: a signal has to end our children as well.
    wire::install_interrupt();
    let terminal = Terminal::new(globals);
    match command.work() {
        Work::Step(step) => run_step(program, globals, step, &terminal),
        Work::Drill(drill) => drill::run(program, globals, drill, &terminal),
        Work::Completions(completions) => {
            tell(globals, &terminal, "completions", &[], completions::script(program, tree(), completions.shell))
        }
        Work::Man(man) => man::run(program, globals, man, tree(), &terminal),
    }
}

fn run_step(program: Program, globals: &Globals, step: &mut dyn Step, terminal: &Terminal) -> ExitCode {
    // Paths were meant as seen from `-C`, while the repository is opened at its top.
    step.resolve_paths(globals.directory.as_deref().unwrap_or(Path::new("")));
    let options = Options {
        program: program.name,
        prefer_cargo: program.prefer_cargo,
        incident: globals.incident.as_deref(),
        dry_run: globals.dry_run,
        offline: globals.offline,
        no_hooks: globals.no_hooks,
        verbose: globals.verbose,
        answers: Answers { yes: terminal.says_yes(), ..Answers::default() },
        // Masked by value: no pattern has to know what such a secret looks like.
        redactor: Redactor::new(wire::secrets()),
        reader: Reader { columns: terminal.columns(), zone: wire::zone(globals.utc) },
    };
    let mut person = AtTerminal {
        terminal,
        shows_incident: globals.json,
        underway: None,
        looking: None,
        cut_short: None,
        view: None,
    };
    let directory = globals.directory.as_deref().unwrap_or(Path::new("."));
    let run = drive(step, &options, &mut person, |reach| wire::Machine::open(directory, reach));
    // Whatever failed did so because a signal ended it, and would be told as an error of its own.
    if let Some(code) = wire::interrupted() {
        let named = run.to_name.map(|id| format!("{} --incident {id}", program.name));
        tell_interrupted(terminal, named.as_deref().unwrap_or(program.name), person.cut_short, run.so_far.as_deref());
        return ExitCode::from(code);
    }
    tell_run(globals, terminal, (step.name(), step.wants_page()), run, person.view.as_ref())
}

/// A signal ended the command: what goes on with it.
fn tell_interrupted(terminal: &Terminal, program: &str, part: Option<DeployPart>, so_far: Option<&str>) {
    let Some(part) = part else {
        return match so_far {
            Some(so_far) => {
                terminal.error("interrupted");
                terminal.hint(so_far);
            }
            None => terminal.error("interrupted; run the same command again to go on"),
        };
    };
    terminal.error(&format!("interrupted; how far `{}` got is not known", part.key()));
    after_unknown_end(part, program).iter().for_each(|hint| terminal.hint(hint));
}

fn tell_run(
    globals: &Globals,
    terminal: &Terminal,
    (command, wants_page): (&str, bool),
    run: Run,
    incident: Option<&json::IncidentView>,
) -> ExitCode {
    let mut outcome = run.result.unwrap_or_else(Outcome::failed);
    // Before anything is printed: the command has failed if the file cannot be written.
    if let Some((path, content)) = outcome.report.file.take()
        && let Err(refusal) = write_file(&globals.directory, &path, &content)
    {
        outcome.failure = outcome.failure.or(Some(refusal));
    }
    let refusal = outcome.failure.take();
    let (actions, notes) = (run.actions.as_slice(), run.notes.as_slice());
    let (outcome, refusal, dry_run) = (&outcome, refusal.as_ref(), globals.dry_run);
    // Questions to the outside leave no line on the screen, and neither does what is only recorded.
    let is_shown = |action: &ActionView| action.action != "examine" && !action.is_bookkeeping;
    let has_shown_actions = !dry_run && actions.iter().any(is_shown);
    if !globals.json && has_shown_actions && !outcome.text.is_empty() {
        terminal.gap();
    }
    let fields = globals.fields.as_deref();
    let parts = json::Parts { command, dry_run, fields, incident, actions, notes, outcome, refusal };
    let code = tell_parts(globals, terminal, &parts);
    if wants_page && refusal.is_none() && !globals.json {
        show_page(terminal, outcome.page.as_deref());
    }
    code
}

/// Shows the page in a browser, or its address where nobody could look at that.
fn show_page(terminal: &Terminal, page: Option<&str>) {
    let Some(page) = page else {
        return terminal.note("there is no page about it: no pull request or records on the web");
    };
    if terminal.can_show_editor() && wire::browse(page) {
        return terminal.note(&format!("opened {page}"));
    }
    // Nobody is left to be told when standard output is gone.
    let _ = terminal.verbatim(&format!("{page}\n"));
}

/// The person at the terminal.
struct AtTerminal<'a> {
    terminal: &'a Terminal,
    shows_incident: bool,
    underway: Option<Underway<'a>>,
    looking: Option<Looking>,
    /// The part of the deployment that was under way when something went wrong.
    cut_short: Option<DeployPart>,
    view: Option<json::IncidentView>,
}

impl Host for AtTerminal<'_> {
    fn can_ask(&self) -> bool {
        self.terminal.can_ask()
    }

    fn can_show_editor(&self) -> bool {
        self.terminal.can_show_editor()
    }

    fn confirm(&mut self, topic: Topic, text: &str) -> Option<bool> {
        self.terminal.confirm(text, topic.is_assumed())
    }

    fn severity(&mut self, levels: &[SeverityLevel], default: Option<&Severity>) -> Option<Severity> {
        self.terminal.severity(levels, default)
    }

    fn text(&mut self, question: &TextQuestion) -> Option<String> {
        self.terminal.text(question)
    }

    fn plan(&mut self, ahead: &[ActionView]) {
        self.terminal.plan(ahead);
    }

    fn before_question(&mut self, printed: &str, meaning: &str) {
        self.terminal.before_question(printed, meaning);
    }

    fn note(&mut self, text: &str) {
        self.terminal.note(text);
    }

    fn looks(&mut self) {
        self.looking = self.terminal.look();
    }

    fn looked(&mut self) {
        self.looking = None;
    }

    fn began(&mut self, action: &ActionView) {
        self.underway = Some(self.terminal.begin(action.clone()));
    }

    fn at(&mut self, text: &str) {
        if let Some(underway) = &self.underway {
            underway.at(text);
        }
    }

    fn ended(&mut self, action: &ActionView, result: Result<&Done, &Refusal>) {
        let parts = [DeployPart::Deploy, DeployPart::Migrate, DeployPart::Rollback];
        self.cut_short = parts.into_iter().find(|part| result.is_err() && part.key() == action.action);
        if let Some(underway) = self.underway.take() {
            let said = result.ok().and_then(|done| done.why_not().or_else(|| done.remark().map(str::to_owned)));
            underway.ended(result.is_ok_and(Done::is_well), said);
        }
    }

    fn shows_incident(&self) -> bool {
        // The view reads history, which only JSON has to pay for.
        self.shows_incident
    }

    fn incident(&mut self, context: &Context<'_>, incident: &Incident) -> Result<(), Refusal> {
        self.view = Some(json::incident(context, incident)?);
        Ok(())
    }
}

/// Writes a file that the person named, wherever it is.
fn write_file(directory: &Option<std::path::PathBuf>, path: &Path, content: &str) -> Result<(), Refusal> {
    let path = directory.as_deref().unwrap_or(Path::new("")).join(path);
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    let Some(name) = name else {
        return Err(Refusal::usage(Code::File, format!("{} is no place for a file", path.display())));
    };
    // Through the port: never through a symbolic link, and durable before success is told.
    let (files, below) = wire::files_below(path.parent().unwrap_or(Path::new("")))?;
    let below = below.join(name).to_string_lossy().into_owned();
    // Whoever writes the file meanwhile is not overwritten.
    let now = files.read(&below)?;
    Ok(files.write(&below, now.as_deref(), content.as_bytes())?)
}
