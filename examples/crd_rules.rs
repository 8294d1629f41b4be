//! Rules that the types of a spec cannot say, in CEL: asked by the program itself, and by the server whatever writes.
//!
//! `cargo run -p examples --example crd_rules`

use anyhow::Result;
use examples::Say;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use seatrial::{
    Api, Client, CustomResource, CustomResourceExt, KubeSchema,
    api::{Patch, PatchParams, PostParams},
    core::validation::{validate, validate_update},
    runtime::wait::{await_condition, conditions},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(CustomResource, KubeSchema, Clone, Debug, Deserialize, Serialize)]
#[kube(group = "examples.seatrial.dev", version = "v1", kind = "Pool", namespaced)]
#[x_kube(validation = Rule::new("self.min <= self.max").message("min must not be above max").field_path(".min"))]
struct PoolSpec {
    min: i32,
    max: i32,
    /// Chosen once.
    #[x_kube(validation = Rule::new("self == oldSelf").message("cannot be changed").reason(Reason::FieldValueForbidden))]
    class: String,
    /// Apply merges these by name.
    #[serde(default)]
    #[x_kube(list_map_keys("name"))]
    #[x_kube(validation = ("self.all(member, member.weight > 0)", "every member has some weight"))]
    #[schemars(length(max = 50))]
    members: Vec<Member>,
}

#[derive(KubeSchema, Clone, Debug, Deserialize, Serialize)]
struct Member {
    name: String,
    #[x_kube(default = 1)]
    weight: i32,
}

fn main() -> Result<()> {
    examples::start(show, |_| std::future::pending())
}

fn pool(min: i32, max: i32, class: &str) -> Pool {
    let members = vec![Member {
        name: "a".to_owned(),
        weight: 1,
    }];
    Pool::new(
        "pool",
        PoolSpec {
            min,
            max,
            class: class.to_owned(),
            members,
        },
    )
}

async fn show(client: Client, say: Say) -> Result<()> {
    let (small, odd) = (pool(1, 3, "fast"), pool(5, 3, "fast"));
    validate(&small)?;
    say.line(validate(&odd).map_or_else(
        |errors| format!("the program says: {errors}"),
        |()| "taken".into(),
    ));
    let slow = validate_update(&pool(1, 3, "slow"), &small);
    say.line(slow.map_or_else(
        |errors| format!("the program says: {errors}"),
        |()| "taken".into(),
    ));

    let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
    crds.create(&PostParams::default(), &Pool::crd()).await?;
    await_condition(crds, Pool::crd_name(), conditions::is_crd_established()).await?;
    let pools: Api<Pool> = Api::default_namespaced(client);
    let refused = pools.create(&PostParams::default(), &odd).await;
    say.line(refused.map_or_else(|error| format!("the server says: {error}"), |_| "taken".into()));
    pools.create(&PostParams::default(), &small).await?;
    for change in [
        json!({"class": "slow"}),
        json!({"members": [{"name": "b", "weight": 0}]}),
        json!({"max": 9}),
    ] {
        let patched = pools
            .patch(
                "pool",
                &PatchParams::default(),
                &Patch::Merge(json!({"spec": change})),
            )
            .await;
        say.line(match patched {
            Ok(pool) => format!("the server takes: at most {}", pool.spec.max),
            Err(error) => format!("the server says: {error}"),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_say_the_same() {
        let lines = examples::simulate(show, |_| std::future::pending()).unwrap();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        the program says: spec.min: min must not be above max
        the program says: spec.class: cannot be changed
        the server says: the server answered: Pool.examples.seatrial.dev "pool" is invalid: spec.min: Invalid value: min must not be above max: Invalid (422)
        the server says: the server answered: Pool.examples.seatrial.dev "pool" is invalid: spec.class: Forbidden: cannot be changed: Invalid (422)
        the server says: the server answered: Pool.examples.seatrial.dev "pool" is invalid: spec.members: Invalid value: every member has some weight: Invalid (422)
        the server takes: at most 9
        "#);
    }
}
