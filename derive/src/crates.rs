//! Where the output finds the crates that it names.
//!
//! Everything is reached through the `core` module of the facade or of the client, whichever the user depends on and under
//! whatever name, so that a user needs no further dependency; `crates(...)` overrides each.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Path;

use crate::attrs::{Errors, Item};

const KNOWN: [&str; 7] = [
    "kube",
    "kube_core",
    "k8s_openapi",
    "schemars",
    "serde",
    "serde_json",
    "std",
];

/// The user's overrides.
#[derive(Default)]
pub(crate) struct Crates {
    kube: Option<Path>,
    kube_core: Option<Path>,
    k8s_openapi: Option<Path>,
    schemars: Option<Path>,
    serde: Option<Path>,
    serde_json: Option<Path>,
    std: Option<Path>,
}

impl Crates {
    /// Reads `crates(...)`.
    pub(crate) fn read(&mut self, item: &Item, errors: &mut Errors) {
        for item in errors.take(item.items()).into_iter().flatten() {
            let slot = match item.name().as_str() {
                "kube" => &mut self.kube,
                "kube_core" => &mut self.kube_core,
                "k8s_openapi" => &mut self.k8s_openapi,
                "schemars" => &mut self.schemars,
                "serde" => &mut self.serde,
                "serde_json" => &mut self.serde_json,
                "std" => &mut self.std,
                _ => {
                    errors.unknown(&item, &KNOWN);
                    continue;
                }
            };
            let path = item.path();
            errors.set(slot, &item, path);
        }
    }

    /// The paths to use.
    pub(crate) fn resolve(&self) -> syn::Result<Roots> {
        let core = match (&self.kube_core, &self.kube) {
            (Some(core), _) => quote!(#core),
            (None, Some(kube)) => quote!(#kube::core),
            (None, None) => found_core()?,
        };
        let hidden = |name: &str, given: &Option<Path>| match given {
            Some(path) => quote!(#path),
            None => {
                let name = format_ident!("{name}");
                quote!(#core::crd::__derive::#name)
            }
        };
        Ok(Roots {
            k8s_openapi: hidden("k8s_openapi", &self.k8s_openapi),
            schemars: hidden("schemars", &self.schemars),
            serde: hidden("serde", &self.serde),
            std: self
                .std
                .as_ref()
                .map_or_else(|| quote!(::std), |path| quote!(#path)),
            derive: quote!(#core::crd::__derive),
            core,
        })
    }
}

/// Paths as tokens.
pub(crate) struct Roots {
    /// `kube::core`.
    pub(crate) core: TokenStream,
    /// The hidden module beside it.
    pub(crate) derive: TokenStream,
    pub(crate) k8s_openapi: TokenStream,
    pub(crate) schemars: TokenStream,
    pub(crate) serde: TokenStream,
    pub(crate) std: TokenStream,
}

fn found_core() -> syn::Result<TokenStream> {
    for name in ["seatrial", "seatrial-client"] {
        let found = match crate_name(name) {
            // Its tests, examples and doctests, which see it under its own name.
            Ok(FoundCrate::Itself) => name.replace('-', "_"),
            Ok(FoundCrate::Name(name)) => name,
            Err(_) => continue,
        };
        let found = format_ident!("{found}");
        return Ok(quote!(::#found::core));
    }
    Err(syn::Error::new(
        Span::call_site(),
        "neither `seatrial` nor `seatrial-client` is among this crate's dependencies; \
         add one, or name its `core` module with `crates(kube_core = \"...\")`",
    ))
}
