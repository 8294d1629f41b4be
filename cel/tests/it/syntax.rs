//! What the parser complains of, and where. The messages are those that authors of rules get from a server.

use seatrial_cel::{Program, Variables};

const START: &str = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, \
    IDENTIFIER}";

/// The complaints about an expression, as `LINE:COLUMN: MESSAGE`.
fn complaints(expression: &str) -> Vec<String> {
    let vars = Variables::new().json("self").json("a").json("b").json("x");
    match Program::compile(expression, &vars) {
        Ok(_) => Vec::new(),
        Err(issues) => issues
            .iter()
            .map(|i| {
                let (line, column) = i.place();
                format!("{line}:{column}: {}", i.message().replace(START, "START"))
            })
            .collect(),
    }
}

#[test]
fn complaints_are_those_of_the_generated_parser() {
    let cases: &[(&str, &[&str])] = &[
        (
            "",
            &["1:1: Syntax error: mismatched input '<EOF>' expecting START"],
        ),
        (
            "object.",
            &["1:8: Syntax error: no viable alternative at input '.'"],
        ),
        (
            "1 +",
            &["1:4: Syntax error: mismatched input '<EOF>' expecting START"],
        ),
        (
            "1 + * 2",
            &["1:5: Syntax error: extraneous input '*' expecting START"],
        ),
        (
            "1 2",
            &["1:3: Syntax error: extraneous input '2' expecting <EOF>"],
        ),
        (
            "1 2 3",
            &["1:3: Syntax error: mismatched input '2' expecting <EOF>"],
        ),
        (
            "a and b",
            &["1:3: Syntax error: mismatched input 'and' expecting <EOF>"],
        ),
        (
            "self.x ==",
            &["1:10: Syntax error: mismatched input '<EOF>' expecting START"],
        ),
        (
            "self.x == )",
            &["1:11: Syntax error: mismatched input ')' expecting START"],
        ),
        (
            "self.x == 1)",
            &["1:12: Syntax error: extraneous input ')' expecting <EOF>"],
        ),
        ("(self.x == 1", &["1:13: Syntax error: missing ')' at '<EOF>'"]),
        (
            "(1 2)",
            &["1:4: Syntax error: extraneous input '2' expecting ')'"],
        ),
        ("()", &["1:2: Syntax error: mismatched input ')' expecting START"]),
        (")", &["1:1: Syntax error: mismatched input ')' expecting START"]),
        ("!)", &["1:2: Syntax error: extraneous input ')' expecting START"]),
        (
            "-",
            &[
                "1:2: Syntax error: no viable alternative at input '-'",
                "1:2: Syntax error: mismatched input '<EOF>' expecting START",
            ],
        ),
        (
            "!-'a'",
            &["1:3: Syntax error: no viable alternative at input '-'a''"],
        ),
        (
            "a..b",
            &["1:3: Syntax error: no viable alternative at input '..'"],
        ),
        (
            "a.true",
            &["1:3: Syntax error: no viable alternative at input '.true'"],
        ),
        (
            "a.in",
            &[
                "1:3: Syntax error: no viable alternative at input '.in'",
                "1:5: Syntax error: mismatched input '<EOF>' expecting START",
            ],
        ),
        ("a ? b c", &["1:7: Syntax error: missing ':' at 'c'"]),
        (
            "a ? b : ",
            &["1:9: Syntax error: mismatched input '<EOF>' expecting START"],
        ),
        (
            "a[",
            &[
                "1:3: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
            ],
        ),
        ("a[1", &["1:4: Syntax error: missing ']' at '<EOF>'"]),
        (
            "a[1 2]",
            &["1:5: Syntax error: extraneous input '2' expecting ']'"],
        ),
        (
            "[1",
            &["1:3: Syntax error: mismatched input '<EOF>' expecting {']', ','}"],
        ),
        (
            "[1 2]",
            &["1:4: Syntax error: extraneous input '2' expecting {']', ','}"],
        ),
        (
            "[1,,2]",
            &["1:4: Syntax error: mismatched input ',' expecting ']'"],
        ),
        ("[,1]", &["1:3: Syntax error: extraneous input '1' expecting ']'"]),
        ("{1 2}", &["1:4: Syntax error: missing ':' at '2'"]),
        (
            "{1:2 3:4}",
            &["1:6: Syntax error: mismatched input '3' expecting {'}', ','}"],
        ),
        ("{1:2,", &["1:6: Syntax error: missing '}' at '<EOF>'"]),
        (
            "size(",
            &[
                "1:6: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', ')', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
            ],
        ),
        ("size(a", &["1:7: Syntax error: missing ')' at '<EOF>'"]),
        (
            "size(a,)",
            &["1:8: Syntax error: mismatched input ')' expecting START"],
        ),
        (
            "size(a b)",
            &["1:8: Syntax error: extraneous input 'b' expecting ')'"],
        ),
        ("a.size(b", &["1:9: Syntax error: missing ')' at '<EOF>'"]),
        (
            "a.all(x x > 1)",
            &[
                "1:9: Syntax error: mismatched input 'x' expecting ')'",
                "1:14: Syntax error: extraneous input ')' expecting <EOF>",
            ],
        ),
        (
            "'abc",
            &[
                "1:1: Syntax error: token recognition error at: ''abc'",
                "1:5: Syntax error: mismatched input '<EOF>' expecting START",
            ],
        ),
        (
            r"'a\q'",
            &[
                r"1:1: Syntax error: token recognition error at: ''a\q'",
                "1:5: Syntax error: token recognition error at: '''",
                "1:6: Syntax error: mismatched input '<EOF>' expecting START",
            ],
        ),
        (
            "a = b",
            &[
                "1:3: Syntax error: token recognition error at: '= '",
                "1:5: Syntax error: extraneous input 'b' expecting <EOF>",
            ],
        ),
        (
            "a && & b",
            &["1:6: Syntax error: token recognition error at: '& '"],
        ),
        (
            "a === b",
            &["1:5: Syntax error: token recognition error at: '= '"],
        ),
        (
            "self.x # 1",
            &[
                "1:8: Syntax error: token recognition error at: '#'",
                "1:10: Syntax error: extraneous input '1' expecting <EOF>",
            ],
        ),
        (
            "a && && b",
            &["1:6: Syntax error: extraneous input '&&' expecting START"],
        ),
        (
            "1 < < 2",
            &["1:5: Syntax error: extraneous input '<' expecting START"],
        ),
        (
            "self.x ==\n  1 +",
            &["2:6: Syntax error: mismatched input '<EOF>' expecting START"],
        ),
        (
            "if a",
            &[
                "1:1: reserved identifier: if",
                "1:4: Syntax error: extraneous input 'a' expecting <EOF>",
            ],
        ),
        ("for", &["1:1: reserved identifier: for"]),
        ("package.x", &["1:1: reserved identifier: package"]),
        ("9223372036854775808", &["1:1: invalid int literal"]),
        ("a.`b`", &["1:2: unsupported syntax: '`'"]),
        ("has(a)", &["1:5: invalid argument to has() macro"]),
        ("a.all(1, true)", &["1:7: argument must be a simple name"]),
        ("a.map(b.c, true)", &["1:8: argument is not an identifier"]),
        ("1e", &["1:2: Syntax error: extraneous input 'e' expecting <EOF>"]),
        ("5.", &["1:3: Syntax error: no viable alternative at input '.'"]),
        (
            "`a`",
            &["1:1: Syntax error: mismatched input '`a`' expecting START"],
        ),
        (
            "a,b",
            &["1:2: Syntax error: mismatched input ',' expecting <EOF>"],
        ),
    ];
    for (expression, wanted) in cases {
        assert_eq!(&complaints(expression), wanted, "{expression:?}");
    }
}

