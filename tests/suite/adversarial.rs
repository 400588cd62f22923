//! Hostile and careless input: every row of `adversarial.tsv` goes through the real program and has the outcome it states.
//!
//! Whatever the row: no panic and no signal, an end within seconds, no program started that a row names (they would make a
//! file `pwned`), and nothing printed that a terminal obeys. What is refused changes nothing.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use hotfix_core::domain::{EventId, Printable};
use hotfix_tests::{CommandOutput, Repo, Sample, Sandbox, sandbox};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::effort::full_or;
use crate::fixtures::{TITLE, opened, sample_with};

/// Far above what any command takes on a busy machine: reached by what hangs only.
const HANGS: Duration = Duration::from_secs(20);

/// How a row's input must come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Verbatim,
    Sanitised,
    Accepted,
    Damaged,
    Refused,
}

/// A row of the table.
#[derive(Debug)]
struct Row {
    input: OsString,
    outcome: Outcome,
    evidence: String,
    name: String,
}

impl Row {
    fn parse(line: &str) -> (&str, Self) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [field, input, outcome, evidence, why] = columns[..] else { panic!("five columns: {line}") };
        let outcome = match outcome {
            "verbatim" => Outcome::Verbatim,
            "sanitised" => Outcome::Sanitised,
            "accepted" => Outcome::Accepted,
            "damaged" => Outcome::Damaged,
            "refused" => Outcome::Refused,
            other => panic!("no outcome: {other}"),
        };
        let text: String = serde_json::from_str(input).expect("the input is a JSON string");
        let quoted = format!("\"{}\"", evidence.replace('"', "\\\""));
        let evidence = serde_json::from_str(&quoted).expect("the evidence has JSON's escapes");
        (field, Self { input: expand(&text), outcome, evidence, name: format!("{field}, {why}: {input}") })
    }

    /// The input, where it is text.
    fn text(&self) -> &str {
        self.input.to_str().expect("only refused inputs are no text")
    }

    /// What people see of it: lines and all.
    fn shown(&self) -> String {
        match self.outcome {
            Outcome::Sanitised if !self.evidence.is_empty() => self.evidence.clone(),
            _ => self.text().to_owned(),
        }
    }

    /// Checks a command that must refuse the input and change nothing, as the evidence says.
    fn assert_refused(&self, repo: &Repo<'_>, command: &mut Command) {
        let before = repo.state();
        let output = run(repo, command, &self.name);
        let (code, says) = self.evidence.split_once(' ').expect("an exit code and words");
        assert_eq!(output.code().map(|code| code.to_string()).as_deref(), Some(code), "{}:\n{output}", self.name);
        for part in says.split('|') {
            assert!(output.stderr().contains(part), "{} lacks {part:?}:\n{output}", self.name);
        }
        assert_eq!(repo.state(), before, "{}:\n{output}", self.name);
    }
}

fn expand(text: &str) -> OsString {
    if let Some(pieces) = text.strip_prefix("@concat:") {
        return pieces.split('|').map(expand).collect();
    }
    if let Some(bytes) = text.strip_prefix("@bytes:") {
        let byte = |hex| u8::from_str_radix(hex, 16).expect("two hexadecimal digits");
        return OsString::from_vec(bytes.split(' ').map(byte).collect());
    }
    match text.strip_prefix("@repeat:").and_then(|rest| rest.rsplit_once(':')) {
        Some((piece, times)) => piece.repeat(times.parse().expect("a number of times")).into(),
        None => text.into(),
    }
}

fn rows() -> impl Iterator<Item = (&'static str, Row)> {
    include_str!("adversarial.tsv").lines().filter(|line| !line.starts_with('#')).map(Row::parse)
}

fn rows_of(field: &str) -> Vec<Row> {
    rows().filter(|(of, _)| *of == field).map(|(_, row)| row).collect()
}

/// Every row of a field.
fn each(field: &str, check: impl Fn(&Row) + Sync) {
    each_of(rows_of(field), check);
}

/// Every row of a field in the gate, otherwise some of them: each takes a whole night.
fn each_night(field: &str, check: impl Fn(&Row) + Sync) {
    each_of(rows_of(field).into_iter().step_by(full_or(1, 4)).collect(), check);
}

