//! Steps 0 to 2: preflight, triage, and a branch from what production runs.

mod alerted;
mod answered;
mod carry;
mod place;

use std::path::Path;

use jiff::SignedDuration;

use crate::domain::event::{Base, Opened, Origin, Production, Waiver};
use crate::domain::{
    BranchName, EventKind, Incident, Milestone, ObjectId, RefName, Severity, Slug, Title, Visibility, one_line,
};
use crate::port::{Head, WorkTreeState};
use crate::production::detect::Learnt;
use crate::production::{detect, fork, hosting};
use crate::release::base::Choice;
use crate::release::{aftermath, base};
use crate::workflow::{
    Action, Answers, Code, Context, GitAction, Outcome, Plan, Question, RecordAction, Refusal, Result, Step, TextTopic,
    Topic, refuse_blank,
    time::{self, TypedTime},
};
use crate::worktree::{checkout, preflight, room, uncommitted};
use crate::{document, production};

use super::status::fix_committed;
use super::{Triage, attach, similar, triage};

/// Open an incident: triage it and branch from production
///
/// Refuses tracked uncommitted changes, fetches, records the incident in the ledger and switches to `hotfix/<slug>`,
/// which starts at the production branch on the remote. Run again with the same title, it goes on with the same incident.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Open {
    /// What is broken, in a few words; an alert among the reports says it, too
    #[cfg_attr(feature = "cli", arg(value_name = "TITLE"))]
    pub title: Option<String>,
    /// How bad it is: critical, high, medium or one of your own (sev1, p0 and the like are understood); an alert may say it, too
    #[cfg_attr(feature = "cli", arg(long, value_name = "SEVERITY", allow_hyphen_values = true))]
    pub severity: Option<String>,
    /// What is broken for users
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub impact: Option<String>,
    /// How many users are affected
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub scope: Option<String>,
    /// How it became known: error log, user report, monitoring alert
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub source: Option<String>,
    /// Attach this log, stack trace or report (- is standard input); may be given more than once
    #[cfg_attr(feature = "cli", arg(long, value_name = "FILE"))]
    pub report: Vec<String>,
    /// Start the fix from this commit instead of the production branch
    #[cfg_attr(feature = "cli", arg(long, value_name = "REV"))]
    pub base: Option<String>,
    /// Name the branch hotfix/SLUG (with your own branch.prefix, if there is one) instead of deriving it from the title
    #[cfg_attr(feature = "cli", arg(long, value_name = "SLUG", allow_hyphen_values = true))]
    pub slug: Option<String>,
    /// Use a work tree of its own, beside this one unless DIR is given
    #[cfg_attr(feature = "cli", arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = ""))]
    pub worktree: Option<String>,
    /// Take uncommitted work along to the new branch, or commits made on the production branch here: they are the fix
    #[cfg_attr(feature = "cli", arg(long))]
    pub carry: bool,
    /// Go on with a branch of this name that somebody else made
    #[cfg_attr(feature = "cli", arg(long))]
    pub take_over: bool,
    /// Go on by the last hotfix.toml that could be read, where production's cannot; recorded as an exception
    #[cfg_attr(feature = "cli", arg(long, value_name = "REASON"))]
    pub no_config: Option<String>,
    /// Keep the incident private (not built yet: refused)
    #[cfg_attr(feature = "cli", arg(long, hide = true))]
    pub security: bool,
    /// When users began to feel it: "10 minutes ago", "14:05", "yesterday 14:05" (by your clock) or RFC 3339
    #[cfg_attr(feature = "cli", arg(long, value_name = "TIME"))]
    pub started_at: Option<String>,
    /// When it was noticed
    #[cfg_attr(feature = "cli", arg(long, value_name = "TIME"))]
    pub detected_at: Option<String>,
}

impl Step for Open {
    step_facts!("open" about None, drives, follows_rules, needs_all_incidents, needs_work_tree);

