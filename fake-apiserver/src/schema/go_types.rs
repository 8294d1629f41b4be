//! The types of pod templates as Go declares them: their fields in order, with Go's names and types.
//!
//! Nothing in the API depends on them but texts that quote an object's fields in their order, and the hash by which a
//! Deployment names its ReplicaSets, which is taken of a printed template.
//!
//! # Source
//! <https://pkg.go.dev/k8s.io/api/core/v1#PodTemplateSpec>

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A field of a struct.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    /// Its name in Go.
    pub(crate) name: &'static str,
    /// Its name in JSON; nothing where its own fields stand among those of the struct around it.
    pub(crate) json: Option<&'static str>,
    pub(crate) kind: Kind,
    /// Its type as Go prints it, which is the one pointed to for [`Kind::Pointer`].
    pub(crate) go_type: &'static str,
    /// The name by which a struct, or one that is pointed to or listed, is found in the table.
    pub(crate) of: &'static str,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text, number, truth, or struct.
    Plain,
    /// The same, or nothing.
    Pointer,
    /// Any number of the same.
    List,
    /// Texts by texts.
    Map,
}

/// The fields of a type, in order; nothing for types that pod templates do not have.
pub(crate) fn fields(name: &str) -> Option<&'static [Field]> {
    static TABLE: LazyLock<BTreeMap<&'static str, Vec<Field>>> = LazyLock::new(|| {
        let types = TYPES.lines().filter_map(|line| line.split_once(' '));
        types
            .map(|(name, fields)| (name, fields.split(' ').filter_map(read).collect()))
            .collect()
    });
    TABLE.get(name).map(Vec::as_slice)
}

/// The names of a type's fields in JSON, in the order in which Go writes them.
pub(crate) fn json_names(name: &str) -> Vec<&'static str> {
    let own = fields(name).unwrap_or_default().iter();
    own.flat_map(|field| match field.json {
        Some(json) => vec![json],
        None => json_names(field.of),
    })
    .collect()
}

