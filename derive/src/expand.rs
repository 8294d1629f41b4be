//! From the model of a custom resource to its root type.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    columns::option,
    hub,
    model::{Model, SchemaMode},
};

/// The root type with all its impls.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let parts = [
        root_type(model),
        serialize(model),
        resource(model),
        parts(model),
        definition(model),
        json_schema(model),
        test(model),
        questions(model),
        hub::expand(model),
    ];
    quote!(#(#parts)*)
}

fn root_type(model: &Model) -> TokenStream {
    let Model {
        visibility,
        spec,
        root,
        doc,
        attributes,
        ..
    } = model;
    let crate::crates::Roots { core, serde, std, .. } = &model.roots;
    let serde_path = serde.to_string().replace(' ', "");
    // These two come with every root type.
    let derives = model.derives.iter().filter(|path| {
        !path
            .segments
            .last()
            .is_some_and(|last| ["Clone", "Debug"].iter().any(|name| last.ident == name))
    });
    let status_field = model.status.as_ref().map(|status| {
        quote! {
            /// What was last observed of the object.
            pub status: #std::option::Option<#status>,
        }
    });
    let status_value = model
        .status
        .as_ref()
        .map(|_| quote!(status: #std::option::Option::None,));
    quote! {
        #[doc = #doc]
        #(#attributes)*
        #[derive(#std::clone::Clone, #std::fmt::Debug, #serde::Deserialize, #(#derives),*)]
        #[serde(crate = #serde_path)]
        #visibility struct #root {
            /// The object's name, labels and everything else that all kinds have.
            pub metadata: #core::ObjectMeta,
            /// What is wanted.
            pub spec: #spec,
            #status_field
        }

        impl #root {
            /// An object of this name, without a status.
            pub fn new(name: &str, spec: #spec) -> Self {
                Self {
                    metadata: #core::ObjectMeta {
                        name: #std::option::Option::Some(#std::string::ToString::to_string(name)),
                        ..#std::default::Default::default()
                    },
                    spec,
                    #status_value
                }
            }
        }
    }
}

/// `Serialize`, by hand: the object's type is written, though not stored.
fn serialize(model: &Model) -> TokenStream {
    let Model { root, kind, .. } = model;
    let crate::crates::Roots { serde, std, .. } = &model.roots;
    let api_version = api_version(model);
    let (some, status) = match &model.status {
        Some(_) => (
            quote!(#std::option::Option::is_some(&self.status)),
            quote! {
                if let #std::option::Option::Some(status) = &self.status {
                    #serde::ser::SerializeStruct::serialize_field(&mut object, "status", status)?;
                }
            },
        ),
        None => (quote!(false), quote!()),
    };
    quote! {
        impl #serde::Serialize for #root {
            fn serialize<S: #serde::Serializer>(&self, serializer: S) -> #std::result::Result<S::Ok, S::Error> {
                let fields = 4 + if #some { 1 } else { 0 };
                let mut object = #serde::Serializer::serialize_struct(serializer, #kind, fields)?;
                #serde::ser::SerializeStruct::serialize_field(&mut object, "apiVersion", #api_version)?;
                #serde::ser::SerializeStruct::serialize_field(&mut object, "kind", #kind)?;
                #serde::ser::SerializeStruct::serialize_field(&mut object, "metadata", &self.metadata)?;
                #serde::ser::SerializeStruct::serialize_field(&mut object, "spec", &self.spec)?;
                #status
                #serde::ser::SerializeStruct::end(object)
            }
        }
    }
}

/// The value of `apiVersion`: the core group has no name to put before the version.
fn api_version(model: &Model) -> String {
    match model.group.as_str() {
        "" => model.version.clone(),
        group => format!("{group}/{}", model.version),
    }
}

fn resource(model: &Model) -> TokenStream {
    let Model {
        root,
        group,
        version,
        kind,
        plural,
        ..
    } = model;
    let crate::crates::Roots { core, std, .. } = &model.roots;
    let scope = if model.namespaced {
        quote!(NamespaceResourceScope)
    } else {
        quote!(ClusterResourceScope)
    };
    let api_version = api_version(model);
    let name = |function: TokenStream, value: &str| {
        quote! {
            fn #function(_: &Self::DynamicType) -> #std::borrow::Cow<'_, str> {
                #std::borrow::Cow::Borrowed(#value)
            }
        }
    };
    let names = [
        name(quote!(group), group),
        name(quote!(version), version),
        name(quote!(kind), kind),
        name(quote!(plural), plural),
        name(quote!(api_version), &api_version),
    ];
    quote! {
        impl #core::Resource for #root {
            type DynamicType = ();
            type Scope = #core::#scope;

            #(#names)*

            fn meta(&self) -> &#core::ObjectMeta {
                &self.metadata
            }

            fn meta_mut(&mut self) -> &mut #core::ObjectMeta {
                &mut self.metadata
            }
        }
    }
}

/// `HasSpec` and `HasStatus`.
fn parts(model: &Model) -> TokenStream {
    let Model { root, spec, .. } = model;
    let crate::crates::Roots { core, std, .. } = &model.roots;
    let status = model.status.as_ref().map(|status| {
        quote! {
            impl #core::object::HasStatus for #root {
                type Status = #status;

                fn status(&self) -> #std::option::Option<&#status> {
                    self.status.as_ref()
                }

                fn status_mut(&mut self) -> &mut #std::option::Option<#status> {
                    &mut self.status
                }
            }
        }
    });
    quote! {
        impl #core::object::HasSpec for #root {
            type Spec = #spec;

            fn spec(&self) -> &#spec {
                &self.spec
            }

            fn spec_mut(&mut self) -> &mut #spec {
                &mut self.spec
            }
        }

        #status
    }
}

