//! The ledger is shared around a command that records: before it, so that it builds on what others did, and after it, so that
//! they see what it did. That a remote cannot be reached never stops a fix.

use std::time::{Duration, Instant};

use crate::config::Config;
use crate::domain::event::Production;
use crate::domain::{ClaimedBy, EventKind, Incident, count, one_line};
use crate::ledger::{Ledger, SyncError, Synced};
use crate::port::{Look, Outside, Peer, PortError, PushError, tracked_place};
use crate::production::{self, detect};
use crate::workflow::by_itself::{self, Insistence, NotShared};
use crate::workflow::{Action, Network, Outcome, Plan, Question, Refusal, Topic, consent};

use super::{Scene, Session};

/// All of it may take this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// The ledger is shared with a remote while a command runs.
pub(super) struct LedgerSharing {
    pub(super) remote: String,
    /// What is left of the time.
    left: Duration,
    insistence: Insistence,
    /// Whether the remote could be reached so far.
    is_reached: bool,
}

impl LedgerSharing {
    /// One exchange after the other, as long as there is time.
    fn with<T>(
        &mut self,
        outside: &dyn Outside,
        exchange: impl FnOnce(&Peer<'_>) -> Result<T, SyncError>,
    ) -> Result<T, NotShared> {
        let began = Instant::now();
        let peer = Peer { remote: &self.remote, may_ask: false, patience: self.left };
        let done = by_itself::exchange(outside.exchange(), outside.clock(), &peer, self.insistence, exchange);
        self.left = self.left.saturating_sub(began.elapsed());
        self.is_reached &= done.is_ok();
        done
    }
}

impl Session<'_> {
    /// Finds out whether the ledger is shared around this command, and takes in what others recorded.
    pub(super) fn begin_sharing(&mut self, outside: &dyn Outside, ledger: Ledger<'_>) -> Result<(), Refusal> {
        let Some(remote) = self.shared_with(outside)? else { return Ok(()) };
        // Who drives the fix builds on what others did of it.
        let insistence = if self.step.drives() { Insistence::Insists } else { Insistence::Patient };
        let mut sharing = LedgerSharing { remote, left: PATIENCE, insistence, is_reached: true };
        let mut synced = Synced::default();
        let taken = sharing.with(outside, |peer| ledger.take_in(outside.exchange(), peer, &mut synced));
        let remote = sharing.remote.clone();
        self.sharing = Some(sharing);
        match taken {
            Err(error) => self.not_shared(outside, &error),
            Ok(_) if synced.brought > 0 => self.note(format!("{} came from {remote}", count(synced.brought, "event"))),
            Ok(_) => {}
        }
        self.say_losses(&synced);
        Ok(())
    }

    /// Gives the remote what was recorded.
    pub(super) fn end_sharing(&mut self, outside: &dyn Outside, ledger: Ledger<'_>) {
        let Some(sharing) = self.sharing.as_mut().filter(|sharing| sharing.is_reached) else { return };
        match sharing.with(outside, |peer| ledger.share(outside.exchange(), peer)) {
            Ok(synced) => {
                outside.exchange().set_told(false);
                let remote = sharing.remote.clone();
                for branch in synced.on_branches {
                    self.note(format!("{remote} takes branches and tags only: the ledger is on {branch} there"));
                }
            }
            Err(error) => self.not_shared(outside, &error),
        }
    }

    /// What comes before a plan that takes the fix on: the word that it is driven from here. It keeps nobody from anything.
    pub(super) fn take_over(
        &mut self,
        scene: &Scene<'_>,
        incident: Option<&Incident>,
        plan: Plan,
    ) -> Result<Plan, Refusal> {
        let Some(incident) = incident.filter(|_| self.sharing.is_some() && self.step.drives()) else { return Ok(plan) };
        let here = &scene.workplace;
        // To move branches here takes nothing on, nor does it to tidy up after a landing; `abort` begins with deleting them.
        let is_landed = incident.merged.is_some();
        let is_nothing = |action: &Action| matches!(action, Action::Git(git) if is_landed || git.only_brings());
        let takes_on = |action: &Action| !is_nothing(action) && !action.view().records_nothing;
        if !plan.actions.iter().any(takes_on)
            || incident.driver.as_ref().is_some_and(|driver| driver.workplace == *here)
        {
            return Ok(plan);
        }
        if let Some(driver) = &incident.driver {
            let ClaimedBy { name, workplace, since } = driver;
            let who = format!(
                "{name} drives {} from {} since {}",
                incident.id,
                one_line(&workplace.host),
                self.options.reader.second(*since)
            );
            match self.answers.about(Topic::TakeOver) {
                Some(false) => return Ok(Plan::finished(Outcome::declined())),
                None if self.host.can_ask() => {
                    return Ok(Plan::ask(Question::Confirm {
                        topic: Topic::TakeOver,
                        text: format!("{who}. Take over?"),
                    }));
                }
                _ => self.note(format!("taken over: {who}")),
            }
        }
        Ok(Plan::then_look_again(vec![Action::record(vec![EventKind::Claimed(here.clone())])]))
    }

