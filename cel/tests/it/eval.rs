//! What expressions come to.

use std::sync::Arc;

use seatrial_cel::{Attributes, Authorizer, Decision, Input, Program, Subject, Variables};
use serde_json::{Value, json};

fn eval(expression: &str) -> Result<Value, String> {
    let vars = Variables::new().json("x");
    let program = Program::compile(expression, &vars).map_err(|e| e.to_string())?;
    let x = json!({"i": 7, "d": 1.5, "s": "text", "l": [1, 2, 3], "m": {"a": 1, "b": 2}, "n": null});
    program.run(&[&x]).map(|a| a.to_json()).map_err(|e| e.to_string())
}

fn all_true(expressions: &[&str]) {
    for e in expressions {
        assert_eq!(eval(e), Ok(json!(true)), "{e}");
    }
}

fn failures(cases: &[(&str, &str)]) {
    for (e, why) in cases {
        assert_eq!(eval(e), Err((*why).to_owned()), "{e}");
    }
}

#[test]
fn arithmetic() {
    all_true(&[
        "1 + 2 * 3 == 7",
        "7 / 2 == 3",
        "-7 / 2 == -3",
        "-7 % 3 == -1",
        "7u % 4u == 3u",
        "1.5 + 1.5 == 3.0",
        "1.0 / 0.0 > 1.0",
        "2 - 3 == -1",
        "-(-3) == 3",
        "dyn(1) == 1.0",
        "dyn(1u) == 1",
        "1 < 1.5",
        "2u > 1.5",
        "9223372036854775807 < 9223372036854775808u",
        "dyn(9007199254740993) != 9007199254740992.0",
        "double('NaN') != double('NaN')",
        "!(double('NaN') < 1.0)",
        "1 != dyn('1')",
        "'a' + 'b' == 'ab'",
        "b'a' + b'b' == b'ab'",
        "[1] + [2] == [1, 2]",
        "'a' < 'b'",
        "false < true",
        "b'a' < b'b'",
    ]);
    failures(&[
        ("9223372036854775807 + 1 > 0", "integer overflow"),
        ("-9223372036854775808 - 1 < 0", "integer overflow"),
        ("-(-9223372036854775808) > 0", "integer overflow"),
        ("0u - 1u == 0u", "unsigned integer overflow"),
        ("1 / 0 == 1", "division by zero"),
        ("1 % 0 == 1", "modulus by zero"),
        ("-9223372036854775808 / -1 > 0", "integer overflow"),
    ]);
}

#[test]
fn logic_absorbs_failures() {
    all_true(&[
        "true || 1 / 0 == 1",
        "1 / 0 == 1 || true",
        "!(false && 1 / 0 == 1)",
        "!(1 / 0 == 1 && false)",
        "true ? true : 1 / 0 == 1",
        "[1, 0, 2].exists(i, 2 / i == 1)",
        "![0, 2].all(i, 2 / i == 3)",
    ]);
    failures(&[
        ("false || 1 / 0 == 1", "division by zero"),
        ("1 / 0 == 1 && true", "division by zero"),
        ("[0].all(i, 1 / i == 1)", "division by zero"),
        ("x.i && true", "no such overload"),
        ("x.i ? true : false", "no such overload"),
    ]);
}

#[test]
fn collections() {
    all_true(&[
        "x.l[1] == 2",
        "x.m['a'] == 1",
        "x.m.a == 1",
        "has(x.m.a) && !has(x.m.c)",
        "'a' in x.m && !('c' in x.m)",
        "2 in x.l",
        "2.0 in x.l",
        "size(x.l) == 3 && x.m.size() == 2 && size('é') == 1",
        "{'a': 1}['a'] == 1",
        "{1: 'a'}[dyn(1u)] == 'a'",
        "dyn({1: 'a', 2: 'b'}) == {2u: 'b', 1u: 'a'}",
        "x.l.all(i, i > 0)",
        "x.l.exists(i, i == 3)",
        "x.l.exists_one(i, i == 3)",
        "!x.l.exists_one(i, i > 1)",
        "x.l.map(i, i * 2) == [2, 4, 6]",
        "x.l.map(i, i > 1, i * 2) == [4, 6]",
        "x.l.filter(i, i > 1) == [2, 3]",
        "x.m.map(k, k) == ['a', 'b']",
        "x.m.all(k, x.m[k] > 0)",
        "x.l.all(i, v, v == i + 1)",
        "x.m.exists(k, v, k == 'b' && v == 2)",
        "x.m.existsOne(k, v, v == 2)",
        "x.l.transformList(i, v, i + v) == [1, 3, 5]",
        "x.l.transformList(i, v, i > 0, v) == [2, 3]",
        "x.m.transformMap(k, v, v + 1) == {'a': 2, 'b': 3}",
        "x.m.transformMapEntry(k, v, {string(v): k}) == {'1': 'a', '2': 'b'}",
        "[[1], [2]].map(l, l.map(i, i + 1)) == [[2], [3]]",
        "x.n == null",
        "x.l.map(i, 1) == [1, 1, 1]",
        "x == x",
    ]);
    failures(&[
        ("x.l[3] == 1", "index out of bounds: 3"),
        ("x.l[-1] == 1", "index out of bounds: -1"),
        ("x.m.c == 1", "no such key: c"),
        ("x.m['c'] == 1", "no such key: c"),
        ("x.i.y == 1", "no such overload"),
        (
            "x.l.transformMapEntry(i, v, {'k': v}) == {}",
            "insert failed: key k already exists",
        ),
        ("x.l.map(i, 1 / (i - 2)) == []", "division by zero"),
    ]);
}

