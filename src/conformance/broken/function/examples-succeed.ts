import { overFunction } from "./over.ts";

/** Fails with the very input that it recommends. */
export default overFunction("count", () => ({
  run: () => {
    throw new TypeError("folder.length is not a function");
  },
}));
