//! The loop that carries a command out: rounds of planning and acting until it has its outcome.
//!
//! It asks and shows by a [`Host`], and knows the outside by [`Outside`] only. It stands above the rooms that load the rules
//! and that act, so it is no part of `workflow`.

mod address;
mod by_name;
mod dry_run;
mod host;
mod incomplete;
mod round;
mod rules;
mod said;
mod select;
mod share;
mod unfetched;
mod unopened;

pub use host::Host;

use std::cell::Cell;
use std::rc::Rc;

use crate::domain::{EventId, EventKind, Incident, IncidentId, ObjectId, Workplace, count};
use crate::evidence::{Masked, Redactor};
use crate::execute::KnownWorkspace;
use crate::ledger::{Incidents, Ledger, Loaded, Loss};
use crate::port::{ErrorKind, Outside, PortError, Reach};
use crate::production::policy::Policy;
use crate::production::{left_behind, unfetched as not_here};
use crate::release::page;
use crate::workflow::{
    Action, ActionView, Answers, Code, Context, EditorUse, GitAction, IncidentNeed, Known, Network, Outcome, Plan,
    Reader, Refusal, Step, Then, mask_request, refuse_blank,
};

use dry_run::PassedOver;
use incomplete::{goes_back, needs_newer};
use select::{Chosen, NamedIncident, Wanted};
use share::LedgerSharing;

/// More rounds than any step needs: a plan that never ends is a bug, and must not hang anybody.
const MAX_ROUNDS: usize = 60;

/// How a command is run.
#[derive(Debug, Clone, Default)]
pub struct Options<'a> {
    /// How people call the program, for hints: `git hotfix`.
    pub program: &'a str,
    /// Whether Cargo's own test runner is preferred.
    pub prefer_cargo: bool,
    /// The incident meant, instead of what the command [needs](IncidentNeed).
    pub incident: Option<&'a str>,
    /// Whether the first plan is shown, and nothing done.
    pub dry_run: bool,
    /// Whether no remote may be asked.
    pub offline: bool,
    /// Whether the commands after events stay away.
    pub no_hooks: bool,
    /// Whether it is always said which rules are used.
    pub verbose: bool,
    /// What is answered beforehand.
    pub answers: Answers,
    /// What masks secrets.
    pub redactor: Redactor,
    /// Who reads what is printed.
    pub reader: Reader,
}

impl Options<'_> {
    fn network(&self) -> Network {
        match (self.dry_run, self.offline) {
            (true, _) => Network::AsOfLastFetch,
            (false, true) => Network::Offline,
            (false, false) => Network::Online,
        }
    }
}

/// What came of a command.
#[derive(Debug)]
#[must_use = "a refusal is in `result`"]
pub struct Run {
    /// Its outcome, which may be a failure; or why nothing more was done.
    pub result: Result<Outcome, Refusal>,
    /// What was done, or would be in a dry run.
    pub actions: Vec<ActionView>,
    /// What was noted, each once.
    pub notes: Vec<String>,
    /// The incident that it was about.
    pub incident: Option<IncidentId>,
    /// The same, where a command that does not name it would mean another one, or none.
    pub to_name: Option<IncidentId>,
    /// What to type to go on with what was answered, where anything was.
    pub so_far: Option<String>,
}

