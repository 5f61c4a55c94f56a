/** Exports what it is configured with, and forgets the plugin. */
export default { id: "broken-hash", apiVersion: 1 };
