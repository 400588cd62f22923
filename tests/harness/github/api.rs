//! What the fake server answers, by method and path.

use serde_json::{Value as Json, json};

use super::wire::Request;
use super::{GitHub, OWNER, Pull, Settings, State, TOKEN};

impl GitHub {
    pub(super) fn answer(&self, request: &Request) -> (u16, Json) {
        if request.authorization != format!("Bearer {TOKEN}") {
            return (401, json!({ "message": "Bad credentials" }));
        }
        let path = request.path.strip_prefix("/api/v3").unwrap_or(&request.path);
        if matches!(path, "/graphql" | "/api/graphql") {
            return (200, self.graphql(&request.body));
        }
        if path == "/user" {
            return (200, json!({ "login": "dev", "id": 1 }));
        }
        let mut state = self.state();
        if path == "/repos/dev/shop" {
            return (200, repository(&state.settings, "dev/shop"));
        }
        if path == "/repositories/1" {
            return (200, repository(&state.settings, "dev/store"));
        }
        let Some(rest) = path.strip_prefix("/repos/dev/shop/") else {
            return missing();
        };
        if request.method != "GET" && !state.settings.can_write {
            return (403, json!({ "message": "Resource not accessible by personal access token" }));
        }
        let parts: Vec<&str> = rest.split('/').collect();
        self.route(&mut state, request, &parts)
    }

    fn route(&self, state: &mut State, request: &Request, parts: &[&str]) -> (u16, Json) {
        match parts.first() {
            Some(&"pulls") => self.about_pulls(state, request, parts),
            Some(&"issues" | &"labels") => self.about_issues(state, request, parts),
            _ => self.about_branches(state, request, parts),
        }
    }

    fn about_pulls(&self, state: &mut State, request: &Request, parts: &[&str]) -> (u16, Json) {
        match (request.method.as_str(), parts) {
            ("GET", ["pulls"]) => {
                // What is not `owner:branch` filters nothing.
                let head = request.query.get("head").filter(|head| head.contains(':'));
                let is_head = |pull: &Pull| head.is_none_or(|head| *head == format!("{}:{}", pull.owner, pull.head));
                let is_meant = |pull: &Pull| pull.state == "open" && is_head(pull);
                let places = (0..state.pulls.len()).filter(|place| is_meant(&state.pulls[*place]));
                (200, places.map(|place| self.show(state, place)).collect())
            }
            ("POST", ["pulls"]) => self.create(state, &request.body),
            ("GET", ["pulls", text]) => match known(state, text) {
                Some(place) => {
                    self.advance(state, place);
                    (200, self.show(state, place))
                }
                None => missing(),
            },
            ("PATCH", ["pulls", text]) => match known(state, text) {
                Some(place) => {
                    let pull = &mut state.pulls[place];
                    for (key, field) in [("title", &mut pull.title), ("body", &mut pull.body)] {
                        if let Some(value) = request.body[key].as_str() {
                            value.clone_into(field);
                        }
                    }
                    if request.body["state"] == "closed" {
                        pull.state = "closed";
                    }
                    (200, self.show(state, place))
                }
                None => missing(),
            },
            ("PUT", ["pulls", text, "merge"]) => match known(state, text) {
                Some(place) => self.merge(state, place, &request.body),
                None => missing(),
            },
            ("GET", ["pulls", text, "reviews"]) => match known(state, text) {
                Some(place) => {
                    let all = state.pulls[place].reviews.iter();
                    (200, all.map(|(who, state)| json!({ "user": { "login": who }, "state": state })).collect())
                }
                None => missing(),
            },
            ("POST", ["pulls", text, "requested_reviewers"]) => match known(state, text) {
                Some(place) => {
                    let asked = ["reviewers", "team_reviewers"].map(|key| strings(&request.body[key])).concat();
                    if asked.iter().any(|who| who.eq_ignore_ascii_case("dev")) {
                        return (422, json!({ "message": "Review cannot be requested from pull request author." }));
                    }
                    if asked.iter().any(|who| who == "nobody") {
                        let message = "Reviews may only be requested from collaborators.";
                        return (422, json!({ "message": message }));
                    }
                    state.pulls[place].reviewers.extend(asked);
                    (201, self.show(state, place))
                }
                None => missing(),
            },
            _ => missing(),
        }
    }

