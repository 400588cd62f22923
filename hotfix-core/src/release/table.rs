//! Which release branches have the fix and which still need it: a row a branch, production first. Everything that asks about
//! all of them is a filter of this table.

use std::cell::OnceCell;
use std::fmt::Write as _;

use crate::domain::{BranchName, Carried, CarriedBy, Incident, ObjectId, one_line};
use crate::production::{self, unfetched};
use crate::workflow::{Code, Context, Result, Row, RowBy, RowPullRequest, RowState};

use super::branch::{self, ReleaseBranch};
use super::commits::{Fix, remembered_once};
use super::conflict;
use super::presence::{self, Presence};
use super::preview::{self, Preview, Strategy};

/// The release branches with what is known of each; what nobody asks for is not computed.
pub(crate) struct Table<'a> {
    pub(crate) fix: &'a Fix<'a>,
    /// Production.
    pub(crate) production: Entry<'a>,
    /// The release branches beside it, newest first.
    pub(crate) others: Vec<Entry<'a>>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(fix: &'a Fix<'a>) -> Result<Self> {
        let others = branch::all(fix.context, &fix.incident.production)?;
        let production = Entry::new(fix, branch::production(fix.context, fix.incident)?);
        Ok(Self { fix, production, others: others.into_iter().map(|branch| Entry::new(fix, branch)).collect() })
    }

    /// The release branches beside production.
    pub(crate) fn branches(&self) -> impl Iterator<Item = &ReleaseBranch> + Clone {
        self.others.iter().map(|entry| &entry.branch)
    }

    /// A row for every branch, production first; none where there is no fix yet.
    pub(crate) fn rows(&self) -> Result<Vec<Row>> {
        if *self.fix.head == self.fix.incident.base.commit {
            return Ok(Vec::new());
        }
        let production = self.production.as_far_as_known(self.production.production_row());
        let others = self.others.iter().map(|entry| entry.as_far_as_known(entry.row()));
        std::iter::once(production).chain(others).collect()
    }
}

/// The tip of the fix that the table is about: what landed, else what lies on its branch here.
pub(crate) fn head<'a>(incident: &'a Incident, tip: Option<&'a ObjectId>) -> Option<&'a ObjectId> {
    incident.merged.as_ref().map_or(tip, |landing| Some(&landing.head))
}

/// The rows alone, for what is only shown.
pub(crate) fn rows(context: &Context<'_>, incident: &Incident) -> Result<Vec<Row>> {
    let tip = production::local_branch_tip(context.look, incident)?;
    let Some(head) = head(incident, tip.as_ref()) else { return Ok(Vec::new()) };
    Table::new(&Fix::new(context, incident, head)?)?.rows()
}

/// One branch of the table.
pub(crate) struct Entry<'a> {
    fix: &'a Fix<'a>,
    pub(crate) branch: ReleaseBranch,
    /// What is recorded of it, beside the landing.
    pub(crate) recorded: Option<&'a Carried>,
    presence: OnceCell<Presence>,
    preview: OnceCell<Preview>,
}

impl<'a> Entry<'a> {
    fn new(fix: &'a Fix<'a>, branch: ReleaseBranch) -> Self {
        let recorded = fix.incident.carried.iter().find(|carried| carried.line == branch.branch);
        Self { fix, branch, recorded, presence: OnceCell::new(), preview: OnceCell::new() }
    }

    pub(crate) fn presence(&self) -> Result<&Presence> {
        remembered_once(&self.presence, || presence::of(self.fix, &self.branch))
    }

    /// What nobody can tell here does not decide it: it may be that only git can make the merge that would.
    pub(crate) fn strategy(&self) -> Result<Strategy> {
        Strategy::of(self.fix, &self.branch, self.presence().unwrap_or(&Presence::Absent))
    }

    /// What happens when the fix gets there now.
    pub(crate) fn preview(&self) -> Result<&Preview> {
        let find = || preview::of(self.fix, &self.branch, self.presence()?, self.strategy()?);
        remembered_once(&self.preview, find)
    }

    /// Whether the preview is a guess, because only git can tell, and may not here.
    pub(crate) fn is_undecided(&self) -> Result<bool> {
        preview::awaits_git(self.fix, &self.branch, self.strategy()?)
    }

    /// Whether the fix is proposed there, or need not get there.
    pub(crate) fn is_settled_elsewhere(&self) -> bool {
        self.recorded.is_some_and(|known| matches!(known.by, CarriedBy::Proposal | CarriedBy::Waiver))
    }

    pub(crate) fn is_proposed(&self) -> bool {
        self.recorded.is_some_and(|known| known.by == CarriedBy::Proposal)
    }

