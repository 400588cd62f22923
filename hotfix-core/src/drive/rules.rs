//! The rules that hold while a command runs.

use std::rc::Rc;

use crate::domain::Incident;
use crate::port::Outside;
use crate::production::detect::Learnt;
use crate::production::policy::{self, Policy, Sources};
use crate::workflow::{Code, Refusal};

use super::Session;

impl Session<'_> {
    /// The rules, and why they cannot be used where the step works without.
    pub(super) fn rules(
        &mut self,
        outside: &dyn Outside,
        incident: Option<&Incident>,
    ) -> Result<(Rc<Policy>, Option<Refusal>), Refusal> {
        // Those of an incident are read from a commit; the other sources are read once a process.
        if let Some((commit, policy)) = &self.kept.policy
            && incident.is_some_and(|incident| incident.policy == *commit)
        {
            return Ok((Rc::clone(policy), None));
        }
        let look = outside.look();
        let user = |key: &str| look.git.config(key).ok().flatten();
        let environment = |name: &str| outside.variable(name);
        let base = self.step.rules_of().filter(|_| incident.is_none());
        let sources = Sources { user: &user, environment: &environment };
        let loaded = policy::load(look, incident, base, self.learnt(), &sources);
        if incident.is_none() && self.step.takes_last_rules() {
            return match loaded {
                Ok(_) => Err(Refusal::usage(Code::Config, "--no-config: the rules can be read, so they hold")),
                Err(refusal) if refusal.code != Code::Config => Err(refusal),
                Err(_) => Ok((Rc::new(policy::load_last_usable(look, self.learnt(), &sources)?), None)),
            };
        }
        match loaded {
            Err(wrong) if wrong.code == Code::Config && self.step.works_without_rules() => {
                Ok((Rc::new(Policy::without_file()), Some(wrong)))
            }
            Err(wrong) if policy::is_of_file(&wrong) && incident.is_none() => {
                let way = self.step.to_take_last_rules(self.options.program);
                Err(way.into_iter().fold(wrong, Refusal::hint))
            }
            rules => {
                let policy = Rc::new(rules?);
                self.kept.policy = incident.map(|incident| (incident.policy.clone(), Rc::clone(&policy)));
                Ok((policy, None))
            }
        }
    }

    pub(super) fn learnt(&self) -> Learnt<'_> {
        Learnt { known: &self.known, answers: Some(&self.answers), network: self.options.network() }
    }
}
