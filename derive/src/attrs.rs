//! Attributes as data: `#[kube(key, key = value, key(...))]` to a list of items, and the reading of one item's value.
//!
//! Errors point at the item or the value they are about. They are collected, so that one build shows all of them.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, Ident, Lit, LitStr, Path, Token,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
    spanned::Spanned,
};

/// One entry of an attribute's list.
pub(crate) struct Item {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// What follows the key.
pub(crate) enum Value {
    /// Nothing: `namespaced`.
    None,
    /// `= expression`.
    Expr(Expr),
    /// `(...)`.
    List(TokenStream),
}

impl Parse for Item {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        // Any identifier: `type` is a key.
        let key = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Expr(input.parse()?)
        } else if input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            Value::List(content.parse()?)
        } else {
            Value::None
        };
        Ok(Self { key, value })
    }
}

impl Item {
    /// The key without a raw identifier's prefix.
    pub(crate) fn name(&self) -> String {
        self.key.unraw().to_string()
    }

    /// Where the value is, or the key if there is no one value to point at.
    pub(crate) fn span(&self) -> Span {
        match &self.value {
            Value::Expr(expr) => expr.span(),
            Value::None | Value::List(_) => self.key.span(),
        }
    }

    fn error(&self, message: impl std::fmt::Display) -> syn::Error {
        syn::Error::new(self.span(), message)
    }

    /// A string literal.
    pub(crate) fn string(&self) -> syn::Result<LitStr> {
        match &self.value {
            Value::Expr(expr) => literal(expr),
            _ => None,
        }
        .ok_or_else(|| self.error(format_args!("`{0}` takes a string: `{0} = \"...\"`", self.name())))
    }

    /// A string literal with something in it.
    pub(crate) fn nonempty(&self) -> syn::Result<LitStr> {
        let text = self.string()?;
        if text.value().trim().is_empty() {
            return Err(self.error(format_args!("`{}` is empty", self.name())));
        }
        Ok(text)
    }

    /// A path, written as one or as a string.
    pub(crate) fn path(&self) -> syn::Result<Path> {
        self.parsed("a path: `{} = \"path::to::It\"`")
    }

    /// A type, written as a path or as a string, generic arguments included.
    pub(crate) fn type_(&self) -> syn::Result<syn::Type> {
        self.parsed("a type: `{} = \"Type\"`")
    }

    fn parsed<T: Parse>(&self, wanted: &str) -> syn::Result<T> {
        let parsed = match &self.value {
            Value::Expr(expr @ Expr::Path(_)) => syn::parse2(expr.to_token_stream()).ok(),
            Value::Expr(expr) => literal(expr).and_then(|text| text.parse().ok()),
            _ => None,
        };
        let name = self.name();
        parsed.ok_or_else(|| self.error(format_args!("`{name}` takes {}", wanted.replace("{}", &name))))
    }

    /// A flag: `key`, `key = true` or `key = false`.
    pub(crate) fn flag(&self) -> syn::Result<bool> {
        match &self.value {
            Value::None => Ok(true),
            Value::Expr(Expr::Lit(ExprLit {
                lit: Lit::Bool(flag), ..
            })) => Ok(flag.value),
            _ => Err(self.error(format_args!(
                "`{0}` takes nothing, `true` or `false`",
                self.name()
            ))),
        }
    }

    /// A whole number.
    pub(crate) fn integer(&self) -> syn::Result<i32> {
        match &self.value {
            Value::Expr(Expr::Lit(ExprLit {
                lit: Lit::Int(number),
                ..
            })) => number.base10_parse(),
            _ => Err(self.error(format_args!("`{0}` takes a whole number: `{0} = 1`", self.name()))),
        }
    }

    /// Any expression.
    pub(crate) fn expr(&self) -> syn::Result<Expr> {
        match &self.value {
            Value::Expr(expr) => Ok(expr.clone()),
            _ => Err(self.error(format_args!(
                "`{0}` takes an expression: `{0} = ...`",
                self.name()
            ))),
        }
    }