    /// Whether the record says of the branch that it got the fix, or had it.
    pub(crate) fn is_recorded(&self) -> bool {
        let mut landed = self.fix.incident.merged.iter().flat_map(|landing| &landing.lines);
        self.recorded.is_some() || landed.any(|line| line.branch == self.branch.branch)
    }

    /// How the fix got there by this commit, as it is recorded.
    fn recorded_by(&self, by: &ObjectId) -> Option<RowBy> {
        let is_ours = |known: &&Carried| {
            known.commit.as_ref() == Some(by) && !matches!(known.by, CarriedBy::Present | CarriedBy::Closed)
        };
        let way = |known: &Carried| if known.by == CarriedBy::Pick { RowBy::Pick } else { RowBy::Merge };
        let mut landed = self.fix.incident.merged.iter().flat_map(|landing| &landing.lines);
        let mut has_landed = || landed.any(|line| line.branch == self.branch.branch && line.to == *by);
        self.recorded.filter(is_ours).map(way).or_else(|| has_landed().then_some(RowBy::Merge))
    }

    /// Whether it cannot be told if the branch has the fix, or what would happen: history is cut off.
    pub(crate) fn is_unknown(&self) -> bool {
        // Elsewhere what would happen need not be found out for that.
        self.fix.context.look.git.repository().is_shallow
            && self.preview().is_err_and(|refusal| refusal.code == Code::Shallow)
    }

    fn as_far_as_known(&self, row: Result<Row>) -> Result<Row> {
        match row {
            Err(refusal) if refusal.code == Code::Shallow => Ok(Row::new(&self.branch.branch, RowState::Unknown)),
            row => row,
        }
    }

    fn production_row(&self) -> Result<Row> {
        let (git, branch) = (self.fix.context.look.git, &self.branch.branch);
        let taken_out =
            |revert: &ObjectId| Row { commit: Some(revert.clone()), ..Row::new(branch, RowState::Reverted) };
        let Some(recorded) = self.fix.incident.merge_commit() else {
            // Somebody may have merged the fix and taken it out again before we looked.
            let revert = self.presence().ok().and_then(Presence::revert);
            return revert.map_or_else(|| self.foreseen(), |revert| Ok(taken_out(revert)));
        };
        Ok(match self.presence()? {
            Presence::Reverted { revert, .. } => taken_out(revert),
            Presence::Present { by } => Row { commit: Some(by.clone()), ..Row::new(branch, RowState::Landed) },
            // What a service merged need not be here yet.
            Presence::Absent if !git.has_commit(recorded)? => {
                Row { commit: Some(recorded.clone()), ..Row::new(branch, RowState::Landed) }
            }
            Presence::Absent => self.foreseen()?,
        })
    }

    fn row(&self) -> Result<Row> {
        let branch = &self.branch.branch;
        match self.recorded {
            // A person's word goes before what could be computed.
            Some(Carried { by: CarriedBy::Waiver, reason, .. }) => {
                return Ok(Row { note: reason.clone(), ..Row::new(branch, RowState::Waived) });
            }
            Some(proposed) if self.is_proposed() && *self.presence()? == Presence::Absent => {
                return Ok(Row::new(branch, RowState::Proposed).proposed_by(proposed));
            }
            Some(closed) if closed.by == CarriedBy::Closed => return Ok(self.foreseen()?.proposed_by(closed)),
            Some(_) | None => {}
        }
        let by = match self.presence() {
            Err(_) if self.is_undecided()? => return self.foreseen(),
            presence => presence?.by(),
        };
        if let Some((commit, way)) = by.and_then(|by| Some((by, self.recorded_by(by)?))) {
            let state = if way == RowBy::Pick { RowState::Picked } else { RowState::Landed };
            let row = Row { by: Some(way), commit: Some(commit.clone()), ..Row::new(branch, state) };
            return Ok(self.recorded.into_iter().fold(row, Row::proposed_by));
        }
        let row = self.foreseen()?;
        Ok(match self.presence()?.revert().filter(|_| row.is_open()) {
            Some(revert) => Row { note: Some(format!("{} took it out again", revert.short())), ..row },
            None => row,
        })
    }

    fn foreseen(&self) -> Result<Row> {
        let branch = &self.branch.branch;
        let preview = self.preview();
        if matches!(preview, Ok(Preview::There)) {
            return Ok(Row::new(branch, RowState::Present));
        }
        let by = match self.strategy()? {
            Strategy::Merge => Some(RowBy::Merge),
            Strategy::CherryPick => Some(RowBy::Pick),
        };
        if self.is_undecided()? {
            return Ok(Row { by, ..Row::new(branch, RowState::Undecided) });
        }
        Ok(match preview? {
            Preview::There => Row::new(branch, RowState::Present),
            Preview::Clean(_) => Row { by, ..Row::new(branch, RowState::Clean) },
            Preview::Conflict(found) => {
                let conflicts = found.iter().map(|one| conflict::shown(std::slice::from_ref(one))).collect();
                Row { by, conflicts, ..Row::new(branch, RowState::Conflict) }
            }
        })
    }
}

