//! An incident whose commits are not here: what only shows or records goes on without them, all else fetches first.

use std::rc::Rc;

use crate::domain::{Incident, ObjectId};
use crate::port::{ErrorKind, Outside};
use crate::production::no_remote::NoRemote;
use crate::production::policy::{FILE, Policy};
use crate::production::unfetched;
use crate::workflow::{Action, GitAction, Network, Plan, Refusal};

use super::{Moment, Scene, Session};

impl Session<'_> {
    /// The rules of an incident; until those are here, the newest that are.
    pub(super) fn rules_at_hand(
        &mut self,
        outside: &dyn Outside,
        incident: Option<&Incident>,
        unfetched: Option<&ObjectId>,
    ) -> Result<(Rc<Policy>, Option<Refusal>), Refusal> {
        if unfetched.is_some() && self.needs_commits() {
            return Ok((Rc::new(Policy::without_file()), None)); // Nothing is done by them but the fetch.
        }
        let are_here = |incident: &&Incident| unfetched.is_none() || incident.policy.as_ref() != unfetched;
        let rules = self.rules(outside, incident.filter(are_here));
        // A partial clone may have left any version of the file with its remote.
        let is_away = |rules: &Result<_, Refusal>| rules.as_ref().is_err_and(|error| error.kind == ErrorKind::Retry);
        if !is_away(&rules) || self.needs_commits() {
            return rules;
        }
        let Some((id, commit)) = incident.and_then(|incident| Some((&incident.id, incident.policy.as_ref()?))) else {
            return rules;
        };
        self.note(format!(
            "{FILE} of {}, by which {id} goes, is not here yet: git cat-file -e {commit}:{FILE} (until then the newest rules \
             here hold)",
            commit.short()
        ));
        let newest = self.rules(outside, None);
        if is_away(&newest) { Ok((Rc::new(Policy::without_file()), None)) } else { newest }
    }

    /// It is said that what is shown or recorded goes without the commits of the incident.
    pub(super) fn say_unfetched(&mut self, scene: &Scene<'_>, moment: &Moment) {
        let (Some(incident), Some(commit)) = (&moment.incident, &moment.unfetched) else { return };
        if self.needs_commits() {
            return;
        }
        let has_rules = incident.policy.as_ref() == Some(commit);
        let until_then = if has_rules { " (until then the newest rules here hold)" } else { "" };
        let way = unfetched::way(scene.outside.look(), incident);
        self.note(format!("{} starts from {}, which is not here yet: {way}{until_then}", incident.id, commit.short()));
    }

    /// What comes before a step that acts on commits which are not here: their fetch.
    pub(super) fn fetch_base(&self, scene: &Scene<'_>, moment: &Moment) -> Result<Option<Plan>, Refusal> {
        let (Some(incident), Some(commit)) = (&moment.incident, &moment.unfetched) else { return Ok(None) };
        if !self.needs_commits() {
            return Ok(None);
        }
        let production = &incident.production;
        if let Some(remote) = production.remote.as_ref().filter(|_| self.options.network() == Network::Online)
            && !self.known.has_fetched(&production.branch)
        {
            if let Some(gone) = NoRemote::look(scene.outside.look(), production)? {
                return Err(gone.refusal());
            }
            let fetch = GitAction::Fetch { remote: remote.clone(), branch: production.branch.clone() };
            return Ok(Some(Plan::then_look_again(vec![Action::Git(fetch)])));
        }
        Err(unfetched::refusal(scene.outside.look(), incident, commit))
    }

    /// The refusal of a round that was to fetch, with the command that brings what is not here.
    pub(super) fn with_fetch(&self, scene: &Scene<'_>, moment: &Moment, refusal: Refusal) -> Refusal {
        let (Some(incident), Some(_)) = (&moment.incident, &moment.unfetched) else { return refusal };
        if !self.needs_commits() {
            return refusal;
        }
        refusal.hint(format!("{}   # brings what it starts from", unfetched::way(scene.outside.look(), incident)))
    }

    /// Whether the step does more than to show or record.
    fn needs_commits(&self) -> bool {
        !self.step.only_looks() && !self.step.works_without_rules()
    }
}
