//! One command: rounds of planning and acting until the step has its outcome.

use std::path::Path;
use std::process::ExitCode;

use crate::config::{Config, Hooks};
use crate::domain::{Incident, IncidentId, Person};
use crate::evidence::{Masked, Redactor};
use crate::execute;
use crate::execute::Executor;
use crate::ledger::{Ledger, Summary};
use crate::port::{ErrorKind, FilesRead as _, FilesWrite as _, GitHubPlace, Look};
use crate::production::detect::Learnt;
use crate::production::policy::{Policy, Sources};
use crate::production::{detect, hosting, left_behind, policy};
use crate::workflow::{
    Action, ActionView, Answers, Code, Context, Done, IncidentNeed, Known, Network, Outcome, Plan, Question, Refusal,
    Step, Then, action, mask_request,
};

use super::select::Wanted;
use super::wire::Wired;
use super::{Command, Globals, Program, Terminal, Work, completions, drill, exit, failure, json, man, select, wire};

/// More rounds than any step needs: a plan that never ends is a bug, and must not hang anybody.
const MAX_ROUNDS: usize = 60;

/// Carries a command out.
///
/// `tree` is the whole command line as clap knows it, for what is made from it.
pub(super) fn run(program: Program, globals: &Globals, command: &Command, tree: clap::Command) -> ExitCode {
    wire::install_interrupt();
    let terminal = Terminal::new(globals);
    let redactor = Redactor::new(wire::secrets());
    let mut request = command.clone();
    let (step, masked): (&dyn Step, Masked) = match request.work() {
        Work::Step(step) => {
            step.resolve_paths(globals.directory.as_deref().unwrap_or(Path::new("")));
            let masked = mask_request(step, &redactor);
            (step, masked)
        }
        Work::Drill(drill) => return drill::run(program, globals, drill, &terminal),
        Work::Completions(completions) => {
            return tell(globals, &terminal, "completions", &[], completions::script(program, tree, completions.shell));
        }
        Work::Man(man) => return man::run(program, globals, man, tree, &terminal),
    };
    let mut session = Session::new(program, globals, step, &terminal, &redactor);
    session.note_masked(&masked, "what you typed");
    let result = session.carry_out();
    if let Some(code) = wire::interrupted() {
        terminal.error("interrupted; run the same command again to go on");
        return ExitCode::from(code);
    }
    session.tell(result)
}

/// What one command knows while it runs.
struct Session<'a> {
    program: Program,
    globals: &'a Globals,
    step: &'a dyn Step,
    terminal: &'a Terminal,
    redactor: &'a Redactor,
    answers: Answers,
    known: Known,
    acted: Vec<ActionView>,
    notes: Vec<String>,
    view: Option<json::IncidentView>,
}

impl<'a> Session<'a> {
    fn new(
        program: Program,
        globals: &'a Globals,
        step: &'a dyn Step,
        terminal: &'a Terminal,
        redactor: &'a Redactor,
    ) -> Self {
        let answers = Answers { yes: terminal.says_yes(), ..Answers::default() };
        Self {
            program,
            globals,
            step,
            terminal,
            redactor,
            answers,
            known: Known::default(),
            acted: Vec::new(),
            notes: Vec::new(),
            view: None,
        }
    }

    fn carry_out(&mut self) -> Result<Outcome, Refusal> {
        if self.step.shows_editor() && !self.globals.dry_run && !self.terminal.can_show_editor() {
            let name = self.step.name();
            return Err(Refusal::usage(Code::Edit, "--edit: there is no terminal to show an editor in")
                .hint(format!("{} {name}   # writes the draft; then edit the file", self.program.name)));
        }
        let directory = self.globals.directory.clone().unwrap_or_else(|| Path::new(".").to_owned());
        let wired = Wired::open(&directory, self.network(), self.step.decides_merges())?;
        if let Some(place) = wired.led_elsewhere(&directory) {
            self.note(format!("GIT_DIR leads to {}", place.display()));
        }
        let ledger = Ledger::new(wired.store());
        let listing = ledger.list().map_err(execute::ledger)?;
        for damaged in &listing.damaged {
            self.note(format!("damaged: {}: {}", damaged.id, damaged.why));
        }
        let mut incident = self.select(&wired, &listing.incidents)?;
        self.rounds(&wired, &ledger, &listing.incidents, &mut incident)
    }

