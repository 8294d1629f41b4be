use super::*;
use crate::core::Resource;

#[test]
fn an_empty_name_is_no_request_for_the_collection() {
    let pods = Request::new(k8s_openapi::api::core::v1::Pod::url_path(&(), Some("ns")));
    assert!(matches!(
        pods.get("", &GetParams::default()),
        Err(Error::Validation(_))
    ));
    assert!(matches!(
        pods.delete("", &DeleteParams::default()),
        Err(Error::Validation(_))
    ));
}
