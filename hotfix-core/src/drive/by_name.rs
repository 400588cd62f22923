//! Finds the incident that a person names: by its id, the beginning of that, or its slug.

use crate::domain::{IncidentId, PREFIX, one_line};
use crate::ledger::{Incidents, Summary};
use crate::workflow::{Code, Refusal, Result};

/// So many are shown of those that could be meant.
const MOST_SHOWN: usize = 5;

/// How a person names an incident.
#[derive(Debug, Clone, Copy)]
pub(super) struct NamedIncident<'a> {
    /// The name.
    pub(super) name: &'a str,
    /// Whether it is an argument of the command's own, and not `--incident`.
    pub(super) is_argument: bool,
}

impl<'a> NamedIncident<'a> {
    /// By an argument of the command's own, else by `--incident`.
    pub(super) fn of(argument: Option<&'a str>, option: Option<&'a str>) -> Option<Self> {
        let own = argument.map(|name| Self { name, is_argument: true });
        own.or(option.map(|name| Self { name, is_argument: false }))
    }
}

/// The id of the one that is `named`. Of a slug that came again the incident is meant that is open.
///
/// # Errors
/// When none has it, or several have.
pub(super) fn find(named: NamedIncident<'_>, incidents: &Incidents<'_>, program: &str) -> Result<IncidentId> {
    let NamedIncident { name, is_argument } = named;
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let wanted = name.trim().to_ascii_lowercase();
    let slug = wanted.strip_prefix(PREFIX).unwrap_or(&wanted);
    let has_slug = |known: &Summary| known.slug.as_str() == slug;
    let has_beginning = |known: &Summary| begins_with(&known.id, &wanted);
    let all = incidents.all()?;
    for (known, is_meant) in
        [(incidents.open(), &has_slug as &dyn Fn(&Summary) -> bool), (all, &has_slug), (all, &has_beginning)]
    {
        let found: Vec<&Summary> = known.iter().filter(|known| is_meant(known)).collect();
        match found.as_slice() {
            [] => {}
            [only] => return Ok(only.id.clone()),
            several => return Err(ambiguous(named, several)),
        }
    }
    let argument = if is_argument { "ID" } else { "--incident" };
    let refusal = match one_line(name.trim()).as_str() {
        "" => {
            let message = format!("{argument}: say which incident, by its id, the beginning of that, or its slug");
            Refusal::usage(Code::Incident, message)
        }
        name => {
            let message = format!("{argument}: no incident has {name} as its id, the beginning of its id, or its slug");
            Refusal::precondition(Code::Incident, message)
        }
    };
    Err(refusal.hint(format!("{program} list --all")))
}

/// Whether an id begins with some letters, with or without the year.
fn begins_with(id: &IncidentId, letters: &str) -> bool {
    let id = id.as_str().to_ascii_lowercase();
    let random = id.rsplit('-').next().unwrap_or_default();
    !letters.is_empty() && (id.starts_with(letters) || random.starts_with(letters))
}

fn ambiguous(named: NamedIncident<'_>, several: &[&Summary]) -> Refusal {
    let (argument, before) = if named.is_argument { ("ID", "") } else { ("--incident", "--incident ") };
    let message = format!("{argument}: {} could be any of {} incidents", one_line(named.name), several.len());
    let refusal = Refusal::usage(Code::Incident, message);
    several
        .iter()
        .take(MOST_SHOWN)
        .fold(refusal, |refusal, known| refusal.hint(format!("{before}{}   # {}", known.id, known.title)))
}
