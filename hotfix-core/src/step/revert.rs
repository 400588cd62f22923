//! Revert first: an incident whose fix is the revert of a commit, a merge too, computed in memory.

use crate::domain::{Incident, one_line};
use crate::port::NewCommit;
use crate::production::detect::Learnt;
use crate::production::{self, detect};
use crate::release::commits::REVERTS;
use crate::release::revert::Reverted;
use crate::workflow::{Action, Answers, Code, Context, GitAction, Outcome, Plan, Refusal, Result, Step};

use super::Open;

/// How the slug of such an incident begins; the commit follows.
const SLUG: &str = "revert-";

/// Open an incident whose fix is the revert of a commit
///
/// Joins the incident whose branch is checked out, or opens one. A merge is reverted against the parent that is production's
/// history, and that is said; a revert is reverted too, which brings back what it took out.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Revert {
    /// The commit to revert
    #[cfg_attr(feature = "cli", arg(value_name = "REV"))]
    pub revision: String,
    /// Which parent of a merge stays, counted from 1
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    pub mainline: Option<u32>,
    /// How bad it is, where an incident is opened: critical, high, medium or one of your own
    #[cfg_attr(feature = "cli", arg(long, value_name = "SEVERITY", allow_hyphen_values = true))]
    pub severity: Option<String>,
    /// What is broken for users
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub impact: Option<String>,
    /// Go on by the last hotfix.toml that could be read, where production's cannot; recorded as an exception
    #[cfg_attr(feature = "cli", arg(long, value_name = "REASON"))]
    pub no_config: Option<String>,
}

impl Step for Revert {
    step_facts!("revert" about AtHand telling impact no_config, drives, decides_merges, needs_all_incidents, needs_work_tree);

    fn takes_last_rules(&self) -> bool {
        self.no_config.is_some()
    }

    fn to_take_last_rules(&self, program: &str) -> Option<String> {
        let flags = [("severity", &self.severity), ("impact", &self.impact)];
        let flags = flags.into_iter().filter_map(|(flag, value)| Some([format!("--{flag}"), value.clone()?]));
        let words = ["revert".to_owned(), self.revision.clone()].into_iter().chain(flags.flatten());
        // A pasted hint must be one command, whatever a text holds.
        let words: Vec<String> = words.map(|word| one_line(&word)).collect();
        let mainline = self.mainline.map(|parent| format!(" --mainline {parent}")).unwrap_or_default();
        let command = shell_words::join(words);
        Some(format!(
            "{program} {command}{mainline} --no-config \"...\"   # why; by the last version that could be read"
        ))
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let revision = self.revision(context);
        let no_commit = || {
            let refusal = Refusal::usage(Code::NoSuchCommit, format!("`{}` names no commit", one_line(revision)));
            detect::cut_off(context.look, refusal)
        };
        let commit = context.look.git.commit_of(revision)?.ok_or_else(no_commit)?;
        let reverted = Reverted::of(context, &commit, self.mainline)?;
        match context.incident {
            Some(incident) if incident.branch_created => self.join(context, incident, &reverted),
            // Opening, which may take several rounds, ends with the branch.
            _ => self.open(context, &reverted),
        }
    }
}

impl Revert {
    /// What is to be reverted. `HEAD` and branches move with what this run does: once the incident is open, its slug says it.
    fn revision<'a>(&'a self, context: &Context<'a>) -> &'a str {
        let slug = context.incident.filter(|_| context.known.has_incident()).map(|incident| incident.slug.as_str());
        slug.and_then(|slug| slug.strip_prefix(SLUG)).unwrap_or(&self.revision)
    }

    fn open(&self, context: &Context<'_>, reverted: &Reverted) -> Result<Plan> {
        let mut notes = Vec::new();
        if context.known.is_first_look() && context.incident.is_none() {
            notes = reverted.notes();
            let production = detect::likely(context.look, context.config, Learnt::of(context))?;
            if let Ok(tip) = production::tip(context.look, &production) {
                let tree = reverted.tree_on(context, &tip)?; // What cannot be reverted opens no incident.
                notes.push(reverted.preview(context, &tip, &tree)?);
            }
        }
        let open = Open {
            title: Some(reverted.subject()),
            slug: Some(format!("{SLUG}{}", reverted.details.id.short())),
            severity: self.severity.clone(),
            impact: self.impact.clone(),
            no_config: self.no_config.clone(),
            ..Open::default()
        };
        // What lies here is not the fix, and the commit that is reverted says the rest.
        let answers = Answers { can_ask: false, ..context.answers.clone() };
        open.plan(&Context { answers: &answers, ..*context }).map(|plan| plan.notes(notes))
    }

    fn join(&self, context: &Context<'_>, incident: &Incident, reverted: &Reverted) -> Result<Plan> {
        let branch = incident.branch();
        let Some(tip) = production::local_branch_tip(context.look, incident)? else {
            return Err(production::branch_gone(context, incident)?);
        };
        let short = reverted.details.id.short();
        let done = |text| Outcome::text(text).next(format!("{} ship", context.program));
        // By git's own sentence, so that a `git revert` by hand counts.
        if context.look.git.find_message(Some(&incident.base.commit), &tip, &reverted.reference())?.is_some() {
            return Ok(Plan::finished(done(format!("{branch} reverts {short} already"))));
        }
        if reverted.is_own_commit(context, incident, &tip)? {
            return match reverted.details.message.contains(REVERTS) {
                true => Ok(Plan::finished(done(format!("{short} is the revert, on {branch} already")))),
                false => Err(Refusal::precondition(Code::OwnCommit, format!("{short} is on {branch} alone"))
                    .hint(format!("git revert {short}"))),
            };
        }
        let Some(worktree) = production::checked_out_at(context, &branch)? else {
            return Err(Refusal::precondition(Code::NotCheckedOut, format!("{branch} is not checked out"))
                .hint(format!("git switch {branch}")));
        };
        // A branch that began before that commit has nothing to take out until it is merged with production.
        if !context.look.git.is_ancestor(&reverted.details.id, &tip)?
            && production::contains(context.look, &incident.production, &reverted.details.id)?
        {
            let action = reverted.with_production(context, incident, &tip)?;
            let outcome = done(format!("{branch} reverts {short}"));
            return Ok(Plan::then_finish(vec![action], outcome).notes(reverted.notes()));
        }
        let tree = reverted.tree_on(context, &tip)?;
        let mut notes = Vec::new();
        if context.known.is_first_look() {
            notes = reverted.notes();
            notes.push(reverted.preview(context, &tip, &tree)?);
        }
        let commit = NewCommit { tree, parents: vec![tip], message: reverted.message(), author: None };
        let outcome = done(format!("{branch} reverts {short}"));
        let plan = Plan::then_finish(vec![Action::Git(GitAction::Commit { branch, worktree, commit })], outcome);
        Ok(plan.notes(notes))
    }
}
