//! Step 3: is the fix minimal?

use std::fmt::Write as _;

use crate::document::{self, SarifRule};
use crate::domain::event::{GuardRun, Waiver};
use crate::domain::{EventKind, Finding, Incident, Level, ObjectId, Severity, count, one_line};
use crate::guard::{self, Besides};
use crate::production::{self, policy};
use crate::release::exact_revert;
use crate::workflow::{
    Action, Code, Context, IncidentNeed, Outcome, Plan, Refusal, Report, Result, Step, Then, no_incident, refuse_blank,
};
use crate::worktree::{checkout, counted, uncommitted};

/// Check that the fix is minimal: size, paths, tests, dependencies, formatting
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Guard {
    /// Compare with this commit; also works outside an incident, for example in CI
    #[cfg_attr(feature = "cli", arg(long, value_name = "REV"))]
    pub base: Option<String>,
    /// Let this check pass; needs --reason
    #[cfg_attr(feature = "cli", arg(long, value_name = "CHECK", requires = "reason"))]
    pub waive: Option<String>,
    /// Why it may pass
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT", requires = "waive"))]
    pub reason: Option<String>,
    /// How to print what was found; json is what --json prints
    #[cfg_attr(feature = "cli", arg(long, value_name = "FORMAT", default_value = "text"))]
    pub format: GuardFormat,
}

/// How the guard prints what it found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum GuardFormat {
    /// For people, a line a finding.
    #[default]
    Text,
    /// The document that every command prints for programs.
    Json,
    /// SARIF 2.1.0, for code-scanning services.
    Sarif,
}

impl Step for Guard {
    step_facts!("guard" telling reason, follows_rules);

    fn incident(&self) -> IncidentNeed {
        if self.base.is_some() { IncidentNeed::OpenIfClear } else { IncidentNeed::Open }
    }

    fn rules_of(&self) -> Option<&str> {
        self.base.as_deref()
    }

    // With a base it only looks.
    fn needs_work_tree(&self) -> bool {
        self.base.is_none()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let meant = checkout::Meant::of(context, self.base.is_some())?;
        let mut plan = self.plan_for(&meant.context)?;
        if let (Then::Finish(outcome), GuardFormat::Text, Some(_)) =
            (&mut plan.then, self.format, meant.context.incident)
        {
            uncommitted::say(&meant.context, outcome)?;
        }
        Ok(plan.notes(meant.notes))
    }
}

impl Guard {
    fn plan_for(&self, context: &Context<'_>) -> Result<Plan> {
        let Some(incident) = context.incident else {
            return match &self.base {
                Some(base) => self.outside_an_incident(context, base),
                None => Err(no_incident(context.program).hint("or compare with a commit: --base REV")),
            };
        };
        if let Some(waiver) = self.waiver(incident)? {
            let events = vec![EventKind::Waived(waiver)];
            return Ok(Plan::then_look_again(vec![Action::record(events)]));
        }
        let tree = counted::tree(context)?;
        let from = match &self.base {
            Some(base) => context.look.git.commit_of(base)?.ok_or_else(|| policy::no_such_base(context.look, base))?,
            None => fix_starts_at(context, incident, None)?,
        };
        let run = inspect(context, incident, &from, &tree)?;
        // Recorded once for each answer; with --base it is a question of the moment, and no step of the incident.
        if self.base.is_none() && incident.guard_runs.last() != Some(&run) {
            return Ok(Plan::then_look_again(vec![Action::record(vec![EventKind::Guarded(run)])]));
        }
        Ok(Plan::finished(self.outcome(run, context.program)))
    }

    fn outcome(&self, run: GuardRun, program: &str) -> Outcome {
        let sarif = (self.format == GuardFormat::Sarif).then(|| sarif(&run));
        let mut outcome = outcome(run, program);
        if let Some(sarif) = sarif {
            outcome.text = sarif;
            outcome.is_verbatim = true;
        }
        outcome
    }

    fn outside_an_incident(&self, context: &Context<'_>, base: &str) -> Result<Plan> {
        let from = context.look.git.commit_of(base)?.ok_or_else(|| policy::no_such_base(context.look, base))?;
        if self.waive.is_some() {
            let message = "--waive: an exception is recorded in an incident, and there is none here";
            return Err(Refusal::usage(Code::Waive, message));
        }
        let tree = context.look.git.work_tree_as_tree(&[])?;
        let tip = context.look.git.head()?.commit().cloned();
        let run = looked_at(context, (&from, &tree), tip.as_ref(), None, &|_| false)?;
        Ok(Plan::finished(self.outcome(run, context.program)))
    }