    fn resolve_paths(&mut self, directory: &Path) {
        let Some(given) = self.worktree.as_mut().filter(|given| !given.is_empty()) else { return };
        // From where one stands: git would take DIR from the top of the work tree.
        let absolute = std::path::absolute(directory.join(&*given)).ok();
        if let Some(path) = absolute.as_deref().and_then(Path::to_str) {
            *given = path.to_owned();
        }
    }

    fn texts(&mut self) -> Vec<&mut String> {
        let triage = [&mut self.title, &mut self.impact, &mut self.scope, &mut self.source];
        triage.into_iter().chain([&mut self.no_config]).flatten().collect()
    }

    fn takes_last_rules(&self) -> bool {
        self.no_config.is_some()
    }

    fn to_take_last_rules(&self, program: &str) -> Option<String> {
        Some(format!("{} --no-config \"...\"   # why; by the last version that could be read", self.command(program)))
    }

    fn so_far(&self, answers: &Answers, program: &str) -> String {
        self.with_answers(answers).command(program)
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        self.refuse_to_carry_elsewhere()?;
        let (told, alerted) = self.with_answers(context.answers).with_alert(context);
        let guesses = told.dated(context)?.into_iter().filter_map(|(_, typed)| typed.guess).chain(alerted).collect();
        let plan = match context.incident {
            Some(incident) => told.finish(context, incident),
            None => told.start(context),
        };
        Ok(plan?.notes(guesses))
    }
}

