//! How the loop asks, and how it ends.

use std::rc::Rc;

use crate::domain::{IncidentId, Severity, SeverityLevel, Workplace};
use crate::ledger::MemoryStore;
use crate::port::{
    Act, Clock, ErrorKind, Forge, ForgeAddress, LedgerExchange, LedgerStore, Look, Outside, PortError, Reach,
};
use crate::step::tests::scene::{LaidOut, Scene, incident_id};
use crate::workflow::{Answers, Code, Context, IncidentNeed, Outcome, Plan, Question, Refusal, Step, Topic};

use super::{Host, Options, Run, drive};

/// A calm repository in which nothing is done.
struct Calm {
    scene: Scene,
    repository: LaidOut,
    store: MemoryStore,
    has_random_bytes: bool,
}

impl Clock for Calm {
    fn now(&self) -> jiff::Timestamp {
        "2026-11-22T09:41:00Z".parse().expect("a time")
    }
}

impl Outside for Calm {
    fn look(&self) -> Look<'_> {
        self.scene.look(&self.repository)
    }

    fn act<'a>(&'a self, _: &'a dyn Forge) -> Act<'a> {
        panic!("these steps do nothing")
    }

    fn forge(&self, _: Option<ForgeAddress>) -> Rc<dyn Forge> {
        panic!("these steps do nothing")
    }

    fn store(&self) -> &dyn LedgerStore {
        &self.store
    }

    fn exchange(&self) -> &dyn LedgerExchange {
        panic!("these steps share nothing")
    }

    fn clock(&self) -> &dyn Clock {
        self
    }

    fn new_id(&self) -> Result<IncidentId, PortError> {
        let none = || PortError::new(ErrorKind::Retry, "get random bytes", "there are none");
        self.has_random_bytes.then(incident_id).ok_or_else(none)
    }

    fn workplace(&self, _: bool) -> Workplace {
        Workplace::new("0", "here")
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

/// Plans what a function says.
struct Planned(fn(&Context<'_>) -> Plan);

impl Step for Planned {
    fn name(&self) -> &'static str {
        "planned"
    }

    fn incident(&self) -> IncidentNeed {
        IncidentNeed::None
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan, Refusal> {
        Ok((self.0)(context))
    }
}

/// Somebody who answers from a list, the next answer first.
#[derive(Default)]
struct Listed {
    answers: Vec<&'static str>,
    log: Vec<String>,
}

impl Listed {
    fn answer(&mut self, question: String) -> &'static str {
        let answer = self.answers.remove(0);
        self.log.push(format!("{question} {answer}"));
        answer
    }
}

impl Host for Listed {
    fn can_ask(&self) -> bool {
        true
    }

    fn confirm(&mut self, topic: Topic, text: &str) -> Option<bool> {
        let answer = self.answer(format!("{topic:?}: {text}"));
        (answer != "gone").then_some(answer == "yes")
    }

    fn severity(&mut self, levels: &[SeverityLevel], _default: Option<&Severity>) -> Option<Severity> {
        let answer = self.answer(format!("one of {}?", levels.len()));
        levels.iter().map(|level| level.severity.clone()).find(|severity| severity.key() == answer)
    }

    fn before_question(&mut self, _: &str, meaning: &str) {
        self.log.push(meaning.to_owned());
    }

    fn note(&mut self, text: &str) {
        self.log.push(format!("note: {text}"));
    }
}

fn run(plan: fn(&Context<'_>) -> Plan, host: &mut dyn Host, options: &Options<'_>) -> Run {
    drive(&mut Planned(plan), options, host, |_: Reach| Ok(calm()))
}

fn calm() -> Calm {
    let scene = Scene::calm();
    Calm { repository: scene.lay_out(), scene, store: MemoryStore::default(), has_random_bytes: true }
}

fn options() -> Options<'static> {
    Options { program: "night-bot", ..Options::default() }
}

fn told(run: &Run) -> String {
    match &run.result {
        Ok(outcome) => match &outcome.failure {
            Some(failure) => format!("failed: {failure}"),
            None => outcome.text.trim_end().to_owned(),
        },
        Err(refusal) => format!("{}: {refusal} {:?}", refusal.code.as_str(), refusal.hints),
    }
}

fn ship(text: &str) -> Question {
    Question::Confirm { topic: Topic::Plan, text: text.to_owned() }
}

fn asks_twice(context: &Context<'_>) -> Plan {
    let Answers { severity, .. } = context.answers;
    let Some(severity) = severity else {
        return Plan::ask(Question::Severity { levels: context.config.severities.levels().to_vec(), default: None });
    };
    match context.answers.about(Topic::Plan) {
        None => Plan::ask(ship("Ship it?")).notes(vec!["it is night".to_owned()]),
        Some(false) => Plan::finished(Outcome::declined()),
        Some(true) => Plan::finished(Outcome::text(format!("shipped, {}", severity.key()))),
    }
}

fn offers(context: &Context<'_>) -> Plan {
    match context.answers.given(Topic::Base) {
        Some(true) => Plan::finished(Outcome::text("taken")),
        _ => {
            let question = Question::Confirm { topic: Topic::Base, text: "Take it?".to_owned() };
            Plan::offer(question, Refusal::precondition(Code::NoSuchBase, "there is no base"))
        }
    }
}

#[test]
fn questions_are_asked_and_answered_in_turn() {
    let mut host = Listed { answers: vec!["high", "yes"], ..Listed::default() };
    assert_eq!(told(&run(asks_twice, &mut host, &options())), "shipped, high");
    assert_eq!(host.log, ["one of 3? high", "note: it is night", "Plan: Ship it? yes"]);
}

#[test]
fn a_host_is_told_while_it_is_looked_what_is_to_be_done() {
    #[derive(Default)]
    struct Watching(Vec<&'static str>);
    impl Host for Watching {
        fn looks(&mut self) {
            self.0.push("looks");
        }

        fn looked(&mut self) {
            self.0.push("looked");
        }

        fn note(&mut self, _: &str) {
            self.0.push("note");
        }
    }
    let mut host = Watching::default();
    let noted = |_: &Context<'_>| Plan::finished(Outcome::text("done")).notes(vec!["it is night".to_owned()]);
    assert_eq!(told(&run(noted, &mut host, &options())), "done");
    assert_eq!(host.0, ["looks", "looked", "note"]);
}

#[test]
fn a_plan_that_is_declined_does_nothing() {
    let mut host = Listed { answers: vec!["critical", "no"], ..Listed::default() };
    let run = run(asks_twice, &mut host, &options());
    assert_eq!(told(&run), "failed: declined; nothing further was done");
    assert!(run.actions.is_empty());
}

#[test]
fn what_was_answered_is_in_the_command_that_goes_on() {
    let mut left = Listed { answers: vec![""], ..Listed::default() };
    let left = run(asks_twice, &mut left, &options());
    let again = r#"["night-bot planned   # asks again; nothing was changed"]"#;
    assert_eq!(told(&left), format!("declined: the question was not answered: How bad is it? {again}"));
    assert_eq!(left.so_far, None);
    let mut gone = Listed { answers: vec!["high", "no"], ..Listed::default() };
    let gone = run(asks_twice, &mut gone, &options());
    assert_eq!(gone.so_far.as_deref(), Some("night-bot planned   # goes on; nothing was changed"));
}

/// A no there means that the commits stay behind; who pressed Ctrl-C did not choose that.
#[test]
fn nothing_goes_on_after_a_question_at_which_the_person_went_away() {
    let carries = |context: &Context<'_>| match context.answers.given(Topic::CarryCommits) {
        None => {
            let text = "Is this the fix?".to_owned();
            Plan::ask_or_assume(Question::Confirm { topic: Topic::CarryCommits, text })
        }
        Some(carried) => Plan::finished(Outcome::text(format!("opened, {carried}"))),
    };
    let answered = |plan, answer| {
        let mut host = Listed { answers: vec![answer], ..Listed::default() };
        told(&run(plan, &mut host, &options()))
    };
    assert_eq!([answered(carries, "no"), answered(carries, "yes")], ["opened, false", "opened, true"]);
    let again = r#"["night-bot planned   # asks again; nothing was changed"]"#;
    assert_eq!(answered(carries, "gone"), format!("declined: the question was not answered: Is this the fix? {again}"));
    assert_eq!(answered(offers, "gone"), format!("declined: the question was not answered: Take it? {again}"));
    // A no declines the plan, and so does who went away.
    let mut gone = Listed { answers: vec!["high", "gone"], ..Listed::default() };
    assert_eq!(told(&run(asks_twice, &mut gone, &options())), "failed: declined; nothing further was done");
}

#[test]
fn where_nobody_is_there_the_question_is_the_answer() {
    assert_eq!(
        told(&run(asks_twice, &mut (), &options())),
        "severity: --severity is required: critical, high or medium []"
    );
    let answers = Answers { severity: Some(Severity::High), ..Answers::default() };
    let known = Options { answers: answers.clone(), ..options() };
    assert_eq!(
        told(&run(asks_twice, &mut (), &known)),
        r#"confirm: Ship it? Nobody is there to confirm it ["night-bot planned --yes"]"#
    );
    let confirmed = Options { answers: Answers { yes: true, ..answers }, ..options() };
    assert_eq!(told(&run(asks_twice, &mut (), &confirmed)), "shipped, high");
}

#[test]
fn an_offer_is_refused_unless_somebody_takes_it() {
    assert_eq!(told(&run(offers, &mut (), &options())), "no-such-base: there is no base []");
    for (answer, expected) in [("no", "no-such-base: there is no base []"), ("yes", "taken")] {
        let mut host = Listed { answers: vec![answer], ..Listed::default() };
        assert_eq!(told(&run(offers, &mut host, &options())), expected);
    }
}

#[test]
fn who_gives_no_leave_declines_the_command() {
    let asks = |context: &Context<'_>| match context.answers.given(Topic::Share) {
        Some(true) => Plan::finished(Outcome::text("shared")),
        _ => {
            let question = Question::Confirm { topic: Topic::Share, text: "Share it?".to_owned() };
            Plan::offer(question, Refusal::precondition(Code::NotShared, "nobody allowed it"))
        }
    };
    assert_eq!(told(&run(asks, &mut (), &options())), "not-shared: nobody allowed it []");
    for (answer, expected) in [("no", "failed: declined; nothing further was done"), ("yes", "shared")] {
        let mut host = Listed { answers: vec![answer], ..Listed::default() };
        assert_eq!(told(&run(asks, &mut host, &options())), expected);
    }
}

#[test]
fn rounds_that_never_end_are_a_bug_and_hang_nobody() {
    let run = run(|_| Plan::then_look_again(Vec::new()), &mut (), &options());
    assert_eq!(told(&run), "rounds: `planned` came to no end []");
}

#[test]
fn without_random_bytes_nothing_is_named_and_nothing_done() {
    let mut step = Planned(|_| panic!("nothing is planned"));
    let run = drive(&mut step, &options(), &mut (), |_: Reach| Ok(Calm { has_random_bytes: false, ..calm() }));
    assert_eq!(told(&run), "random: failed to get random bytes: there are none []");
}
