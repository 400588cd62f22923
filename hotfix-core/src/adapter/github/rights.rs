//! What the token may do, and what a branch demands.

use std::collections::BTreeSet;

use crate::domain::one_line;
use crate::port::{Abilities, BranchRules, MergeMethod};

use super::client::{Client, encoded, there};
use super::error::{ApiError, ApiErrorKind};
use super::responses::{
    ApiBranch, ApiCheckRun, ApiCheckRuns, ApiFullProtection, ApiPermissions, ApiRepository, ApiRule, ApiStatus,
    ApiStatuses, ApiUser,
};

/// What we may do, and what `branch` demands.
pub(super) fn abilities(client: Client<'_>, branch: &str) -> Result<Abilities, ApiError> {
    let (repository, headers) = client.get_with_headers::<ApiRepository>(&client.path(""))?;
    let login = match client.get::<ApiUser>("/user") {
        Ok(user) => Some(one_line(&user.login)),
        // An app's token belongs to nobody.
        Err(error) if matches!(error.kind, ApiErrorKind::Forbidden | ApiErrorKind::NotFound) => None,
        Err(error) => return Err(error),
    };
    let scopes = headers
        .get("x-oauth-scopes")
        .and_then(|value| value.to_str().ok())
        .map(|value| value.split(',').map(|scope| one_line(scope.trim())).filter(|scope| !scope.is_empty()).collect());
    let rules = with_classic_reviews(client, branch, rules(client, branch)?)?;
    Ok(Abilities {
        repository: one_line(&repository.full_name),
        token_from: client.token_from().to_owned(),
        scopes,
        // Left out for some app tokens; then the push itself tells.
        can_push: repository.permissions.clone().unwrap_or(ApiPermissions { push: true }).push,
        archived: repository.archived,
        methods: methods(&repository, &rules),
        auto_merge: repository.allow_auto_merge.unwrap_or(false),
        approvers: approvers(client, &rules, login.as_deref())?,
        login,
        rules,
    })
}

/// What a classic protection demands of reviews is told to administrators alone; others know no more than before.
fn with_classic_reviews(client: Client<'_>, branch: &str, rules: BranchRules) -> Result<BranchRules, ApiError> {
    // Rulesets have said it already, to everybody.
    if !rules.protected || rules.approvals.is_some() {
        return Ok(rules);
    }
    let path = client.path(&format!("/branches/{}/protection", encoded(branch)));
    let found: Option<ApiFullProtection> = told(client.find(&path))?;
    let Some(found) = found else { return Ok(rules) };
    let reviews = found.required_pull_request_reviews.unwrap_or_default();
    let mut forbids = rules.forbids.clone();
    // A merge commit was refused by GitHub, and every hint led back to it.
    if found.required_linear_history.unwrap_or_default().enabled {
        forbids.push(MergeMethod::Merge);
    }
    Ok(BranchRules {
        approvals: Some(reviews.required_approving_review_count.unwrap_or_default()),
        code_owners: reviews.require_code_owner_reviews,
        forbids,
        ..rules
    })
}

/// Who may write, and so approve; nobody approves what is their own.
fn approvers(client: Client<'_>, rules: &BranchRules, own: Option<&str>) -> Result<Option<Vec<String>>, ApiError> {
    if rules.approvals.unwrap_or_default() == 0 {
        return Ok(None);
    }
    // GitHub counts approvals of people with write access only.
    let path = client.path("/collaborators?permission=push");
    let found: Option<Vec<ApiUser>> = told(client.find_all(&path))?;
    let others = |found: Vec<ApiUser>| found.into_iter().map(|user| one_line(&user.login));
    Ok(found.map(|found| others(found).filter(|login| Some(login.as_str()) != own).collect()))
}

/// The answer, and nothing where this token may not know.
fn told<T>(answer: Result<Option<T>, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Err(error) if error.kind == ApiErrorKind::Forbidden => Ok(None),
        other => other,
    }
}

