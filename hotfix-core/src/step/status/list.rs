//! `list`: which incidents there are, a line each.

use crate::domain::{Milestone, Status as IncidentStatus};
use crate::ledger::Summary;
use crate::workflow::{Code, Context, Outcome, Plan, Refusal, Report, Result, Step, time};

use super::super::triage;
use super::columns::table;
use super::find::Sought;

/// List incidents, newest first; the open ones unless --all or something is looked for
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct List {
    /// Also those that are closed or canceled
    #[cfg_attr(feature = "cli", arg(long))]
    pub all: bool,
    /// Only those with this status: triage, active, mitigated, resolved, closed, canceled
    #[cfg_attr(feature = "cli", arg(long, value_name = "STATUS"))]
    pub status: Option<String>,
    /// Only those with this severity
    #[cfg_attr(feature = "cli", arg(long, value_name = "SEVERITY", allow_hyphen_values = true))]
    pub severity: Option<String>,
    /// Only those opened on or after this day: YYYY-MM-DD, today or yesterday
    #[cfg_attr(feature = "cli", arg(long, value_name = "DATE"))]
    pub since: Option<String>,
    /// Only those opened on or before this day: YYYY-MM-DD, today or yesterday
    #[cfg_attr(feature = "cli", arg(long, value_name = "DATE"))]
    pub until: Option<String>,
    /// Only those in which these words were written, by people or programs; case does not count
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT", allow_hyphen_values = true))]
    pub grep: Option<String>,
    /// Only those whose fix changed this file, or one in this folder, or whose stack traces name it; from the top
    #[cfg_attr(feature = "cli", arg(long, value_name = "PATH"))]
    pub path: Option<String>,
    /// Only those in which this person recorded something: a part of the name or address
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub author: Option<String>,
    /// Print JSON with these values of each incident only, such as id,title,severity
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAMES", value_delimiter = ',', hide_possible_values = true))]
    #[cfg_attr(feature = "cli", arg(value_parser = super::fields::listed()))]
    pub fields: Option<Vec<String>>,
}

impl Step for List {
    step_facts!("list" about None, only_looks, works_without_rules);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let chosen = self.choose(context)?;
        let narrowed = self.has_filter() || self.all;
        let text = match chosen.is_empty() {
            true if context.incidents.unread().is_some() => String::new(), // A note says what is not known.
            true if !narrowed => nothing_open(context)?,
            true if self.has_filter() && context.incidents.newest().is_some() => "no incident matches\n".to_owned(),
            _ => table(context, &chosen)?,
        };
        let twins_here = chosen.iter().enumerate().filter(|(_, summary)| summary.status.is_open());
        let shared = twins_here.filter_map(|(at, summary)| {
            let mut earlier = chosen.iter().take(at).filter(|earlier| earlier.status.is_open());
            earlier.find(|earlier| earlier.branch == summary.branch).map(|earlier| twins(context, [earlier, summary]))
        });
        let text = shared.fold(text, |text, twins| text + &twins);
        let mut outcome = Outcome::text(text);
        let program = context.program;
        outcome.hints.extend(chosen.is_empty().then(|| {
            match self.has_filter() && context.incidents.newest().is_some() {
                true => format!("{program} list --all   # shows every one"),
                false => format!("{program} open \"what is broken\" --severity high   # opens one"),
            }
        }));
        outcome.hints.extend(context.recorded_elsewhere());
        outcome.report = Report {
            incidents: Some(chosen.into_iter().cloned().collect()),
            severities: context.config.severities.levels().to_vec(),
            ..Report::default()
        };
        Ok(Plan::finished(outcome))
    }
}

impl List {
    fn has_filter(&self) -> bool {
        let given = [&self.status, &self.severity, &self.since, &self.until].into_iter().any(Option::is_some);
        given || !self.sought().is_nothing()
    }

    /// What is looked for is as a rule in the past.
    fn looks_into_all(&self) -> bool {
        self.all || self.status.is_some() || !self.sought().is_nothing()
    }

    fn sought(&self) -> Sought<'_> {
        Sought::by(self.grep.as_deref(), self.path.as_deref(), self.author.as_deref())
    }

    fn choose<'a>(&self, context: &Context<'a>) -> Result<Vec<&'a Summary>> {
        let status: Option<IncidentStatus> = match &self.status {
            Some(text) => Some(text.parse().map_err(|error| {
                Refusal::usage(Code::Status, format!("--status: {error}"))
                    .hint(IncidentStatus::ALL.map(IncidentStatus::key).join(", "))
            })?),
            None => None,
        };
        let (open, all) = (context.incidents.open(), || context.incidents.all());
        let among = if self.looks_into_all() || self.severity.is_some() { all()? } else { open };
        // One that an old incident has may be defined no more.
        let severity = self.severity.as_ref().map(|text| {
            let known = among.iter().find(|summary| summary.severity.key() == text.trim());
            known.map_or_else(|| triage::severity(context, text), |summary| Ok(summary.severity.clone()))
        });
        let severity = severity.transpose()?;
        let date = |text: Option<&str>, flag: &str| {
            text.map(|text| time::date(text, Code::Since, flag, "2026-01-31", context)).transpose()
        };
        let since = date(self.since.as_deref(), "--since")?;
        let until = date(self.until.as_deref(), "--until")?;
        let sought = self.sought();
        let opened_on = |summary: &Summary| summary.opened_at().to_zoned(context.reader.zone.clone()).date();
        Ok(among
            .iter()
            .filter(|summary| self.looks_into_all() || summary.status.is_open())
            .filter(|summary| status.is_none_or(|status| summary.status == status))
            .filter(|summary| severity.as_ref().is_none_or(|severity| summary.severity == *severity))
            .filter(|summary| since.is_none_or(|since| opened_on(summary) >= since))
            .filter(|summary| until.is_none_or(|until| opened_on(summary) <= until))
            .filter(|summary| sought.is_in(context, summary))
            .collect())
    }
}

/// Says that nothing is open, and what was last.
fn nothing_open(context: &Context<'_>) -> Result<String> {
    Ok(match context.incidents.newest() {
        // A note says what is not known.
        None if context.incidents.unread().is_some() => String::new(),
        None => "no incidents\n".to_owned(),
        Some(last) => format!("no open incidents; the last one:\n{}", table(context, &[last])?),
    })
}

/// Two incidents on one branch, and the command that gives one of them up.
pub(super) fn twins(context: &Context<'_>, [one, other]: [&Summary; 2]) -> String {
    let odd = format!(
        "odd: {} and {} are both open on {}; name the one you mean by --incident\n",
        one.id, other.id, one.branch
    );
    // What has landed cannot be given up: `abort` refuses it.
    let spare = [other, one].into_iter().find(|summary| !summary.milestones.contains_key(&Milestone::Merged));
    let way = spare.map(|spare| {
        format!("     {} abort --incident {}   # gives that one up, and keeps the branch\n", context.program, spare.id)
    });
    odd + &way.unwrap_or_default()
}
