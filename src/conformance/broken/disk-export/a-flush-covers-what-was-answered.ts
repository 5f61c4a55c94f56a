import { overNbd } from "./over.ts";

/** Lets a flush that comes while another is under way end with that one. */
export default overNbd({
  connection(sound) {
    let underWay: Promise<void> | undefined;
    return {
      async flush() {
        underWay ??= sound.flush().finally(() => {
          underWay = undefined;
        });
        await underWay;
      },
    };
  },
});
