//! Can the records of an incident get to where the rules want them? Asked before the first commit, and not when it is closed.

use crate::domain::{ObjectId, one_line};
use crate::port::EntryKind;
use crate::workflow::{Code, Context, Refusal, Result};

/// Refuses rules whose documents have no place on production, at `tip`: a file lies where a folder is wanted, a link where a
/// file is.
pub(crate) fn refuse_misplaced(context: &Context<'_>, tip: &ObjectId) -> Result<()> {
    let documents = &context.config.documents;
    let wanted = [
        ("postmortem", &documents.postmortem, EntryKind::Folder),
        ("status", &documents.status, EntryKind::File),
        ("tech_debt", &documents.tech_debt, EntryKind::File),
    ];
    for (key, path, kind) in wanted {
        let above = path.match_indices('/').filter_map(|(end, _)| Some((path.get(..end)?, EntryKind::Folder)));
        for (part, wanted) in above.chain([(path.as_str(), kind)]) {
            let found = context.look.git.kind_at(tip, part)?;
            let Some(found) = found.filter(|found| *found != wanted) else { continue };
            let message =
                format!("documents.{key}: {} is {found} on production, and {wanted} is needed there", one_line(part));
            return Err(Refusal::usage(Code::Config, message)
                .hint(format!("name another place: [documents] {key} = \"...\" in hotfix.toml on production")));
        }
    }
    Ok(())
}
