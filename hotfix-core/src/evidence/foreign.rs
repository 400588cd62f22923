//! Which files of stack traces are those of libraries and runtimes, by their path alone.

use super::trace;

/// Folders below which libraries are installed: a path below one is ours only as a whole.
const INSTALLED: &str = "\
    cargo/registry/src/ cargo/registry/ cargo/git/checkouts/ cargo/git/ cargo-vendor-dir/ /vendor/ site-packages/ \
    dist-packages/ node_modules/ /pkg/mod/ /gems/ /deps/";
/// Parts of the paths of runtimes and standard libraries.
const RUNTIMES: &str = "\
    /rustc/ /rustlib/ /usr/local/go/ /usr/lib/go /go/src/runtime/ /go/src/net/ /goroot/ /usr/include/ /lib/python \
    /lib/ruby/ libsanitizer/ /sysdeps/ csu/libc-start";
/// What the packages begin with that come with the JVM and its languages.
const JVM: &str = "java/ javax/ jdk/ sun/ kotlin/ scala/ groovy/ clojure/";
/// The first folders of Go's standard library: all that `-trimpath` leaves. A module's path begins with a host.
const GO: &str = "\
    archive bufio bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt go \
    hash html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort \
    strconv strings structs sync syscall testing text time unicode unique unsafe vendor weak";

/// How many parts, from its end, the path of a library's or a runtime's file must have in common with one of ours to be
/// ours after all; `usize::MAX` is never, `None` that it is no such file.
pub(super) fn parts_in_common(path: &str) -> Option<usize> {
    let rooted = format!("/{path}");
    // The innermost folder: one library may hold others.
    let installed = words(INSTALLED).filter_map(|folder| Some(rooted.rfind(folder)? + folder.len())).max();
    if let Some(below) = installed.and_then(|end| rooted.get(end..)) {
        // npm's scopes are no folders of ours.
        let scope = below.strip_prefix('@').and_then(|scoped| scoped.split_once('/'));
        return Some(parts(scope.map_or(below, |(_, rest)| rest)).max(2));
    }
    let is_foreign = words(RUNTIMES).any(|part| rooted.contains(part)) || is_built_in(path) || has_version(path);
    is_foreign.then_some(usize::MAX)
}

/// Whether a file is a library's or a runtime's.
pub(super) fn is_foreign(path: &str) -> bool {
    parts_in_common(path).is_some()
}

/// How many parts a path has.
pub(super) fn parts(path: &str) -> usize {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").count()
}

fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(' ').filter(|word| !word.is_empty())
}

fn is_built_in(path: &str) -> bool {
    let first = path.split_once('/').map(|(first, _)| first);
    path.starts_with("node:")
        || path.starts_with('<')
        // Node's own, before it named them so.
        || path.starts_with("internal/") && path.ends_with(".js")
        || trace::is_of_the_jvm(path) && words(JVM).any(|package| path.starts_with(package))
        || path.ends_with(".go") && words(GO).any(|package| first == Some(package))
}

/// Whether a folder has a version as those of libraries do: `name-1.2.3/src/`, `name@v1.2.3/`.
fn has_version(path: &str) -> bool {
    let is_version = |text: &str| {
        let mut numbers = text.split('.');
        (0..2).all(|_| numbers.next().is_some_and(|number| number.parse::<u32>().is_ok())) && numbers.next().is_some()
    };
    let mut folders = path.split('/').peekable();
    while let Some(folder) = folders.next() {
        let Some(next) = folders.peek() else { return false };
        let mut versions = folder.match_indices('-').filter_map(|(at, _)| folder.get(at + 1..));
        let is_module = folder.split_once("@v").is_some_and(|(_, version)| is_version(version));
        if is_module || *next == "src" && versions.any(is_version) {
            return true;
        }
    }
    false
}
