//! The grammar, as a recursive descent that complains and recovers like the generated parser of the reference.
//!
//! Authors of rules meet the parser's complaints word by word (`extraneous input 'b' expecting <EOF>`), so each rule of
//! the grammar is one function that keeps the reference's order of attempts: look whether the next token may stand here,
//! drop one token if the one behind it fits, take a missing token as given if the present one may follow it, and else
//! complain and skip to a token that some rule in progress can go on with.
//!
//! # Source
//! The grammar is that of <https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax>.

use std::sync::Arc;

use super::ast::{Call, Element, Entry, Expr, Id, Kind as Node, Literal, Select, operator};
use super::expand::{self, Expansion};
use super::lexer::{Kind, Token, tokens};
use super::literal;
use super::token_set::Set;
use crate::source::{Issue, Source};
use crate::stack::deeper;

/// An expression may have this many code points.
const CODE_POINTS_MAX: usize = 100_000;
/// A rule of the grammar may be inside itself this often; more is refused rather than risked.
const DEPTH_MAX: usize = 250;

/// A parsed expression, and the place of each node.
#[derive(Debug, Clone)]
pub(crate) struct Parsed {
    pub(crate) root: Expr,
    pub(crate) places: Vec<usize>,
}

/// Parses an expression and expands its macros.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn parse(source: &Source) -> Result<Parsed, Vec<Issue>> {
    let length = source.chars().len();
    if length > CODE_POINTS_MAX {
        let why =
            format!("expression code point size exceeds limit: size: {length}, limit {CODE_POINTS_MAX}");
        return Err(vec![source.issue(0, why)]);
    }
    let (tokens, issues) = tokens(source);
    let mut parser = Parser {
        source,
        tokens,
        at: 0,
        places: Vec::new(),
        issues,
        follow: Vec::new(),
        recovering: false,
        stuck: None,
        depth: 0,
        gave_up: None,
    };
    let root = parser.start();
    if let Some(issue) = parser.gave_up {
        return Err(vec![issue]);
    }
    if parser.issues.is_empty() {
        Ok(Parsed {
            root,
            places: parser.places,
        })
    } else {
        Err(parser.issues)
    }
}

/// Names that programs may not use for their variables and functions.
const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "package",
    "namespace",
    "null",
    "return",
    "true",
    "var",
    "void",
    "while",
];

struct Parser<'s> {
    source: &'s Source,
    tokens: Vec<Token>,
    at: usize,
    places: Vec<usize>,
    issues: Vec<Issue>,
    /// What may come after each rule in progress, innermost last.
    follow: Vec<Set>,
    /// Whether a complaint was made and no token accepted since.
    recovering: bool,
    /// Where the last recovery began; a second one at the same place must move on.
    stuck: Option<usize>,
    depth: usize,
    /// The complaint that ends everything.
    gave_up: Option<Issue>,
}

/// A rule cannot go on; it complained already.
struct Failed;

type Step<T> = Result<T, Failed>;

// === the rules of the grammar ===