/// `CustomResourceExt`.
fn definition(model: &Model) -> TokenStream {
    let Model {
        root,
        group,
        version,
        kind,
        singular,
        plural,
        shortnames,
        categories,
        ..
    } = model;
    let Model {
        namespaced,
        served,
        storage,
        selectable,
        ..
    } = model;
    let crate::crates::Roots {
        core,
        derive,
        k8s_openapi,
        std,
        ..
    } = &model.roots;
    let name = format!("{plural}.{group}");
    let status = model.status.is_some();
    let deprecation = option(&model.deprecated.as_ref().map(|warning| {
        let warning = option(warning);
        quote!(#derive::Deprecation { warning: #warning })
    }));
    let scale = option(&model.scale.as_ref().map(|scale| scale.tokens(derive)));
    let columns = model.columns.iter().map(|column| column.tokens(derive));
    let pair = |(key, value): &(syn::LitStr, syn::LitStr)| quote!((#key, #value));
    let annotations = model.annotations.iter().map(pair);
    let labels = model.labels.iter().map(pair);
    let schema = match model.schema {
        SchemaMode::Disabled => quote!(#std::option::Option::None),
        _ => quote!(#std::option::Option::Some(#derive::schema_of::<Self>())),
    };
    quote! {
        impl #core::crd::CustomResourceExt for #root {
            fn crd() -> #k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition {
                const DEFINITION: #derive::Definition = #derive::Definition {
                    name: #name,
                    group: #group,
                    version: #version,
                    kind: #kind,
                    singular: #singular,
                    plural: #plural,
                    shortnames: &[#(#shortnames),*],
                    categories: &[#(#categories),*],
                    namespaced: #namespaced,
                    served: #served,
                    storage: #storage,
                    deprecation: #deprecation,
                    status: #status,
                    scale: #scale,
                    columns: &[#(#columns),*],
                    selectable: &[#(#selectable),*],
                    annotations: &[#(#annotations),*],
                    labels: &[#(#labels),*],
                };
                #derive::crd(&DEFINITION, #schema)
            }

            fn crd_name() -> &'static str {
                #name
            }

            fn api_resource() -> #core::ApiResource {
                #core::ApiResource::erase::<Self>(&())
            }

            fn shortnames() -> &'static [&'static str] {
                &[#(#shortnames),*]
            }
        }
    }
}

/// `JsonSchema` of the root type, unless the user has one.
fn json_schema(model: &Model) -> TokenStream {
    if model.schema != SchemaMode::Derived {
        return quote!();
    }
    let Model {
        root,
        spec,
        kind,
        doc,
        validations,
        ..
    } = model;
    let crate::crates::Roots {
        core,
        derive,
        schemars,
        std,
        ..
    } = &model.roots;
    let status = option(
        &model
            .status
            .as_ref()
            .map(|status| quote!(#derive::subschema::<#status>(generator))),
    );
    let identity = root.to_string();
    quote! {
        impl #schemars::JsonSchema for #root {
            fn schema_name() -> #std::borrow::Cow<'static, str> {
                #std::borrow::Cow::Borrowed(#kind)
            }

            fn schema_id() -> #std::borrow::Cow<'static, str> {
                #std::borrow::Cow::Borrowed(#std::concat!(#std::module_path!(), "::", #identity))
            }

            fn json_schema(generator: &mut #schemars::SchemaGenerator) -> #schemars::Schema {
                let spec = #derive::subschema::<#spec>(generator);
                let status = #status;
                #[allow(unused_mut)]
                let mut schema = #derive::root_schema(#doc, spec, status);
                #({
                    #[allow(unused_imports)]
                    use #core::cel::{Message, Reason, Rule};
                    #derive::validation(#validations)(&mut schema);
                })*
                schema
            }
        }
    }
}

/// `validate_cel` and `validate_cel_update`, by which a program asks the rules itself.
fn questions(model: &Model) -> TokenStream {
    if !model.cel {
        return quote!();
    }
    let root = &model.root;
    let crate::crates::Roots { core, std, .. } = &model.roots;
    quote! {
        impl #root {
            /// Holds the object against the CEL rules of its kind, as one that is to be created.
            pub fn validate_cel(&self) -> #std::result::Result<(), #core::validation::ValidationErrors> {
                #core::cel::validate_cel(self)
            }

            /// Holds the object against the CEL rules of its kind, as one that is to replace `old`.
            pub fn validate_cel_update(
                &self,
                old: &Self,
            ) -> #std::result::Result<(), #core::validation::ValidationErrors> {
                #core::cel::validate_cel_update(self, old)
            }
        }
    }
}

/// A test in the user's crate that the definition is one that a server takes.
fn test(model: &Model) -> TokenStream {
    if model.schema == SchemaMode::Disabled {
        return quote!();
    }
    let Model { root, .. } = model;
    let crate::crates::Roots { core, derive, .. } = &model.roots;
    let name = quote::format_ident!("crd_of_{root}_is_valid");
    quote! {
        #[cfg(test)]
        #[test]
        #[allow(non_snake_case, unnameable_test_items)]
        fn #name() {
            #derive::assert_valid(&<#root as #core::crd::CustomResourceExt>::crd());
        }
    }
}