/// These rows, two at a time; one that fails hides no other.
fn each_of(rows: Vec<Row>, check: impl Fn(&Row) + Sync) {
    assert!(!rows.is_empty(), "no row");
    let rest = Mutex::new(rows.iter());
    let next = || rest.lock().expect("no check holds it").next();
    let fails = |row: &&Row| catch_unwind(AssertUnwindSafe(|| check(row))).is_err();
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for row in std::iter::from_fn(next).filter(fails) {
                    failed.lock().expect("no check holds it").push(&row.name);
                }
            });
        }
    });
    let failed = failed.into_inner().expect("all threads are done");
    assert!(failed.is_empty(), "{} of {}: {failed:#?}", failed.len(), rows.len());
}

/// Runs a command that a row goes into, and checks what holds for all of them.
fn run(repo: &Repo<'_>, command: &mut Command, name: &str) -> CommandOutput {
    let output = repo.sandbox().run_within(HANGS, command);
    assert!(output.code().is_some_and(|code| code != 101 && code != 70), "{name}:\n{output}");
    for printed in [output.stdout(), output.stderr()] {
        let obeyed = printed.chars().find(|character| is_obeyed(*character));
        assert_eq!(obeyed, None, "{name}: {printed:?}");
    }
    assert!(!has_canary(repo.sandbox().root()), "{name}: started a program");
    output
}

/// Whether a file `pwned` lies anywhere in a folder.
fn has_canary(folder: &Path) -> bool {
    fs::read_dir(folder).expect("the folder is ours").flatten().any(|entry| {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        entry.file_name() == "pwned" || (is_folder && has_canary(&entry.path()))
    })
}

/// Whether a terminal, or the eye of a reader, is led astray.
fn is_obeyed(character: char) -> bool {
    !matches!(character, '\n' | '\t') && Printable::new(character.encode_utf8(&mut [0; 4])).as_str().is_empty()
}

fn hotfix<A: AsRef<OsStr>>(repo: &Repo<'_>, arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = repo.command("git-hotfix");
    command.args(arguments);
    command
}

/// Runs a command that must succeed.
fn done<A: AsRef<OsStr>>(repo: &Repo<'_>, arguments: impl IntoIterator<Item = A>, name: &str) -> CommandOutput {
    let output = run(repo, &mut hotfix(repo, arguments), name);
    assert_eq!(output.code(), Some(0), "{name}:\n{output}");
    output
}

/// A whole night whose only text from people is this title and this description; the documents that it leaves.
struct Night {
    slug: String,
    title: String,
    documents: Vec<String>,
    messages: Vec<String>,
}

impl Night {
    fn of(template: &Repo<'_>, title: &str, description: Option<&str>, name: &str) -> Self {
        let sandbox = sandbox!();
        let repo = copy_without_remote(&sandbox, template);
        let mut open = vec!["open", "--severity", "high"];
        if let Some(text) = description {
            open.extend(["--impact", text, "--scope", text, "--source", text]);
        }
        open.extend(["--", title]);
        let _ = done(&repo, open, name);
        let incident = &repo.hotfix_json(["list"])["incidents"][0];
        let text_of = |key: &str| incident[key].as_str().unwrap_or_default().to_owned();
        let slug = text_of("slug");
        assert_eq!(repo.branch(), format!("hotfix/{slug}"), "{name}");
        repo.fix_the_bug();
        if let Some(text) = description {
            let _ = done(&repo, ["note", "--", text], name);
            let _ = done(&repo, ["follow-up", "add", "--band-aid", "--", text], name);
        }
        for command in [&["status"][..], &["ship", "--yes"], &["close"], &["show"], &["log"], &["list", "--all"]] {
            let _ = done(&repo, command, name);
        }
        Self {
            slug,
            title: text_of("title"),
            documents: documents(&repo, name),
            messages: ["main", "main~1"].map(|commit| repo.git_ok(["log", "-1", "--format=%B", commit])).to_vec(),
        }
    }
}

/// The postmortem, the pages that people keep, and the text of the pull request.
fn documents(repo: &Repo<'_>, name: &str) -> Vec<String> {
    let postmortem = repo.git_ok(["ls-files", "docs/decisions"]);
    assert_eq!(postmortem.lines().count(), 1, "{name}: {postmortem}");
    let mut documents = vec![repo.read(&postmortem), repo.read("docs/planning/STATUS.md")];
    if repo.has("docs/planning/TECH-DEBT.md") {
        documents.push(repo.read("docs/planning/TECH-DEBT.md"));
    }
    let ledger = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let event = repo.git_ok(["grep", "-h", "\"kind\":\"pull-request-opened\"", &ledger]);
    let event: serde_json::Value = serde_json::from_str(&event).expect("an event is JSON");
    let body = event["data"]["body"].as_str().expect("it has a text").to_owned();
    assert!(body.chars().count() <= 65_536, "{name}: no hosting service takes this text");
    assert!(event["data"]["title"].as_str().expect("it has a title").chars().count() <= 256, "{name}");
    documents.push(body);
    documents
}