/// Carries a command out. `open` gets how far this run may reach, and opens the outside for it.
///
/// ```no_run
/// use hotfix_core::adapter::Machine;
/// use hotfix_core::drive::{Options, drive};
/// use hotfix_core::step::Status;
///
/// let options = Options { program: "@bot", ..Options::default() };
/// let run = drive(&mut Status::default(), &options, &mut (), |reach| Machine::open(".".as_ref(), reach));
/// println!("{}", run.result?.text);
/// # Ok::<(), hotfix_core::workflow::Refusal>(())
/// ```
pub fn drive<O: Outside>(
    step: &mut dyn Step,
    options: &Options<'_>,
    host: &mut dyn Host,
    open: impl FnOnce(Reach) -> Result<O, PortError>,
) -> Run {
    // Before anything is planned: what is compared with the record has to be the masked text.
    let masked = mask_request(step, &options.redactor);
    let answers = Answers { can_ask: host.can_ask(), ..options.answers.clone() };
    let (acted, notes, id, to_name) = (Vec::new(), Vec::new(), None, None);
    let (known, kept, webhook_failed, passed_over) = Default::default();
    let mut session = Session {
        step,
        options,
        host,
        answers,
        known,
        acted,
        notes,
        id,
        to_name,
        sharing: None,
        signs: false,
        kept,
        webhook_failed,
        passed_over,
    };
    session.note_masked(&masked, "what you typed");
    let result = session.carry_out(open);
    let so_far = session.has_answers().then(|| session.so_far("goes on"));
    let Session { acted: actions, notes, id: incident, to_name, .. } = session;
    Run { result, actions, notes, incident, to_name, so_far }
}

/// How many events that cannot be read are named one by one.
const NAMED: usize = 20;

/// What does not change while a command runs.
struct Scene<'a> {
    outside: &'a dyn Outside,
    workplace: Workplace,
    ledger: Ledger<'a>,
    incidents: &'a Incidents<'a>,
    new_id: IncidentId,
}

/// What a round begins with.
struct Moment {
    incident: Option<Rc<Incident>>,
    /// Its newest events.
    heads: Vec<EventId>,
    policy: Rc<Policy>,
    wrong_rules: Option<Refusal>,
    /// The events of the incident that cannot be read, and that nobody gave up.
    lost: Vec<EventId>,
    /// A commit that the incident is about and that is not here.
    unfetched: Option<ObjectId>,
}

impl Moment {
    /// Whether a person gave up what is lost of the ledger, for this incident.
    fn has_given_up(&self, loss: &Loss) -> bool {
        !loss.is_here() && self.incident.as_deref().is_some_and(|incident| incident.given_up.contains(&loss.mark()))
    }
}

/// What one command knows while it runs.
struct Session<'a> {
    step: &'a dyn Step,
    options: &'a Options<'a>,
    host: &'a mut dyn Host,
    answers: Answers,
    known: Known,
    acted: Vec<ActionView>,
    notes: Vec<String>,
    id: Option<IncidentId>,
    to_name: Option<IncidentId>,
    sharing: Option<LedgerSharing>,
    /// Whether what is recorded is signed.
    signs: bool,
    kept: Kept,
    /// Whether the webhook failed, which is then told nothing more.
    webhook_failed: Rc<Cell<bool>>,
    passed_over: PassedOver,
}

/// What was read in an earlier round, by what it was read from: that never changes.
#[derive(Default)]
struct Kept {
    incident: Option<(IncidentId, String, Rc<Incident>)>,
    /// Where the ledger of a year was in the round before.
    tip: Option<(i16, String)>,
    policy: Option<(Option<ObjectId>, Rc<Policy>)>,
    /// This one by the files that Cargo reads, which it looks at itself.
    workspace: KnownWorkspace,
}

