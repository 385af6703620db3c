/** What went wrong with a registry, in words that go on after its name. */
export class RegistryError extends Error {}
