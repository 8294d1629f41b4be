//! `#[derive(KubeSchema)]`: `JsonSchema` with CEL rules and merge strategies.
//!
//! The output derives `JsonSchema` for a copy of the type, to whose fields and container the rules are added as transforms, and hands that
//! schema on. schemars thereby sees all its own attributes and serde's, and no rule of theirs is repeated here.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Expr, Field, parse_quote};

use crate::{
    attrs::{Errors, Item, items_of},
    crates::{Crates, Roots},
};

/// Attributes that schemars reads; the copy keeps these only.
const KEPT: [&str; 5] = ["doc", "serde", "schemars", "validate", "garde"];

/// The impl of `JsonSchema`.
pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let mut errors = Errors::default();
    let mut crates = Crates::default();
    let mut rules: Vec<Expr> = Vec::new();
    for item in items_of(&input.attrs, "x_kube", &mut errors) {
        match item.name().as_str() {
            "validation" | "rule" => rules.extend(errors.take(item.expr())),
            "crates" => crates.read(&item, &mut errors),
            _ => errors.unknown(&item, &["validation", "crates"]),
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
    copy.attrs.push(parse_quote!(#[schemars(crate = #schemars_path)]));
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
    Ok(implementation(input, &copy, &transforms.functions, &roots))
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
        let mut strategy: Option<Expr> = None;
        for item in &items {
            match item.name().as_str() {
                "validation" | "rule" => {
                    if let Some(rule) = errors.take(item.expr()) {
                        let attribute = self.validation(&rule);
                        field.attrs.push(attribute);
                    }
                }
                "merge_strategy" => errors.set(&mut strategy, item, Item::expr(item)),
                _ => errors.unknown(item, &["validation", "merge_strategy"]),
            }
        }
        if let Some(strategy) = strategy {
            let derive = &self.roots.derive;
            let attribute = self.transform(&quote!(#derive::strategy(#strategy)));
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

fn is_kept(attribute: &Attribute) -> bool {
    KEPT.iter().any(|name| attribute.path().is_ident(name))
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