    fn select(&self, wired: &Wired, all: &[Summary]) -> Result<Option<IncidentId>, Refusal> {
        let need = self.step.incident();
        if need == IncidentNeed::None {
            return Ok(None);
        }
        let named = self.step.named_incident().or(self.globals.incident.as_deref());
        let head = wired.look().git.head()?;
        select::choose(&Wanted { named, branch: head.branch(), need, program: self.program.name }, all)
    }

    fn rounds(
        &mut self,
        wired: &Wired,
        ledger: &Ledger<'_>,
        all: &[Summary],
        id: &mut Option<IncidentId>,
    ) -> Result<Outcome, Refusal> {
        let fresh = wire::fresh_id()?;
        let open: Vec<Summary> = all.iter().filter(|summary| summary.status.is_open()).cloned().collect();
        for _ in 0..MAX_ROUNDS {
            let incident = match id.as_ref() {
                Some(id) => Some(ledger.load(id).map_err(execute::ledger)?.incident),
                None => None,
            };
            let rules = load_policy(wired.look(), incident.as_ref(), self.step, self.learnt());
            let (policy, wrong_rules) = match rules {
                Err(refusal) if self.step.works_without_rules() => (Policy::without_file(), Some(refusal)),
                rules => (rules?, None),
            };
            self.say_rules(&policy);
            let context = Context {
                look: wired.look(),
                now: wire::now(),
                config: &policy.config,
                policy: policy.commit.as_ref(),
                wrong_rules: wrong_rules.as_ref(),
                incident: incident.as_ref(),
                all,
                open: &open,
                fresh: &fresh,
                known: &self.known,
                answers: &self.answers,
                network: self.network(),
                redactor: self.redactor,
                program: self.program.name,
                prefer_cargo: self.program.prefer_cargo,
            };
            let plan = self.step.plan(&context)?;
            self.view = incident.as_ref().map(|incident| json::incident(&context, incident)).transpose()?;
            if self.globals.dry_run {
                if !plan.actions.is_empty() {
                    self.say_hooks(&policy.config.hooks);
                }
                return self.dry_run(plan);
            }
            if let Some(mut outcome) = self.round(plan, wired, ledger, id, incident.as_ref(), &policy.config)? {
                outcome.failure = outcome.failure.or_else(|| left_behind(&self.known));
                let others = open.iter().any(|summary| Some(&summary.id) != id.as_ref());
                if let Some(incident) = incident.as_ref().filter(|_| others) {
                    self.name_incident(&mut outcome, wired, incident)?;
                }
                return Ok(outcome);
            }
        }
        Err(Refusal::new(ErrorKind::Internal, Code::Rounds, format!("`{}` came to no end", self.step.name())))
    }

    /// Where others are open too, the next command names the incident, unless its branch is checked out and says it.
    fn name_incident(&self, outcome: &mut Outcome, wired: &Wired, incident: &Incident) -> Result<(), Refusal> {
        let head = wired.look().git.head()?;
        let is_said = head.branch() == Some(incident.branch().as_str());
        if let Some(next) = outcome.next.as_mut().filter(|next| !is_said && next.starts_with(self.program.name)) {
            next.push_str(&format!(" --incident {}", incident.id));
        }
        Ok(())
    }