    fn about_issues(&self, state: &mut State, request: &Request, parts: &[&str]) -> (u16, Json) {
        match (request.method.as_str(), parts) {
            ("POST", ["issues", text, "labels"]) => match known(state, text) {
                Some(place) => {
                    state.pulls[place].labels.extend(strings(&request.body["labels"]));
                    (200, json!([]))
                }
                None => missing(),
            },
            ("POST", ["issues", text, "assignees"]) => match known(state, text) {
                Some(place) => {
                    let asked = strings(&request.body["assignees"]);
                    let pull = &mut state.pulls[place];
                    pull.assignees.extend(asked);
                    pull.assignees.dedup();
                    (201, json!({ "number": place + 1 }))
                }
                None => missing(),
            },
            ("GET", ["labels", name]) => match state.labels.iter().any(|label| label == name) {
                true => (200, json!({ "name": name })),
                false => missing(),
            },
            ("POST", ["labels"]) => {
                let name = request.body["name"].as_str().unwrap_or_default().to_owned();
                if state.labels.contains(&name) {
                    let errors = json!([{ "resource": "Label", "code": "already_exists", "field": "name" }]);
                    return (422, json!({ "message": "Validation Failed", "errors": errors }));
                }
                state.labels.push(name.clone());
                (201, json!({ "name": name }))
            }
            ("GET", ["issues"]) => {
                let asked = |name: &str| request.query.get(name).map(String::as_str).unwrap_or_default();
                let wanted: Vec<&str> = asked("labels").split(',').filter(|label| !label.is_empty()).collect();
                let is_meant = |issue: &&Json| {
                    let labels = strings(&issue["labels"]);
                    let state = asked("state");
                    (state == "all" || issue["state"] == if state.is_empty() { "open" } else { state })
                        && wanted.iter().all(|label| labels.iter().any(|known| known == label))
                };
                (200, state.issues.iter().rev().filter(is_meant).cloned().collect())
            }
            ("POST", ["issues"]) => {
                let issue = self.new_issue(state, &request.body);
                state.issues.push(issue.clone());
                (201, issue)
            }
            _ => missing(),
        }
    }

    fn about_branches(&self, state: &State, request: &Request, parts: &[&str]) -> (u16, Json) {
        match (request.method.as_str(), parts) {
            ("GET", ["collaborators"]) => {
                (200, state.settings.collaborators.iter().map(|login| json!({ "login": login })).collect())
            }
            ("GET", ["branches", branch]) => match self.tip(branch) {
                Some(commit) => (
                    200,
                    json!({
                        "name": branch, "commit": { "sha": commit },
                        "protected": !state.settings.checks.is_empty() || state.settings.approvals > 0,
                    }),
                ),
                None => (404, json!({ "message": "Branch not found" })),
            },
            ("GET", ["rules", "branches", _]) => (200, rules(&state.settings)),
            ("GET", ["commits", commit, "check-runs"]) => {
                let of = |((of, name), conclusion): (&(String, String), &Option<String>)| {
                    (of == commit).then(|| json!({
                        "name": name, "conclusion": conclusion, "html_url": format!("https://github.com/dev/shop/runs/{name}"),
                        "status": if conclusion.is_some() { "completed" } else { "in_progress" },
                    }))
                };
                let runs: Vec<Json> = state.runs.iter().filter_map(of).collect();
                (200, json!({ "total_count": runs.len(), "check_runs": runs }))
            }
            ("GET", ["commits", _, "status"]) => (200, json!({ "state": "pending", "statuses": [] })),
            _ => missing(),
        }
    }