    fn not_shared(&mut self, outside: &dyn Outside, why: &NotShared) {
        let Some(sharing) = &self.sharing else { return };
        let (remote, program) = (&sharing.remote, self.options.program);
        // Once, not with every note of a night without a network; of a remote that does not answer each time that it was waited for.
        let is_told = match why {
            NotShared::LeftAlone => true,
            NotShared::Silent { .. } => false,
            NotShared::Failed(_) => outside.exchange().was_told(),
        };
        if is_told {
            return;
        }
        outside.exchange().set_told(true);
        self.note(match why {
            NotShared::Silent { until } => format!(
                "{remote} does not answer, and is not asked again before {}: until then it does not have what is recorded here \
                 ({program} sync {remote} asks it at once)",
                self.options.reader.second(*until)
            ),
            NotShared::Failed(SyncError::Push(PushError::Refused(_))) => {
                format!("{remote} does not take what is recorded here ({program} sync {remote}): {why}")
            }
            NotShared::LeftAlone | NotShared::Failed(_) => {
                format!(
                    "{remote} does not have what is recorded here until the next command that reaches it \
                     ({program} sync {remote} names the way): {why}"
                )
            }
        });
    }

    fn say_losses(&mut self, synced: &Synced) {
        let Some(sharing) = &self.sharing else { return };
        let (program, remote) = (self.options.program, sharing.remote.clone());
        for other in &synced.no_ledgers {
            self.note(format!("{} of {remote} is no ledger: {program} sync {remote}", other.place));
        }
        for loss in &synced.losses {
            let lost = count(loss.events.len(), "event");
            self.note(format!("{remote} lost {lost} of the ledger of {}: {program} sync {remote}", loss.year));
        }
    }

    /// The remote with which the ledger is shared around this command.
    fn shared_with(&mut self, outside: &dyn Outside) -> Result<Option<String>, Refusal> {
        if self.step.only_looks() || self.options.network() != Network::Online {
            return Ok(None);
        }
        let look = outside.look();
        let remotes = look.git.remotes()?;
        let mut is_allowed = outside.variable(consent::VARIABLE).is_some();
        for remote in &remotes {
            is_allowed |= consent::is_given(look, &Config::default(), remote)?;
        }
        // Who drives a fix is told that nobody else sees it.
        if !is_allowed && !self.step.drives() {
            return Ok(None);
        }
        // What is wrong with the rules the command itself will tell, if it needs them.
        let Ok((policy, None)) = self.rules(outside, None) else { return Ok(None) };
        let production = detect::likely(look, &policy.config, self.learnt()).ok();
        if !policy.config.ledger.share {
            let unfetched = production.as_ref().filter(|_| policy.commit.is_none() && is_allowed);
            if !unfetched.map_or(Ok(false), |production| stays_shared(look, production))? {
                return Ok(None);
            }
        }
        let remote = match &policy.config.ledger.remote {
            Some(remote) => Some(remote.clone()),
            None => production.and_then(|production| production.remote),
        };
        let Some(remote) = remote else { return Ok(None) };
        let answer = consent::answer(look, &policy.config, &remote)?;
        let is_here = remotes.contains(&remote);
        if self.step.drives() && answer != Some(false) {
            self.say_not_shared(&remote, is_here, answer.is_some());
        }
        Ok(Some(remote).filter(|_| is_here && answer == Some(true)))
    }

    /// That the rules share the record, and this clone does not.
    fn say_not_shared(&mut self, remote: &str, is_here: bool, is_allowed: bool) {
        let program = self.options.program;
        if !is_here {
            let name = one_line(remote);
            self.note(format!("nobody sees what is recorded here: `ledger.remote` is {name}, and there is no such remote: git remote add {name} URL"));
        } else if !is_allowed {
            self.note(format!("nobody sees what is recorded here until you allow it: {program} sync {remote}"));
        }
    }
}

/// Whether the ledger was shared with production's remote, and the rules are not here yet: its branch got another name, and they come
/// with the first fetch of that.
fn stays_shared(look: Look<'_>, production: &Production) -> Result<bool, PortError> {
    let Some(remote) = &production.remote else { return Ok(false) };
    let was_shared = !look.git.refs_under(&tracked_place(remote))?.is_empty();
    Ok(was_shared && look.git.commit_of_ref(&production::tip_ref(production))?.is_none())
}