impl Open {
    fn start(&self, context: &Context<'_>) -> Result<Plan> {
        if let Some(plan) = self.ask(context, &[(&self.title, TextTopic::Title)]) {
            return Ok(plan);
        }
        if let Some(reason) = &self.no_config {
            refuse_blank(reason, Code::Reason, "--no-config: say why")?;
        }
        let slug = self.slug(context)?;
        // Before anything else: a file that cannot be read must not leave an incident behind.
        let reports = attach::read_each(context, &self.report, "--report")?;
        // Refused before anything is recorded: the ledger is for everybody who fetches.
        if self.security {
            let message = "restricted incidents are not built yet; nothing was recorded";
            return Err(Refusal::precondition(Code::NoRestricted, message)
                .hint("keep a security incident out of this repository until they are"));
        }
        let severity = self.severity(context)?;
        // Two incidents with one slug would share a branch.
        if let Some(open) = context.incidents.open().iter().find(|open| open.slug == slug) {
            let note = format!("{} is open with this slug; going on with it", open.id);
            return Ok(Plan::then_look_again(vec![Action::Record(RecordAction::Adopt { id: open.id.clone() })])
                .notes(vec![note]));
        }
        let Some(severity) = severity else {
            let (levels, default) = (context.config.severities.levels().to_vec(), self.alerted_severity(context));
            return Ok(Plan::ask(Question::Severity { levels, default }));
        };
        if let Some(plan) = self.ask(context, &[(&self.impact, answered::IMPACT), (&self.source, TextTopic::Source)]) {
            return Ok(plan);
        }
        let mut notes = preflight::look_around(context)?;
        // Once a run: in a large work tree this is most of the time that opening takes.
        if context.known.is_first_look() {
            let state = context.look.git.work_tree_state()?;
            let stays = self.wants_worktree(context) || (self.carries(context) && state.conflicted.is_empty());
            if let Some(offer) = if stays { None } else { self.refuse_uncommitted(context, &state) } {
                return Ok(offer);
            }
            notes.extend(preflight::untracked(&state));
        }
        let production = match detect::choose(context)? {
            detect::ProductionChoice::First(plan) => return Ok(plan.notes(notes)),
            detect::ProductionChoice::Here(production) => production,
        };
        if let Some(remote) = &production.remote {
            notes.extend(detect::stale_head(context.look, remote, Learnt::of(context))?);
            let likely = hosting::likely(context.look, context.config, Some(remote))?;
            let how = "git config hotfix.forge.kind github, or local";
            notes.extend(likely.map(|(host, service)| format!("{host} is not known as {}: {how}", service.name())));
        }
        let branch = branch_of(context, &slug);
        if let Some(actions) = base::still_to_ask(context, &production, &branch)? {
            return Ok(Plan::then_look_again(actions).notes(notes));
        }
        notes.extend(room::check(context, &production, &branch)?);
        fork::check(context, &production, &branch)?;
        // Made anew at the base, the branch would meet the other one as a stranger's at its first push.
        if let Some(fetch) = self.fetch_taken_over(context, &production, &slug)? {
            return Ok(Plan::then_look_again(vec![fetch]));
        }
        if self.wants_worktree(context) {
            self.refuse_taken_path(context, &slug)?;
        }
        let (base, base_events, base_notes) = match base::choose(context, &production, self.base.as_deref())? {
            Choice::First(plan) => return Ok(plan.notes(notes)),
            Choice::At { base, events, notes } => (base, events, notes),
        };
        notes.extend(base_notes);
        if let Some(offer) = self.offer_commits(context, &production)? {
            return Ok(offer.notes(notes));
        }
        notes.extend(self.carried_commits(context, &production)?);
        let carried = self.carried_start(context, &production, &base.commit)?;
        let branch_start = self.branch_start(context, &production, &slug, &carried)?;
        notes.extend(preflight::what_is_known(context, &production)?);
        if !self.carries(context) {
            notes.extend(preflight::left_alone(context, &production)?);
        }
        let start = base.commit.clone();
        let mut events = self.events(context, &slug, severity, base, &production)?;
        events.extend(base_events);
        for report in reports {
            let (attachment, said) = attach::looked_up(context, report, &start)?;
            events.push(EventKind::EvidenceAttached(attachment));
            notes.extend(said);
        }
        let evidence = events.iter().filter_map(|event| match event {
            EventKind::EvidenceAttached(attachment) => Some(attachment),
            _ => None,
        });
        notes.extend(similar::notes(context, &self.title()?, &evidence.collect::<Vec<_>>()));
        // The record first: after a kill in between, `open` finds the incident and makes the branch.
        let mut actions = vec![Action::Record(RecordAction::Open { id: context.new_id.clone(), events })];
        actions.extend(self.branch_actions(context, &slug, branch_start)?);
        // Beside a work tree of the fix's own, nothing here may move.
        if !self.wants_worktree(context) {
            actions.extend(preflight::follow_production(context, &production)?);
        }
        Ok(Plan::then_look_again(actions).notes(notes))
    }

