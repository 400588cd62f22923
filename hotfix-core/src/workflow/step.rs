//! What every command is: a request that plans, and what a driver must know of it.

use std::path::Path;

use crate::evidence::{Masked, Redactor};

use super::{Answers, Context, Plan, Result};

/// Which incident a command is about, where none is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentNeed {
    /// None at all.
    None,
    /// The one whose branch is checked out, if any: what is merely open elsewhere is never joined.
    AtHand,
    /// The one whose branch is checked out, else the only open one; several are an error.
    Open,
    /// The same, else the newest that ended: for commands that say "done already".
    Any,
    /// The one whose branch is checked out, else the newest that ended.
    Ended,
    /// As `Open`, but several are none: for commands that also work without one.
    OpenIfClear,
    /// As `Any`, but several are none.
    AnyIfClear,
}

/// Why a command shows an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EditorUse {
    /// The argument that asks for it by being there (`--edit`), or by not being there (`TEXT`).
    pub argument: &'static str,
    /// Whether it asks by being there: then it is shown although nobody can be asked anything else.
    pub is_given: bool,
    /// What to type instead where there is no terminal, after the program's name.
    pub instead: &'static str,
}

/// One thing that a person asks for.
pub trait Step {
    /// As people type it; nested ones read `follow-up add`.
    fn name(&self) -> &'static str;

    /// Plans what is still missing.
    ///
    /// # Errors
    /// When it cannot or must not be done; nothing was changed by this round.
    fn plan(&self, context: &Context<'_>) -> Result<Plan>;

    /// Which incident it is about.
    fn incident(&self) -> IncidentNeed {
        IncidentNeed::Open
    }

    /// An incident that the request names itself.
    fn named_incident(&self) -> Option<&str> {
        None
    }

    /// The free texts of the request. Whoever drives the step masks the secrets in them first ([`mask_request`]): what is
    /// compared with the record, shown and made a name of is then the same text as the one that is recorded.
    fn texts(&mut self) -> Vec<&mut String> {
        Vec::new()
    }

    /// Makes the paths of the request absolute: they were meant as seen from `directory`, where the person stands.
    fn resolve_paths(&mut self, _directory: &Path) {}

    /// What to type to be asked what this one asks, where its name alone would not ask.
    fn asking(&self) -> &'static str {
        self.name()
    }

    /// What to type to go on where the person left, with what was answered so far.
    fn so_far(&self, _answers: &Answers, program: &str) -> String {
        format!("{program} {}", self.name())
    }

    /// Whether it records nothing: it looks at what is there, or sees to the ledger itself.
    fn only_looks(&self) -> bool {
        false
    }

    /// Whether it shows the record and nothing else: then no file is fetched for it, not even the rules.
    fn shows_record(&self) -> bool {
        false
    }

    /// Whether it takes the fix on: one person should do so at a time.
    fn drives(&self) -> bool {
        false
    }

    /// Whether the rules decide what it does; then it is said which ones are used.
    fn follows_rules(&self) -> bool {
        false
    }

    /// The revision whose rules count outside an incident, instead of production's.
    fn rules_of(&self) -> Option<&str> {
        None
    }

    /// Whether it goes on with the default rules where those of the repository are wrong: it only reads or records.
    fn works_without_rules(&self) -> bool {
        false
    }

    /// Whether it tells itself what is wrong with the rules.
    fn judges_rules(&self) -> bool {
        false
    }

    /// Whether it takes the last rules that could be read, because the person says so.
    fn takes_last_rules(&self) -> bool {
        false
    }

    /// The command that takes them, where there is one.
    fn to_take_last_rules(&self, _program: &str) -> Option<String> {
        None
    }

    /// Whether what it merges may be left to git and to the merge drivers of the person, where these have to decide. What only
    /// looks starts no programs.
    fn decides_merges(&self) -> bool {
        false
    }

    /// Whether what lies in the work tree matters to it: what a switch that was cut short left there is taken back first.
    fn needs_work_tree(&self) -> bool {
        false
    }

    /// Whether it mends the record: then it begins even where the incidents cannot be read.
    fn mends_record(&self) -> bool {
        false
    }

    /// Whether it has to know of every incident that is open: to choose one of them, or not to open one twice.
    fn needs_all_incidents(&self) -> bool {
        matches!(self.incident(), IncidentNeed::Open | IncidentNeed::Any)
    }

    /// Whether it may do something twice where it does not know all that happened.
    fn needs_every_event(&self) -> bool {
        false
    }

    /// Whether it can end an incident of which the opening is lost.
    fn ends_unopened(&self) -> bool {
        false
    }

    /// Why it goes on although events of the incident are lost, where the person says so.
    fn accepts_damage(&self) -> Option<&str> {
        None
    }

    /// Whether it lets the fix land: a failure after that says so.
    fn lands(&self) -> bool {
        false
    }

    /// Whether the page about the incident is to be shown in a browser.
    fn wants_page(&self) -> bool {
        false
    }

    /// Why it shows an editor, which needs a terminal.
    fn editor(&self) -> Option<EditorUse> {
        None
    }
}

/// Masks the secrets in the free texts of a request, and returns what was masked.
pub fn mask_request(step: &mut dyn Step, redactor: &Redactor) -> Masked {
    let mut masked = Masked::default();
    for text in step.texts() {
        masked.add(redactor.redact_in_place(text));
    }
    masked
}
