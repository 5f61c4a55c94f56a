import type { Disk } from "../../src/contract/index.ts";
import type { Playground } from "./playground.ts";

/** For a shell, whatever the path holds. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** How to look at a server that was left running: commands that work as they are printed, from this folder. */
export const lookAround = ({ dataDir, folder, url, pid }: Playground, { exports, layers }: Disk): string => `
The server goes on. Look around, from this folder:

  export PAGURUS_DATA=${quoted(dataDir)}
  npm run --silent pagurus -- disks show demo
  npm run --silent pagurus -- migrations list
  npm run --silent pagurus -- migrations start --disk demo --to fast --wait
  curl -H "Authorization: Bearer $(cat "$PAGURUS_DATA/token")" ${url}/v1/disks/demo

With other programs, where they are installed:

  nbdinfo ${quoted(exports[0]?.uri ?? "")}
  qemu-img info -U ${quoted(layers.at(-1)?.location ?? "")}

End the server and remove everything:

  kill ${pid}; while kill -0 ${pid} 2>/dev/null; do sleep 0.2; done; rm -r ${quoted(folder)}
`;