#[test]
fn conversions_and_types() {
    all_true(&[
        "int('12') == 12",
        "int(1.9) == 1",
        "int(-1.9) == -1",
        "uint(3) == 3u",
        "double('1.5') == 1.5",
        "string(1.5) == '1.5'",
        "string(1000000.0) == '1e+06'",
        "string(true) == 'true'",
        "string(b'a') == 'a'",
        "bytes('é') == b'\\303\\251'",
        "bool('true')",
        "type(1) == int",
        "type(x.i) == int",
        "type(x.d) == double",
        "type(type(1)) == type",
        "type([]) == list",
        "type(null) == null_type",
        "string(duration('90m')) == '5400s'",
        "string(timestamp('2020-01-02T03:04:05Z')) == '2020-01-02T03:04:05Z'",
        "int(timestamp('1970-01-01T00:01:00Z')) == 60",
        "timestamp(60) == timestamp('1970-01-01T00:01:00Z')",
        "dyn(1) == 1",
    ]);
    failures(&[
        ("int('x') == 1", "type conversion error from 'string' to 'int'"),
        ("uint(-1) == 1u", "unsigned integer overflow"),
        ("int(1e20) == 1", "integer overflow"),
        (
            "double('x') == 1.0",
            "type conversion error from 'string' to 'double'",
        ),
        ("bool('x')", "type conversion error from 'string' to 'bool'"),
        (
            "duration(x.s) == duration('1s')",
            "type conversion error from 'string' to 'google.protobuf.Duration'",
        ),
        (
            "timestamp(x.s) == timestamp(0)",
            "type conversion error from 'string' to 'google.protobuf.Timestamp'",
        ),
    ]);
}

#[test]
fn times() {
    all_true(&[
        "timestamp('2020-02-29T12:30:45.5Z').getFullYear() == 2020",
        "timestamp('2020-02-29T12:30:45Z').getMonth() == 1",
        "timestamp('2020-02-29T12:30:45Z').getDate() == 29",
        "timestamp('2020-02-29T12:30:45Z').getDayOfMonth() == 28",
        "timestamp('2020-02-29T12:30:45Z').getDayOfWeek() == 6",
        "timestamp('2020-02-29T12:30:45Z').getDayOfYear() == 59",
        "timestamp('2020-02-29T12:30:45Z').getHours('+02:00') == 14",
        "timestamp('2020-02-29T12:30:45Z').getHours('Asia/Tokyo') == 21",
        "timestamp('2020-02-29T12:30:45.25Z').getMilliseconds() == 250",
        "duration('90m').getHours() == 1",
        "duration('90m').getMinutes() == 90",
        "timestamp('2020-01-01T00:00:00Z') + duration('24h') == timestamp('2020-01-02T00:00:00Z')",
        "timestamp('2020-01-02T00:00:00Z') - timestamp('2020-01-01T00:00:00Z') == duration('24h')",
        "duration('1h') < duration('61m')",
    ]);
    failures(&[(
        "timestamp('9999-12-31T23:59:59Z') + duration('1s') == timestamp(0)",
        "timestamp overflow",
    )]);
}

