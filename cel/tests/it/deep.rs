//! Nesting: what is as deep as a server allows needs no deeper stack than a thread's smallest.

use seatrial_cel::{Program, Variables};
use serde_json::json;

/// Less than any thread has by default, so that the test means the same for every level of optimisation.
const STACK: usize = 192 << 10;

/// Compiles and runs on a thread with little stack, and tells the answer or the complaint.
fn on_a_small_stack(text: String) -> Result<bool, String> {
    let work = move || {
        let program =
            Program::compile(&text, &Variables::new().json("a")).map_err(|issues| issues.to_string())?;
        let a = json!({"b": true});
        let answer = program.run(&[&a]).map_err(|error| error.to_string())?;
        Ok(answer.as_bool() == Some(true))
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap();
    thread.join().unwrap()
}

#[test]
fn parentheses_nest_to_the_limit() {
    let nested = |n: usize| format!("{}a.b{}", "(".repeat(n), ")".repeat(n));
    assert_eq!(on_a_small_stack(nested(249)), Ok(true));
    let refusal = on_a_small_stack(nested(10_000)).unwrap_err();
    assert!(
        refusal.contains("expression recursion limit exceeded: 250"),
        "{refusal}"
    );
}

#[test]
fn lists_and_macros_nest_to_the_limit() {
    let lists = format!("size({}{}) == 1", "[".repeat(200), "]".repeat(200));
    assert_eq!(on_a_small_stack(lists), Ok(true));
    let macros = format!("{}a.b{}", "[1].all(x, ".repeat(20), ")".repeat(20));
    assert_eq!(on_a_small_stack(macros), Ok(true));
}

#[test]
fn chains_are_as_long_as_the_grammar_lets_them_be() {
    let chain = |link: &str, n: usize, end: &str| on_a_small_stack(format!("{}{end}", link.repeat(n)));
    for (link, end) in [
        ("1 + ", "1 > 0"),
        ("!!", "a.b"),
        ("a.b ? true : ", "a.b"),
        ("a.b && ", "a.b"),
    ] {
        assert_eq!(chain(link, 100, end), Ok(true), "{link}");
    }
    // Members and sums are refused where they are longer than a rule of the grammar may nest; negations cancel out and
    // conjunctions are balanced, so that neither is deep.
    let members = on_a_small_stack(format!("a{}", ".b".repeat(3_000)));
    for refused in [
        chain("1 + ", 3_000, "1 > 0"),
        chain("a.b ? true : ", 3_000, "a.b").map(|_| true),
        members,
    ] {
        let refusal = refused.unwrap_err();
        assert!(refusal.contains("recursion limit exceeded"), "{refusal}");
    }
    for answered in [chain("!!", 3_000, "a.b"), chain("a.b && ", 3_000, "a.b")] {
        assert_eq!(answered, Ok(true));
    }
}
