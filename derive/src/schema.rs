//! `#[derive(KubeSchema)]`: `JsonSchema` with CEL rules and merge strategies.
//!
//! The output derives `JsonSchema` for a copy of the type, to whose fields and container the rules are added as transforms, and hands that
//! schema on. schemars thereby sees all its own attributes and serde's, and no rule of theirs is repeated here.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Expr, Field, LitStr, parse_quote};

use crate::{
    attrs::{Errors, Item, Value, items_of},
    crates::{Crates, Roots},
};

/// Attributes that schemars reads; the copy keeps these only.
const KEPT: [&str; 5] = ["doc", "serde", "schemars", "validate", "garde"];

/// What fields may say.
const FIELD: [&str; 9] = [
    "validation",
    "merge_strategy",
    "list_type",
    "list_map_keys",
    "map_type",
    "default",
    "int_or_string",
    "preserve_unknown_fields",
    "embedded_resource",
];

/// The impl of `JsonSchema`.
pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let mut errors = Errors::default();
    let mut crates = Crates::default();
    let mut rules: Vec<Expr> = Vec::new();
    let mut is_asked = None;
    for item in items_of(&input.attrs, "x_kube", &mut errors) {
        match item.name().as_str() {
            "validation" | "rule" => rules.extend(errors.take(item.expr())),
            "crates" => crates.read(&item, &mut errors),
            "cel" => errors.set(&mut is_asked, &item, item.flag()),
            _ => errors.unknown(&item, &["validation", "cel", "crates"]),
        }
    }
    let Some(roots) = errors.take(crates.resolve()) else {
        errors.finish()?;
        return Ok(TokenStream::new());
    };
    let mut copy = input.clone();
    copy.ident = format_ident!("{}WithRules", input.ident);
    copy.vis = parse_quote!();
    copy.attrs.retain(is_kept);
    let mut transforms = Transforms {
        roots: &roots,
        functions: Vec::new(),
    };
    let schemars_path = roots.schemars.to_string().replace(' ', "");
    // A user whose schemars is elsewhere may have said so to schemars already.
    if !says(&input.attrs, &["schemars"], |item| {
        item.name() == "crate" && !matches!(item.value, Value::None)
    }) {
        copy.attrs.push(parse_quote!(#[schemars(crate = #schemars_path)]));
    }
    for rule in &rules {
        copy.attrs.push(transforms.validation(rule));
    }
    match &mut copy.data {
        Data::Struct(data) => {
            for field in &mut data.fields {
                transforms.field(field, &mut errors);
            }
        }
        Data::Enum(data) => {
            for variant in &mut data.variants {
                variant.attrs.retain(is_kept);
                for field in &mut variant.fields {
                    transforms.field(field, &mut errors);
                }
            }
        }
        Data::Union(data) => {
            errors.at(
                data.union_token.span,
                "`KubeSchema` can be derived for structs and enums, not for unions",
            );
        }
    }
    errors.finish()?;
    let schema = implementation(input, &copy, &transforms.functions, &roots);
    let question = (is_asked == Some(true)).then(|| question(input, &roots));
    Ok(quote!(#schema #question))
}

/// `validate_cel`, by which a program asks the rules itself.
fn question(input: &DeriveInput, roots: &Roots) -> TokenStream {
    let Roots {
        core,
        derive,
        schemars,
        std,
        ..
    } = roots;
    let (name, visibility) = (&input.ident, &input.vis);
    let mut generics = input.generics.clone();
    generics
        .make_where_clause()
        .predicates
        .push(parse_quote!(Self: #schemars::JsonSchema));
    let (impls, types, bounds) = generics.split_for_impl();
    quote! {
        impl #impls #name #types #bounds {
            /// Holds a value of this type, and what it replaces, against the type's CEL rules.
            #visibility fn validate_cel(
                value: &#derive::serde_json::Value,
                old: #std::option::Option<&#derive::serde_json::Value>,
            ) -> #std::result::Result<(), #core::validation::ValidationErrors> {
                #core::cel::validate_cel_schema::<Self>(value, old)
            }
        }
    }
}

fn implementation(
    input: &DeriveInput,
    copy: &DeriveInput,
    functions: &[TokenStream],
    roots: &Roots,
) -> TokenStream {
    let Roots { schemars, std, .. } = roots;
    let (original, shadow) = (&input.ident, &copy.ident);
    let name = renamed(&input.attrs).unwrap_or_else(|| original.to_string());
    let identity = original.to_string();
    let mut generics = input.generics.clone();
    for parameter in input.generics.type_params() {
        let parameter = &parameter.ident;
        generics
            .make_where_clause()
            .predicates
            .push(parse_quote!(#parameter: #schemars::JsonSchema));
    }
    let (impls, types, bounds) = generics.split_for_impl();
    // `#[serde(default)]` asks the copy for the defaults of fields: the original has them.
    let defaults = says(&input.attrs, &["schemars", "serde"], |item| {
        item.name() == "default" && matches!(item.value, Value::None)
    })
    .then(|| {
        let mut generics = input.generics.clone();
        let (_, types, _) = input.generics.split_for_impl();
        generics
            .make_where_clause()
            .predicates
            .push(parse_quote!(#original #types: #std::default::Default));
        let (impls, types, bounds) = generics.split_for_impl();
        quote! {
            impl #impls #shadow #types #bounds {
                fn default() -> #original #types {
                    #std::default::Default::default()
                }
            }
        }
    });
    // Two instances of a generic type are two schemas.
    let parameters: Vec<_> = input
        .generics
        .type_params()
        .map(|parameter| &parameter.ident)
        .collect();
    let schema_name = match parameters.as_slice() {
        [] => quote!(#std::borrow::Cow::Borrowed(#name)),
        _ => quote! {{
            let mut name = #std::string::String::from(#name);
            #(
                name.push_str("_");
                name.push_str(&<#parameters as #schemars::JsonSchema>::schema_name());
            )*
            #std::borrow::Cow::Owned(name)
        }},
    };
    let schema_id = match parameters.as_slice() {
        [] => quote!(#std::borrow::Cow::Borrowed(#std::concat!(#std::module_path!(), "::", #identity))),
        _ => quote! {{
            let mut name = #std::string::String::from(#std::concat!(#std::module_path!(), "::", #identity));
            #(
                name.push_str("_");
                name.push_str(&<#parameters as #schemars::JsonSchema>::schema_id());
            )*
            #std::borrow::Cow::Owned(name)
        }},
    };
    quote! {
        const _: () = {
            #(#functions)*

            #[derive(#schemars::JsonSchema)]
            #[allow(dead_code, deprecated, missing_docs)]
            #copy

            #defaults

            impl #impls #schemars::JsonSchema for #original #types #bounds {
                fn schema_name() -> #std::borrow::Cow<'static, str> {
                    #schema_name
                }

                fn schema_id() -> #std::borrow::Cow<'static, str> {
                    #schema_id
                }

                fn json_schema(generator: &mut #schemars::SchemaGenerator) -> #schemars::Schema {
                    <#shadow #types as #schemars::JsonSchema>::json_schema(generator)
                }
            }
        };
    }
}

/// The functions that the copy's attributes name.
struct Transforms<'a> {
    roots: &'a Roots,
    functions: Vec<TokenStream>,
}

impl Transforms<'_> {
    fn field(&mut self, field: &mut Field, errors: &mut Errors) {
        let items = items_of(&field.attrs, "x_kube", errors);
        field.attrs.retain(is_kept);
        let derive = &self.roots.derive;
        let mut made: Vec<TokenStream> = Vec::new();
        let mut merge = Merge::default();
        for item in &items {
            match item.name().as_str() {
                "validation" | "rule" => {
                    made.extend(
                        errors
                            .take(item.expr())
                            .map(|rule| quote!(#derive::validation(#rule))),
                    );
                }
                "default" => {
                    made.extend(
                        errors
                            .take(item.expr())
                            .map(|value| quote!(#derive::default_value(&(#value)))),
                    );
                }
                key @ ("int_or_string" | "preserve_unknown_fields" | "embedded_resource") => {
                    if errors.take(item.flag()) == Some(true) {
                        let function = format_ident!("{key}");
                        made.push(quote!(#derive::#function));
                    }
                }
                "merge_strategy" => errors.set(&mut merge.strategy, item, item.expr()),
                "list_type" => errors.set(
                    &mut merge.list_type,
                    item,
                    one_of(item, &["atomic", "set", "map"]),
                ),
                "list_map_keys" => errors.set(&mut merge.list_map_keys, item, item.strings()),
                "map_type" => errors.set(&mut merge.map_type, item, one_of(item, &["atomic", "granular"])),
                _ => errors.unknown(item, &FIELD),
            }
        }
        made.extend(
            merge
                .tokens(&self.roots.core, errors)
                .map(|strategy| quote!(#derive::strategy(#strategy))),
        );
        for make in made {
            let attribute = self.transform(&make);
            field.attrs.push(attribute);
        }
    }

    fn validation(&mut self, rule: &Expr) -> Attribute {
        let derive = &self.roots.derive;
        self.transform(&quote!(#derive::validation(#rule)))
    }

    /// A function of its own for each, so that what the expression may name is not in scope of the fields' types.
    fn transform(&mut self, make: &TokenStream) -> Attribute {
        let Roots { core, schemars, .. } = self.roots;
        let name = format_ident!("__transform_{}", self.functions.len());
        self.functions.push(quote! {
            fn #name(schema: &mut #schemars::Schema) {
                #[allow(unused_imports)]
                use #core::cel::{ListMerge, MapMerge, MergeStrategy, Message, Reason, Rule, StructMerge};
                (#make)(schema);
            }
        });
        parse_quote!(#[schemars(transform = #name)])
    }
}

/// How a field is merged: an expression, or in the schema's own words.
#[derive(Default)]
struct Merge {
    strategy: Option<Expr>,
    list_type: Option<LitStr>,
    list_map_keys: Option<Vec<LitStr>>,
    map_type: Option<LitStr>,
}

impl Merge {
    /// The strategy as an expression.
    fn tokens(self, core: &TokenStream, errors: &mut Errors) -> Option<TokenStream> {
        let keys = self.list_map_keys.filter(|keys| !keys.is_empty());
        let words = [
            self.list_type.is_some() || keys.is_some(),
            self.map_type.is_some(),
            self.strategy.is_some(),
        ];
        let place = [
            self.list_type.as_ref(),
            self.map_type.as_ref(),
            keys.iter().flatten().next(),
        ];
        let place = place
            .into_iter()
            .flatten()
            .next()
            .map_or_else(Span::call_site, LitStr::span);
        if words.into_iter().filter(|said| *said).count() > 1 {
            errors.at(
                place,
                "a field is merged in one way: by `merge_strategy`, as a list or as a map",
            );
            return None;
        }
        if let Some(strategy) = self.strategy {
            return Some(quote!(#strategy));
        }
        if let Some(kind) = self.map_type {
            let kind = if kind.value() == "atomic" {
                quote!(Atomic)
            } else {
                quote!(Granular)
            };
            return Some(quote!(#core::cel::MapMerge::#kind));
        }
        let kind = self.list_type.as_ref().map(LitStr::value);
        match (kind.as_deref(), keys) {
            (None, None) => None,
            (None | Some("map"), Some(keys)) => {
                Some(quote!(#core::cel::ListMerge::Map([#(#keys),*].map(::core::convert::Into::into).into())))
            }
            (Some("map"), None) => {
                errors.at(place, "a list merged as a map needs `list_map_keys(\"...\")`");
                None
            }
            (Some(_), Some(_)) => {
                errors.at(place, "only a list of type \"map\" has `list_map_keys`");
                None
            }
            (Some("set"), None) => Some(quote!(#core::cel::ListMerge::Set)),
            (Some(_), None) => Some(quote!(#core::cel::ListMerge::Atomic)),
        }
    }
}

fn one_of(item: &Item, names: &[&str]) -> syn::Result<LitStr> {
    let text = item.string()?;
    if names.contains(&text.value().as_str()) {
        return Ok(text);
    }
    let known = names.join("\", \"");
    Err(syn::Error::new(
        text.span(),
        format_args!("`{}` is one of \"{known}\"", item.name()),
    ))
}

fn is_kept(attribute: &Attribute) -> bool {
    KEPT.iter().any(|name| attribute.path().is_ident(name))
}

/// Whether an attribute of one of these names has such an item.
fn says(attributes: &[Attribute], names: &[&str], wanted: impl Fn(&Item) -> bool) -> bool {
    let mut ignored = Errors::default();
    names
        .iter()
        .any(|name| items_of(attributes, name, &mut ignored).iter().any(&wanted))
}

/// The name that `#[schemars(rename = "...")]` or serde's attribute gives the type.
fn renamed(attributes: &[Attribute]) -> Option<String> {
    let mut ignored = Errors::default();
    ["schemars", "serde"].into_iter().find_map(|name| {
        let items = items_of(attributes, name, &mut ignored);
        items
            .iter()
            .find(|item| item.name() == "rename")?
            .string()
            .ok()
            .map(|name| name.value())
    })
}
