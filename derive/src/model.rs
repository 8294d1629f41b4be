//! The checked model of one `#[derive(CustomResource)]`.
//!
//! Whatever can be seen to be wrong without the types' schemas is an error here, at the attribute that is wrong.

use proc_macro2::Span;
use syn::{Data, DeriveInput, Expr, Ident, LitStr, Path, Type, Visibility, parse::Parser};

use crate::{
    attrs::{Errors, Item, Value, items_of},
    columns::{Column, Scale},
    crates::{Crates, Roots},
    names,
};

const KNOWN: [&str; 29] = [
    "group",
    "version",
    "kind",
    "singular",
    "plural",
    "shortname",
    "category",
    "namespaced",
    "root",
    "status",
    "derive",
    "schema",
    "crates",
    "printcolumn",
    "selectable",
    "scale",
    "doc",
    "annotation",
    "label",
    "storage",
    "served",
    "deprecated",
    "validation",
    "rule",
    "cel",
    "attr",
    "hub",
    "round_trip",
    "crate",
];

/// Everything that the output depends on.
pub(crate) struct Model {
    pub(crate) roots: Roots,
    pub(crate) visibility: Visibility,
    /// The type that the derive stands on.
    pub(crate) spec: Ident,
    pub(crate) root: Ident,
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) singular: String,
    pub(crate) plural: String,
    pub(crate) shortnames: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) namespaced: bool,
    pub(crate) status: Option<Type>,
    pub(crate) derives: Vec<Path>,
    pub(crate) schema: SchemaMode,
    pub(crate) columns: Vec<Column>,
    pub(crate) selectable: Vec<String>,
    pub(crate) scale: Option<Scale>,
    pub(crate) doc: String,
    pub(crate) annotations: Vec<(LitStr, LitStr)>,
    pub(crate) labels: Vec<(LitStr, LitStr)>,
    pub(crate) storage: bool,
    pub(crate) served: bool,
    pub(crate) deprecated: Option<Option<String>>,
    pub(crate) validations: Vec<Expr>,
    /// Attributes to put onto the root type.
    pub(crate) attributes: Vec<syn::Attribute>,
    /// Whether the root type answers for its rules.
    pub(crate) cel: bool,
    pub(crate) conversion: Option<Conversion>,
    /// Whether a hub's conversions are tested.
    pub(crate) round_trip: bool,
}

/// This version's part in conversions between versions.
pub(crate) enum Conversion {
    /// The others' root types, which convert to and from this one.
    Hub(Vec<Type>),
    /// The root type of the version that this one converts to and from.
    Spoke(Box<Type>),
}

/// Where the root type's schema comes from.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum SchemaMode {
    /// The derive implements `JsonSchema` for the root type.
    Derived,
    /// The user does.
    Manual,
    /// There is none.
    Disabled,
}

