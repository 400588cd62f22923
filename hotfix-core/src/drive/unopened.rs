//! The end of an incident whose opening is lost: nothing can be planned for it, as nothing says what it is.

use crate::domain::{EventKind, count};
use crate::ledger::Unopened;
use crate::workflow::{Action, Code, Outcome, Plan, Refusal, refuse_blank};

use super::{Moment, Scene, Session};

impl Session<'_> {
    /// Ends an incident whose opening is lost, where a person gives that up. Nothing says which branch it has, so none is touched.
    pub(super) fn end_unopened(&mut self, scene: &Scene<'_>) -> Result<Option<Outcome>, Refusal> {
        let (Some(id), Some(reason)) = (self.id.clone(), self.step.accepts_damage()) else { return Ok(None) };
        let unopened = self.step.ends_unopened().then(|| scene.ledger.unopened(&id)).transpose()?.flatten();
        let Some(Unopened { lost, heads }) = unopened else { return Ok(None) };
        refuse_blank(reason, Code::Reason, "--accept-damage: say why")?;
        let text = format!(
            "{id} is ended: {} of it given up, and with that what it was\nits branch is left as it is: git branch --list\n",
            count(lost.len(), "event")
        );
        let reason = reason.to_owned();
        let given_up = EventKind::DamageAccepted { events: lost, reason: reason.clone() };
        let canceled = EventKind::Canceled { reason: Some(reason), tip: None };
        let actions = vec![Action::record(vec![given_up, canceled])];
        if self.options.dry_run {
            return self.foresee(Plan::then_finish(actions, Outcome::text(text))).map(Some);
        }
        let (policy, wrong_rules) = self.rules(scene.outside, None)?;
        let moment = Moment { incident: None, heads, policy, wrong_rules, lost: Vec::new(), unfetched: None };
        Ok((!self.act(&actions, scene, &moment)?).then(|| Outcome::text(text)))
    }
}