fn read(text: &'static str) -> Option<Field> {
    let (name, rest) = text.split_once(':')?;
    let (name, json) = match name.split_once('/') {
        Some((name, "-")) => (name, None),
        Some((name, json)) => (name, Some(json)),
        None => (name, Some(&*lower_first(name).leak())),
    };
    let (kind, of) = if let Some(of) = rest.strip_prefix('*') {
        (Kind::Pointer, of)
    } else if let Some(of) = rest.strip_prefix("[]") {
        (Kind::List, of)
    } else if rest.starts_with("map[") || rest == "ResourceList" {
        (Kind::Map, rest)
    } else {
        (Kind::Plain, rest)
    };
    // Types of other packages have a dot, Go's own a small letter.
    let local = of.starts_with(char::is_uppercase) && !of.contains('.');
    let of_go = if local { format!("v1.{of}") } else { of.to_owned() };
    let go_type = match kind {
        Kind::List => format!("[]{of_go}"),
        _ => of_go,
    };
    // Leaked once: the table lives as long as the program.
    Some(Field {
        name,
        json,
        kind,
        go_type: go_type.leak(),
        of,
    })
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

/// A type a line: its name, then its fields as `Name:type`, with the name in JSON behind a slash where it is not the
/// same with a small first letter, and `-` for a struct whose fields stand among the others.
const TYPES: &str = "\
PodTemplateSpec ObjectMeta/metadata:ObjectMeta Spec:PodSpec\n\
ObjectMeta Name:string GenerateName:string Namespace:string SelfLink:string UID/uid:types.UID \
    ResourceVersion:string Generation:int64 CreationTimestamp:Time DeletionTimestamp:*Time \
    DeletionGracePeriodSeconds:*int64 Labels:map[string]string Annotations:map[string]string \
    OwnerReferences:[]OwnerReference Finalizers:[]string ManagedFields:[]ManagedFieldsEntry\n\
OwnerReference APIVersion/apiVersion:string Kind:string Name:string UID/uid:types.UID Controller:*bool \
    BlockOwnerDeletion:*bool\n\
LabelSelector MatchLabels:map[string]string MatchExpressions:[]LabelSelectorRequirement\n\
LabelSelectorRequirement Key:string Operator:LabelSelectorOperator Values:[]string\n\
PodSpec Volumes:[]Volume InitContainers:[]Container Containers:[]Container \
    EphemeralContainers:[]EphemeralContainer RestartPolicy:RestartPolicy TerminationGracePeriodSeconds:*int64 \
    ActiveDeadlineSeconds:*int64 DNSPolicy/dnsPolicy:DNSPolicy NodeSelector:map[string]string \
    ServiceAccountName:string DeprecatedServiceAccount/serviceAccount:string AutomountServiceAccountToken:*bool \
    NodeName:string HostNetwork:bool HostPID:bool HostIPC:bool ShareProcessNamespace:*bool \
    SecurityContext:*PodSecurityContext ImagePullSecrets:[]LocalObjectReference Hostname:string Subdomain:string \
    Affinity:*Affinity SchedulerName:string Tolerations:[]Toleration HostAliases:[]HostAlias \
    PriorityClassName:string Priority:*int32 DNSConfig/dnsConfig:*PodDNSConfig ReadinessGates:[]PodReadinessGate \
    RuntimeClassName:*string EnableServiceLinks:*bool PreemptionPolicy:*PreemptionPolicy Overhead:ResourceList \
    TopologySpreadConstraints:[]TopologySpreadConstraint SetHostnameAsFQDN:*bool OS/os:*PodOS HostUsers:*bool \
    SchedulingGates:[]PodSchedulingGate ResourceClaims:[]PodResourceClaim Resources:*ResourceRequirements \
    HostnameOverride:*string SchedulingGroup:*PodSchedulingGroup\n\
PodSecurityContext SELinuxOptions/seLinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions \
    RunAsUser:*int64 RunAsGroup:*int64 RunAsNonRoot:*bool SupplementalGroups:[]int64 \
    SupplementalGroupsPolicy:*SupplementalGroupsPolicy FSGroup/fsGroup:*int64 Sysctls:[]Sysctl \
    FSGroupChangePolicy/fsGroupChangePolicy:*PodFSGroupChangePolicy SeccompProfile:*SeccompProfile \
    AppArmorProfile:*AppArmorProfile SELinuxChangePolicy/seLinuxChangePolicy:*PodSELinuxChangePolicy\n\
Sysctl Name:string Value:string\n\
SELinuxOptions User:string Role:string Type:string Level:string\n\
WindowsSecurityContextOptions GMSACredentialSpecName/gmsaCredentialSpecName:*string \
    GMSACredentialSpec/gmsaCredentialSpec:*string RunAsUserName:*string HostProcess:*bool\n\
SeccompProfile Type:SeccompProfileType LocalhostProfile:*string\n\
AppArmorProfile Type:AppArmorProfileType LocalhostProfile:*string\n\
LocalObjectReference Name:string\n\
Toleration Key:string Operator:TolerationOperator Value:string Effect:TaintEffect TolerationSeconds:*int64\n\
HostAlias IP/ip:string Hostnames:[]string\n\
PodDNSConfig Nameservers:[]string Searches:[]string Options:[]PodDNSConfigOption\n\
PodDNSConfigOption Name:string Value:*string\n\
PodReadinessGate ConditionType:PodConditionType\n\
PodOS Name:OSName\n\
PodSchedulingGate Name:string\n\
PodResourceClaim Name:string ResourceClaimName:*string ResourceClaimTemplateName:*string\n\
PodSchedulingGroup PodGroupName:*string\n\
TopologySpreadConstraint MaxSkew:int32 TopologyKey:string WhenUnsatisfiable:UnsatisfiableConstraintAction \
    LabelSelector:*LabelSelector MinDomains:*int32 NodeAffinityPolicy:*NodeInclusionPolicy \
    NodeTaintsPolicy:*NodeInclusionPolicy MatchLabelKeys:[]string\n\
Affinity NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAntiAffinity\n\
NodeAffinity RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector \
    PreferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm\n\
NodeSelector NodeSelectorTerms:[]NodeSelectorTerm\n\
NodeSelectorTerm MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement\n\
NodeSelectorRequirement Key:string Operator:NodeSelectorOperator Values:[]string\n\
PreferredSchedulingTerm Weight:int32 Preference:NodeSelectorTerm\n\
PodAffinity RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm \
    PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm\n\
PodAntiAffinity RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm \
    PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm\n\
PodAffinityTerm LabelSelector:*LabelSelector Namespaces:[]string TopologyKey:string \
    NamespaceSelector:*LabelSelector MatchLabelKeys:[]string MismatchLabelKeys:[]string\n\
WeightedPodAffinityTerm Weight:int32 PodAffinityTerm:PodAffinityTerm\n\
Container Name:string Image:string Command:[]string Args:[]string WorkingDir:string Ports:[]ContainerPort \
    EnvFrom:[]EnvFromSource Env:[]EnvVar Resources:ResourceRequirements ResizePolicy:[]ContainerResizePolicy \
    RestartPolicy:*ContainerRestartPolicy RestartPolicyRules:[]ContainerRestartRule VolumeMounts:[]VolumeMount \
    VolumeDevices:[]VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe \
    Lifecycle:*Lifecycle TerminationMessagePath:string TerminationMessagePolicy:TerminationMessagePolicy \
    ImagePullPolicy:PullPolicy SecurityContext:*SecurityContext Stdin:bool StdinOnce:bool TTY/tty:bool\n\
EphemeralContainerCommon Name:string Image:string Command:[]string Args:[]string WorkingDir:string \
    Ports:[]ContainerPort EnvFrom:[]EnvFromSource Env:[]EnvVar Resources:ResourceRequirements \
    ResizePolicy:[]ContainerResizePolicy RestartPolicy:*ContainerRestartPolicy \
    RestartPolicyRules:[]ContainerRestartRule VolumeMounts:[]VolumeMount VolumeDevices:[]VolumeDevice \
    LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle \
    TerminationMessagePath:string TerminationMessagePolicy:TerminationMessagePolicy ImagePullPolicy:PullPolicy \
    SecurityContext:*SecurityContext Stdin:bool StdinOnce:bool TTY/tty:bool\n\
EphemeralContainer EphemeralContainerCommon/-:EphemeralContainerCommon TargetContainerName:string\n\
ContainerPort Name:string HostPort:int32 ContainerPort:int32 Protocol:Protocol HostIP:string\n\
EnvFromSource Prefix:string ConfigMapRef:*ConfigMapEnvSource SecretRef:*SecretEnvSource\n\
ConfigMapEnvSource LocalObjectReference/-:LocalObjectReference Optional:*bool\n\
SecretEnvSource LocalObjectReference/-:LocalObjectReference Optional:*bool\n\
EnvVar Name:string Value:string ValueFrom:*EnvVarSource\n\
EnvVarSource FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector \
    ConfigMapKeyRef:*ConfigMapKeySelector SecretKeyRef:*SecretKeySelector FileKeyRef:*FileKeySelector\n\
ObjectFieldSelector APIVersion/apiVersion:string FieldPath:string\n\
ResourceFieldSelector ContainerName:string Resource:string Divisor:resource.Quantity\n\
ConfigMapKeySelector LocalObjectReference/-:LocalObjectReference Key:string Optional:*bool\n\
SecretKeySelector LocalObjectReference/-:LocalObjectReference Key:string Optional:*bool\n\
FileKeySelector VolumeName:string Path:string Key:string Optional:*bool\n\
ResourceRequirements Limits:ResourceList Requests:ResourceList Claims:[]ResourceClaim\n\
ResourceClaim Name:string Request:string\n\
ContainerResizePolicy ResourceName:ResourceName RestartPolicy:ResourceResizeRestartPolicy\n\
ContainerRestartRule Action:ContainerRestartRuleAction ExitCodes:*ContainerRestartRuleOnExitCodes\n\
ContainerRestartRuleOnExitCodes Operator:ContainerRestartRuleOnExitCodesOperator Values:[]int32\n\
VolumeMount Name:string ReadOnly:bool RecursiveReadOnly:*RecursiveReadOnlyMode MountPath:string SubPath:string \
    MountPropagation:*MountPropagationMode SubPathExpr:string\n\
VolumeDevice Name:string DevicePath:string\n\
Probe ProbeHandler/-:ProbeHandler InitialDelaySeconds:int32 TimeoutSeconds:int32 PeriodSeconds:int32 \
    SuccessThreshold:int32 FailureThreshold:int32 TerminationGracePeriodSeconds:*int64\n\
ProbeHandler Exec:*ExecAction HTTPGet/httpGet:*HTTPGetAction TCPSocket/tcpSocket:*TCPSocketAction \
    GRPC/grpc:*GRPCAction\n\
Lifecycle PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal:*Signal\n\
LifecycleHandler Exec:*ExecAction HTTPGet/httpGet:*HTTPGetAction TCPSocket/tcpSocket:*TCPSocketAction \
    Sleep:*SleepAction\n\
ExecAction Command:[]string\n\
HTTPGetAction Path:string Port:intstr.IntOrString Host:string Scheme:URIScheme \
    HTTPHeaders/httpHeaders:[]HTTPHeader\n\
HTTPHeader Name:string Value:string\n\
TCPSocketAction Port:intstr.IntOrString Host:string\n\
GRPCAction Port:int32 Service:*string\n\
SleepAction Seconds:int64\n\
SecurityContext Capabilities:*Capabilities Privileged:*bool SELinuxOptions/seLinuxOptions:*SELinuxOptions \
    WindowsOptions:*WindowsSecurityContextOptions RunAsUser:*int64 RunAsGroup:*int64 RunAsNonRoot:*bool \
    ReadOnlyRootFilesystem:*bool AllowPrivilegeEscalation:*bool ProcMount:*ProcMountType \
    SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile\n\
Capabilities Add:[]Capability Drop:[]Capability\n\
Volume Name:string VolumeSource/-:VolumeSource\n\
VolumeSource HostPath:*HostPathVolumeSource EmptyDir:*EmptyDirVolumeSource \
    GCEPersistentDisk/gcePersistentDisk:*GCEPersistentDiskVolumeSource \
    AWSElasticBlockStore/awsElasticBlockStore:*AWSElasticBlockStoreVolumeSource GitRepo:*GitRepoVolumeSource \
    Secret:*SecretVolumeSource NFS/nfs:*NFSVolumeSource ISCSI/iscsi:*ISCSIVolumeSource \
    Glusterfs:*GlusterfsVolumeSource PersistentVolumeClaim:*PersistentVolumeClaimVolumeSource \
    RBD/rbd:*RBDVolumeSource FlexVolume:*FlexVolumeSource Cinder:*CinderVolumeSource \
    CephFS/cephfs:*CephFSVolumeSource Flocker:*FlockerVolumeSource DownwardAPI:*DownwardAPIVolumeSource \
    FC/fc:*FCVolumeSource AzureFile:*AzureFileVolumeSource ConfigMap:*ConfigMapVolumeSource \
    VsphereVolume:*VsphereVirtualDiskVolumeSource Quobyte:*QuobyteVolumeSource AzureDisk:*AzureDiskVolumeSource \
    PhotonPersistentDisk:*PhotonPersistentDiskVolumeSource Projected:*ProjectedVolumeSource \
    PortworxVolume:*PortworxVolumeSource ScaleIO:*ScaleIOVolumeSource StorageOS/storageos:*StorageOSVolumeSource \
    CSI/csi:*CSIVolumeSource Ephemeral:*EphemeralVolumeSource Image:*ImageVolumeSource\n\
HostPathVolumeSource Path:string Type:*HostPathType\n\
EmptyDirVolumeSource Medium:StorageMedium SizeLimit:*resource.Quantity\n\
GCEPersistentDiskVolumeSource PDName/pdName:string FSType/fsType:string Partition:int32 ReadOnly:bool\n\
AWSElasticBlockStoreVolumeSource VolumeID:string FSType/fsType:string Partition:int32 ReadOnly:bool\n\
GitRepoVolumeSource Repository:string Revision:string Directory:string\n\
SecretVolumeSource SecretName:string Items:[]KeyToPath DefaultMode:*int32 Optional:*bool\n\
NFSVolumeSource Server:string Path:string ReadOnly:bool\n\
ISCSIVolumeSource TargetPortal:string IQN/iqn:string Lun:int32 ISCSIInterface/iscsiInterface:string \
    FSType/fsType:string ReadOnly:bool Portals:[]string DiscoveryCHAPAuth/chapAuthDiscovery:bool \
    SessionCHAPAuth/chapAuthSession:bool SecretRef:*LocalObjectReference InitiatorName:*string\n\
GlusterfsVolumeSource EndpointsName/endpoints:string Path:string ReadOnly:bool\n\
PersistentVolumeClaimVolumeSource ClaimName:string ReadOnly:bool\n\
RBDVolumeSource CephMonitors/monitors:[]string RBDImage/image:string FSType/fsType:string RBDPool/pool:string \
    RadosUser/user:string Keyring:string SecretRef:*LocalObjectReference ReadOnly:bool\n\
FlexVolumeSource Driver:string FSType/fsType:string SecretRef:*LocalObjectReference ReadOnly:bool \
    Options:map[string]string\n\
CinderVolumeSource VolumeID:string FSType/fsType:string ReadOnly:bool SecretRef:*LocalObjectReference\n\
CephFSVolumeSource Monitors:[]string Path:string User:string SecretFile:string SecretRef:*LocalObjectReference \
    ReadOnly:bool\n\
FlockerVolumeSource DatasetName:string DatasetUUID:string\n\
DownwardAPIVolumeSource Items:[]DownwardAPIVolumeFile DefaultMode:*int32\n\
DownwardAPIVolumeFile Path:string FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector \
    Mode:*int32\n\
FCVolumeSource TargetWWNs:[]string Lun:*int32 FSType/fsType:string ReadOnly:bool WWIDs/wwids:[]string\n\
AzureFileVolumeSource SecretName:string ShareName:string ReadOnly:bool\n\
ConfigMapVolumeSource LocalObjectReference/-:LocalObjectReference Items:[]KeyToPath DefaultMode:*int32 \
    Optional:*bool\n\
VsphereVirtualDiskVolumeSource VolumePath:string FSType/fsType:string StoragePolicyName:string \
    StoragePolicyID:string\n\
QuobyteVolumeSource Registry:string Volume:string ReadOnly:bool User:string Group:string Tenant:string\n\
AzureDiskVolumeSource DiskName:string DataDiskURI/diskURI:string CachingMode:*AzureDataDiskCachingMode \
    FSType/fsType:*string ReadOnly:*bool Kind:*AzureDataDiskKind\n\
PhotonPersistentDiskVolumeSource PdID:string FSType/fsType:string\n\
ProjectedVolumeSource Sources:[]VolumeProjection DefaultMode:*int32\n\
VolumeProjection Secret:*SecretProjection DownwardAPI:*DownwardAPIProjection ConfigMap:*ConfigMapProjection \
    ServiceAccountToken:*ServiceAccountTokenProjection ClusterTrustBundle:*ClusterTrustBundleProjection \
    PodCertificate:*PodCertificateProjection\n\
SecretProjection LocalObjectReference/-:LocalObjectReference Items:[]KeyToPath Optional:*bool\n\
ConfigMapProjection LocalObjectReference/-:LocalObjectReference Items:[]KeyToPath Optional:*bool\n\
DownwardAPIProjection Items:[]DownwardAPIVolumeFile\n\
ServiceAccountTokenProjection Audience:string ExpirationSeconds:*int64 Path:string\n\
ClusterTrustBundleProjection Name:*string SignerName:*string LabelSelector:*LabelSelector Optional:*bool \
    Path:string\n\
PodCertificateProjection SignerName:string KeyType:string MaxExpirationSeconds:*int32 \
    CredentialBundlePath:string KeyPath:string CertificateChainPath:string UserAnnotations:map[string]string\n\
PortworxVolumeSource VolumeID:string FSType/fsType:string ReadOnly:bool\n\
ScaleIOVolumeSource Gateway:string System:string SecretRef:*LocalObjectReference SSLEnabled/sslEnabled:bool \
    ProtectionDomain:string StoragePool:string StorageMode:string VolumeName:string FSType/fsType:string \
    ReadOnly:bool\n\
StorageOSVolumeSource VolumeName:string VolumeNamespace:string FSType/fsType:string ReadOnly:bool \
    SecretRef:*LocalObjectReference\n\
CSIVolumeSource Driver:string ReadOnly:*bool FSType/fsType:*string VolumeAttributes:map[string]string \
    NodePublishSecretRef:*LocalObjectReference\n\
EphemeralVolumeSource VolumeClaimTemplate:*PersistentVolumeClaimTemplate\n\
PersistentVolumeClaimTemplate ObjectMeta/metadata:ObjectMeta Spec:PersistentVolumeClaimSpec\n\
PersistentVolumeClaimSpec AccessModes:[]PersistentVolumeAccessMode Selector:*LabelSelector \
    Resources:VolumeResourceRequirements VolumeName:string StorageClassName:*string \
    VolumeMode:*PersistentVolumeMode DataSource:*TypedLocalObjectReference DataSourceRef:*TypedObjectReference \
    VolumeAttributesClassName:*string\n\
VolumeResourceRequirements Limits:ResourceList Requests:ResourceList\n\
TypedLocalObjectReference APIGroup/apiGroup:*string Kind:string Name:string\n\
TypedObjectReference APIGroup/apiGroup:*string Kind:string Name:string Namespace:*string\n\
ImageVolumeSource Reference:string PullPolicy:PullPolicy\n\
KeyToPath Key:string Path:string Mode:*int32";
