//! Examples in the documentation, which rustdoc builds and runs: they are named by file, item and line.

use crate::domain::TestState;
use crate::execute::prove::Result;
use crate::proof::{RUNS, TestEnd, Trial, example};
use crate::runner::cargo;

use super::side::CargoSide;

/// Tries the examples that the change touches.
pub(super) fn trials(fix: &CargoSide<'_>, base: &CargoSide<'_>) -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    let touched = &fix.request.part.examples;
    let mut packages: Vec<usize> = touched.iter().filter_map(|(file, _)| fix.workspace.package_of(file)).collect();
    packages.sort_unstable();
    packages.dedup();
    for package in packages {
        let with = list(fix, package)?;
        let without = list(base, package)?;
        let of_package = touched.iter().filter(|(file, _)| fix.workspace.package_of(file) == Some(package));
        for (file, example) in of_package {
            // rustdoc names an example by its line alone, which is another one on each side.
            let line = format!(" (line {})", example.line);
            let Some(name) = with.iter().find(|name| example::is_in(name, file) && name.contains(&line)) else {
                continue;
            };
            let mut trial = Trial::new(format!("{}::{name}", fix.package_name(package)), Vec::new());
            // rustdoc goes by the exit code of an example alone.
            trial.by_exit_code = true;
            let there = example::counterpart(name, &with, &without);
            loop {
                let round = trial.fix.len() + 1;
                fix.scene.say(&format!("run the example {name} with the fix ({round})"));
                trial.fix.push(run(fix, package, name)?);
                fix.scene.say(&format!("run the example {name} on production ({round})"));
                trial.base.push(match &there {
                    Some(there) => run(base, package, there)?,
                    None => TestEnd::silent(TestState::Absent),
                });
                if !trial.is_decisive() || round >= usize::try_from(RUNS).unwrap_or(usize::MAX) {
                    break;
                }
            }
            trials.push(trial);
        }
    }
    Ok(trials)
}

fn list(side: &CargoSide<'_>, package: usize) -> Result<Vec<String>> {
    let mut command = side.cargo(&["test", "--doc"]);
    command.extend(side.package(package));
    side.finish(&mut command);
    command.extend(["--", "--list", "--format", "terse"].map(str::to_owned));
    let mut invocation = side.invocation(command, side.request.timeout);
    invocation.apart = true;
    let finished = side.scene.act.processes.run(&invocation)?;
    Ok(cargo::listed(&String::from_utf8_lossy(&finished.stdout)))
}

fn run(side: &CargoSide<'_>, package: usize, name: &str) -> Result<TestEnd> {
    let mut command = side.cargo(&["test", "--doc"]);
    command.extend(side.package(package));
    side.finish(&mut command);
    // rustdoc takes what it is given apart at blanks, so that an example cannot be named: all of its file run.
    let file = name.split(' ').next().unwrap_or(name);
    command.extend(["--", file].map(str::to_owned));
    let finished = side.scene.act.processes.run(&side.invocation(command, side.request.timeout))?;
    Ok(example::of_example(&finished, name))
}
