/** Label on every Kubernetes object of a server: the server's immutable id (a UUID). */
export const SERVER_ID_LABEL = 'mcp-cloud.io/server';
/**
 * Label by which the platform opens a Secret, ConfigMap, PersistentVolumeClaim or ServiceAccount to the Specs of one
 * owner, such as `group.default.team-a`, or to all (`everyone`).
 */
export const OWNER_LABEL = 'mcp-cloud.io/owner';
/** Annotation of a Deployment: the number of the revision that it was rendered from. */
export const REVISION_ANNOTATION = 'mcp-cloud.io/revision';
/** Annotation of every rendered object: the fence of the operation that wrote it last (see docs/architecture.md). */
export const FENCE_ANNOTATION = 'mcp-cloud.io/fence';
/** Annotation of a pod template: a hash of what must roll the pods. */
export const TEMPLATE_HASH_ANNOTATION = 'mcp-cloud.io/template-hash';
/** Annotation of a pod template: a hash of the Spec's files. */
export const FILES_HASH_ANNOTATION = 'mcp-cloud.io/files-hash';
/** Annotation of a pod template: when a restart was last asked for (ISO 8601). */
export const RESTARTED_AT_ANNOTATION = 'mcp-cloud.io/restarted-at';
/** Value of `app.kubernetes.io/managed-by`, and our field manager for server-side apply. */
export const MANAGED_BY = 'mcp-cloud';

/** Catalog annotation of a Component or API: the application whose servers its page shows. */
export const APPLICATION_ANNOTATION = 'mcp-cloud.io/application';
/** The stock Kubernetes plugin's annotation and label: the application, so that its tab shows all environments. */
export const KUBERNETES_ID = 'backstage.io/kubernetes-id';
/** The stock Kubernetes plugin's annotation: the namespace to look in. */
export const KUBERNETES_NAMESPACE_ANNOTATION =
  'backstage.io/kubernetes-namespace';
/** `spec.type` of the Component that runs and of the API that clients consume. */
export const MCP_SERVER_TYPE = 'mcp-server';
/** Image label by which the portal knows that an image holds the bridge; the value is the bridge's version. */
export const BRIDGE_IMAGE_LABEL = 'io.mcp-cloud.bridge';
