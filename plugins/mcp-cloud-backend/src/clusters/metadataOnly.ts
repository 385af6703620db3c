const METADATA = 'g=meta.k8s.io;v=v1';

/** What to `accept` for an object's metadata alone: so the value of a Secret is never read back. */
export const METADATA_ONLY = `application/json;as=PartialObjectMetadata;${METADATA}`;
/** The same for a list. */
export const METADATA_LIST_ONLY = `application/json;as=PartialObjectMetadataList;${METADATA}`;