/// Markdown as hosting services read it.
fn markdown() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
}

/// The Markdown elements of a document in their order, without what is written in them: equal where only words differ.
fn structure(document: &str) -> Vec<String> {
    let mut elements = Vec::new();
    for event in Parser::new_ext(document, markdown()) {
        match event {
            Event::Text(_) => {}
            // Its text tells of the incident; only that it is one, and ours, matters.
            Event::Html(html) | Event::InlineHtml(html) => {
                assert!(html.trim().starts_with("<!-- hotfix: HF-"), "{html} in {document}");
                elements.push("marker".to_owned());
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => panic!("a link or image in {document}"),
            Event::Code(_) => elements.push("code".to_owned()),
            other => elements.push(format!("{other:?}")),
        }
    }
    elements
}

/// The text of the first heading, as a reader sees it.
fn first_heading(document: &str) -> String {
    let mut parser = Parser::new_ext(document, markdown());
    let inside = parser.by_ref().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let text = inside.filter_map(|event| if let Event::Text(text) = event { Some(text.to_string()) } else { None });
    text.collect::<String>().replace('\u{200b}', "")
}

/// What a hosting service, a CI system or git would do because of a commit message.
#[track_caller]
fn assert_harmless_message(repo: &Repo<'_>, message: &str, name: &str) {
    let mut parse = repo.command("sh");
    parse.args(["-c", "printf '%s\n' \"$0\" | git interpret-trailers --parse", message]);
    let trailers = repo.run(&mut parse).success();
    let lines: Vec<&str> = trailers.stdout().lines().collect();
    assert!(matches!(lines[..], [line] if line.starts_with("Hotfix-Incident: HF-2")), "{name}: {lines:?}\n{message}");
    let lower = message.to_lowercase();
    for marker in
        ["[no ci]", "[ci skip]", "[skip ci]", "[skip actions]", "[actions skip]", "***no_ci***", "@acme", "#1"]
    {
        assert!(!lower.contains(marker), "{name}: {marker} in\n{message}");
    }
    assert_eq!(message.chars().find(|character| is_obeyed(*character)), None, "{name}: {message:?}");
    assert!(message.lines().next().is_some_and(|subject| subject.chars().count() <= 72), "{name}: {message}");
}

fn is_slug(slug: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9'));
    slug.len() <= 60 && slug.split('-').all(is_part)
}

#[test]
fn every_row_is_driven() {
    let driven =
        ["title", "title-refused", "description", "severity", "slug", "production.branch", "production.remote"];
    let driven =
        [&driven[..], &["remote.url", "config", "incident_id", "ledger_event", "env", "test_file", "responder"]];
    let driven = driven.concat();
    for (field, row) in rows() {
        assert!(driven.contains(&field), "{}", row.name);
    }
    assert!(rows().count() > 150);
}

#[test]
fn titles_are_words_and_nothing_else() {
    let sandbox = sandbox!();
    let template = sandbox.sample(Sample::Shell);
    let twin = Night::of(&template, TITLE, None, "the benign twin");
    let expected: Vec<_> = twin.documents.iter().map(|document| structure(document)).collect();
    each_night("title", |row| {
        let night = Night::of(&template, row.text(), None, &row.name);
        assert!(is_slug(&night.slug), "{}: {}", row.name, night.slug);
        assert_eq!(night.title, row.text(), "{}: the ledger keeps it as given", row.name);
        for (document, expected) in night.documents.iter().zip(&expected) {
            assert_eq!(structure(document), *expected, "{}:\n{document}", row.name);
        }
        assert_eq!(first_heading(&night.documents[0]), format!("Postmortem: {}", row.shown()), "{}", row.name);
        night.messages.iter().for_each(|message| assert_harmless_message(&template, message, &row.name));
    });
}

#[test]
fn both_spellings_of_a_letter_are_one_incident() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let _ = done(&repo, ["open", "cafe\u{301} down", "--severity", "high"], "decomposed");
    let _ = done(&repo, ["open", "caf\u{e9} down"], "composed");
    assert_eq!(repo.hotfix_json(["list"])["incidents"].as_array().map(Vec::len), Some(1));
}

