//! Conversions between the versions of a kind, from the model of one version.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use crate::model::{Conversion, Model};

/// What this version adds to the conversions; nothing for a kind of one version.
pub(crate) fn expand(model: &Model) -> TokenStream {
    match &model.conversion {
        Some(Conversion::Hub(spokes)) => hub(model, spokes),
        Some(Conversion::Spoke(hub)) => spoke(model, hub),
        None => quote!(),
    }
}

/// `Hub`, and a test that nothing gets lost.
fn hub(model: &Model, spokes: &[Type]) -> TokenStream {
    let root = &model.root;
    let crate::crates::Roots { core, derive, .. } = &model.roots;
    let name = quote::format_ident!("conversions_of_{root}_round_trip");
    let test = model.round_trip.then(|| {
        quote! {
            #[cfg(test)]
            #[test]
            #[allow(non_snake_case, unnameable_test_items)]
            fn #name() {
                #derive::assert_round_trips::<#root>();
            }
        }
    });
    quote! {
        impl #core::conversion::Hub for #root {
            fn conversions() -> #core::conversion::Conversions<Self> {
                #core::conversion::Conversions::hub()#(.spoke::<#spokes>())*
            }
        }

        #test
    }
}

/// The `From` impls between the root types.
fn spoke(model: &Model, hub: &Type) -> TokenStream {
    let root = &model.root;
    let std = &model.roots.std;
    let status = model
        .status
        .as_ref()
        .map(|_| quote!(to.status = #std::option::Option::map(from.status, #std::convert::From::from);));
    let from = |from: TokenStream, to: TokenStream| {
        quote! {
            impl #std::convert::From<#from> for #to {
                fn from(from: #from) -> Self {
                    let mut to = Self::new("", #std::convert::From::from(from.spec));
                    to.metadata = from.metadata;
                    #status
                    to
                }
            }
        }
    };
    let (up, down) = (
        from(quote!(#root), quote!(#hub)),
        from(quote!(#hub), quote!(#root)),
    );
    quote!(#up #down)
}