    /// What is missing of an incident that is in the ledger already; then the triage block.
    fn finish(&self, context: &Context<'_>, incident: &Incident) -> Result<Plan> {
        let branch = incident.branch();
        let full_name = RefName::of_branch(&branch);
        let tip = context.look.git.commit_of_ref(&full_name)?;
        let mut actions = Vec::new();
        match &tip {
            None if !incident.branch_created => {
                let start = self.carried_start(context, &incident.production, &incident.base.commit)?;
                actions.extend(self.branch_actions(context, &incident.slug, start)?);
            }
            // ship deleted the branch; a second fix is another incident, or a better branch.
            None if incident.merged.is_some() => {
                let fate = if incident.is_rolled_back() { "merged, and rolled back" } else { "merged" };
                let message = format!("the fix of {} was {fate}; its branch {branch} is gone", incident.id);
                let command = self.command(context.program);
                return Err(Refusal::needs_human(Code::BranchGone, message)
                    .hint(aftermath::better_fix(context, incident)?)
                    .hint(format!("{command} --slug {}-2   # or something else is broken", incident.slug)));
            }
            None => {
                let refusal =
                    Refusal::needs_human(Code::BranchGone, format!("the branch {branch} of {} is gone", incident.id));
                let tip = incident.pull_request.as_ref().map_or(&incident.base.commit, |known| &known.head);
                return Err(refusal
                    .hint(format!("git branch {branch} {tip}"))
                    .hint(format!("or give it up: {} abort --incident {}", context.program, incident.id)));
            }
            Some(tip) => {
                let elsewhere = production::checked_out_elsewhere(context, &branch)?;
                let here = context.look.git.head()?.branch() == Some(branch.as_str());
                // A kill between record and work tree: the path is in the record.
                let apart = self.worktree_for(context, &incident.slug)?.filter(|_| !incident.branch_created);
                if !here && elsewhere.is_none() && apart.is_some() {
                    let (branch, commit) = (branch.clone(), tip.clone());
                    actions.push(Action::Git(GitAction::CreateBranch { branch, commit, worktree: apart }));
                } else if let Some(catch_up) = self.catch_up(context, incident, tip)? {
                    actions.push(catch_up);
                } else if !here && elsewhere.is_none() {
                    self.refuse_left_behind(context, incident, tip)?;
                    actions.push(Action::Git(GitAction::Switch { to: crate::port::SwitchTo::Branch(branch.clone()) }));
                }
                if !incident.branch_created {
                    let (branch, commit) = (branch.clone(), tip.clone());
                    actions.push(Action::record(vec![EventKind::BranchCreated { branch, commit }]));
                }
            }
        }
        // As the run that was cut short would have gone on.
        if !incident.branch_created && self.worktree_for(context, &incident.slug)?.is_none() {
            actions.extend(preflight::follow_production(context, &incident.production)?);
        }
        if let Some(tip) = &tip {
            actions.extend(self.bring_back(context, incident, tip)?);
        }
        let mut notes = Vec::new();
        let mut missing = Vec::new();
        for report in attach::read_each(context, &self.report, "--report")? {
            // Run again with the same report, it is the same evidence.
            if !attach::is_attached(incident, &report.attachment) {
                let (attachment, said) = attach::looked_up(context, report, &incident.base.commit)?;
                missing.push(EventKind::EvidenceAttached(attachment));
                notes.extend(said);
            }
        }
        if !missing.is_empty() {
            actions.push(Action::record(missing));
        }
        let rated = self.rate_again(context, incident)?;
        notes.extend(rated.iter().filter_map(|event| rerated_text(context, event)));
        if !rated.is_empty() {
            actions.push(Action::record(rated));
        }
        if !actions.is_empty() {
            return Ok(Plan::then_look_again(actions).notes(notes));
        }
        // Opened by an earlier run, that is.
        if incident.id != *context.new_id {
            // What was typed and does nothing is said, or nobody would notice.
            notes.extend(self.not_taken(context, incident)?);
        }
        let mut outcome = self.outcome(context, incident)?;
        outcome.hints.extend(self.way_back(context, incident)?);
        outcome.hints.extend(attach::suspects_hint(context.program, &incident.attachments));
        Ok(Plan::finished(outcome).notes(notes))
    }