    /// Strings: `key("one", "other")`.
    pub(crate) fn strings(&self) -> syn::Result<Vec<LitStr>> {
        let strings = match &self.value {
            Value::List(tokens) => Punctuated::<LitStr, Token![,]>::parse_terminated
                .parse2(tokens.clone())
                .ok(),
            _ => None,
        };
        match strings {
            Some(strings) if !strings.is_empty() => Ok(strings.into_iter().collect()),
            _ => Err(self.error(format_args!("`{0}` takes strings: `{0}(\"...\")`", self.name()))),
        }
    }

    /// Two strings: `key("one", "other")`.
    pub(crate) fn pair(&self) -> syn::Result<(LitStr, LitStr)> {
        match self
            .strings()
            .ok()
            .and_then(|strings| <[LitStr; 2]>::try_from(strings).ok())
        {
            Some([one, other]) => Ok((one, other)),
            None => Err(self.error(format_args!(
                "`{0}` takes two strings: `{0}(\"key\", \"value\")`",
                self.name()
            ))),
        }
    }

    /// Types: `key(a::Type, b::Type)`.
    pub(crate) fn types(&self) -> syn::Result<Vec<syn::Type>> {
        let types = match &self.value {
            Value::List(tokens) => Punctuated::<syn::Type, Token![,]>::parse_terminated
                .parse2(tokens.clone())
                .ok(),
            _ => None,
        };
        match types {
            Some(types) if !types.is_empty() => Ok(types.into_iter().collect()),
            _ => Err(self.error(format_args!(
                "`{0}` takes types: `{0}(path::to::It, ...)`",
                self.name()
            ))),
        }
    }

    /// Further items: `key(a = 1, b)`.
    pub(crate) fn items(&self) -> syn::Result<Vec<Item>> {
        match &self.value {
            Value::List(tokens) => parse_items(tokens.clone()),
            _ => Err(self.error(format_args!("`{0}` takes a list: `{0}(...)`", self.name()))),
        }
    }
}

/// The items of all attributes of one name.
pub(crate) fn items_of(attributes: &[Attribute], name: &str, errors: &mut Errors) -> Vec<Item> {
    let mut items = Vec::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident(name))
    {
        let parsed = attribute
            .meta
            .require_list()
            .and_then(|list| parse_items(list.tokens.clone()));
        items.extend(errors.take(parsed).into_iter().flatten());
    }
    items
}

fn parse_items(tokens: TokenStream) -> syn::Result<Vec<Item>> {
    Punctuated::<Item, Token![,]>::parse_terminated
        .parse2(tokens)
        .map(Vec::from_iter)
}

fn literal(expr: &Expr) -> Option<LitStr> {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        }) => Some(text.clone()),
        // A string that went through a macro_rules! fragment.
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

/// Errors found so far.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds one.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Adds one at a place.
    pub(crate) fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    /// The value, or `None` with the error kept.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Sets what may be set once.
    pub(crate) fn set<T>(&mut self, slot: &mut Option<T>, item: &Item, read: syn::Result<T>) {
        if slot.is_some() {
            self.at(item.key.span(), format_args!("`{}` is given twice", item.name()));
        }
        if let Some(value) = self.take(read) {
            *slot = Some(value);
        }
    }

    /// Says that an item is not one of those known here.
    pub(crate) fn unknown(&mut self, item: &Item, known: &[&str]) {
        let name = item.name();
        let near = known.iter().find(|known| is_near(&name, known));
        match near {
            Some(near) => self.at(
                item.key.span(),
                format_args!("unknown attribute `{name}`; did you mean `{near}`?"),
            ),
            None => self.at(
                item.key.span(),
                format_args!("unknown attribute `{name}`; known are `{}`", known.join("`, `")),
            ),
        }
    }

    /// Ends the collecting.
    pub(crate) fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Whether one name is the other with a letter more, less, changed, or with other separators.
fn is_near(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.to_lowercase().replace('_', "");
    let (one, other) = (plain(one), plain(other));
    if one == other {
        return true;
    }
    let (short, long) = if one.len() <= other.len() {
        (&one, &other)
    } else {
        (&other, &one)
    };
    let same_start = short
        .bytes()
        .zip(long.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let same_end = short
        .bytes()
        .rev()
        .zip(long.bytes().rev())
        .take_while(|(a, b)| a == b)
        .count();
    short.len() > 2 && long.len() - short.len() <= 1 && same_start + same_end + 1 >= long.len()
}
