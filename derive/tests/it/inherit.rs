use k8s_openapi::api::core::v1::{ConfigMap, Node};
use seatrial_client::core::{ObjectMeta, Resource as _, ResourceExt};
use seatrial_derive::Resource;

#[derive(Resource)]
#[resource(inherit = "ConfigMap")]
struct Settings<T> {
    metadata: ObjectMeta,
    #[expect(dead_code, reason = "a view's data is the user's business")]
    data: T,
}

#[derive(Resource)]
#[resource(inherit = Node)]
struct Machine {
    metadata: ObjectMeta,
}

#[test]
fn names_and_scope_are_the_inherited_kinds() {
    assert_eq!(Settings::<String>::kind(&()), ConfigMap::kind(&()));
    assert_eq!(
        Settings::<String>::url_path(&(), Some("a")),
        "/api/v1/namespaces/a/configmaps"
    );
    assert_eq!(Machine::url_path(&(), None), "/api/v1/nodes");
    let mut settings = Settings {
        metadata: ObjectMeta::default(),
        data: 1,
    };
    settings.meta_mut().name = Some("s".into());
    assert_eq!(settings.name_any(), "s");
    assert_eq!(
        Machine {
            metadata: ObjectMeta::default()
        }
        .meta()
        .name,
        None
    );
}