#[test]
fn optionals() {
    all_true(&[
        "x.?m.?a.orValue(0) == 1",
        "x.?nosuch.?a.orValue(0) == 0",
        "!x.?nosuch.hasValue()",
        "x.l[?0].value() == 1",
        "x.l[?9].orValue(5) == 5",
        "x.m[?'c'].or(optional.of(3)).value() == 3",
        "optional.none().orValue(1) == 1",
        "optional.of(1).optMap(v, v + 1).value() == 2",
        "optional.of(1).optFlatMap(v, optional.none()) == optional.none()",
        "optional.ofNonZeroValue('') == optional.none()",
        "[?x.?nosuch, 1] == [1]",
        "{?'a': x.?nosuch} == {}",
        "{?'a': x.?i} == {'a': 7}",
        "has(x.?m.a)",
        "x.?m.a.orValue(9) == 1",
        "[optional.of(1), optional.none()].unwrapOpt() == [1]",
    ]);
    failures(&[("optional.none().value() == 1", "optional.none() dereference")]);
}

#[test]
fn strings() {
    all_true(&[
        "'tacocat'.charAt(3) == 'o'",
        "'tacocat'.charAt(7) == ''",
        "'tacocat'.indexOf('ac') == 1",
        "'tacocat'.indexOf('none') == -1",
        "'tacocat'.indexOf('a', 3) == 5",
        "'tacocat'.lastIndexOf('at') == 5",
        "'tacocat'.lastIndexOf('a', 4) == 1",
        "''.indexOf('') == 0",
        "['a', 'b'].join() == 'ab'",
        "['a', 'b'].join('-') == 'a-b'",
        "'TacoÉ'.lowerAscii() == 'tacoÉ'",
        "'taco'.upperAscii() == 'TACO'",
        "'hello hello'.replace('he', 'we') == 'wello wello'",
        "'hello hello'.replace('he', 'we', 1) == 'wello hello'",
        "'hello hello'.replace('he', 'we', 0) == 'hello hello'",
        "'ab'.replace('', '_') == '_a_b_'",
        "'a b c'.split(' ') == ['a', 'b', 'c']",
        "'a b c'.split(' ', 0) == []",
        "'a b c'.split(' ', 2) == ['a', 'b c']",
        "'abc'.split('') == ['a', 'b', 'c']",
        "'tacocat'.substring(4) == 'cat'",
        "'tacocat'.substring(0, 4) == 'taco'",
        "'tacocat'.substring(4, 4) == ''",
        "'  \\ttrim\\n '.trim() == 'trim'",
        "'abc'.contains('b')",
        "'abc'.startsWith('ab') && 'abc'.endsWith('bc')",
        "strings.quote('a\"b') == '\"a\\\\\"b\"'",
        "'ta©o©αT'.indexOf('©') == 2",
        "'%s is %d and %.2f'.format([dyn('x'), 3, 1.5]) == 'x is 3 and 1.50'",
        "'%x %X %o %b'.format([255, 255, 8, 5]) == 'ff FF 10 101'",
        "'%s'.format([[dyn(1), 'a', true]]) == '[1, a, true]'",
        "'%s'.format([{'a': 1}]) == '{a: 1}'",
        "'%%'.format([]) == '%'",
        "'%e'.format([1234.5]) == '1.234500e+03'",
    ]);
    failures(&[
        ("'a'.charAt(2) == ''", "index out of range: 2"),
        (
            "'abc'.substring(2, 1) == ''",
            "invalid substring range. start: 2, end: 1",
        ),
        ("'abc'.substring(-1) == ''", "index out of range: -1"),
    ]);
}

#[test]
fn lists_and_sets() {
    all_true(&[
        "[1, 2, 2].isSorted() && ![2, 1].isSorted() && ['a', 'b'].isSorted()",
        "[1, 2].sum() == 3",
        "[1.5, 1.5].sum() == 3.0",
        "[duration('1h'), duration('1m')].sum() == duration('61m')",
        "[3, 1].min() == 1 && [3, 1].max() == 3",
        "[1, 2, 1].indexOf(1) == 0",
        "[1, 2, 1].lastIndexOf(1) == 2",
        "[1].indexOf(5) == -1",
        "sets.contains([1, 2], [1])",
        "!sets.contains([1], [1, 2])",
        "sets.equivalent([1, 1, 2], [2, 1])",
        "sets.intersects([1], [1, 2]) && !sets.intersects([1], [2])",
        "[[1], [2, 3]].flatten() == [1, 2, 3]",
        "[1, 2, 3].slice(1, 3) == [2, 3]",
        "[1, 2, 1].distinct() == [1, 2]",
        "lists.range(3) == [0, 1, 2]",
        "[3, 1, 2].sort() == [1, 2, 3] && ['b', 'a'].sort() == ['a', 'b'] && [true, false].sort() == [false, true]",
        "[duration('2s'), duration('1s')].sort()[0] == duration('1s') && [].sort() == []",
        "[{'n': 8, 'at': 2}, {'n': 9, 'at': 1}].sortBy(e, e.at).map(e, e.n) == [9, 8]",
        "['bb', 'a', 'cc'].sortBy(s, size(s)) == ['a', 'bb', 'cc']",
        "[[3, 1].sort(), [2]].sortBy(l, l[0])[0] == [1, 3]",
        "[1, 2].reverse() == [2, 1]",
        "[1, 2].first().value() == 1 && [1, 2].last().value() == 2",
    ]);
    failures(&[
        ("[].map(i, 1).min() == 1", "min called on empty list"),
        ("[].map(i, 1).max() == 1", "max called on empty list"),
    ]);
}