#[test]
fn titles_that_name_nothing_are_refused() {
    let sandbox = sandbox!();
    let template = sandbox.sample(Sample::Shell).with_remote();
    each("title-refused", |row| {
        let sandbox = sandbox!();
        let repo = sandbox.copy_of(&template);
        row.assert_refused(&repo, hotfix(&repo, ["open", "--severity", "high", "--"]).arg(&row.input));
    });
}

#[test]
fn descriptions_are_words_and_nothing_else() {
    let sandbox = sandbox!();
    let template = sandbox.sample(Sample::Shell);
    each_night("description", |row| {
        let shown = row.shown();
        let plain = |line: &str| if line.trim().is_empty() { String::new() } else { "words".to_owned() };
        let twin: String = shown.lines().map(|line| plain(line) + "\n").collect();
        let expected = Night::of(&template, TITLE, Some(twin.trim_end()), &row.name);
        let night = Night::of(&template, TITLE, Some(row.text()), &row.name);
        for (document, expected) in night.documents.iter().zip(&expected.documents) {
            assert_eq!(structure(document), structure(expected), "{}:\n{document}", row.name);
        }
        night.messages.iter().for_each(|message| assert_harmless_message(&template, message, &row.name));
    });
}

/// Opens an incident, with this change to the command; an accepted row shows its evidence, a refused one changes nothing.
fn opening(
    field: &str,
    change: impl Fn(&mut Command, &Repo<'_>, &Row) + Sync,
    shown: impl Fn(&Repo<'_>) -> String + Sync,
) {
    let sandbox = sandbox!();
    let template = sandbox.sample(Sample::Shell).with_remote();
    each(field, |row| {
        let sandbox = sandbox!();
        let repo = sandbox.copy_of(&template);
        repo.git_ok(["remote", "set-url", "origin", "../origin.git"]);
        let mut command = hotfix(&repo, ["open", TITLE]);
        change(&mut command, &repo, row);
        if row.outcome == Outcome::Refused {
            return row.assert_refused(&repo, &mut command);
        }
        let output = run(&repo, &mut command, &row.name);
        assert_eq!(output.code(), Some(0), "{}:\n{output}", row.name);
        let shown = shown(&repo);
        assert!(shown.contains(&row.evidence), "{}: {shown}", row.name);
    });
}

#[test]
fn severities_are_known_words() {
    let set = |command: &mut Command, _: &Repo<'_>, row: &Row| {
        command.arg("--severity").arg(&row.input);
    };
    opening("severity", set, |repo| repo.hotfix_json(["list"])["incidents"][0]["severity"].to_string());
}

#[test]
fn slugs_make_branches_that_exist_everywhere() {
    let set = |command: &mut Command, _: &Repo<'_>, row: &Row| {
        command.args(["--severity", "high", "--slug"]).arg(&row.input);
    };
    opening("slug", set, |repo| repo.branch());
}

#[test]
fn branches_and_remotes_are_names_and_nothing_else() {
    for (field, variable) in
        [("production.branch", "HOTFIX_PRODUCTION_BRANCH"), ("production.remote", "HOTFIX_PRODUCTION_REMOTE")]
    {
        let set = |command: &mut Command, _: &Repo<'_>, row: &Row| {
            command.args(["--severity", "high"]).env(variable, &row.input);
        };
        opening(field, set, |repo| repo.branch());
    }
}

#[test]
fn addresses_of_remotes_run_nothing() {
    let set = |command: &mut Command, repo: &Repo<'_>, row: &Row| {
        repo.git_ok(["config", "remote.origin.url", row.text()]);
        command.args(["--severity", "high"]);
    };
    opening("remote.url", set, |repo| repo.branch());
}

