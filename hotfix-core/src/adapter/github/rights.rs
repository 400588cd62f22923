//! What the token may do, and what a branch demands.

use std::collections::BTreeSet;

use crate::domain::one_line;
use crate::port::{Abilities, BranchRules, MergeMethod};

use super::client::{Budget, Client, encoded};
use super::said::{Branch, CheckRuns, Permissions, Repository, Rule, Statuses, User};
use super::trouble::{Kind, Trouble};

/// What we may do, and what `branch` demands.
pub(super) fn abilities(client: &Client, budget: Budget, branch: &str) -> Result<Abilities, Trouble> {
    let (repository, headers) = client.get_with_headers::<Repository>(budget, &client.path(""))?;
    let login = match client.get::<User>(budget, "/user") {
        Ok(user) => Some(one_line(&user.login)),
        // An app's token belongs to nobody.
        Err(trouble) if matches!(trouble.kind, Kind::Forbidden | Kind::NotFound) => None,
        Err(trouble) => return Err(trouble),
    };
    let scopes = headers
        .get("x-oauth-scopes")
        .and_then(|value| value.to_str().ok())
        .map(|value| value.split(',').map(|scope| one_line(scope.trim())).filter(|scope| !scope.is_empty()).collect());
    Ok(Abilities {
        repository: one_line(&repository.full_name),
        token_from: client.token_from().to_owned(),
        login,
        scopes,
        can_push: repository.permissions.clone().unwrap_or(Permissions { push: true }).push,
        archived: repository.archived,
        methods: methods(&repository),
        auto_merge: repository.allow_auto_merge.unwrap_or(false),
        rules: rules(client, budget, branch)?,
    })
}

/// The ways of merging that are allowed, the preferred first.
pub(super) fn methods(repository: &Repository) -> Vec<MergeMethod> {
    let all = [
        (repository.allow_merge_commit, MergeMethod::Merge),
        (repository.allow_squash_merge, MergeMethod::Squash),
        (repository.allow_rebase_merge, MergeMethod::Rebase),
    ];
    all.into_iter().filter(|(allowed, _)| allowed.unwrap_or(true)).map(|(_, method)| method).collect()
}

/// What a branch demands: rulesets, and what everybody may see of a classic protection.
pub(super) fn rules(client: &Client, budget: Budget, branch: &str) -> Result<BranchRules, Trouble> {
    let name = encoded(branch);
    let known: Option<Branch> = client.find(budget, &client.path(&format!("/branches/{name}")))?;
    let listed = client.find::<Vec<Rule>>(budget, &client.path(&format!("/rules/branches/{name}?per_page=100")));
    let listed = match listed {
        // A private repository of a free plan has no rulesets.
        Err(trouble) if trouble.kind == Kind::Forbidden => Vec::new(),
        other => other?.unwrap_or_default(),
    };
    let mut rules = BranchRules::default();
    let mut checks = BTreeSet::new();
    for rule in listed {
        let parameters = rule.parameters.unwrap_or_default();
        rules.protected = true;
        rules.queue |= rule.kind == "merge_queue";
        rules.strict |= parameters.strict_required_status_checks_policy;
        rules.approvals = rules.approvals.max(parameters.required_approving_review_count);
        checks.extend(parameters.required_status_checks.into_iter().map(|check| one_line(&check.context)));
    }
    let Some(known) = known else { return Ok(BranchRules { checks: checks.into_iter().collect(), ..rules }) };
    rules.protected |= known.protected.unwrap_or(false);
    let classic = known.protection.and_then(|protection| protection.required_status_checks).unwrap_or_default();
    checks.extend(classic.contexts.iter().map(|context| one_line(context)));
    rules.checks = checks.into_iter().collect();
    if !rules.checks.is_empty() {
        let reported = reported(client, budget, &known.commit.sha)?;
        rules.silent = rules.checks.iter().filter(|check| !reported.contains(*check)).cloned().collect();
    }
    Ok(rules)
}

/// The checks that reported for a commit.
fn reported(client: &Client, budget: Budget, commit: &str) -> Result<BTreeSet<String>, Trouble> {
    let runs = check_runs(client, budget, commit)?.check_runs.into_iter().map(|run| run.name);
    let statuses = statuses(client, budget, commit)?.statuses.into_iter().map(|status| status.context);
    Ok(runs.chain(statuses).map(|name| one_line(&name)).collect())
}

/// The runs of checks for a commit, the newest of each.
pub(super) fn check_runs(client: &Client, budget: Budget, commit: &str) -> Result<CheckRuns, Trouble> {
    let path = client.path(&format!("/commits/{commit}/check-runs?filter=latest&per_page=100"));
    Ok(client.find(budget, &path)?.unwrap_or_default())
}

/// What older services report of a commit.
pub(super) fn statuses(client: &Client, budget: Budget, commit: &str) -> Result<Statuses, Trouble> {
    Ok(client.find(budget, &client.path(&format!("/commits/{commit}/status?per_page=100")))?.unwrap_or_default())
}