impl Row {
    fn new(line: &BranchName, state: RowState) -> Self {
        let (line, conflicts) = (line.clone(), Vec::new());
        Self { line, state, by: None, commit: None, conflicts, pull_request: None, note: None }
    }

    /// The same, with the pull request that it is proposed by, or was.
    fn proposed_by(self, carried: &Carried) -> Self {
        let pull_request = carried.number.map(|number| RowPullRequest { number, url: carried.url.clone() });
        let note = carried.proposal().map(|pull_request| match carried.by {
            CarriedBy::Closed => format!("somebody closed {pull_request}"),
            _ => pull_request,
        });
        Self { pull_request, note, ..self }
    }

    /// Whether the branch still needs the fix, or may need it.
    pub fn is_open(&self) -> bool {
        match self.state {
            RowState::Clean | RowState::Conflict | RowState::Undecided | RowState::Unknown | RowState::Reverted => true,
            RowState::Landed | RowState::Picked | RowState::Present | RowState::Proposed | RowState::Waived => false,
        }
    }

    /// Whether the branch has the fix.
    pub fn has_fix(&self) -> bool {
        matches!(self.state, RowState::Landed | RowState::Picked | RowState::Present)
    }

    fn mark(&self) -> &'static str {
        match self.state {
            RowState::Conflict | RowState::Reverted => "✗",
            RowState::Clean | RowState::Undecided => "·",
            RowState::Unknown => "?",
            RowState::Proposed => "→",
            RowState::Waived => "–",
            RowState::Landed | RowState::Picked | RowState::Present => "✓",
        }
    }

    fn text(&self) -> String {
        let what = match self.state {
            RowState::Clean if self.by == Some(RowBy::Pick) => "goes there by a pick".to_owned(),
            RowState::Clean => "merges cleanly".to_owned(),
            RowState::Undecided => "decided at ship".to_owned(),
            RowState::Unknown => {
                "cannot be told: history is cut off (a shallow clone); git fetch --unshallow".to_owned()
            }
            RowState::Conflict => format!("conflicts in {}", self.conflicts.join(", ")),
            RowState::Present => "has it already".to_owned(),
            RowState::Reverted => "taken out again".to_owned(),
            RowState::Landed => "landed".to_owned(),
            RowState::Picked => "picked".to_owned(),
            RowState::Proposed => "proposed".to_owned(),
            RowState::Waived => "need not have it".to_owned(),
        };
        let commit = self.commit.as_ref().filter(|_| self.state != RowState::Present);
        let commit = commit.map(|commit| format!(" as {}", commit.short())).unwrap_or_default();
        let note = self.note.as_ref().map(|note| format!(": {}", one_line(note))).unwrap_or_default();
        format!("{what}{commit}{note}")
    }
}

/// The command that closes the first open row; `None` where no row is open.
pub(crate) fn next(context: &Context<'_>, rows: &[Row], incident: &Incident) -> Option<String> {
    let open = || rows.iter().filter(|row| row.is_open() && row.state != RowState::Unknown);
    if open().next().is_none() {
        let is_unknown = rows.iter().any(|row| row.state == RowState::Unknown);
        return is_unknown.then(|| unfetched::way(context.look, incident));
    }
    // `ship` makes merges, `backport` picks: it is named where nothing is left for `ship`.
    let is_picked = |row: &Row| row.by == Some(RowBy::Pick) || row.state == RowState::Reverted;
    let waits = incident.merged.is_some() && open().all(is_picked);
    let is_backport = waits && open().any(|row| row.state != RowState::Reverted);
    // A conflict with production is settled on the branch of the fix.
    let is_other = |row: &&Row| row.line != incident.production.branch && row.state != RowState::Reverted;
    let mut owed = open().filter(is_other).filter(|row| is_backport || !is_picked(row));
    let is_conflict = |row: &Row| row.state == RowState::Conflict;
    // All land together with production; after that, what goes cleanly goes first.
    let stops = match incident.merged.is_some() {
        true => open().any(is_conflict) && owed.all(is_conflict),
        false => owed.any(is_conflict),
    };
    let command = match (is_backport, stops) {
        (true, true) => "backport --resolve",
        (true, false) => "backport",
        (false, true) => "ship --resolve",
        (false, false) => "ship",
    };
    Some(format!("{} {command}", context.program))
}

/// Rows as people read them.
pub(crate) fn text(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.line.chars().count()).max().unwrap_or_default();
    rows.iter().fold(String::new(), |mut text, row| {
        let _ = writeln!(text, "  {} {:<width$}  {}", row.mark(), one_line(&row.line), row.text()); // Writing to a `String` cannot fail.
        text
    })
}