#[test]
fn what_is_well_formed_is_parsed() {
    for good in [
        "-1",
        "--1 == 1",
        "-a.x",
        "!!a.x",
        "[1,]",
        "[,] == []",
        "{,} == {}",
        "{'a': 1,}",
        ".a",
        "a.for",
        "1e5",
        ".5",
        "1u",
        "0xF",
        "a . b",
        "r'\\q'",
        "'''a'b'''",
        "b'a'",
        "a ? b : x",
        "a.b.c[1]['x']",
        "a // comment",
        "a[?'x']",
        "a.?b",
        "[?a.?b]",
        "{?'x': a.?b}",
        "-9223372036854775808",
        "a.exists_one(i, i == 1)",
        "a.all(k, v, k != v)",
        "(a)",
        "a in [1, 2]",
    ] {
        assert_eq!(complaints(good), Vec::<String>::new(), "{good:?}");
    }
}

#[test]
fn depth_and_length_are_limited() {
    let deep = format!("{}1{}", "(".repeat(300), ")".repeat(300));
    assert_eq!(
        complaints(&deep),
        ["1:251: expression recursion limit exceeded: 250"]
    );
    let deep_enough = format!("{}1{}", "(".repeat(240), ")".repeat(240));
    assert!(complaints(&deep_enough).is_empty());
    let chained = format!("a{}", ".b".repeat(300));
    assert_eq!(complaints(&chained).len(), 1);
    let long = format!("'{}'", "x".repeat(100_000));
    assert_eq!(
        complaints(&long),
        ["1:1: expression code point size exceeds limit: size: 100002, limit 100000"]
    );
}

#[test]
fn issues_print_their_line_with_a_caret() {
    let issues =
        Program::compile("self.x &&\n  nosuch", &Variables::new().json("self")).expect_err("an issue");
    assert_eq!(
        issues.to_string(),
        "ERROR: <input>:2:3: undeclared reference to 'nosuch' (in container '')\n |   nosuch\n | ..^"
    );
}