    fn create(&self, state: &mut State, body: &Json) -> (u16, Json) {
        let pull = self.new_pull(body);
        let invalid = |message: String| {
            let errors = json!([{ "resource": "PullRequest", "code": "custom", "message": message }]);
            (422, json!({ "message": "Validation Failed", "errors": errors }))
        };
        let is_same = |other: &&Pull| (&other.owner, &other.head, &other.base) == (&pull.owner, &pull.head, &pull.base);
        if state.pulls.iter().filter(|other| other.state == "open").any(|other| is_same(&other)) {
            return invalid(format!("A pull request already exists for {}:{}.", pull.owner, pull.head));
        }
        let (Some(head), Some(base)) = (self.tip_of(&pull), self.tip(&pull.base)) else {
            return invalid("head is invalid".to_owned());
        };
        if self.git(&["merge-base", "--is-ancestor", &head, &base]).is_some() {
            return invalid(format!("No commits between {} and {}", pull.base, pull.head));
        }
        state.pulls.push(pull);
        (201, self.show(state, state.pulls.len() - 1))
    }

    /// What stands in the way of a merge, in GitHub's words.
    fn obstacle(&self, state: &State, place: usize) -> Option<String> {
        let pull = &state.pulls[place];
        let head = self.tip_of(pull)?;
        let passed = |check: &&String| {
            state.runs.get(&(head.clone(), (*check).clone())).is_some_and(|end| end.as_deref() == Some("success"))
        };
        if let Some(check) = state.settings.checks.iter().find(|check| !passed(check)) {
            return Some(format!("Required status check \"{check}\" is expected."));
        }
        let given = u32::try_from(pull.approvals()).expect("a small number");
        if given < state.settings.approvals {
            return Some("At least 1 approving review is required by reviewers with write access.".to_owned());
        }
        None
    }

    fn merge(&self, state: &mut State, place: usize, body: &Json) -> (u16, Json) {
        let pull = state.pulls[place].clone();
        let no = |message: &str| (405, json!({ "message": message }));
        if pull.merged.is_some() || pull.state != "open" || pull.draft {
            return no("Pull Request is not mergeable");
        }
        if body["sha"].as_str().is_some_and(|sha| Some(sha.to_owned()) != self.tip_of(&pull)) {
            return (409, json!({ "message": "Head branch was modified. Review and try the merge again." }));
        }
        if let (Some(obstacle), false) = (self.obstacle(state, place), state.settings.is_admin) {
            return no(&obstacle);
        }
        let method = body["merge_method"].as_str().unwrap_or("merge");
        let place_of = ["merge", "squash", "rebase"].iter().position(|known| *known == method).unwrap_or_default();
        if !state.settings.methods[place_of] {
            return no("Merge method is not allowed on this repository.");
        }
        if method == "merge" && state.settings.is_linear {
            return no("This branch must not contain merge commits.");
        }
        let title = body["commit_title"].as_str().unwrap_or("Merge pull request").to_owned();
        let message = format!("{title}\n\n{}", body["commit_message"].as_str().unwrap_or_default());
        match self.do_merge(state, place, method, &message) {
            Some(sha) => (200, json!({ "sha": sha, "merged": true, "message": "Pull Request successfully merged" })),
            None => no("Pull Request is not mergeable"),
        }
    }

    /// Merges in the bare repository; the new commit.
    pub(super) fn do_merge(&self, state: &mut State, place: usize, method: &str, message: &str) -> Option<String> {
        let pull = state.pulls[place].clone();
        let (head, base) = (self.tip_of(&pull)?, self.tip(&pull.base)?);
        let tree = self.git(&["merge-tree", "--write-tree", &base, &head])?;
        let mut commit = vec!["commit-tree", &tree, "-m", message, "-p", &base];
        if method == "merge" {
            commit.extend(["-p", &head]);
        }
        let sha = self.git(&commit)?;
        self.git(&["update-ref", &format!("refs/heads/{}", pull.base), &sha, &base])?;
        // A branch of a fork is its owner's to delete.
        if state.settings.deletes_branches && pull.owner == OWNER {
            self.git(&["update-ref", "-d", &format!("refs/heads/{}", pull.head)])?;
        }
        let pull = &mut state.pulls[place];
        (pull.merged, pull.merged_head, pull.state) = (Some(sha.clone()), Some(head), "closed");
        Some(sha)
    }

    /// What is automatic happens after some looks.
    fn advance(&self, state: &mut State, place: usize) {
        if !state.pulls[place].automatic || state.pulls[place].merged.is_some() {
            return;
        }
        state.patience = state.patience.saturating_sub(1);
        if state.patience == 0 {
            self.do_merge(state, place, "merge", "Merged by GitHub");
        }
    }