#[test]
fn patterns() {
    all_true(&[
        "'abc 123'.find('[0-9]+') == '123'",
        "'abc'.find('[0-9]+') == ''",
        "'1, 2, 3'.findAll('[0-9]+') == ['1', '2', '3']",
        "'1, 2, 3'.findAll('[0-9]+', 1) == ['1']",
        "'abc'.matches('^[a-c]+$') && matches('abc', 'b')",
        "!'abc'.matches('^b')",
    ]);
    failures(&[
        (
            "'a'.matches(x.s + '(')",
            "error parsing regexp: missing closing ): `text(`",
        ),
        (
            "'a'.matches(x.s + ')')",
            "error parsing regexp: unexpected ): `text)`",
        ),
        (
            "'a'.matches('[' + x.s)",
            "error parsing regexp: missing closing ]: `[text`",
        ),
        (
            "'a'.matches('*' + x.s)",
            "error parsing regexp: missing argument to repetition operator: `*`",
        ),
    ]);
}

#[test]
fn network() {
    all_true(&[
        "isIP('10.0.0.1') && isIP('::1') && !isIP('10.0.0') && !isIP('::ffff:1.2.3.4')",
        "ip('10.0.0.1').family() == 4",
        "ip('::1').family() == 6",
        "ip('127.0.0.1').isLoopback() && ip('0.0.0.0').isUnspecified()",
        "ip('224.0.0.1').isLinkLocalMulticast()",
        "ip('169.254.1.1').isLinkLocalUnicast()",
        "ip('192.168.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast()",
        "ip.isCanonical('::1') && !ip.isCanonical('0:0::1')",
        "string(ip('10.0.0.1')) == '10.0.0.1'",
        "ip('10.0.0.1') == ip('10.0.0.1')",
        "isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0') && !isCIDR('10.0.0.0/33')",
        "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))",
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')",
        "!cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))",
        "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
        "cidr('10.0.0.0/8').prefixLength() == 8",
        "cidr('10.0.0.1/8').ip() == ip('10.0.0.1')",
        "string(cidr('10.0.0.0/8')) == '10.0.0.0/8'",
        "!cidr('::/0').containsIP('1.2.3.4')",
    ]);
    failures(&[
        (
            "ip('home').family() == 4",
            "IP Address \"home\" parse error during conversion from string: ParseAddr(\"home\"): unable to parse IP",
        ),
        (
            "ip('256.1.1.1').family() == 4",
            "IP Address \"256.1.1.1\" parse error during conversion from string: ParseAddr(\"256.1.1.1\"): IPv4 field has value >255",
        ),
        (
            "ip('1.2.3').family() == 4",
            "IP Address \"1.2.3\" parse error during conversion from string: ParseAddr(\"1.2.3\"): IPv4 address too short",
        ),
    ]);
}

#[test]
fn urls() {
    all_true(&[
        "isURL('https://example.com:80/') && isURL('/a/b') && !isURL('a/b') && !isURL('')",
        "url('https://user@example.com:80/a b?x=1&x=2&y=%20').getScheme() == 'https'",
        "url('https://example.com:80/').getHost() == 'example.com:80'",
        "url('https://[::1]:80/').getHostname() == '::1'",
        "url('https://[::1]:80/').getPort() == '80'",
        "url('https://example.com/a b/').getEscapedPath() == '/a%20b/'",
        "url('/a?x=1&x=2').getQuery() == {'x': ['1', '2']}",
        "url('https://example.com').getPort() == ''",
        "!isURL('https://example.com:a/')",
        "url('https://a.b') == url('https://a.b')",
    ]);
    failures(&[(
        "url('a/b').getHost() == ''",
        "URL parse error during conversion from string: parse \"a/b\": invalid URI for request",
    )]);
}

