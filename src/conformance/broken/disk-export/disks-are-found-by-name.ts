import { overNbd } from "./over.ts";

/** Lists disks by their ids. */
export default overNbd({ disk: ({ disk }) => ({ name: disk }) });