impl Parser<'_> {
    fn start(&mut self) -> Expr {
        let root = self.rule(Set::of(&[Kind::Eof]), Self::expr);
        let _ = self.expect(Kind::Eof, Set::NONE);
        root
    }

    /// `conditionalOr ('?' conditionalOr ':' expr)?`
    fn expr(&mut self) -> Step<Expr> {
        self.nested(|p| {
            let condition = p.rule(Set::of(&[Kind::Question]), Self::or);
            if p.kind() != Kind::Question {
                return Ok(condition);
            }
            let op = p.accept();
            let yes = p.rule(Set::of(&[Kind::Colon]), Self::or);
            p.expect(Kind::Colon, Set::START)?;
            let no = p.rule(Set::NONE, Self::expr);
            Ok(p.call(op, operator::CONDITIONAL, vec![condition, yes, no]))
        })
    }

    fn or(&mut self) -> Step<Expr> {
        Ok(self.logical(Kind::Or, operator::OR, Self::and))
    }

    fn and(&mut self) -> Step<Expr> {
        Ok(self.logical(Kind::And, operator::AND, |p| p.relation()))
    }

    /// Operands of one logical operator, joined to a balanced tree.
    fn logical(&mut self, kind: Kind, name: &str, operand: fn(&mut Self) -> Step<Expr>) -> Expr {
        let mut terms = vec![Some(self.rule(Set::of(&[kind]), operand))];
        let mut ops = Vec::new();
        while self.kind() == kind {
            ops.push(self.accept());
            terms.push(Some(self.rule(Set::of(&[kind]), operand)));
        }
        self.balance(name, &mut terms, &ops)
    }

    fn balance(&mut self, name: &str, terms: &mut [Option<Expr>], ops: &[Token]) -> Expr {
        if ops.is_empty() {
            return terms[0].take().unwrap_or_else(|| Expr::new(0, Node::Broken));
        }
        let middle = ops.len() / 2;
        let (left, right) = terms.split_at_mut(middle + 1);
        let left = self.balance(name, left, &ops[..middle]);
        let right = self.balance(name, right, &ops[middle + 1..]);
        self.call(ops[middle], name, vec![left, right])
    }

    fn relation(&mut self) -> Step<Expr> {
        self.chain(Set::RELATIONS, |p| p.rule(Set::RELATIONS, Self::sum))
    }

    fn sum(&mut self) -> Step<Expr> {
        self.chain(Set::of(&[Kind::Plus, Kind::Minus]), |p| {
            p.chain(Set::of(&[Kind::Star, Kind::Slash, Kind::Percent]), |p| {
                p.rule(Set::ARITHMETIC, Self::unary)
            })
            .unwrap_or_else(|Failed| Expr::new(0, Node::Broken))
        })
    }

    /// Operands joined from the left by any of the operators.
    fn chain(&mut self, ops: Set, mut operand: impl FnMut(&mut Self) -> Expr) -> Step<Expr> {
        let mut left = operand(self);
        let mut length = 0;
        while ops.has(self.kind()) {
            let op = self.accept();
            length += 1;
            self.limit(length)?;
            let right = operand(self);
            left = self.call(op, binary(op.kind), vec![left, right]);
        }
        Ok(left)
    }

    /// `member | '!'+ member | '-'+ member`
    fn unary(&mut self) -> Step<Expr> {
        self.sync(Set::START)?;
        let kind = self.kind();
        if kind == Kind::Minus {
            let behind = self.peek(1).kind;
            if matches!(behind, Kind::Int | Kind::Float) {
                return Ok(self.rule(Set::NONE, Self::member));
            }
            if !Set::START.has(behind) {
                return Err(self.no_viable(2));
            }
        }
        if !matches!(kind, Kind::Minus | Kind::Not) {
            return Ok(self.rule(Set::NONE, Self::member));
        }
        let first = self.accept();
        let mut count = 1;
        loop {
            if !Set::START.has(self.kind()) {
                self.unwanted(Set::START);
                self.skip_to(Set::START.or(self.recovery()));
            }
            let literal = kind == Kind::Minus && matches!(self.peek(1).kind, Kind::Int | Kind::Float);
            if self.kind() != kind || (literal && count == 0) {
                break;
            }
            self.accept();
            count += 1;
        }
        let operand = self.rule(Set::NONE, Self::member);
        if count % 2 == 0 {
            return Ok(operand);
        }
        let name = if kind == Kind::Not {
            operator::NOT
        } else {
            operator::NEGATE
        };
        Ok(self.call(first, name, vec![operand]))
    }

    /// `primary ('.' '?'? name | '.' name '(' args ')' | '[' '?'? expr ']')*`
    fn member(&mut self) -> Step<Expr> {
        let steps = Set::of(&[Kind::Dot, Kind::LBracket]);
        let mut operand = self.rule(steps, Self::primary);
        let mut length = 0;
        while steps.has(self.kind()) {
            length += 1;
            self.limit(length)?;
            operand = if self.kind() == Kind::Dot {
                self.select(operand)?
            } else {
                let op = self.accept();
                let start = Set::START.or(Set::of(&[Kind::Question]));
                self.sync(start)?;
                let optional = self.take(Kind::Question);
                let index = self.rule(Set::of(&[Kind::RBracket]), Self::expr);
                self.expect(Kind::RBracket, steps)?;
                let name = if optional {
                    operator::OPTIONAL_INDEX
                } else {
                    operator::INDEX
                };
                self.call(op, name, vec![operand, index])
            };
        }
        Ok(operand)
    }

    fn select(&mut self, operand: Expr) -> Step<Expr> {
        let behind = self.peek(1).kind;
        if !matches!(behind, Kind::Ident | Kind::EscIdent | Kind::Question) {
            return Err(self.no_viable(2));
        }
        let op = self.accept();
        let optional = self.take(Kind::Question);
        if !matches!(self.kind(), Kind::Ident | Kind::EscIdent) {
            self.sync(Set::of(&[Kind::Ident, Kind::EscIdent]))?;
        }
        let token = self.accept();
        let name = self.text(token);
        if token.kind == Kind::EscIdent {
            self.complain(op, "unsupported syntax: '`'");
        }
        if optional {
            let field = self.literal(op, Literal::String(Arc::from(name)));
            return Ok(self.call(op, operator::OPTIONAL_SELECT, vec![operand, field]));
        }
        if self.kind() != Kind::LParen || token.kind == Kind::EscIdent {
            let id = self.id(op);
            let select = Select {
                operand,
                field: name,
                test: false,
            };
            return Ok(Expr::new(id, Node::Select(Box::new(select))));
        }
        let open = self.accept();
        let args = self.args()?;
        self.expect(Kind::RParen, Set::of(&[Kind::Dot, Kind::LBracket]))?;
        Ok(self.invoke(open, Some(operand), name, args))
    }

    /// `'.'? name | '.'? name '(' args ')' | '(' expr ')' | list | map | message | literal`
    fn primary(&mut self) -> Step<Expr> {
        match self.kind() {
            Kind::Dot | Kind::Ident => self.name(),
            Kind::LParen => {
                self.accept();
                let inner = self.rule(Set::of(&[Kind::RParen]), Self::expr);
                self.expect(Kind::RParen, Set::NONE)?;
                Ok(inner)
            }
            Kind::LBracket => self.list(),
            Kind::LBrace => self.map(),
            // Where this is not the first operator, the sign can only be a number's.
            Kind::Minus if !matches!(self.peek(1).kind, Kind::Int | Kind::Float) => Err(self.no_viable(2)),
            Kind::Minus
            | Kind::Int
            | Kind::Uint
            | Kind::Float
            | Kind::Text
            | Kind::Bytes
            | Kind::True
            | Kind::False
            | Kind::Null => Ok(self.constant()),
            _ => Err(self.no_viable(1)),
        }
    }

    fn name(&mut self) -> Step<Expr> {
        let dot = usize::from(self.kind() == Kind::Dot);
        if dot == 1 && self.peek(1).kind != Kind::Ident {
            return Err(self.no_viable(2));
        }
        // A brace after a name of any length makes it the name of a message.
        let mut end = dot;
        while self.peek(end + 1).kind == Kind::Dot && self.peek(end + 2).kind == Kind::Ident {
            end += 2;
        }
        if self.peek(end + 1).kind == Kind::LBrace {
            return self.message(end + 1);
        }
        let leading = self.take(Kind::Dot);
        let token = self.accept();
        let name = self.text(token);
        if RESERVED.contains(&name.as_str()) {
            self.complain(token, &format!("reserved identifier: {name}"));
        }
        let name = if leading { format!(".{name}") } else { name };
        if self.kind() != Kind::LParen {
            let id = self.id(token);
            return Ok(Expr::new(id, Node::Ident(name)));
        }
        let open = self.accept();
        let args = self.args()?;
        self.expect(Kind::RParen, Set::of(&[Kind::Dot, Kind::LBracket]))?;
        Ok(self.invoke(open, None, name, args))
    }

    fn args(&mut self) -> Step<Vec<Expr>> {
        self.sync(Set::START.or(Set::of(&[Kind::RParen])))?;
        let mut args = Vec::new();
        if self.kind() == Kind::RParen {
            return Ok(args);
        }
        self.follow.push(Set::of(&[Kind::RParen]));
        args.push(self.rule(Set::of(&[Kind::Comma]), Self::expr));
        while self.take(Kind::Comma) {
            args.push(self.rule(Set::of(&[Kind::Comma]), Self::expr));
        }
        self.follow.pop();
        Ok(args)
    }

    fn list(&mut self) -> Step<Expr> {
        let op = self.accept();
        let item = Set::START.or(Set::of(&[Kind::Question]));
        let close = Set::of(&[Kind::Comma, Kind::RBracket]);
        self.sync(item.or(close))?;
        let mut elements = Vec::new();
        if item.has(self.kind()) {
            self.follow.push(close);
            loop {
                let optional = self.take(Kind::Question);
                let value = self.rule(Set::of(&[Kind::Comma]), Self::expr);
                elements.push(Element { value, optional });
                if self.kind() != Kind::Comma || !item.has(self.peek(1).kind) {
                    break;
                }
                self.accept();
            }
            self.follow.pop();
            self.sync(close)?;
        }
        self.take(Kind::Comma);
        self.expect(Kind::RBracket, Set::of(&[Kind::Dot, Kind::LBracket]))?;
        let id = self.id(op);
        Ok(Expr::new(id, Node::List(elements)))
    }

    fn map(&mut self) -> Step<Expr> {
        let op = self.accept();
        let item = Set::START.or(Set::of(&[Kind::Question]));
        let close = Set::of(&[Kind::Comma, Kind::RBrace]);
        self.sync(item.or(close))?;
        let mut entries = Vec::new();
        if item.has(self.kind()) {
            self.follow.push(close);
            let read = self.entries(item, &mut entries);
            if read.is_err() {
                self.recover();
            }
            self.follow.pop();
            self.sync(close)?;
        }
        self.take(Kind::Comma);
        self.expect(Kind::RBrace, Set::of(&[Kind::Dot, Kind::LBracket]))?;
        let id = self.id(op);
        Ok(Expr::new(id, Node::Map(entries)))
    }

    fn entries(&mut self, item: Set, entries: &mut Vec<Entry>) -> Step<()> {
        loop {
            let optional = self.take(Kind::Question);
            let key = self.rule(Set::of(&[Kind::Colon]), Self::expr);
            let colon = self.expect(Kind::Colon, Set::START)?;
            let value = self.rule(Set::of(&[Kind::Comma]), Self::expr);
            let id = self.id(colon);
            entries.push(Entry {
                id,
                key,
                value,
                optional,
            });
            if self.kind() != Kind::Comma || !item.has(self.peek(1).kind) {
                return Ok(());
            }
            self.accept();
        }
    }

    /// A message, which is read for the sake of what is wrong with it.
    fn message(&mut self, words: usize) -> Step<Expr> {
        let mut name = String::new();
        for _ in 0..words {
            let token = self.accept();
            name.push_str(&self.text(token));
        }
        let op = self.accept();
        let item = Set::of(&[Kind::Question, Kind::Ident, Kind::EscIdent]);
        let close = Set::of(&[Kind::Comma, Kind::RBrace]);
        self.sync(item.or(close))?;
        let mut values = Vec::new();
        if item.has(self.kind()) {
            self.follow.push(close);
            loop {
                self.take(Kind::Question);
                if !matches!(self.kind(), Kind::Ident | Kind::EscIdent) {
                    self.sync(Set::of(&[Kind::Ident, Kind::EscIdent]))?;
                }
                self.accept();
                self.expect(Kind::Colon, Set::START)?;
                values.push(self.rule(Set::of(&[Kind::Comma]), Self::expr));
                if self.kind() != Kind::Comma || !item.has(self.peek(1).kind) {
                    break;
                }
                self.accept();
            }
            self.follow.pop();
            self.sync(close)?;
        }
        self.take(Kind::Comma);
        self.expect(Kind::RBrace, Set::of(&[Kind::Dot, Kind::LBracket]))?;
        let id = self.id(op);
        Ok(Expr::new(id, Node::Struct(name, values)))
    }

    fn constant(&mut self) -> Expr {
        let first = self.accept();
        let mut text = self.text(first);
        let mut kind = first.kind;
        if kind == Kind::Minus {
            let number = self.accept();
            text.push_str(&self.text(number));
            kind = number.kind;
        }
        let value = match kind {
            Kind::True => Ok(Literal::Bool(true)),
            Kind::False => Ok(Literal::Bool(false)),
            Kind::Null => Ok(Literal::Null),
            Kind::Int => int(&text).map(Literal::Int).ok_or("invalid int literal"),
            Kind::Uint => uint(&text).map(Literal::Uint).ok_or("invalid uint literal"),
            Kind::Float => text
                .parse::<f64>()
                .ok()
                .filter(|f| f.is_finite())
                .map(Literal::Double)
                .ok_or("invalid double literal"),
            _ => literal::quoted(&text),
        };
        match value {
            Ok(value) => self.literal(first, value),
            Err(why) => {
                self.complain(first, why);
                Expr::new(0, Node::Broken)
            }
        }
    }

    /// A call, or what the macro of that name and form makes of it.
    fn invoke(&mut self, open: Token, target: Option<Expr>, function: String, args: Vec<Expr>) -> Expr {
        let call = Call {
            target,
            function,
            args,
        };
        let place = open.start;
        let places = &mut self.places;
        let mut id = |at: Option<Id>| {
            let place = at.map_or(place, |id| places[id as usize]);
            places.push(place);
            Id::try_from(places.len() - 1).unwrap_or(Id::MAX)
        };
        match expand::macros(call, &mut id) {
            Expansion::None(call) => {
                let id = self.id(open);
                Expr::new(id, Node::Call(Box::new(call)))
            }
            Expansion::Done(expr) => expr,
            Expansion::Refused(at, why) => {
                let place = self.places.get(at as usize).copied().unwrap_or(place);
                let issue = self.source.issue(place, why);
                self.issues.push(issue);
                Expr::new(0, Node::Broken)
            }
        }
    }

    fn call(&mut self, op: Token, function: &str, args: Vec<Expr>) -> Expr {
        let id = self.id(op);
        let call = Call {
            target: None,
            function: function.to_owned(),
            args,
        };
        Expr::new(id, Node::Call(Box::new(call)))
    }

    fn literal(&mut self, at: Token, value: Literal) -> Expr {
        let id = self.id(at);
        Expr::new(id, Node::Literal(value))
    }

    fn id(&mut self, at: Token) -> Id {
        self.places.push(at.start);
        Id::try_from(self.places.len() - 1).unwrap_or(Id::MAX)
    }
}

