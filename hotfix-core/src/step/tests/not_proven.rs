//! A fix that lands without a test that catches the bug: said before the question, and where nobody is asked.

use crate::domain::event::Waiver;

use crate::domain::event::TestCounts;

use super::*;

fn notes(scene: &Scene) -> Vec<String> {
    let said = scene.shown(&Ship::default());
    said.lines().filter_map(|line| Some(line.strip_prefix("note: ")?.to_owned())).collect()
}

/// A proof of the test that a person named.
fn proved_by_name(verdict: Verdict) -> EventKind {
    let EventKind::Proved(proof) = proved(verdict) else { unreachable!("a proof is one") };
    EventKind::Proved(Proof { arguments: vec!["cart::tests::coupon".to_owned()], ..proof })
}

#[test]
fn whoever_recorded_it_ship_says_it_before_it_asks_and_where_it_does_not() {
    let none = "no regression test: the change touches none, and the pull request says so";
    let useless = "not proven, and the pull request says so: the regression test passes on production too: it does not catch the bug";
    let no_runner = Waiver::new("test", "no test runner was found");
    let nothing = "no test runner was found: nothing is tested, and the pull request says so";
    let told = "not tested, and the pull request says so: the rack is on fire";
    for (recorded, said) in [
        (vec![tested(Ending::Passed), proved(Verdict::NoRegressionTest)], Some(none)),
        (vec![tested(Ending::Passed), proved(Verdict::PassToPass)], Some(useless)),
        (vec![EventKind::Waived(no_runner)], Some(nothing)),
        (vec![EventKind::Waived(Waiver::new("test", "the rack is on fire"))], Some(told)),
        // The controls. Who named the test has proven the fix as well, whatever was said before.
        (vec![tested(Ending::Passed), proved(Verdict::FailToPass)], None),
        (vec![tested(Ending::Passed), proved(Verdict::NoRegressionTest), proved_by_name(Verdict::FailToPass)], None),
    ] {
        let mut scene = Scene::fixed();
        scene.events.push(guarded());
        scene.events.extend(recorded);
        let said: Vec<&str> = said.into_iter().collect();
        assert!(scene.shown(&Ship::default()).contains("then ask Confirm"));
        assert_eq!(notes(&scene), said, "before the question");
        if said == [nothing] {
            continue; // Go is found here by now, so that tests run first.
        }
        scene.network = Network::Online;
        scene.answers.yes = true;
        let asked = ["main", "hotfix/login-fails"].map(RefName::of_branch).to_vec();
        let refs =
            RemoteRefs { default_branch: None, aliases: Vec::new(), refs: vec![(RefName::of_branch("main"), id('a'))] };
        scene.done = vec![Done::Inspected { remote: "origin".to_owned(), asked, refs }];
        assert!(scene.shown(&Ship::default()).contains("\"action\":\"merge\""));
        assert_eq!(notes(&scene), said, "with --yes");
    }
}

#[test]
fn what_passed_without_a_test_is_no_failure() {
    let done = |ending, counts| {
        let EventKind::Tested(run) = tested(ending) else { panic!("it is a run") };
        Done::Tested { run: Box::new(TestRun { counts, ..run }), results: Vec::new() }
    };
    let told = |done: Done| (done.is_well(), done.halts(), done.remark(), done.why_not());
    let none = Some(TestCounts { passed: 0, failed: 0, ignored: 1 });
    let some = Some(TestCounts { passed: 2, failed: 0, ignored: 0 });
    assert_eq!(told(done(Ending::Passed, none)), (true, true, Some("no tests"), None));
    assert_eq!(told(done(Ending::Passed, some)), (true, false, None, None));
    assert_eq!(told(done(Ending::Failed, none)), (false, true, None, Some("exit code 1".to_owned())));
}
