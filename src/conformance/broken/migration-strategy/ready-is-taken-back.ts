import { broken } from "./over.ts";

/** Never says that it is no longer ready. */
export default broken(() => ({ unready: () => undefined }));
