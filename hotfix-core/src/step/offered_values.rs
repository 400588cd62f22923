//! What a value can be that somebody is typing, for completion in a shell.

use std::fmt::Write as _;

use crate::domain::event::PreventionGap;
use crate::domain::{Printable, Status};
use crate::guard;
use crate::ledger::Summary;
use crate::production::detect::{self, Learnt};
use crate::release::branch;
use crate::workflow::{Context, Outcome, Plan, Refusal, Result, Step};

/// More incidents than these help nobody to choose.
const MOST_INCIDENTS: usize = 50;
/// How much is said of each, in characters: it stands beside the value, in one line.
const MEANING: usize = 60;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Severities, with what they mean.
    Severities,
    /// Checks of the guard, with what they look for.
    Checks,
    /// Milestones that a person marks.
    Milestones,
    /// Statuses of incidents.
    Statuses,
    /// Gaps that a follow-up closes.
    Gaps,
    /// Incidents by slug and by id, with their titles; those that are open first.
    Incidents,
    /// The same of those that were closed or given up.
    EndedIncidents,
    /// Keys of the configuration, with what they do.
    Keys,
    /// Release branches, production aside.
    ReleaseBranches,
}

/// Asks what a value can be: a line each, the value and, after a tab, what it means.
#[derive(Debug, Clone)]
pub struct OfferedValues {
    /// Of which kind.
    pub kind: ValueKind,
    /// How it begins.
    pub typed: String,
}

impl Step for OfferedValues {
    step_facts!("completions" about None, only_looks, works_without_rules);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let mut text = String::new();
        for (value, meaning) in self.all(context)?.into_iter().filter(|(value, _)| value.starts_with(&self.typed)) {
            // A branch may be called anything, and this goes to a shell.
            if Printable::new(&value).one_line().as_str() == value && !value.contains(char::is_whitespace) {
                let meaning = Printable::new(&meaning).one_line().at_most(MEANING);
                let _ = writeln!(text, "{value}\t{}", meaning.as_str()); // Writing to a `String` cannot fail.
            }
        }
        Ok(Plan::finished(Outcome::text(text)))
    }
}

impl OfferedValues {
    fn all(&self, context: &Context<'_>) -> Result<Vec<(String, String)>> {
        let plain = |name: &str| (name.to_owned(), String::new());
        Ok(match self.kind {
            ValueKind::Severities => {
                let levels = context.config.severities.levels().iter();
                levels.map(|level| (level.severity.key().to_owned(), level.definition.clone())).collect()
            }
            ValueKind::Checks => {
                guard::CHECKS.iter().map(|check| (check.id.to_owned(), check.what.to_owned())).collect()
            }
            ValueKind::Milestones => super::mark::settable().into_iter().map(plain).collect(),
            ValueKind::Statuses => Status::ALL.map(|status| plain(status.key())).to_vec(),
            ValueKind::Gaps => PreventionGap::ALL.map(|gap| plain(gap.key())).to_vec(),
            ValueKind::Incidents => self.incidents(context, |_| true)?,
            ValueKind::EndedIncidents => self.incidents(context, |incident| !incident.status.is_open())?,
            ValueKind::Keys => {
                context.config.entries().into_iter().map(|entry| (entry.key, entry.help.to_owned())).collect()
            }
            ValueKind::ReleaseBranches => {
                let production = detect::likely(context.look, context.config, Learnt::of(context))?;
                let branches = branch::all(context, &production)?.into_iter().map(|branch| branch.branch.to_string());
                branches.filter(|branch| *branch != *production.branch).map(|branch| plain(&branch)).collect()
            }
        })
    }

    /// Those that are meant and begin so: what is open first, then the newest.
    fn incidents(&self, context: &Context<'_>, is_meant: impl Fn(&Summary) -> bool) -> Result<Vec<(String, String)>> {
        let all = context.incidents.all().map_err(Refusal::from)?;
        let begins = |incident: &&Summary| {
            let names = [incident.slug.as_str(), incident.id.as_str()];
            is_meant(incident) && names.iter().any(|name| name.starts_with(&self.typed))
        };
        let (open, over): (Vec<&Summary>, Vec<&Summary>) =
            all.iter().filter(begins).partition(|incident| incident.status.is_open());
        let chosen: Vec<&Summary> = open.into_iter().chain(over).take(MOST_INCIDENTS).collect();
        let meaning = |incident: &Summary| format!("{} ({})", incident.title, incident.status);
        let slugs = chosen.iter().map(|incident| (incident.slug.to_string(), meaning(incident)));
        let ids = chosen.iter().map(|incident| (incident.id.to_string(), meaning(incident)));
        let mut candidates: Vec<(String, String)> = Vec::new();
        for (value, meaning) in slugs.chain(ids) {
            // Several may have one slug; then the newest, or the one that is open, is offered by it.
            if !candidates.iter().any(|(known, _)| *known == value) {
                candidates.push((value, meaning));
            }
        }
        Ok(candidates)
    }
}