impl Model {
    /// Reads and checks the attributes.
    pub(crate) fn read(input: &DeriveInput) -> syn::Result<Self> {
        let mut errors = Errors::default();
        if let Data::Union(data) = &input.data {
            errors.at(
                data.union_token.span,
                "`CustomResource` can be derived for structs and enums, not for unions",
            );
        }
        if !input.generics.params.is_empty() {
            errors.push(syn::Error::new_spanned(
                &input.generics,
                "a custom resource has one schema, so its spec cannot be generic",
            ));
        }
        let mut found = Found::default();
        for item in items_of(&input.attrs, "kube", &mut errors) {
            found.read(&item, &mut errors);
        }
        let missing =
            |name: &str, example: &str| format!("`CustomResource` needs `#[kube({name} = \"{example}\")]`");
        let place = input.ident.span();
        for (slot, name, example) in [
            (&found.group, "group", "example.com"),
            (&found.version, "version", "v1"),
            (&found.kind, "kind", "Foo"),
        ] {
            if slot.is_none() {
                errors.at(place, missing(name, example));
            }
        }
        found.check_names(&mut errors);
        if let Some((true, place)) = found.cel
            && !matches!(found.schema, None | Some(SchemaMode::Derived))
        {
            errors.at(
                place,
                "`cel` asks the rules of a derived schema, and this one is not derived",
            );
        }
        if let Some((_, place)) = found.round_trip
            && !matches!(found.conversion, Some(Conversion::Hub(_)))
        {
            errors.at(
                place,
                "`round_trip` is about the test of a hub: it goes with `hub(...)`",
            );
        }
        let roots = errors.take(found.crates.resolve());
        let kind = found.kind.as_ref().map(LitStr::value).unwrap_or_default();
        let root = match found.root.take() {
            Some(root) => Some(root),
            None => found
                .kind
                .as_ref()
                .and_then(|kind| errors.take(names::as_type(kind))),
        };
        if root.as_ref() == Some(&input.ident) {
            errors.at(
                place,
                format_args!(
                    "the root type for this spec would be named `{0}`, too; rename the spec (`{0}Spec`) or name the \
                     root with `root = \"...\"`",
                    input.ident
                ),
            );
        }
        errors.finish()?;
        let (Some(roots), Some(root)) = (roots, root) else {
            return Err(syn::Error::new(
                Span::call_site(),
                "the attributes could not be read",
            ));
        };
        let text = |slot: &Option<LitStr>| slot.as_ref().map(LitStr::value);
        let spec = input.ident.clone();
        let singular = text(&found.singular).unwrap_or_else(|| kind.to_lowercase());
        Ok(Self {
            roots,
            visibility: input.vis.clone(),
            root,
            group: text(&found.group).unwrap_or_default(),
            version: text(&found.version).unwrap_or_default(),
            singular,
            plural: text(&found.plural).unwrap_or_else(|| names::plural(&kind)),
            shortnames: found.shortnames.iter().map(LitStr::value).collect(),
            categories: found.categories.iter().map(LitStr::value).collect(),
            namespaced: found.namespaced.unwrap_or(false),
            status: found.status,
            derives: found.derives,
            schema: found.schema.unwrap_or(SchemaMode::Derived),
            columns: found.columns,
            selectable: found.selectable.iter().map(LitStr::value).collect(),
            scale: found.scale,
            doc: text(&found.doc)
                .unwrap_or_else(|| format!("Auto-generated derived type for {spec} via `CustomResource`")),
            annotations: found.annotations,
            labels: found.labels,
            storage: found.storage.unwrap_or(true),
            served: found.served.unwrap_or(true),
            deprecated: found.deprecated,
            validations: found.validations,
            attributes: found.attributes,
            cel: found.cel.is_some_and(|(flag, _)| flag),
            conversion: found.conversion,
            round_trip: found.round_trip.is_none_or(|(flag, _)| flag),
            kind,
            spec,
        })
    }
}

/// The attributes as they come.
#[derive(Default)]
struct Found {
    group: Option<LitStr>,
    version: Option<LitStr>,
    kind: Option<LitStr>,
    singular: Option<LitStr>,
    plural: Option<LitStr>,
    shortnames: Vec<LitStr>,
    categories: Vec<LitStr>,
    namespaced: Option<bool>,
    root: Option<Ident>,
    status: Option<Type>,
    derives: Vec<Path>,
    schema: Option<SchemaMode>,
    crates: Crates,
    columns: Vec<Column>,
    selectable: Vec<LitStr>,
    scale: Option<Scale>,
    doc: Option<LitStr>,
    annotations: Vec<(LitStr, LitStr)>,
    labels: Vec<(LitStr, LitStr)>,
    storage: Option<bool>,
    served: Option<bool>,
    deprecated: Option<Option<String>>,
    validations: Vec<Expr>,
    attributes: Vec<syn::Attribute>,
    cel: Option<(bool, Span)>,
    conversion: Option<Conversion>,
    round_trip: Option<(bool, Span)>,
}