    /// One round; `Some` when the step has its outcome.
    fn round(
        &mut self,
        plan: Plan,
        wired: &Wired,
        ledger: &Ledger<'_>,
        id: &mut Option<IncidentId>,
        incident: Option<&Incident>,
        rules: &Config,
    ) -> Result<Option<Outcome>, Refusal> {
        for note in &plan.notes {
            self.note(note.clone());
        }
        let halted = self.act(&plan.actions, wired, ledger, id, incident, rules)?;
        match plan.then {
            _ if halted => Ok(None),
            Then::LookAgain => Ok(None),
            Then::Finish(outcome) => {
                self.refresh_view(wired, ledger, id.as_ref())?;
                Ok(Some(*outcome))
            }
            Then::Ask(question) => self.ask(&question, &plan.ahead).map(|()| None),
            Then::AskOrAssume(question) => {
                self.ask_or_assume(&question);
                Ok(None)
            }
            Then::Offer(question, otherwise) => {
                if !self.terminal.can_ask() || !self.offer(&question) {
                    return Err(*otherwise);
                }
                Ok(None)
            }
            Then::OfferMore(question, mut otherwise) => {
                if !self.terminal.can_ask() {
                    return Ok(Some(*otherwise));
                }
                if let Some(failure) = &otherwise.failure {
                    // What one decides about stands before the question, and need not be told again.
                    self.terminal.before_question(&std::mem::take(&mut otherwise.text), &failure.message);
                }
                Ok((!self.offer(&question)).then_some(*otherwise))
            }
        }
    }