impl Session<'_> {
    fn carry_out<O: Outside>(&mut self, open: impl FnOnce(Reach) -> Result<O, PortError>) -> Result<Outcome, Refusal> {
        let dry_run = self.options.dry_run;
        // At once: later a draft would be written and recorded, and then the editor would fail.
        if let Some(editor) = self.step.editor().filter(|editor| !dry_run && !self.can_show(editor)) {
            let message = format!("{}: there is no terminal to show an editor in", editor.argument);
            return Err(
                Refusal::usage(Code::Edit, message).hint(format!("{} {}", self.options.program, editor.instead))
            );
        }
        // A dry run starts no program, so not even one that merges.
        let reach = Reach {
            asks_remotes: self.options.network() == Network::Online,
            fetches_missing: !self.step.shows_record(),
            decides_merges: self.step.decides_merges() && !dry_run,
        };
        let outside = open(reach)?;
        if let Some(path) = outside.led_elsewhere() {
            self.note(format!("GIT_DIR leads to {}", path.display()));
        }
        let ledger = Ledger::new(outside.store());
        self.begin_sharing(&outside, ledger)?;
        let outcome = self.on_what_is_recorded(&outside, ledger);
        let outcome = self.with_questions(outcome);
        self.say_unsigned(&outside);
        self.end_sharing(&outside, ledger);
        if self.acted.iter().any(|view| !view.records_nothing) {
            // What is kept of the open incidents is all that a prompt looks at; it is made again where that fails.
            let _ = ledger.incidents();
        }
        outcome
    }

    /// Whether an editor can be shown. One that nobody asked for by a flag is a question.
    fn can_show(&self, editor: &EditorUse) -> bool {
        self.host.can_show_editor() && (editor.is_given || self.host.can_ask())
    }

    fn on_what_is_recorded(&mut self, outside: &dyn Outside, ledger: Ledger<'_>) -> Result<Outcome, Refusal> {
        let incidents = match ledger.incidents() {
            Err(error) if self.step.mends_record() => {
                self.note(format!("going on without the incidents: {error}"));
                Incidents::from(Vec::new())
            }
            incidents => incidents?,
        };
        for loss in incidents.losses() {
            self.note(format!("{}; to bring it back: {}", loss.what(), loss.way_back()));
        }
        let choice = self.select(outside, &incidents);
        let is_plain = self.step.named_incident().or(self.options.incident).is_some()
            || choice.as_ref().is_ok_and(|choice| choice.as_ref().is_some_and(|choice| choice.is_here));
        if let Some((damaged, kind)) = incidents.unread().filter(|_| self.step.needs_all_incidents() && !is_plain) {
            let program = self.options.program;
            let refusal = Refusal::new(
                kind,
                Code::Ledger,
                format!("{} cannot be read, and may be the one: {}", damaged.id, damaged.why),
            );
            return Err(match kind {
                ErrorKind::Retry => refusal,
                _ => refusal.hint(format!("{program} ledger repair   # puts together what is still to be found of it")),
            });
        }
        let chosen = choice.as_ref().ok().and_then(Option::as_ref).map(|choice| &choice.id);
        // What is damaged in that one is told when it is read.
        for damaged in incidents.damaged().iter().filter(|damaged| Some(&damaged.id) != chosen) {
            let what = if damaged.unread == Some(ErrorKind::Retry) { "not here yet" } else { "damaged" };
            self.note(format!("{what}: {}: {}", damaged.id, damaged.why));
        }
        if let Some(choice) = choice? {
            self.id = Some(choice.id);
            choice.note.into_iter().for_each(|note| self.note(note));
        }
        let new_id = outside.new_id().map_err(|error| Refusal {
            source: error.source,
            ..Refusal::new(error.kind, Code::Random, "failed to get random bytes")
        })?;
        let workplace = outside.workplace(self.sharing.is_some());
        let result = self.rounds(&Scene { outside, workplace, ledger, incidents: &incidents, new_id });
        let hints = |outcome: &Outcome| !outcome.hints.is_empty() || outcome.failure.is_some();
        let id = self.id.clone().filter(|_| result.as_ref().map_or(true, hints));
        self.to_name = id.filter(|id| !self.is_meant(outside, ledger, &incidents, id));
        Ok(match &self.to_name {
            Some(id) => address::name_in(result, self.options.program, id)?,
            None => result?,
        })
    }

    /// Whether a command that names no incident means this one, as things are now.
    fn is_meant(&self, outside: &dyn Outside, ledger: Ledger<'_>, then: &Incidents<'_>, id: &IncidentId) -> bool {
        if then.open().iter().all(|summary| summary.id == *id) && self.options.incident.is_none() {
            return true; // Nothing else is open.
        }
        let meant = || -> Result<Option<Chosen>, Refusal> {
            let (now, head) = (ledger.incidents()?, outside.look().git.head()?);
            let (branch, need) = (head.branch(), IncidentNeed::Any);
            select::choose(&Wanted { named: None, branch, need, program: self.options.program }, &now)
        };
        // Where that cannot be told, to name it does no harm.
        matches!(meant(), Ok(Some(chosen)) if chosen.id == *id)
    }

    fn select(&self, outside: &dyn Outside, incidents: &Incidents<'_>) -> Result<Option<Chosen>, Refusal> {
        let need = self.step.incident();
        if need == IncidentNeed::None {
            return Ok(None);
        }
        let named = NamedIncident::of(self.step.named_incident(), self.options.incident);
        let head = outside.look().git.head()?;
        select::choose(&Wanted { named, branch: head.branch(), need, program: self.options.program }, incidents)
    }

    fn rounds(&mut self, scene: &Scene<'_>) -> Result<Outcome, Refusal> {
        if let Some(outcome) = self.end_unopened(scene)? {
            return Ok(outcome);
        }
        for _ in 0..MAX_ROUNDS {
            // Anew each round: the last one recorded events, and so may colleagues have done.
            let moment = self.moment(scene)?;
            self.sign(scene.outside, moment.policy.config.ledger.sign);
            self.say_rules(scene, &moment);
            let loss = self.loss(scene)?.filter(|loss| !moment.has_given_up(loss));
            let gives_up = loss.as_ref().is_some_and(|loss| self.gives_up(&moment, loss));
            // Before it plans: that may fail for want of an event, and say something else.
            if let Some(loss) = loss.as_ref().filter(|_| self.step.needs_every_event() && !gives_up) {
                return Err(goes_back(loss, self.options.program));
            }
            let mut lost = moment.lost.clone();
            lost.extend(loss.as_ref().filter(|_| gives_up).map(Loss::mark));
            let newer = moment.incident.as_deref().and_then(|incident| Some((incident, incident.newer?)));
            if let Some((incident, needs)) = newer.filter(|_| self.step.needs_every_event()) {
                return Err(needs_newer(incident, needs));
            }
            let first = match self.take_back(scene)? {
                None => self.fetch_base(scene, &moment)?,
                plan => plan,
            };
            let first = match first {
                None => self.give_up(&moment, lost)?,
                plan => plan,
            };
            let plan = match first {
                Some(plan) => plan,
                None => {
                    self.host.looks();
                    let plan = self.step.plan(&context(self.options, &self.known, &self.answers, scene, &moment));
                    self.host.looked();
                    plan?
                }
            };
            let plan = self.take_over(scene, moment.incident.as_deref(), plan)?;
            // Nothing is done after events that may not be all: they may have told that it was done.
            if let Some(loss) = loss.as_ref().filter(|_| !gives_up && self.builds_on_record(&plan)) {
                return Err(goes_back(loss, self.options.program));
            }
            if let Some((incident, needs)) = newer.filter(|_| self.builds_on_record(&plan)) {
                return Err(needs_newer(incident, needs));
            }
            // Before the round acts, so that the document shows the incident also where acting fails.
            self.show_incident(scene, &moment)?;
            if self.options.dry_run {
                if let Then::Ask(question) = &plan.then
                    && self.pass_over(question)?
                {
                    continue;
                }
                if !plan.actions.is_empty() {
                    self.say_hooks(&moment.policy.config.hooks);
                    self.say_webhook(&moment.policy.config.notify, &plan.actions);
                }
                return self.foresee(plan);
            }
            let acted = self.round(plan, scene, &moment);
            if let Some(mut outcome) = acted.map_err(|refusal| self.with_fetch(scene, &moment, refusal))? {
                outcome.failure = outcome.failure.or_else(|| left_behind(&self.known));
                self.name_incident(&mut outcome, scene, moment.incident.as_deref())?;
                if let Some(incident) = moment.incident.as_deref().filter(|_| self.step.wants_page()) {
                    let context = context(self.options, &self.known, &self.answers, scene, &moment);
                    outcome.page = page::best(&context, incident)?;
                }
                return Ok(outcome);
            }
        }
        Err(Refusal::new(ErrorKind::Internal, Code::Rounds, format!("`{}` came to no end", self.step.name())))
    }

    /// The incident and the rules as they are now.
    fn moment(&mut self, scene: &Scene<'_>) -> Result<Moment, Refusal> {
        let (incident, lost) = self.incident(scene)?;
        let unfetched = incident.as_deref().map(|incident| not_here::of(scene.outside.look(), incident)).transpose()?;
        let unfetched = unfetched.flatten();
        let (policy, wrong_rules) = self.rules_at_hand(scene.outside, incident.as_deref(), unfetched.as_ref())?;
        let heads = incident.as_deref().map(|incident| incident.heads.clone()).unwrap_or_default();
        Ok(Moment { incident, heads, policy, wrong_rules, lost, unfetched })
    }

    /// What comes before a step that looks at the work tree: a switch that was cut short must not pass for somebody's work.
    fn take_back(&self, scene: &Scene<'_>) -> Result<Option<Plan>, Refusal> {
        if !self.step.needs_work_tree() {
            return Ok(None);
        }
        let cut = scene.outside.look().git.cut_switch()?;
        Ok(cut.map(|cut| Plan::then_look_again(vec![Action::Git(GitAction::TakeBack(cut))])))
    }

    /// Whether events that are nowhere any more are given up in this moment, for one incident.
    fn gives_up(&self, moment: &Moment, loss: &Loss) -> bool {
        !loss.is_here()
            && moment.incident.is_some()
            && self.step.needs_every_event()
            && self.step.accepts_damage().is_some()
    }

    /// What comes before a step that may not miss an event: the word that those which are lost are given up.
    fn give_up(&self, moment: &Moment, lost: Vec<EventId>) -> Result<Option<Plan>, Refusal> {
        let Some(incident) = moment.incident.as_deref().filter(|_| self.step.needs_every_event()) else {
            return Ok(None);
        };
        let Some(first) = lost.first() else { return Ok(None) };
        if let Some(reason) = self.step.accepts_damage() {
            refuse_blank(reason, Code::Reason, "--accept-damage: say why")?;
            let given_up = EventKind::DamageAccepted { events: lost, reason: reason.to_owned() };
            return Ok(Some(Plan::then_look_again(vec![Action::record(vec![given_up])])));
        }
        let Options { program, .. } = self.options;
        let number = count(lost.len(), "event");
        let message = format!("{number} of {} cannot be read: {first}; what happened is not known", incident.id);
        Err(Refusal::precondition(Code::Damaged, message)
            .hint("git fsck   # says what is damaged; a backup or another clone may have the objects")
            .hint(format!("to go on without them: {program} {} --accept-damage \"...\"   # why", self.step.name())))
    }

    /// What is gone of the ledger that the command is about: before it began, or since the round before.
    fn loss(&mut self, scene: &Scene<'_>) -> Result<Option<Loss>, Refusal> {
        if self.step.mends_record() {
            return Ok(None); // Its ref may name nothing, and what is gone is asked of the incidents.
        }
        let year = self.id.as_ref().unwrap_or(&scene.new_id).year();
        let before = self.kept.tip.take().filter(|(of, _)| *of == year);
        let since = before.map(|(_, tip)| scene.ledger.loss_since(year, &tip)).transpose()?.flatten();
        self.kept.tip = scene.ledger.tip(year)?.map(|tip| (year, tip));
        Ok(since.or_else(|| scene.incidents.losses().iter().find(|loss| loss.year == year).cloned()))
    }

    /// Whether a plan records, or does something for an incident.
    fn builds_on_record(&self, plan: &Plan) -> bool {
        let is_meant = |action: &&Action| self.id.is_some() || matches!(action, Action::Record(_));
        plan.actions.iter().filter(is_meant).any(|action| !action.view().records_nothing)
    }

    /// The incident, and the events of it that cannot be read.
    fn incident(&mut self, scene: &Scene<'_>) -> Result<(Option<Rc<Incident>>, Vec<EventId>), Refusal> {
        let Some(id) = self.id.clone() else { return Ok((None, Vec::new())) };
        let revision = scene.ledger.revision(&id)?;
        if let Some((of, at, incident)) = &self.kept.incident
            && (of, at) == (&id, &revision)
        {
            return Ok((Some(Rc::clone(incident)), Vec::new()));
        }
        let loaded = scene.ledger.load_at(&id, &revision);
        let damage = match &loaded {
            Ok(loaded) => loaded.damaged.first().map(ToString::to_string),
            Err(error) => error.is_damage().then(|| error.to_string()),
        };
        damage.into_iter().for_each(|why| scene.incidents.met_damage(&id, &why));
        let Loaded { incident, damaged, .. } = loaded?;
        // Whatever the caches remember: what cannot be read is missing in all that is shown.
        for damaged in damaged.iter().take(NAMED) {
            self.note(format!("damaged: {id}: {damaged}"));
        }
        if let Some(others) = damaged.len().checked_sub(NAMED).filter(|others| *others > 0) {
            self.note(format!("damaged: {id}: {} more", count(others, "event")));
        }
        let lost: Vec<EventId> =
            damaged.into_iter().map(|damaged| damaged.id).filter(|lost| !incident.given_up.contains(lost)).collect();
        let incident = Rc::new(incident);
        // What could not be read may be read the next time.
        self.kept.incident = lost.is_empty().then(|| (id, revision, Rc::clone(&incident)));
        Ok((Some(incident), lost))
    }

    fn show_incident(&mut self, scene: &Scene<'_>, moment: &Moment) -> Result<(), Refusal> {
        let Some(incident) = moment.incident.as_deref().filter(|_| self.host.shows_incident()) else { return Ok(()) };
        self.host.incident(&context(self.options, &self.known, &self.answers, scene, moment), incident)
    }

    /// Where others are open too, the next command names the incident, unless its branch is checked out and says it.
    fn name_incident(
        &self,
        outcome: &mut Outcome,
        scene: &Scene<'_>,
        incident: Option<&Incident>,
    ) -> Result<(), Refusal> {
        let is_ours = |next: &&mut String| next.starts_with(self.options.program);
        let (Some(incident), Some(next)) = (incident, outcome.next.as_mut().filter(is_ours)) else { return Ok(()) };
        let head = scene.outside.look().git.head()?;
        if scene.incidents.has_to_be_named(&incident.id, &incident.branch(), head.branch()) {
            // Before what is said of the command, if anything is.
            let end = next.find("   # ").unwrap_or(next.len());
            next.insert_str(end, &format!(" --incident {}", incident.id));
        }
        Ok(())
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.host.note(&note);
            self.notes.push(note);
        }
    }

    fn sign(&mut self, outside: &dyn Outside, signs: bool) {
        if self.signs != signs {
            outside.exchange().sign(signs);
            self.signs = signs;
        }
    }

    fn note_masked(&mut self, masked: &Masked, source: &str) {
        if !masked.is_empty() {
            self.note(format!("{masked} in {source}"));
        }
    }
}

fn context<'c>(
    options: &'c Options<'_>,
    known: &'c Known,
    answers: &'c Answers,
    scene: &'c Scene<'_>,
    moment: &'c Moment,
) -> Context<'c> {
    Context {
        look: scene.outside.look(),
        now: scene.outside.clock().now(),
        config: &moment.policy.config,
        policy: moment.policy.commit.as_ref(),
        wrong_rules: moment.wrong_rules.as_ref(),
        incident: moment.incident.as_deref(),
        names_incident: options.incident.is_some(),
        incidents: scene.incidents,
        new_id: &scene.new_id,
        known,
        answers,
        network: options.network(),
        workplace: &scene.workplace,
        redactor: &options.redactor,
        reader: &options.reader,
        program: options.program,
        prefer_cargo: options.prefer_cargo,
    }
}

#[cfg(test)]
mod tests;