    fn waiver(&self, incident: &Incident) -> Result<Option<Waiver>> {
        let (Some(check), Some(reason)) = (&self.waive, &self.reason) else { return Ok(None) };
        refuse_blank(reason, Code::Reason, "--reason: say why the check may pass")?;
        // As findings name the check, too.
        let check = check.trim().trim_start_matches("guard/");
        if !guard::CHECKS.iter().any(|known| known.id == check) {
            let known: Vec<&str> = guard::CHECKS.iter().map(|known| known.id).collect();
            return Err(Refusal::usage(Code::Waive, format!("--waive: there is no check `{}`", one_line(check)))
                .hint(format!("checks: {}", known.join(", "))));
        }
        let waiver = Waiver::new(format!("guard/{check}"), reason);
        Ok((incident.waiver(&waiver.check) != Some(&waiver)).then_some(waiver))
    }
}

/// Where the fix starts: the base, or production where the hotfix branch has merged a newer one.
pub(super) fn fix_starts_at(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<ObjectId> {
    let head = context.look.git.head()?;
    let Some(tip) = tip.or(head.commit()) else { return Ok(incident.base.commit.clone()) };
    // What production brought into the branch is no part of the fix, also where one that was taken out is brought back. After a
    // landing by a fast-forward production is the fix itself.
    if let Ok(production) = production::tip(context.look, &incident.production)
        && (incident.merged.is_none() || production != *tip)
        && context.look.git.is_ancestor(&production, tip)?
    {
        return Ok(production);
    }
    Ok(incident.base.commit.clone())
}

/// The guard's word on the change from `from` to `to`.
pub(super) fn inspect(context: &Context<'_>, incident: &Incident, from: &ObjectId, to: &ObjectId) -> Result<GuardRun> {
    let waived = |check: &str| incident.waiver(&format!("guard/{check}")).is_some();
    let tip = production::local_branch_tip(context.look, incident)?;
    let tip = tip.or(context.look.git.head()?.commit().cloned());
    looked_at(context, (from, to), tip.as_ref(), Some(&incident.severity), &waived)
}

fn looked_at(
    context: &Context<'_>,
    (from, to): (&ObjectId, &ObjectId),
    tip: Option<&ObjectId>,
    severity: Option<&Severity>,
    waived: &dyn Fn(&str) -> bool,
) -> Result<GuardRun> {
    let files = context.look.git.diff(from, to)?;
    let submodules = context.look.git.submodule_commits(from, to)?;
    let revert = tip.map(|tip| exact_revert::find(context, from, tip, to)).transpose()?.flatten();
    let besides = revert.as_ref().map(|revert| Besides { commits: &revert.commits, files: &revert.rest });
    Ok(guard::inspect(&files, &submodules, besides, context.config, severity, to, waived))
}

/// What the guard found, as a screen; fails while an error stands.
pub(super) fn outcome(run: GuardRun, program: &str) -> Outcome {
    let errors = errors(&run);
    let mut text = String::new();
    for finding in &run.findings {
        let _ = writeln!(text, "{}", line(finding)); // Writing to a `String` cannot fail.
    }
    let size = format!("{} and {}", count(run.files, "file"), count(run.lines, "line"));
    for commit in &run.reverts {
        let short = commit.short();
        let counts = "neither its size nor the tests that go with it count";
        let _ = writeln!(text, "the exact revert of {short} is in it: {counts}");
    }
    let _ = if errors == 0 {
        writeln!(text, "the fix is minimal: {size}, tests and lock files aside")
    } else {
        writeln!(text, "{} in a fix of {size}", count(errors, "error"))
    };
    let mut outcome = Outcome::text(text);
    if let Some(first) = run.findings.iter().find(|finding| finding.level == Level::Error) {
        outcome.failure = Some(
            Refusal::check_failed(Code::Guard, "the guard found the fix not minimal")
                .hint(format!("{program} guard --waive {} --reason \"...\"   # if it must be so", first.check)),
        );
    }
    outcome.report = Report { findings: Some(run.findings), ..Report::default() };
    outcome
}

/// What was found, for code-scanning services.
fn sarif(run: &GuardRun) -> String {
    let rules = guard::CHECKS.map(|check| SarifRule {
        id: check.id,
        level: check.level,
        what: check.what,
        why: check.why,
        fix: check.fix,
    });
    document::sarif("hotfix guard", &rules, &run.findings, policy::FILE)
}

/// How many errors stand.
pub(super) fn errors(run: &GuardRun) -> usize {
    run.findings.iter().filter(|finding| finding.level == Level::Error).count()
}

/// What is said before a command that will stop at the guard; `None` where it lets the fix pass.
pub(super) fn stop(run: &GuardRun) -> Option<String> {
    let first = run.findings.iter().find(|finding| finding.level == Level::Error)?;
    Some(format!("ship stops at the guard, which found {}: {}", count(errors(run), "error"), line(first)))
}

/// A finding as one line: where, how bad, what, how to fix.
pub(super) fn line(finding: &Finding) -> String {
    let position = match (&finding.file, finding.line) {
        (Some(file), Some(line)) if line > 0 => format!("{}:{line}: ", one_line(file)),
        (Some(file), _) => format!("{}: ", one_line(file)),
        (None, _) => String::new(),
    };
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    format!("{position}{level}: {} [{}]; {}", one_line(&finding.message), finding.check, one_line(&finding.help))
}