#[test]
fn rules_are_checked_before_anything_happens() {
    let sandbox = sandbox!();
    let template = sandbox.sample(Sample::Shell);
    each("config", |row| {
        let sandbox = sandbox!();
        let repo = copy_without_remote(&sandbox, &template);
        fs::write(repo.folder().join("hotfix.toml"), row.input.as_bytes()).expect("the folder is ours");
        repo.commit_all("Set the rules");
        let mut open = hotfix(&repo, ["open", TITLE, "--severity", "high"]);
        if row.outcome == Outcome::Refused {
            return row.assert_refused(&repo, &mut open);
        }
        let output = run(&repo, &mut open, &row.name);
        assert!(output.code() == Some(0) && repo.branch().contains(&row.evidence), "{}:\n{output}", row.name);
    });
}

fn copy_without_remote<'s>(sandbox: &'s Sandbox, template: &Repo<'_>) -> Repo<'s> {
    let _ = sandbox.run(sandbox.command("cp", sandbox.root()).arg("-a").arg(template.folder()).arg(".")).success();
    template.in_sandbox(sandbox)
}

#[test]
fn incident_ids_are_ids() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let id = repo.hotfix_json(["list"])["incidents"][0]["id"].as_str().expect("one is open").to_owned();
    each("incident_id", |row| {
        let input = row.input.to_str().map_or_else(|| row.input.clone(), |text| text.replace("$ID", &id).into());
        let mut show = hotfix(&repo, ["show"]);
        show.arg("--incident").arg(input);
        if row.outcome == Outcome::Refused {
            return row.assert_refused(&repo, &mut show);
        }
        assert!(run(&repo, &mut show, &row.name).success().stdout().contains(&id), "{}", row.name);
    });
}

/// Puts bytes into the ledger as a remote would: under the right name, in a commit of its own.
fn plant(repo: &Repo<'_>, id: &str, stored: &[u8]) {
    let ledger = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    fs::write(repo.folder().join("../planted"), stored).expect("the folder is ours");
    let blob = repo.git_ok(["hash-object", "-w", "../planted"]);
    let shard = EventId::of(id.as_bytes());
    let shard = shard.as_str().get(..2).expect("it has 64 digits");
    let entry = format!("100644,{blob},{shard}/{id}/{}.json", EventId::of(stored).as_str());
    let git = |arguments: &[&str]| {
        let mut command = repo.command("git");
        command.args(arguments).env("GIT_INDEX_FILE", repo.sandbox().root().join("planting"));
        repo.run(&mut command).success().stdout().trim_end().to_owned()
    };
    git(&["read-tree", &ledger]);
    git(&["update-index", "--add", "--cacheinfo", &entry]);
    let commit = git(&["commit-tree", "-p", &ledger, "-m", "plant", &git(&["write-tree"])]);
    repo.git_ok(["update-ref", &ledger, &commit]);
}

#[test]
fn events_of_others_are_read_and_never_obeyed() {
    let sandbox = sandbox!();
    let template = opened(&sandbox);
    let id = template.hotfix_json(["list"])["incidents"][0]["id"].as_str().expect("one is open").to_owned();
    let ledger = template.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let created = template.git_ok(["grep", "-l", "\"kind\":\"branch-created\"", &ledger]);
    let head = created.rsplit('/').next().and_then(|name| name.strip_suffix(".json")).expect("it is a file").to_owned();
    each("ledger_event", |row| {
        let sandbox = sandbox!();
        let repo = sandbox.copy_of(&template);
        let mut stored = match row.input.to_str() {
            Some(text) => text.replace("$ID", &id).replace("$PARENT", &head).into_bytes(),
            None => row.input.as_bytes().to_vec(),
        };
        stored.push(b'\n');
        plant(&repo, &id, &stored);
        let mut printed = String::new();
        for command in [&["log"][..], &["show"], &["status"], &["list", "--all"], &["show", "--json"]] {
            let output = done(&repo, command, &row.name);
            printed.push_str(&format!("{}{}", output.stdout(), output.stderr()));
        }
        assert_eq!(printed.contains("damaged:"), row.outcome == Outcome::Damaged, "{}:\n{printed}", row.name);
        assert!(printed.contains(&row.evidence) && printed.contains(TITLE), "{}:\n{printed}", row.name);
        let _ = done(&repo, ["note", "still here"], &row.name);
    });
}

