import { overNbd } from "./over.ts";

/** Takes a client for alive until the event loop has heard otherwise. */
export default overNbd({
  disk: (sound) => ({ connect: () => sound.connect({ alive: () => true }) }),
});
