//! Is the tag of the next release free, and are the tags here those of the remote?

use crate::production;
use crate::release::tag;

use super::{CheckVerdict, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let context = setup.context;
    let there = setup.remote_refs()?;
    let Some((template, _)) = tag::template(context)? else {
        return Ok(CheckVerdict::ok("releases are not tagged ([release] tag)"));
    };
    let found = setup.known_production()?;
    let there = match &there {
        Some(Ok(refs)) => refs.refs.as_slice(),
        Some(Err(_)) | None => &[],
    };
    // Tags are never updated by a fetch: one that was moved there stays old here.
    if let (Some(remote), Some(name)) = (&found.remote, tag::differing(context, &template, there)?) {
        let message = format!("the tag {name} names another commit here than on {remote}");
        return Ok(CheckVerdict::warning(
            message,
            format!("git fetch --force {remote} refs/tags/{name}:refs/tags/{name}"),
        ));
    }
    let Some(tip) = context.look.git.commit_of_ref(&production::tip_ref(&found))? else {
        return Ok(CheckVerdict::unknown("production is not here"));
    };
    Ok(match tag::next(context, &template, there, &tip)? {
        Some(name) => CheckVerdict::ok(format!("the next release is {name}, which is free")),
        None => CheckVerdict::warning(
            format!("production has no release that is tagged {template}"),
            "tag the one that it runs, or name the first: ship --tag NAME",
        ),
    })
}
