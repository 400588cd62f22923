//! One round: the actions of a plan are done, and its question is asked.

use std::cell::RefCell;
use std::rc::Rc;

use crate::domain::{Incident, Person};
use crate::execute::{Executor, Notifier};
use crate::port::{ErrorKind, ForgeAddress};
use crate::production::{detect, hosting};
use crate::workflow::{
    Action, ActionView, Code, Done, Outcome, Plan, Question, Refusal, TextQuestion, Then, Topic, without_git_hooks,
};

use super::{Moment, Scene, Session};

/// How often one question is asked.
const MOST_TRIES: usize = 5;

impl Session<'_> {
    /// One round; `Some` when the step has its outcome.
    pub(super) fn round(&mut self, plan: Plan, scene: &Scene<'_>, moment: &Moment) -> Result<Option<Outcome>, Refusal> {
        for note in plan.notes {
            self.note(note);
        }
        if self.act(&plan.actions, scene, moment)? {
            return Ok(None);
        }
        for note in plan.notes_after {
            self.note(note);
        }
        if !matches!(plan.then, Then::LookAgain | Then::Finish(_)) {
            scene.outside.time_passed(); // Who is asked may have changed something first.
        }
        match plan.then {
            Then::LookAgain => Ok(None),
            Then::Finish(outcome) => {
                // Read anew: the last actions changed it.
                if self.host.shows_incident() {
                    let now = self.moment(scene)?;
                    self.show_incident(scene, &now)?;
                }
                Ok(Some(*outcome))
            }
            Then::Ask(question) => self.ask(&question, &plan.ahead).map(|()| None),
            Then::AskOrAssume(question) => {
                let Question::Confirm { topic, text } = &question else { return Ok(None) };
                if self.host.can_ask() {
                    self.confirm(*topic, text)?;
                } else {
                    self.answers.confirmed.push((*topic, true));
                }
                Ok(None)
            }
            Then::Offer(question, otherwise) => match self.answer(&question)? {
                Some(true) => Ok(None),
                Some(false) if question.asks_leave() => Ok(Some(Outcome::declined())),
                Some(false) | None => Err(*otherwise),
            },
            Then::OfferMore(question, mut otherwise) => {
                if let Some(failure) = otherwise.failure.as_ref().filter(|_| self.host.can_ask()) {
                    // What one decides about stands before the question, and need not be told again.
                    self.host.before_question(&std::mem::take(&mut otherwise.text), &failure.message);
                }
                Ok((self.answer(&question)? != Some(true)).then_some(*otherwise))
            }
        }
    }

    /// Does the actions; whether one of them wants the step to look again first.
    pub(super) fn act(&mut self, actions: &[Action], scene: &Scene<'_>, moment: &Moment) -> Result<bool, Refusal> {
        if actions.is_empty() {
            return Ok(false);
        }
        let views: Vec<ActionView> = actions.iter().map(Action::view).collect();
        let who = match scene.outside.look().git.identity() {
            // Looking records nothing, so nobody needs to be named.
            Err(_) if views.iter().all(|view| view.records_nothing) => {
                Person { name: String::new(), email: String::new() }
            }
            who => who?,
        };
        let incident = moment.incident.as_deref();
        let heads = moment.heads.clone();
        // Only for rounds that need it: to find the service reads remotes and settings.
        let address = match views.iter().any(|view| view.meets_forge) {
            true => self.hosted_at(scene, moment, incident)?,
            false => None,
        };
        let forge = scene.outside.forge(address);
        let (act, redactor) = (scene.outside.act(&*forge), &self.options.redactor);
        let mut executor = Executor::new(act, &scene.ledger, &who, redactor, self.id.clone(), heads)
            .remembering(std::mem::take(&mut self.kept.workspace))
            .sharing_with(self.sharing.as_ref().map(|sharing| sharing.remote.clone()));
        if !self.options.no_hooks {
            self.say_hooks(&moment.policy.config.hooks);
            executor = executor.hooks(&moment.policy.config.hooks);
        }
        let webhook_failed = Rc::clone(&self.webhook_failed);
        if !self.options.offline {
            self.say_webhook(&moment.policy.config.notify, actions);
            executor = executor.notifying(Notifier::new(&moment.policy.config.notify, &webhook_failed));
        }
        let halts = self.act_in_order(actions, views, &mut executor, scene);
        // Whatever ended the round: what was done before is recorded.
        let recorded = executor.record_held();
        executor.warnings().into_iter().for_each(|warning| self.note(warning));
        self.kept.workspace = executor.into_workspace();
        let halts = halts?;
        recorded.map_err(|refusal| self.with_next_step(refusal))?;
        Ok(halts)
    }

    fn act_in_order(
        &mut self,
        actions: &[Action],
        views: Vec<ActionView>,
        executor: &mut Executor<'_>,
        scene: &Scene<'_>,
    ) -> Result<bool, Refusal> {
        for (number, (action, view)) in actions.iter().zip(views).enumerate() {
            self.host.began(&view);
            executor.recording_along(actions.get(number + 1));
            let host = RefCell::new(&mut *self.host);
            let result = executor.execute_watched(action, &|text| host.borrow_mut().at(text));
            if view.meets_forge {
                scene.outside.time_passed(); // It takes its time, and may be waited for.
            }
            self.host.ended(&view, result.as_ref());
            self.note_masked(&executor.masked().clone(), "what was recorded");
            executor.warnings().into_iter().for_each(|warning| self.note(warning));
            let done = result.map_err(|refusal| self.with_next_step(refusal))?;
            self.acted.push(view);
            if let Done::Incident(now) | Done::OpenedMeanwhile(now) = &done {
                self.id = Some(now.clone());
            }
            if let Done::CouldNotFollow { branch, reason } = &done {
                self.note(format!("{branch} here could not follow: {reason}"));
            }
            if let (Done::Landed { deleted: Some(_), .. }, Some(along)) = (&done, action.along()) {
                self.host.began(&along);
                self.host.ended(&along, Ok(&done));
                self.acted.push(along);
            }
            let halts = done.halts();
            self.known.learn(done);
            // What comes after was planned for a state that is gone.
            if halts {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Where the repository is hosted.
    fn hosted_at(
        &self,
        scene: &Scene<'_>,
        moment: &Moment,
        incident: Option<&Incident>,
    ) -> Result<Option<ForgeAddress>, Refusal> {
        let (look, rules) = (scene.outside.look(), &moment.policy.config);
        let remote = match incident {
            Some(incident) => incident.production.remote.clone(),
            None => detect::likely(look, rules, self.learnt())?.remote,
        };
        hosting::find(look, rules, remote.as_deref())
    }

    pub(super) fn ask(&mut self, question: &Question, ahead: &[ActionView]) -> Result<(), Refusal> {
        match question {
            Question::Severity { levels, default } => {
                if !self.host.can_ask() {
                    let keys: Vec<&str> = levels.iter().map(|level| level.severity.key()).collect();
                    return Err(Refusal::usage(Code::Severity, format!("--severity is required: {}", one_of(&keys))));
                }
                self.answers.severity = self.host.severity(levels, default.as_ref());
                match self.answers.severity {
                    Some(_) => Ok(()),
                    None => Err(self.unanswered("How bad is it?")),
                }
            }
            Question::Text(question) => self.ask_for_text(question),
            Question::Confirm { topic, text } => {
                self.host.plan(ahead);
                if !self.host.can_ask() {
                    return Err(Refusal::usage(Code::Confirm, format!("{text} Nobody is there to confirm it"))
                        .hint(format!("{} {} --yes", self.options.program, self.step.asking())));
                }
                self.confirm(*topic, text).map(drop)
            }
        }
    }

    fn ask_for_text(&mut self, question: &TextQuestion) -> Result<(), Refusal> {
        for _ in 0..MOST_TRIES {
            let Some(mut answer) = self.host.text(question) else { break };
            // Masked as if it had been typed as an argument.
            let masked = self.options.redactor.redact_in_place(&mut answer);
            match question.judge(&answer) {
                Ok(answer) => {
                    self.note_masked(&masked, "what you typed");
                    self.answers.texts.push((question.about, answer));
                    return Ok(());
                }
                Err(why) => self.host.note(why),
            }
        }
        Err(self.unanswered(question.about.words()))
    }

    pub(super) fn has_answers(&self) -> bool {
        self.answers.severity.is_some() || self.answers.texts.iter().any(|(_, text)| !text.is_empty())
    }

    /// What to type to go on with what was answered, and what came of that.
    pub(super) fn so_far(&self, what: &str) -> String {
        let has_recorded = self.acted.iter().any(|view| !view.records_nothing);
        let kept = if has_recorded { "what was answered before is recorded" } else { "nothing was changed" };
        format!("{}   # {what}; {kept}", self.step.so_far(&self.answers, self.options.program))
    }

    fn confirm(&mut self, topic: Topic, text: &str) -> Result<bool, Refusal> {
        let answer = match self.host.confirm(topic, text) {
            Some(answer) => answer,
            None if topic.is_ended_by_no() => false,
            None => return Err(self.unanswered(text)),
        };
        self.answers.confirmed.push((topic, answer));
        Ok(answer)
    }

    /// Refuses where the person went away instead of an answer.
    fn unanswered(&self, question: &str) -> Refusal {
        let message = format!("the question was not answered: {question}");
        Refusal::new(ErrorKind::Interrupted, Code::Declined, message).hint(self.so_far("asks again"))
    }

    /// What somebody says to a yes or no; `None` where nobody is there.
    fn answer(&mut self, question: &Question) -> Result<Option<bool>, Refusal> {
        match question {
            Question::Confirm { topic, text } if self.host.can_ask() => self.confirm(*topic, text).map(Some),
            _ => Ok(None),
        }
    }

    /// The refusal with what a person can do where a git hook said no, or where the fix has landed already.
    fn with_next_step(&self, mut refusal: Refusal) -> Refusal {
        let (program, name) = (self.options.program, self.step.name());
        if refusal.code == Code::Hook {
            let is_needed = !refusal.hints.is_empty();
            refusal = refusal.hint(format!("fix what it says, then: {program} {name}   # goes on from there"));
            if !is_needed {
                refusal = refusal.hint(format!("{}   # once without git's hooks", without_git_hooks(program, name)));
            }
        }
        if self.step.lands() && self.known.has_landed() {
            refusal = refusal.hint(format!("the fix has landed; {program} {name} goes on from there"));
        }
        refusal
    }
}

/// `a, b or c`.
fn one_of(words: &[&str]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => words.join(", "),
    }
}