#[test]
fn variables_do_not_lead_elsewhere() {
    let sandbox = sandbox!();
    let template = sandbox.sample(Sample::Shell).with_remote();
    let other = sandbox.empty_repo("other");
    other.commit_file("a", "a", "Another repository");
    each("env", |row| {
        let sandbox = sandbox!();
        let repo = sandbox.copy_of(&template);
        repo.git_ok(["remote", "set-url", "origin", "../origin.git"]);
        let _ = repo.run(repo.command("cp").arg("-a").arg(other.folder()).arg("../other")).success();
        let bytes = row.input.as_bytes();
        let equals = bytes.iter().position(|byte| *byte == b'=').expect("a variable has a value");
        let (name, value) = bytes.split_at(equals);
        let mut open = hotfix(&repo, ["open", TITLE, "--severity", "high"]);
        open.env(OsStr::from_bytes(name), OsStr::from_bytes(&value[1..]));
        if row.outcome == Outcome::Refused {
            return row.assert_refused(&repo, &mut open);
        }
        let output = run(&repo, &mut open, &row.name);
        assert_eq!(output.code(), Some(0), "{}:\n{output}", row.name);
        assert!(repo.branch().starts_with("hotfix/coupons"), "{}:\n{output}", row.name);
        assert_eq!(repo.at("../other").git_ok(["for-each-ref", "refs/hotfix"]), "", "{}", row.name);
    });
}

#[test]
fn another_repository_by_the_environment_is_named() {
    let sandbox = sandbox!();
    let here = sandbox.sample(Sample::Shell);
    let other = sandbox.empty_repo("other");
    other.commit_file("a", "a", "Another repository");
    let before = here.state();
    let mut status = hotfix(&here, ["status"]);
    let output = run(&here, status.env("GIT_DIR", "../other/.git"), "GIT_DIR");
    let said = format!("note: GIT_DIR leads to {}", other.folder().display());
    assert!(output.stderr().contains(&said), "{output}");
    assert_eq!(here.state(), before);
    let own = run(&here, hotfix(&here, ["status"]).env("GIT_DIR", ".git"), "GIT_DIR of this one");
    assert!(!own.stderr().contains("GIT_DIR"), "{own}");
}

#[test]
fn test_files_are_arguments_and_nothing_else() {
    let sandbox = sandbox!();
    let rules = "[test]\ncommand = [\"sh\", \"-c\", \"for f; do printf '%s\\\\0' \\\"$f\\\"; done >../arguments\", \"sh\", \
                 \"{files}\"]\n";
    let template = sample_with(&sandbox, rules);
    template.ok(["open", TITLE, "--severity", "high"]);
    each("test_file", |row| {
        let sandbox = sandbox!();
        let repo = sandbox.copy_of(&template);
        let file = repo.folder().join(&row.input);
        fs::create_dir_all(file.parent().expect("it lies in the repository")).expect("the folder is ours");
        fs::write(&file, "").expect("the folder is ours");
        repo.commit_all("Test it");
        let mut test = hotfix(&repo, ["test", "--no-proof"]);
        if row.outcome == Outcome::Refused {
            return row.assert_refused(&repo, &mut test);
        }
        let output = run(&repo, &mut test, &row.name);
        assert_eq!(output.code(), Some(0), "{}:\n{output}", row.name);
        let arguments = fs::read(repo.folder().join("../arguments")).expect("the command wrote it");
        let expected = if row.evidence.is_empty() { row.input.as_bytes() } else { row.evidence.as_bytes() };
        assert_eq!(arguments, [expected, b"\0"].concat(), "{}", row.name);
    });
}

#[test]
fn people_are_shown_and_not_called() {
    let sandbox = sandbox!();
    let template = sandbox.sample(Sample::Shell).with_remote();
    each("responder", |row| {
        let sandbox = sandbox!();
        let repo = sandbox.copy_of(&template);
        repo.git_ok(["remote", "set-url", "origin", "../origin.git"]);
        repo.git_ok(["config", "user.name", row.text()]);
        let _ = done(&repo, ["open", TITLE, "--severity", "high"], &row.name);
        repo.fix_the_bug();
        for command in [&["ship", "--yes"][..], &["close"], &["log"]] {
            let _ = done(&repo, command, &row.name);
        }
        let postmortem = &documents(&repo, &row.name)[0];
        assert!(!postmortem.contains("@acme"), "{}:\n{postmortem}", row.name);
        let _ = structure(postmortem);
        let text: String = Parser::new_ext(postmortem, markdown())
            .filter_map(|event| if let Event::Text(text) = event { Some(text.to_string()) } else { None })
            .collect();
        assert!(text.replace('\u{200b}', "").contains(&row.evidence), "{}:\n{postmortem}", row.name);
    });
}
