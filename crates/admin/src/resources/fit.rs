//! Whether a resource fits into its tenant, and whether the tenant's key policy still fits its resources.

use chancery_domain::{key_policy::KeyPolicy, resource::Resource, scope::ScopeValue};

use crate::{reach::Reached, status::Refusal};

/// The resource, if its scopes are there for it, and the tenant can sign its tokens for as long as it asks. `others` are
/// the tenant's resources; the one itself may be among them.
pub(super) async fn checked(
    reached: &Reached<'_>,
    resource: Resource,
    others: &[Resource],
) -> Result<Resource, Refusal> {
    let scopes: Vec<_> = reached.read().scopes().all().await?.into_iter().map(|scope| scope.value).collect();
    let policy = reached.read().keys().policy().await?;
    among(resource, others, &scopes, &policy)
}

/// The same among what will be there: `scopes` are the values of the tenant's own.
pub(crate) fn among(
    resource: Resource,
    others: &[Resource],
    scopes: &[ScopeValue],
    policy: &KeyPolicy,
) -> Result<Resource, Refusal> {
    let mut wrong = Vec::new();
    for (at, scope) in resource.scopes.iter().enumerate() {
        let mut others = others.iter().filter(|other| other.slug != resource.slug);
        if !scopes.contains(scope) {
            wrong.push((at, "must be a scope of the tenant's own"));
        } else if others.any(|other| other.scopes.contains(scope.as_str())) {
            wrong.push((at, "must not belong to another resource"));
        }
    }
    if !wrong.is_empty() {
        let path = |(at, rule)| (format!("resource.scopes[{at}]"), rule);
        return Err(Refusal::fields(wrong.into_iter().map(path).collect()));
    }
    if resource.signing_algorithm.is_some_and(|algorithm| !policy.algorithms.contains(&algorithm)) {
        return Err(Refusal::field("resource.signing_algorithm", "must be one of the key policy's algorithms"));
    }
    let checked = resource.checked(policy.longest_token_life);
    checked.map_err(|malformed| Refusal::malformed(format!("resource.{}", malformed.what), &malformed))
}

/// Refuses a key policy under which the tokens of a resource could not be signed, or not for as long as it asks.
pub(crate) async fn check_policy(reached: &Reached<'_>, policy: &KeyPolicy) -> Result<(), Refusal> {
    check_policy_of(&reached.read().resources().all().await?, policy)
}

/// The same for those resources.
pub(crate) fn check_policy_of(resources: &[Resource], policy: &KeyPolicy) -> Result<(), Refusal> {
    if Resource::longest_life(resources) > policy.longest_token_life {
        let rule = "must not be shorter than the token lives of the tenant's resources";
        return Err(Refusal::field("key_policy.longest_token_life", rule));
    }
    let lost = |resource: &&Resource| {
        resource.signing_algorithm.is_some_and(|algorithm| !policy.algorithms.contains(&algorithm))
    };
    match resources.iter().find(lost) {
        None => Ok(()),
        Some(resource) => {
            let rule = "must hold the algorithms that the tenant's resources ask for";
            Err(Refusal::field("key_policy.algorithms", rule).with("resource", resource.slug.to_string()))
        }
    }
}