    /// Refuses uncommitted work that would be on the branch without being meant for it, or does not go along.
    fn refuse_left_behind(&self, context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<()> {
        if self.carries(context) {
            return self.refuse_overlap(context, tip);
        }
        let state = context.look.git.work_tree_state()?;
        if state.is_committed() {
            return Ok(());
        }
        let carry = Self { carry: true, ..self.clone() }.command(context.program);
        Err(preflight::dirty(&state.changed, &incident.production.branch).hint(carry))
    }

    /// Answers that differ from the recorded ones, as `triage` and `mark` record them.
    fn rate_again(&self, context: &Context<'_>, incident: &Incident) -> Result<Vec<EventKind>> {
        let [severity, impact, scope, source] =
            [&self.severity, &self.impact, &self.scope, &self.source].map(Option::clone);
        let changed = Triage { severity, impact, scope, source }.changes(context, incident)?;
        let mut events: Vec<EventKind> = changed.into_iter().map(EventKind::Triaged).collect();
        for marked in self.marks(context)? {
            let EventKind::Marked { milestone, reached_at } = &marked else { continue };
            let known = incident.milestones.get(milestone);
            // "15m ago" is the same answer while the command runs, and when it is typed twice in a row.
            if known.is_none_or(|known| known.duration_since(*reached_at).abs() >= SignedDuration::from_mins(1)) {
                events.push(marked);
            }
        }
        Ok(events)
    }

    /// What this command asks for and an incident that is open already does not get.
    fn not_taken(&self, context: &Context<'_>, incident: &Incident) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        let base = self.base.as_ref().map(|base| context.look.git.commit_of(base)).transpose()?.flatten();
        if base.is_some_and(|base| base != incident.base.commit) {
            let base = incident.base.commit.short();
            notes.push(format!("--base is not taken: {} started at {base}", incident.branch()));
        }
        if self.worktree.is_some() && incident.branch_created {
            notes.push(format!("--worktree is not taken: {} is there already", incident.branch()));
        }
        Ok(notes)
    }

    fn outcome(&self, context: &Context<'_>, incident: &Incident) -> Result<Outcome> {
        let mut text =
            document::triage(incident, &context.config.severities, context.now).map_err(Refusal::from_render)?;
        let (location, next) = match production::in_another_work_tree(context, &incident.branch())? {
            Some(worktree) => {
                let is_gone = if worktree.is_there { "" } else { ", which is gone" };
                let location =
                    format!("Branch {} is checked out in {}{is_gone}", incident.branch(), worktree.path.display());
                (location, checkout::way_to(context, incident)?)
            }
            None => {
                let is_fixed = fix_committed(context, incident)?;
                let ship = || format!("{} ship", context.program);
                let next = if is_fixed { ship() } else { uncommitted::next_of_new(context.program) };
                (format!("On branch {}", incident.branch()), next)
            }
        };
        let (base, commit) = (one_line(&incident.base.reference), incident.base.commit.short());
        text.push_str(&format!("\n{location}, from {base} at {commit}.\nFix the issue only, commit, then ship.\n"));
        Ok(Outcome::text(text).next(next))
    }

    fn title(&self) -> Result<Title> {
        let title = self.title.as_deref().unwrap_or_default();
        title.parse().map_err(|_| Refusal::usage(Code::Title, "TITLE: say in a few words what is broken"))
    }

    fn slug(&self, context: &Context<'_>) -> Result<Slug> {
        let asked = self.title()?;
        let prefix = &context.config.branch.prefix;
        if let Some(slug) = &self.slug {
            let slug = slug.trim();
            // People paste the whole branch name.
            let slug = slug.strip_prefix(prefix).unwrap_or(slug);
            return slug.parse().map_err(|error| Refusal::usage(Code::Slug, format!("--slug: {error}")));
        }
        let fallback = || {
            let random = context.new_id.as_str().rsplit('-').next().unwrap_or_default();
            format!("incident-{random}").parse::<Slug>()
        };
        let title = self.title.as_deref().unwrap_or_default().trim();
        match Slug::from_title(title.strip_prefix(prefix).unwrap_or(title)) {
            Some(slug) => Ok(slug),
            // A title without a Latin letter: an open incident of the same title is the same one.
            None => match context.incidents.open().iter().find(|open| open.title.to_string() == asked.to_string()) {
                Some(open) => Ok(open.slug.clone()),
                None => fallback().map_err(|error| Refusal::usage(Code::Slug, error.to_string())),
            },
        }
    }

    fn severity(&self, context: &Context<'_>) -> Result<Option<Severity>> {
        self.severity.as_ref().map(|text| triage::severity(context, text)).transpose()
    }

    /// Refuses tracked uncommitted changes, or offers a work tree of its own; names untracked files.
    fn refuse_uncommitted(&self, context: &Context<'_>, state: &WorkTreeState) -> Option<Plan> {
        if state.changed.is_empty() && state.conflicted.is_empty() {
            return None;
        }
        let branch = detect::likely(context.look, context.config, Learnt::of(context))
            .map_or_else(|_| "main".to_owned(), |production| production.branch.into());
        let refusal =
            preflight::dirty(&state.changed, &branch).hint(format!("{} --worktree", self.command(context.program)));
        let refusal = preflight::update_submodules(&state.outdated).into_iter().fold(refusal, Refusal::hint);
        let refusal = if self.take_over || !state.conflicted.is_empty() {
            refusal
        } else {
            refusal.hint(format!("{} --carry   # the work here is the fix", self.command(context.program)))
        };
        if let Some(offer) = self.offer_to_carry(context, state) {
            return Some(offer);
        }
        let text = "Uncommitted work here stays untouched in a work tree of the fix's own. Open it there?".to_owned();
        Some(Plan::offer(Question::Confirm { topic: Topic::Worktree, text }, refusal))
    }

    /// The whole command, ready to paste.
    fn command(&self, program: &str) -> String {
        let mut words: Vec<String> = [Some("open".to_owned()), self.title.clone()].into_iter().flatten().collect();
        let mut flag = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                words.extend([format!("--{name}"), value.clone()]);
            }
        };
        flag("severity", &self.severity);
        flag("impact", &self.impact);
        flag("scope", &self.scope);
        flag("source", &self.source);
        for report in &self.report {
            flag("report", &Some(report.clone()));
        }
        flag("base", &self.base);
        flag("slug", &self.slug);
        flag("started-at", &self.started_at);
        flag("detected-at", &self.detected_at);
        for (is_given, flag) in [(self.take_over, "--take-over"), (self.carry, "--carry")] {
            words.extend(is_given.then(|| flag.to_owned()));
        }
        // A pasted hint must be one command, whatever a title holds.
        let words: Vec<String> = words.iter().map(|word| one_line(word)).collect();
        format!("{program} {}", shell_words::join(words))
    }

    /// The fetch of somebody else's branch that is taken over and whose commits are not here yet.
    fn fetch_taken_over(&self, context: &Context<'_>, production: &Production, slug: &Slug) -> Result<Option<Action>> {
        let (Some(remote), Some(refs), true) = (&production.remote, context.inspected(), self.take_over) else {
            return Ok(None);
        };
        let branch = branch_of(context, slug);
        let Some(tip) = refs.branch(&branch) else { return Ok(None) };
        if context.look.git.has_commit(tip)? {
            return Ok(None);
        }
        if context.known.has_fetched(&branch) {
            let message = format!("{branch} moved on {remote} while it was fetched");
            return Err(
                Refusal::new(crate::port::ErrorKind::Retry, Code::Raced, message).hint(self.command(context.program))
            );
        }
        Ok(Some(Action::Git(GitAction::Fetch { remote: remote.clone(), branch })))
    }

    /// Where the branch starts: the base, or with `--take-over` where somebody else's branch of that name is.
    fn branch_start(
        &self,
        context: &Context<'_>,
        production: &Production,
        slug: &Slug,
        base: &ObjectId,
    ) -> Result<ObjectId> {
        let git = context.look.git;
        let branch = branch_of(context, slug);
        // `--slug` with an empty prefix may name it.
        if branch == production.branch {
            return Err(Refusal::usage(Code::Slug, format!("--slug: {branch} is the production branch")));
        }
        let local = git.commit_of_ref(&RefName::of_branch(&branch))?;
        let remote = match (&production.remote, context.inspected()) {
            (Some(_), Some(refs)) => refs.branch(&branch).cloned(),
            (Some(remote), None) => git.commit_of_ref(&RefName::tracking(remote, &branch))?,
            (None, _) => None,
        };
        let Some(existing) = local.clone().or(remote.clone()) else { return Ok(base.clone()) };
        if !self.take_over {
            let side = if local.is_some() { "here" } else { "on the remote" };
            let message = format!("a branch {branch} exists {side} and belongs to no open incident");
            return Err(Refusal::needs_human(Code::BranchExists, message)
                .hint(format!("{} --take-over   # go on with that branch", self.command(context.program)))
                .hint(format!("{} --slug {slug}-2   # or use another name", self.command(context.program))));
        }
        Ok(existing)
    }

    fn events(
        &self,
        context: &Context<'_>,
        slug: &Slug,
        severity: Severity,
        base: Base,
        production: &Production,
    ) -> Result<Vec<EventKind>> {
        let opened = EventKind::Opened(Box::new(Opened {
            title: self.title()?,
            slug: slug.clone(),
            // Recorded where it is not the usual one: changing the prefix must move nobody's branch.
            branch: Some(branch_of(context, slug)).filter(|branch| *branch != slug.branch()),
            severity,
            impact: self.impact.clone(),
            scope: self.scope.clone(),
            source: self.source.clone(),
            visibility: Visibility::Open,
            base,
            production: production.clone(),
            policy: context.policy.cloned(),
            origin: self.origin(context)?,
        }));
        let waived = self.no_config.iter().map(|reason| EventKind::Waived(Waiver::new("config", reason)));
        Ok(std::iter::once(opened).chain(waived).chain(self.marks(context)?).collect())
    }

    /// The milestones that the person dates, as events.
    fn marks(&self, context: &Context<'_>) -> Result<Vec<EventKind>> {
        let dated = self.dated(context)?.into_iter();
        Ok(dated.map(|(milestone, typed)| EventKind::Marked { milestone, reached_at: typed.at }).collect())
    }

    /// The milestones that the person dates.
    fn dated(&self, context: &Context<'_>) -> Result<Vec<(Milestone, TypedTime)>> {
        let dated = [
            ("--started-at", Milestone::Started, &self.started_at),
            ("--detected-at", Milestone::Detected, &self.detected_at),
        ];
        let typed = dated.into_iter().filter_map(|(flag, milestone, text)| Some((flag, milestone, text.as_ref()?)));
        typed.map(|(flag, milestone, text)| Ok((milestone, time::parse(text, flag, context)?))).collect()
    }

    fn origin(&self, context: &Context<'_>) -> Result<Origin> {
        if self.wants_worktree(context) {
            return Ok(Origin::Untouched(self.worktree_path(context, &self.slug(context)?)?));
        }
        Ok(match context.look.git.head()? {
            Head::Branch { name, .. } | Head::Unborn { name } => Origin::Branch(BranchName::known(name)),
            Head::Detached { commit } => Origin::Detached(commit),
        })
    }

    fn branch_actions(&self, context: &Context<'_>, slug: &Slug, commit: ObjectId) -> Result<Vec<Action>> {
        let branch = branch_of(context, slug);
        let worktree = self.worktree_for(context, slug)?;
        // Taken over, it is here already.
        let exists = context.look.git.commit_of_ref(&RefName::of_branch(&branch))?.is_some();
        let create = if exists && worktree.is_none() {
            Action::Git(GitAction::Switch { to: crate::port::SwitchTo::Branch(branch.clone()) })
        } else {
            Action::Git(GitAction::CreateBranch { branch: branch.clone(), commit: commit.clone(), worktree })
        };
        Ok(vec![create, Action::record(vec![EventKind::BranchCreated { branch, commit }])])
    }
}

/// The branch of the incident that goes on, else of a new one with this slug.
fn branch_of(context: &Context<'_>, slug: &Slug) -> BranchName {
    let new = || slug.branch_after(&context.config.branch.prefix);
    context.incident.map_or_else(new, Incident::branch)
}

/// What was re-rated, and how.
fn rerated_text(context: &Context<'_>, event: &EventKind) -> Option<String> {
    match event {
        EventKind::Marked { milestone, reached_at } => {
            Some(format!("{milestone} at {}", context.reader.second(*reached_at)))
        }
        other => other.sentence(),
    }
}
