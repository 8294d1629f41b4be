use std::time::Duration;

use super::*;
use crate::sim::{Loss, Mishap, Refusal, Rival};

#[test]
fn a_plan_reads_as_it_was_written() {
    let plan = Plan::new()
        .seed(7)
        .fault(after(create("StatefulSet").nth(2)).crash())
        .fault(before(write("Pod/status").by("controller")).race(Rival::Recreates))
        .fault(before(update("Lease")).pause(Duration::from_secs(60)))
        .fault(after(patch("pods").key("default/web-*")).lag("pods", Duration::from_millis(1500)))
        .fault(after(delete("Pod")).lose(Loss::Reset))
        .fault(at(list("Pod")).refuse(Refusal::TooManyRequests))
        .fault(at(watch("Pod")).mishap(Mishap::Expired(1)))
        .fault(at_rest(1).restart())
        .fault(at_rest(2).travel(change("Pod", "default/web", 3)))
        .fault(change("Pod", "default/web", 2).unobserved());
    let text = plan.text();
    assert_eq!(Plan::parse(&text).unwrap(), plan, "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let error = |yaml: &str| Plan::parse(yaml).unwrap_err().to_string();
    let told = error("faults:\n- at: {matching: {verb: make, kind: Pod}}\n  fate: crashAfter\n");
    assert!(told.contains("make"), "{told}");
    let told = error("fault: []\n");
    assert!(told.contains("fault") && told.contains("line 1"), "{told}");
    let told = error("faults:\n- at: {matching: {verb: create, knd: Pod}}\n  fate: crashAfter\n");
    assert!(told.contains("knd"), "{told}");
    assert!(Plan::load("/there/is/no/such/plan.yaml").is_err());
}

#[test]
fn a_kind_may_be_told_as_a_resource() {
    let plan =
        Plan::parse("faults:\n- at: {matching: {verb: read, resource: pods}}\n  fate: {refused: reset}\n");
    assert_eq!(
        plan.unwrap(),
        Plan::new().fault(at(read("pods")).refuse(Refusal::Reset))
    );
}
