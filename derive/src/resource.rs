//! `#[derive(Resource)]`: a typed view of a kind that exists already.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Type};

use crate::{
    attrs::{Errors, items_of},
    crates::Crates,
};

/// `Resource` by the impl of another type.
pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let mut errors = Errors::default();
    let mut inherit: Option<Type> = None;
    let mut crates = Crates::default();
    for item in items_of(&input.attrs, "resource", &mut errors) {
        match item.name().as_str() {
            "inherit" => errors.set(&mut inherit, &item, item.type_()),
            "crates" => crates.read(&item, &mut errors),
            _ => errors.unknown(&item, &["inherit", "crates"]),
        }
    }
    let metadata = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => fields
                .named
                .iter()
                .any(|field| field.ident.as_ref().is_some_and(|ident| ident == "metadata")),
            _ => false,
        },
        _ => false,
    };
    if !metadata {
        errors.at(
            input.ident.span(),
            "`Resource` can be derived for a struct with a field `metadata: ObjectMeta`",
        );
    }
    if inherit.is_none() {
        errors.at(
            input.ident.span(),
            "`Resource` needs `#[resource(inherit = \"Kind\")]`, the type to take the names from",
        );
    }
    let roots = errors.take(crates.resolve());
    errors.finish()?;
    let (Some(roots), Some(inherit)) = (roots, inherit) else {
        return Ok(TokenStream::new());
    };
    let crate::crates::Roots { core, std, .. } = &roots;
    let ident = &input.ident;
    let (impls, types, bounds) = input.generics.split_for_impl();
    let functions = ["kind", "group", "version", "api_version", "plural"].map(|name| {
        let name = quote::format_ident!("{name}");
        quote! {
            fn #name(dt: &Self::DynamicType) -> #std::borrow::Cow<'_, str> {
                <#inherit as #core::Resource>::#name(dt)
            }
        }
    });
    Ok(quote! {
        impl #impls #core::Resource for #ident #types #bounds {
            type DynamicType = <#inherit as #core::Resource>::DynamicType;
            type Scope = <#inherit as #core::Resource>::Scope;

            #(#functions)*

            fn meta(&self) -> &#core::ObjectMeta {
                &self.metadata
            }

            fn meta_mut(&mut self) -> &mut #core::ObjectMeta {
                &mut self.metadata
            }
        }
    })
}