#[test]
fn quantities_and_versions() {
    all_true(&[
        "isQuantity('1Gi') && !isQuantity('many')",
        "quantity('1Gi').isGreaterThan(quantity('1G'))",
        "quantity('200m').compareTo(quantity('0.2')) == 0",
        "quantity('1').add(quantity('1500m')) == quantity('2.5')",
        "quantity('1').sub(2).sign() == -1",
        "quantity('50k').isInteger() && !quantity('50m').isInteger()",
        "quantity('50k').asInteger() == 50000",
        "quantity('1.5').asApproximateFloat() == 1.5",
        "quantity('1').isLessThan(quantity('2'))",
        "isSemver('1.2.3') && !isSemver('1.2') && isSemver('v1.2', true)",
        "semver('1.10.0').isGreaterThan(semver('1.9.0'))",
        "semver('1.0.0-rc1').isLessThan(semver('1.0.0'))",
        "semver('1.2.3').major() == 1 && semver('1.2.3').minor() == 2 && semver('1.2.3').patch() == 3",
        "semver('v01.2', true).compareTo(semver('1.2.0')) == 0",
    ]);
    failures(&[
        (
            "quantity('50m').asInteger() == 1",
            "cannot convert value to integer",
        ),
        (
            "semver('1.2').major() == 1",
            "No Major.Minor.Patch elements found",
        ),
    ]);
}

#[test]
fn formats() {
    all_true(&[
        "!format.dns1123Label().validate('a-b').hasValue()",
        "format.dns1123Label().validate('A').value().size() == 1",
        "format.named('nosuch') == optional.none()",
        "!format.named('qualifiedName').value().validate('example.com/a').hasValue()",
        "!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()",
        "format.date().validate('2020-13-01').value() == ['invalid date']",
        "!format.dns1123LabelPrefix().validate('a-').hasValue()",
        "format.labelValue().validate('-').hasValue()",
        "!format.byte().validate('YQ==').hasValue() && format.byte().validate('?').hasValue()",
        "!format.datetime().validate('2020-01-01T00:00:00Z').hasValue()",
    ]);
}

#[test]
fn runs_are_charged_and_cut_off() {
    let vars = Variables::new().json("x");
    let cost = |expression: &str| {
        let program = Program::compile(expression, &vars).expect("a program");
        let x = json!({"l": [1, 2, 3], "s": "0123456789012345678"});
        program.run(&[&x]).expect("a value").cost()
    };
    // A variable and each field cost one, making a list ten, each turn of a loop three beside its body.
    assert_eq!(cost("x.l.size() > 1"), 4);
    assert_eq!(cost("x.l.all(i, i > 0)"), 2 + 3 * (2 + 1 + 2) + 1);
    assert_eq!(cost("has(x.l)"), 1);
    assert_eq!(cost("x.s == x.s"), 4 + 2);
    assert_eq!(cost("x.s.startsWith('012345678901')"), 2 + 2);
    assert_eq!(cost("true || x.l[0] == 1"), 0);
    let long = Program::compile("x.all(a, x.all(b, x.all(c, c >= 0)))", &vars).expect("a program");
    let many: Value = (0..100).collect();
    let failure = long.run(&[&many]).expect_err("too expensive");
    assert_eq!(
        failure.to_string(),
        "operation cancelled: actual cost limit exceeded"
    );
}

#[derive(Debug)]
struct OnlyGet;

impl Authorizer for OnlyGet {
    fn check(&self, subject: &Subject, attributes: &Attributes) -> Decision {
        let reason = format!("{subject:?} {}/{}", attributes.namespace, attributes.resource);
        Decision::new(attributes.verb == "get", reason)
    }
}

#[test]
fn access_is_asked_of_the_host() {
    let vars = Variables::new().authorizer("authorizer");
    let host: Arc<dyn Authorizer> = Arc::new(OnlyGet);
    for e in [
        "authorizer.group('').resource('pods').namespace('n').check('get').allowed()",
        "!authorizer.path('/healthz').check('put').allowed()",
        "authorizer.group('').resource('pods').namespace('n').check('get').reason() == 'Requester n/pods'",
        "authorizer.serviceAccount('n', 'a').group('').resource('pods').check('get').reason().contains('ServiceAccount')",
        "!authorizer.group('').resource('pods').check('get').errored()",
    ] {
        let program = Program::compile(e, &vars).expect(e);
        let answer = program
            .run_within(&[Input::Authorizer(host.clone())], 1_000_000)
            .expect(e);
        assert_eq!(answer.as_bool(), Some(true), "{e}");
        assert!(answer.cost() >= 350_000, "{e}");
    }
}