/// The ways of merging that are allowed, the preferred first.
pub(super) fn methods(repository: &ApiRepository, rules: &BranchRules) -> Vec<MergeMethod> {
    // A merge first: it keeps the tested commit in production's history.
    let all = [
        (repository.allow_merge_commit, MergeMethod::Merge),
        (repository.allow_squash_merge, MergeMethod::Squash),
        (repository.allow_rebase_merge, MergeMethod::Rebase),
    ];
    let allowed = all.into_iter().filter(|(allowed, _)| allowed.unwrap_or(true)).map(|(_, method)| method);
    allowed.filter(|method| !rules.forbids.contains(method)).collect()
}

/// What a branch demands: rulesets, and what everybody may see of a classic protection.
pub(super) fn rules(client: Client<'_>, branch: &str) -> Result<BranchRules, ApiError> {
    let name = encoded(branch);
    let known: Option<ApiBranch> = client.find(&client.path(&format!("/branches/{name}")))?;
    let listed = client.find_all::<ApiRule>(&client.path(&format!("/rules/branches/{name}")));
    let listed = told(listed)?.unwrap_or_default(); // A private repository of a free plan has no rulesets.
    let mut rules = BranchRules::default();
    let mut checks = BTreeSet::new();
    for rule in listed {
        let parameters = rule.parameters.unwrap_or_default();
        rules.protected = true;
        rules.queue |= rule.kind == "merge_queue";
        rules.strict |= parameters.strict_required_status_checks_policy;
        // Several rulesets hold at once, and the strictest one decides.
        rules.approvals = rules.approvals.max(parameters.required_approving_review_count);
        rules.code_owners |= parameters.require_code_owner_review;
        rules.forbids.extend(forbidden(&rule.kind, parameters.allowed_merge_methods.as_deref()));
        checks.extend(parameters.required_status_checks.into_iter().map(|check| one_line(&check.context)));
    }
    // A branch that is not there yet may still have rules, by its name's pattern.
    let Some(known) = known else { return Ok(BranchRules { checks: checks.into_iter().collect(), ..rules }) };
    rules.protected |= known.protected.unwrap_or(false);
    let classic = known.protection.and_then(|protection| protection.required_status_checks).unwrap_or_default();
    checks.extend(classic.contexts.iter().map(|context| one_line(context)));
    rules.checks = checks.into_iter().collect();
    // A required check that never reported blocks every pull request; doctor warns beforehand.
    if !rules.checks.is_empty() {
        let reported = reported(client, &known.commit.sha)?;
        rules.silent = rules.checks.iter().filter(|check| !reported.contains(*check)).cloned().collect();
    }
    Ok(rules)
}

/// The ways of merging that a rule forbids.
fn forbidden(kind: &str, allowed: Option<&[String]>) -> Vec<MergeMethod> {
    let all = [MergeMethod::Merge, MergeMethod::Squash, MergeMethod::Rebase].into_iter();
    match (kind, allowed) {
        // Squash and rebase keep a history linear.
        ("required_linear_history", _) => vec![MergeMethod::Merge],
        (_, Some(allowed)) => all.filter(|method| !allowed.iter().any(|known| known == method.key())).collect(),
        (_, None) => Vec::new(),
    }
}

/// The checks that reported for a commit.
fn reported(client: Client<'_>, commit: &str) -> Result<BTreeSet<String>, ApiError> {
    let runs = check_runs(client, commit)?.into_iter().map(|run| run.name);
    let statuses = statuses(client, commit)?.into_iter().map(|status| status.context);
    Ok(runs.chain(statuses).map(|name| one_line(&name)).collect())
}

/// The runs of checks for a commit, the newest of each.
pub(super) fn check_runs(client: Client<'_>, commit: &str) -> Result<Vec<ApiCheckRun>, ApiError> {
    // A re-run leaves the failed run in the list otherwise.
    let path = client.path(&format!("/commits/{commit}/check-runs?filter=latest"));
    let pages = there(client.pages::<ApiCheckRuns>(&path, |_| false))?.unwrap_or_default();
    Ok(pages.into_iter().flat_map(|page| page.check_runs).collect())
}

/// What older services report of a commit.
pub(super) fn statuses(client: Client<'_>, commit: &str) -> Result<Vec<ApiStatus>, ApiError> {
    let path = client.path(&format!("/commits/{commit}/status"));
    let pages = there(client.pages::<ApiStatuses>(&path, |_| false))?.unwrap_or_default();
    Ok(pages.into_iter().flat_map(|page| page.statuses).collect())
}
