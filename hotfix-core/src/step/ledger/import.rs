//! Records the events of an export that are not here.

use crate::workflow::{Action, Context, Outcome, Plan, RecordAction, Result};

pub(super) fn plan(context: &Context<'_>, file: &str) -> Result<Plan> {
    if let Some(imported) = context.known.imported() {
        let text = format!("{} new, {} here already", imported.new, imported.known);
        return Ok(Plan::finished(Outcome::text(text)));
    }
    let lines = context.look.reports.whole(file)?;
    Ok(Plan::then_look_again(vec![Action::Record(RecordAction::Import { file: file.to_owned(), lines })]))
}
