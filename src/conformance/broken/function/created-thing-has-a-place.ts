import { overFunction } from "./over.ts";

/** Shows what was created where nobody looks for it. */
export default overFunction("show", () => ({ http: { method: "GET", path: "/v1/note/{name}" } }));