// === tokens, complaints and recovery ===

impl Parser<'_> {
    fn kind(&self) -> Kind {
        self.peek(0).kind
    }

    fn peek(&self, ahead: usize) -> Token {
        let last = self.tokens.len() - 1;
        self.tokens[(self.at + ahead).min(last)]
    }

    fn text(&self, token: Token) -> String {
        self.source.slice(token.start, token.end)
    }

    /// Takes the next token, whatever it is.
    fn accept(&mut self) -> Token {
        let token = self.peek(0);
        self.recovering = false;
        self.stuck = None;
        self.advance();
        token
    }

    fn take(&mut self, kind: Kind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.accept();
        }
        found
    }

    fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    /// Takes a token of one kind; `next` may follow it inside its rule.
    fn expect(&mut self, kind: Kind, next: Set) -> Step<Token> {
        if self.kind() == kind {
            return Ok(self.accept());
        }
        if self.peek(1).kind == kind {
            self.unwanted(Set::of(&[kind]));
            self.advance();
            return Ok(self.accept());
        }
        if kind != Kind::Eof && next.or(self.following(next)).has(self.kind()) {
            let shown = self.shown();
            let why = format!("Syntax error: missing {} at {shown}", kind.words());
            self.report(&why);
            return Ok(self.peek(0));
        }
        self.mismatch(Set::of(&[kind]));
        Err(Failed)
    }

    /// Makes sure that the next token is one of several, dropping one if that helps.
    fn sync(&mut self, wanted: Set) -> Step<()> {
        if self.recovering || wanted.has(self.kind()) {
            return Ok(());
        }
        if wanted.has(self.peek(1).kind) {
            self.unwanted(wanted);
            self.advance();
            self.recovering = false;
            return Ok(());
        }
        self.mismatch(wanted);
        Err(Failed)
    }

    fn unwanted(&mut self, wanted: Set) {
        let why = format!(
            "Syntax error: extraneous input {} expecting {wanted}",
            self.shown()
        );
        self.report(&why);
    }

    fn mismatch(&mut self, wanted: Set) {
        let why = format!(
            "Syntax error: mismatched input {} expecting {wanted}",
            self.shown()
        );
        self.report(&why);
    }

    /// None of several ways to go on; the last of `count` tokens tells.
    fn no_viable(&mut self, count: usize) -> Failed {
        let (first, last) = (self.peek(0), self.peek(count - 1));
        let text = self.source.slice(first.start, last.end);
        let shown = text
            .replace('\n', "\\n")
            .replace('\t', "\\t")
            .replace('\r', "\\r");
        if !self.recovering {
            let why = format!("Syntax error: no viable alternative at input '{shown}'");
            let issue = self.source.issue(last.start, why);
            self.issues.push(issue);
            self.recovering = true;
        }
        Failed
    }

    fn report(&mut self, why: &str) {
        if !self.recovering {
            let issue = self.source.issue(self.peek(0).start, why);
            self.issues.push(issue);
            self.recovering = true;
        }
    }

    /// A complaint about meaning, which needs no recovery.
    fn complain(&mut self, at: Token, why: &str) {
        let issue = self.source.issue(at.start, why);
        self.issues.push(issue);
    }

    fn shown(&self) -> String {
        let token = self.peek(0);
        if token.kind == Kind::Eof {
            return "'<EOF>'".to_owned();
        }
        format!("'{}'", self.text(token))
    }

    /// Runs a rule after which one of `follow` may come; where it fails, skips to what can go on.
    fn rule(&mut self, follow: Set, rule: impl FnOnce(&mut Self) -> Step<Expr>) -> Expr {
        if self.gave_up.is_some() {
            return Expr::new(0, Node::Broken);
        }
        self.follow.push(follow);
        let out = rule(self).unwrap_or_else(|Failed| {
            self.recover();
            Expr::new(0, Node::Broken)
        });
        self.follow.pop();
        out
    }

    fn recover(&mut self) {
        if self.stuck == Some(self.at) {
            self.advance();
        }
        self.stuck = Some(self.at);
        self.skip_to(self.recovery());
    }

    fn skip_to(&mut self, set: Set) {
        while self.kind() != Kind::Eof && !set.has(self.kind()) {
            self.advance();
        }
    }

    /// What any rule in progress can go on with.
    fn recovery(&self) -> Set {
        self.follow.iter().fold(Set::NONE, |all, set| all.or(*set))
    }

    /// What may come after the rule in progress, through the rules around it that may end as well.
    fn following(&self, next: Set) -> Set {
        if next == Set::START {
            return Set::NONE;
        }
        let mut all = Set::NONE;
        for set in self.follow.iter().rev() {
            all = all.or(*set);
            // Brackets and the end must come; what stands further out cannot.
            if set.has(Kind::RParen)
                || set.has(Kind::RBracket)
                || set.has(Kind::RBrace)
                || set.has(Kind::Eof)
                || set.has(Kind::Colon)
            {
                break;
            }
        }
        all
    }

    fn nested(&mut self, rule: impl FnOnce(&mut Self) -> Step<Expr>) -> Step<Expr> {
        self.depth += 1;
        let out = match self.limit(self.depth) {
            Ok(()) => deeper(|| rule(self)),
            Err(failed) => Err(failed),
        };
        self.depth -= 1;
        out
    }

    fn limit(&mut self, depth: usize) -> Step<()> {
        if depth <= DEPTH_MAX {
            return Ok(());
        }
        let why = format!("expression recursion limit exceeded: {DEPTH_MAX}");
        let issue = self.source.issue(self.peek(0).start, why);
        self.gave_up.get_or_insert(issue);
        self.at = self.tokens.len() - 1;
        Err(Failed)
    }
}

fn binary(kind: Kind) -> &'static str {
    match kind {
        Kind::Equals => operator::EQUALS,
        Kind::NotEquals => operator::NOT_EQUALS,
        Kind::In => operator::IN,
        Kind::Less => operator::LESS,
        Kind::LessEquals => operator::LESS_EQUALS,
        Kind::GreaterEquals => operator::GREATER_EQUALS,
        Kind::Greater => operator::GREATER,
        Kind::Plus => operator::ADD,
        Kind::Minus => operator::SUBTRACT,
        Kind::Star => operator::MULTIPLY,
        Kind::Slash => operator::DIVIDE,
        _ => operator::MODULO,
    }
}

fn int(text: &str) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |d| (true, d));
    match digits.strip_prefix("0x") {
        Some(hex) if negative => i64::from_str_radix(&format!("-{hex}"), 16).ok(),
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

fn uint(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(['u', 'U']);
    match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    }
}