    fn graphql(&self, body: &Json) -> Json {
        let query = body["query"].as_str().unwrap_or_default();
        let id = body["variables"]["id"].as_str().unwrap_or_default();
        let place = id.strip_prefix("PR_").and_then(|number| number.parse::<usize>().ok());
        let mut state = self.state();
        let Some(place) = place.filter(|place| *place < state.pulls.len()) else {
            return json!({ "data": null, "errors": [{ "message": "Could not resolve to a node" }] });
        };
        state.log.push(format!("MUTATION {}", query.split(['(', '{']).nth(2).unwrap_or_default().trim()));
        let queue = state.settings.queue;
        let pull = &mut state.pulls[place];
        if query.contains("markPullRequestReadyForReview") {
            pull.draft = false;
        } else if query.contains("convertPullRequestToDraft") {
            pull.draft = true;
        } else if query.contains("enqueuePullRequest") && !queue {
            return json!({ "data": null, "errors": [{ "message": "No merge queue found for branch" }] });
        } else {
            pull.automatic = true;
        }
        json!({ "data": { "ok": true } })
    }

    fn show(&self, state: &State, place: usize) -> Json {
        let pull = &state.pulls[place];
        let head = pull.merged_head.clone().or_else(|| self.tip_of(pull)).unwrap_or_else(|| "0".repeat(40));
        let base = self.tip(&pull.base).unwrap_or_else(|| "0".repeat(40));
        let is_clean = self.git(&["merge-tree", "--write-tree", &base, &head]).is_some();
        let blocked = self.obstacle(state, place).is_some();
        let number = place + 1;
        json!({
            "number": number, "node_id": format!("PR_{place}"), "html_url": format!("https://github.com/dev/shop/pull/{number}"),
            "state": pull.state, "draft": pull.draft, "title": pull.title, "body": pull.body, "user": { "login": "dev" },
            "merged": pull.merged.is_some(), "merge_commit_sha": pull.merged,
            "mergeable": is_clean, "mergeable_state": if blocked { "blocked" } else { "clean" },
            "auto_merge": if pull.automatic && !state.settings.queue { json!({ "merge_method": "merge" }) } else { Json::Null },
            "head": {
                "ref": pull.head, "sha": head, "label": format!("{}:{}", pull.owner, pull.head),
                "user": { "login": pull.owner }, "repo": { "full_name": format!("{}/shop", pull.owner) },
            },
            "base": { "ref": pull.base, "sha": base, "label": format!("dev:{}", pull.base), "repo": { "full_name": "dev/shop" } },
            "labels": pull.labels.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        })
    }
}

fn missing() -> (u16, Json) {
    (404, json!({ "message": "Not Found" }))
}

/// The place of the pull request of this number.
fn known(state: &State, number: &str) -> Option<usize> {
    number.parse::<usize>().ok()?.checked_sub(1).filter(|place| *place < state.pulls.len())
}

fn repository(settings: &Settings, name: &str) -> Json {
    json!({
        "full_name": name, "archived": false, "default_branch": "main",
        "permissions": { "admin": settings.is_admin, "push": settings.can_write, "pull": true },
        "allow_merge_commit": settings.methods[0], "allow_squash_merge": settings.methods[1],
        "allow_rebase_merge": settings.methods[2], "allow_auto_merge": true,
    })
}

fn rules(settings: &Settings) -> Json {
    let mut rules = Vec::new();
    if !settings.checks.is_empty() {
        let checks: Vec<Json> = settings.checks.iter().map(|check| json!({ "context": check })).collect();
        rules.push(json!({ "type": "required_status_checks", "parameters": { "required_status_checks": checks } }));
    }
    if settings.approvals > 0 {
        let parameters = json!({ "required_approving_review_count": settings.approvals });
        rules.push(json!({ "type": "pull_request", "parameters": parameters }));
    }
    if settings.is_linear {
        rules.push(json!({ "type": "required_linear_history" }));
    }
    if settings.queue {
        rules.push(json!({ "type": "merge_queue", "parameters": {} }));
    }
    json!(rules)
}

fn strings(list: &Json) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}
