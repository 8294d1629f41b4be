//! From text to tokens, longest first.

use crate::source::{Issue, Source};

/// The kinds of token, in the order in which messages list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Eof,
    Equals,
    NotEquals,
    In,
    Less,
    LessEquals,
    GreaterEquals,
    Greater,
    And,
    Or,
    LBracket,
    RBracket,
    LBrace,
    RBrace,
    LParen,
    RParen,
    Dot,
    Comma,
    Minus,
    Not,
    Question,
    Colon,
    Plus,
    Star,
    Slash,
    Percent,
    True,
    False,
    Null,
    Float,
    Int,
    Uint,
    Text,
    Bytes,
    Ident,
    EscIdent,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The tokens of a text, the last of which is its end, and what was none.
pub(super) fn tokens(source: &Source) -> (Vec<Token>, Vec<Issue>) {
    let chars = source.chars();
    let (mut out, mut issues) = (Vec::with_capacity(chars.len() / 2 + 1), Vec::new());
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        match next(rest) {
            Ok((Some(kind), length)) => {
                out.push(Token {
                    kind,
                    start: at,
                    end: at + length,
                });
                at += length;
            }
            Ok((None, length)) => at += length,
            Err(length) => {
                let text = source.slice(at, at + length);
                let shown = text
                    .replace('\n', "\\n")
                    .replace('\t', "\\t")
                    .replace('\r', "\\r");
                issues.push(source.issue(at, format!("Syntax error: token recognition error at: '{shown}'")));
                at += length;
            }
        }
    }
    out.push(Token {
        kind: Kind::Eof,
        start: chars.len(),
        end: chars.len(),
    });
    (out, issues)
}

/// The first token and its length, `None` for what stands between tokens; or the length of what is none.
fn next(s: &[char]) -> Result<(Option<Kind>, usize), usize> {
    let at = |i: usize| s.get(i).copied().unwrap_or('\0');
    let one = |kind| Ok((Some(kind), 1));
    let two = |kind| Ok((Some(kind), 2));
    match s[0] {
        ' ' | '\t' | '\n' | '\r' | '\u{c}' => {
            let blank = |c: &char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
            Ok((None, s.iter().take_while(|c| blank(c)).count()))
        }
        '/' if at(1) == '/' => Ok((None, s.iter().take_while(|c| **c != '\n').count())),
        '=' if at(1) == '=' => two(Kind::Equals),
        '!' if at(1) == '=' => two(Kind::NotEquals),
        '<' if at(1) == '=' => two(Kind::LessEquals),
        '>' if at(1) == '=' => two(Kind::GreaterEquals),
        '&' if at(1) == '&' => two(Kind::And),
        '|' if at(1) == '|' => two(Kind::Or),
        // What begins a longer token takes the character that disappointed along.
        '=' | '&' | '|' => Err(2.min(s.len())),
        '<' => one(Kind::Less),
        '>' => one(Kind::Greater),
        '[' => one(Kind::LBracket),
        ']' => one(Kind::RBracket),
        '{' => one(Kind::LBrace),
        '}' => one(Kind::RBrace),
        '(' => one(Kind::LParen),
        ')' => one(Kind::RParen),
        ',' => one(Kind::Comma),
        '-' => one(Kind::Minus),
        '!' => one(Kind::Not),
        '?' => one(Kind::Question),
        ':' => one(Kind::Colon),
        '+' => one(Kind::Plus),
        '*' => one(Kind::Star),
        '/' => one(Kind::Slash),
        '%' => one(Kind::Percent),
        '.' if !at(1).is_ascii_digit() => one(Kind::Dot),
        '.' | '0'..='9' => Ok(number(s)),
        '"' | '\'' => text(s, false).map(|n| (Some(Kind::Text), n)),
        '`' => escaped(s),
        'a'..='z' | 'A'..='Z' | '_' => Ok(word(s)),
        _ => Err(1),
    }
}

