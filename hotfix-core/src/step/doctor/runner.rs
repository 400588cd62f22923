//! Can tests be run?

use crate::{production, runner};

use super::{CheckVerdict, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let test = &setup.context.config.test;
    let detected = if test.command.is_none() { detect(setup)? } else { None };
    let (command, why) = match (&test.command, &detected) {
        (Some(command), _) => (command, "[test] command".to_owned()),
        (None, Some(runner)) => (runner.arguments(), runner.why.clone()),
        (None, None) => {
            let fix =
                format!("name it in hotfix.toml, [test] command ({} init writes the file)", setup.context.program);
            return Ok(CheckVerdict::warning("no test runner was found", fix));
        }
    };
    let e2e = test.e2e.as_ref().map(|command| ("test.e2e", command));
    let missing = setup.missing_programs([("test.command", command)].into_iter().chain(e2e))?;
    if missing.is_empty() {
        return Ok(CheckVerdict::ok(format!("{command} ({why})")));
    }
    Ok(CheckVerdict::failure(missing.join(", "), "install it, or name another one in hotfix.toml"))
}

/// The runner of what production is.
fn detect(setup: &Setup<'_>) -> Result<Option<runner::Runner>, Halt> {
    let git = setup.context.look.git;
    // Of production, not of what is checked out: the fix will start there.
    let tip = setup.production().ok().map(|found| git.commit_of_ref(&production::tip_ref(&found))).transpose()?;
    let Some(tip) = tip.flatten().or(git.head()?.commit().cloned()) else { return Ok(None) };
    let names = git.top_level_names(&tip)?;
    let file = |path: &str| git.file_at(&tip, path).ok().flatten();
    Ok(runner::detect(&runner::Project::of_files(&names, &file), setup.context.prefer_cargo))
}
