//! Sets of kinds of token, which say what may come next.

use super::lexer::Kind;

/// A set of kinds of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Set(u64);

impl Set {
    pub(super) const NONE: Self = Self(0);
    /// What an operand begins with.
    pub(super) const START: Self = Self::of(&[
        Kind::LBracket,
        Kind::LBrace,
        Kind::LParen,
        Kind::Dot,
        Kind::Minus,
        Kind::Not,
        Kind::True,
        Kind::False,
        Kind::Null,
        Kind::Float,
        Kind::Int,
        Kind::Uint,
        Kind::Text,
        Kind::Bytes,
        Kind::Ident,
    ]);
    pub(super) const RELATIONS: Self = Self::of(&[
        Kind::Equals,
        Kind::NotEquals,
        Kind::In,
        Kind::Less,
        Kind::LessEquals,
        Kind::GreaterEquals,
        Kind::Greater,
    ]);
    pub(super) const ARITHMETIC: Self =
        Self::of(&[Kind::Plus, Kind::Minus, Kind::Star, Kind::Slash, Kind::Percent]);

    pub(super) const fn of(kinds: &[Kind]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < kinds.len() {
            bits |= 1 << kinds[i] as u64;
            i += 1;
        }
        Self(bits)
    }

    pub(super) const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u64) != 0
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl std::fmt::Display for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const ALL: [Kind; 36] = [
            Kind::Eof,
            Kind::Equals,
            Kind::NotEquals,
            Kind::In,
            Kind::Less,
            Kind::LessEquals,
            Kind::GreaterEquals,
            Kind::Greater,
            Kind::And,
            Kind::Or,
            Kind::LBracket,
            Kind::RBracket,
            Kind::LBrace,
            Kind::RBrace,
            Kind::LParen,
            Kind::RParen,
            Kind::Dot,
            Kind::Comma,
            Kind::Minus,
            Kind::Not,
            Kind::Question,
            Kind::Colon,
            Kind::Plus,
            Kind::Star,
            Kind::Slash,
            Kind::Percent,
            Kind::True,
            Kind::False,
            Kind::Null,
            Kind::Float,
            Kind::Int,
            Kind::Uint,
            Kind::Text,
            Kind::Bytes,
            Kind::Ident,
            Kind::EscIdent,
        ];
        let words: Vec<&str> = ALL
            .into_iter()
            .filter(|k| self.has(*k))
            .map(Kind::words)
            .collect();
        match words.as_slice() {
            [one] => f.write_str(one),
            many => write!(f, "{{{}}}", many.join(", ")),
        }
    }
}