impl Found {
    fn read(&mut self, item: &Item, errors: &mut Errors) {
        match item.name().as_str() {
            "group" => errors.set(&mut self.group, item, item.string()),
            "version" => errors.set(&mut self.version, item, item.nonempty()),
            "kind" => errors.set(&mut self.kind, item, item.nonempty()),
            "singular" => errors.set(&mut self.singular, item, item.nonempty()),
            "plural" => errors.set(&mut self.plural, item, item.nonempty()),
            "shortname" => self.shortnames.extend(errors.take(item.nonempty())),
            "category" => self.categories.extend(errors.take(item.nonempty())),
            "namespaced" => errors.set(&mut self.namespaced, item, item.flag()),
            "root" => errors.set(
                &mut self.root,
                item,
                item.nonempty().and_then(|name| names::as_type(&name)),
            ),
            "status" => errors.set(&mut self.status, item, item.type_()),
            "derive" => self.derives.extend(errors.take(item.path())),
            "schema" => errors.set(&mut self.schema, item, schema_mode(item)),
            "crates" | "crate" => self.crates.read(item, errors),
            "printcolumn" => self.columns.extend(Column::read(item, errors)),
            "selectable" => self
                .selectable
                .extend(errors.take(item.nonempty().and_then(names::json_path))),
            "scale" => {
                let scale = Scale::read(item, errors);
                if self.scale.is_some() {
                    errors.at(item.key.span(), "`scale` is given twice");
                }
                self.scale = scale;
            }
            "doc" => errors.set(&mut self.doc, item, item.string()),
            "annotation" => self.annotations.extend(errors.take(item.pair())),
            "label" => self.labels.extend(errors.take(item.pair())),
            "storage" => errors.set(&mut self.storage, item, item.flag()),
            "served" => errors.set(&mut self.served, item, item.flag()),
            "deprecated" => errors.set(&mut self.deprecated, item, deprecation(item)),
            "validation" | "rule" => self.validations.extend(errors.take(item.expr())),
            "attr" => self
                .attributes
                .extend(errors.take(attributes(item)).into_iter().flatten()),
            "cel" => {
                let flag = item.flag().map(|flag| (flag, item.key.span()));
                errors.set(&mut self.cel, item, flag);
            }
            "hub" => errors.set(&mut self.conversion, item, conversion(item)),
            "round_trip" => {
                let flag = item.flag().map(|flag| (flag, item.key.span()));
                errors.set(&mut self.round_trip, item, flag);
            }
            // `crate` is accepted, but `crates` is the name.
            _ => errors.unknown(item, &KNOWN[..KNOWN.len() - 1]),
        }
    }

    /// The rules of the apiserver for names, which would otherwise refuse the definition.
    fn check_names(&self, errors: &mut Errors) {
        // A kind of somebody else's may be of a built-in group, the core group's empty name included.
        if let Some(group) = self
            .group
            .as_ref()
            .filter(|_| self.schema != Some(SchemaMode::Disabled))
        {
            if !names::is_subdomain(&group.value()) {
                errors.at(
                    group.span(),
                    "a group is a DNS name: lower case letters, digits and `-`, in parts separated by `.`",
                );
            } else if !group.value().contains('.') {
                errors.at(
                    group.span(),
                    "the group of a custom resource is a domain and has at least one `.`",
                );
            }
        }
        let labels = [
            ("version", &self.version),
            ("plural", &self.plural),
            ("singular", &self.singular),
        ];
        let lists = self.shortnames.iter().map(|name| ("shortname", name));
        let lists = lists.chain(self.categories.iter().map(|name| ("category", name)));
        let single = labels
            .into_iter()
            .filter_map(|(key, slot)| Some((key, slot.as_ref()?)));
        for (key, name) in single.chain(lists) {
            if !names::is_label(&name.value()) {
                errors.at(
                    name.span(),
                    format_args!(
                        "a {key} starts with a lower case letter, is made of lower case letters, digits and `-`, and has \
                         at most 63 of them"
                    ),
                );
            }
        }
        if let Some(kind) = &self.kind
            && !names::is_label(&kind.value().to_lowercase())
        {
            errors.at(
                kind.span(),
                "a kind starts with a letter and is made of letters, digits and `-`, at most 63 of them",
            );
        }
    }
}

fn schema_mode(item: &Item) -> syn::Result<SchemaMode> {
    let mode = item.string()?;
    match mode.value().as_str() {
        "derived" => Ok(SchemaMode::Derived),
        "manual" => Ok(SchemaMode::Manual),
        "disabled" => Ok(SchemaMode::Disabled),
        _ => Err(syn::Error::new(
            mode.span(),
            "`schema` is \"derived\", \"manual\" or \"disabled\"",
        )),
    }
}

/// `hub(v1alpha1::Foo, ...)` of the hub, `hub = "v1::Foo"` of the others.
fn conversion(item: &Item) -> syn::Result<Conversion> {
    match &item.value {
        Value::Expr(_) => item.type_().map(|hub| Conversion::Spoke(Box::new(hub))),
        Value::None | Value::List(_) => item.types().map(Conversion::Hub),
    }
}

/// `deprecated` or `deprecated = "warning"`.
fn deprecation(item: &Item) -> syn::Result<Option<String>> {
    match &item.value {
        Value::None => Ok(None),
        _ => item.nonempty().map(|warning| Some(warning.value())),
    }
}

/// `attr = "allow(deprecated)"`: the inside of an attribute.
fn attributes(item: &Item) -> syn::Result<Vec<syn::Attribute>> {
    let text = item.nonempty()?;
    let inside: proc_macro2::TokenStream = text.parse()?;
    syn::Attribute::parse_outer.parse2(quote::quote!(#[#inside]))
}
