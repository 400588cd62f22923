//! How unittest is told which tests to run: by files in packages, else by the names of modules.

use super::super::Project;
use super::is_package;

/// What names a test file, or a test in it (`tests/test_cart.py::Cart::test_sum`), and the folder that it is looked for in
/// where that is not the top.
pub(super) fn name<'p>(project: &Project<'_>, test: &'p str) -> (Option<&'p str>, String) {
    let (file, inside) = test.split_once("::").unwrap_or((test, ""));
    let (folder, name) = file.rsplit_once('/').map_or((None, file), |(folder, name)| (Some(folder), name));
    let apart = folder.filter(|folder| !is_package(project, folder));
    if inside.is_empty() && apart.is_none() {
        return (None, test.to_owned());
    }
    // A folder that is no package is no part of a module's name; the standard library has a package `test` of its own.
    let module = if apart.is_some() { name } else { file };
    let module = module.strip_suffix(".py").unwrap_or(module).replace('/', ".");
    let parts = std::iter::once(&*module).chain(inside.split("::").filter(|part| !part.is_empty()));
    (apart, parts.collect::<Vec<_>>().join("."))
}