    /// Does the actions; whether one of them wants the step to look again first.
    fn act(
        &mut self,
        actions: &[Action],
        wired: &Wired,
        ledger: &Ledger<'_>,
        id: &mut Option<IncidentId>,
        incident: Option<&Incident>,
        rules: &Config,
    ) -> Result<bool, Refusal> {
        if actions.is_empty() {
            return Ok(false);
        }
        let who = match wired.look().git.identity() {
            // Looking records nothing, so nobody needs to be named.
            Err(_) if actions.iter().all(|action| action.view().records_nothing) => nobody(),
            who => who?,
        };
        let heads = incident.map(|incident| incident.heads.clone()).unwrap_or_default();
        let forge = wired.forge(self.hosted_at(actions, wired, incident, rules)?);
        let mut executor = Executor::new(wired.act(&*forge), ledger, &who, self.redactor, id.clone(), heads);
        if !self.globals.no_hooks {
            self.say_hooks(&rules.hooks);
            executor = executor.hooks(&rules.hooks);
        }
        for action in actions {
            let underway = self.terminal.begin(action.view());
            let watch = |text: &str| underway.at(text);
            let result = executor.execute_watched(action, &watch);
            let masked = executor.masked().clone();
            underway.ended(result.as_ref().is_ok_and(Done::is_well), result.as_ref().ok().and_then(Done::why_not));
            self.note_masked(&masked, "what was recorded");
            executor.warnings().into_iter().for_each(|warning| self.note(warning));
            let done = result.map_err(|refusal| self.with_landing(refusal))?;
            self.acted.push(action.view());
            if let Done::Incident(now) = &done {
                *id = Some(now.clone());
            }
            if let Done::CouldNotFollow { branch, reason } = &done {
                self.note(format!("{branch} here could not follow: {reason}"));
            }
            let halts = done.halts();
            self.known.learn(done);
            if halts {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Where the repository is hosted, where an action needs to know.
    fn hosted_at(
        &self,
        actions: &[Action],
        wired: &Wired,
        incident: Option<&Incident>,
        rules: &Config,
    ) -> Result<Option<GitHubPlace>, Refusal> {
        if !actions.iter().any(|action| action.view().meets_forge) {
            return Ok(None);
        }
        let remote = match incident {
            Some(incident) => incident.production.remote.clone(),
            None => detect::likely(wired.look(), rules, self.learnt())?.remote,
        };
        hosting::find(wired.look(), rules, remote.as_deref())
    }

    fn ask(&mut self, question: &Question, ahead: &[ActionView]) -> Result<(), Refusal> {
        match question {
            Question::Severity(levels) => {
                if !self.terminal.can_ask() {
                    let keys: Vec<&str> = levels.iter().map(|level| level.severity.key()).collect();
                    let message = format!("--severity is required: {}", one_of(&keys));
                    return Err(Refusal::usage(Code::Severity, message));
                }
                self.answers.severity = self.terminal.severity(levels);
                match self.answers.severity {
                    Some(_) => Ok(()),
                    None => Err(Refusal::usage(Code::Severity, "no severity was chosen")),
                }
            }
            Question::Confirm { topic, text } => {
                self.terminal.plan(ahead);
                if !self.terminal.can_ask() {
                    return Err(Refusal::usage(Code::Confirm, format!("{text} Nobody is there to confirm it"))
                        .hint(format!("{} {} --yes", self.program.name, self.step.asking())));
                }
                let answer = self.terminal.confirm(text).unwrap_or(false);
                self.answers.confirmed.push((*topic, answer));
                Ok(())
            }
        }
    }

    /// Where nobody is there to be asked, the answer is yes.
    fn ask_or_assume(&mut self, question: &Question) {
        let Question::Confirm { topic, .. } = question else { return };
        if !self.terminal.can_ask() || !self.offer(question) {
            let assumed = !self.terminal.can_ask();
            self.answers.confirmed.push((*topic, assumed));
        }
    }

    fn offer(&mut self, question: &Question) -> bool {
        let Question::Confirm { topic, text } = question else { return false };
        let answer = self.terminal.confirm(text).unwrap_or(false);
        self.answers.confirmed.push((*topic, answer));
        answer
    }

    /// The plan of the first round and what is foreseen after it.
    fn dry_run(&mut self, plan: Plan) -> Result<Outcome, Refusal> {
        if let Then::Ask(question @ Question::Severity(_)) = &plan.then {
            self.ask(question, &[])?;
        }
        if let Then::Offer(_, refusal) = plan.then {
            return Err(*refusal);
        }
        self.acted = plan.actions.iter().map(Action::view).chain(plan.ahead).collect();
        let mut outcome = match plan.then {
            Then::Finish(outcome) if self.acted.is_empty() => *outcome,
            _ => Outcome::default(),
        };
        if !self.acted.is_empty() {
            let lines: Vec<String> = self.acted.iter().map(|view| format!("would {}\n", view.text)).collect();
            outcome.text = lines.concat();
            outcome.hints = vec!["dry run, as of the last fetch: nothing was changed".to_owned()];
        }
        for note in plan.notes {
            self.note(note);
        }
        Ok(outcome)
    }

    fn refresh_view(&mut self, wired: &Wired, ledger: &Ledger<'_>, id: Option<&IncidentId>) -> Result<(), Refusal> {
        let Some(id) = id.filter(|_| self.globals.json) else { return Ok(()) };
        let incident = ledger.load(id).map_err(execute::ledger)?.incident;
        let policy = load_policy(wired.look(), Some(&incident), self.step, self.learnt())?;
        let fresh = incident.id.clone();
        let context = Context {
            look: wired.look(),
            now: wire::now(),
            config: &policy.config,
            policy: policy.commit.as_ref(),
            wrong_rules: None,
            incident: Some(&incident),
            all: &[],
            open: &[],
            fresh: &fresh,
            known: &self.known,
            answers: &self.answers,
            network: self.network(),
            redactor: self.redactor,
            program: self.program.name,
            prefer_cargo: self.program.prefer_cargo,
        };
        self.view = Some(json::incident(&context, &incident)?);
        Ok(())
    }

    fn learnt(&self) -> Learnt<'_> {
        Learnt { known: &self.known, answers: Some(&self.answers), network: self.network() }
    }

    fn network(&self) -> Network {
        match (self.globals.dry_run, self.globals.offline) {
            (true, _) => Network::AsOfLastFetch,
            (false, true) => Network::Offline,
            (false, false) => Network::Online,
        }
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.terminal.note(&note);
            self.notes.push(note);
        }
    }

    fn note_masked(&mut self, masked: &Masked, place: &str) {
        if !masked.is_empty() {
            self.note(format!("{masked} in {place}"));
        }
    }

    /// It is always said which rules are used, where rules matter.
    fn say_rules(&mut self, policy: &Policy) {
        if self.globals.verbose || (self.step.follows_rules() && policy.commit.is_some()) {
            self.note(policy.describe());
        }
    }

    /// It is always said which commands run beside the plan.
    fn say_hooks(&mut self, hooks: &Hooks) {
        if hooks.is_empty() || self.globals.no_hooks {
            return;
        }
        let all = hooks.iter().map(|(event, command)| format!("{event} runs {}", action::shown(command)));
        self.note(format!("hooks: {}", all.collect::<Vec<_>>().join("; ")));
    }

    /// The refusal, saying that the fix has landed, where this run did that before it failed.
    fn with_landing(&self, refusal: Refusal) -> Refusal {
        let has_landed = self.step.lands() && self.known.has_landed();
        let refusal = if refusal.code == Code::Hook {
            failure::past_hook(refusal, self.program, self.step.name())
        } else {
            refusal
        };
        if !has_landed {
            return refusal;
        }
        refusal.hint(format!("the fix has landed; {} {} goes on from there", self.program.name, self.step.name()))
    }

    /// Tells what came of it, and gives the exit code.
    fn tell(self, result: Result<Outcome, Refusal>) -> ExitCode {
        let mut outcome = result.unwrap_or_else(Outcome::failed);
        if let Some((path, content)) = outcome.report.file.take()
            && let Err(refusal) = write_file(&self.globals.directory, &path, &content)
        {
            outcome.failure = outcome.failure.or(Some(refusal));
        }
        let refusal = outcome.failure.take();
        let parts = json::Parts {
            command: self.step.name(),
            dry_run: self.globals.dry_run,
            incident: self.view.as_ref(),
            actions: &self.acted,
            notes: &self.notes,
            outcome: &outcome,
            refusal: refusal.as_ref(),
        };
        if !self.globals.json && self.has_shown_actions() && !outcome.text.is_empty() {
            self.terminal.gap();
        }
        tell_parts(self.globals, self.terminal, &parts)
    }

    /// Whether a person saw lines of what was done; questions to the outside are no such thing.
    fn has_shown_actions(&self) -> bool {
        self.acted.iter().any(|action| action.action != "examine")
    }
}

/// Tells what came of a command that is no step.
pub(super) fn tell(
    globals: &Globals,
    terminal: &Terminal,
    command: &str,
    actions: &[ActionView],
    mut outcome: Outcome,
) -> ExitCode {
    let refusal = outcome.failure.take();
    let parts = json::Parts {
        command,
        dry_run: globals.dry_run,
        incident: None,
        actions,
        notes: &[],
        outcome: &outcome,
        refusal: refusal.as_ref(),
    };
    tell_parts(globals, terminal, &parts)
}

fn tell_parts(globals: &Globals, terminal: &Terminal, parts: &json::Parts<'_>) -> ExitCode {
    let outcome = parts.outcome;
    let text = if globals.json { json::document(parts) } else { outcome.text.clone() };
    if let Err(error) = terminal.result(&text) {
        terminal.error(&format!("failed to write to standard output: {error}"));
        return ExitCode::from(exit::INTERNAL);
    }
    let code = match parts.refusal {
        Some(refusal) if globals.json => exit::code(refusal.kind),
        Some(refusal) => failure::tell(terminal, refusal),
        None => ExitCode::from(exit::DONE),
    };
    if !globals.json {
        outcome.hints.iter().for_each(|hint| terminal.hint(hint));
        if let (None, Some(next)) = (parts.refusal, &outcome.next) {
            terminal.next(next);
        }
    }
    code
}

/// Writes a file that the person named, wherever it is.
fn write_file(directory: &Option<std::path::PathBuf>, path: &Path, content: &str) -> Result<(), Refusal> {
    let path = directory.as_deref().unwrap_or(Path::new("")).join(path);
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    let Some(name) = name else {
        return Err(Refusal::usage(Code::File, format!("{} is no place for a file", path.display())));
    };
    let (files, below) = wire::files_below(path.parent().unwrap_or(Path::new("")))?;
    let below = below.join(name).to_string_lossy().into_owned();
    let now = files.read(&below)?;
    Ok(files.write(&below, now.as_deref(), content.as_bytes())?)
}

fn nobody() -> Person {
    Person { name: String::new(), email: String::new() }
}

/// `a, b or c`.
fn one_of(words: &[&str]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => words.join(", "),
    }
}

fn load_policy(
    look: Look<'_>,
    incident: Option<&Incident>,
    step: &dyn Step,
    learnt: Learnt<'_>,
) -> Result<Policy, Refusal> {
    let user = |key: &str| look.git.config(key).ok().flatten();
    let environment = |name: &str| wire::variable(name);
    let base = step.rules_of().filter(|_| incident.is_none());
    policy::load(look, incident, base, learnt, &Sources { user: &user, environment: &environment })
}
