//! What is always said beside the plan: by which rules, who is told, and what of it could not be done.

use crate::config::{Hooks, NotifyConfig};
use crate::port::Outside;
use crate::workflow::{Action, RecordAction};

use super::{Moment, Scene, Session};

impl Session<'_> {
    /// It is always said which rules are used, where rules matter.
    pub(super) fn say_rules(&mut self, scene: &Scene<'_>, moment: &Moment) {
        if moment.unfetched.is_some() {
            self.say_unfetched(scene, moment);
        } else if let Some(wrong) = moment.wrong_rules.as_ref().filter(|_| !self.step.judges_rules()) {
            self.note(format!("going on without the rules: {wrong}"));
        } else if self.step.takes_last_rules() && moment.policy.commit.is_none() {
            self.note("rules: defaults (no version of hotfix.toml could be read)".to_owned());
        } else if self.options.verbose
            || ((self.step.follows_rules() || self.step.takes_last_rules()) && moment.policy.commit.is_some())
        {
            self.note(moment.policy.describe());
        }
    }

    /// Who is told of an incident is said once, by what opens it.
    pub(super) fn say_webhook(&mut self, config: &NotifyConfig, actions: &[Action]) {
        if !actions.iter().any(|action| matches!(action, Action::Record(RecordAction::Open { .. }))) {
            return;
        }
        let Some(webhook) = config.told().filter(|_| !self.options.offline) else { return };
        let host = webhook.host().unwrap_or("an address that is no URL");
        self.note(format!("webhook: {} is told of {}", host, config.events.join(", ")));
    }

    /// It is always said which commands run beside the plan.
    pub(super) fn say_hooks(&mut self, hooks: &Hooks) {
        if hooks.is_empty() || self.options.no_hooks {
            return;
        }
        let all = hooks.iter().map(|(event, command)| format!("{event} runs {command}"));
        self.note(format!("hooks: {}", all.collect::<Vec<_>>().join("; ")));
    }

    /// What could not be signed is recorded all the same.
    pub(super) fn say_unsigned(&mut self, outside: &dyn Outside) {
        let Some(error) = self.signs.then(|| outside.exchange().unsigned()).flatten() else { return };
        self.note(format!(
            "recorded without a signature: {error}; git config hotfix.ledger.sign false   # asks for none"
        ));
    }
}