fn number(s: &[char]) -> (Option<Kind>, usize) {
    let at = |i: usize| s.get(i).copied().unwrap_or('\0');
    let digits = |from: usize| s[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    let hex = |from: usize| s[from..].iter().take_while(|c| c.is_ascii_hexdigit()).count();
    let unsigned = |end: usize| {
        if matches!(at(end), 'u' | 'U') {
            (Some(Kind::Uint), end + 1)
        } else {
            (Some(Kind::Int), end)
        }
    };
    if s[0] == '0' && at(1) == 'x' && hex(2) > 0 {
        return unsigned(2 + hex(2));
    }
    let mut end = digits(0);
    let mut float = false;
    if at(end) == '.' && at(end + 1).is_ascii_digit() {
        end += 1 + digits(end + 1);
        float = true;
    }
    if matches!(at(end), 'e' | 'E') {
        let sign = usize::from(matches!(at(end + 1), '+' | '-'));
        if at(end + 1 + sign).is_ascii_digit() {
            end += 1 + sign + digits(end + 1 + sign);
            float = true;
        }
    }
    if float {
        (Some(Kind::Float), end)
    } else {
        unsigned(end)
    }
}

/// A word, or a text or bytes with a prefix, whichever is longer.
fn word(s: &[char]) -> (Option<Kind>, usize) {
    let length = s
        .iter()
        .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
        .count();
    let prefix: String = s.iter().take(2).map(char::to_ascii_lowercase).collect();
    let bytes = prefix.starts_with('b');
    let raw = matches!(prefix.as_str(), "br") || prefix.starts_with('r');
    let quote = match prefix.as_bytes() {
        b"br" => 2,
        [b'b' | b'r', b'"' | b'\''] => 1,
        _ => 0,
    };
    if quote > 0
        && matches!(s.get(quote), Some('"' | '\''))
        && let Ok(n) = text(&s[quote..], raw)
    {
        let kind = if bytes { Kind::Bytes } else { Kind::Text };
        return (Some(kind), quote + n);
    }
    let kind = match s[..length].iter().collect::<String>().as_str() {
        "in" => Kind::In,
        "true" => Kind::True,
        "false" => Kind::False,
        "null" => Kind::Null,
        _ => Kind::Ident,
    };
    (Some(kind), length)
}

/// The length of a quoted text; or of what was read until it turned out to be none.
fn text(s: &[char], raw: bool) -> Result<usize, usize> {
    let quote = s[0];
    if s.get(1) == Some(&quote) && s.get(2) == Some(&quote) {
        let mut i = 3;
        while i < s.len() {
            if s[i..].starts_with(&[quote; 3]) {
                return Ok(i + 3);
            }
            i += if s[i] == '\\' && !raw {
                match escape(&s[i..]) {
                    Ok(n) => n,
                    Err(_) => break,
                }
            } else {
                1
            };
        }
        // What is no long text is an empty short one.
        return Ok(2);
    }
    let mut i = 1;
    while i < s.len() {
        match s[i] {
            c if c == quote => return Ok(i + 1),
            '\n' | '\r' => return Err(i + 1),
            '\\' if !raw => i += escape(&s[i..]).map_err(|n| (i + n).min(s.len()))?,
            _ => i += 1,
        }
    }
    Err(s.len())
}

/// The length of an escape sequence, or of what was read of it until it was none.
fn escape(s: &[char]) -> Result<usize, usize> {
    let run = |count: usize, valid: fn(&char) -> bool| {
        let good = s[2..].iter().take(count).take_while(|c| valid(c)).count();
        if good == count {
            Ok(2 + count)
        } else {
            Err(3 + good)
        }
    };
    match s.get(1) {
        Some('a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '"' | '\'' | '\\' | '?' | '`') => Ok(2),
        Some('x' | 'X') => run(2, char::is_ascii_hexdigit),
        Some('u') => run(4, char::is_ascii_hexdigit),
        Some('U') => run(8, char::is_ascii_hexdigit),
        Some('0'..='3') => run(2, |c| matches!(c, '0'..='7')),
        _ => Err(2),
    }
}

fn escaped(s: &[char]) -> Result<(Option<Kind>, usize), usize> {
    let inner = s[1..]
        .iter()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | ' '))
        .count();
    if inner > 0 && s.get(1 + inner) == Some(&'`') {
        Ok((Some(Kind::EscIdent), inner + 2))
    } else {
        Err((inner + 2).min(s.len()))
    }
}

impl Kind {
    /// How messages write the kind.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Eof => "<EOF>",
            Self::Equals => "'=='",
            Self::NotEquals => "'!='",
            Self::In => "'in'",
            Self::Less => "'<'",
            Self::LessEquals => "'<='",
            Self::GreaterEquals => "'>='",
            Self::Greater => "'>'",
            Self::And => "'&&'",
            Self::Or => "'||'",
            Self::LBracket => "'['",
            Self::RBracket => "']'",
            Self::LBrace => "'{'",
            Self::RBrace => "'}'",
            Self::LParen => "'('",
            Self::RParen => "')'",
            Self::Dot => "'.'",
            Self::Comma => "','",
            Self::Minus => "'-'",
            Self::Not => "'!'",
            Self::Question => "'?'",
            Self::Colon => "':'",
            Self::Plus => "'+'",
            Self::Star => "'*'",
            Self::Slash => "'/'",
            Self::Percent => "'%'",
            Self::True => "'true'",
            Self::False => "'false'",
            Self::Null => "'null'",
            Self::Float => "NUM_FLOAT",
            Self::Int => "NUM_INT",
            Self::Uint => "NUM_UINT",
            Self::Text => "STRING",
            Self::Bytes => "BYTES",
            Self::Ident => "IDENTIFIER",
            Self::EscIdent => "ESC_IDENTIFIER",
        }
    }
}
