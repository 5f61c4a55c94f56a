import type { ServiceIdentifier } from "inversify";

/** Where the objects of a point live: beside HTTP and catalog, in a disk thread, or in each. */
export type Plane = "control" | "disk" | "both";

/** A typed token. Plugins bind implementations to it; the kernel collects them. */
export type ExtensionPoint<T> = ServiceIdentifier<T> & symbol;

/**
 * The token of the point `id` in its version `version`. Equal in every copy of this package, so that plugins
 * built against another copy still meet the same kernel. Anybody may publish a point: it is only a token.
 */
export const extensionPoint = <T>(id: string, version = 1): ExtensionPoint<T> =>
  Symbol.for(`pagurus/${id}@${version}`) as ExtensionPoint<T>;
